import test from 'ava'
import type { Match } from 'quern'
import { type Files, indexOf } from './support/tree.js'

const TREE: Files = {
  'a.txt': 'one\ntwo two\nthree\n',
  'src/b.c': 'int one;\n// Two\n',
  'src/c.h': 'nothing\n',
  '.hidden': 'one\n',
  'latin.txt': Buffer.from('caf\xe9 one\n', 'latin1'),
}

const at = ({ path, line, text }: Match): string => `${path}:${line}:${text}`

test('matches come with path, line, text and ranges', async t => {
  const index = await indexOf(t, TREE)
  const matches = await index.grep('two', { sort: 'path' }).toArray()
  t.deepEqual(matches.map(at), ['a.txt:2:two two'])
  t.deepEqual(matches[0]?.ranges, [
    [0, 3],
    [4, 7],
  ])
  t.is(matches[0]?.offset, 4)
})

test('strings are ripgrep’s syntax, RegExp objects JavaScript’s', async t => {
  const index = await indexOf(t, TREE)
  t.deepEqual((await index.grep('(?i)TWO$').toArray()).map(at).toSorted(), [
    'a.txt:2:two two',
    'src/b.c:2:// Two',
  ])
  t.deepEqual((await index.grep(/TWO$/i).toArray()).map(at).toSorted(), [
    'a.txt:2:two two',
    'src/b.c:2:// Two',
  ])
})

test('for await, batches, files and count tell the same', async t => {
  const index = await indexOf(t, TREE)
  const matches = index.grep('one|two')
  const lines: string[] = []
  for await (const match of matches) lines.push(at(match))
  let rows = 0
  for await (const batch of matches.batches()) rows += batch.length
  const files: string[] = []
  for await (const { path } of matches.files()) files.push(path)
  t.is(rows, lines.length)
  t.deepEqual(files.toSorted(), ['a.txt', 'latin.txt', 'src/b.c'])
  t.deepEqual(await matches.count(), { files: 3, lines: lines.length, matches: 5 })
})

test('the answer says what it covers', async t => {
  const index = await indexOf(t, TREE)
  const matches = index.grep('one')
  t.is(matches.coverage, undefined)
  await matches.toArray()
  t.like(matches.coverage, { complete: true, freshness: 'snapshot', errorCount: 0 })
  t.is(matches.coverage?.files.indexed, 4)
  t.true((matches.coverage?.takenAt.getTime() ?? 0) > 0)
})

test('a limit cuts the answer and says so', async t => {
  const index = await indexOf(t, { 'many.txt': 'x\n'.repeat(1000) })
  const matches = index.grep('x', { limit: 10 })
  t.is((await matches.toArray()).length, 10)
  t.like(matches.coverage, { complete: false, limit: 'limit' })
})

test('context lines have their kind', async t => {
  const index = await indexOf(t, { 'f.txt': 'a\nb\nc\nd\ne\nf\ng\nc\n' })
  const rows = await index.grep('c', { before: 1, after: 1 }).toArray()
  t.deepEqual(
    rows.map(({ kind, line }) => [kind, line]),
    [
      ['before', 2],
      ['match', 3],
      ['after', 4],
      ['before', 7],
      ['match', 8],
    ],
  )
})

test('several patterns: each match says which gave it', async t => {
  const index = await indexOf(t, { 'f.txt': 'red green\nblue\n' })
  const rows = await index.grep(['blue', /gr+een/, 'red'], { attribute: true }).toArray()
  t.deepEqual(
    rows.map(({ patterns }) => patterns),
    [[2, 1], [0]],
  )
})

test('lines come with their matches replaced', async t => {
  const index = await indexOf(t, { 'f.txt': 'v1 and v2\n' })
  const [match] = await index.grep(/v(\d)/, { replace: 'version $1' }).toArray()
  t.is(match?.replaced, 'version 1 and version 2')
})

test('globs and types choose files', async t => {
  const index = await indexOf(t, TREE)
  t.deepEqual((await index.grep('one', { glob: '*.c' }).toArray()).map(at), ['src/b.c:1:int one;'])
  t.deepEqual((await index.grep('one', { typeNot: ['txt', 'c'] }).toArray()).map(at), [])
})

test('hidden files belong to an index that was opened so', async t => {
  const index = await indexOf(t, TREE, { hidden: true })
  t.true((await index.grep('^one$').toArray()).some(({ path }) => path === '.hidden'))
})

test('other encodings', async t => {
  const index = await indexOf(t, TREE)
  t.deepEqual((await index.grep('café', { encoding: 'latin1' }).toArray()).map(at), ['latin.txt:1:café one'])
})

test('multiline: a RegExp sees the whole file', async t => {
  const index = await indexOf(t, { 'f.txt': 'a\nb\nc\n' })
  const [match] = await index.grep(/a\n[^c]+/, { multiline: true }).toArray()
  t.is(match?.text, 'a\nb')
  t.is((await index.grep(/^b/, { multiline: true }).toArray()).length, 0)
  t.is((await index.grep(/^b/m, { multiline: true }).toArray()).length, 1)
})

test('nothing runs before it is asked for, and each way runs once', async t => {
  const index = await indexOf(t, TREE)
  const matches = index.grep('(')
  await t.throwsAsync(matches.toArray(), { code: 'QUERN_INVALID_PATTERN' })
  await t.throwsAsync(matches.count(), { code: 'QUERN_INVALID_PATTERN' })
})

test('calls of next that overlap get their rows in order', async t => {
  const index = await indexOf(t, { 'f.txt': Array.from({ length: 500 }, (_, i) => `line ${i}\n`).join('') })
  const iterator = index.grep('line')[Symbol.asyncIterator]()
  const results = await Promise.all(Array.from({ length: 502 }, () => iterator.next()))
  t.deepEqual(
    results.slice(0, 500).map(({ value }) => (value as Match).line),
    Array.from({ length: 500 }, (_, i) => i + 1),
  )
  t.true(results[500]?.done)
  t.true(results[501]?.done)
})

test('a loop that is left early gives the cursor back', async t => {
  const index = await indexOf(t, { 'f.txt': 'x\n'.repeat(50_000) })
  const matches = index.grep('x')
  for await (const match of matches) {
    if (match.line === 3) break
  }
  t.not(matches.coverage, undefined)
  await t.notThrowsAsync(index.close())
})
