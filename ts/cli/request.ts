/**
 * From settings to the request. What follows from flags together is decided behind the addon, where ripgrep's rules live;
 * here is what only this side knows: the patterns, the paths, and the terminal. All that depends on the surroundings comes
 * in as {@link Surroundings}, so that it can be tested.
 */
import type { PrintRequest } from '../engine/print.js'
import type { Settings } from './settings.js'
import { UsageError } from './usage.js'

/** What the process knows of the world around it. */
export interface Surroundings {
  readonly stdoutIsTerminal: boolean
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Contents of a file of patterns; `-` is standard input. */
  readonly readPatterns: (file: string) => Buffer
  /** Whether a search without paths is one of standard input; `taken` if that held patterns. */
  readonly searchesStdin: (taken: boolean) => boolean
}

/** The request for what the flags say. Throws {@link UsageError}. */
export function printRequest(settings: Settings, around: Surroundings): PrintRequest {
  const searches = settings.mode !== 'files' && settings.mode !== 'type-list'
  const { patterns, stdinTaken } = searches ? takePatterns(settings, around) : NO_PATTERNS
  return {
    paths: searchedPaths(settings.positional, stdinTaken, () => searches && around.searchesStdin(stdinTaken)),
    pattern: patternOptions(settings, patterns),
    walk: walkOptions(settings),
    output: output(settings, around),
    sort: settings.sort,
    sortReverse: settings.sortReverse,
    quiet: settings.quiet,
    stats: settings.stats,
    noMessages: settings.noMessages,
    noIgnoreMessages: settings.noIgnoreMessages,
    index: settings.index ? 'auto' : 'never',
    threads: settings.threads,
    ...given({ store: settings.store }),
  }
}

interface Patterns {
  readonly patterns: string[]
  /** Standard input was read for them. */
  readonly stdinTaken: boolean
}

const NO_PATTERNS: Patterns = { patterns: [], stdinTaken: false }

function takePatterns(settings: Settings, around: Surroundings): Patterns {
  if (settings.patterns.length === 0) {
    const first = settings.positional.shift()
    if (first === undefined) throw new UsageError('a search needs a pattern; `quern grep --help` shows how')
    return { patterns: [first], stdinTaken: false }
  }
  const patterns = new Set<string>()
  let stdinTaken = false
  for (const source of settings.patterns) {
    if ('text' in source) {
      patterns.add(source.text)
      continue
    }
    if (source.file === '-') {
      if (stdinTaken) throw new UsageError('-f -: standard input has been read already')
      stdinTaken = true
    }
    for (const pattern of linesOf(source.file, around)) patterns.add(pattern)
  }
  return { patterns: [...patterns], stdinTaken }
}

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function linesOf(file: string, around: Surroundings): string[] {
  const bytes = around.readPatterns(file)
  if (bytes.length === 0) return []
  let text: string
  try {
    text = UTF8.decode(bytes)
  } catch {
    throw new UsageError(
      `${file === '-' ? '<stdin>' : file}: patterns must be valid UTF-8; write other bytes as \\xFF`,
    )
  }
  return text
    .replace(/\n$/, '')
    .split('\n')
    .map(line => line.replace(/\r$/, ''))
}

/** The paths as given; none stands for the current folder, printed without `./`. */
function searchedPaths(paths: string[], stdinTaken: boolean, searchesStdin: () => boolean): string[] {
  if (stdinTaken && paths.includes('-')) {
    throw new UsageError('standard input holds the patterns already, it cannot be searched too')
  }
  return paths.length === 0 && searchesStdin() ? ['-'] : paths
}

function patternOptions(settings: Settings, patterns: string[]): PrintRequest['pattern'] {
  const { around = 0, before = around, after = around } = settings
  return {
    patterns,
    fixedStrings: settings.fixedStrings,
    case: settings.case,
    word: settings.boundary === 'word',
    line: settings.boundary === 'line',
    multiline: settings.multiline,
    multilineDotall: settings.multilineDotall,
    crlf: settings.crlf,
    unicode: !settings.noUnicode,
    invert: settings.invertMatch,
    before,
    after,
    passthru: settings.passthru,
    stopOnNonmatch: settings.stopOnNonmatch,
    encoding: settings.encoding,
    binary: settings.binary,
    nullData: settings.nullData,
    ...given({
      sizeLimit: settings.regexSizeLimit,
      dfaSizeLimit: settings.dfaSizeLimit,
      maxCount: settings.maxCount,
    }),
  }
}

function walkOptions(settings: Settings): NonNullable<PrintRequest['walk']> {
  return {
    hidden: settings.hidden,
    ignoreDot: !settings.noIgnoreDot,
    ignoreVcs: !settings.noIgnoreVcs,
    ignoreExclude: !settings.noIgnoreVcs && !settings.noIgnoreExclude,
    ignoreGlobal: !settings.noIgnoreVcs && !settings.noIgnoreGlobal,
    ignoreParent: !settings.noIgnoreParent,
    requireGit: !settings.noRequireGit,
    ignoreFiles: settings.noIgnoreFiles ? [] : settings.ignoreFiles,
    ignoreCaseInsensitive: settings.ignoreFileCaseInsensitive,
    follow: settings.follow,
    oneFileSystem: settings.oneFileSystem,
    globs: settings.globs,
    iglobs: settings.iglobs,
    globCaseInsensitive: settings.globCaseInsensitive,
    types: settings.types,
    threads: settings.threads,
    ...given({ maxDepth: settings.maxDepth, maxFilesize: settings.maxFilesize }),
  }
}

function output(settings: Settings, around: Surroundings): NonNullable<PrintRequest['output']> {
  const { contextSeparator } = settings
  return {
    mode: settings.mode,
    terminal: around.stdoutIsTerminal,
    color: usesColor(settings.color, around),
    colors: settings.colors,
    byteOffset: settings.byteOffset,
    onlyMatching: settings.onlyMatching,
    maxColumns: settings.maxColumns,
    maxColumnsPreview: settings.maxColumnsPreview,
    trim: settings.trim,
    null: settings.null,
    includeZero: settings.includeZero,
    vimgrep: settings.vimgrep,
    noContextSeparator: contextSeparator === null,
    ...given({
      column: settings.column,
      contextSeparator: contextSeparator ?? undefined,
      fieldContextSeparator: settings.fieldContextSeparator,
      fieldMatchSeparator: settings.fieldMatchSeparator,
      heading: settings.heading,
      hyperlinkFormat: settings.hyperlinkFormat,
      lineNumber: settings.lineNumber,
      pathSeparator: settings.pathSeparator,
      replace: settings.replace,
      withFilename: settings.withFilename,
    }),
  }
}

function usesColor(when: Settings['color'], { stdoutIsTerminal, environment }: Surroundings): boolean {
  if (when !== 'auto') return when !== 'never'
  const capable = process.platform === 'win32' || (environment['TERM'] ?? 'dumb') !== 'dumb'
  return stdoutIsTerminal && capable && environment['NO_COLOR'] === undefined
}

type Given<T> = { [K in keyof T]?: Exclude<T[K], undefined> }

/** The fields that are there. */
function given<T extends object>(fields: T): Given<T> {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what is undefined has been left out
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Given<T>
}
