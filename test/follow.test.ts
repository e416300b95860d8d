import { once } from 'node:events'
import { appendFileSync, copyFileSync, mkdirSync, renameSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import test, { type ExecutionContext } from 'ava'
import { type FollowedLine, type Follower, type FollowOptions, type Index, open } from 'quern'
import { quern, startQuern } from './support/command.js'
import { emptyFolder, type Files, folderOf } from './support/tree.js'

async function opened(t: ExecutionContext, files: Files): Promise<[Index, string]> {
  const root = folderOf(t, files)
  const index = await open(root, { store: join(emptyFolder(t), 'store') })
  t.teardown(() => index.close())
  return [index, root]
}

/** The next lines, as `path:text`. */
async function lines(follower: Follower, count: number): Promise<string[]> {
  const found: string[] = []
  while (found.length < count) {
    const { value } = await follower.next()
    if (value === undefined) throw new Error('the follow ended')
    found.push(`${value.path}:${value.text}`)
  }
  return found
}

test('lines that match come as they are written, with their place', async t => {
  const [index, root] = await opened(t, { 'a.log': 'an error before\nand half' })
  const follower = await index.follow('Error', { case: 'insensitive' })
  appendFileSync(join(root, 'a.log'), ' a line\nfine\n\u{1F600} error, ERROR\nerror to be')
  const { value } = await follower.next()
  t.deepEqual(value, {
    path: 'a.log',
    start: 37,
    text: '\u{1F600} error, ERROR',
    ranges: [
      [3, 8],
      [10, 15],
    ],
  } satisfies FollowedLine)
  appendFileSync(join(root, 'a.log'), ' continued\n')
  t.deepEqual(await lines(follower, 1), ['a.log:error to be continued'])
  t.deepEqual([follower.polling, follower.errors], [undefined, []])
})

test('logs are followed over rotation, and new files from their start', async t => {
  const [index, root] = await opened(t, { 'a.log': '' })
  const log = join(root, 'a.log')
  const follower = await index.follow()
  appendFileSync(log, 'one\n')
  t.deepEqual(await lines(follower, 1), ['a.log:one'])
  appendFileSync(log, 'two\n')
  renameSync(log, `${log}.1`)
  writeFileSync(log, 'three\n')
  t.deepEqual((await lines(follower, 2)).toSorted(), ['a.log.1:two', 'a.log:three'])
  appendFileSync(log, 'four\n')
  copyFileSync(log, `${log}.2`)
  truncateSync(log)
  appendFileSync(log, 'five\n')
  t.deepEqual((await lines(follower, 2)).toSorted(), ['a.log.2:four', 'a.log:five'])
  writeFileSync(`${log}.3.gz`, Buffer.from('\x1F\x8B\b\nnot text\n', 'latin1'))
  writeFileSync(join(root, 'binary'), 'a\0b\n')
  mkdirSync(join(root, 'new'))
  writeFileSync(join(root, 'new/b.log'), 'six\n')
  t.deepEqual(await lines(follower, 1), ['new/b.log:six'])
})

test('last lines, globs and inverted patterns', async t => {
  const [index, root] = await opened(t, { 'a.log': 'one\ntwo\nthree\n', 'b.txt': 'other\n', 'c.log': 'x\n' })
  const begin = async (pattern: RegExp | undefined, options: FollowOptions): Promise<Follower> => {
    return await index.follow(pattern, { poll: true, interval: 1, ...options })
  }
  const last = await begin(undefined, { last: 2, glob: '*.log' })
  t.deepEqual(await lines(last, 3), ['a.log:two', 'a.log:three', 'c.log:x'])
  t.is(last.polling, 'asked')
  const inverted = await begin(/t/, { last: 9, invert: true })
  t.deepEqual(await lines(inverted, 2), ['a.log:one', 'c.log:x'])
  const long = await begin(/^\w+$/, { maxLine: 4, glob: 'a.log' })
  appendFileSync(join(root, 'a.log'), '1234567\n')
  t.deepEqual(await lines(long, 2), ['a.log:1234', 'a.log:567'])
})

test('an iteration ends with its follower, the index or the signal', async t => {
  const [index, root] = await opened(t, { 'a.log': '' })
  const closed = await index.follow()
  const waiting = closed.next()
  await closed.close()
  await closed.close()
  t.true((await waiting).done)
  t.true((await closed.next()).done)
  const controller = new AbortController()
  const aborted = await index.follow('x', { signal: controller.signal })
  const failing = t.throwsAsync(aborted.next(), { code: 'QUERN_ABORTED' })
  controller.abort()
  await failing
  await t.throwsAsync(aborted.next(), { code: 'QUERN_ABORTED' })
  {
    await using disposed = await index.follow()
    appendFileSync(join(root, 'a.log'), 'one\ntwo\n')
    for await (const { text } of disposed) {
      t.is(text, 'one')
      break
    }
  }
  const last = await index.follow()
  const end = last.next()
  await index.close()
  t.true((await end).done)
  await t.throwsAsync(index.follow(), { code: 'QUERN_CLOSED' })
})

test('what looks beyond a line is refused', async t => {
  const [index] = await opened(t, {})
  await t.throwsAsync(index.follow('\\Ax'), { code: 'QUERN_INVALID_PATTERN', message: /use \^/ })
  await t.throwsAsync(index.follow('('), { code: 'QUERN_INVALID_PATTERN' })
  await t.throwsAsync(index.follow('x', { maxLine: 0 }), {
    code: 'QUERN_INVALID_OPTION',
    message: /maxLine is 0/,
  })
  await t.throwsAsync(index.follow('x', { multiline: true } as FollowOptions), {
    code: 'QUERN_INVALID_OPTION',
  })
  await t.throwsAsync(index.follow('x', { glob: '{' }), { code: 'QUERN_INVALID_OPTION' })
})

test('quern follow prints lines until Ctrl-C', async t => {
  const around = {
    cwd: folderOf(t, { 'logs/a.log': 'old\n', 'logs/b.txt': 'old\n' }),
    stores: emptyFolder(t),
  }
  const child = startQuern(['follow', '-n', '1', '-g', '*.log', '--color=always', '-i', 'L', 'logs'], around)
  t.teardown(() => child.kill('SIGKILL'))
  if (child.stdout === null) throw new Error('no standard output')
  const output = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const paint = (text: string): string => `\u001B[35mlogs/a.log\u001B[0m:${text}`
  t.is((await output.next()).value, paint('o\u001B[1m\u001B[31ml\u001B[0md'))
  appendFileSync(join(around.cwd, 'logs/a.log'), 'new\nLine\n')
  t.is((await output.next()).value, paint('\u001B[1m\u001B[31mL\u001B[0mine'))
  if (process.platform === 'win32') return
  child.kill('SIGINT')
  t.deepEqual(await once(child, 'exit'), [130, null])
})

test('quern follow gives JSON, and refuses what it cannot do', async t => {
  const around = { cwd: folderOf(t, { 'a.log': 'old\n' }), stores: emptyFolder(t) }
  const child = startQuern(['follow', '--json', '-n', '1', '-F', ''], around)
  t.teardown(() => child.kill('SIGKILL'))
  if (child.stdout === null) throw new Error('no standard output')
  const output = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const { value } = await output.next()
  t.deepEqual(JSON.parse(String(value)), { path: 'a.log', start: 0, text: 'old', ranges: [] })
  t.regex(quern(['follow', '--help'], around).out, /^Usage: quern follow/)
  t.like(quern(['follow', 'x', 'nowhere'], around), { status: 2, err: "quern: 'nowhere' is not a folder\n" })
  t.is(quern(['follow', 'x', '.', 'more'], around).status, 2)
})
