/**
 * The answer to a grep, to be taken as matches, as batches of columns, as files or as counts.
 *
 * Nothing runs until one of them is asked for, and each way runs the query once. The iterators are written by hand: an
 * async generator costs nearly twice as much a match.
 */
import type { NativeGrepRequest, NativeIndex } from '../native/addon.js'
import type { Batch } from '../native/batch.js'
import type { CallOptions } from '../native/call.js'
import type { Run } from '../operations.js'
import type { Coverage } from './coverage.js'
import { Cursor } from './cursor.js'
import { Match } from './match.js'

/** Totals of an answer. */
export interface Count {
  /** Files with a match. */
  readonly files: number
  /** Lines with a match. */
  readonly lines: number
  /** Matches; a line can have several. */
  readonly matches: number
}

/** A file with a match. */
export interface MatchingFile {
  /** Relative to the root, `/` between parts; bytes that are not UTF-8 show as U+FFFD. */
  readonly path: string
  /** The path as raw bytes. */
  readonly pathBytes: Buffer
}

const BREAK = 4

/** The answer to a grep: `for await (const match of matches)`, or one of the methods. */
export class Matches implements AsyncIterable<Match> {
  readonly #index: NativeIndex
  readonly #request: NativeGrepRequest
  readonly #options: CallOptions
  readonly #begin: () => Run | undefined
  #last: Cursor | undefined

  /** @internal */
  constructor(
    index: NativeIndex,
    request: NativeGrepRequest,
    options: CallOptions,
    begin: () => Run | undefined,
  ) {
    this.#index = index
    this.#request = request
    this.#options = options
    this.#begin = begin
  }

  /** What the last run covers: final once the run has ended, absent before. */
  get coverage(): Coverage | undefined {
    return this.#last?.coverage
  }

  [Symbol.asyncIterator](): AsyncIterableIterator<Match> {
    return new Rows(this.#run('lines'), (batch, row) => {
      return batch.kind?.[row] === BREAK ? undefined : new Match(batch, row)
    })
  }

  /** The rows in columns: the cheapest way to take many. */
  batches(): AsyncIterableIterator<Batch> {
    return new Batches(this.#run('lines'))
  }

  /** The files with a match; each is left at its first one. */
  files(): AsyncIterableIterator<MatchingFile> {
    return new Rows(this.#run('files'), (batch, row) => {
      const file = batch.file[row] ?? 0
      return { path: batch.filePath(file), pathBytes: batch.filePathBytes(file) }
    })
  }

  /** How much matches. */
  async count(): Promise<Count> {
    const count = { files: 0, lines: 0, matches: 0 }
    for await (const batch of new Batches(this.#run('counts'))) {
      count.files += batch.length
      count.lines += sum(batch.line)
      count.matches += sum(batch.offset)
    }
    return count
  }

  /** All matches at once; `limit` bounds them. */
  async toArray(): Promise<Match[]> {
    const matches: Match[] = []
    for await (const match of this) matches.push(match)
    return matches
  }

  #run(what: 'lines' | 'files' | 'counts'): Cursor {
    const cursor = new Cursor({
      index: this.#index,
      request: { ...this.#request, what },
      options: this.#options,
      begin: this.#begin,
    })
    this.#last = cursor
    return cursor
  }
}

const DONE = { done: true, value: undefined } as const

class Batches implements AsyncIterableIterator<Batch> {
  readonly #cursor: Cursor

  constructor(cursor: Cursor) {
    this.#cursor = cursor
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  async next(): Promise<IteratorResult<Batch>> {
    const batch = await this.#cursor.next()
    return batch === undefined ? DONE : { done: false, value: batch }
  }

  async return(): Promise<IteratorResult<Batch>> {
    this.#cursor.close()
    return DONE
  }
}

class Rows<T> implements AsyncIterableIterator<T> {
  readonly #cursor: Cursor
  readonly #item: (batch: Batch, row: number) => T | undefined
  #batch: Batch | undefined
  #row = 0
  #busy: Promise<IteratorResult<T>> | undefined

  constructor(cursor: Cursor, item: (batch: Batch, row: number) => T | undefined) {
    this.#cursor = cursor
    this.#item = item
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  next(): Promise<IteratorResult<T>> {
    if (this.#busy !== undefined) return this.#after(this.#busy)
    if (this.#cursor.aborted) this.#batch = undefined
    const value = this.#take()
    return value === undefined ? this.#after(undefined) : Promise.resolve({ done: false, value })
  }

  return(): Promise<IteratorResult<T>> {
    this.#batch = undefined
    this.#cursor.close()
    return Promise.resolve(DONE)
  }

  #take(): T | undefined {
    const batch = this.#batch
    if (batch === undefined) return undefined
    while (this.#row < batch.length) {
      const value = this.#item(batch, this.#row++)
      if (value !== undefined) return value
    }
    return undefined
  }

  #after(earlier: Promise<IteratorResult<T>> | undefined): Promise<IteratorResult<T>> {
    const result = this.#refill(earlier)
    this.#busy = result
    const settle = (): void => {
      if (this.#busy === result) this.#busy = undefined
    }
    result.then(settle, settle)
    return result
  }

  async #refill(earlier: Promise<IteratorResult<T>> | undefined): Promise<IteratorResult<T>> {
    await earlier
    for (;;) {
      const value = this.#take()
      if (value !== undefined) return { done: false, value }
      this.#batch = await this.#cursor.next()
      this.#row = 0
      if (this.#batch === undefined) return DONE
    }
  }
}

function sum(column: Float64Array): number {
  return column.reduce((total, value) => total + value, 0)
}
