/** Following a folder: lines that match as they are written, as an async iterable. */
import { type Failure, toFailure } from '../errors.js'
import type { NativeFollow, NativeFollowRequest, NativeIndex } from '../native/addon.js'
import { Batch } from '../native/batch.js'
import { Call, type CallOptions, unwrap } from '../native/call.js'
import { type Checks, checked, flag, milliseconds, only, type Size, size, smallCount } from '../checks.js'
import { CALL_CHECKS, PATTERN_CHECKS, type PatternOptions } from './grep-options.js'
import { Match, type Range } from './match.js'
import { nativePatterns, type Pattern } from './patterns.js'
import { FILE_CHECKS, type FileChoice, nativeChoice } from './walk-options.js'

type LinePatternOptions = Omit<PatternOptions, 'multiline' | 'multilineDotall' | 'nullData'>

/** Options of {@link Index.follow}. `timeout` is that of the start; `signal` ends the follow whenever it is aborted. */
export interface FollowOptions extends LinePatternOptions, FileChoice, CallOptions {
  /** Lines that do not match. */
  readonly invert?: boolean | undefined
  /** Begin with so many of the lines that each file has. Default: 0, what is written from now on. */
  readonly last?: number | undefined
  /** Longer lines are given in pieces of so many bytes. Default: 1 MiB, at most 16 MiB. */
  readonly maxLine?: Size | undefined
  /** Milliseconds that a change may wait for others. Default: 10. */
  readonly delay?: number | undefined
  /** Do not ask the system for events, but look at the folder at intervals. */
  readonly poll?: boolean | undefined
  /** Milliseconds between two looks, where the folder is polled. Default: 2000. */
  readonly interval?: number | undefined
}

const { multiline: _1, multilineDotall: _2, nullData: _3, ...OF_PATTERNS } = PATTERN_CHECKS
const LINE_CHECKS = { ...OF_PATTERNS, invert: flag }
const WATCH_CHECKS = { delay: milliseconds, poll: flag, interval: milliseconds }
const BEGIN_CHECKS = { last: smallCount, maxLine: size }
const FOLLOW_CHECKS = {
  ...LINE_CHECKS,
  ...FILE_CHECKS,
  ...CALL_CHECKS,
  ...WATCH_CHECKS,
  ...BEGIN_CHECKS,
} satisfies Checks<FollowOptions>

const DELAY = 10
/** Rows that are read ahead at most. */
const ROWS = 1024

/** A line that was written. */
export interface FollowedLine {
  /** The file, relative to the index's root, `/` between parts; of one that was renamed, its name when the line was read. */
  readonly path: string
  /** Offset of the line's start in its file, in bytes. */
  readonly start: number
  /** The line without its end. */
  readonly text: string
  /** Where the matches are in `text`; empty without a pattern. */
  readonly ranges: readonly Range[]
}

/** A follow as the addon takes it, and what remains for the call. */
export interface FollowCall {
  readonly request: NativeFollowRequest
  readonly options: CallOptions
}

/** Checks the arguments of a follow and puts them into the addon's form. */
export function followCall(pattern: Pattern | undefined, given: FollowOptions | undefined): FollowCall {
  const options = checked(given, FOLLOW_CHECKS)
  const native =
    pattern === undefined
      ? {}
      : { pattern: { patterns: nativePatterns(pattern, options), ...only(options, LINE_CHECKS) } }
  return {
    request: {
      ...native,
      ...nativeChoice(only(options, FILE_CHECKS)),
      ...only(options, BEGIN_CHECKS),
      watch: { delay: DELAY, ...only(options, WATCH_CHECKS) },
    },
    options: only(options, CALL_CHECKS),
  }
}

/** What a follower is made of. */
export interface Followed {
  readonly index: NativeIndex
  readonly native: NativeFollow
  /** The call that began it: its signal counts for as long as the follow goes on. */
  readonly call: Call
  readonly signal: AbortSignal | undefined
}

/** Begins a follow. */
export async function follow(index: NativeIndex, { request, options }: FollowCall): Promise<Follower> {
  const call = new Call(options)
  try {
    const native = await call.settle(index.follow(request, call.control))
    return new Follower({ index, native, call, signal: options.signal })
  } catch (error) {
    call.end()
    throw error
  }
}

const DONE = { done: true, value: undefined } as const

/**
 * A follow under way: iterating gives lines as they are written. Nothing is read that nobody asks for, and whoever is slow
 * loses nothing that is still in the files.
 */
export class Follower implements AsyncIterableIterator<FollowedLine> {
  readonly #followed: Followed
  readonly #abort: () => void
  #batch: Batch | undefined
  #row = 0
  #busy: Promise<unknown> = Promise.resolve()
  #closing: Promise<void> | undefined

  /** @internal */
  constructor(followed: Followed) {
    this.#followed = followed
    this.#abort = () => {
      this.close().catch(() => {})
    }
    followed.signal?.addEventListener('abort', this.#abort, { once: true })
    if (followed.signal?.aborted === true) this.#abort()
  }

  /** Why the folder is looked at in intervals; `undefined` if the system tells of changes. */
  get polling(): string | undefined {
    return this.#followed.native.polling() ?? undefined
  }

  /** What could not be read, each once, 100 at most. */
  get errors(): readonly Failure[] {
    return this.#followed.native.errors().map(toFailure)
  }

  /** The next line. Calls that overlap get theirs in order. Throws `QUERN_ABORTED` once the signal is aborted. */
  next(): Promise<IteratorResult<FollowedLine, undefined>> {
    const result = this.#busy.then(() => this.#next())
    this.#busy = result.catch(() => {})
    return result
  }

  async return(): Promise<IteratorResult<FollowedLine, undefined>> {
    await this.close()
    return DONE
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  /** Ends the follow. Closing twice does nothing more. */
  close(): Promise<void> {
    this.#batch = undefined
    const { index, native, call, signal } = this.#followed
    this.#closing ??= index
      .unfollow(native)
      .then(unwrap)
      .then(() => {
        call.end()
        signal?.removeEventListener('abort', this.#abort)
      })
    return this.#closing
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #next(): Promise<IteratorResult<FollowedLine, undefined>> {
    const { native, call } = this.#followed
    call.assertLive()
    if (this.#batch === undefined || this.#row === this.#batch.length) {
      if (this.#closing !== undefined) return DONE
      const buffer = await call.settle(native.next(ROWS))
      call.assertLive()
      if (buffer === null) {
        await this.close()
        return DONE
      }
      this.#batch = new Batch(buffer)
      this.#row = 0
    }
    return { done: false, value: line(new Match(this.#batch, this.#row++)) }
  }
}

function line({ path, offset, text, ranges }: Match): FollowedLine {
  return { path, start: offset, text, ranges }
}
