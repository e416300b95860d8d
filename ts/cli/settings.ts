/**
 * What the flags of `quern grep` say, before anything is decided from them: one field a choice, set by the flags in the
 * order in which they stand. Fields that are absent have not been decided by the user.
 */
import type { NativeTypeChange } from '../native/addon.js'

/** What is printed; the last two do not search, and no search mode overrides them. */
export type Mode =
  | 'standard'
  | 'count'
  | 'count-matches'
  | 'files-with-matches'
  | 'files-without-match'
  | 'json'
  | 'files'
  | 'type-list'

export type SortKey = 'none' | 'path' | 'modified' | 'accessed' | 'created'

/** A pattern, or a file of patterns. */
export type PatternSource = { readonly text: string } | { readonly file: string }

export interface Settings {
  special?: 'help' | 'version'
  mode: Mode
  positional: string[]
  patterns: PatternSource[]
  binary: 'auto' | 'suppress' | 'text'
  boundary?: 'word' | 'line'
  byteOffset: boolean
  case: 'sensitive' | 'insensitive' | 'smart'
  color: 'never' | 'auto' | 'always' | 'ansi'
  colors: string[]
  column?: boolean
  before?: number
  after?: number
  around?: number
  passthru: boolean
  contextSeparator?: string | null
  crlf: boolean
  dfaSizeLimit?: number
  encoding: string
  fieldContextSeparator?: string
  fieldMatchSeparator?: string
  fixedStrings: boolean
  follow: boolean
  globCaseInsensitive: boolean
  globs: string[]
  heading?: boolean
  hidden: boolean
  hyperlinkFormat?: string
  iglobs: string[]
  ignoreFiles: string[]
  ignoreFileCaseInsensitive: boolean
  includeZero: boolean
  index: boolean
  invertMatch: boolean
  lineNumber?: boolean
  maxColumns: number
  maxColumnsPreview: boolean
  maxCount?: number
  maxDepth?: number
  maxFilesize?: number
  multiline: boolean
  multilineDotall: boolean
  noIgnoreDot: boolean
  noIgnoreExclude: boolean
  noIgnoreFiles: boolean
  noIgnoreGlobal: boolean
  noIgnoreMessages: boolean
  noIgnoreParent: boolean
  noIgnoreVcs: boolean
  noMessages: boolean
  noRequireGit: boolean
  noUnicode: boolean
  null: boolean
  nullData: boolean
  oneFileSystem: boolean
  onlyMatching: boolean
  pathSeparator?: string
  quiet: boolean
  regexSizeLimit?: number
  replace?: string
  sort: SortKey
  sortReverse: boolean
  stats: boolean
  stopOnNonmatch: boolean
  store?: string
  threads: number
  trim: boolean
  types: NativeTypeChange[]
  unrestricted: number
  vimgrep: boolean
  withFilename?: boolean
}

/** What holds before the first flag. */
export function initialSettings(): Settings {
  return {
    mode: 'standard',
    positional: [],
    patterns: [],
    binary: 'auto',
    byteOffset: false,
    case: 'sensitive',
    color: 'auto',
    colors: [],
    passthru: false,
    crlf: false,
    encoding: 'auto',
    fixedStrings: false,
    follow: false,
    globCaseInsensitive: false,
    globs: [],
    hidden: false,
    iglobs: [],
    ignoreFiles: [],
    ignoreFileCaseInsensitive: false,
    includeZero: false,
    index: true,
    invertMatch: false,
    maxColumns: 0,
    maxColumnsPreview: false,
    multiline: false,
    multilineDotall: false,
    noIgnoreDot: false,
    noIgnoreExclude: false,
    noIgnoreFiles: false,
    noIgnoreGlobal: false,
    noIgnoreMessages: false,
    noIgnoreParent: false,
    noIgnoreVcs: false,
    noMessages: false,
    noRequireGit: false,
    noUnicode: false,
    null: false,
    nullData: false,
    oneFileSystem: false,
    onlyMatching: false,
    quiet: false,
    sort: 'none',
    sortReverse: false,
    stats: false,
    stopOnNonmatch: false,
    threads: 0,
    trim: false,
    types: [],
    unrestricted: 0,
    vimgrep: false,
  }
}
