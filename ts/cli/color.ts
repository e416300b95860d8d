/** Colours of what this command prints by itself, as ripgrep's are. */
import { type Markable, marked } from '../engine/markup.js'
import { oneOf } from './usage.js'

export const PATH = '\u001B[35m'
export const LINE = '\u001B[32m'
const FOUND_WORD = '\u001B[1m\u001B[31m'
export const PLAIN = '\u001B[0m'

/** Whether to colour: `--color`, or what the terminal says. */
export function colored(flag: string | undefined): boolean {
  const when = oneOf('--color', flag, ['never', 'auto', 'always'])
  if (when === 'always' || when === 'never') return when === 'always'
  return process.stdout.isTTY && process.env['NO_COLOR'] === undefined
}

/** A text with what was asked for marked, if it is to be coloured. */
export function markedWords(found: Markable, color: boolean): string {
  const [open, close] = color ? [FOUND_WORD, PLAIN] : ['', '']
  return marked(found, { open, close, escape: 'none' })
}
