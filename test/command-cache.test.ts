import { existsSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { createCache, diskTier } from 'quern/cache'
import { quern } from './support/command.js'
import { emptyFolder } from './support/tree.js'

const bytes = (text: string): Uint8Array => Buffer.from(text)

test('the command lists, shows and drops what the cache holds', async t => {
  const stores = emptyFolder(t)
  const around = { cwd: stores, stores }
  t.like(quern(['cache', 'ls'], around), { status: 1 })
  t.is(quern(['cache', 'ls', '--json'], around).out, 'null\n')
  t.false(existsSync(join(stores, 'cache')), 'looking makes nothing')
  const tier = diskTier({ path: join(stores, 'cache') })
  t.teardown(() => tier.close())
  await tier.set('user:1', { value: bytes('one'), tags: ['a'], expires: Date.UTC(2100, 0) })
  await tier.set('user:2', { value: bytes('\n\xff'), tags: [] })
  await tier.set('page', { value: bytes('three'), tags: ['a', 'b'] })
  const { status, out } = quern(['cache', 'ls'], around)
  t.is(status, 0)
  t.regex(out, /^ {5}3 B {2}2100-01-01 00:00 {2}user:1 {2}\[a\]$/m)
  t.regex(out, /^ {5}5 B {2}never {13}page {2}\[a, b\]$/m)
  t.regex(out, /^3 values, .* of 256 MB/m)
  const listed = JSON.parse(quern(['cache', 'ls', '--json'], around).out) as { entries: unknown[] }
  t.is(listed.entries.length, 3)
  t.is(quern(['cache', 'get', 'user:1'], around).out, 'one')
  t.like(quern(['cache', 'get', 'user:3'], around), { status: 1, out: '' })
  t.like(JSON.parse(quern(['cache', 'get', 'page', '--json'], around).out), {
    key: 'page',
    value: Buffer.from('three').toString('base64'),
    tags: ['a', 'b'],
  })
  t.is(quern(['cache', 'get', 'none', '--json'], around).out, 'null\n')
  t.is(quern(['cache', 'clear', 'user:?'], around).out, '2 values dropped\n')
  t.is(quern(['cache', 'clear', '--tag', 'b', '--json'], around).out, '{"dropped":1}\n')
  t.is(quern(['cache', 'clear', '--path', join(stores, 'cache')], around).out, '0 values dropped\n')
})

test('what a cache put in is shown as it was', async t => {
  const stores = emptyFolder(t)
  const around = { cwd: stores, stores }
  const cache = createCache({ tiers: [diskTier({ path: join(stores, 'cache') })] })
  t.teardown(() => cache.close())
  await cache.set('answer', { hits: [{ path: 'a.c' }], at: new Date(0), all: new Map([['b', 1]]) })
  await cache.set('text', 'several\nwords '.repeat(1000))
  const shown =
    "{\n  hits: [ { path: 'a.c' } ],\n  at: 1970-01-01T00:00:00.000Z,\n  all: Map(1) { 'b' => 1 }\n}\n"
  t.is(quern(['cache', 'get', 'answer'], around).out, shown)
  t.is(quern(['cache', 'get', 'text'], around).out, `${'several\nwords '.repeat(1000)}\n`)
  t.like(JSON.parse(quern(['cache', 'get', 'answer', '--json'], around).out), {
    key: 'answer',
    value: { hits: [{ path: 'a.c' }], at: '1970-01-01T00:00:00.000Z' },
  })
})
