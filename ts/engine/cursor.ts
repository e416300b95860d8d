/**
 * One run of a query, pulled batch by batch: nothing is computed that nobody asks for, which is all the back-pressure
 * there is. The first batch is small, for a quick first answer; later ones grow, because each costs a trip to the pool.
 */
import type { NativeCursor, NativeGrepRequest, NativeIndex } from '../native/addon.js'
import { Batch } from '../native/batch.js'
import { Call, type CallOptions } from '../native/call.js'
import type { Run } from '../operations.js'
import { type Coverage, toCoverage } from './coverage.js'

const FIRST_ROWS = 128
const MOST_ROWS = 8192

/** What a run is for. */
export interface Query {
  readonly index: NativeIndex
  readonly request: NativeGrepRequest
  readonly options: CallOptions
  /** Told to whoever listens to operations, if anybody does. */
  readonly begin: () => Run | undefined
}

/** A run under way. */
export class Cursor {
  readonly #query: Query
  #call: Call | undefined
  #run: Run | undefined
  #native: NativeCursor | undefined
  #coverage: Coverage | undefined
  #rows = FIRST_ROWS
  #busy: Promise<unknown> | undefined
  #pulling = false
  #over = false

  constructor(query: Query) {
    this.#query = query
  }

  /** What the rows so far cover; absent before the first batch has come, or while one is on its way. */
  get coverage(): Coverage | undefined {
    if (this.#coverage === undefined && !this.#pulling && this.#native !== undefined) {
      return toCoverage(this.#native.coverage())
    }
    return this.#coverage
  }

  /** The call was aborted: `next` will throw, and rows that have come are not to be given out any more. */
  get aborted(): boolean {
    return this.#call?.aborted === true
  }

  /** The next rows; nothing after the last, or after `close`. Calls that overlap get their batches in order. */
  next(): Promise<Batch | undefined> {
    const step = this.#busy === undefined ? this.#pull() : this.#busy.then(() => this.#pull())
    const settled = step.then(
      () => {},
      () => {},
    )
    this.#busy = settled
    return step
  }

  /** Ends the run early and gives its memory back. */
  close(): void {
    if (this.#over) return
    this.#over = true
    if (this.#pulling) this.#call?.control.cancel()
    else this.#finish()
  }

  async #pull(): Promise<Batch | undefined> {
    if (this.#over) return undefined
    this.#pulling = true
    this.#run ??= this.#native === undefined ? this.#query.begin() : undefined
    let buffer: ArrayBuffer | null = null
    try {
      const fetched = this.#fetch()
      buffer = await (this.#run?.step(fetched) ?? fetched)
    } finally {
      this.#pulling = false
      this.#over ||= buffer === null
      if (this.#over) this.#finish()
    }
    return buffer === null ? undefined : new Batch(buffer)
  }

  async #fetch(): Promise<ArrayBuffer | null> {
    const { index, request, options } = this.#query
    this.#call ??= new Call(options)
    const call = this.#call
    call.assertLive()
    this.#native ??= await call.settle(index.grep(request, call.control))
    const rows = this.#rows
    this.#rows = Math.min(rows * 4, MOST_ROWS)
    return await call.settle(this.#native.next(rows))
  }

  #finish(): void {
    this.#call?.end()
    if (this.#native !== undefined) {
      this.#coverage = toCoverage(this.#native.coverage())
      this.#native.close()
    }
    this.#run?.end(this.#coverage)
  }
}
