/** Flags that say which files are searched. */
import type { Settings } from '../settings.js'
import { UsageError } from '../usage.js'
import { adds, counts, type FlagEntry, sizes, turns } from './flag.js'
import { U32 } from './reasons.js'

function setIgnore(settings: Settings, off: boolean): void {
  settings.noIgnoreDot = off
  settings.noIgnoreExclude = off
  settings.noIgnoreGlobal = off
  settings.noIgnoreParent = off
  settings.noIgnoreVcs = off
}

function unrestrict(settings: Settings): void {
  settings.unrestricted++
  if (settings.unrestricted === 1) setIgnore(settings, true)
  else if (settings.unrestricted === 2) settings.hidden = true
  else if (settings.unrestricted === 3) settings.binary = 'suppress'
  else throw new UsageError('the flag can only be repeated up to 3 times')
}

export const FILTER: readonly FlagEntry[] = [
  {
    long: 'binary',
    negated: 'no-binary',
    help: 'Search binary files, but do not show their lines.',
    set: (s, v) => (s.binary = v === true ? 'suppress' : 'auto'),
  },
  { long: 'follow', short: 'L', negated: 'no-follow', help: 'Follow symbolic links.', set: turns('follow') },
  {
    long: 'glob',
    short: 'g',
    value: 'GLOB',
    help: 'Include paths that match, or exclude them with a leading !.',
    set: adds('globs'),
  },
  {
    long: 'glob-case-insensitive',
    negated: 'no-glob-case-insensitive',
    help: '-g matches without regard to case.',
    set: turns('globCaseInsensitive'),
  },
  {
    long: 'hidden',
    short: '.',
    negated: 'no-hidden',
    help: 'Hidden files and folders too.',
    set: turns('hidden'),
  },
  { long: 'iglob', value: 'GLOB', help: 'As -g, without regard to case.', set: adds('iglobs') },
  { long: 'ignore-file', value: 'PATH', help: 'One more ignore file.', set: adds('ignoreFiles') },
  {
    long: 'ignore-file-case-insensitive',
    negated: 'no-ignore-file-case-insensitive',
    help: 'Ignore files match without regard to case.',
    set: turns('ignoreFileCaseInsensitive'),
  },
  {
    long: 'max-depth',
    short: 'd',
    alias: 'maxdepth',
    value: 'NUM',
    help: 'Go down at most NUM folders.',
    set: counts('maxDepth', U32),
  },
  {
    long: 'max-filesize',
    value: 'NUM+SUFFIX?',
    help: 'Leave out files that are larger.',
    set: sizes('maxFilesize'),
  },
  {
    long: 'no-ignore',
    negated: 'ignore',
    help: 'Heed no ignore files.',
    set: (s, v) => setIgnore(s, v === true),
  },
  {
    long: 'no-ignore-dot',
    negated: 'ignore-dot',
    help: 'Do not heed .ignore and .rgignore.',
    set: turns('noIgnoreDot'),
  },
  {
    long: 'no-ignore-exclude',
    negated: 'ignore-exclude',
    help: 'Do not heed .git/info/exclude.',
    set: turns('noIgnoreExclude'),
  },
  {
    long: 'no-ignore-files',
    negated: 'ignore-files',
    help: 'Do not heed files given by --ignore-file.',
    set: turns('noIgnoreFiles'),
  },
  {
    long: 'no-ignore-global',
    negated: 'ignore-global',
    help: 'Do not heed git’s global ignore file.',
    set: turns('noIgnoreGlobal'),
  },
  {
    long: 'no-ignore-parent',
    negated: 'ignore-parent',
    help: 'Do not heed ignore files of parent folders.',
    set: turns('noIgnoreParent'),
  },
  {
    long: 'no-ignore-vcs',
    negated: 'ignore-vcs',
    help: 'Do not heed .gitignore.',
    set: turns('noIgnoreVcs'),
  },
  {
    long: 'no-require-git',
    negated: 'require-git',
    help: 'Heed .gitignore outside of git repositories too.',
    set: turns('noRequireGit'),
  },
  {
    long: 'one-file-system',
    negated: 'no-one-file-system',
    help: 'Stay on the file system of each path.',
    set: turns('oneFileSystem'),
  },
  {
    long: 'type',
    short: 't',
    value: 'TYPE',
    help: 'Only files of this type.',
    set: (s, v) => s.types.push({ kind: 'select', value: String(v) }),
  },
  {
    long: 'type-not',
    short: 'T',
    value: 'TYPE',
    help: 'No files of this type.',
    set: (s, v) => s.types.push({ kind: 'negate', value: String(v) }),
  },
  {
    long: 'type-add',
    value: 'TYPESPEC',
    help: 'Add a glob to a type: name:glob.',
    set: (s, v) => s.types.push({ kind: 'add', value: String(v) }),
  },
  {
    long: 'type-clear',
    value: 'TYPE',
    help: 'Forget the globs of a type.',
    set: (s, v) => s.types.push({ kind: 'clear', value: String(v) }),
  },
  {
    long: 'unrestricted',
    short: 'u',
    help: 'Filter less: -u as --no-ignore, -uu hidden files too, -uuu binary files too.',
    set: unrestrict,
  },
]
