/** The layer in memory: values as they are, the least recently used dropped first. */
import { LRUCache } from 'lru-cache'
import type { Kept } from './keep.js'
import { matcher } from './patterns.js'
import { arraySize, stringSize } from './sizes.js'

/** A value with what is known of it. */
export interface Held extends Kept {
  /** Milliseconds since 1970 from which on it no longer counts; absent: never. */
  readonly expires: number | undefined
  readonly tags: readonly string[]
}

export const NO_TAGS: readonly string[] = []

export function toHeld(
  { value, bytes, isOpen }: Kept,
  expires: number | undefined,
  tags: readonly string[],
): Held {
  return { value, bytes, isOpen, expires, tags }
}

/** What is taken for an entry, here and in the tables of `lru-cache`, and for each tag of it in the table of tags: on the average. */
const ENTRY = 108
const TAG = 30

/** Bounds of the layer. */
export interface MemoryLimits {
  readonly maxEntries: number
  readonly maxBytes: number
  /** A larger entry is not held. */
  readonly maxEntryBytes: number
}

export class Memory {
  readonly #entries: LRUCache<string, Held>
  readonly #byTag = new Map<string, Set<string>>()
  readonly #maxEntryBytes: number
  /** Entries that gave way to others. */
  evictions = 0
  /** Entries that were too large. */
  refused = 0

  constructor({ maxEntries, maxBytes, maxEntryBytes }: MemoryLimits) {
    this.#maxEntryBytes = maxEntryBytes
    this.#entries = new LRUCache({
      max: maxEntries,
      maxSize: maxBytes,
      sizeCalculation: entrySize,
      dispose: ({ tags }, key, reason) => {
        if (reason === 'evict') this.evictions += 1
        for (const tag of tags) this.#untag(tag, key)
      },
    })
  }

  /** What is held under a key and still counts at this time. */
  get(key: string, now: () => number): Held | undefined {
    const held = this.#entries.get(key)
    if (held?.expires === undefined || held.expires > now()) return held
    this.#entries.delete(key)
    return undefined
  }

  /** Holds a value in the place of whatever had the key. */
  set(key: string, held: Held): void {
    // What was there goes first: its tags would otherwise be taken from the new one.
    this.#entries.delete(key)
    if (entrySize(held, key) > this.#maxEntryBytes) {
      this.refused += 1
      return
    }
    for (const tag of held.tags) this.#tagged(tag).add(key)
    this.#entries.set(key, held)
  }

  delete(key: string): boolean {
    return this.#entries.delete(key)
  }

  /** Drops what has one of these tags; gives how many. */
  deleteTagged(tags: readonly string[]): number {
    return this.#deleteAll(tags.flatMap(tag => [...(this.#byTag.get(tag) ?? [])]))
  }

  /** Drops what has a key that matches; gives how many. */
  deleteMatching(pattern: string): number {
    const matches = matcher(pattern)
    return this.#deleteAll([...this.#entries.keys()].filter(matches))
  }

  clear(): void {
    this.#entries.clear()
  }

  get entries(): number {
    return this.#entries.size
  }

  get bytes(): number {
    return this.#entries.calculatedSize
  }

  #deleteAll(keys: readonly string[]): number {
    let deleted = 0
    for (const key of keys) if (this.#entries.delete(key)) deleted += 1
    return deleted
  }

  #tagged(tag: string): Set<string> {
    const known = this.#byTag.get(tag)
    if (known !== undefined) return known
    const keys = new Set<string>()
    this.#byTag.set(tag, keys)
    return keys
  }

  #untag(tag: string, key: string): void {
    const keys = this.#byTag.get(tag)
    keys?.delete(key)
    if (keys?.size === 0) this.#byTag.delete(tag)
  }
}

/** What an entry takes with its key and its tags. */
function entrySize({ bytes, tags }: Held, key: string): number {
  let size = ENTRY + textSize(key) + bytes
  if (tags.length > 0) size += arraySize(tags.length)
  for (const tag of tags) size += TAG + textSize(tag)
  return size
}

/** As if all letters took one byte, as nearly always: looking at each would take longer than all the rest. */
function textSize(text: string): number {
  return stringSize(text.length, true)
}
