/** Figures for readers, in the unit that the name of a metric says. */

const BYTES = /(?:Bytes|rss|heapUsed|external|diskFree)$/
const MILLISECONDS = /\.(?:mean|p50|p90|p95|p99|max)$|loopDelay$/
const SHARE = /^failing$/
const GROWTH = /growth$/

/** The value of a metric with its unit: `12 ms`, `1.5 GB`, `7 %`. */
export function shown(metric: string, value: number): string {
  if (MILLISECONDS.test(metric)) return milliseconds(value)
  if (GROWTH.test(metric)) return `${bytes(value)}/min`
  if (BYTES.test(metric)) return bytes(value)
  return SHARE.test(metric) ? `${number(100 * value)} %` : number(value)
}

/** A duration: `0.12 ms`, `1.3 s`, `20 min`. */
export function milliseconds(value: number): string {
  if (value < 1000) return `${number(value)} ms`
  return value < 120_000 ? `${number(value / 1000)} s` : `${number(value / 60_000)} min`
}

const UNITS = ['B', 'KB', 'MB', 'GB', 'TB'] as const

/** Bytes in units of 1024: `1.5 MB`. */
export function bytes(value: number): string {
  const size = Math.abs(value)
  const power = size < 1 ? 0 : Math.min(Math.floor(Math.log2(size) / 10), UNITS.length - 1)
  return `${number(value / 1024 ** power)} ${UNITS[power]}`
}

const WHOLE = new Intl.NumberFormat('en', { maximumFractionDigits: 0 })
const ROUGH = new Intl.NumberFormat('en', { maximumSignificantDigits: 2 })

/** A number: two digits, and all before the point. */
export function number(value: number): string {
  return (Math.abs(value) < 10 ? ROUGH : WHOLE).format(value)
}
