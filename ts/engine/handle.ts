/** An open index: the handle that `open` gives. */
import { raise } from '../errors.js'
import type { NativeIndex } from '../native/addon.js'
import { type CallOptions, call, unwrap } from '../native/call.js'
import { type Checks, checked, smallCount } from './checks.js'
import { CALL_CHECKS, type GrepOptions, grepCall } from './grep-options.js'
import { Matches } from './matches.js'
import type { Pattern } from './patterns.js'
import {
  type BuildStats,
  type CheckReport,
  type IndexStats,
  toBuildStats,
  toCheckReport,
  toIndexStats,
} from './stats.js'

/** Options of {@link Index.check}. */
export interface CheckOptions extends CallOptions {
  /** How many files are read, hashed and looked up in the index. Default: 100. */
  readonly sample?: number | undefined
}

const CHECK_CHECKS = { ...CALL_CHECKS, sample: smallCount } satisfies Checks<CheckOptions>
const DEFAULT_SAMPLE = 100

/** A folder that can be searched. Close it after its last use, or declare it with `await using`. */
export class Index {
  readonly #native: NativeIndex
  #closing: Promise<void> | undefined

  /** @internal */
  constructor(native: NativeIndex) {
    this.#native = native
  }

  /**
   * The lines that match. A string is a pattern in ripgrep's syntax; a `RegExp` means what JavaScript means, line by line.
   * Throws `QUERN_INVALID_OPTION` or, for a `RegExp` that cannot be searched exactly, `QUERN_INVALID_PATTERN` at once;
   * other failures come while the answer is read.
   */
  grep(pattern: Pattern, options?: GrepOptions): Matches {
    this.#assertOpen()
    const { request, options: rest } = grepCall(pattern, options)
    return new Matches(this.#native, request, rest)
  }

  /** Resolves when the index can answer grep: at once, since `open` waits for that. */
  async ready(): Promise<void> {
    this.#assertOpen()
  }

  /** Brings the index up to date with the files. Throws `QUERN_LOCKED` while another process does so. */
  async refresh(options?: CallOptions): Promise<BuildStats> {
    this.#assertOpen()
    return toBuildStats(await call(checked(options, CALL_CHECKS), control => this.#native.refresh(control)))
  }

  /** Figures of the index. */
  stats(): IndexStats {
    this.#assertOpen()
    return toIndexStats(unwrap(this.#native.stats()))
  }

  /** Verifies every checksum of the store, and a sample of the index against the files. */
  async check(options?: CheckOptions): Promise<CheckReport> {
    this.#assertOpen()
    const { sample = DEFAULT_SAMPLE, ...rest } = checked(options, CHECK_CHECKS)
    return toCheckReport(await call(rest, control => this.#native.check(sample, control)))
  }

  /** Ends the queries under way and lets the store go. Closing twice does nothing more. */
  close(): Promise<void> {
    this.#closing ??= this.#native
      .close()
      .then(unwrap)
      .then(() => {})
    return this.#closing
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #assertOpen(): void {
    if (this.#closing !== undefined)
      raise({ code: 'QUERN_CLOSED', message: 'the index is closed; open it again' })
  }
}
