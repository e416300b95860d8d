/** Flags about messages and about Quern itself. */
import { chooses, type FlagEntry, keeps, turns } from './flag.js'
import { NO_LOG, NO_PCRE2 } from './reasons.js'

export const LOGGING: readonly FlagEntry[] = [
  {
    long: 'debug',
    help: 'Show what ripgrep does.',
    refused: NO_LOG,
  },
  {
    long: 'no-ignore-messages',
    negated: 'ignore-messages',
    help: 'No messages about faults in ignore files.',
    set: turns('noIgnoreMessages'),
  },
  {
    long: 'no-messages',
    negated: 'messages',
    help: 'No messages about files that cannot be read.',
    set: turns('noMessages'),
  },
  {
    long: 'stats',
    negated: 'no-stats',
    help: 'Figures of the search after the results.',
    set: turns('stats'),
  },
  {
    long: 'trace',
    help: 'Show everything that ripgrep does.',
    refused: NO_LOG,
  },
]

export const OTHER: readonly FlagEntry[] = [
  { long: 'files', help: 'Paths of the files that would be searched.', set: chooses('files') },
  {
    long: 'generate',
    value: 'KIND',
    help: 'Make a man page or completions.',
    refused: 'docs/cli.md has the flags',
  },
  {
    long: 'no-config',
    help: 'Accepted: there is no configuration file, RIPGREP_CONFIG_PATH is not read.',
    set: () => {},
  },
  { long: 'pcre2-version', help: 'Version of PCRE2.', refused: NO_PCRE2 },
  { long: 'type-list', help: 'All file types and their globs.', set: chooses('type-list') },
  { long: 'version', short: 'V', help: 'Show the version.', set: s => (s.special = 'version') },
]

export const QUERN: readonly FlagEntry[] = [
  {
    long: 'no-index',
    negated: 'index',
    help: 'Search the files directly: neither make nor use an index.',
    set: (s, v) => (s.index = v !== true),
  },
  {
    long: 'store',
    value: 'DIR',
    help: 'Folder of the index. Default: one of its own in the user’s cache folder.',
    set: keeps('store'),
  },
]
