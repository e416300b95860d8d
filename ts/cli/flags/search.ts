/** Flags that say what to look for and how. */
import { counts, type FlagEntry, sizes, turns } from './flag.js'
import { UsageError } from '../usage.js'
import { NO_PCRE2, NO_PROGRAMS, U32 } from './reasons.js'

export const INPUT: readonly FlagEntry[] = [
  {
    long: 'regexp',
    short: 'e',
    value: 'PATTERN',
    help: 'A pattern to search for; can be given several times.',
    set: (s, v) => s.patterns.push({ text: String(v) }),
  },
  {
    long: 'file',
    short: 'f',
    value: 'PATTERNFILE',
    help: 'Search for the patterns in a file, one a line.',
    set: (s, v) => s.patterns.push({ file: String(v) }),
  },
  {
    long: 'pre',
    negated: 'no-pre',
    value: 'COMMAND',
    help: 'Search the output of COMMAND for each path.',
    refused: NO_PROGRAMS,
  },
  { long: 'pre-glob', value: 'GLOB', help: 'Choose the files for --pre.', refused: NO_PROGRAMS },
  {
    long: 'search-zip',
    short: 'z',
    negated: 'no-search-zip',
    help: 'Search in compressed files.',
    refused: NO_PROGRAMS,
  },
]

export const SEARCH: readonly FlagEntry[] = [
  {
    long: 'auto-hybrid-regex',
    negated: 'no-auto-hybrid-regex',
    help: 'Use PCRE2 where a pattern needs it (deprecated).',
    refused: NO_PCRE2,
  },
  {
    long: 'case-sensitive',
    short: 's',
    help: 'Letter case counts (default).',
    set: s => (s.case = 'sensitive'),
  },
  {
    long: 'crlf',
    negated: 'no-crlf',
    help: 'CRLF is a line end too.',
    set: (s, v) => {
      s.crlf = v === true
      if (s.crlf) s.nullData = false
    },
  },
  {
    long: 'dfa-size-limit',
    value: 'NUM+SUFFIX?',
    help: 'Bytes for the matcher’s cache.',
    set: sizes('dfaSizeLimit'),
  },
  {
    long: 'encoding',
    short: 'E',
    negated: 'no-encoding',
    value: 'ENCODING',
    help: 'Text encoding of the files: auto, none or a WHATWG label.',
    set: (s, v) => (s.encoding = v === false ? 'auto' : String(v)),
  },
  {
    long: 'engine',
    value: 'ENGINE',
    help: 'Which regex engine: only default.',
    set: (_, v) => {
      if (v !== 'default') throw new UsageError(NO_PCRE2)
    },
  },
  {
    long: 'fixed-strings',
    short: 'F',
    negated: 'no-fixed-strings',
    help: 'Patterns are plain text.',
    set: turns('fixedStrings'),
  },
  {
    long: 'ignore-case',
    short: 'i',
    help: 'Letter case does not count.',
    set: s => (s.case = 'insensitive'),
  },
  {
    long: 'invert-match',
    short: 'v',
    negated: 'no-invert-match',
    help: 'Lines that do not match.',
    set: turns('invertMatch'),
  },
  { long: 'line-regexp', short: 'x', help: 'Matches are whole lines.', set: s => (s.boundary = 'line') },
  {
    long: 'max-count',
    short: 'm',
    value: 'NUM',
    help: 'At most NUM matching lines a file.',
    set: counts('maxCount'),
  },
  {
    long: 'mmap',
    negated: 'no-mmap',
    help: 'Accepted: how a file is read makes no difference to what is found.',
    set: () => {},
  },
  {
    long: 'multiline',
    short: 'U',
    negated: 'no-multiline',
    help: 'Matches may span lines.',
    set: (s, v) => {
      s.multiline = v === true
      if (s.multiline) s.stopOnNonmatch = false
    },
  },
  {
    long: 'multiline-dotall',
    negated: 'no-multiline-dotall',
    help: 'With -U, . matches line ends.',
    set: turns('multilineDotall'),
  },
  {
    long: 'no-pcre2-unicode',
    negated: 'pcre2-unicode',
    help: 'The same as --no-unicode (deprecated).',
    set: turns('noUnicode'),
  },
  {
    long: 'no-unicode',
    negated: 'unicode',
    help: 'Classes and case know ASCII only.',
    set: turns('noUnicode'),
  },
  {
    long: 'null-data',
    help: 'Lines end with NUL.',
    set: s => {
      s.crlf = false
      s.nullData = true
    },
  },
  { long: 'pcre2', short: 'P', negated: 'no-pcre2', help: 'Use PCRE2.', refused: NO_PCRE2 },
  {
    long: 'regex-size-limit',
    value: 'NUM+SUFFIX?',
    help: 'Bytes that a compiled pattern may take.',
    set: sizes('regexSizeLimit'),
  },
  {
    long: 'smart-case',
    short: 'S',
    help: 'Letter case counts if the pattern has an upper-case letter.',
    set: s => (s.case = 'smart'),
  },
  {
    long: 'stop-on-nonmatch',
    help: 'Leave a file at the first line that does not match after one that did.',
    set: s => {
      s.stopOnNonmatch = true
      s.multiline = false
    },
  },
  {
    long: 'text',
    short: 'a',
    negated: 'no-text',
    help: 'Search binary files as if they were text.',
    set: (s, v) => (s.binary = v === true ? 'text' : 'auto'),
  },
  {
    long: 'threads',
    short: 'j',
    value: 'NUM',
    help: 'Threads to use; 0: one a core.',
    set: counts('threads', U32),
  },
  {
    long: 'word-regexp',
    short: 'w',
    help: 'Matches begin and end at word boundaries.',
    set: s => (s.boundary = 'word'),
  },
]
