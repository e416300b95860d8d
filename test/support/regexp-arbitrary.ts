/** Random `RegExp` sources and random lines that have a chance to match them. */
import fc from 'fast-check'

const LETTERS = [
  'a',
  'b',
  'B',
  'k',
  's',
  'S',
  'é',
  'É',
  'µ',
  'Σ',
  'ς',
  'ſ',
  '\u212A',
  'ß',
  'ǆ',
  'я',
  '中',
  '0',
  '7',
  '_',
  '-',
  ' ',
  '\t',
  '\r',
  '\u2028',
  '\uFEFF',
  '😀',
  '.',
  '{',
  '}',
  '/',
  '"',
]

const ATOMS = [
  'a',
  'b',
  'B',
  'k',
  's',
  'S',
  'é',
  'µ',
  'σ',
  'ſ',
  'ß',
  'ǆ',
  'я',
  '中',
  '0',
  '_',
  '-',
  ' ',
  '"',
  '.',
  '\\d',
  '\\D',
  '\\w',
  '\\W',
  '\\s',
  '\\S',
  '\\.',
  '\\-',
  '\\t',
  '\\r',
  '\\x61',
  '\\u00e9',
  '\\u212a',
  '\\cI',
  '\\/',
  '[ab]',
  '[^ab]',
  '[a-s]',
  '[^\\w]',
  '[\\d_-]',
  '[A-Zé]',
  '[^\\s0-9]',
  '[]',
  '[^]',
  '[\\W\\d]',
  '[^\\u0000-\\u007f]',
  '[k-s]',
  '[\\]\\\\^-]',
  '\\b',
  '\\B',
  '^',
  '$',
]
const LEGACY = ['{', '}', ']', '\\e', '{a', 'a{,2}', '\\08', '😀', '\\u{2}']
const UNICODE = [
  '\\p{L}',
  '\\P{Lu}',
  '\\u{1F600}',
  '\\p{Script=Greek}',
  '[\\p{Ll}_]',
  '[^\\p{L}]',
  '[😀-😂]',
  '😀',
]
const QUANTIFIERS = ['', '', '', '', '*', '+', '?', '*?', '+?', '??', '{2}', '{1,2}', '{0,2}?', '{2,}']

/** A pattern and its flags. */
export const regexps: fc.Arbitrary<RegExp> = fc
  .constantFrom('', 'i', 'u', 'iu', 's', 'is', 'g', 'd', 'su')
  .chain(flags => sources(flags.includes('u')).map(source => compiled(source, flags)))
  .filter(regexp => regexp !== undefined)

function compiled(source: string, flags: string): RegExp | undefined {
  try {
    return new RegExp(source, flags)
  } catch {
    return undefined
  }
}

function sources(unicode: boolean): fc.Arbitrary<string> {
  const atoms = fc.constantFrom(...ATOMS, ...(unicode ? UNICODE : LEGACY))
  return fc.letrec<{ node: string; piece: string; atom: string }>(tie => ({
    atom: fc.oneof(
      { weight: 6, arbitrary: atoms },
      { weight: 1, arbitrary: tie('node').map(inner => `(?:${inner})`) },
      { weight: 1, arbitrary: tie('node').map(inner => `(${inner})`) },
      { weight: 1, arbitrary: tie('node').map(inner => `(?<name>${inner})`) },
    ),
    piece: fc
      .tuple(tie('atom'), fc.constantFrom(...QUANTIFIERS))
      .map(([atom, quantifier]) => atom + quantifier),
    node: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      tie('piece'),
      fc.array(tie('piece'), { maxLength: 4 }).map(pieces => pieces.join('')),
      fc.tuple(tie('node'), tie('node')).map(([left, right]) => `${left}|${right}`),
    ),
  })).node
}

/** A line of text without line feed. */
export const lines: fc.Arbitrary<string> = fc
  .array(fc.constantFrom(...LETTERS), { maxLength: 8 })
  .map(letters => letters.join(''))

/**
 * Where `regexp` matches in `line`, as JavaScript says, start and end in UTF-16 units. Left out are an empty match right after
 * another one, as ripgrep does, and one between the halves of a character, which V8 finds and ECMA-262 does not.
 */
export function matchesByJavaScript(regexp: RegExp, line: string): [number, number][] {
  const flags = new Set(regexp.flags).add('g')
  const all = new RegExp(regexp.source, [...flags].join(''))
  const ranges = [...line.matchAll(all)].map(({ 0: text, index }): [number, number] => [
    index,
    index + text.length,
  ])
  const splits = (at: number): boolean => (line.codePointAt(at - 1) ?? 0) > 0xff_ff
  return ranges.filter(([start, end], i) => start !== end || (ranges[i - 1]?.[1] !== start && !splits(start)))
}
