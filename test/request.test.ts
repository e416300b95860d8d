import test from 'ava'
import { parseArguments } from '#dist/cli/arguments.js'
import { printRequest, type Surroundings } from '#dist/cli/request.js'
import { UsageError } from '#dist/cli/usage.js'

const NOWHERE: Surroundings = {
  stdoutIsTerminal: false,
  environment: { TERM: 'xterm' },
  readPatterns: () => Buffer.alloc(0),
  searchesStdin: () => false,
}

const TERMINAL: Partial<Surroundings> = { stdoutIsTerminal: true }

function request(args: string, around: Partial<Surroundings> = {}): ReturnType<typeof printRequest> {
  return printRequest(parseArguments(args.split(' ')), { ...NOWHERE, ...around })
}

test('the first positional is the pattern, unless -e or -f or a listing says otherwise', t => {
  t.deepEqual(request('foo a b').pattern.patterns, ['foo'])
  t.deepEqual(request('foo a b').paths, ['a', 'b'])
  t.deepEqual(request('-e x foo').paths, ['foo'])
  t.deepEqual(request('--files foo').paths, ['foo'])
  t.deepEqual(request('--files foo').pattern.patterns, [])
  t.throws(() => request('-i'), { instanceOf: UsageError, message: /needs a pattern/ })
})

test('patterns come in the order of their flags, each once', t => {
  const readPatterns = (): Buffer => Buffer.from('b\r\n\nc\n')
  t.deepEqual(request('-e a -f list -e b -e d', { readPatterns }).pattern.patterns, ['a', 'b', '', 'c', 'd'])
  t.deepEqual(request('-f empty', { readPatterns: () => Buffer.alloc(0) }).pattern.patterns, [])
})

test('a file of patterns that is not UTF-8 is refused', t => {
  const readPatterns = (): Buffer => Buffer.from([0x61, 0xff])
  t.throws(() => request('-f list', { readPatterns }), { instanceOf: UsageError, message: /^list: .*UTF-8/ })
})

test('standard input is read once', t => {
  const readPatterns = (): Buffer => Buffer.from('x')
  t.throws(() => request('-f - -f -', { readPatterns }), { message: /read already/ })
  t.throws(() => request('-f - -', { readPatterns }), { message: /cannot be searched too/ })
})

test('without a path standard input is searched where there is one, but never listed', t => {
  const searchesStdin = (taken: boolean): boolean => !taken
  t.deepEqual(request('x', { searchesStdin }).paths, ['-'])
  t.deepEqual(request('x').paths, [])
  t.deepEqual(request('x a', { searchesStdin }).paths, ['a'])
  t.deepEqual(request('--files', { searchesStdin }).paths, [])
  t.deepEqual(request('-f -', { searchesStdin, readPatterns: () => Buffer.from('x') }).paths, [])
})

test('-A and -B win over -C, wherever they stand', t => {
  const { before, after } = request('-C 2 -A 5 x').pattern
  t.deepEqual([before, after], [2, 5])
  const other = request('-B 1 -C 2 x').pattern
  t.deepEqual([other.before, other.after], [1, 2])
})

test('colour follows the terminal, TERM and NO_COLOR, and --color decides over all', t => {
  const color = (args: string, around: Partial<Surroundings>): boolean | undefined =>
    request(args, around).output?.color
  t.false(color('x', {}))
  t.true(color('x', TERMINAL))
  t.false(color('x', { ...TERMINAL, environment: { TERM: 'xterm', NO_COLOR: '' } }))
  t.is(color('x', { ...TERMINAL, environment: { TERM: 'dumb' } }), process.platform === 'win32')
  t.true(color('--color always x', { environment: { NO_COLOR: '1' } }))
  t.false(color('--color never x', TERMINAL))
})

test('--no-ignore-vcs turns git’s other ignore files off as well', t => {
  const walk = request('--no-ignore-vcs x').walk
  t.like(walk, {
    ignoreVcs: false,
    ignoreExclude: false,
    ignoreGlobal: false,
    ignoreDot: true,
    ignoreParent: true,
  })
})

test('--no-ignore-files forgets --ignore-file', t => {
  t.deepEqual(request('--ignore-file a x').walk?.ignoreFiles, ['a'])
  t.deepEqual(request('--ignore-file a --no-ignore-files x').walk?.ignoreFiles, [])
})

test('what was not said is left to the engine', t => {
  const { output } = request('x')
  for (const name of [
    'heading',
    'lineNumber',
    'column',
    'withFilename',
    'replace',
    'contextSeparator',
  ] as const) {
    t.false(Object.hasOwn(output ?? {}, name), name)
  }
})
