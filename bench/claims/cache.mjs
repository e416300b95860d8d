// Cache: what a hit and a computation cost, beside a Map and a copy of the value; what an answer that is kept saves; memory.
import { join } from 'node:path'
import process from 'node:process'
import { open } from 'quern'
import { createCache } from 'quern/cache'
import { interleaved, shown } from '../statistics.mjs'

const TIMES = 20_000
const KEYS = 1000
const OPERATIONS = 1_000_000
const QUERY = 'slab allocator race'

/** Microseconds that each of `times` turns takes. */
async function microseconds(times, turn) {
  const began = performance.now()
  for (let number = 0; number < times; number++) await turn(number)
  return { microseconds: ((performance.now() - began) * 1e3) / times }
}

const value = number => ({ path: `src/${number}.c`, lines: [number, number + 1], text: 'needle '.repeat(20) })
const key = number => `key:${number % KEYS}`

/** What is done with values, by name. */
async function ways() {
  const cache = createCache()
  const map = new Map()
  const options = { ttl: 60_000, tags: ['bench'] }
  for (let number = 0; number < KEYS; number++) {
    map.set(key(number), value(number))
    await cache.set(key(number), value(number))
  }
  let fresh = 0
  return {
    'Map.get, awaited': async number => map.get(key(number)),
    'cache.get': number => cache.get(key(number)),
    'cache.getOrCompute, kept': number => cache.getOrCompute(key(number), () => value(number), options),
    structuredClone: number => structuredClone(map.get(key(number))),
    'value computed': async number => value(number),
    'cache.set': number => cache.set(key(number), value(number)),
    'cache.getOrCompute, computed': number => cache.getOrCompute(`fresh:${fresh++}`, () => value(number)),
    'cache.getOrCompute, computed, a number': number => cache.getOrCompute(`fresh:${fresh++}`, () => number),
  }
}

/** Heap in MB after each tenth of many operations on more keys than there is room for. */
async function memory() {
  const cache = createCache({ maxEntries: 5000, maxBytes: '4MB' })
  const heap = []
  for (let number = 1; number <= OPERATIONS; number++) {
    const name = `key:${(number * 7919) % 20_000}`
    if (number % 5 === 0) await cache.delete(name)
    else await cache.getOrCompute(name, () => value(number), { tags: [`tag:${number % 50}`] })
    if (number % 1000 === 0) await cache.invalidate({ tags: [`tag:${(number / 1000) % 50}`] })
    if (number % (OPERATIONS / 10) === 0) {
      globalThis.gc?.()
      heap.push(process.memoryUsage().heapUsed / 2 ** 20)
    }
  }
  return heap
}

/** Asks an index that keeps its answers, and one that does not. */
async function answers({ root, scratch, rounds, cores }) {
  const options = { store: join(scratch, 'queries'), threads: cores, refresh: 'none' }
  const [kept, plain] = [await open(root, { ...options, answers: true }), await open(root, options)]
  await kept.ready('terms')
  const results = await interleaved(
    {
      'index.search': () => microseconds(100, () => plain.search(QUERY)),
      'index.search, kept': () => microseconds(2000, () => kept.search(QUERY)),
      'index.suggest': () => microseconds(100, () => plain.suggest('kmal')),
      'index.suggest, kept': () => microseconds(2000, () => kept.suggest('kmal')),
    },
    { rounds },
  )
  await kept.close()
  await plain.close()
  return results
}

export async function measureCache(context) {
  const { rounds } = context
  const all = Object.entries(await ways())
  const contenders = all.map(([name, turn]) => [name, () => microseconds(TIMES, turn)])
  const results = {
    ...(await interleaved(Object.fromEntries(contenders), { rounds, warmups: 2 })),
    ...(await answers(context)),
  }
  const heap = await memory()
  return {
    title: 'Cache: microseconds',
    columns: ['what', 'median'],
    rows: Object.entries(results).map(([name, result]) => [name, shown(result.microseconds)]),
    notes: [
      `Heap after each tenth of ${OPERATIONS.toLocaleString('en')} operations, MB: ${heap.map(shown).join(', ')}.`,
    ],
    raw: { results, heap },
  }
}
