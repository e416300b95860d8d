/**
 * A cache of several layers: values themselves in memory, and behind that tiers which hold them as bytes. What is computed is computed
 * once, however many ask for it at a time.
 *
 * An answer that was dropped does not come back: whatever was under way when it was, a computation or a look into a tier, still
 * answers those who had asked before, but is kept by nobody and joined by nobody.
 */
import { invalidOption, raise } from '../errors.js'
import { decode, encode } from './codec.js'
import { assertLive, type Flight } from './flight.js'
import { Flights } from './flights.js'
import { given, keep } from './keep.js'
import { Latency } from './latency.js'
import { Layer, type LayerStats } from './layer.js'
import { type Held, Memory, NO_TAGS, toHeld } from './memory.js'
import {
  CACHE,
  type CacheOptions,
  cacheOptions,
  type ComputeOptions,
  computeOptions,
  type EntryOptions,
  entryOptions,
  type Invalidation,
  invalidation,
} from './options.js'
import type { CacheTier, Entry } from './tier.js'

/** Makes a value. The signal is aborted when nobody waits for it any more. */
export type Compute<Value> = (work: { readonly signal: AbortSignal }) => Value | Promise<Value>

/** One look into memory of so many is measured: measuring takes longer than looking. */
const MEASURED = 64

/** Figures of a cache, since it was made. */
export interface CacheStats {
  /** The memory first, then the tiers. */
  readonly layers: readonly LayerStats[]
  /** Computations that were started. */
  readonly computed: number
  /** Callers that waited for one that was under way. */
  readonly joined: number
  /** Entries that were too large for the memory. */
  readonly refused: number
}

/** Makes a cache. Throws `QUERN_INVALID_OPTION`. */
export function createCache<Value = unknown>(options?: CacheOptions): Cache<Value> {
  return new Cache(options)
}

/** Values by key. Close it after its last use if it has tiers, or declare it with `await using`. */
export class Cache<Value = unknown> {
  readonly [CACHE] = true
  readonly #options: ReturnType<typeof cacheOptions>
  readonly #memory: Memory
  readonly #layers: readonly Layer[]
  readonly #computing = new Flights<Held>()
  readonly #reading = new Flights<Held | undefined>()
  readonly #latency = new Latency()
  #hits = 0
  #misses = 0
  #computed = 0
  #joined = 0
  #closing: Promise<void> | undefined

  constructor(options?: CacheOptions) {
    this.#options = cacheOptions(options)
    this.#memory = new Memory(this.#options)
    this.#layers = this.#options.tiers.map(tier => new Layer(tier))
  }

  /** The value of a key; `undefined` if there is none. Parts that are frozen are shared with all who get it. */
  async get(key: string): Promise<Value | undefined> {
    const found = this.#look(key) ?? (await this.#read(key))
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what was put in under this key
    return found && (given(found) as Value)
  }

  /**
   * Keeps a copy of a value in all layers. Throws `QUERN_INVALID_OPTION` if it is no data: plain objects, arrays, strings, numbers, dates,
   * maps, sets and bytes; `undefined` stands for no value.
   */
  async set(key: string, value: Value, options?: EntryOptions): Promise<void> {
    this.#assertOpen(key)
    const { ttl, tags } = entryOptions(options)
    if (value === undefined) invalidOption('value', value, 'anything else; `delete` drops a value')
    this.#overtake(key)
    await this.#store(key, this.#held(value, ttl, tags))
  }

  /** Drops the value of a key in all layers. Resolves to whether one had it. */
  async delete(key: string): Promise<boolean> {
    this.#assertOpen(key)
    this.#overtake(key)
    const isHeld = this.#memory.delete(key)
    const deleted = await this.#change(tier => tier.delete(key), false)
    return isHeld || deleted.includes(true)
  }

  /**
   * The value of a key, computed if there is none, once for all who ask meanwhile. A failure reaches all who wait, and is not kept. The
   * first caller's `ttl` and `keep` count, and the tags of all. Throws `QUERN_ABORTED`, `QUERN_TIMEOUT`, and what `compute` throws.
   */
  async getOrCompute<Own extends Value = Value>(
    key: string,
    compute: Compute<NoInfer<Own>>,
    options?: ComputeOptions<NoInfer<Own>>,
  ): Promise<Own> {
    const found = this.#look(key) ?? (await this.#computedOnce(key, compute, options))
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what is computed, or was for this key
    return given(found) as Own
  }

  /** Drops what has one of the tags, and what has a key that matches, in all layers. Resolves to how many entries the fullest layer dropped. */
  async invalidate(what: Invalidation): Promise<number> {
    this.#assertOpen('')
    const { tags = [], pattern } = invalidation(what)
    const [tagged, matching] = await Promise.all([
      tags.length > 0 ? this.#invalidateTagged(tags) : 0,
      pattern === undefined ? 0 : this.#invalidateMatching(pattern),
    ])
    return tagged + matching
  }

  /** Drops everything in all layers. */
  async clear(): Promise<void> {
    this.#assertOpen('')
    this.#computing.overtakeAll()
    this.#reading.overtakeAll()
    this.#memory.clear()
    await this.#change(tier => tier.clear(), undefined)
  }

  stats(): CacheStats {
    const { entries, bytes, evictions, refused } = this.#memory
    const [hits, misses, latency] = [this.#hits, this.#misses, this.#latency.stats()]
    return {
      layers: [
        { name: 'memory', hits, misses, errors: 0, entries, bytes, evictions, latency },
        ...this.#layers.map(layer => layer.stats()),
      ],
      computed: this.#computed,
      joined: this.#joined,
      refused,
    }
  }

  /** Lets go of everything, and closes the tiers once they have what was set. Closing twice does nothing more. */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #close(): Promise<void> {
    this.#computing.overtakeAll()
    this.#reading.overtakeAll()
    this.#memory.clear()
    await this.#change(tier => tier.close(), undefined)
  }

  /** What the memory has; counted, and measured now and then. */
  #look(key: string): Held | undefined {
    this.#assertOpen(key)
    const isMeasured = (this.#hits + this.#misses) % MEASURED === 0
    const began = isMeasured ? performance.now() : 0
    const found = this.#memory.get(key, this.#options.now)
    if (found === undefined) this.#misses += 1
    else this.#hits += 1
    if (isMeasured) this.#latency.add(began)
    return found
  }

  /** What a tier has; looked up once for all who ask meanwhile. */
  async #read(key: string): Promise<Held | undefined> {
    if (this.#layers.length === 0) return undefined
    const reading = this.#reading.get(key) ?? this.#reading.start(key, undefined, read => this.#search(read))
    return reading.wait({})
  }

  /** Asks one tier after the other. What is found is kept by those before it. */
  async #search(read: Flight<Held | undefined>): Promise<Held | undefined> {
    for (const [depth, layer] of this.#layers.entries()) {
      const entry = await layer.get(read.key)
      const found = entry && this.#decoded(layer, entry)
      if (entry === undefined || found === undefined) {
        layer.misses += 1
        continue
      }
      layer.hits += 1
      if (read.isCurrent) {
        this.#memory.set(read.key, found)
        for (const nearer of this.#layers.slice(0, depth))
          void nearer.change(tier => tier.set(read.key, entry), undefined)
      }
      return found
    }
    return undefined
  }

  /** Nothing, if it is out of date or cannot be read. */
  #decoded(layer: Layer, { value, expires, tags }: Entry): Held | undefined {
    if (expires !== undefined && expires <= this.#options.now()) return undefined
    try {
      return toHeld(keep(decode(value)), expires, tags)
    } catch {
      layer.errors += 1
      return undefined
    }
  }

  /** Waits for the computation that is under way for a key, else for a new one. */
  #computedOnce<Own extends Value>(
    key: string,
    compute: Compute<Own>,
    options: ComputeOptions<Own> | undefined,
  ): Promise<Held> {
    const { signal, timeout, ...own } = computeOptions(options)
    assertLive(signal)
    const flight = this.#computing.get(key)
    if (flight === undefined) return this.#compute(key, compute, own).wait({ signal, timeout })
    this.#joined += 1
    for (const tag of own.tags ?? []) flight.tags?.add(tag)
    return flight.wait({ signal, timeout })
  }

  #compute<Own extends Value>(
    key: string,
    compute: Compute<Own>,
    { ttl, tags, keep: isKept = () => true }: ComputeOptions<Own>,
  ): Flight<Held> {
    return this.#computing.start(key, new Set(tags), async flight => {
      const found = this.#layers.length > 0 ? await this.#read(key) : undefined
      if (found !== undefined) return found
      this.#computed += 1
      const value = await compute(flight)
      const made = this.#held(value, ttl, listed(flight.tags))
      if (flight.isCurrent && value !== undefined && isKept(value)) void this.#store(key, made)
      return made
    })
  }

  #held(value: unknown, ttl: number | undefined, tags: readonly string[] = NO_TAGS): Held {
    const counts = ttl ?? this.#options.ttl
    const expires = counts === Infinity ? undefined : this.#options.now() + counts
    return toHeld(keep(value), expires, tags)
  }

  async #store(key: string, entry: Held): Promise<void> {
    this.#memory.set(key, entry)
    if (this.#layers.length === 0) return
    const { value, expires, tags } = entry
    const encoded = {
      value: encode(value, this.#options.compressFrom),
      tags,
      ...(expires !== undefined && { expires }),
    }
    await this.#change(tier => tier.set(key, encoded), undefined)
  }

  async #invalidateTagged(tags: readonly string[]): Promise<number> {
    this.#computing.overtakeTagged(tags)
    this.#reading.overtakeTagged(tags)
    const dropped = this.#memory.deleteTagged(tags)
    return Math.max(dropped, ...(await this.#change(tier => tier.deleteTagged(tags), 0)))
  }

  async #invalidateMatching(pattern: string): Promise<number> {
    this.#computing.overtakeMatching(pattern)
    this.#reading.overtakeMatching(pattern)
    const dropped = this.#memory.deleteMatching(pattern)
    return Math.max(dropped, ...(await this.#change(tier => tier.deleteMatching(pattern), 0)))
  }

  /** What is under way for a key no longer counts. */
  #overtake(key: string): void {
    this.#computing.overtakeKey(key)
    this.#reading.overtakeKey(key)
  }

  #change<T>(change: (tier: CacheTier) => T | Promise<T>, otherwise: T): Promise<T[]> {
    return Promise.all(this.#layers.map(layer => layer.change(change, otherwise)))
  }

  #assertOpen(key: string): void {
    if (typeof key !== 'string') invalidOption('key', key, 'a string')
    if (this.#closing !== undefined)
      raise({ code: 'QUERN_CLOSED', message: 'the cache is closed; make a new one' })
  }
}

/** With no more places than it needs. */
function listed(tags: ReadonlySet<string> | undefined): readonly string[] {
  return tags === undefined || tags.size === 0 ? NO_TAGS : [...tags].slice()
}
