/** Flags that say what is shown of the matches. */
import type { Settings } from '../settings.js'
import { adds, chooses, counts, type Flag, type FlagEntry, keeps, oneOf, turns } from './flag.js'
import { NO_PROGRAMS, U32 } from './reasons.js'

const SORT_KEYS = ['none', 'path', 'modified', 'accessed', 'created'] as const

/** Context of one side or both ends `--passthru`. */
function context(side: 'before' | 'after' | 'around'): NonNullable<Flag['set']> {
  const count = counts(side, U32)
  return (settings, value) => {
    settings.passthru = false
    count(settings, value)
  }
}

function passthru(settings: Settings): void {
  settings.passthru = true
  delete settings.before
  delete settings.after
  delete settings.around
}

export const OUTPUT: readonly FlagEntry[] = [
  {
    long: 'after-context',
    short: 'A',
    value: 'NUM',
    help: 'NUM lines after each match.',
    set: context('after'),
  },
  {
    long: 'before-context',
    short: 'B',
    value: 'NUM',
    help: 'NUM lines before each match.',
    set: context('before'),
  },
  {
    long: 'block-buffered',
    negated: 'no-block-buffered',
    help: 'Accepted: output is written in whole files.',
    set: () => {},
  },
  {
    long: 'byte-offset',
    short: 'b',
    negated: 'no-byte-offset',
    help: 'Offset in bytes of each line or match.',
    set: turns('byteOffset'),
  },
  {
    long: 'color',
    value: 'WHEN',
    help: 'When to use colour: never, auto, always or ansi.',
    set: (s, v) => (s.color = oneOf(['never', 'auto', 'always', 'ansi'], v)),
  },
  {
    long: 'colors',
    value: 'COLOR_SPEC',
    help: 'Colours and styles, as {type}:{attribute}:{value}.',
    set: adds('colors'),
  },
  {
    long: 'column',
    negated: 'no-column',
    help: 'Column of each line’s first match, in bytes.',
    set: turns('column'),
  },
  {
    long: 'context',
    short: 'C',
    value: 'NUM',
    help: 'NUM lines before and after each match.',
    set: context('around'),
  },
  {
    long: 'context-separator',
    negated: 'no-context-separator',
    value: 'SEPARATOR',
    help: 'What stands between groups of lines.',
    set: (s, v) => (s.contextSeparator = v === false ? null : String(v)),
  },
  {
    long: 'field-context-separator',
    value: 'SEPARATOR',
    help: 'What stands between the fields of a line of context.',
    set: keeps('fieldContextSeparator'),
  },
  {
    long: 'field-match-separator',
    value: 'SEPARATOR',
    help: 'What stands between the fields of a match.',
    set: keeps('fieldMatchSeparator'),
  },
  {
    long: 'heading',
    negated: 'no-heading',
    help: 'Paths as headings instead of on each line.',
    set: turns('heading'),
  },
  { long: 'help', short: 'h', help: 'Show this help.', set: s => (s.special = 'help') },
  {
    long: 'hostname-bin',
    value: 'COMMAND',
    help: 'Ask COMMAND for the name of this host.',
    refused: NO_PROGRAMS,
  },
  {
    long: 'hyperlink-format',
    value: 'FORMAT',
    help: 'Make paths links of this form.',
    set: keeps('hyperlinkFormat'),
  },
  {
    long: 'include-zero',
    negated: 'no-include-zero',
    help: 'With -c, files without a match too.',
    set: turns('includeZero'),
  },
  {
    long: 'line-buffered',
    negated: 'no-line-buffered',
    help: 'Accepted: output is written as soon as a file is searched.',
    set: () => {},
  },
  {
    long: 'line-number',
    short: 'n',
    help: 'Line numbers (default on a terminal).',
    set: s => (s.lineNumber = true),
  },
  { long: 'no-line-number', short: 'N', help: 'No line numbers.', set: s => (s.lineNumber = false) },
  {
    long: 'max-columns',
    short: 'M',
    value: 'NUM',
    help: 'Leave out lines longer than NUM bytes.',
    set: counts('maxColumns'),
  },
  {
    long: 'max-columns-preview',
    negated: 'no-max-columns-preview',
    help: 'Show the start of lines that are too long.',
    set: turns('maxColumnsPreview'),
  },
  { long: 'null', short: '0', help: 'NUL after each path.', set: turns('null') },
  {
    long: 'only-matching',
    short: 'o',
    help: 'Only the matching parts of lines.',
    set: turns('onlyMatching'),
  },
  {
    long: 'path-separator',
    value: 'SEPARATOR',
    help: 'What stands between the parts of a path.',
    set: keeps('pathSeparator'),
  },
  { long: 'passthru', alias: 'passthrough', help: 'All lines, matching or not.', set: passthru },
  {
    long: 'pretty',
    short: 'p',
    help: 'As --color=always --heading --line-number.',
    set: s => {
      s.color = 'always'
      s.heading = true
      s.lineNumber = true
    },
  },
  { long: 'quiet', short: 'q', help: 'Print nothing; the exit status says it.', set: turns('quiet') },
  {
    long: 'replace',
    short: 'r',
    value: 'REPLACEMENT',
    help: 'Show matches replaced; $1 and $name are groups.',
    set: keeps('replace'),
  },
  {
    long: 'sort',
    value: 'SORTBY',
    help: 'Sort by path, modified, accessed or created; or none.',
    set: (s, v) => {
      s.sort = oneOf(SORT_KEYS, v)
      s.sortReverse = false
    },
  },
  {
    long: 'sortr',
    value: 'SORTBY',
    help: 'As --sort, the other way round.',
    set: (s, v) => {
      s.sort = oneOf(SORT_KEYS, v)
      s.sortReverse = s.sort !== 'none'
    },
  },
  {
    long: 'sort-files',
    negated: 'no-sort-files',
    help: 'As --sort=path (deprecated).',
    set: (s, v) => {
      s.sort = v === true ? 'path' : 'none'
      s.sortReverse = false
    },
  },
  { long: 'trim', negated: 'no-trim', help: 'No white space at the start of lines.', set: turns('trim') },
  { long: 'vimgrep', help: 'A line a match, with line and column.', set: turns('vimgrep') },
  { long: 'with-filename', short: 'H', help: 'The path with each line.', set: s => (s.withFilename = true) },
  { long: 'no-filename', short: 'I', help: 'No path with the lines.', set: s => (s.withFilename = false) },
]

export const MODE: readonly FlagEntry[] = [
  { long: 'count', short: 'c', help: 'How many lines match, for each file.', set: chooses('count') },
  {
    long: 'count-matches',
    help: 'How many matches there are, for each file.',
    set: chooses('count-matches'),
  },
  {
    long: 'files-with-matches',
    short: 'l',
    help: 'Paths of files with a match.',
    set: chooses('files-with-matches'),
  },
  {
    long: 'files-without-match',
    help: 'Paths of files without a match.',
    set: chooses('files-without-match'),
  },
  {
    long: 'json',
    negated: 'no-json',
    help: 'Results as JSON Lines, in ripgrep’s format.',
    set: (s, v) => {
      if (v === true) chooses('json')(s, v)
      else if (s.mode === 'json') s.mode = 'standard'
    },
  },
]
