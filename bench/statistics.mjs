// Medians of interleaved runs: every contender runs once a round, so that a slow minute of the machine slows them all.

/** The middle of some numbers. */
export function median(numbers) {
  const sorted = numbers.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

/** The number that `share` of the numbers do not pass: 0.95 for the 95th percentile. */
export function quantile(numbers, share) {
  const sorted = numbers.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)]
}

/** Milliseconds as text. */
export function milliseconds(number) {
  return `${shown(number)} ms`
}

/**
 * Runs each contender once a round, `warmups` rounds without counting and `rounds` counted. A contender is an async function
 * that gives a flat object of numbers; the result has, for each contender, the median of each number and all runs.
 */
export async function interleaved(contenders, { rounds, warmups = 1 }) {
  const runs = Object.fromEntries(Object.keys(contenders).map(name => [name, []]))
  for (let round = -warmups; round < rounds; round++) {
    for (const [name, contender] of Object.entries(contenders)) {
      const result = await contender()
      if (round >= 0) runs[name].push(result)
    }
  }
  return Object.fromEntries(
    Object.entries(runs).map(([name, results]) => [name, { ...medians(results), runs: results }]),
  )
}

function medians(results) {
  return Object.fromEntries(
    Object.keys(results[0]).map(key => [key, median(results.map(result => result[key]))]),
  )
}

/** A number with three significant digits, or as it is from 1,000 on. */
export function shown(number) {
  if (!Number.isFinite(number)) return '-'
  return Math.abs(number) >= 1000
    ? Math.round(number).toLocaleString('en-US')
    : String(Number(number.toPrecision(3)))
}
