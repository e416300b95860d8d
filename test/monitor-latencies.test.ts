import test from 'ava'
import fc from 'fast-check'
import { Contention } from '#dist/monitor/contention.js'
import { Latencies, type Latency, RecentLatencies } from '#dist/monitor/latencies.js'
import { STAGGERED } from '#dist/monitor/staggered.js'
import { Trend } from '#dist/monitor/trend.js'

const PERCENTILES = { p50: 50, p90: 90, p95: 95, p99: 99, max: 100 } as const

/** The smallest value that so many percent of all do not exceed. */
function exact(values: readonly number[], percent: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.ceil((percent / 100) * sorted.length) - 1] ?? Number.NaN
}

function isNear(measured: number, wanted: number): boolean {
  return Math.abs(measured - wanted) <= 0.01 * wanted
}

function agree(figures: Latency | undefined, values: readonly number[]): boolean {
  if (values.length === 0 || figures === undefined) return values.length === 0 && figures === undefined
  const sum = values.reduce((total, value) => total + value, 0)
  return (
    figures.count === values.length &&
    isNear(figures.mean, sum / values.length) &&
    Object.entries(PERCENTILES).every(([name, percent]) =>
      isNear(figures[name as keyof typeof PERCENTILES], exact(values, percent)),
    )
  )
}

/** Milliseconds: from a thousandth of one to an hour, each order of magnitude as often. */
const durations = fc.double({ min: -3, max: 6.5, noNaN: true }).map(power => 10 ** power)

test('percentiles are within 1 % of exact ones', t => {
  fc.assert(
    fc.property(fc.array(durations, { maxLength: 300 }), values => {
      const latencies = new Latencies()
      for (const value of values) latencies.record(value)
      return agree(latencies.figures(), values)
    }),
  )
  t.pass()
})

test('recent ones are those of the last steps of the window', t => {
  const window = 1000
  const step = (at: number): number => Math.floor(at / (window / STAGGERED))
  const gaps = fc.array(fc.tuple(fc.nat(700), durations), { maxLength: 100 })
  fc.assert(
    fc.property(fc.nat(1e6), gaps, (start, given) => {
      const recent = new RecentLatencies(window)
      const seen: { at: number; value: number }[] = []
      let at = start
      for (const [gap, value] of given) {
        at += gap
        seen.push({ at, value })
        recent.record(value, at)
        const counted = seen.filter(other => step(other.at) > step(at) - STAGGERED)
        if (
          !agree(
            recent.figures(at),
            counted.map(({ value: duration }) => duration),
          )
        )
          return false
      }
      return recent.figures(at + window) === undefined
    }),
  )
  t.pass()
})

test('durations out of range count at its ends', t => {
  const latencies = new Latencies()
  for (const duration of [0, 1e12]) latencies.record(duration)
  const { count, p50, max } = latencies.figures() ?? {}
  t.deepEqual([count, p50], [2, 1e-6])
  t.true(isNear(max ?? 0, 3_600_000))
})

test('taking turns is no contention, more than that is', t => {
  const contention = new Contention(60_000)
  for (let times = 0; times < 50; times++) contention.record(10, { now: 0, share: 0.5 })
  t.is(contention.value(0), undefined)
  for (let times = 0; times < 50; times++) contention.record(40, { now: 1, share: 4 })
  t.true(Math.abs((contention.value(1) ?? 0) - 1) < 0.02)
  for (let times = 0; times < 50; times++) contention.record(120, { now: 100_000, share: 4 })
  t.true(Math.abs((contention.value(100_000) ?? 0) - 3) < 0.05)
  t.is(contention.value(200_000), undefined)
})

test('a trend is the slope of a line, once it has seen half of its span', t => {
  const trend = new Trend(1000)
  for (let at = 0; at < 500; at += 100) trend.add(at, 7 + 2 * at)
  t.is(trend.slope(), undefined)
  trend.add(500, 7 + 1000)
  t.true(Math.abs((trend.slope() ?? 0) - 2) < 1e-9)
  for (let at = 600; at <= 3000; at += 100) trend.add(at, 5)
  t.is(trend.slope(), 0)
})
