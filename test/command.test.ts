import { once } from 'node:events'
import { chmodSync, existsSync, mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import test, { type ExecutionContext } from 'ava'
import { quern, startQuern, type Surroundings } from './support/command.js'
import { emptyFolder, type Files, folderOf, write } from './support/tree.js'

const TREE: Files = { 'a.txt': 'one\ntwo\n', 'sub/b.txt': 'two\n' }

function surroundings(t: ExecutionContext, files: Files = TREE): Surroundings {
  return { cwd: folderOf(t, files), stores: emptyFolder(t) }
}

test('--help teaches, --version tells, and nothing at all helps too', t => {
  const around = surroundings(t)
  t.like(quern(['--version'], around), { status: 0, out: 'quern 0.1.0\n' })
  t.regex(quern(['--help'], around).out, /quern grep -l -w PM_RESUME/)
  t.regex(quern(['grep', '--help'], around).out, /--after-context=NUM/)
  t.is(quern([], around).status, 2)
  for (const command of ['index', 'stats', 'check', 'stores', 'cache'])
    t.is(quern([command, '--help'], around).status, 0, command)
})

test('a command line that makes no sense ends with 2 and a sentence', t => {
  const around = surroundings(t)
  const faults = [
    ['grpe'],
    ['grep'],
    ['grep', '-P', 'x'],
    ['grep', 'a('],
    ['index', 'a', 'b'],
    ['index', '--colour'],
    ['index', '--profile', 'tiny'],
    ['index', '--profile', 'small', '--threads', '70000'],
    ['stores', 'mv'],
    ['cache', 'mv'],
    ['cache', 'get'],
    ['cache', 'ls', '--tag', 'a'],
    ['grep', '-E', 'klingon', 'x'],
    ['grep', '-tklingon', 'x'],
  ]
  for (const args of faults) {
    const { status, out, err } = quern(args, around)
    t.deepEqual([status, out], [2, ''], args.join(' '))
    t.regex(err, /^quern: /, args.join(' '))
    t.notRegex(err, /\n\s+at /, args.join(' '))
  }
})

test('a folder without an index has no stats, and is told how to get one', t => {
  const { status, err } = quern(['stats'], surroundings(t))
  t.is(status, 2)
  t.regex(err, /no index yet; `quern index \.` makes one/)
})

test('a pattern that does not parse: the message points at the place', t => {
  t.regex(quern(['grep', 'one(two'], surroundings(t)).err, /one\(two\n\s+\^\n.*unclosed group/)
})

test('the first search makes an index, and an edit a moment later is found', t => {
  const around = surroundings(t)
  t.is(quern(['grep', 'two'], around).out, 'a.txt:two\nsub/b.txt:two\n')
  t.is(readdirSync(around.stores).filter(name => !name.startsWith('.')).length, 1)
  write(around.cwd, { 'a.txt': 'two edited\n', 'c.txt': 'new two\n' })
  t.is(quern(['grep', 'two'], around).out, 'a.txt:two edited\nc.txt:new two\nsub/b.txt:two\n')
})

test('in a subfolder the index above answers', t => {
  const around = surroundings(t)
  quern(['index'], around)
  t.is(quern(['grep', 'two'], { ...around, cwd: join(around.cwd, 'sub') }).out, 'b.txt:two\n')
  t.is(readdirSync(around.stores).filter(name => !name.startsWith('.')).length, 1)
})

test('--no-index leaves nothing behind', t => {
  const around = surroundings(t)
  t.is(quern(['grep', '--no-index', 'one'], around).status, 0)
  t.deepEqual(readdirSync(around.stores), [])
})

test('--store puts the index there', t => {
  const around = surroundings(t)
  const store = join(emptyFolder(t), 'here')
  t.is(quern(['grep', '--store', store, 'one'], around).status, 0)
  t.true(existsSync(store))
  t.deepEqual(readdirSync(around.stores), [])
})

test('index, stats and check tell about a folder', t => {
  const around = surroundings(t)
  const index = quern(['index'], around)
  t.regex(index.out, /2 files, 12 B of text/)
  t.is(index.err, '')
  t.like(JSON.parse(quern(['stats', '--json', 'sub'], around).out), {
    root: around.cwd,
    files: 2,
    textBytes: 12,
  })
  t.regex(quern(['stats'], around).out, /^files {7}2 files/m)
  t.like(quern(['check'], around), { status: 0 })
  t.like(JSON.parse(quern(['check', '--json', '--sample', '1'], around).out), { files: 2, faults: [] })
})

test('stores are listed, pruned and removed', t => {
  const around = surroundings(t)
  quern(['index'], around)
  quern(['index', 'sub'], around)
  const listed = JSON.parse(quern(['stores', 'ls', '--json'], around).out) as { root: string }[]
  t.deepEqual(listed.map(({ root }) => root).toSorted(), [around.cwd, join(around.cwd, 'sub')])
  t.regex(quern(['stores', 'ls'], around).out, /2 stores, /)
  t.is(quern(['stores', 'rm', 'sub'], around).status, 0)
  t.is(quern(['stores', 'rm', 'sub'], around).status, 1)
  t.regex(quern(['stores', 'prune', '--cap', '0'], around).out, /1 store removed/)
  t.deepEqual(JSON.parse(quern(['stores', 'ls', '--json'], around).out), [])
})

test('a file that cannot be read is named, and the others are searched', t => {
  const around = surroundings(t)
  mkdirSync(join(around.cwd, 'locked'))
  write(around.cwd, { 'locked/c.txt': 'two\n' })
  chmodSync(join(around.cwd, 'locked'), 0)
  t.teardown(() => chmodSync(join(around.cwd, 'locked'), 0o700))
  const { status, out, err } = quern(['grep', 'one'], around)
  t.is(out, 'a.txt:one\n')
  // Root reads everything, and Windows has other rights.
  const readable = process.platform === 'win32' || process.getuid?.() === 0
  t.is(status, readable ? 0 : 2)
  t.is(err === '', readable)
})

test('a reader that goes away ends the program quietly', async t => {
  const around = surroundings(t, { 'big.txt': 'word '.repeat(20).concat('\n').repeat(50_000) })
  const child = startQuern(['grep', 'word'], around)
  let err = ''
  child.stderr?.on('data', data => (err += String(data)))
  await once(child.stdout ?? child, 'data')
  child.stdout?.destroy()
  const [status] = (await once(child, 'close')) as [number]
  t.is(status, 0, err)
  t.is(err, '')
})

test('Ctrl-C ends with 130 within a moment', async t => {
  if (process.platform === 'win32') {
    t.pass('Windows has no SIGINT to send')
    return
  }
  const around = surroundings(t, { 'big.txt': 'word '.repeat(20).concat('\n').repeat(200_000) })
  const child = startQuern(['grep', 'word'], around)
  // Nobody reads on after the first piece, so that the program is stuck in writing.
  child.stdout?.once('data', () => child.stdout?.pause())
  await once(child.stdout ?? child, 'data')
  child.kill('SIGINT')
  const exited = once(child, 'exit') as Promise<[number]>
  const patience = new AbortController()
  const ended = await Promise.race([exited, delay(20_000, 'still running', { signal: patience.signal })])
  patience.abort()
  t.deepEqual(ended, [130, null] as never)
})
