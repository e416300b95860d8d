/** Options of `Index.grep`, named after ripgrep's flags, and their translation for the addon. */
import type { NativeGrepRequest } from '../native/addon.js'
import type { CallOptions } from '../native/call.js'
import {
  type Checks,
  checked,
  choice,
  count,
  flag,
  milliseconds,
  only,
  type Size,
  signal,
  size,
  smallCount,
  text,
} from '../checks.js'
import type { Freshness } from './coverage.js'
import { nativePatterns, type Pattern } from './patterns.js'
import { FILE_CHECKS, type FileChoice, nativeChoice } from './walk-options.js'

/** How a pattern is meant. A `RegExp` says so itself, by its flags. */
export interface PatternOptions {
  /** Letter case: as written (default), ignored, or ignored unless the pattern has an upper-case letter. */
  readonly case?: 'sensitive' | 'insensitive' | 'smart' | undefined
  /** Patterns are plain text. */
  readonly fixedStrings?: boolean | undefined
  /** Matches begin and end at word boundaries. */
  readonly word?: boolean | undefined
  /** Matches are whole lines. */
  readonly line?: boolean | undefined
  /** Matches may span lines. */
  readonly multiline?: boolean | undefined
  /** With `multiline`, `.` matches line ends. */
  readonly multilineDotall?: boolean | undefined
  /** A carriage return belongs to the line end, for `^` and `$`. */
  readonly crlf?: boolean | undefined
  /** Lines end with NUL. */
  readonly nullData?: boolean | undefined
  /** Classes and case know Unicode. Default: true. */
  readonly unicode?: boolean | undefined
  /** Bytes that a compiled pattern may take. Default: 10 MiB, a tenth of ripgrep's. */
  readonly sizeLimit?: Size | undefined
  /** Bytes that the matcher's cache may take. */
  readonly dfaSizeLimit?: Size | undefined
}

/** How files are searched. */
export interface SearchOptions {
  /** Lines that do not match. */
  readonly invert?: boolean | undefined
  /** Lines of context before each match. */
  readonly before?: number | undefined
  /** Lines of context after each match. */
  readonly after?: number | undefined
  /** Lines of context on both sides. */
  readonly context?: number | undefined
  /** All lines of the files, matching or not. */
  readonly passthru?: boolean | undefined
  /** At most this many matching lines a file. */
  readonly maxCount?: number | undefined
  /** A file is left at the first line that does not match after one that did. */
  readonly stopOnNonmatch?: boolean | undefined
  /** `'auto'` (a byte order mark decides), `'none'`, or a label of the WHATWG such as `'latin1'`. */
  readonly encoding?: string | undefined
  /** Files with NUL: given up at the first one (default), searched without showing lines, or taken as text. */
  readonly binary?: 'auto' | 'suppress' | 'text' | undefined
}

/** Options of {@link Index.grep}. */
export interface GrepOptions extends PatternOptions, SearchOptions, FileChoice, CallOptions {
  /** Default: `'watched'` while the index is watched, else `'snapshot'`. */
  readonly freshness?: Freshness | undefined
  /** At most this many rows; `coverage` says if it cut the answer. */
  readonly limit?: number | undefined
  /** Bytes that the query may hold. Default: 256 MiB. */
  readonly memory?: Size | undefined
  /** By path, instead of as they come. */
  readonly sort?: 'none' | 'path' | undefined
  /** Say for each match which pattern gave it. */
  readonly attribute?: boolean | undefined
  /** Give each line with its matches replaced too; `$1` and `$name` stand for groups. */
  readonly replace?: string | undefined
}

export const PATTERN_CHECKS = {
  case: choice('sensitive', 'insensitive', 'smart'),
  fixedStrings: flag,
  word: flag,
  line: flag,
  multiline: flag,
  multilineDotall: flag,
  crlf: flag,
  nullData: flag,
  unicode: flag,
  sizeLimit: size,
  dfaSizeLimit: size,
} satisfies Checks<PatternOptions>

const SEARCH_CHECKS = {
  invert: flag,
  before: smallCount,
  after: smallCount,
  context: smallCount,
  passthru: flag,
  maxCount: count,
  stopOnNonmatch: flag,
  encoding: text,
  binary: choice('auto', 'suppress', 'text'),
} satisfies Checks<SearchOptions>

export const FRESHNESS = choice('snapshot', 'watched', 'verified')

export const CALL_CHECKS = { signal, timeout: milliseconds } satisfies Checks<CallOptions>

const ANSWER_CHECKS = {
  freshness: FRESHNESS,
  limit: count,
  memory: size,
  sort: choice('none', 'path'),
  attribute: flag,
  replace: text,
}

const GREP_CHECKS = {
  ...PATTERN_CHECKS,
  ...SEARCH_CHECKS,
  ...FILE_CHECKS,
  ...CALL_CHECKS,
  ...ANSWER_CHECKS,
} satisfies Checks<GrepOptions>

/** A query as the addon takes it, and what remains for the call. */
export interface GrepCall {
  readonly request: NativeGrepRequest
  readonly options: CallOptions
}

/** Checks a grep's arguments and puts them into the addon's form. */
export function grepCall(pattern: Pattern, given: GrepOptions | undefined): GrepCall {
  const options = checked(given, GREP_CHECKS)
  const patterns = nativePatterns(pattern, options)
  const { context, ...search } = only(options, SEARCH_CHECKS)
  const around = context === undefined ? {} : { before: context, after: context }
  return {
    request: {
      pattern: { patterns, ...only(options, PATTERN_CHECKS), ...around, ...search },
      ...nativeChoice(only(options, FILE_CHECKS)),
      ...only(options, ANSWER_CHECKS),
    },
    options: only(options, CALL_CHECKS),
  }
}
