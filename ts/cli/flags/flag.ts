/** The shape of one flag, and the small makers that most flags are made with. */
import type { Mode, Settings } from '../settings.js'
import { UsageError } from '../usage.js'

/** Where a flag stands in the help and in the documentation. */
export type Category = 'input' | 'search' | 'filter' | 'output' | 'mode' | 'logging' | 'other' | 'quern'

/** A flag of `quern grep`. Either `set` or `refused` is there. */
export interface Flag {
  readonly long: string
  readonly short?: string
  /** Long name that turns it off again. */
  readonly negated?: string
  readonly alias?: string
  /** Name of the value; a flag without one is a switch. */
  readonly value?: string
  readonly category: Category
  /** One line: what it does. */
  readonly help: string
  /** A switch that is on, `value === true`; one that is off, `false`; else the text of the value. */
  readonly set?: (settings: Settings, value: string | boolean) => void
  /** Why it is not done. Its negation is accepted: what it turns off is off. */
  readonly refused?: string
}

/** A flag as the tables have it: the table says the category. */
export type FlagEntry = Omit<Flag, 'category'>

type FieldsOf<T> = {
  [K in keyof Settings]-?: Required<Settings>[K] extends T
    ? T extends Required<Settings>[K]
      ? K
      : never
    : never
}[keyof Settings]

type Setter = NonNullable<Flag['set']>

/** A switch that turns a field on, and its negation off. */
export const turns =
  (field: FieldsOf<boolean>): Setter =>
  (settings, value) => {
    settings[field] = value === true
  }

/** A value kept as text. */
export const keeps =
  (field: FieldsOf<string>): Setter =>
  (settings, value) => {
    settings[field] = String(value)
  }

/** A value added to a list. */
export const adds =
  (field: FieldsOf<string[]>): Setter =>
  (settings, value) => {
    settings[field].push(String(value))
  }

/** A number, at most what the engine's field holds. */
export const counts =
  (field: FieldsOf<number>, most = Number.MAX_SAFE_INTEGER): Setter =>
  (settings, value) => {
    settings[field] = Math.min(wholeNumber(String(value)), most)
  }

/** A size with an optional suffix. */
export const sizes =
  (field: FieldsOf<number>): Setter =>
  (settings, value) => {
    settings[field] = humanSize(String(value))
  }

const searches = (mode: Mode): boolean => mode !== 'files' && mode !== 'type-list'

/** What is printed; a mode that does not search stays against one that does. */
export const chooses =
  (mode: Mode): Setter =>
  settings => {
    if (searches(settings.mode) || !searches(mode)) settings.mode = mode
  }

/** One of a few words. */
export function oneOf<const T extends string>(words: readonly T[], value: string | boolean): T {
  const found = words.find(word => word === value)
  if (found === undefined)
    throw new UsageError(`choice '${String(value)}' is unrecognized, use one of: ${words.join(', ')}`)
  return found
}

const UNITS = { '': 1n, K: 1n << 10n, M: 1n << 20n, G: 1n << 30n } as const
const MOST = (1n << 64n) - 1n

function wholeNumber(text: string): number {
  if (!/^\+?\d+$/.test(text) || BigInt(text.replace('+', '')) > MOST)
    throw new UsageError(`value is not a valid number: '${text}'`)
  return Math.min(Number(text), Number.MAX_SAFE_INTEGER)
}

function humanSize(text: string): number {
  const { digits, unit } = /^(?<digits>\d+)(?<unit>[KMG]?)$/.exec(text)?.groups ?? {}
  if (digits === undefined) {
    throw new UsageError(`invalid size '${text}': a sequence of digits, and K, M or G after it where wanted`)
  }
  const bytes = BigInt(digits) * UNITS[oneOf(['', 'K', 'M', 'G'], unit ?? '')]
  if (bytes > MOST) throw new UsageError(`size too big in '${text}'`)
  return Math.min(Number(bytes), Number.MAX_SAFE_INTEGER)
}
