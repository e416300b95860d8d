/**
 * A batch of rows as the addon lays it out in one `ArrayBuffer`, seen as columns.
 *
 * The layout is little-endian: eight u32 (rows, files, ranges, text bytes, path bytes, flags, replaced bytes, 0), then
 * the columns from widest to narrowest, so that each is aligned and can be a view instead of a copy; then the bytes of
 * texts, paths and replaced texts. Strings are made only when somebody asks for them. The other end is
 * `bindings/src/batch.rs`.
 */

const HEADER_BYTES = 32
const HAS_KIND = 1
const HAS_PATTERN = 2
const HAS_REPLACED = 4

/** What a row is: a matching line, a line of context before or after one, a line that `passthru` lets by, or a gap. */
export type RowKind = 'match' | 'before' | 'after' | 'other' | 'break'

const KINDS: readonly RowKind[] = ['match', 'before', 'after', 'other', 'break']

/** Rows in columns. Row `r` has the text `textBytes.subarray(textEnd[r - 1] ?? 0, textEnd[r])`, and so on. */
export class Batch {
  /** Rows. */
  readonly length: number
  /** Files that the rows are of. */
  readonly fileCount: number
  /** Line number of a row, from 1. */
  readonly line: Float64Array
  /** Offset in bytes of a row's start from the start of its file. */
  readonly offset: Float64Array
  /** Which of this batch's files a row is in. */
  readonly file: Uint32Array
  /** End of a row's text in `textBytes`. */
  readonly textEnd: Uint32Array
  /** Matches in the rows up to and with this one. */
  readonly rangeEnd: Uint32Array
  /** Start and end in bytes of each match in its row's text, in pairs. */
  readonly ranges: Uint32Array
  /** Which pattern gave a match; present if `attribute` was asked for. */
  readonly pattern: Uint32Array | undefined
  /** End of a row's replaced text in `replacedBytes`; present if `replace` was asked for. */
  readonly replacedEnd: Uint32Array | undefined
  /** End of a file's path in `pathBytes`. */
  readonly pathEnd: Uint32Array
  /** Kind of a row: 0 match, 1 before, 2 after, 3 other, 4 break; absent if all are matches. */
  readonly kind: Uint8Array | undefined
  /** Texts of all rows, without line ends. */
  readonly textBytes: Buffer
  /** Paths of all files, relative to the root, `/` between parts, as raw bytes. */
  readonly pathBytes: Buffer
  /** Replaced texts of all rows. */
  readonly replacedBytes: Buffer
  readonly #paths: (string | undefined)[] = []

  constructor(buffer: ArrayBuffer) {
    const [rows = 0, files = 0, ranges = 0, textBytes = 0, pathBytes = 0, flags = 0, replacedBytes = 0] =
      new Uint32Array(buffer, 0, 8)
    let at = HEADER_BYTES
    const take = (bytes: number): number => {
      const start = at
      at += bytes
      return start
    }
    const numbers = (count: number): Uint32Array => new Uint32Array(buffer, take(count * 4), count)
    this.length = rows
    this.fileCount = files
    this.line = new Float64Array(buffer, take(rows * 8), rows)
    this.offset = new Float64Array(buffer, take(rows * 8), rows)
    this.file = numbers(rows)
    this.textEnd = numbers(rows)
    this.rangeEnd = numbers(rows)
    this.ranges = numbers(ranges * 2)
    this.pattern = (flags & HAS_PATTERN) === 0 ? undefined : numbers(ranges)
    this.replacedEnd = (flags & HAS_REPLACED) === 0 ? undefined : numbers(rows)
    this.pathEnd = numbers(files)
    this.kind = (flags & HAS_KIND) === 0 ? undefined : new Uint8Array(buffer, take(rows), rows)
    this.textBytes = Buffer.from(buffer, take(textBytes), textBytes)
    this.pathBytes = Buffer.from(buffer, take(pathBytes), pathBytes)
    this.replacedBytes = Buffer.from(buffer, take(replacedBytes), replacedBytes)
  }

  /** A row's text; bytes that are not UTF-8 show as U+FFFD. */
  text(row: number): string {
    return this.textBytes.toString('utf8', ...bounds(this.textEnd, row))
  }

  /** A row's text as bytes: a view, not a copy. */
  textOf(row: number): Buffer {
    return this.textBytes.subarray(...bounds(this.textEnd, row))
  }

  /** A row's text after replacement; absent unless `replace` was asked for. */
  replaced(row: number): string | undefined {
    return this.replacedEnd && this.replacedBytes.toString('utf8', ...bounds(this.replacedEnd, row))
  }

  /** A row's path; bytes that are not UTF-8 show as U+FFFD. */
  path(row: number): string {
    return this.filePath(this.file[row] ?? 0)
  }

  /** The path of one of this batch's files. */
  filePath(file: number): string {
    return (this.#paths[file] ??= this.pathBytes.toString('utf8', ...bounds(this.pathEnd, file)))
  }

  /** The path of one of this batch's files, as bytes: a view, not a copy. */
  filePathBytes(file: number): Buffer {
    return this.pathBytes.subarray(...bounds(this.pathEnd, file))
  }

  /** What a row is. */
  kindOf(row: number): RowKind {
    return KINDS[this.kind?.[row] ?? 0] ?? 'other'
  }

  /** First and last-but-one index, in matches, of a row's ranges. */
  rangesOf(row: number): [from: number, to: number] {
    return bounds(this.rangeEnd, row)
  }
}

function bounds(ends: Uint32Array, index: number): [from: number, to: number] {
  return [index === 0 ? 0 : (ends[index - 1] ?? 0), ends[index] ?? 0]
}
