/**
 * A sliding window without merging: several collectors that begin one after the other, of which the oldest is read. It
 * covers between three quarters of the window and all of it.
 */

/** Collectors of a window. */
export const STAGGERED = 4

export class Staggered<T extends { reset(): void }> {
  readonly #step: number
  readonly #collectors: readonly T[]
  #now = 0

  /** `window`: milliseconds that it looks back. */
  constructor(window: number, make: () => T) {
    this.#step = window / STAGGERED
    this.#collectors = Array.from({ length: STAGGERED }, make)
  }

  /** All, for what happens now to be added to each. */
  all(now: number): readonly T[] {
    this.#turn(now)
    return this.#collectors
  }

  /** The one that has collected for longest. */
  oldest(now: number): T | undefined {
    this.#turn(now)
    return this.#collectors[(this.#now + 1) % STAGGERED]
  }

  /** In step n the collector n modulo their number begins anew. */
  #turn(now: number): void {
    const step = Math.max(Math.floor(now / this.#step), this.#now)
    const first = Math.max(this.#now + 1, step - STAGGERED + 1)
    for (let begun = first; begun <= step; begun++) this.#collectors[begun % STAGGERED]?.reset()
    this.#now = step
  }
}
