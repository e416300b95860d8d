/** Numbers for readers. */

const UNITS = ['B', 'KB', 'MB', 'GB', 'TB'] as const

/** Bytes in units of 1024: `1.5 MB`. */
export function bytes(count: number): string {
  const power = count < 1 ? 0 : Math.min(Math.floor(Math.log2(count) / 10), UNITS.length - 1)
  const value = count / 1024 ** power
  return `${power === 0 ? value : value.toFixed(value < 10 ? 1 : 0)} ${UNITS[power]}`
}

const WHOLE = new Intl.NumberFormat('en', { maximumFractionDigits: 0 })

/** A count with its noun: `1 file`, `1,200 files`. */
export function counted(count: number, noun: string): string {
  return `${WHOLE.format(count)} ${noun}${count === 1 ? '' : 's'}`
}

/** A duration: `12 ms`, `1.3 s`. */
export function duration(seconds: number): string {
  if (seconds < 0.01) return `${(seconds * 1000).toFixed(2)} ms`
  return seconds < 1 ? `${(seconds * 1000).toFixed(0)} ms` : `${seconds.toFixed(2)} s`
}
