// Chance that repeats: the split into queries to tune on and queries that are held out, and confidence intervals.

const RESAMPLES = 10_000
const SEED = 1

/** Numbers from 0 up to 1: mulberry32 (Tommy Ettinger). The same seed gives the same numbers. */
export function randomNumbers(seed) {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/**
 * Halves some queries by chance. Of an odd number, the tuned half has one more.
 *
 * @template T
 * @param {readonly T[]} queries
 * @returns {{ tuned: T[], heldOut: T[] }}
 */
export function split(queries, seed = SEED) {
  const random = randomNumbers(seed)
  const shuffled = [...queries]
  for (let last = shuffled.length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1))
    ;[shuffled[last], shuffled[other]] = [shuffled[other], shuffled[last]]
  }
  const half = Math.ceil(shuffled.length / 2)
  return { tuned: shuffled.slice(0, half), heldOut: shuffled.slice(half) }
}

/**
 * The mean of some numbers with its 95 % confidence interval, by the percentile bootstrap (Efron 1979): the means of samples
 * as large, drawn from the numbers with replacement.
 *
 * @param {readonly number[]} numbers
 */
export function meanWithInterval(numbers, seed = SEED) {
  const random = randomNumbers(seed)
  const resampled = () => {
    let sum = 0
    for (let draw = 0; draw < numbers.length; draw++) sum += numbers[Math.floor(random() * numbers.length)]
    return sum / numbers.length
  }
  const means = Array.from({ length: RESAMPLES }, resampled).toSorted((a, b) => a - b)
  return {
    mean: mean(numbers),
    low: means[Math.floor(RESAMPLES * 0.025)],
    high: means[Math.ceil(RESAMPLES * 0.975) - 1],
  }
}

/** @param {readonly number[]} numbers */
export function mean(numbers) {
  return numbers.reduce((sum, number) => sum + number, 0) / numbers.length
}
