/**
 * One row of an answer as an object: a batch and a row number, everything else on demand.
 *
 * `ranges` and `column` count UTF-16 units, as JavaScript's strings and editors do; ripgrep counts bytes, and so do
 * `byteRanges` and `byteColumn`. The two agree on ASCII.
 */
import type { Batch, RowKind } from '../native/batch.js'

/** Start and end of a match, end exclusive. */
export type Range = readonly [start: number, end: number]

/** A matching line, or a line of context. */
export class Match {
  readonly #batch: Batch
  readonly #row: number
  #text: string | undefined

  /** @internal */
  constructor(batch: Batch, row: number) {
    this.#batch = batch
    this.#row = row
  }

  /** The file, relative to the index's root, `/` between parts; bytes that are not UTF-8 show as U+FFFD. */
  get path(): string {
    return this.#batch.path(this.#row)
  }

  /** The path as raw bytes: a view of the batch. */
  get pathBytes(): Buffer {
    return this.#batch.filePathBytes(this.#batch.file[this.#row] ?? 0)
  }

  /** Line number, from 1. */
  get line(): number {
    return this.#batch.line[this.#row] ?? 0
  }

  /** Offset of the line's start in its file, in bytes. */
  get offset(): number {
    return this.#batch.offset[this.#row] ?? 0
  }

  /** Where the first match starts in `text`, in UTF-16 units, from 1; 1 if the row has none. */
  get column(): number {
    return (this.ranges[0]?.[0] ?? 0) + 1
  }

  /** Where the first match starts, in bytes, from 1, as ripgrep's `--column` has it. */
  get byteColumn(): number {
    return (this.byteRanges[0]?.[0] ?? 0) + 1
  }

  /** The line without its end (in multi-line mode: the lines that the match spans). */
  get text(): string {
    return (this.#text ??= this.#batch.text(this.#row))
  }

  /** The line as bytes: a view of the batch. */
  get textBytes(): Buffer {
    return this.#batch.textOf(this.#row)
  }

  /** The line with its matches replaced; present if `replace` was asked for. */
  get replaced(): string | undefined {
    return this.#batch.replaced(this.#row)
  }

  /** Whether this is a match or a line of context, and which. */
  get kind(): RowKind {
    return this.#batch.kindOf(this.#row)
  }

  /** Where the matches are in `text`: `text.slice(...range)` is what matched. */
  get ranges(): readonly Range[] {
    const ranges = this.byteRanges
    const { textBytes } = this
    if (textBytes.length === this.text.length) return ranges
    const units = (byte: number): number => textBytes.toString('utf8', 0, byte).length
    return ranges.map(([start, end]) => [units(start), units(end)])
  }

  /** Where the matches are in `textBytes`; one that is empty and inside a character is left out. */
  get byteRanges(): readonly Range[] {
    return this.#shown().map(at => this.#range(at))
  }

  /** Which pattern gave each of `ranges`, from 0; present if `attribute` was asked for. */
  get patterns(): readonly number[] | undefined {
    const { pattern } = this.#batch
    return pattern && this.#shown().map(at => pattern[at] ?? 0)
  }

  /** The row as plain data. */
  toJSON(): Record<string, unknown> {
    const { path, line, column, text, ranges, kind, replaced, patterns } = this
    return { path, line, column, text, ranges, kind, ...defined({ replaced, patterns }) }
  }

  [Symbol.for('nodejs.util.inspect.custom')](): Record<string, unknown> {
    return this.toJSON()
  }

  #range(at: number): Range {
    const { ranges } = this.#batch
    return [ranges[2 * at] ?? 0, ranges[2 * at + 1] ?? 0]
  }

  /** Which of the batch's matches are this row's: the engine finds an empty match at every byte, text has characters. */
  #shown(): number[] {
    const [from, to] = this.#batch.rangesOf(this.#row)
    const { textBytes } = this
    return Array.from({ length: to - from }, (_, i) => from + i).filter(at => {
      const [start, end] = this.#range(at)
      return start !== end || !isContinuation(textBytes[start])
    })
  }
}

/** Whether a byte of UTF-8 is inside a character. */
function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xc0) === 0x80
}

function defined(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
}
