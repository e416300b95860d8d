/** Searching for a reader's eyes: output as ripgrep prints it, pulled in pieces. */
import { type Failure, toFailure } from '../errors.js'
import { addon, type NativePrintRequest, type NativeSummary } from '../native/addon.js'
import { Call, type CallOptions, caught } from '../native/call.js'
import { type Progress, watched } from './progress.js'

/** What to print, and of which files. */
export type PrintRequest = NativePrintRequest

/** A piece of output. */
export interface Chunk {
  /** Bytes for standard output. */
  readonly out: Uint8Array
  /** Lines for standard error. */
  readonly messages: readonly string[]
}

/** What a whole print came to. `status` is the exit status that ripgrep would end with. */
export type Summary = Readonly<NativeSummary>

/** A search that prints. */
export class Printing {
  readonly #call: Call
  readonly #native

  /** Starts nothing yet: the first `next` does. */
  constructor(request: PrintRequest, options: CallOptions) {
    this.#call = new Call(options)
    this.#native = caught(() => addon().print(request, this.#call.control))
  }

  /** The next piece; nothing after the last. */
  async next(): Promise<Chunk | undefined> {
    const chunk = await this.#call.settle(this.#native.next())
    return chunk ?? undefined
  }

  /** How far the index is while `work`, the first `next`, makes one. */
  progress(work: Promise<unknown>): AsyncIterable<Progress> {
    return watched(() => this.#native.progress(), work)
  }

  /** Why the index did not take part, if it should have; the search went on without. */
  complaint(): Failure | undefined {
    const failure = this.#native.complaint()
    return failure ? toFailure(failure) : undefined
  }

  /** What the search came to, after the last piece. */
  summary(): Summary | undefined {
    return this.#native.summary() ?? undefined
  }

  /** Stops the search, if it still runs. */
  close(): void {
    this.#call.control.cancel()
    this.#call.end()
  }
}

/** Whether ripgrep, given no path, would search standard input. */
export function searchesStdin(taken: boolean): boolean {
  return addon().searchStdin(taken)
}
