/** A tier as the cache uses it: changes one after the other, failures counted instead of thrown, statistics. */
import { Latency, type LatencyStats } from './latency.js'
import type { CacheTier, Entry } from './tier.js'

/** Figures of one layer of a cache, since it was made. */
export interface LayerStats {
  /** `'memory'`, or the tier's. */
  readonly name: string
  readonly hits: number
  readonly misses: number
  /** Calls that failed, and values that could not be read. */
  readonly errors: number
  /** Entries that gave way to others. */
  readonly evictions: number
  readonly entries: number
  readonly bytes: number
  /** How long looking a key up takes, if it was measured: in memory one time of 64, elsewhere each. */
  readonly latency?: LatencyStats | undefined
}

export class Layer {
  hits = 0
  misses = 0
  errors = 0
  readonly #tier: CacheTier
  readonly #latency = new Latency()
  /** Resolves when the changes so far are done. */
  #changes: Promise<void> | undefined

  constructor(tier: CacheTier) {
    this.#tier = tier
  }

  /** What the tier has under a key, after the changes that were asked for before; nothing if it fails. */
  async get(key: string): Promise<Entry | undefined> {
    if (this.#changes !== undefined) await this.#changes
    const began = performance.now()
    try {
      return await this.#tier.get(key)
    } catch {
      this.errors += 1
      return undefined
    } finally {
      this.#latency.add(began)
    }
  }

  /** Changes the tier, after the changes that were asked for before: at once if there are none. If it fails, gives `otherwise`. */
  change<T>(change: (tier: CacheTier) => T | Promise<T>, otherwise: T): Promise<T> {
    const done = this.#carriedOut(this.#changes, change, otherwise)
    const changes = done.then(() => {
      if (this.#changes === changes) this.#changes = undefined
    })
    this.#changes = changes
    return done
  }

  stats(): LayerStats {
    const { hits, misses, errors } = this
    const latency = this.#latency.stats()
    return { name: this.#tier.name, hits, misses, errors, ...this.#tier.stats(), latency }
  }

  async #carriedOut<T>(
    before: Promise<void> | undefined,
    change: (tier: CacheTier) => T | Promise<T>,
    otherwise: T,
  ): Promise<T> {
    if (before !== undefined) await before
    try {
      return await change(this.#tier)
    } catch {
      this.errors += 1
      return otherwise
    }
  }
}
