/**
 * Letter case under the flag `i` without `u`: ECMA-262, 22.2.2.7.3, Canonicalize.
 *
 * Two code units are equal if their upper-case forms are, unless that form is longer than a unit or would turn a
 * non-ASCII character into ASCII: the Kelvin sign is no `k` and the long s no `s`, which is where this differs from
 * Unicode's case folding (and so from the flags `iu`, and from ripgrep's `-i`).
 */
import { type CharacterRange, type CharacterSet, contains, LAST_UNIT, setOf } from './characters.js'

/** The set with everything that equals one of its members but for case. */
export function closeOverCase(set: CharacterSet): CharacterSet {
  const asciiOnly = (set.at(-1)?.[1] ?? 0) < 0x80
  const added: CharacterRange[] = []
  for (const group of asciiOnly ? asciiGroups() : allGroups()) {
    if (group.some(unit => contains(set, unit)))
      added.push(...group.map((unit): CharacterRange => [unit, unit]))
  }
  return added.length === 0 ? set : setOf([...set, ...added])
}

type Group = readonly number[]

let ascii: Group[] | undefined
let all: Group[] | undefined

const asciiGroups = (): Group[] => (ascii ??= groups(0x7f))
const allGroups = (): Group[] => (all ??= groups(LAST_UNIT))

/** Code units up to `last` that equal one another but for case, where there is more than one. */
function groups(last: number): Group[] {
  const byCanonical = new Map<number, number[]>()
  for (let unit = 0; unit <= last; unit++) {
    const key = canonical(unit)
    const group = byCanonical.get(key)
    if (group === undefined) byCanonical.set(key, [unit])
    else group.push(unit)
  }
  return [...byCanonical.values()].filter(group => group.length > 1)
}

function canonical(unit: number): number {
  const upper = String.fromCharCode(unit).toUpperCase()
  if (upper.length !== 1) return unit
  const code = upper.charCodeAt(0)
  return unit >= 0x80 && code < 0x80 ? unit : code
}
