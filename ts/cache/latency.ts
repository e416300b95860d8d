/** How long something takes, as it is seen over many times. */
import { createHistogram } from 'node:perf_hooks'

/** Microseconds. */
export interface LatencyStats {
  /** How often it was measured. */
  readonly count: number
  readonly mean: number
  readonly p50: number
  readonly p99: number
  readonly max: number
}

const NANOSECONDS = 1e6
const MICROSECONDS = 1e3

export class Latency {
  readonly #histogram = createHistogram()

  /** Adds what began at this `performance.now()` and ends now. */
  add(began: number): void {
    this.#histogram.record(Math.max(1, Math.round((performance.now() - began) * NANOSECONDS)))
  }

  /** Absent: never measured. */
  stats(): LatencyStats | undefined {
    const { count, mean, max } = this.#histogram
    if (count === 0) return undefined
    const percentile = (percent: number): number => this.#histogram.percentile(percent) / MICROSECONDS
    return {
      count,
      mean: mean / MICROSECONDS,
      p50: percentile(50),
      p99: percentile(99),
      max: max / MICROSECONDS,
    }
  }
}
