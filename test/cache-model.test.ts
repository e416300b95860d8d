/** Caches against models: what is held, what it takes and what gives way; and that nothing comes back that was dropped. */
import test from 'ava'
import fc from 'fast-check'
import { createCache, type Entry, type EntryOptions } from 'quern/cache'
import { MapTier, matchesPlainly } from './support/tiers.js'

const MAX_ENTRIES = 5
const MAX_BYTES = 4000
const MAX_ENTRY = 1500

type Step =
  | { do: 'set' | 'compute'; key: string; letters: number; ttl: number | undefined; tags: string[] }
  | { do: 'get' | 'delete'; key: string }
  | { do: 'tags'; tags: string[] }
  | { do: 'pattern'; pattern: string }
  | { do: 'wait'; time: number }
  | { do: 'clear' }

const key = fc.constantFrom('a', 'b', 'ab', 'ba', 'aab', 'bb', 'abab', '😀a')
const tags = fc.uniqueArray(fc.constantFrom('red', 'green', 'blue'), { maxLength: 2 })
const entry = {
  key,
  letters: fc.integer({ min: 0, max: 1600 }),
  ttl: fc.option(fc.integer({ min: 1, max: 20 }), { nil: undefined }),
  tags,
}
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: fc.record({ do: fc.constant('set' as const), ...entry }) },
    { weight: 4, arbitrary: fc.record({ do: fc.constant('compute' as const), ...entry }) },
    { weight: 4, arbitrary: fc.record({ do: fc.constant('get' as const), key }) },
    fc.record({ do: fc.constant('delete' as const), key }),
    fc.record({ do: fc.constant('tags' as const), tags }),
    fc.record({ do: fc.constant('pattern' as const), pattern: fc.stringMatching(/^[ab*?]{0,4}$/) }),
    fc.record({ do: fc.constant('wait' as const), time: fc.integer({ min: 1, max: 15 }) }),
    fc.record({ do: fc.constant('clear' as const) }),
  ),
  { maxLength: 60 },
)

/** What a cache in memory should hold, in the order in which it would give way. */
class Model {
  readonly held = new Map<string, { text: string; expires: number; tags: readonly string[]; bytes: number }>()
  time = 0
  evictions = 0

  get bytes(): number {
    return [...this.held.values()].reduce((sum, { bytes }) => sum + bytes, 0)
  }

  get(name: string): string | undefined {
    const found = this.held.get(name)
    if (found === undefined) return undefined
    this.held.delete(name)
    if (found.expires <= this.time) return undefined
    this.held.set(name, found)
    return found.text
  }

  set(name: string, text: string, options: EntryOptions, bytes: number): void {
    this.held.delete(name)
    if (bytes > MAX_ENTRY) return
    while (this.held.size >= MAX_ENTRIES || this.bytes + bytes > MAX_BYTES) {
      const [first = ''] = this.held.keys()
      this.held.delete(first)
      this.evictions += 1
    }
    const { ttl = Infinity, tags: own = [] } = options
    this.held.set(name, { text, expires: this.time + ttl, tags: own, bytes })
  }

  drop(isMeant: (name: string, tags: readonly string[]) => boolean): number {
    const names = [...this.held].filter(([name, found]) => isMeant(name, found.tags)).map(([name]) => name)
    for (const name of names) this.held.delete(name)
    return names.length
  }
}

/** What an entry of its own takes. */
async function weight(name: string, text: string, options: EntryOptions): Promise<number> {
  const cache = createCache()
  await cache.set(name, text, options)
  return cache.stats().layers[0]?.bytes ?? 0
}

test('entries, bytes, expiry, tags and what gives way are those of a model', async t => {
  const property = fc.asyncProperty(steps, async all => {
    const model = new Model()
    const limits = { maxEntries: MAX_ENTRIES, maxBytes: MAX_BYTES, maxEntryBytes: MAX_ENTRY }
    const cache = createCache<string>({ ...limits, now: () => model.time })
    for (const [number, step] of all.entries()) {
      if (step.do === 'set' || step.do === 'compute') {
        const { key: name, letters, ttl, tags: own } = step
        const [text, options] = [String(number % 10).repeat(letters), { ttl, tags: own }]
        const known = step.do === 'compute' ? model.get(name) : undefined
        if (known === undefined) model.set(name, text, options, await weight(name, text, options))
        if (step.do === 'set') await cache.set(name, text, options)
        else t.is(await cache.getOrCompute(name, () => text, options), known ?? text)
      } else if (step.do === 'get') t.is(await cache.get(step.key), model.get(step.key))
      else if (step.do === 'delete')
        t.is(await cache.delete(step.key), model.drop(name => name === step.key) > 0)
      else if (step.do === 'tags')
        t.is(
          await cache.invalidate({ tags: step.tags }),
          model.drop((_, own) => own.some(tag => step.tags.includes(tag))),
        )
      else if (step.do === 'pattern')
        t.is(
          await cache.invalidate({ pattern: step.pattern }),
          model.drop(name => matchesPlainly(name, step.pattern)),
        )
      else if (step.do === 'wait') model.time += step.time
      else {
        await cache.clear()
        model.held.clear()
      }
      const { entries, bytes, evictions } = cache.stats().layers[0] ?? {}
      t.deepEqual([entries, bytes, evictions], [model.held.size, model.bytes, model.evictions])
    }
  })
  await fc.assert(property, { numRuns: 300 })
})

/** A tier whose calls take effect, and answer, when the scheduler says. */
class ScheduledTier extends MapTier {
  readonly #scheduler: fc.Scheduler

  constructor(scheduler: fc.Scheduler) {
    super()
    this.#scheduler = scheduler
  }

  override get(name: string): Promise<Entry | undefined> {
    return this.#later('get', () => this.kept.get(name))
  }

  override set(name: string, kept: Entry): Promise<void> {
    return this.#later('set', () => {
      this.kept.set(name, kept)
    })
  }

  override delete(name: string): Promise<boolean> {
    return this.#later('delete', () => this.kept.delete(name))
  }

  async #later<T>(label: string, work: () => T): Promise<T> {
    await this.#scheduler.schedule(Promise.resolve(), label)
    const result = work()
    await this.#scheduler.schedule(Promise.resolve(), `${label} answers`)
    return result
  }
}

const DROPS = ['delete', 'tag', 'pattern', 'clear'] as const
const acts = fc.array(
  fc.record({ act: fc.constantFrom('ask', 'ask', 'get', ...DROPS), turns: fc.integer({ min: 0, max: 4 }) }),
  { minLength: 2, maxLength: 25 },
)

test('whoever asks after a value was dropped gets no older one, in whatever order things happen', async t => {
  const property = fc.asyncProperty(fc.scheduler(), acts, fc.boolean(), async (scheduler, all, hasTier) => {
    const cache = createCache<number>({ tiers: hasTier ? [new ScheduledTier(scheduler)] : [] })
    let version = 0
    const work: Promise<unknown>[] = []
    const compute = async (): Promise<number> => {
      const seen = version
      await scheduler.schedule(Promise.resolve(), 'compute')
      return seen
    }
    const drops = {
      delete: () => cache.delete('key'),
      tag: () => cache.invalidate({ tags: ['tag'] }),
      pattern: () => cache.invalidate({ pattern: 'k?y' }),
      clear: () => cache.clear(),
    }
    const current = async (got: Promise<number | undefined>): Promise<void> => {
      const least = version
      const value = await got
      t.true(value === undefined || value >= least)
    }
    for (const { act, turns } of all) {
      if (act === 'ask') work.push(current(cache.getOrCompute('key', compute, { tags: ['tag'] })))
      else if (act === 'get') work.push(current(cache.get('key')))
      else {
        version += 1
        work.push(drops[act]())
      }
      for (let turn = 0; turn < turns && scheduler.count() > 0; turn++) await scheduler.waitOne()
    }
    await scheduler.waitFor(Promise.all(work))
    t.true(cache.stats().computed <= 1 + version)
  })
  await fc.assert(property, { numRuns: 500 })
})

test('a pattern matches what trying all ways says', async t => {
  const letters = fc.string({ unit: fc.constantFrom('a', 'b', '😀', '*', '?', '.'), maxLength: 8 })
  const property = fc.asyncProperty(letters, letters, async (name, pattern) => {
    const cache = createCache<number>()
    await cache.set(name, 1)
    t.is(await cache.invalidate({ pattern }), matchesPlainly(name, pattern) ? 1 : 0)
  })
  await fc.assert(property, { numRuns: 2000 })
})
