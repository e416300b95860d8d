import test from 'ava'
import { quern, ripgrep } from './support/command.js'
import { emptyFolder, type Files, folderOf } from './support/tree.js'

const TREE: Files = {
  '.gitignore': 'ignored/\n*.log\n',
  '.git/HEAD': 'ref: refs/heads/main\n',
  '.hidden.txt': 'hidden word\n',
  'a.txt': 'The word.\n  a word here, a word there\nnothing\n\nWORD and words\nlast word without end',
  'b.rs': 'fn word() {\n    let word_count = 1;\n}\n// a\n// b\n// c\n// word\n',
  'crlf.txt': 'word\r\nnot\r\nword again\r\n',
  'deep/er/c.py': 'def word():\n    return "W\u00f6rd \u212A \u017F"\n',
  'deep/d.md': '# Word\n\nlong '.concat('x'.repeat(300), ' word\n'),
  'empty.txt': '',
  'ignored/e.txt': 'word\n',
  'latin1.txt': Buffer.from('caf\xe9 word\n', 'latin1'),
  'nul.bin': Buffer.from('word\0word\nword\n'),
  'records.dat': Buffer.from('first word\0second\0third word\0'),
  'utf16.txt': Buffer.from('\uFEFFword in utf16\nsecond\n', 'utf16le'),
  'x.log': 'word\n',
}

/** Argument lists on which both programs print the same bytes and end with the same status. */
const ARGUMENTS: readonly string[] = [
  'word',
  '-i word',
  '-S Word',
  '-s word',
  '-w word',
  '-x word',
  '-F word()',
  '-v word',
  '-n word',
  '-N word a.txt',
  '-H word a.txt',
  '-I word',
  'word a.txt',
  'word a.txt b.rs',
  'word ./',
  'word deep',
  '--column word',
  '-b word',
  '-o word',
  '-ob word',
  '-c word',
  '-c word a.txt',
  '--count-matches word',
  '-c --include-zero word',
  '-co word',
  '-cv word',
  '-l word',
  '-l0 word',
  '--files-without-match word',
  '-q word',
  '-q absent',
  'absent',
  '-m1 word',
  '-m1 -A1 word',
  '-A1 word',
  '-B1 word',
  '-C1 word',
  '-C1 --no-context-separator word',
  '-C1 --context-separator=~~ word',
  '-C1 --field-context-separator=+ --field-match-separator=% -n word',
  '--passthru word a.txt',
  '--heading -n word',
  '--heading -A1 word',
  '--vimgrep word',
  '--color=always word',
  '--color=always -n --column word',
  '--color=ansi --colors=match:fg:green --colors=path:none word',
  '-p word',
  '-M20 word',
  '-M20 --max-columns-preview word',
  '--trim word',
  '-r <$0> word',
  '-r ($1) (w\\w+)',
  '-or $0! wor.',
  '-e word -e fn',
  '-e word -e fn -o',
  '-f patterns.txt',
  '-a word',
  '--binary word',
  'word nul.bin',
  '-c word nul.bin',
  '-U word\\s+a',
  '-U -n (?s)word.*?again',
  '-U --multiline-dotall word.*again -l',
  '--crlf -x word',
  '--crlf word$',
  'word$',
  '--null-data -a word records.dat',
  '-E latin1 café',
  '-E none word utf16.txt',
  '-E utf-16le second',
  '--no-unicode -i k',
  '-i k',
  '(?-u)\\xe9',
  '-. word',
  '--no-ignore word',
  '--no-ignore-vcs word',
  '--no-ignore-dot word',
  '-u word',
  '-uu word',
  '-uuu word',
  '-g *.txt word',
  '-g !*.txt word',
  '--iglob *.TXT word',
  '--glob-case-insensitive -g *.TXT word',
  '-trust word',
  '-Trust word',
  '--type-add foo:*.md -tfoo word',
  '-d1 word',
  '--max-filesize 50 word',
  '--stop-on-nonmatch word',
  '--json word a.txt',
  '--json -A1 word b.rs',
  '--stats -q absent',
  '--path-separator=% word deep',
  '--files',
  '--files -.',
  '--files -g *.txt deep',
  '--files -q',
  '--sort path word',
  '--sortr path word',
  'word missing.txt',
  'word missing.txt a.txt',
  '-s --no-messages word missing.txt a.txt',
  '-q word missing.txt a.txt',
]

const PATTERNS: Files = { 'patterns.txt': 'fn\nlast word\n' }

/** What changes from run to run, or is a matter of time. */
function steady(out: string): string {
  return out
    .replaceAll(/"(?:elapsed|elapsed_total)":\{[^}]*\}/g, '"elapsed":{}')
    .replaceAll(/[\d.]+ seconds/g, '0 seconds')
}

/** ripgrep's output with one thread, in the order that Quern keeps. */
function inOrder(args: readonly string[]): string[] {
  return args.some(arg => arg.startsWith('--sort')) ? [...args] : ['--sort=path', ...args]
}

for (const args of ARGUMENTS) {
  test(`quern grep ${args}`, t => {
    const cwd = folderOf(t, { ...TREE, ...PATTERNS })
    const around = { cwd, stores: emptyFolder(t) }
    const list = args.split(' ')
    const expected = ripgrep(inOrder(list), around)
    for (const extra of [[], ['--no-index']]) {
      const actual = quern(['grep', ...extra, ...list], around)
      t.deepEqual([actual.status, steady(actual.out)], [expected.status, steady(expected.out)], extra.join())
      t.is(actual.err === '', expected.err === '', `${actual.err} | ${expected.err}`)
    }
  })
}

test('standard input is searched, as ripgrep does', t => {
  const around = { cwd: folderOf(t, TREE), stores: emptyFolder(t), input: 'a word\nnothing\n' }
  for (const args of [
    ['word'],
    ['-n', 'word', '-'],
    ['-c', 'word'],
    ['--json', 'word'],
    ['word', 'a.txt', '-'],
    ['-f', '-', 'a.txt'],
  ]) {
    const expected = ripgrep(['--sort=path', ...args], around)
    const actual = quern(['grep', ...args], around)
    t.deepEqual([actual.status, steady(actual.out)], [expected.status, steady(expected.out)], args.join(' '))
  }
})

test('--type-list has all that ripgrep 15.0 has; the library behind it knows more', t => {
  const around = { cwd: emptyFolder(t), stores: emptyFolder(t) }
  const types = (out: string): Map<string, string> =>
    new Map(out.split('\n').map(line => [line.split(': ')[0] ?? '', line]))
  const known = types(quern(['grep', '--type-list'], around).out)
  for (const [name, line] of types(ripgrep(['--type-list'], around).out)) t.is(known.get(name), line)
})
