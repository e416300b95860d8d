/** Ranked search: which options there are, and what comes of it. */
import { invalidOption } from '../errors.js'
import type {
  NativeField,
  NativeHit,
  NativeRankedCoverage,
  NativeSearchAnswer,
  NativeSearchRequest,
  NativeSnippet,
} from '../native/addon.js'
import type { CallOptions } from '../native/call.js'
import { measured } from '../operations.js'
import { type Checks, checked, choice, date, flag, only, size, smallCount } from '../checks.js'
import { facetRequests, type FacetRequests, type Facets, toFacets } from './facets.js'
import type { Freshness } from './coverage.js'
import { CALL_CHECKS, FRESHNESS } from './grep-options.js'
import type { Range } from './match.js'
import { type RankedStatistics, statisticsOption } from './statistics.js'
import { FILE_CHECKS, type FileChoice, nativeChoice } from './walk-options.js'

/** Options of `Index.search`. */
export interface RankedOptions extends CallOptions, FileChoice {
  /**
   * What the query is taken as: `'query'`, the language of docs/search.md; `'words'`; `'exact'`, the text itself within a line;
   * `'fuzzy'`, words that may be misspelt; `'regex'`; `'auto'`, whatever its shape suggests, and if its words are nowhere,
   * misspelt ones. Default: `'query'`.
   */
  readonly mode?: 'query' | 'words' | 'exact' | 'fuzzy' | 'regex' | 'auto' | undefined
  /** Hits at most. Default: 10. */
  readonly limit?: number | undefined
  /** So many of the best hits are left out. Default: 0. */
  readonly offset?: number | undefined
  /**
   * Where the clauses of a query have to hold together: in one passage, or in one file; then the passages of the file that have
   * any of it are hits. Default: `'chunk'`.
   */
  readonly scope?: 'chunk' | 'file' | undefined
  /** Whether one of the words has to be there, or all. Default: `'any'`. */
  readonly operator?: 'any' | 'all' | undefined
  /** Refuse a query with a mistake, instead of making the best of it. Default: false. */
  readonly strict?: boolean | undefined
  /** Clauses of a query at most, and words in all of them together. Default: 1024. */
  readonly maxClauses?: number | undefined
  /** How deep a query may be nested. Default: 64. */
  readonly maxDepth?: number | undefined
  /** Bytes of a query at most. Default: 64 KiB. */
  readonly maxQueryBytes?: number | string | undefined
  /** Words that a prefix or a fuzzy word stands for at most: the most frequent. Default: 256. */
  readonly maxExpansions?: number | undefined
  /** What to count of all that matches, not only of the hits. Default: nothing. */
  readonly facets?: FacetRequests | undefined
  /** Whether to look for a near query if nothing matches; that takes as long as a misspelt word. Default: true. */
  readonly didYouMean?: boolean | undefined
  /** Whether passages that follow each other are one hit, and copies of a file too. Default: true. */
  readonly fold?: boolean | undefined
  /**
   * What scores are made with, if more is asked than this index: the sum of what `statistics` gives for the same query and options
   * in each index. Default: those of this index.
   */
  readonly statistics?: RankedStatistics | undefined
  /** What `now` means in the query. Default: when it is asked. */
  readonly now?: Date | undefined
  /**
   * How fresh the answer has to be; what has changed is indexed first, which may have to wait for other changes. Default:
   * `'snapshot'`.
   */
  readonly freshness?: Freshness | undefined
}

const OWN_CHECKS = {
  mode: choice('query', 'words', 'exact', 'fuzzy', 'regex', 'auto'),
  limit: smallCount,
  offset: smallCount,
  scope: choice('chunk', 'file'),
  operator: choice('any', 'all'),
  strict: flag,
  maxClauses: smallCount,
  maxDepth: smallCount,
  maxQueryBytes: size,
  maxExpansions: smallCount,
  facets: facetRequests,
  fold: flag,
  didYouMean: flag,
  statistics: statisticsOption,
  now: date,
  freshness: FRESHNESS,
}

const SEARCH_CHECKS = { ...OWN_CHECKS, ...FILE_CHECKS, ...CALL_CHECKS } satisfies Checks<RankedOptions>

/** The lines of a passage that say most. */
export interface Snippet {
  /** The first line, from 1. */
  readonly line: number
  /** Whole lines, or the first 300 bytes of longer ones; bytes that are not UTF-8 show as U+FFFD. */
  readonly text: string
  /** What of the text was asked for. */
  readonly ranges: readonly Range[]
}

/** How serious a record of a log is. */
export type Level = 'trace' | 'debug' | 'info' | 'notice' | 'warn' | 'error' | 'fatal'

/** A passage that answers, with those next to it that do, up to 16 KiB; or a record of a log. */
export interface Hit {
  /** Relative to the root, `/` between parts. */
  readonly path: string
  /** The first line, from 1. */
  readonly line: number
  /** Where it is in the file's text, in bytes. */
  readonly start: number
  readonly end: number
  /** Of the best passage. Higher is better; comparable within an answer. */
  readonly score: number
  /** Copies of the file that answer with the same passage. */
  readonly copies: readonly { readonly path: string; readonly line: number }[]
  /** When it was logged, if it is a record of a log. */
  readonly time?: Date | undefined
  /** The level of the record, if it names one. */
  readonly level?: Level | undefined
  /** What the first line of the record says by name, as it is written; numbers as numbers where that loses nothing. */
  readonly fields?: Readonly<Record<string, string | number>> | undefined
  /** Absent if the file has changed since it was indexed, or cannot be read. */
  readonly snippet?: Snippet | undefined
}

/**
 * Why something may be missing in a ranked answer: files have no terms (yet); a file in which a regular expression was to be
 * searched has changed since it was indexed, or cannot be read; regular expressions are not searched in compressed logs; another process
 * has opened the store with other options.
 */
export type Gap = 'unranked' | 'changed' | 'compressed' | 'otherOptions'

/** What a ranked answer covers. An empty answer means "not there" only if `complete`. */
export interface RankedCoverage {
  /** All indexed files took part, and all words that a prefix or a fuzzy word stands for. */
  readonly complete: boolean
  /** Why not all files took part; empty if all did. */
  readonly gaps: readonly Gap[]
  /** Which limit cut the answer, if one did. */
  readonly limit?: 'maxExpansions' | 'maxVisits' | undefined
  /** The generation of the index that answered. */
  readonly generation: number
  /** Names the exact state of the index: equal ids, equal files. */
  readonly snapshot: string
  /** When that generation was made. */
  readonly takenAt: Date
  /** At least what was asked for. */
  readonly freshness: Freshness
  /** Files of the index. */
  readonly indexed: number
  /** Of these, files that are ranked already. */
  readonly ranked: number
  /** Files of hits that have changed since they were indexed. */
  readonly changed: number
}

/** What of a query was taken differently from how it was written; `start` and `end` are bytes of it. */
export interface QueryNote {
  readonly start: number
  readonly end: number
  readonly message: string
}

/** What a ranked search gives. */
export interface RankedAnswer {
  /** The best passages, best first. */
  readonly hits: readonly Hit[]
  /** Passages that match, all of them. */
  readonly total: number
  /** What was asked for by `facets`. */
  readonly facets: Facets
  /** The query as it was understood. */
  readonly query: string
  readonly notes: readonly QueryNote[]
  /** What the query was taken as, and why, if `mode` is `'auto'`. */
  readonly mode: UsedMode
  /** If nothing matches: the query with near words instead of some, if that has hits. Written as `query` is. */
  readonly didYouMean?: string | undefined
  readonly coverage: RankedCoverage
}

/** What a query was taken as. */
export interface UsedMode {
  readonly used: 'query' | 'words' | 'exact' | 'fuzzy' | 'regex'
  readonly why?: string | undefined
}

/** Options of `Index.facets`. */
export type FacetsOptions = Omit<RankedOptions, 'facets' | 'limit' | 'offset'>

/** What `Index.facets` gives. */
export type FacetsAnswer = Omit<RankedAnswer, 'hits'>

/** Checks a query and its options. */
export function searchCall(
  query: string,
  options: RankedOptions | undefined,
): { request: NativeSearchRequest; options: CallOptions } {
  if (typeof query !== 'string') invalidOption('query', query, 'a string')
  const given = checked(options, SEARCH_CHECKS)
  return {
    request: { query, ...only(given, OWN_CHECKS), ...nativeChoice(only(given, FILE_CHECKS)) },
    options: only(given, CALL_CHECKS),
  }
}

/** `isNew`: it was not given before, so that its phases are to be told of. */
export function toRankedAnswer(
  request: NativeSearchRequest,
  answer: NativeSearchAnswer,
  isNew: boolean,
): RankedAnswer {
  const { hits, facets, coverage, phases, ...rest } = answer
  const ranked = {
    hits: hits.map(toHit),
    ...rest,
    facets: toFacets(request.facets ?? [], facets),
    coverage: toRankedCoverage(coverage),
  }
  if (isNew) measured('search', ranked, () => ({ ...phases }))
  return ranked
}

export function toRankedCoverage(native: NativeRankedCoverage): RankedCoverage {
  const { lastingState: _, takenAt, ...coverage } = native
  return { ...coverage, takenAt: new Date(takenAt) }
}

/** Property by property: copying the rest of a frozen object, as those of a cache are, takes ten times as long. */
function toHit(native: NativeHit): Hit {
  const { path, line, start, end, score, copies } = native
  const hit: { -readonly [K in keyof Hit]: Hit[K] } = { path, line, start, end, score, copies }
  if (native.level !== undefined) hit.level = native.level
  if (native.time !== undefined) hit.time = new Date(native.time)
  if (native.fields.length > 0) hit.fields = Object.fromEntries(native.fields.map(toField))
  if (native.snippet !== undefined) hit.snippet = toSnippet(native.snippet)
  return hit
}

function toSnippet({ line, text: shown, highlights }: NativeSnippet): Snippet {
  const ranges: Range[] = []
  for (let end = 1; end < highlights.length; end += 2)
    ranges.push([highlights[end - 1] ?? 0, highlights[end] ?? 0])
  return { line, text: shown, ranges }
}

function toField({ name, value }: NativeField): [string, string | number] {
  const number = Number(value)
  return [name, String(number) === value && Number.isFinite(number) ? number : value]
}
