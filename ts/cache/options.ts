/** Options of a cache. Apart from the cache, so that they can be checked before that is loaded. */
import { invalidOption } from '../errors.js'
import { type Check, type Checks, checked, count, milliseconds, type Size, signal, size } from '../checks.js'
import type { CallOptions } from '../native/call.js'
import type { CacheTier } from './tier.js'

/** Options of {@link createCache}. */
export interface CacheOptions {
  /** Entries in memory at most. Default: 10,000. */
  readonly maxEntries?: number | undefined
  /** Bytes in memory at most. Default: 64 MiB. */
  readonly maxBytes?: Size | undefined
  /** A larger entry is not held in memory. Default: an eighth of `maxBytes`. */
  readonly maxEntryBytes?: Size | undefined
  /** Milliseconds that an entry counts, where it is not said for the entry. Default: as long as there is room. */
  readonly ttl?: number | undefined
  /** Layers behind the memory, the nearest first. The cache closes them. Default: none. */
  readonly tiers?: readonly CacheTier[] | undefined
  /** Values that take at least so many bytes are compressed for the tiers. Default: 4 KiB. */
  readonly compressFrom?: Size | undefined
  /** What time it is, in milliseconds since 1970. Default: `Date.now`. */
  readonly now?: (() => number) | undefined
}

/** Options of `Cache.set`. */
export interface EntryOptions {
  /** Milliseconds that the entry counts. Default: the cache's `ttl`. */
  readonly ttl?: number | undefined
  /** What the entry can be dropped by. Default: none. */
  readonly tags?: readonly string[] | undefined
}

/** Options of `Cache.getOrCompute`. `signal` and `timeout` end the wait of their caller only. */
export interface ComputeOptions<Value> extends EntryOptions, CallOptions {
  /** Whether what was computed is kept for others than those who wait for it. Default: yes. */
  readonly keep?: ((value: Value) => boolean) | undefined
}

/** What `Cache.invalidate` drops: what has one of the tags, and what has a key that matches. */
export interface Invalidation {
  readonly tags?: readonly string[] | undefined
  /** `*` stands for any letters, also none, `?` for one. */
  readonly pattern?: string | undefined
}

/** Marks caches, so that they are known where the class is not loaded. */
export const CACHE = Symbol.for('quern.cache')

const METHODS = [
  'get',
  'set',
  'delete',
  'deleteTagged',
  'deleteMatching',
  'clear',
  'entries',
  'stats',
  'close',
]

const positive: Check<number> = (option, value) =>
  count(option, value) > 0 ? count(option, value) : invalidOption(option, value, 'a whole number, 1 or more')

const bytes: Check<number> = (option, value) =>
  size(option, value) > 0 ? size(option, value) : invalidOption(option, value, '1 byte or more')

const ttl: Check<number> = (option, value) =>
  milliseconds(option, value) > 0 ? milliseconds(option, value) : invalidOption(option, value, 'more than 0')

const strings: Check<string[]> = (option, value) =>
  Array.isArray(value) && value.every(item => typeof item === 'string')
    ? [...new Set(value)].slice()
    : invalidOption(option, value, 'an array of strings')

const string: Check<string> = (option, value) =>
  typeof value === 'string' ? value : invalidOption(option, value, 'a string')

const tiers: Check<CacheTier[]> = (option, value) =>
  Array.isArray(value) && value.every(isTier)
    ? value
    : invalidOption(option, value, `an array of tiers: each with a name and ${METHODS.join(', ')}`)

function isTier(value: unknown): value is CacheTier {
  if (typeof value !== 'object' || value === null) return false
  const isMethod = (name: string) => typeof Reflect.get(value, name) === 'function'
  return typeof Reflect.get(value, 'name') === 'string' && METHODS.every(isMethod)
}

function callable<F>(expected: string): Check<F> {
  return (option, value) =>
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- of a function no more can be checked
    typeof value === 'function' ? (value as F) : invalidOption(option, value, expected)
}

const CACHE_CHECKS = {
  maxEntries: positive,
  maxBytes: bytes,
  maxEntryBytes: bytes,
  ttl,
  tiers,
  compressFrom: size,
  now: callable<() => number>('a function that gives milliseconds'),
} satisfies Checks<CacheOptions>

const ENTRY_CHECKS = { ttl, tags: strings } satisfies Checks<EntryOptions>

const COMPUTE_CHECKS = {
  ...ENTRY_CHECKS,
  signal,
  timeout: milliseconds,
  keep: callable<(value: unknown) => boolean>('a function'),
} satisfies Checks<ComputeOptions<unknown>>

const INVALIDATION_CHECKS = { tags: strings, pattern: string } satisfies Checks<Invalidation>

const MEBIBYTE = 2 ** 20
/** So much of the memory one entry may take. */
const SHARE = 8

/** Every option of a cache, in its one form. */
export function cacheOptions(given: CacheOptions | undefined) {
  const { maxBytes = 64 * MEBIBYTE, ...options } = checked(given, CACHE_CHECKS)
  const { maxEntryBytes = Math.ceil(maxBytes / SHARE) } = options
  if (maxEntryBytes > maxBytes) invalidOption('maxEntryBytes', maxEntryBytes, `at most maxBytes, ${maxBytes}`)
  return {
    maxEntries: 10_000,
    maxBytes,
    maxEntryBytes,
    ttl: Infinity,
    tiers: [],
    compressFrom: 4096,
    now: Date.now,
    ...options,
  }
}

export const entryOptions = (given: EntryOptions | undefined) => checked(given, ENTRY_CHECKS)
export const computeOptions = <Value>(given: ComputeOptions<Value> | undefined): ComputeOptions<Value> =>
  checked(given, COMPUTE_CHECKS)
export const invalidation = (given: Invalidation) => checked(given, INVALIDATION_CHECKS)
