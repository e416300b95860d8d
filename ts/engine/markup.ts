/** Marking what was asked for in a snippet. */
import { invalidOption } from '../errors.js'
import { type Checks, checked, choice, text } from '../checks.js'
import type { Snippet } from './search.js'

/** How what was asked for is marked. */
export interface MarkOptions {
  /** Stands before each word that was asked for. Default: `'<mark>'`. */
  readonly open?: string | undefined
  /** Stands behind it. Default: `'</mark>'`. */
  readonly close?: string | undefined
  /** What the text is made safe for: in HTML, `&`, `<`, `>` and quotes become entities. Default: `'html'`. */
  readonly escape?: 'html' | 'none' | undefined
}

const MARK_CHECKS = {
  open: text,
  close: text,
  escape: choice('html', 'none'),
} satisfies Checks<MarkOptions>

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** A text and what of it was asked for: a snippet, or a line that was followed. */
export type Markable = Pick<Snippet, 'text' | 'ranges'>

/**
 * A snippet's text with what was asked for marked. As HTML by default: whatever the text has of markup stays text, so that it
 * can be put into a page, between tags or within a quoted attribute. `open` and `close` are taken as they are.
 *
 * For a terminal: `{ open: '\u001B[1m', close: '\u001B[22m', escape: 'none' }`.
 */
export function marked(snippet: Markable, options?: MarkOptions): string {
  if (typeof snippet !== 'object' || snippet === null)
    invalidOption('snippet', snippet, 'the snippet of a hit')
  const { open = '<mark>', close = '</mark>', escape = 'html' } = checked(options, MARK_CHECKS)
  const safe = escape === 'html' ? escapeHtml : (part: string): string => part
  let shown = ''
  let place = 0
  for (const [start, end] of snippet.ranges) {
    shown += safe(snippet.text.slice(place, start)) + open + safe(snippet.text.slice(start, end)) + close
    place = end
  }
  return shown + safe(snippet.text.slice(place))
}

function escapeHtml(part: string): string {
  return part.replaceAll(/[&<>"']/g, sign => ENTITIES[sign] ?? sign)
}
