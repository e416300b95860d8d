/** What lies behind the memory of a cache: a disk, a network. The cache knows a tier by this interface alone. */

/** What a tier keeps of one value. */
export interface Entry {
  /** The value as `encode` made it: compact, compressed if it is large. */
  readonly value: Uint8Array
  /** Milliseconds since 1970 from which on it no longer counts; absent: never. */
  readonly expires?: number
  readonly tags: readonly string[]
}

/** An entry as people see it. */
export interface EntryInfo {
  readonly key: string
  readonly bytes: number
  /** Milliseconds since 1970. */
  readonly expires?: number
  readonly tags: readonly string[]
}

/** What a tier holds. */
export interface TierStats {
  readonly entries: number
  readonly bytes: number
  /** Entries that were dropped because room was needed. */
  readonly evictions: number
}

/**
 * A layer behind the one in memory. Methods may answer at once or later; the cache lets no two changes of a tier run at once. A
 * tier that fails is a miss, and counts as an error in its statistics.
 */
export interface CacheTier {
  readonly name: string
  get(key: string): Entry | undefined | Promise<Entry | undefined>
  set(key: string, entry: Entry): void | Promise<void>
  /** Whether it was there. */
  delete(key: string): boolean | Promise<boolean>
  /** Drops what has one of these tags. Gives how many entries. */
  deleteTagged(tags: readonly string[]): number | Promise<number>
  /** Drops what has a key that matches: `*` stands for any letters, `?` for one. Gives how many entries. */
  deleteMatching(pattern: string): number | Promise<number>
  clear(): void | Promise<void>
  /** Keys with bytes and expiry, for people. */
  entries(): Iterable<EntryInfo> | AsyncIterable<EntryInfo>
  stats(): TierStats
  close(): void | Promise<void>
}
