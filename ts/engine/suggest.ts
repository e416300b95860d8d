/** Suggestions while somebody types: which options there are, and what comes of it. */
import { invalidOption } from '../errors.js'
import type { NativeSuggestAnswer, NativeSuggestRequest } from '../native/addon.js'
import type { CallOptions } from '../native/call.js'
import { type Check, type Checks, checked, choice, only, smallCount } from '../checks.js'
import type { Freshness } from './coverage.js'
import { CALL_CHECKS, FRESHNESS } from './grep-options.js'
import { type RankedCoverage, toRankedCoverage } from './search.js'

/** What can be suggested: names of definitions and headings, words of the text, files and folders. */
export type SuggestionKind = 'symbol' | 'word' | 'path'

/** Options of `Index.suggest`. */
export interface SuggestOptions extends CallOptions {
  /** What to suggest, in this order. Default: `['symbol', 'word', 'path']`. */
  readonly kinds?: readonly SuggestionKind[] | undefined
  /** Suggestions of each kind at most. Default: 10. */
  readonly limit?: number | undefined
  /** Edits that the beginning may be away at most: 0, 1 or 2. Default: by length, 1 from 3 letters on, 2 from 8 on. */
  readonly edits?: 0 | 1 | 2 | undefined
  /** Letters of the dictionaries that are looked at for each kind at most. Default: 200,000. */
  readonly maxVisits?: number | undefined
  /** As that of `Index.search`. */
  readonly freshness?: Freshness | undefined
}

const KIND = choice('symbol', 'word', 'path')

const kinds: Check<SuggestionKind[]> = (option, value) =>
  Array.isArray(value)
    ? [...new Set(value.map(kind => KIND(option, kind)))]
    : invalidOption(option, value, "an array of 'symbol', 'word' and 'path'")

const edits: Check<0 | 1 | 2> = (option, value) =>
  value === 0 || value === 1 || value === 2 ? value : invalidOption(option, value, '0, 1 or 2')

const OWN_CHECKS = { kinds, limit: smallCount, edits, maxVisits: smallCount, freshness: FRESHNESS }

const SUGGEST_CHECKS = { ...OWN_CHECKS, ...CALL_CHECKS } satisfies Checks<SuggestOptions>

/** Something that may be meant. */
export interface Suggestion {
  /** A word in lower case; a name as it is written; a path from the root, that of a folder with `/` at the end. */
  readonly text: string
  readonly kind: SuggestionKind
  /** Passages that have the word or define the name; files of the path. */
  readonly count: number
  /** How many edits away it begins from what was asked for. */
  readonly edits: number
}

/** What is suggested. */
export interface Suggestions {
  /** Kind by kind, in each the best first. */
  readonly suggestions: readonly Suggestion[]
  readonly coverage: RankedCoverage
}

/** Checks a text and its options. */
export function suggestCall(
  text: string,
  options: SuggestOptions | undefined,
): { request: NativeSuggestRequest; options: CallOptions } {
  if (typeof text !== 'string') invalidOption('text', text, 'a string')
  const given = checked(options, SUGGEST_CHECKS)
  return {
    request: { text, ...only(given, OWN_CHECKS) },
    options: only(given, CALL_CHECKS),
  }
}

export function toSuggestions({ suggestions, coverage }: NativeSuggestAnswer): Suggestions {
  return { suggestions, coverage: toRankedCoverage(coverage) }
}
