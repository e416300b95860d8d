import { getEventListeners } from 'node:events'
import { join } from 'node:path'
import test from 'ava'
import { open, QuernError } from 'quern'
import { emptyFolder, folderOf, indexOf } from './support/tree.js'

test('a folder that is not there', async t => {
  const root = join(emptyFolder(t), 'none')
  const error = await t.throwsAsync(open(root), { instanceOf: QuernError, code: 'QUERN_NOT_FOUND' })
  t.is(error?.path, root)
})

test('a file as root', async t => {
  const root = join(folderOf(t, { 'a.txt': 'x' }), 'a.txt')
  await t.throwsAsync(open(root, { store: emptyFolder(t) }), { code: 'QUERN_NOT_A_FOLDER' })
})

test('a pattern that does not parse: the error points at the place', async t => {
  const index = await indexOf(t, {})
  const error = await t.throwsAsync(index.grep(['ok', 'a(b']).toArray(), { code: 'QUERN_INVALID_PATTERN' })
  t.like(error, { pattern: 1, offset: 1, stage: 'pattern' })
})

test('a pattern that explodes is refused by size', async t => {
  const index = await indexOf(t, {})
  await t.throwsAsync(index.grep('(\\w{1000}){1000}').toArray(), { code: 'QUERN_PATTERN_TOO_LARGE' })
})

test('a signal that is aborted already', async t => {
  const index = await indexOf(t, { 'a.txt': 'x\n' })
  const signal = AbortSignal.abort(new Error('enough'))
  const error = await t.throwsAsync(index.grep('x', { signal }).toArray(), {
    code: 'QUERN_ABORTED',
    name: 'AbortError',
  })
  t.like(error?.cause, { message: 'enough' })
  t.throws(() => open('.', { signal }), { code: 'QUERN_ABORTED' })
  await t.throwsAsync(index.refresh({ signal }), { code: 'QUERN_ABORTED' })
})

test('a signal that is aborted while an answer is read', async t => {
  const index = await indexOf(t, { 'a.txt': 'x\n'.repeat(300_000) })
  const controller = new AbortController()
  const error = await t.throwsAsync(
    async () => {
      for await (const { line } of index.grep('x', { signal: controller.signal })) {
        if (line === 10) controller.abort('enough')
      }
    },
    { code: 'QUERN_ABORTED' },
  )
  t.is(error?.cause, 'enough')
})

test('signals are given back: no listener stays, and onabort is left alone', async t => {
  const index = await indexOf(t, { 'a.txt': 'x\n'.repeat(1000) })
  const controller = new AbortController()
  const { signal } = controller
  let aborted = 0
  // oxlint-disable-next-line unicorn/prefer-add-event-listener -- the handler that napi's own wiring would replace
  signal.onabort = () => aborted++
  const before = getEventListeners(signal, 'abort').length
  await index.grep('x', { signal }).toArray()
  for await (const match of index.grep('x', { signal })) {
    if (match.line > 1) break
  }
  await t.throwsAsync(index.grep('(', { signal }).toArray())
  await index.refresh({ signal })
  await index.check({ signal })
  t.is(getEventListeners(signal, 'abort').length, before)
  controller.abort()
  t.is(aborted, 1)
})

test('a timeout', async t => {
  const index = await indexOf(t, { 'a.txt': 'x\n' })
  await t.throwsAsync(index.grep('x', { timeout: 0 }).toArray(), { code: 'QUERN_TIMEOUT' })
  await t.notThrowsAsync(index.grep('x', { timeout: 600_000 }).toArray())
  await t.throwsAsync(open(folderOf(t, {}), { store: emptyFolder(t), timeout: 0 }), { code: 'QUERN_TIMEOUT' })
})

test('a RegExp that cannot be searched exactly is refused at once', async t => {
  const index = await indexOf(t, {})
  t.throws(() => index.grep(/a(?=b)/), { code: 'QUERN_INVALID_PATTERN', message: /lookahead/ })
})
