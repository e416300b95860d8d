/** The tier on disk: one folder that processes share, and that survives them. */
import { resolve } from 'node:path'
import { type Check, checked, type Size, size, text } from '../checks.js'
import { invalidOption } from '../errors.js'
import { addon, type NativeCache, type NativeFailed } from '../native/addon.js'
import { caught, unwrap } from '../native/call.js'
import type { CacheTier, Entry, EntryInfo, TierStats } from './tier.js'

/** Options of {@link diskTier}. */
export interface DiskTierOptions {
  /** The folder, made if it is not there. Default: `cache` in `QUERN_STORE`, else in `quern` in the user's cache folder. */
  readonly path?: string | undefined
  /**
   * Bytes that the file has at most, 1 MB or more; a value may have an eighth of it. While others have the cache open, the size
   * that it has counts. Default: what it had before, else 256 MB.
   */
  readonly maxBytes?: Size | undefined
}

/** What a tier on disk holds. */
export interface DiskTierStats extends TierStats {
  /** Entries, expired ones among them until they are dropped. */
  readonly entries: number
  /** Bytes of the file that are in use. */
  readonly bytes: number
  /** Entries that this process dropped because room was needed. */
  readonly evictions: number
  /** Bytes that the file has at most. */
  readonly maxBytes: number
}

/** A tier on disk. Reads answer at once; changes are promises that resolve when all processes see them. */
export interface DiskTier extends CacheTier {
  /** The folder. */
  readonly path: string
  /** Throws `QUERN_INVALID_OPTION` for a key that is not well-formed Unicode, as every method with a key or tags does. */
  get(key: string): Entry | undefined
  /**
   * Rejects with `QUERN_DISK_FULL` where there is no room: the disk is full, the value is larger than an eighth of the cache, or
   * 64 MB wait to be written. What the key had before is dropped then.
   */
  set(key: string, entry: Entry): Promise<void>
  delete(key: string): Promise<boolean>
  deleteTagged(tags: readonly string[]): Promise<number>
  deleteMatching(pattern: string): Promise<number>
  clear(): Promise<void>
  /** A page at a time: what changes meanwhile may be there or not. */
  entries(): Iterable<EntryInfo>
  stats(): DiskTierStats
  /** Waits for what was asked for before. Closing again does nothing; all else throws `QUERN_CLOSED` from then on. */
  close(): Promise<void>
}

const LEAST = 2 ** 20

const cacheSize: Check<number> = (option, value) =>
  size(option, value) >= LEAST ? size(option, value) : invalidOption(option, value, '1 MB or more')

const CHECKS = { path: text, maxBytes: cacheSize } as const

/** Keys that `entries` fetches at a time. */
const PAGE = 256

/**
 * Opens the cache in a folder. One of another version of Quern, or a damaged one, begins anew.
 *
 * Throws `QUERN_INVALID_OPTION` also for a folder that holds something else, `QUERN_PERMISSION`, and `QUERN_LOCKED` while a
 * version with another format has it open.
 */
export function diskTier(options?: DiskTierOptions): DiskTier {
  const { path, maxBytes } = checked(options, CHECKS)
  const folder = path === undefined ? defaultCache() : resolve(path)
  return new Disk(
    folder,
    caught(() => addon().NativeCache.open(folder, maxBytes ?? null)),
  )
}

/** Where the cache is unless another place is asked for. */
export function defaultCache(): string {
  return caught(() => addon().cacheDefault())
}

class Disk implements DiskTier {
  readonly name = 'disk'
  readonly path: string
  readonly #native: NativeCache

  constructor(path: string, native: NativeCache) {
    this.path = path
    this.#native = native
  }

  get(key: string): Entry | undefined {
    wellFormed('key', key)
    return caught(() => this.#native.get(key, Date.now())) ?? undefined
  }

  async set(key: string, { value, expires, tags }: Entry): Promise<void> {
    const list = tags.map(tag => wellFormed('tags', tag))
    await settled(this.#native.set(wellFormed('key', key), value, expires ?? null, list, Date.now()))
  }

  async delete(key: string): Promise<boolean> {
    return (await settled(this.#native.delete(wellFormed('key', key), Date.now()))) > 0
  }

  async deleteTagged(tags: readonly string[]): Promise<number> {
    const list = tags.map(tag => wellFormed('tags', tag))
    return await settled(this.#native.deleteTagged(list, Date.now()))
  }

  async deleteMatching(pattern: string): Promise<number> {
    return await settled(this.#native.deleteMatching(wellFormed('pattern', pattern), Date.now()))
  }

  async clear(): Promise<void> {
    await settled(this.#native.clear(Date.now()))
  }

  *entries(): Iterable<EntryInfo> {
    let after: Uint8Array | undefined
    do {
      const from = after
      const page = caught(() => this.#native.entries(from ?? null, PAGE))
      for (const [i, key] of page.keys.entries()) {
        const expires = page.expires[i] ?? Number.NaN
        const shown = { key, bytes: page.bytes[i] ?? 0, tags: page.tags[i] ?? [] }
        yield Number.isNaN(expires) ? shown : { ...shown, expires }
      }
      after = page.next
    } while (after !== undefined)
  }

  stats(): DiskTierStats {
    return caught(() => this.#native.stats())
  }

  async close(): Promise<void> {
    await settled(this.#native.close())
  }
}

async function settled(outcome: Promise<number | NativeFailed>): Promise<number> {
  return unwrap(await outcome)
}

const LONE_SURROGATE = /\p{Surrogate}/u

/** Text that is not Unicode would be stored with replacements, and so stand for others of its kind. */
function wellFormed(option: string, value: string): string {
  return LONE_SURROGATE.test(value) ? invalidOption(option, value, 'well-formed Unicode') : value
}
