import test from 'ava'
import { QuernError } from 'quern'
import { type Cache, createCache } from 'quern/cache'
import { MapTier, SlowTier } from './support/tiers.js'

/** Lets everything go on that is not waited for by the test. */
const settled = (): Promise<void> => new Promise(resolve => setImmediate(resolve))

/** Promises with their ends in the test's hand. */
function deferred<T>(): { promise: Promise<T>; resolve: (value: T) => void; reject: (error: Error) => void } {
  let [resolve, reject]: [(value: T) => void, (error: Error) => void] = [() => {}, () => {}]
  const promise = new Promise<T>((resolves, rejects) => {
    resolve = resolves
    reject = rejects
  })
  return { promise, resolve, reject }
}

const code = (error: unknown): string | undefined => (error instanceof QuernError ? error.code : undefined)
const codeOf = async (work: Promise<unknown>): Promise<string | undefined> => work.then(() => undefined, code)

test('what is set is got, until it is deleted', async t => {
  const cache = createCache()
  t.is(await cache.get('a'), undefined)
  await cache.set('a', { text: 'é', list: [1, null, 2.5] })
  t.deepEqual(await cache.get('a'), { text: 'é', list: [1, null, 2.5] })
  t.true(await cache.delete('a'))
  t.false(await cache.delete('a'))
  t.is(await cache.get('a'), undefined)
  await cache.set('falsy', 0)
  t.is(await cache.get('falsy'), 0)
})

test('a value cannot be changed by whoever gave it or got it', async t => {
  const cache = createCache<{ list: number[]; map: Map<string, { at: Date }>; bytes: Uint8Array }>()
  const at = new Date(5)
  const value = { list: [1], map: new Map([['a', { at }]]), bytes: Uint8Array.of(1, 2) }
  await cache.set('a', value)
  value.list.push(2)
  value.map.clear()
  at.setTime(9)
  const got = await cache.get('a')
  got?.map.get('a')?.at.setTime(7)
  got?.bytes.fill(0)
  t.throws(() => got?.list.push(3), { instanceOf: TypeError })
  const expected = { list: [1], map: new Map([['a', { at: new Date(5) }]]), bytes: Uint8Array.of(1, 2) }
  t.deepEqual(await cache.get('a'), expected)
})

test('data of every kind comes out as it went in, from memory and from a tier', async t => {
  const around: Record<string, unknown> = { name: 'around' }
  around['itself'] = around
  const values: unknown[] = [
    null,
    true,
    -0,
    Number.NaN,
    1.5,
    2n ** 70n,
    -(2n ** 64n),
    '',
    'plain',
    '漢字 \uD800',
    'x'.repeat(50),
    { ['__proto__']: 1, 1: 'one', nested: { a: [] } },
    new Date(3),
    new Set([1, 'a']),
    new Map<unknown, unknown>([[{ k: 1 }, 2n]]),
    Buffer.from('bytes'),
    Float64Array.of(1.5),
    Uint16Array.of(1, 2),
    new Uint8Array(3).buffer,
    new DataView(Uint8Array.of(1, 2, 3, 4).buffer, 1, 2),
    around,
  ]
  const tier = new MapTier()
  const cache = createCache({ tiers: [tier], compressFrom: 32 })
  for (const [place, value] of values.entries()) {
    await cache.set(String(place), value)
    t.deepEqual(await cache.get(String(place)), value)
  }
  const other = createCache({ tiers: [tier] })
  for (const [place, value] of values.entries()) t.deepEqual(await other.get(String(place)), value)
  t.deepEqual(Object.keys(Object(await cache.get('11'))), ['1', '__proto__', 'nested'])
  t.deepEqual(other.stats().layers[1]?.hits, values.length)
})

test('what is no data is refused', async t => {
  const cache = createCache()
  class Own {
    readonly name = 'own'
  }
  let deep: unknown = 1
  for (let depth = 0; depth < 2000; depth++) deep = [deep]
  const values = [undefined, () => 1, Symbol('a'), new Own(), new Error('e'), /a/u, [new Own()], deep]
  for (const value of values) t.is(await codeOf(cache.set('a', value)), 'QUERN_INVALID_OPTION')
  t.is(await codeOf(cache.getOrCompute('a', () => new Own())), 'QUERN_INVALID_OPTION')
  t.is(await cache.get('a'), undefined)
  t.is(await cache.getOrCompute('a', () => undefined), undefined)
  t.is(cache.stats().layers[0]?.entries, 0)
})

test('options that make no sense are refused', async t => {
  const made: [object, RegExp][] = [
    [{ maxEntries: 0 }, /^maxEntries is 0; it should be a whole number, 1 or more$/u],
    [{ maxBytes: '0' }, /^maxBytes/u],
    [{ maxEntryBytes: '2GB' }, /^maxEntryBytes is 2147483648; it should be at most maxBytes/u],
    [{ ttl: 0 }, /^ttl/u],
    [{ compressFrom: -1 }, /^compressFrom/u],
    [
      { tiers: [{ name: 'a' }] },
      /^tiers is an array; it should be an array of tiers: each with a name and get, /u,
    ],
    [{ tiers: [null] }, /^tiers/u],
    [{ now: 5 }, /^now/u],
    [{ maxByte: 5 }, /there is no such option \(did you mean maxBytes\?\)/u],
  ]
  for (const [options, message] of made)
    t.throws(() => createCache(options), { code: 'QUERN_INVALID_OPTION', message })
  const cache = createCache()
  const entries: object[] = [{ ttl: 0 }, { tags: 'a' }, { tags: [1] }, { keep: true }]
  for (const options of entries) {
    t.is(await codeOf(cache.set('a', 1, options)), 'QUERN_INVALID_OPTION')
    t.is(await codeOf(cache.getOrCompute('a', () => 1, options)), 'QUERN_INVALID_OPTION')
  }
  t.is(await codeOf(cache.invalidate(Object({ pattern: 5 }))), 'QUERN_INVALID_OPTION')
  // @ts-expect-error a key is a string
  t.is(await codeOf(cache.get(5)), 'QUERN_INVALID_OPTION')
})

test('a hundred callers have it computed once, and later ones not at all', async t => {
  const cache = createCache()
  const { promise, resolve } = deferred<object>()
  let computed = 0
  const compute = (): Promise<object> => {
    computed += 1
    return promise
  }
  const callers = Array.from({ length: 100 }, () => cache.getOrCompute('a', compute))
  resolve({ a: 1 })
  const answers = await Promise.all(callers)
  t.is(new Set(answers).size, 1)
  t.is(await cache.getOrCompute('a', compute), answers[0])
  t.deepEqual([computed, cache.stats().computed, cache.stats().joined], [1, 1, 99])
})

test('a failure reaches all who wait, and is not kept', async t => {
  const cache = createCache()
  const { promise, reject } = deferred<number>()
  const callers = [cache.getOrCompute('a', () => promise), cache.getOrCompute('a', () => 2)]
  reject(new Error('no'))
  for (const caller of callers) await t.throwsAsync(caller, { message: 'no' })
  await t.throwsAsync(
    cache.getOrCompute('a', () => {
      throw new TypeError('at once')
    }),
    { message: 'at once' },
  )
  t.is(await cache.getOrCompute('a', () => 3), 3)
})

test('a signal or a timeout ends the wait of its caller alone', async t => {
  const cache = createCache()
  const { promise, resolve } = deferred<number>()
  let given: AbortSignal | undefined
  const controller = new AbortController()
  const reason = new Error('enough')
  const compute = ({ signal }: { signal: AbortSignal }): Promise<number> => {
    given = signal
    return promise
  }
  const impatient = cache.getOrCompute('a', compute, { signal: controller.signal })
  const late = cache.getOrCompute('a', compute, { timeout: 0 })
  const patient = cache.getOrCompute('a', compute, { signal: new AbortController().signal, timeout: 1e12 })
  controller.abort(reason)
  await t.throwsAsync(impatient, { code: 'QUERN_ABORTED', name: 'AbortError' })
  t.is((await t.throwsAsync(impatient))?.cause, reason)
  await t.throwsAsync(late, { code: 'QUERN_TIMEOUT' })
  t.false(given?.aborted)
  resolve(5)
  t.is(await patient, 5)
  t.is(await cache.get('a'), 5)
  await t.throwsAsync(cache.getOrCompute('b', compute, { signal: controller.signal }), {
    code: 'QUERN_ABORTED',
  })
  t.is(cache.stats().computed, 1)
})

test('when nobody waits any more the computation is told, and the next caller starts another', async t => {
  const cache = createCache()
  const [first, second] = [deferred<number>(), deferred<number>()]
  let given: { readonly signal: AbortSignal } | undefined
  const controllers = [new AbortController(), new AbortController()]
  const waits = controllers.map(({ signal }) =>
    cache.getOrCompute(
      'a',
      work => {
        given = work
        return first.promise
      },
      { signal },
    ),
  )
  controllers[0]?.abort()
  t.false(given?.signal.aborted)
  controllers[1]?.abort()
  t.true(given?.signal.aborted)
  for (const wait of waits) t.is(await codeOf(wait), 'QUERN_ABORTED')
  const next = cache.getOrCompute('a', () => second.promise)
  first.resolve(1)
  await settled()
  t.is(await cache.get('a'), undefined)
  second.resolve(2)
  t.is(await next, 2)
  t.is(await cache.get('a'), 2)
})

/** Each drops what is kept under `a:1` with the tag `t`. */
const DROPS: Record<string, (cache: Cache) => Promise<unknown>> = {
  delete: cache => cache.delete('a:1'),
  set: cache => cache.set('a:1', 'set').then(() => cache.delete('a:1')),
  tag: cache => cache.invalidate({ tags: ['t'] }),
  pattern: cache => cache.invalidate({ pattern: 'a:?' }),
  clear: cache => cache.clear(),
}

for (const [name, drop] of Object.entries(DROPS)) {
  test(`${name} keeps what is being computed from being kept, and from being joined`, async t => {
    const cache = createCache()
    const [first, second] = [deferred<string>(), deferred<string>()]
    const before = cache.getOrCompute('a:1', () => first.promise, { tags: ['s'] })
    const joined = cache.getOrCompute('a:1', () => 'never', { tags: ['t'] })
    await cache.invalidate({ tags: ['u'], pattern: 'b*' })
    await drop(cache)
    const after = cache.getOrCompute('a:1', () => second.promise, { tags: ['t'] })
    second.resolve('new')
    t.is(await after, 'new')
    first.resolve('old')
    t.deepEqual([await before, await joined], ['old', 'old'])
    t.is(await cache.get('a:1'), 'new')
  })

  test(`${name} keeps what is being read from a tier from being kept`, async t => {
    const tier = new SlowTier()
    await createCache({ tiers: [Object.assign(new MapTier(), { kept: tier.kept })] }).set('a:1', 'old', {
      tags: ['t'],
    })
    const cache = createCache({ tiers: [tier] })
    const before = cache.get('a:1')
    await settled()
    const dropped = drop(cache)
    while (tier.waiting > 0) {
      tier.next()
      await settled()
    }
    await dropped
    t.is(await before, 'old')
    const after = cache.get('a:1')
    await settled()
    tier.next()
    t.is(await after, undefined)
  })
}

test('a value is kept only if `keep` says so', async t => {
  const cache = createCache<number>()
  const keep = (value: number): boolean => value > 1
  t.is(await cache.getOrCompute('a', () => 1, { keep }), 1)
  t.is(await cache.getOrCompute('a', () => 2, { keep }), 2)
  t.is(await cache.getOrCompute('a', () => 3, { keep }), 2)
})

test('tiers answer what the memory has lost, and a farther one fills the nearer', async t => {
  const [near, far] = [new MapTier(), new MapTier()]
  const cache = createCache({ tiers: [near, far], maxEntries: 1 })
  await cache.set('a', 'first', { tags: ['t'] })
  await cache.set('b', 'second')
  near.clear()
  t.is(await cache.getOrCompute('a', () => 'never'), 'first')
  t.deepEqual([...near.kept.keys()], ['a'])
  t.deepEqual(near.kept.get('a'), far.kept.get('a'))
  const [memory, ...tiers] = cache.stats().layers
  t.like(memory, { name: 'memory', hits: 0, misses: 1, entries: 1, evictions: 2 })
  t.like(tiers[0], { name: 'map', hits: 0, misses: 1, errors: 0, entries: 1 })
  t.like(tiers[1], { name: 'map', hits: 1, misses: 0, entries: 2, latency: { count: 1 } })
  t.is(await cache.invalidate({ tags: ['t'] }), 1)
  t.deepEqual([await cache.get('a'), near.kept.size, far.kept.size], [undefined, 0, 1])
  await cache.clear()
  t.is(far.kept.size, 0)
})

test('a change of a tier waits for those before it, and so does a look', async t => {
  const tier = new SlowTier()
  const cache = createCache({ tiers: [tier] })
  const work = [cache.set('a', 1), cache.delete('a'), cache.get('a')]
  for (let calls = 0; calls < 3; calls++) {
    await settled()
    t.is(tier.waiting, 1)
    tier.next()
  }
  t.deepEqual(await Promise.all(work), [undefined, true, undefined])
})

test('a tier that fails is a miss and an error', async t => {
  const tier = new MapTier()
  const cache = createCache({ tiers: [tier], maxEntries: 1 })
  await cache.set('bad', 1)
  await cache.set('worse', 1)
  await cache.set('other', 1)
  tier.kept.set('bad', { value: Uint8Array.of(77, 1, 2), tags: [] })
  tier.kept.set('worse', { value: Uint8Array.of(2, 9, 0, 0, 0, 1, 2, 3), tags: [] })
  t.is(await cache.get('bad'), undefined)
  t.is(await cache.getOrCompute('worse', () => 5), 5)
  tier.get = () => {
    throw new Error('broken')
  }
  tier.set = () => Promise.reject(new Error('broken'))
  t.is(await cache.get('bad'), undefined)
  await cache.set('more', 1)
  t.is(await cache.get('more'), 1)
  t.like(cache.stats().layers[1], { errors: 4, hits: 0, misses: 3 })
})

test('a closed cache says so, and has closed its tiers', async t => {
  const tier = new MapTier()
  const cache = createCache({ tiers: [tier] })
  {
    await using closing = cache
    await closing.set('a', 1)
  }
  t.true(tier.isClosed)
  await cache.close()
  const calls = [cache.get('a'), cache.set('a', 1), cache.delete('a'), cache.getOrCompute('a', () => 1)]
  for (const call of [...calls, cache.invalidate({}), cache.clear()]) t.is(await codeOf(call), 'QUERN_CLOSED')
})

test('large values are compressed for the tiers, small ones and those that gain nothing are not', async t => {
  const tier = new MapTier()
  const cache = createCache({ tiers: [tier], compressFrom: '1KB' })
  const noise = Buffer.from(Array.from({ length: 3000 }, (_, place) => (place * place * 7919) >> 5))
  await cache.set('large', 'needle '.repeat(1000))
  await cache.set('small', 'needle')
  const bytes = (key: string): number => tier.kept.get(key)?.value.length ?? 0
  t.true(bytes('large') < 500)
  t.true(bytes('small') < 20)
  await cache.set('noise', noise)
  t.deepEqual(await createCache({ tiers: [tier] }).get('noise'), noise)
})
