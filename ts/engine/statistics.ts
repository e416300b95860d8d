/** What scores depend on besides the passages, for those who ask several indexes as one. */
import { invalidOption } from '../errors.js'
import type { NativeRankedStatistics } from '../native/addon.js'
import type { Check } from '../checks.js'

/**
 * How many passages an index has, how long they are, and how many have each word of a query. Plain data: it may be sent to
 * another process. The sum over several indexes, as option `statistics` of `search`, gives all of them comparable scores.
 */
export interface RankedStatistics {
  /** How many passages there are. */
  readonly chunks: number
  /** Of each field: how many passages have it, and the words that they have there. */
  readonly lengths: readonly (readonly number[])[]
  /** Of each part of the query, the words that it stands for, with how many passages have them in each field. */
  readonly leaves: readonly (readonly LeafWord[])[]
}

/** A word of a query. */
export interface LeafWord {
  readonly word: string
  readonly counts: readonly number[]
}

/** The sum of the statistics of one query in several indexes, at least one. Throws `QUERN_INVALID_OPTION` if they are of different queries. */
export function addStatistics(all: readonly RankedStatistics[]): RankedStatistics {
  const [first, ...others] = all
  if (first === undefined) return invalidOption('statistics', all, 'those of at least one index')
  return others.reduce(sum, first)
}

/** Statistics as they come from `Index.statistics`. What is in them is checked where they are used. */
export const statisticsOption: Check<NativeRankedStatistics> = (option, value) => {
  const isStatistics =
    typeof value === 'object' &&
    value !== null &&
    'chunks' in value &&
    typeof value.chunks === 'number' &&
    'lengths' in value &&
    Array.isArray(value.lengths) &&
    value.lengths.every(isNumbers) &&
    'leaves' in value &&
    Array.isArray(value.leaves) &&
    value.leaves.every(leaf => Array.isArray(leaf) && leaf.every(isWord))
  if (!isStatistics) return invalidOption(option, value, 'what index.statistics or addStatistics gives')
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- every part was looked at
  return value as NativeRankedStatistics
}

function isWord(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  return 'word' in value && typeof value.word === 'string' && 'counts' in value && isNumbers(value.counts)
}

function isNumbers(value: unknown): boolean {
  return Array.isArray(value) && value.every(item => typeof item === 'number')
}

function sum(one: RankedStatistics, other: RankedStatistics): RankedStatistics {
  if (one.leaves.length !== other.leaves.length)
    return invalidOption('statistics', other, 'those of the same query in each index')
  return {
    chunks: one.chunks + other.chunks,
    lengths: one.lengths.map((counts, field) => added(counts, other.lengths[field])),
    leaves: one.leaves.map((words, leaf) => {
      const sums = new Map(words.map(({ word, counts }) => [word, counts]))
      for (const { word, counts } of other.leaves[leaf] ?? []) sums.set(word, added(counts, sums.get(word)))
      return [...sums].map(([word, counts]) => ({ word, counts }))
    }),
  }
}

function added(counts: readonly number[], others: readonly number[] = []): number[] {
  return counts.map((count, place) => count + (others[place] ?? 0))
}
