import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import test, { type ExecutionContext } from 'ava'
import fc from 'fast-check'
import { type DiskTier, diskTier, type DiskTierOptions } from 'quern/cache'
import { type Told, versionOf } from './support/caching.js'
import { Child } from './support/child.js'
import { emptyFolder, inMemory } from './support/tree.js'

const MODULE = JSON.stringify(new URL('../cache/index.js', import.meta.url).href)

function tierOf(t: ExecutionContext, options: DiskTierOptions = {}): DiskTier {
  const tier = diskTier({ path: emptyFolder(t, inMemory()), ...options })
  t.teardown(() => tier.close())
  return tier
}

const bytes = (text: string): Uint8Array => Buffer.from(text)

const shown = (tier: DiskTier, key: string): string | undefined => {
  const entry = tier.get(key)
  return entry && Buffer.from(entry.value).toString()
}

const keys = (tier: DiskTier): string[] => Array.from(tier.entries(), ({ key }) => key).toSorted()

test('a value comes back with its expiry and tags, until it is dropped', async t => {
  const tier = tierOf(t)
  t.is(tier.get('a'), undefined)
  const expires = Date.now() + 3_600_000
  await tier.set('a', { value: bytes('one'), expires, tags: ['x', 'später'] })
  t.deepEqual(tier.get('a'), { value: Buffer.from('one'), expires, tags: ['x', 'später'] })
  await tier.set('a', { value: bytes(''), tags: [] })
  t.deepEqual(tier.get('a'), { value: Buffer.alloc(0), tags: [] })
  t.true(await tier.delete('a'))
  t.false(await tier.delete('a'))
  t.is(tier.get('a'), undefined)
})

test('what has expired is a miss', async t => {
  const tier = tierOf(t)
  await tier.set('past', { value: bytes('x'), expires: Date.now() - 1, tags: [] })
  await tier.set('never', { value: bytes('x'), expires: Number.POSITIVE_INFINITY, tags: [] })
  t.is(tier.get('past'), undefined)
  t.deepEqual(tier.get('never'), { value: Buffer.from('x'), tags: [] })
})

test('entries go by tag, by pattern, or all', async t => {
  const tier = tierOf(t)
  const fill = (): Promise<unknown> =>
    Promise.all(
      Array.from({ length: 600 }, (_, i) =>
        tier.set(`user:${i}`, { value: bytes('x'.repeat(i)), tags: [`even ${i % 2 === 0}`] }),
      ),
    )
  await fill()
  t.is(keys(tier).length, 600)
  t.is(await tier.deleteTagged(['even true', 'nothing']), 300)
  t.is(await tier.deleteMatching('user:?1'), 9)
  t.like(
    [...tier.entries()].find(({ key }) => key === 'user:7'),
    { bytes: 7, tags: ['even false'] },
  )
  const { entries, bytes: held, evictions, maxBytes } = tier.stats()
  t.deepEqual([entries, evictions, maxBytes], [291, 0, 256 * 2 ** 20])
  t.true(held > 50_000 && held < 2 ** 20)
  await tier.clear()
  t.deepEqual(keys(tier), [])
})

test('a tier is a map with strings of any kind as keys', async t => {
  const tier = tierOf(t)
  const key = fc.oneof(fc.string({ unit: 'grapheme', maxLength: 3 }), fc.constant('long '.repeat(500)))
  const step = fc.tuple(key, fc.option(fc.uint8Array({ maxLength: 5000 })))
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 20 }), async steps => {
      await tier.clear()
      const model = new Map<string, Uint8Array>()
      for (const [name, value] of steps) {
        if (value === null) {
          t.is(await tier.delete(name), model.delete(name))
        } else {
          await tier.set(name, { value, tags: [] })
          model.set(name, value)
        }
      }
      t.deepEqual(keys(tier), [...model.keys()].toSorted())
      for (const [name, value] of model) t.deepEqual(tier.get(name)?.value, Buffer.from(value))
    }),
    { numRuns: 30 },
  )
})

test('it stays within its size, and keeps what is used', async t => {
  const tier = tierOf(t, { maxBytes: '1MB' })
  await tier.set('used', { value: bytes('x'), tags: [] })
  for (let i = 0; i < 300; i++) {
    await tier.set(`once ${i}`, { value: new Uint8Array(10_000), tags: [] })
    t.is(shown(tier, 'used'), 'x')
  }
  t.true(tier.stats().evictions > 200)
  t.true(tier.stats().bytes <= 2 ** 20)
  await tier.set('large', { value: bytes('older'), tags: [] })
  await t.throwsAsync(tier.set('large', { value: new Uint8Array(2 ** 18), tags: [] }), {
    code: 'QUERN_DISK_FULL',
    message: /an eighth of the cache/,
  })
  t.is(tier.get('large'), undefined)
})

test('it is there after a restart, and begins anew if it is damaged', async t => {
  const path = join(emptyFolder(t), 'made', 'on the way')
  const first = diskTier({ path, maxBytes: 2 ** 21 })
  await first.set('a', { value: bytes('kept'), tags: [] })
  await first.close()
  const second = diskTier({ path })
  t.is(shown(second, 'a'), 'kept')
  t.is(second.stats().maxBytes, 2 ** 21)
  await second.close()
  const data = readFileSync(join(path, 'data.mdb'))
  writeFileSync(join(path, 'data.mdb'), data.subarray(0, data.length / 2).fill(255, 4096))
  const third = diskTier({ path })
  t.is(third.get('a'), undefined)
  await third.set('a', { value: bytes('new'), tags: [] })
  t.is(shown(third, 'a'), 'new')
  await third.close()
})

test('options and arguments that make no sense are refused', async t => {
  const invalid = { code: 'QUERN_INVALID_OPTION' }
  // @ts-expect-error an option that is misspelt
  t.throws(() => diskTier({ maxByte: 1 }), { ...invalid, message: /did you mean maxBytes/ })
  t.throws(() => diskTier({ maxBytes: 1000 }), { ...invalid, message: /1 MB or more/ })
  t.throws(() => diskTier({ path: 'a\0b' }), invalid)
  const folder = emptyFolder(t)
  writeFileSync(join(folder, 'data.mdb'), 'mine')
  t.throws(() => diskTier({ path: folder }), { ...invalid, message: /holds something that is no cache/ })
  const tier = tierOf(t)
  t.throws(() => tier.get('\ud800'), { ...invalid, message: /well-formed/ })
  await t.throwsAsync(tier.set('a', { value: bytes(''), tags: ['\udc00'] }), invalid)
})

test('a folder that may not be written is told', t => {
  const folder = emptyFolder(t)
  chmodSync(folder, 0o500)
  if (process.platform === 'win32' || process.getuid?.() === 0) {
    t.pass('nothing is refused here')
    return
  }
  t.throws(() => diskTier({ path: join(folder, 'a') }), { code: 'QUERN_PERMISSION' })
})

test('a closed tier says so; other tiers on the folder go on', async t => {
  const path = emptyFolder(t)
  const [first, second] = [diskTier({ path }), diskTier({ path })]
  const written = first.set('a', { value: bytes('x'), tags: [] })
  await first.close()
  await first.close()
  await written
  t.throws(() => first.get('a'), { code: 'QUERN_CLOSED' })
  t.throws(() => first.stats(), { code: 'QUERN_CLOSED' })
  await t.throwsAsync(first.clear(), { code: 'QUERN_CLOSED' })
  t.is(shown(second, 'a'), 'x')
  await second.close()
})

const WRITES = `
  const { parentPort, workerData } = require('node:worker_threads')
  import(${MODULE}).then(async ({ diskTier }) => {
    const tier = diskTier({ path: workerData.path })
    for (let i = 0; i < 20; i++) await tier.set(workerData.name + i, { value: Buffer.from('x'), tags: [] })
    parentPort.postMessage('done')
    for (;;) {
      await tier.set(workerData.name, { value: Buffer.alloc(50_000), tags: [] })
      for (const { key } of tier.entries()) tier.get(key)
    }
  })
`

test('worker threads share a tier, and may be ended at any time', async t => {
  const tier = tierOf(t)
  const workers = ['a', 'b', 'c'].map(
    name => new Worker(WRITES, { eval: true, workerData: { path: tier.path, name } }),
  )
  await Promise.all(workers.map(worker => once(worker, 'message')))
  await Promise.all(workers.map(worker => worker.terminate()))
  const written = keys(tier).filter(key => /\d$/.test(key))
  t.is(written.length, 60)
  await tier.set('after', { value: bytes('x'), tags: [] })
  t.is(shown(tier, 'after'), 'x')
})

for (const [name, program] of [
  ['process.exit in the middle of a write', `tier.set('b', entry); process.exit(7)`],
  ['an end without close', `await tier.set('b', entry); process.exitCode = 7`],
  ['a write nobody waits for', `tier.set('b', entry); process.exitCode = 7`],
  ['a close nobody waits for', `tier.set('b', entry); tier.close(); process.exitCode = 7`],
] as const) {
  test(`${name} ends the process cleanly`, async t => {
    const path = emptyFolder(t)
    const source = `
      import { diskTier } from ${MODULE}
      const tier = diskTier({ path: process.argv[1] })
      const entry = { value: new Uint8Array(1e6), tags: [] }
      await tier.set('a', entry)
      ${program}
    `
    const { status, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', source, path], {
      encoding: 'utf8',
      timeout: 60_000,
    })
    t.is(status, 7, stderr)
    const tier = diskTier({ path })
    t.is(tier.get('a')?.value.length, 1e6)
    if (!name.startsWith('process.exit')) t.is(tier.get('b')?.value.length, 1e6)
    await tier.close()
  })
}

test('processes that are killed leave neither torn nor older values', async t => {
  const path = emptyFolder(t, inMemory())
  const committed = new Map<string, number>()
  const begun = new Map<string, number>()
  let found = 0
  for (let round = 0; round < 6; round++) {
    const children = ['a', 'b'].map(name => new Child<Told>('caching.js', [path, name]))
    await Promise.all(
      children.map(async (child, i) => {
        let left = 20 + round * 7 + i * 5
        for await (const { key, version, committed: isCommitted } of child.lines) {
          ;(isCommitted ? committed : begun).set(key, version)
          left -= 1
          if (left === 0) child.process.kill('SIGKILL')
        }
        t.is(await child.ended, process.platform === 'win32' ? 1 : 'SIGKILL')
      }),
    )
    const tier = diskTier({ path })
    for (const key of keys(tier)) {
      const entry = tier.get(key)
      const version = entry === undefined ? 0 : versionOf(key, entry.value)
      t.true(
        version === committed.get(key) || version === begun.get(key),
        `round ${round}: ${key} has ${version}, not ${committed.get(key)} or ${begun.get(key)}`,
      )
      found += 1
    }
    await tier.close()
  }
  t.true(found > 20, String(found))
})
