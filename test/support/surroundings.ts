/** A monitor's surroundings that stand still until they are told, and traffic that only says that it was. */
import type { Index } from 'quern'
import type { Clock } from '#dist/monitor/clock.js'
import type { Reading, Surroundings } from '#dist/monitor/surroundings.js'
import { channelOf, type Operation } from '#dist/operations.js'

export class Still implements Surroundings {
  #now = 0
  readonly #timers = new Set<{ readonly every: number; readonly run: () => void; due: number }>()
  readonly clock: Clock = {
    now: () => this.#now,
    date: () => this.#now,
    every: (every, run) => {
      const timer = { every, run, due: this.#now + every }
      this.#timers.add(timer)
      return () => this.#timers.delete(timer)
    },
  }
  reading: Reading = { rss: 200 * 2 ** 20, heapUsed: 50 * 2 ** 20, external: 0, cpu: 0, loopDelay: 1 }
  free = 100 * 2 ** 30
  closed = false

  process(): Reading {
    return this.reading
  }

  diskFree(): Promise<number> {
    return Promise.resolve(this.free)
  }

  close(): void {
    this.closed = true
  }

  /** Lets so many milliseconds pass; what is due happens at its time. */
  pass(milliseconds: number): void {
    const until = this.#now + milliseconds
    for (;;) {
      const next = [...this.#timers].filter(({ due }) => due <= until).toSorted((a, b) => a.due - b.due)[0]
      if (next === undefined) break
      this.#now = next.due
      next.due += next.every
      next.run()
    }
    this.#now = until
  }
}

/** Tells of an operation that begins now; what is given ends it. */
export function begin(operation: Operation): (ended?: Partial<Operation>) => void {
  const channel = channelOf(operation.kind)
  channel.start.publish(operation)
  return ended => {
    channel.asyncEnd.publish(Object.assign(operation, ended))
  }
}

/** Tells of an operation, from start to end. */
export function tell(operation: Operation): void {
  begin(operation)()
}

/** An index that has figures and nothing else. */
export function hollowIndex(): { index: Index; stats: Record<string, unknown> } {
  const load = { threads: 2, running: 0, waiting: 0 }
  const stats: Record<string, unknown> = {
    store: '/store',
    files: 10,
    tombstones: 0,
    segments: 1,
    textBytes: 1000,
    storeBytes: 100,
    overlayBytes: 0,
    cacheBytes: 0,
    queryLoad: load,
    buildLoad: load,
  }
  const explain = (): Promise<never> => Promise.reject(new Error('there is nothing to explain'))
  return { index: { stats: () => stats, explain } as unknown as Index, stats }
}
