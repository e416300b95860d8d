/** An open index: the handle that `open` gives. */
import { raise } from '../errors.js'
import type { Cache } from '../cache/cache.js'
import type {
  Control,
  NativeFailed,
  NativeIndex,
  NativeRankedCoverage,
  NativeSearchAnswer,
} from '../native/addon.js'
import { type CallOptions, call, unwrap } from '../native/call.js'
import type { Answers } from './answers.js'
import { type Operation, Run, traced } from '../operations.js'
import { type Applied, type Change, nativeChanges, toApplied } from './changes.js'
import { type Checks, checked, choice, smallCount } from '../checks.js'
import type { Freshness } from './coverage.js'
import { type Explanation, toExplanation } from './explain.js'
import type { FacetRequests } from './facets.js'
import { follow, followCall, type Follower, type FollowOptions } from './follow.js'
import { CALL_CHECKS, type GrepOptions, grepCall } from './grep-options.js'
import { Matches } from './matches.js'
import { type Pattern, patternText } from './patterns.js'
import {
  type FacetsAnswer,
  type FacetsOptions,
  type RankedAnswer,
  type RankedOptions,
  searchCall,
  toRankedAnswer,
} from './search.js'
import type { RankedStatistics } from './statistics.js'
import { suggestCall, type SuggestOptions, type Suggestions, toSuggestions } from './suggest.js'
import {
  type BuildStats,
  type CheckReport,
  type IndexStats,
  toBuildStats,
  toCheckReport,
  toIndexStats,
} from './stats.js'
import { WATCH_CHECKS, Watcher, type WatchOptions } from './watcher.js'

/** Options of {@link Index.check}. */
export interface CheckOptions extends CallOptions {
  /** How many files are read, hashed and looked up in the index. Default: 100. */
  readonly sample?: number | undefined
}

const CHECK_CHECKS = { ...CALL_CHECKS, sample: smallCount } satisfies Checks<CheckOptions>
const DEFAULT_SAMPLE = 100
const READY_FOR = choice('grep', 'terms')

/** A folder that can be searched. Close it after its last use, or declare it with `await using`. */
export class Index {
  /** Where ranked answers are kept, if `answers` asked for that. */
  readonly answers: Cache | undefined
  readonly #native: NativeIndex
  readonly #answers: Answers | undefined
  #closing: Promise<void> | undefined

  /** @internal */
  constructor(native: NativeIndex, answers: Answers | undefined) {
    this.#native = native
    this.#answers = answers
    this.answers = answers?.cache
  }

  /**
   * The lines that match. A string is a pattern in ripgrep's syntax; a `RegExp` means what JavaScript means, line by line.
   * Throws `QUERN_INVALID_OPTION` or, for a `RegExp` that cannot be searched exactly, `QUERN_INVALID_PATTERN` at once;
   * other failures come while the answer is read.
   */
  grep(pattern: Pattern, options?: GrepOptions): Matches {
    this.#assertOpen()
    const { request, options: rest } = grepCall(pattern, options)
    const operation = (): Operation => ({ kind: 'grep', index: this, query: patternText(pattern), options })
    return new Matches(this.#native, request, rest, () => Run.begin(operation()))
  }

  /**
   * The passages that answer a question best, in the query language of docs/search.md. Answers with what is ranked so far,
   * and has the rest ranked in the background: `ready('terms')` waits for that. Throws `QUERN_INVALID_QUERY`.
   */
  @traced('search', (query, options) => ({ query, options }))
  async search(query: string, options?: RankedOptions): Promise<RankedAnswer> {
    this.#assertOpen()
    const { request, options: rest } = searchCall(query, options)
    let isAsked = false
    const ask = (control: Control): Promise<NativeSearchAnswer | NativeFailed> => {
      isAsked = true
      return this.#native.search(request, control)
    }
    const answer = await this.#answer('search', request, rest, ask)
    return toRankedAnswer(request, answer, isAsked)
  }

  /** How all passages that match spread over languages or folders: `search` without hits. Throws `QUERN_INVALID_QUERY`. */
  async facets(query: string, facets: FacetRequests, options?: FacetsOptions): Promise<FacetsAnswer> {
    const { hits: _, ...answer } = await this.search(query, { ...options, facets, limit: 0 })
    return answer
  }

  /** How `search` answers a query, what that costs, and what could be asked instead. Throws `QUERN_INVALID_QUERY`. */
  @traced('explain', (query, options) => ({ query, options }))
  async explain(query: string, options?: RankedOptions): Promise<Explanation> {
    this.#assertOpen()
    const { request, options: rest } = searchCall(query, options)
    return toExplanation(request, await call(rest, control => this.#native.explain(request, control)))
  }

  /**
   * What the scores of a query depend on in this index, besides the passages. Those who ask several indexes give the sum
   * ({@link addStatistics}) as option `statistics` to `search` of each. Throws `QUERN_INVALID_QUERY`.
   */
  async statistics(query: string, options?: RankedOptions): Promise<RankedStatistics> {
    this.#assertOpen()
    const { request, options: rest } = searchCall(query, options)
    return call(rest, control => this.#native.statistics(request, control))
  }

  /**
   * Symbols, words and paths that begin as `text` does, or nearly so. Like `search` it answers with what is ranked so far, and
   * has the rest ranked from then on.
   */
  @traced('suggest', (query, options) => ({ query, options }))
  async suggest(text: string, options?: SuggestOptions): Promise<Suggestions> {
    this.#assertOpen()
    const { request, options: rest } = suggestCall(text, options)
    const ask = (control: Control) => this.#native.suggest(request, control)
    return toSuggestions(await this.#answer('suggest', request, rest, ask))
  }

  /**
   * Resolves when the index can answer grep: at once, since `open` waits for that; or, for `'terms'`, when every file can be
   * found by `search`. Throws `QUERN_LOCKED` while another process writes.
   */
  @traced('ready', (_what, options) => ({ options }))
  async ready(what: 'grep' | 'terms' = 'grep', options?: CallOptions): Promise<void> {
    this.#assertOpen()
    const rest = checked(options, CALL_CHECKS)
    if (READY_FOR('what', what) === 'terms') await call(rest, control => this.#native.rank(control))
  }

  /** Brings the index up to date with the files. Throws `QUERN_LOCKED` while another process does so. */
  @traced('refresh', options => ({ options }))
  async refresh(options?: CallOptions): Promise<BuildStats> {
    this.#assertOpen()
    return toBuildStats(await call(checked(options, CALL_CHECKS), control => this.#native.refresh(control)))
  }

  /**
   * With `content`: the file's text is this, whatever the disk says, until {@link revert} or {@link remove}; it need not be
   * on disk at all. Without: the file or folder is looked at again. Searchable when the promise resolves, durable after
   * {@link flush}. Throws `QUERN_LOCKED` while another process writes.
   */
  update(path: string, content?: string | Uint8Array, options?: CallOptions): Promise<Applied> {
    return this.apply([{ path, content }], options)
  }

  /** A file or folder is gone. If it is still on disk, the next refresh, and a `verified` query, find it again. */
  remove(path: string, options?: CallOptions): Promise<Applied> {
    return this.apply([{ path, content: null }], options)
  }

  /** Drops what was given for a file, or for all files of a folder: from now on the disk counts. */
  revert(path: string, options?: CallOptions): Promise<Applied> {
    return this.apply([{ path }], options)
  }

  /** Several changes at once, all or none: much cheaper than one by one. They count in their order. */
  @traced('apply', (_changes, options) => ({ options }))
  async apply(changes: Iterable<Change>, options?: CallOptions): Promise<Applied> {
    this.#assertOpen()
    const native = nativeChanges(changes)
    return toApplied(
      await call(checked(options, CALL_CHECKS), control => this.#native.apply(native, control)),
    )
  }

  /** Makes durable what was applied; a crash loses nothing from then on. Resolves to whether there was anything. */
  @traced('flush', options => ({ options }))
  async flush(options?: CallOptions): Promise<boolean> {
    this.#assertOpen()
    return call(checked(options, CALL_CHECKS), control => this.#native.flush(control))
  }

  /** Joins segments into as few as can be. Resolves to whether there was anything to do. */
  @traced('compact', options => ({ options }))
  async compact(options?: CallOptions): Promise<boolean> {
    this.#assertOpen()
    return call(checked(options, CALL_CHECKS), control => this.#native.compact(control))
  }

  /**
   * Follows the folder: changes are indexed as the system tells of them, and the default freshness is `watched`. Throws
   * `QUERN_LOCKED` while another process writes.
   */
  @traced('watch', options => ({ options }))
  async watch(options?: WatchOptions): Promise<Watcher> {
    this.#assertOpen()
    const { signal, timeout, ...rest } = checked(options, WATCH_CHECKS)
    const native = await call({ signal, timeout }, control => this.#native.watch(rest, control))
    return new Watcher(this.#native, native)
  }

  /**
   * Follows the folder: lines that match, or without a pattern all, that are written from now on, over rotation; with `last`, some
   * that are there too. Until it is closed, the signal aborted, or the index closed. Others may write to the index meanwhile.
   */
  @traced('follow', (pattern, options) => ({ query: patternText(pattern), options }))
  async follow(pattern?: Pattern, options?: FollowOptions): Promise<Follower> {
    this.#assertOpen()
    return await follow(this.#native, followCall(pattern, options))
  }

  /** Figures of the index. */
  stats(): IndexStats {
    this.#assertOpen()
    return toIndexStats(unwrap(this.#native.stats()))
  }

  /** Verifies every checksum of the store, and a sample of the index against the files. */
  @traced('check', options => ({ options }))
  async check(options?: CheckOptions): Promise<CheckReport> {
    this.#assertOpen()
    const { sample = DEFAULT_SAMPLE, ...rest } = checked(options, CHECK_CHECKS)
    return toCheckReport(await call(rest, control => this.#native.check(sample, control)))
  }

  /**
   * Ends the queries, watches and follows under way, makes durable what was applied, and lets the store go. Closing twice does
   * nothing more.
   */
  close(): Promise<void> {
    this.#closing ??= this.#native
      .close()
      .then(unwrap)
      .finally(() => this.#answers?.close())
      .then(() => {})
    return this.#closing
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  /** What the addon answers, or has answered. */
  #answer<A extends { readonly coverage: NativeRankedCoverage }>(
    kind: string,
    request: { readonly freshness?: Freshness },
    options: CallOptions,
    ask: (control: Control) => Promise<A | NativeFailed>,
  ): Promise<A> {
    return this.#answers?.answer(this.#native, kind, request, options, ask) ?? call(options, ask)
  }

  #assertOpen(): void {
    if (this.#closing !== undefined)
      raise({ code: 'QUERN_CLOSED', message: 'the index is closed; open it again' })
  }
}
