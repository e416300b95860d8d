import { readFileSync, rmSync, statSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import test, { type ExecutionContext } from 'ava'
import { open, type Index, type OpenOptions } from 'quern'
import { emptyFolder, folderOf, indexOf, write } from './support/tree.js'

async function texts(index: Index, pattern: string, freshness?: 'snapshot' | 'verified'): Promise<string[]> {
  const matches = await index.grep(pattern, { freshness }).toArray()
  return matches.map(({ text }) => text).toSorted()
}

async function opened(t: ExecutionContext, root: string, options: OpenOptions): Promise<Index> {
  const index = await open(root, options)
  t.teardown(() => index.close())
  return index
}

test('verified sees edits, new files and removals; snapshot stays until a refresh', async t => {
  const root = folderOf(t, { 'a.txt': 'word old\n', 'b.txt': 'word gone\n' })
  const index = await opened(t, root, { store: emptyFolder(t) })
  write(root, { 'a.txt': 'word edited\n', 'c.txt': 'word new\n' })
  rmSync(join(root, 'b.txt'))
  t.deepEqual(await texts(index, 'word', 'verified'), ['word edited', 'word new'])
  const matches = index.grep('word', { freshness: 'verified' })
  await matches.toArray()
  t.like(matches.coverage?.files, { changed: 1, added: 1, removed: 1 })
  const { files, removed } = await index.refresh()
  t.deepEqual([files, removed > 0], [2, true])
  t.deepEqual(await texts(index, 'word', 'snapshot'), ['word edited', 'word new'])
})

test('an edit of the same length within the same clock tick is seen', async t => {
  const root = folderOf(t, { 'a.txt': 'word aaa\n' })
  const index = await opened(t, root, { store: emptyFolder(t) })
  const { atime, mtime } = statSync(join(root, 'a.txt'))
  write(root, { 'a.txt': 'word bbb\n' })
  utimesSync(join(root, 'a.txt'), atime, mtime)
  t.deepEqual(await texts(index, 'word', 'verified'), ['word bbb'])
})

test('opening again brings the store up to date, unless asked not to', async t => {
  const root = folderOf(t, { 'a.txt': 'first\n' })
  const store = emptyFolder(t)
  await (await open(root, { store })).close()
  write(root, { 'b.txt': 'second\n' })
  const stale = await open(root, { store, refresh: 'none' })
  t.deepEqual(await texts(stale, 'second'), [])
  await stale.close()
  const index = await opened(t, root, { store })
  t.deepEqual(await texts(index, 'second'), ['second'])
})

test('a root may be a file: URL', async t => {
  const root = folderOf(t, { 'a.txt': 'x\n' })
  const index = await opened(t, pathToFileURL(root) as never, { store: emptyFolder(t) })
  t.is(index.stats().root, root)
})

test('progress ends when the opening is done', async t => {
  const opening = open(folderOf(t, { 'a.txt': 'x\n' }), { store: emptyFolder(t) })
  const stages: string[] = []
  for await (const { stage } of opening.progress()) stages.push(stage)
  const index = await opening
  t.teardown(() => index.close())
  t.is(stages.at(-1), 'done')
})

test('stats tell what the index holds and what the build did', async t => {
  const index = await indexOf(
    t,
    { 'a.txt': 'x\n', 'b.bin': 'y\n', 'c.txt': 'z'.repeat(2000) },
    { excludeExtensions: 'bin', maxIndexedSize: '1K' },
  )
  const { files, textBytes, build } = index.stats()
  t.deepEqual([files, textBytes], [1, 2])
  t.is(build?.files, 1)
  t.deepEqual(build?.skipped, [
    { reason: 'extension', files: 1 },
    { reason: 'too-large', files: 1 },
  ])
})

test('check finds a sound index sound', async t => {
  const index = await indexOf(t, { 'a.txt': 'some text\n', 'b.txt': 'other text\n' })
  t.like(await index.check({ sample: 10 }), { files: 2, changed: 0, faults: [] })
})

test('ready resolves while the index is open', async t => {
  const index = await indexOf(t, {})
  await t.notThrowsAsync(index.ready())
})

test('closing ends queries in flight, and twice is once', async t => {
  const index = await indexOf(t, { 'f.txt': 'x y z\n'.repeat(200_000) })
  const running = index.grep('[xyz]').toArray()
  const closed = index.close()
  t.is(index.close(), closed)
  const outcome = await running.then(
    () => 'done',
    (error: unknown) => (error as { code: string }).code,
  )
  t.true(['done', 'QUERN_CLOSED', 'QUERN_ABORTED'].includes(outcome), outcome)
  await closed
})

test('a closed index says so', async t => {
  const index = await indexOf(t, {})
  const matches = index.grep('x')
  await index.close()
  const code = 'QUERN_CLOSED'
  t.throws(() => index.grep('x'), { code })
  t.throws(() => index.stats(), { code })
  await t.throwsAsync(index.refresh(), { code })
  await t.throwsAsync(index.check(), { code })
  await t.throwsAsync(index.ready(), { code })
  await t.throwsAsync(matches.toArray(), { code })
})

test('a closed index lets its store go, whatever is kept of its answers', async t => {
  const store = emptyFolder(t)
  const index = await open(folderOf(t, { 'a.txt': 'word\n' }), { store })
  const matches = index.grep('word')
  t.is((await matches.toArray()).length, 1)
  await index.close()
  if (process.platform === 'linux') t.false(readFileSync('/proc/self/maps', 'utf8').includes(store))
  // Windows removes no file that is mapped.
  t.notThrows(() => {
    rmSync(store, { recursive: true })
  })
  t.true(matches.coverage?.complete)
})

test('await using closes', async t => {
  let kept: Index
  {
    await using index = await open(folderOf(t, {}), { store: emptyFolder(t) })
    kept = index
  }
  t.throws(() => kept.stats(), { code: 'QUERN_CLOSED' })
})
