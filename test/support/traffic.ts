/** A day of queries as a server has them, made from a seed, on a machine that only exists as numbers. */
import type { Index } from 'quern'
import { begin, type Still } from './surroundings.js'
import type { Random } from './random.js'

/** What is wrong with the machine; each is 1 or 0 where nothing is. */
export interface Fault {
  /** How many times as long a read of the disk takes. */
  readonly disk?: number
  /** How many more queries there are at once. */
  readonly crowd?: number
  /** Bytes that are lost a minute. */
  readonly leak?: number
  /** How many times as long queries beside each other take. */
  readonly contention?: number
}

const DAY = 24 * 3600_000
const THREADS = 2
/** How often in a step some queries come at once. */
const ROUNDS = 4

export class Traffic {
  readonly #still: Still
  readonly #index: { readonly index: Index; readonly stats: Record<string, unknown> }
  readonly #random: Random
  #lost = 0

  constructor(
    still: Still,
    index: { readonly index: Index; readonly stats: Record<string, unknown> },
    random: Random,
  ) {
    this.#still = still
    this.#index = index
    this.#random = random
  }

  /** Lets time pass in steps of so many milliseconds, each with the queries of its time of day. */
  run(milliseconds: number, step: number, fault: Fault = {}): void {
    for (let passed = 0; passed < milliseconds; passed += step) {
      this.#machine(step, fault)
      for (let round = 0; round < ROUNDS; round++) this.#queries(fault)
      this.#still.pass(step)
    }
  }

  /** 0 at night, 1 at noon. */
  #load(): number {
    return (1 - Math.cos((2 * Math.PI * this.#still.clock.now()) / DAY)) / 2
  }

  #machine(step: number, { leak = 0 }: Fault): void {
    this.#lost += (leak * step) / 60_000
    const { cpu } = this.#still.reading
    this.#still.reading = {
      ...this.#still.reading,
      rss: (200 + 150 * this.#load()) * 2 ** 20 + this.#random.below(8 * 2 ** 20) + this.#lost,
      cpu: cpu + this.#load() * step,
      loopDelay: this.#random.below(10) + (this.#random.oneIn(500) ? 300 : 0),
    }
  }

  #queries({ disk = 1, crowd = 0, contention = 1 }: Fault): void {
    const most = 1 + Math.round(5 * this.#load()) + crowd
    const burst = this.#random.oneIn(200) ? 20 : 0
    const waiting = Math.max(this.#random.below(most) + burst + crowd - THREADS, 0)
    this.#index.stats['queryLoad'] = { threads: THREADS, running: THREADS, waiting }
    const ends = Array.from({ length: this.#random.below(most) + 1 }, () =>
      begin({ kind: 'search', index: this.#index.index, query: 'words' }),
    )
    const share = Math.max(1, ends.length / THREADS)
    for (const end of ends) {
      const own =
        (this.#random.oneIn(300) ? 400 : 1 + this.#random.below(4)) * share * (share > 1 ? contention : 1)
      const snippet = disk * (1 + this.#random.below(3))
      end({ duration: own + snippet, phases: { postings: own, snippet } })
    }
  }
}
