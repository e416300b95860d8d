/**
 * Reading a command line by the table of flags, as lexopt (ripgrep's parser) does: `-A5`, `-A=5`, `-A 5`, `-uu`, `-in`,
 * `--context=5`, `--context 5`, `--` before everything that only looks like a flag, and `-` for standard input. A value is
 * taken as it stands, even if it starts with a dash.
 */
import type { Flag } from './flags/flag.js'
import { FLAGS } from './flags/table.js'
import { initialSettings, type Settings } from './settings.js'
import { UsageError } from './usage.js'

/** What the arguments of `quern grep` say. Throws {@link UsageError}. */
export function parseArguments(args: readonly string[]): Settings {
  const settings = initialSettings()
  const rest = [...args]
  for (let arg = rest.shift(); arg !== undefined; arg = rest.shift()) {
    if (arg === '--') {
      settings.positional.push(...rest.splice(0))
    } else if (arg.startsWith('--')) {
      readLong(arg, rest, settings)
    } else if (arg.startsWith('-') && arg !== '-') {
      readShorts(arg, rest, settings)
    } else {
      settings.positional.push(arg)
    }
  }
  return settings
}

function readLong(arg: string, rest: string[], settings: Settings): void {
  const equals = arg.indexOf('=')
  const name = arg.slice(2, equals === -1 ? undefined : equals)
  const attached = equals === -1 ? undefined : arg.slice(equals + 1)
  const found = LONG.get(name)
  if (found === undefined) throw new UsageError(`unrecognized flag --${name}${similar(name)}`)
  const { flag, negated } = found
  if (flag.value !== undefined && !negated) {
    apply(`--${name}`, flag, attached ?? following(`--${name}`, rest), settings)
  } else if (attached === undefined) {
    apply(`--${name}`, flag, !negated, settings)
  } else {
    throw new UsageError(`--${name} is a switch and takes no value, but '${attached}' was given`)
  }
}

function readShorts(arg: string, rest: string[], settings: Settings): void {
  const letters = Array.from(arg).slice(1)
  while (letters.length > 0) {
    const letter = letters.shift() ?? ''
    const flag = SHORT.get(letter)
    if (flag === undefined)
      throw new UsageError(`unrecognized flag -${letter}; \`quern grep --help\` lists all`)
    if (flag.value !== undefined) {
      const attached = letters.splice(0).join('')
      const value = attached === '' ? following(`-${letter}`, rest) : attached.replace(/^=/, '')
      apply(`-${letter}`, flag, value, settings)
    } else if (letters[0] === '=') {
      throw new UsageError(
        `-${letter} is a switch and takes no value, but '${letters.slice(1).join('')}' was given`,
      )
    } else {
      apply(`-${letter}`, flag, true, settings)
    }
  }
}

function following(name: string, rest: string[]): string {
  const value = rest.shift()
  if (value === undefined) throw new UsageError(`missing value for flag ${name}`)
  return value
}

function apply(name: string, flag: Flag, value: string | boolean, settings: Settings): void {
  if (flag.refused !== undefined) {
    if (value === false || value === '') return
    throw new UsageError(`${name} is not supported: ${flag.refused}`)
  }
  try {
    flag.set?.(settings, value)
  } catch (error) {
    if (error instanceof UsageError) throw new UsageError(`error parsing flag ${name}: ${error.message}`)
    throw error
  }
}

interface LongName {
  readonly flag: Flag
  readonly negated: boolean
}

const LONG: ReadonlyMap<string, LongName> = new Map(
  FLAGS.flatMap((flag): [string, LongName][] => [
    [flag.long, { flag, negated: false }],
    ...(flag.alias === undefined
      ? []
      : [[flag.alias, { flag, negated: false }] satisfies [string, LongName]]),
    ...(flag.negated === undefined
      ? []
      : [[flag.negated, { flag, negated: true }] satisfies [string, LongName]]),
  ]),
)

const SHORT: ReadonlyMap<string, Flag> = new Map(
  FLAGS.flatMap(flag => (flag.short === undefined ? [] : [[flag.short, flag] as const])),
)

/** A hint at flags with nearly the name that was typed. */
function similar(name: string): string {
  const near = [...LONG.keys()].filter(
    known => distance(known, name) <= Math.max(1, Math.floor(name.length / 4)),
  )
  return near.length === 0
    ? '; `quern grep --help` lists all'
    : `; similar: ${near.map(known => `--${known}`).join(', ')}`
}

/** Levenshtein's distance. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (const [i, letter] of Array.from(a).entries()) {
    const next = [i + 1]
    for (const [j, other] of Array.from(b).entries()) {
      const change = (row[j] ?? 0) + (letter === other ? 0 : 1)
      next.push(Math.min(change, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1))
    }
    row = next
  }
  return row[b.length] ?? 0
}
