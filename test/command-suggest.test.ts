import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import type { Suggestions } from 'quern'
import { quern, type Surroundings } from './support/command.js'
import { emptyFolder, type Files, folderOf } from './support/tree.js'

const TREE: Files = {
  'needles.txt': 'needle needle needless\n',
  'sub/needle.c': 'int needleSize(void)\n{\n  return needle;\n}\n',
  'sub/deep/hay.md': '# Hay\n\nA haystack.\n',
}

function surroundings(t: ExecutionContext): Surroundings {
  return { cwd: folderOf(t, TREE), stores: emptyFolder(t) }
}

test('suggestions come with kind and count', t => {
  const { status, out, err } = quern(['suggest', 'needl'], surroundings(t))
  t.deepEqual([status, err], [0, ''])
  t.is(
    out,
    [
      'symbol  1  needleSize',
      'word    2  needle',
      'word    1  needlesize',
      'word    1  needless',
      'path    1  needles.txt',
      'path    1  sub/needle.c',
      '',
    ].join('\n'),
  )
})

test('--kind, --limit and --edits say what is suggested', t => {
  const around = surroundings(t)
  t.is(
    quern(['suggest', '-k', 'path', '-k', 'word', '-n1', 'needl'], around).out,
    'path    1  needles.txt\nword    2  needle\n',
  )
  t.is(quern(['suggest', '-k', 'word', 'hasytack'], around).out, 'word    1  haystack  (1 edit)\n')
  t.deepEqual(quern(['suggest', '--edits=0', 'hasytack'], around), { status: 1, out: '', err: '' })
})

test('--json gives what the API gives', t => {
  const { out } = quern(['suggest', '--json', '-kword', 'hay'], surroundings(t))
  const { suggestions, coverage } = JSON.parse(out) as Suggestions
  t.deepEqual(suggestions, [
    { text: 'hay', kind: 'word', count: 1, edits: 0 },
    { text: 'haystack', kind: 'word', count: 1, edits: 0 },
  ])
  t.like(coverage, { complete: true, indexed: 3, ranked: 3 })
})

test('below a folder that has an index that one answers, and paths are seen from here', t => {
  const around = surroundings(t)
  quern(['index'], around)
  const inside = { ...around, cwd: join(around.cwd, 'sub') }
  t.is(quern(['suggest', '-kpath', 'needle'], inside).out, 'path    1  ../needles.txt\npath    1  needle.c\n')
  t.is(quern(['suggest', '-kpath', 'deep', 'sub'], around).out, 'path    1  sub/deep/\n')
})

test('what cannot be followed ends with 2', t => {
  const around = surroundings(t)
  for (const [args, message] of [
    [[], /what to complete is missing/],
    [['a', 'sub', 'b'], /one text and one folder/],
    [['a', 'no_folder'], /is not a folder/],
    [['a', '--kind=line'], /kinds/],
    [['a', '--edits=3'], /edits/],
    [['a', '--limit=x'], /--limit/],
  ] as const) {
    const { status, err } = quern(['suggest', ...args], around)
    t.is(status, 2)
    t.regex(err, message)
  }
  const help = quern(['suggest', '--help'], around)
  t.deepEqual([help.status, help.out.startsWith('Usage: quern suggest')], [0, true])
})

test('quern search says what may have been meant, in a folder only what is there', t => {
  const around = surroundings(t)
  const { status, out, err } = quern(['search', 'neelde'], around)
  t.deepEqual([status, out, err], [1, '0 passages\n', 'quern: did you mean: needle\n'])
  t.is(quern(['search', 'neelde', 'sub'], around).err, 'quern: did you mean: needle\n')
  t.is(quern(['search', 'neelde', 'sub/deep'], around).err, '')
})
