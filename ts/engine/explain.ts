/** How a ranked search is answered. */
import type { NativeExplanation, NativeSearchRequest, NativeStep } from '../native/addon.js'
import { measured } from '../operations.js'
import { type QueryNote, type RankedCoverage, toRankedCoverage, type UsedMode } from './search.js'

/** A part of how a query is answered. */
export interface PlanStep {
  /**
   * `'words'`: one of `words` in any field; `'phrase'`: they follow each other; `'filter'`: passages chosen by path, language, time or level, or by
   * a regular expression; `'nothing'`: a clause without a word in it.
   */
  readonly kind: 'group' | 'words' | 'phrase' | 'filter' | 'everything' | 'nothing'
  /** The clause as it is written; absent for a group. */
  readonly clause?: string | undefined
  readonly words: readonly string[]
  /** Passages that match, at most; of a regular expression, those where the query says to look. */
  readonly chunks: number
  /** Entries of posting lists that are read, at most: what the step costs. */
  readonly postings: number
  /** What a passage gains by it, at most. */
  readonly weight: number
  /** Parts of which each has to match, the most selective first. */
  readonly all: readonly PlanStep[]
  /** Parts that add to the score; one has to match if there is nothing in `all`. */
  readonly any: readonly PlanStep[]
  /** Parts that must not match. */
  readonly none: readonly PlanStep[]
}

/** Something about a query that its author may want to know; `start` and `end` are bytes of it. */
export interface Advice {
  readonly start: number
  readonly end: number
  readonly message: string
  /** What could be asked instead. */
  readonly query?: string | undefined
}

/** Milliseconds that each part of an answer took. */
export interface SearchPhases {
  /** Reading the query. */
  readonly parse: number
  /** Finding out which words, files and lines its clauses stand for. */
  readonly plan: number
  /** Reading posting lists, scoring and counting. */
  readonly postings: number
  /** Looking at the best again. */
  readonly rank: number
  /** Reading what is shown. */
  readonly snippet: number
}

/** How a ranked search was answered. */
export interface Explanation {
  /** The query as it was understood. */
  readonly query: string
  readonly notes: readonly QueryNote[]
  readonly mode: UsedMode
  /** Passages that match. */
  readonly total: number
  /** Absent for an empty query. */
  readonly plan?: PlanStep | undefined
  readonly advice: readonly Advice[]
  readonly phases: SearchPhases
  /** Segments of the index, and runs of terms that were asked. */
  readonly segments: number
  readonly runs: number
  readonly coverage: RankedCoverage
}

export function toExplanation({ query }: NativeSearchRequest, native: NativeExplanation): Explanation {
  const { plan, coverage, ...rest } = native
  const bytes = Buffer.from(query)
  const explanation = {
    ...rest,
    ...(plan === undefined ? {} : { plan: toStep(bytes, plan) }),
    coverage: toRankedCoverage(coverage),
  }
  measured('explain', explanation, () => ({ ...rest.phases }))
  return explanation
}

function toStep(query: Buffer, { start, end, all, any, none, ...rest }: NativeStep): PlanStep {
  const steps = (natives: readonly NativeStep[]): PlanStep[] => natives.map(step => toStep(query, step))
  const clause = start === undefined ? {} : { clause: query.subarray(start, end).toString() }
  return { ...rest, ...clause, all: steps(all), any: steps(any), none: steps(none) }
}
