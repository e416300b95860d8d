/** Tiers for tests: what a disk would be, in memory, and as slow or broken as a test wants it. */
import type { CacheTier, Entry, EntryInfo } from 'quern/cache'

/** A tier that keeps everything. Its methods answer at once. */
export class MapTier implements CacheTier {
  readonly name: string = 'map'
  readonly kept = new Map<string, Entry>()
  isClosed = false

  get(key: string): Entry | undefined | Promise<Entry | undefined> {
    return this.kept.get(key)
  }

  set(key: string, entry: Entry): void | Promise<void> {
    this.kept.set(key, entry)
  }

  delete(key: string): boolean | Promise<boolean> {
    return this.kept.delete(key)
  }

  deleteTagged(tags: readonly string[]): number {
    return this.#deleteWhere((_, entry) => entry.tags.some(tag => tags.includes(tag)))
  }

  deleteMatching(pattern: string): number {
    return this.#deleteWhere(key => matchesPlainly(key, pattern))
  }

  clear(): void {
    this.kept.clear()
  }

  *entries(): Iterable<EntryInfo> {
    for (const [key, { value, ...rest }] of this.kept) yield { key, bytes: value.length, ...rest }
  }

  stats(): { entries: number; bytes: number; evictions: number } {
    const sizes = [...this.kept.values()].map(({ value }) => value.length)
    return { entries: sizes.length, bytes: sizes.reduce((sum, size) => sum + size, 0), evictions: 0 }
  }

  close(): void {
    this.isClosed = true
  }

  #deleteWhere(isMeant: (key: string, entry: Entry) => boolean): number {
    const keys = [...this.kept].filter(([key, entry]) => isMeant(key, entry)).map(([key]) => key)
    for (const key of keys) this.kept.delete(key)
    return keys.length
  }
}

/** A tier of which each call waits until the test lets it go on. */
export class SlowTier extends MapTier {
  override readonly name = 'slow'
  readonly #waiting: (() => void)[] = []

  /** How many calls wait. */
  get waiting(): number {
    return this.#waiting.length
  }

  /** Lets the call go on that waits for longest. */
  next(): void {
    this.#waiting.shift()?.()
  }

  override async get(key: string): Promise<Entry | undefined> {
    const entry = this.kept.get(key)
    await this.#turn()
    return entry
  }

  override async set(key: string, entry: Entry): Promise<void> {
    await this.#turn()
    this.kept.set(key, entry)
  }

  override async delete(key: string): Promise<boolean> {
    await this.#turn()
    return this.kept.delete(key)
  }

  #turn(): Promise<void> {
    return new Promise(resolve => {
      this.#waiting.push(resolve)
    })
  }
}

/** Whether a key matches a pattern, by trying all ways. */
export function matchesPlainly(key: string, pattern: string): boolean {
  if (pattern === '') return key === ''
  const [letter = '', rest] = [Array.from(pattern)[0], Array.from(pattern).slice(1).join('')]
  const [first, ...others] = Array.from(key)
  if (letter === '*')
    return matchesPlainly(key, rest) || (first !== undefined && matchesPlainly(others.join(''), pattern))
  return first !== undefined && (letter === '?' || letter === first) && matchesPlainly(others.join(''), rest)
}
