import { mkdirSync, renameSync, unlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { type Index, open } from 'quern'
import { emptyFolder, folderOf } from './support/tree.js'

async function opened(
  t: ExecutionContext,
  files: Record<string, string>,
  options = {},
): Promise<[Index, string]> {
  const root = folderOf(t, files)
  const index = await open(root, { store: join(emptyFolder(t), 'store'), ...options })
  t.teardown(() => index.close())
  return [index, root]
}

async function found(index: Index, pattern: string, options = {}): Promise<string[]> {
  const matches = await index.grep(pattern, { sort: 'path', ...options }).toArray()
  return matches.map(match => `${match.path}:${match.line}:${match.text}`)
}

test('an update is searchable when it resolves, whatever is on disk', async t => {
  const [index] = await opened(t, { 'a.txt': 'old\n' })
  const applied = await index.update('a.txt', 'first\nnew words\n')
  t.like(applied, { indexed: 1, removed: 0, errorCount: 0 })
  t.deepEqual(await found(index, 'new'), ['a.txt:2:new words'])
  t.deepEqual(await found(index, 'old'), [])
  t.deepEqual(await found(index, 'old|new', { freshness: 'verified' }), ['a.txt:2:new words'])
  t.deepEqual(await found(index, 'words', { context: 1 }), ['a.txt:1:first', 'a.txt:2:new words'])
  await index.update('not/on/disk.txt', new TextEncoder().encode('new file'))
  t.deepEqual(await found(index, 'new', { freshness: 'verified' }), [
    'a.txt:2:new words',
    'not/on/disk.txt:1:new file',
  ])
  t.deepEqual(await index.grep('new').count(), { files: 2, lines: 2, matches: 2 })
})

test('what was given outlives a refresh and a restart, until it is reverted', async t => {
  const root = folderOf(t, { 'a.txt': 'on disk\n' })
  const store = join(emptyFolder(t), 'store')
  const index = await open(root, { store })
  await index.update('a.txt', 'given\n')
  t.true(await index.flush())
  t.false(await index.flush())
  writeFileSync(join(root, 'a.txt'), 'edited on disk\n')
  await index.refresh()
  t.deepEqual(await found(index, '.'), ['a.txt:1:given'])
  await index.close()
  const again = await open(root, { store })
  t.teardown(() => again.close())
  t.deepEqual(await found(again, '.'), ['a.txt:1:given'])
  await again.revert('a.txt')
  t.deepEqual(await found(again, '.'), ['a.txt:1:edited on disk'])
})

test('close makes durable what was applied', async t => {
  const root = folderOf(t, { 'a.txt': 'one\n' })
  const store = join(emptyFolder(t), 'store')
  const index = await open(root, { store })
  await index.update('b.txt', 'two\n')
  await index.close()
  const again = await open(root, { store, refresh: 'none' })
  t.teardown(() => again.close())
  t.deepEqual(await found(again, 'two'), ['b.txt:1:two'])
})

test('removes count at once, for folders too; what is still on disk comes back with a refresh', async t => {
  const [index] = await opened(t, { 'a/b.txt': 'x\n', 'a/c/d.txt': 'x\n', 'e.txt': 'x\n' })
  t.like(await index.remove('a'), { removed: 2 })
  t.deepEqual(await found(index, 'x'), ['e.txt:1:x'])
  t.deepEqual((await found(index, 'x', { freshness: 'verified' })).length, 3)
  await index.refresh()
  t.deepEqual((await found(index, 'x')).length, 3)
})

test('the disk is read for paths without content: files, folders and what rules govern', async t => {
  const [index, root] = await opened(t, { 'a.txt': 'x\n', 'sub/b.txt': 'x\n' })
  mkdirSync(join(root, 'new'))
  renameSync(join(root, 'sub/b.txt'), join(root, 'new/c.txt'))
  writeFileSync(join(root, 'a.txt'), 'y\n')
  await index.apply([{ path: 'a.txt' }, { path: 'sub' }, { path: join(root, 'new') }])
  t.deepEqual(await found(index, '.'), ['a.txt:1:y', 'new/c.txt:1:x'])
  writeFileSync(join(root, '.ignore'), 'new/\n')
  await index.update('.ignore')
  t.deepEqual(await found(index, '.'), ['a.txt:1:y'])
})

test('what a file of rules hid is there once the rules are removed', async t => {
  const [index, root] = await opened(t, { '.ignore': 'hidden.txt\n', 'hidden.txt': 'x\n' })
  t.deepEqual(await found(index, 'x'), [])
  unlinkSync(join(root, '.ignore'))
  await index.remove('.ignore')
  t.deepEqual(await found(index, 'x'), ['hidden.txt:1:x'])
})

test('many changes at once, and the last word on each path counts', async t => {
  const [index] = await opened(t, { 'a.txt': 'x\n' })
  const changes = Array.from({ length: 1000 }, (_, number) => ({
    path: `many/${number}.txt`,
    content: `number ${number}\n`,
  }))
  const applied = await index.apply([
    ...changes,
    { path: 'many/7.txt', content: null },
    { path: 'many/8.txt', content: 'eight' },
  ])
  t.is(applied.indexed, 999)
  t.is((await index.grep('^number').count()).lines, 998)
  t.deepEqual(await found(index, 'eight'), ['many/8.txt:1:eight'])
  await index.flush()
  t.true(await index.compact())
  t.is(index.stats().segments, 1)
  t.is((await index.grep('^number').count()).lines, 998)
})

test('of a folder and a file in it, what was said last counts', async t => {
  const [index] = await opened(t, { 'a/b.txt': 'disk\n', 'a/c.txt': 'disk\n' })
  const given = { path: 'a/b.txt', content: 'given\n' }
  await index.apply([given, { path: 'a', content: null }])
  t.deepEqual(await found(index, '.'), [])
  await index.apply([{ path: 'a', content: null }, given])
  t.deepEqual(await found(index, '.'), ['a/b.txt:1:given'])
  await index.apply([{ path: 'a' }, given])
  t.deepEqual(await found(index, '.'), ['a/b.txt:1:given', 'a/c.txt:1:disk'])
  await index.apply([{ path: 'a' }, { path: 'a/c.txt', content: null }])
  t.deepEqual(await found(index, '.'), ['a/b.txt:1:disk'])
  await index.apply([{ path: 'a', content: null }, { path: 'a/c.txt' }])
  t.deepEqual(await found(index, '.'), ['a/c.txt:1:disk'])
  await index.apply([given, { path: 'a' }])
  t.deepEqual(await found(index, '.'), ['a/b.txt:1:disk', 'a/c.txt:1:disk'])
})

test('a text that is given in the place of a folder takes back nothing that was said of the folder before', async t => {
  const [index, root] = await opened(t, { 'a/b.txt': 'disk\n', 'a/c.txt': 'disk\n', 'd/e.txt': 'disk\n' })
  const given = { path: 'a', content: 'given\n' }
  await index.apply([{ path: 'a/b.txt', content: null }, given])
  t.deepEqual(await found(index, '.'), ['a:1:given', 'a/c.txt:1:disk', 'd/e.txt:1:disk'])
  await index.apply([{ path: 'a', content: null }, given])
  t.deepEqual(await found(index, '.'), ['a:1:given', 'd/e.txt:1:disk'])
  writeFileSync(join(root, 'd/e.txt'), 'edited\n')
  await index.apply([{ path: 'd' }, { path: 'd', content: 'given\n' }])
  t.deepEqual(await found(index, '.'), ['a:1:given', 'd:1:given', 'd/e.txt:1:edited'])
})

test('each change has a snapshot id of its own, and a query keeps to the one it began with', async t => {
  const [index] = await opened(t, { 'a.txt': 'x\n'.repeat(3) })
  const before = index.stats().snapshot
  const matches = index.grep('x')
  const iterator = matches[Symbol.asyncIterator]()
  await iterator.next()
  const { snapshot } = await index.update('b.txt', 'x\n')
  t.not(snapshot, before)
  let rows = 1
  while (!(await iterator.next()).done) rows += 1
  t.is(rows, 3)
  t.is(matches.coverage?.snapshot, before)
  t.is((await index.grep('x').count()).lines, 4)
})

test('bad changes are refused with what to do, and none is applied', async t => {
  const [index, root] = await opened(t, { 'a.txt': 'x\n' })
  const bad = ['..', '../x', '/elsewhere/x', root, 'a\0b', '']
  for (const path of bad) {
    const changes = [
      { path: 'ok.txt', content: 'x' },
      { path, content: 'x' },
    ]
    await t.throwsAsync(async () => index.apply(changes), { code: 'QUERN_INVALID_OPTION' }, path)
  }
  // @ts-expect-error -- what JavaScript may pass
  await t.throwsAsync(async () => index.update('a.txt', 7), { code: 'QUERN_INVALID_OPTION' })
  t.deepEqual(await found(index, 'x'), ['a.txt:1:x'])
  await index.close()
  await t.throwsAsync(async () => index.update('a.txt', 'x'), { code: 'QUERN_CLOSED' })
})

test('a file that was given is searched as any other: encodings, NUL, types and globs', async t => {
  const [index] = await opened(t, { 'a.txt': 'x\n' })
  await index.update(
    'u.txt',
    Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from('wide needle', 'utf16le')]),
  )
  await index.update('n.bin', 'needle\0needle\n')
  await index.update('s.rs', 'fn needle() {}\n')
  t.deepEqual(await found(index, 'needle'), ['s.rs:1:fn needle() {}', 'u.txt:1:wide needle'])
  t.deepEqual(await found(index, 'needle', { type: 'rust' }), ['s.rs:1:fn needle() {}'])
  t.is((await found(index, 'needle', { binary: 'text' })).length, 3)
})

test('what is in memory is flushed by itself, by size', async t => {
  const [index] = await opened(t, { 'a.txt': 'x\n' }, { overlay: 1 })
  await index.update('b.txt', 'y\n')
  t.like(index.stats(), { overlaySegments: 0, segments: 2, generation: 2 })
})
