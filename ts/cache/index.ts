/** The face of `quern/cache`: exports only. An entry of its own, so that `import 'quern'` does not load `lru-cache`; the addon is loaded with the first disk tier. */
export { Cache, type CacheStats, type Compute, createCache } from './cache.js'
export { decode, encode } from './codec.js'
export { type DiskTier, diskTier, type DiskTierOptions, type DiskTierStats } from './disk.js'
export type { LatencyStats } from './latency.js'
export type { LayerStats } from './layer.js'
export type { CacheOptions, ComputeOptions, EntryOptions, Invalidation } from './options.js'
export type { CacheTier, Entry, EntryInfo, TierStats } from './tier.js'
