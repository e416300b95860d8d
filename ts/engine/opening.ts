/** An index that is being opened: await it, and look at its progress meanwhile. */
import type { Opening as NativeOpening } from '../native/addon.js'
import type { Call } from '../native/call.js'
import { Answers, type AnswersOption } from './answers.js'
import { Index } from './handle.js'
import { type Progress, watched } from './progress.js'

/** What `open` returns: a promise of the index, with `progress()`. */
export class Opening implements PromiseLike<Index> {
  readonly #native: NativeOpening
  readonly #done: Promise<Index>

  /** @internal */
  constructor(native: NativeOpening, call: Call, answers: AnswersOption | undefined) {
    this.#native = native
    this.#done = call
      .settle(native.done())
      .then(async index => new Index(index, await Answers.of(answers)))
      .finally(() => {
        call.end()
      })
  }

  // oxlint-disable-next-line unicorn/no-thenable -- `await open(root)` is the point of this class
  then<T = Index, F = never>(
    resolved?: ((index: Index) => T | PromiseLike<T>) | null,
    rejected?: ((reason: unknown) => F | PromiseLike<F>) | null,
  ): Promise<T | F> {
    return this.#done.then(resolved, rejected)
  }

  catch<F = never>(rejected?: ((reason: unknown) => F | PromiseLike<F>) | null): Promise<Index | F> {
    return this.#done.catch(rejected)
  }

  finally(settled?: (() => void) | null): Promise<Index> {
    return this.#done.finally(settled)
  }

  /** How far the work is, ten times a second until it is done; never throws, the promise says how it went. */
  progress(): AsyncIterableIterator<Progress> {
    return watched(() => this.#native.progress(), this.#done)
  }
}
