/** Patterns of a call: strings are ripgrep's syntax, `RegExp` objects are JavaScript's and are translated. */
import { invalidOption } from '../errors.js'
import { translate } from './regexp/translate.js'

/** One pattern, or several of which any may match. */
export type Pattern = string | RegExp | readonly (string | RegExp)[]

/** Options that a `RegExp` decides by itself. */
const DECIDED = ['case', 'fixedStrings', 'unicode', 'crlf', 'nullData', 'multilineDotall'] as const

/** The patterns in the engine's syntax. `options` are checked options of the call. */
export function nativePatterns(pattern: Pattern, options: Readonly<Record<string, unknown>>): string[] {
  const list: readonly unknown[] = Array.isArray(pattern) ? pattern : [pattern]
  return list.map((item, position) => {
    if (typeof item === 'string') return item
    if (!(item instanceof RegExp))
      return invalidOption('pattern', item, 'a string, a RegExp or an array of them')
    for (const option of DECIDED) {
      if (options[option] !== undefined) {
        invalidOption(
          option,
          options[option],
          'left out with a RegExp, which says by its own flags what it means',
        )
      }
    }
    return translate(item, { multiline: options['multiline'] === true, position })
  })
}

/** Patterns as they are written, one a line. */
export function patternText(pattern: Pattern | undefined): string | undefined {
  return pattern === undefined ? undefined : [pattern].flat().map(String).join('\n')
}
