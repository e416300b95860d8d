/**
 * From a JavaScript `RegExp` to the engine's syntax, with JavaScript's meaning, or not at all.
 *
 * A `RegExp` is applied to each line as if the line were the whole text, so `^` and `$` are the line's ends with the flag
 * `m` and without it; with the option `multiline` it is applied to the whole file instead. Every class becomes an explicit
 * set of characters (see `characters.ts`), case is expanded as ECMA-262 defines it, and what the engine cannot do
 * (lookaround, backreferences) or would do differently is refused with the place and the reason. One thing is read
 * generously: without `u`, JavaScript sees a character beyond U+FFFF as two halves, here it is always one.
 */
import { type AST, RegExpParser } from '@eslint-community/regexpp'
import { raise } from '../../errors.js'
import { closeOverCase } from './case.js'
import {
  type CharacterSet,
  complement,
  contains,
  DIGITS,
  FOLDED_WORD,
  LAST_CODE_POINT,
  LAST_UNIT,
  LINE_TERMINATORS,
  propertySet,
  setOf,
  SPACE,
  SURROGATES,
  withoutSurrogates,
  WORD,
} from './characters.js'
import { canBeEmpty, triesEmptyLast } from './empty.js'

/** How the pattern will be applied. */
export interface Setting {
  /** To whole files instead of line by line. */
  readonly multiline: boolean
  /** Which of the call's patterns it is, for the error. */
  readonly position: number
}

/** The pattern in the engine's syntax, case-sensitive. Throws `QUERN_INVALID_PATTERN` where there is none. */
export function translate(regexp: RegExp, setting: Setting): string {
  return new Translation(regexp, setting).text()
}

const NEWLINE = 0x0a
const NEVER = '[a&&b]'
/** By itself the engine's ASCII `\B` also holds between the bytes of one character; its Unicode twins never do. */
const NOT_BOUNDARY = '(?-u:\\B)(?:\\b|\\B)'
const LEGAL_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/
const LARGEST_COUNT = 2 ** 32 - 1

class Translation {
  readonly #regexp: RegExp
  readonly #setting: Setting

  constructor(regexp: RegExp, setting: Setting) {
    this.#regexp = regexp
    this.#setting = setting
  }

  text(): string {
    const { source, sticky, flags, unicode, ignoreCase } = this.#regexp
    if (sticky)
      this.#refuse('the flag y ties a match to lastIndex, which a search does not have; leave it out', 0)
    if (flags.includes('v'))
      this.#refuse('the flag v (sets of strings) cannot be searched; use the flag u', 0)
    const pattern = new RegExpParser().parsePattern(source, 0, source.length, { unicode })
    const text = this.#branches(pattern.alternatives)
    return unicode && ignoreCase ? `(?i:${text})` : text
  }

  #refuse(why: string, offset: number): never {
    const message = `${String(this.#regexp)}: ${why}`
    return raise({
      code: 'QUERN_INVALID_PATTERN',
      message,
      pattern: this.#setting.position,
      offset,
      stage: 'pattern',
    })
  }

  #refuseNode(node: AST.Node, why: string): never {
    return this.#refuse(`${node.raw} at offset ${node.start} ${why}`, node.start)
  }

  #branches(branches: readonly AST.Alternative[]): string {
    return branches.map(({ elements }) => this.#sequence(elements)).join('|')
  }

  #sequence(elements: readonly AST.Element[]): string {
    let text = ''
    for (let i = 0; i < elements.length; i++) {
      const pair = pairAt(elements, i)
      if (pair === undefined) {
        const element = elements[i]
        text += element === undefined ? '' : this.#element(element)
      } else {
        text += escaped(pair)
        i++
      }
    }
    return text
  }

  #element(node: AST.Element): string {
    switch (node.type) {
      case 'Character':
        return this.#character(node)
      case 'CharacterSet':
        return this.#class(node, this.#escapeSet(node))
      case 'CharacterClass':
        return this.#characterClass(node)
      case 'Group':
        if (node.modifiers !== null)
          this.#refuseNode(node.modifiers, 'changes flags within the pattern; use separate patterns')
        return `(?:${this.#branches(node.alternatives)})`
      case 'CapturingGroup':
        return this.#capture(node)
      case 'Quantifier':
        return this.#quantifier(node)
      case 'Assertion':
        return this.#assertion(node)
      case 'Backreference':
        return this.#refuseNode(
          node,
          'is a backreference, which the engine cannot do: it promises time linear in the text',
        )
      case 'ExpressionCharacterClass':
        return this.#refuseNode(node, 'needs the flag v, which cannot be searched')
    }
  }

  #capture({ name, alternatives }: AST.CapturingGroup): string {
    const open = name !== null && LEGAL_NAME.test(name) ? `(?P<${name}>` : '('
    return `${open}${this.#branches(alternatives)})`
  }

  #quantifier(node: AST.Quantifier): string {
    const { min, max, greedy, element } = node
    if (max > min && canBeEmpty(element) && !triesEmptyLast(element)) {
      this.#refuseNode(
        node,
        'repeats a part that tries to match nothing first; put the way that matches nothing last',
      )
    }
    if (min > LARGEST_COUNT || (max > LARGEST_COUNT && max !== Infinity))
      this.#refuseNode(node, 'repeats too often')
    return `${this.#element(element)}${counts(min, max)}${greedy ? '' : '?'}`
  }

  #assertion(node: AST.Assertion): string {
    const { ignoreCase, unicode, multiline } = this.#regexp
    const byLine = !this.#setting.multiline || multiline
    switch (node.kind) {
      case 'start':
        return byLine ? '^' : '\\A'
      case 'end':
        return byLine ? '$' : '\\z'
      case 'word':
        if (ignoreCase && unicode) {
          this.#refuseNode(
            node,
            'under the flags i and u counts two more letters, which the engine cannot; leave u out',
          )
        }
        return node.negate ? NOT_BOUNDARY : '(?-u:\\b)'
      case 'lookahead':
      case 'lookbehind':
        return this.#refuseNode(
          node,
          `is a ${node.kind}, which the engine cannot do; search for the rest and filter the matches`,
        )
    }
  }

  #character(node: AST.Character): string {
    const { unicode, ignoreCase } = this.#regexp
    if (node.value === NEWLINE && !this.#setting.multiline) {
      this.#refuseNode(node, 'is a line end, which no line contains; set the option multiline')
    }
    if (contains([SURROGATES], node.value)) {
      if (unicode) return NEVER
      this.#refuseNode(node, 'is half of a character; use the flag u and \\u{...}')
    }
    if (unicode || !ignoreCase) return escaped(node.value)
    const set = closeOverCase([[node.value, node.value]])
    return set.length === 1 && set[0]?.[0] === set[0]?.[1] ? escaped(node.value) : written(set)
  }

  #characterClass(node: AST.CharacterClass): string {
    const set = setOf(node.elements.flatMap(element => this.#members(element)))
    const { unicode, ignoreCase } = this.#regexp
    if (!node.negate) return this.#class(node, set)
    if (unicode && ignoreCase)
      return set.length === 0 ? written([[0, LAST_CODE_POINT]]) : `[^${listed(withoutSurrogates(set))}]`
    return this.#class(node, complement(ignoreCase ? closeOverCase(set) : set, this.#last()))
  }

  #members(element: AST.CharacterClassElement): CharacterSet {
    switch (element.type) {
      case 'Character':
        return [[element.value, element.value]]
      case 'CharacterClassRange':
        return [[element.min.value, element.max.value]]
      case 'CharacterSet':
        return this.#escapeSet(element)
      default:
        return this.#refuseNode(element, 'needs the flag v, which cannot be searched')
    }
  }

  #escapeSet(node: AST.CharacterSet): CharacterSet {
    if (node.kind === 'any') {
      return this.#regexp.dotAll ? [[0, this.#last()]] : complement(LINE_TERMINATORS, this.#last())
    }
    if (node.kind === 'property') return propertySet(node.raw)
    const set = this.#namedSet(node.kind)
    return node.negate ? complement(set, this.#last()) : set
  }

  #namedSet(kind: 'digit' | 'space' | 'word'): CharacterSet {
    if (kind === 'digit') return DIGITS
    if (kind === 'space') return SPACE
    return this.#regexp.unicode && this.#regexp.ignoreCase ? FOLDED_WORD : WORD
  }

  /** A set as a class; without `u` its halves of characters stand for the characters beyond U+FFFF. */
  #class(node: AST.Node, set: CharacterSet): string {
    const { unicode, ignoreCase } = this.#regexp
    const closed = ignoreCase && !unicode ? closeOverCase(set) : set
    const characters = withoutSurrogates(closed)
    if (
      !this.#setting.multiline &&
      characters.length === 1 &&
      characters[0]?.[1] === NEWLINE &&
      characters[0][0] === NEWLINE
    ) {
      this.#refuseNode(node, 'matches line ends only, which no line contains; set the option multiline')
    }
    if (unicode || !touches(closed)) return written(characters)
    const allHalves = closed.some(([first, last]) => first <= SURROGATES[0] && SURROGATES[1] <= last)
    if (!allHalves) this.#refuseNode(node, 'has halves of characters; use the flag u')
    return written(setOf([...characters, [LAST_UNIT + 1, LAST_CODE_POINT]]))
  }

  #last(): number {
    return this.#regexp.unicode ? LAST_CODE_POINT : LAST_UNIT
  }
}

function touches(set: CharacterSet): boolean {
  return set.some(([first, last]) => first <= SURROGATES[1] && last >= SURROGATES[0])
}

/** The code point of two halves that stand next to each other. */
function pairAt(elements: readonly AST.Element[], at: number): number | undefined {
  const [high, low] = [elements[at], elements[at + 1]]
  if (high?.type !== 'Character' || low?.type !== 'Character') return undefined
  const code = String.fromCharCode(high.value, low.value).codePointAt(0) ?? 0
  return high.value <= LAST_UNIT && low.value <= LAST_UNIT && code > LAST_UNIT ? code : undefined
}

function counts(min: number, max: number): string {
  if (min === 0 && max === 1) return '?'
  if (max === Infinity && min <= 1) return min === 0 ? '*' : '+'
  if (min === max) return `{${min}}`
  return `{${min},${max === Infinity ? '' : max}}`
}

/** A character as itself where that is readable and safe, else by number. */
function escaped(code: number): string {
  const character = String.fromCodePoint(code)
  return /^[\p{L}\p{N}_ <>=:;,!"'%@/`]$/u.test(character) ? character : `\\x{${code.toString(16)}}`
}

function listed(set: CharacterSet): string {
  return set
    .map(([first, last]) => (first === last ? escaped(first) : `${escaped(first)}-${escaped(last)}`))
    .join('')
}

function written(set: CharacterSet): string {
  return set.length === 0 ? NEVER : `[${listed(set)}]`
}
