/** How much longer operations take beside others than their sharing the threads explains. */
import { Latencies } from './latencies.js'
import { Staggered } from './staggered.js'

/** With fewer of either kind a ratio of their percentiles says nothing. */
const ENOUGH = 50

/** Operations that had to share the threads. */
class Crowded {
  readonly latencies = new Latencies()
  #shares = 0

  record(duration: number, share: number): void {
    this.latencies.record(duration)
    this.#shares += share
  }

  /** Their p95, as it were had each had a thread of its own. */
  unshared(): number | undefined {
    const { count, p95 } = this.latencies.figures() ?? { count: 0, p95: 0 }
    return count < ENOUGH ? undefined : p95 / (this.#shares / count)
  }

  reset(): void {
    this.latencies.reset()
    this.#shares = 0
  }
}

export class Contention {
  readonly #free = new Latencies()
  readonly #crowded: Staggered<Crowded>

  /** `window`: milliseconds that it looks back for operations beside others. */
  constructor(window: number) {
    this.#crowded = new Staggered(window, () => new Crowded())
  }

  /** `share`: operations for each thread while it was under way. */
  record(duration: number, { now, share }: { readonly now: number; readonly share: number }): void {
    if (share <= 1) this.#free.record(duration)
    else for (const crowded of this.#crowded.all(now)) crowded.record(duration, share)
  }

  /** The p95 beside others to that of all without, by turns: 1. `undefined` while there were too few. */
  value(now: number): number | undefined {
    const free = this.#free.figures()
    const unshared = this.#crowded.oldest(now)?.unshared()
    return free === undefined || free.count < ENOUGH || unshared === undefined
      ? undefined
      : unshared / free.p95
  }
}
