import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import test, { type ExecutionContext } from 'ava'
import { type Index, open, type Watcher, type WatchEvent, type WatchOptions } from 'quern'
import { emptyFolder, folderOf } from './support/tree.js'

async function watched(
  t: ExecutionContext,
  files: Record<string, string>,
  options: WatchOptions = {},
): Promise<[Index, string, Watcher]> {
  const root = folderOf(t, files)
  const index = await open(root, { store: join(emptyFolder(t), 'store') })
  const watcher = await index.watch({ delay: 5, ...options })
  t.teardown(() => index.close())
  return [index, root, watcher]
}

async function found(index: Index, pattern: string, options = {}): Promise<string[]> {
  const matches = await index.grep(pattern, { sort: 'path', ...options }).toArray()
  return matches.map(match => `${match.path}:${match.line}:${match.text}`)
}

/** Reads events until the index says what it should. */
async function until(watcher: Watcher, done: () => Promise<boolean>): Promise<WatchEvent[]> {
  const events: WatchEvent[] = []
  while (!(await done())) {
    const { value } = await watcher.next()
    if (value === undefined) throw new Error('the watch ended')
    if (value.kind === 'failed') throw new Error(value.failure.message)
    events.push(value)
  }
  return events
}

test('edits, new files, saves by rename, moves and removals are indexed as they happen', async t => {
  const [index, root, watcher] = await watched(t, { 'a.txt': 'one\n', 'sub/b.txt': 'two\n' })
  const snapshot = { freshness: 'snapshot' }
  const becomes = async (expected: string[]): Promise<void> => {
    await until(watcher, async () => (await found(index, '.', snapshot)).join('|') === expected.join('|'))
    t.deepEqual(await found(index, '.', { freshness: 'verified' }), expected)
    t.deepEqual(await found(index, '.'), expected)
  }
  writeFileSync(join(root, 'a.txt'), 'edited\n')
  await becomes(['a.txt:1:edited', 'sub/b.txt:1:two'])
  writeFileSync(join(root, 'a.txt.tmp'), 'saved by rename\n')
  renameSync(join(root, 'a.txt.tmp'), join(root, 'a.txt'))
  await becomes(['a.txt:1:saved by rename', 'sub/b.txt:1:two'])
  mkdirSync(join(root, 'new/deep'), { recursive: true })
  writeFileSync(join(root, 'new/deep/c.txt'), 'three\n')
  await becomes(['a.txt:1:saved by rename', 'new/deep/c.txt:1:three', 'sub/b.txt:1:two'])
  writeFileSync(join(root, 'new/deep/c.txt'), 'four\n')
  await becomes(['a.txt:1:saved by rename', 'new/deep/c.txt:1:four', 'sub/b.txt:1:two'])
  renameSync(join(root, 'new'), join(root, 'moved'))
  await becomes(['a.txt:1:saved by rename', 'moved/deep/c.txt:1:four', 'sub/b.txt:1:two'])
  rmSync(join(root, 'sub'), { recursive: true })
  await becomes(['a.txt:1:saved by rename', 'moved/deep/c.txt:1:four'])
  writeFileSync(join(root, '.ignore'), 'moved/\n')
  await becomes(['a.txt:1:saved by rename'])
})

test('a watched query sees what is not indexed yet', async t => {
  const [index, root] = await watched(t, { 'a.txt': 'one\n' }, { delay: 600_000, events: 1_000_000 })
  const matches = index.grep('edited')
  t.deepEqual(await matches.toArray(), [])
  t.is(matches.coverage?.freshness, 'watched')
  t.like(matches.coverage?.watch, { rescanning: false })
  writeFileSync(join(root, 'a.txt'), 'edited\n')
  writeFileSync(join(root, 'b.txt'), 'edited too\n')
  // The system tells of it when it likes: soon, but not at once.
  for (;;) {
    const again = index.grep('edited')
    const rows = await again.toArray()
    if (rows.length < 2) continue
    t.true((again.coverage?.watch?.pending ?? 0) > 0)
    break
  }
  t.deepEqual(await found(index, 'edited', { freshness: 'snapshot' }), [])
})

test('what was given stays while the disk changes', async t => {
  const [index, root, watcher] = await watched(t, { 'a.txt': 'one\n' })
  await index.update('a.txt', 'given\n')
  writeFileSync(join(root, 'a.txt'), 'edited\n')
  writeFileSync(join(root, 'b.txt'), 'new\n')
  await until(watcher, async () => (await found(index, 'new', { freshness: 'snapshot' })).length === 1)
  t.deepEqual(await found(index, '.'), ['a.txt:1:given', 'b.txt:1:new'])
  await index.revert('a.txt')
  t.deepEqual(await found(index, '.'), ['a.txt:1:edited', 'b.txt:1:new'])
})

test('a folder that is polled says so, and follows all the same', async t => {
  const [index, root, watcher] = await watched(t, { 'a.txt': 'one\n' }, { poll: true, interval: 10 })
  t.deepEqual((await watcher.next()).value, { kind: 'polling', reason: 'asked' })
  writeFileSync(join(root, 'b.txt'), 'two\n')
  const events = await until(watcher, async () => (await found(index, 'two')).length === 1)
  t.true(events.every(({ kind }) => kind === 'rescanned'))
  t.is(watcher.coverage?.polling, 'asked')
})

test('closing ends the iteration, and the default freshness is snapshot again', async t => {
  const [index, root, watcher] = await watched(t, { 'a.txt': 'one\n' })
  const waiting = watcher.next()
  await watcher.close()
  await watcher.close()
  t.deepEqual(await waiting, { done: true, value: undefined })
  t.true((await watcher.next()).done)
  t.is(watcher.coverage, undefined)
  writeFileSync(join(root, 'b.txt'), 'one\n')
  const matches = index.grep('one')
  t.is((await matches.toArray()).length, 1)
  t.is(matches.coverage?.freshness, 'snapshot')
  await t.throwsAsync(() => index.grep('x', { freshness: 'watched' }).toArray(), {
    code: 'QUERN_INVALID_OPTION',
    message: /call watch\(\) first/,
  })
})

test('two watches of one index: the last one ends it; closing the index ends all', async t => {
  const [index, , first] = await watched(t, { 'a.txt': 'one\n' })
  const second = await index.watch()
  await first.close()
  t.not(second.coverage, undefined)
  const waiting = second.next()
  await index.close()
  t.true((await waiting).done)
})

test('a watch goes on although nobody holds its watcher', async t => {
  const root = folderOf(t, { 'a.txt': 'one\n' })
  const index = await open(root, { store: join(emptyFolder(t), 'store') })
  t.teardown(() => index.close())
  await index.watch()
  setFlagsFromString('--expose-gc')
  const collect: unknown = runInNewContext('gc')
  for (let round = 0; round < 5; round++) {
    if (typeof collect === 'function') collect()
    await new Promise(setImmediate)
  }
  t.deepEqual(await found(index, 'one', { freshness: 'watched' }), ['a.txt:1:one'])
})
