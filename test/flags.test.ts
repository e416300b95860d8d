import test from 'ava'
import { parseArguments } from '#dist/cli/arguments.js'
import { initialSettings, type Settings } from '#dist/cli/settings.js'
import { UsageError } from '#dist/cli/usage.js'

/** Arguments, and how the settings then differ from the initial ones. */
const CASES: readonly (readonly [args: string, changed: Partial<Settings>])[] = [
  ['foo src', { positional: ['foo', 'src'] }],
  ['-i foo', { case: 'insensitive', positional: ['foo'] }],
  ['foo -i', { case: 'insensitive', positional: ['foo'] }],
  ['-i -s -S', { case: 'smart' }],
  ['-S -i', { case: 'insensitive' }],
  ['-inw', { case: 'insensitive', lineNumber: true, boundary: 'word' }],
  ['-w -x', { boundary: 'line' }],
  ['-x -w', { boundary: 'word' }],
  ['-n -N', { lineNumber: false }],
  ['-H -I', { withFilename: false }],
  ['-A5', { after: 5 }],
  ['-A=5', { after: 5 }],
  ['-A 5', { after: 5 }],
  ['-nA5', { lineNumber: true, after: 5 }],
  ['--after-context=5', { after: 5 }],
  ['--after-context 5', { after: 5 }],
  ['-C2 -A5', { around: 2, after: 5 }],
  ['-A5 -C2', { around: 2, after: 5 }],
  ['-B1 --passthru', { passthru: true }],
  ['--passthrough -B1', { before: 1 }],
  ['-A 99999999999', { after: 2 ** 32 - 1 }],
  ['-e foo -e bar', { patterns: [{ text: 'foo' }, { text: 'bar' }] }],
  ['-e -foo', { patterns: [{ text: '-foo' }] }],
  ['-e=foo', { patterns: [{ text: 'foo' }] }],
  ['-f list -e x', { patterns: [{ file: 'list' }, { text: 'x' }] }],
  ['-- -i', { positional: ['-i'] }],
  ['- x', { positional: ['-', 'x'] }],
  ['--hidden --no-hidden', { hidden: false }],
  ['-.', { hidden: true }],
  ['-u', { unrestricted: 1, ...ignoring() }],
  ['-uu', { unrestricted: 2, hidden: true, ...ignoring() }],
  ['-uuu', { unrestricted: 3, hidden: true, binary: 'suppress', ...ignoring() }],
  ['--no-ignore', ignoring()],
  ['--no-ignore --ignore-vcs', { ...ignoring(), noIgnoreVcs: false }],
  ['--no-ignore --ignore', {}],
  ['-a', { binary: 'text' }],
  ['-a --binary', { binary: 'suppress' }],
  ['-a --no-binary', {}],
  ['--crlf --null-data', { nullData: true }],
  ['--null-data --crlf', { crlf: true }],
  ['-U --stop-on-nonmatch', { stopOnNonmatch: true }],
  ['--stop-on-nonmatch -U', { multiline: true }],
  ['-p', { color: 'always', heading: true, lineNumber: true }],
  ['-p --no-heading --color=never', { color: 'never', heading: false, lineNumber: true }],
  ['-c -l', { mode: 'files-with-matches' }],
  ['-l --json', { mode: 'json' }],
  ['--json --no-json', {}],
  ['-c --no-json', { mode: 'count' }],
  ['--files -l', { mode: 'files' }],
  ['-l --files --type-list', { mode: 'type-list' }],
  ['--sort path', { sort: 'path' }],
  ['--sortr modified', { sort: 'modified', sortReverse: true }],
  ['--sortr path --sort path', { sort: 'path' }],
  ['--sortr path --sortr none', {}],
  ['--sort-files', { sort: 'path' }],
  ['--max-filesize 5K', { maxFilesize: 5120 }],
  ['--max-filesize=1G', { maxFilesize: 2 ** 30 }],
  ['--regex-size-limit 7', { regexSizeLimit: 7 }],
  ['-M 10', { maxColumns: 10 }],
  ['-m1', { maxCount: 1 }],
  ['-d 3', { maxDepth: 3 }],
  ['--maxdepth 3', { maxDepth: 3 }],
  [
    '-tpy -Trust',
    {
      types: [
        { kind: 'select', value: 'py' },
        { kind: 'negate', value: 'rust' },
      ],
    },
  ],
  [
    '--type-add x:*.x --type-clear py',
    {
      types: [
        { kind: 'add', value: 'x:*.x' },
        { kind: 'clear', value: 'py' },
      ],
    },
  ],
  ['-g *.c -g !x --iglob *.H', { globs: ['*.c', '!x'], iglobs: ['*.H'] }],
  ['--no-context-separator', { contextSeparator: null }],
  ['--context-separator ~', { contextSeparator: '~' }],
  ['-E latin1', { encoding: 'latin1' }],
  ['-E latin1 --no-encoding', {}],
  ['--no-pcre2-unicode', { noUnicode: true }],
  ['--no-pcre2 --no-pre --no-search-zip --pre=', {}],
  ['--engine default --no-config --mmap --no-mmap --line-buffered --block-buffered', {}],
  ['--column --no-column', { column: false }],
  ['-h', { special: 'help' }],
  ['-V', { special: 'version' }],
  ['--no-index --store /tmp/s', { index: false, store: '/tmp/s' }],
]

function ignoring(): Partial<Settings> {
  return {
    noIgnoreDot: true,
    noIgnoreExclude: true,
    noIgnoreGlobal: true,
    noIgnoreParent: true,
    noIgnoreVcs: true,
  }
}

for (const [args, changed] of CASES) {
  test(`quern grep ${args}`, t => {
    t.deepEqual(parseArguments(args.split(' ')), { ...initialSettings(), ...changed })
  })
}

/** Arguments that cannot be followed, and what is said about them. */
const FAULTS: readonly (readonly [args: string, message: RegExp])[] = [
  ['--hiden', /unrecognized flag --hiden; similar: --hidden/],
  ['-@', /unrecognized flag -@/],
  ['-A', /missing value for flag -A/],
  ['-A x', /error parsing flag -A: .*'x'/],
  ['-A -1', /error parsing flag -A/],
  ['-m 99999999999999999999', /not a valid number/],
  ['--max-filesize 5X', /invalid size '5X'/],
  ['--max-filesize 99999999999999G', /too big/],
  ['--color blue', /choice 'blue' is unrecognized, use one of: never, auto, always, ansi/],
  ['--sort size', /choice 'size'/],
  ['--hidden=yes', /--hidden is a switch/],
  ['-i=yes', /-i is a switch/],
  ['-uuuu', /up to 3 times/],
  ['-P', /-P is not supported: .*PCRE2/],
  ['--pcre2-version', /not supported/],
  ['--engine auto', /one engine/],
  ['--auto-hybrid-regex', /not supported/],
  ['-z', /-z is not supported: a search does not run other programs/],
  ['--pre cat', /--pre is not supported/],
  ['--hostname-bin hostname', /not supported/],
  ['--generate man', /not supported/],
  ['--debug', /not supported/],
  ['--trace', /not supported/],
]

for (const [args, message] of FAULTS) {
  test(`quern grep ${args} is refused`, t => {
    t.throws(() => parseArguments(args.split(' ')), { instanceOf: UsageError, message })
  })
}
