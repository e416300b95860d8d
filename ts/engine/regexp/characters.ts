/**
 * Sets of characters as sorted, disjoint ranges of code points, and the sets that JavaScript's escapes stand for.
 *
 * Everything that a `RegExp` can say about one character ends up as such a set, so that no class is left to mean what the
 * engine's syntax would mean by the same letters: `\d` is ten digits here, not every digit of Unicode.
 */

/** First and last code point, both included. */
export type CharacterRange = readonly [first: number, last: number]

/** Sorted, disjoint and not adjacent. */
export type CharacterSet = readonly CharacterRange[]

export const LAST_CODE_POINT = 0x10_ff_ff
export const LAST_UNIT = 0xff_ff

/** The code units that come in pairs. */
export const SURROGATES: CharacterRange = [0xd8_00, 0xdf_ff]

export const DIGITS: CharacterSet = [[0x30, 0x39]]

export const WORD: CharacterSet = [
  [0x30, 0x39],
  [0x41, 0x5a],
  [0x5f, 0x5f],
  [0x61, 0x7a],
]

/** `\w` under the flags `i` and `u` together: long s and the Kelvin sign fold to letters of ASCII. */
export const FOLDED_WORD: CharacterSet = [...WORD, [0x01_7f, 0x01_7f], [0x21_2a, 0x21_2a]]

/** WhiteSpace and LineTerminator of ECMA-262, 12.2 and 12.3. */
export const SPACE: CharacterSet = [
  [0x09, 0x0d],
  [0x20, 0x20],
  [0xa0, 0xa0],
  [0x16_80, 0x16_80],
  [0x20_00, 0x20_0a],
  [0x20_28, 0x20_29],
  [0x20_2f, 0x20_2f],
  [0x20_5f, 0x20_5f],
  [0x30_00, 0x30_00],
  [0xfe_ff, 0xfe_ff],
]

/** What `.` does not match without the flag `s`. */
export const LINE_TERMINATORS: CharacterSet = [
  [0x0a, 0x0a],
  [0x0d, 0x0d],
  [0x20_28, 0x20_29],
]

/** Sorts ranges and joins those that overlap or touch. */
export function setOf(ranges: Iterable<CharacterRange>): CharacterSet {
  const sorted = [...ranges].toSorted(([a], [b]) => a - b)
  const joined: [number, number][] = []
  for (const [first, last] of sorted) {
    const previous = joined.at(-1)
    if (previous !== undefined && first <= previous[1] + 1) previous[1] = Math.max(previous[1], last)
    else joined.push([first, last])
  }
  return joined
}

/** Every character up to `last` that is not in the set. */
export function complement(set: CharacterSet, last: number): CharacterSet {
  const gaps: CharacterRange[] = []
  let next = 0
  for (const [from, to] of set) {
    if (from > next) gaps.push([next, from - 1])
    next = to + 1
  }
  if (next <= last) gaps.push([next, last])
  return gaps
}

export function contains(set: CharacterSet, character: number): boolean {
  return set.some(([first, last]) => first <= character && character <= last)
}

/** The set without its surrogates; a text that is valid has none by themselves. */
export function withoutSurrogates(set: CharacterSet): CharacterSet {
  const [low, high] = SURROGATES
  return set.flatMap(([first, last]): CharacterRange[] => {
    const parts: CharacterRange[] = [
      [first, Math.min(last, low - 1)],
      [Math.max(first, high + 1), last],
    ]
    return parts.filter(([from, to]) => from <= to)
  })
}

const properties = new Map<string, CharacterSet>()

/** What a property escape such as `\p{Lu}` matches, found by asking the running JavaScript engine. */
export function propertySet(escape: string): CharacterSet {
  let set = properties.get(escape)
  if (set === undefined) {
    set = setOf(matchedBy(new RegExp(`${escape}+`, 'gu')))
    properties.set(escape, set)
  }
  return set
}

const STEP = 0x08_00

function* matchedBy(runs: RegExp): Generator<CharacterRange> {
  for (let first = 0; first <= LAST_CODE_POINT; first += STEP) {
    if (first >= SURROGATES[0] && first <= SURROGATES[1]) continue
    const text = String.fromCodePoint(...Array.from({ length: STEP }, (_, i) => first + i))
    const width = first > LAST_UNIT ? 2 : 1
    for (const { 0: run, index } of text.matchAll(runs)) {
      yield [first + index / width, first + (index + run.length) / width - 1]
    }
  }
}
