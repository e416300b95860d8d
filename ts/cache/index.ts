/** The face of `quern/cache`: exports only. An entry of its own, so that `import 'quern'` does not load `lru-cache`. */
export { Cache, type CacheStats, type Compute, createCache } from './cache.js'
export { decode, encode } from './codec.js'
export type { LatencyStats } from './latency.js'
export type { LayerStats } from './layer.js'
export type { CacheOptions, ComputeOptions, EntryOptions, Invalidation } from './options.js'
export type { CacheTier, Entry, EntryInfo } from './tier.js'
