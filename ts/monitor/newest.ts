/** Values for whoever waits for them: a reader that is slow gets the newest and misses those before it. */

const DONE = { done: true, value: undefined } as const

export class Newest<T extends object> implements AsyncIterableIterator<T, undefined> {
  readonly #left: (reader: Newest<T>) => void
  readonly #waiting: ((result: IteratorResult<T, undefined>) => void)[] = []
  #newest: T | undefined
  #over = false

  /** `left`: told when nobody reads any more. */
  constructor(left: (reader: Newest<T>) => void) {
    this.#left = left
  }

  push(value: T): void {
    const reader = this.#waiting.shift()
    if (reader === undefined) this.#newest = value
    else reader({ done: false, value })
  }

  /** There will be no more. */
  end(): void {
    this.#over = true
    for (const reader of this.#waiting.splice(0)) reader(DONE)
  }

  next(): Promise<IteratorResult<T, undefined>> {
    const value = this.#newest
    this.#newest = undefined
    if (value !== undefined) return Promise.resolve({ done: false, value })
    return this.#over ? Promise.resolve(DONE) : new Promise(resolve => this.#waiting.push(resolve))
  }

  return(): Promise<IteratorResult<T, undefined>> {
    this.#newest = undefined
    this.end()
    this.#left(this)
    return Promise.resolve(DONE)
  }

  [Symbol.asyncIterator](): this {
    return this
  }
}
