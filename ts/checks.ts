/**
 * Checking options: one small function a kind of value, and tables that say which option is of which kind. An option that
 * nobody knows is refused, so that a misspelt one is never silently without effect.
 */
import { invalidOption } from './errors.js'

/** Gives the value in its one internal form, or throws `QUERN_INVALID_OPTION` naming the option. */
export type Check<T> = (option: string, value: unknown) => T

/** A check for each option of `T`. */
export type Checks<T> = { readonly [K in keyof T]-?: Check<unknown> }

/** What is left of options after `C`: only those given, each in its internal form. */
export type Checked<C> = { [K in keyof C]?: C[K] extends Check<infer T> ? T : never }

/** Sizes are numbers of bytes, or text like `'256MB'`; units are powers of 1024. */
export type Size = number | string

const UNITS: Readonly<Record<string, number>> = { '': 1, K: 2 ** 10, M: 2 ** 20, G: 2 ** 30, T: 2 ** 40 }

export const flag: Check<boolean> = (option, value) =>
  typeof value === 'boolean' ? value : invalidOption(option, value, 'true or false')

export const text: Check<string> = (option, value) =>
  typeof value === 'string' && !value.includes('\0')
    ? value
    : invalidOption(option, value, 'a string without NUL')

/** One string or several. */
export const texts: Check<string[]> = (option, value) => {
  const list: unknown[] = Array.isArray(value) ? value : [value]
  return list.map(item =>
    typeof item === 'string' ? item : invalidOption(option, value, 'a string or an array of strings'),
  )
}

/** A whole number, not negative. */
export const count: Check<number> = (option, value) =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
    ? value
    : invalidOption(option, value, 'a whole number, not negative')

/** A whole number that fits 32 bits. */
export const smallCount: Check<number> = (option, value) =>
  count(option, value) < 2 ** 32 ? count(option, value) : invalidOption(option, value, 'a number below 2^32')

/** An array of them, with at least one. */
export const smallCounts: Check<number[]> = (option, value) =>
  Array.isArray(value) && value.length > 0
    ? value.map(item => smallCount(option, item))
    : invalidOption(option, value, 'an array of whole numbers, not empty')

/** A number of threads: more than the system can have would only fail later, and worse. */
export const threadCount: Check<number> = (option, value) =>
  count(option, value) < 2 ** 16 ? count(option, value) : invalidOption(option, value, 'a number below 2^16')

/** Milliseconds; not negative, not NaN. */
export const milliseconds: Check<number> = (option, value) =>
  typeof value === 'number' && value >= 0
    ? value
    : invalidOption(option, value, 'a number of milliseconds, not negative')

/** A moment, as milliseconds since 1970. */
export const date: Check<number> = (option, value) =>
  value instanceof Date && !Number.isNaN(value.getTime())
    ? value.getTime()
    : invalidOption(option, value, 'a valid Date')

/** Bytes. */
export const size: Check<number> = (option, value) => {
  const bytes = typeof value === 'string' ? parseSize(value) : value
  return typeof bytes === 'number' && Number.isSafeInteger(bytes) && bytes >= 0
    ? bytes
    : invalidOption(option, value, "a number of bytes, or text like '256MB'")
}

/** Bytes of a thread's stack. */
export const stackSize: Check<number> = (option, value) => {
  const bytes = size(option, value)
  return bytes >= 2 ** 19 && bytes <= 2 ** 30
    ? bytes
    : invalidOption(option, value, 'between 512 KiB and 1 GiB')
}

export const signal: Check<AbortSignal> = (option, value) =>
  value instanceof AbortSignal ? value : invalidOption(option, value, 'an AbortSignal')

/** One of a few words. */
export function choice<const T extends string>(...words: readonly T[]): Check<T> {
  const isWord = (value: unknown): value is T => words.some(word => word === value)
  return (option, value) =>
    isWord(value)
      ? value
      : invalidOption(option, value, `one of ${words.map(word => `'${word}'`).join(', ')}`)
}

/** The options given, each checked. Options that are `undefined` count as not given. */
export function checked<C extends Readonly<Record<string, Check<unknown>>>>(
  given: object | undefined,
  checks: C,
): Checked<C> {
  if (given === undefined) return {}
  if (typeof given !== 'object' || given === null) return invalidOption('options', given, 'an object')
  const result: Record<string, unknown> = {}
  for (const [option, value] of Object.entries(given)) {
    if (value === undefined) continue
    const check = Object.hasOwn(checks, option) ? checks[option] : undefined
    if (check === undefined) {
      return invalidOption(option, value, `left out: there is no such option${near(option, checks)}`)
    }
    result[option] = check(option, value)
  }
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- each value is what the check of its name gave
  return result as Checked<C>
}

/** Those of the options whose names a table of checks has. */
export function only<T extends object, C extends object>(options: T, checks: C): Pick<T, keyof T & keyof C> {
  const own = Object.entries(options).filter(([name]) => Object.hasOwn(checks, name))
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- filtered to exactly these names
  return Object.fromEntries(own) as Pick<T, keyof T & keyof C>
}

function parseSize(value: string): number | undefined {
  const [, digits, unit] = /^(\d+(?:\.\d+)?)\s*([KMGT]?)i?B?$/i.exec(value.trim()) ?? []
  const factor = UNITS[unit?.toUpperCase() ?? '']
  return digits === undefined || factor === undefined ? undefined : Math.floor(Number(digits) * factor)
}

function near(option: string, checks: object): string {
  const lower = option.toLowerCase()
  const found = Object.keys(checks).find(known => {
    const other = known.toLowerCase()
    return other.startsWith(lower) || lower.startsWith(other)
  })
  return found === undefined ? '' : ` (did you mean ${found}?)`
}
