/** The slow operations of the last while, and how the searches among them were answered. */
import type { Explanation } from '../engine/explain.js'
import type { RankedOptions } from '../engine/search.js'
import type { Operation, OperationKind } from '../operations.js'

/** An operation that took long. */
export interface SlowOperation {
  readonly kind: OperationKind
  readonly query?: string | undefined
  /** When it was over. */
  readonly takenAt: Date
  /** Milliseconds. */
  readonly duration: number
  /** Milliseconds of its parts, as far as they are measured. */
  readonly phases?: Readonly<Record<string, number>> | undefined
  readonly error?: unknown
  /** Of a search: how it is answered, asked again some time later. */
  readonly plan?: Explanation | undefined
}

export interface SlowLogOptions {
  /** Milliseconds from which an operation is slow. */
  readonly from: number
  /** How many are kept. */
  readonly keep: number
  /** Asks for the plan of a search. */
  readonly explain: (operation: Operation, options: RankedOptions) => Promise<Explanation>
}

/** A plan is not worth more: it takes as long as the search did. */
const PLAN_TIMEOUT = 10_000

export class SlowLog {
  readonly #options: SlowLogOptions
  readonly #entries: SlowOperation[] = []
  /** The newest search without a plan: others have to wait for its turn to be over. */
  #unexplained: { readonly operation: Operation; readonly entry: SlowOperation } | undefined
  #isExplaining = false

  constructor(options: SlowLogOptions) {
    this.#options = options
  }

  /** The newest first. */
  get entries(): readonly SlowOperation[] {
    return this.#entries.toReversed()
  }

  /** Keeps an operation if it was slow. */
  add(operation: Operation, date: number): void {
    const { kind, query, duration = 0, phases, error } = operation
    const { from, keep } = this.#options
    if (duration < from || keep === 0) return
    const entry = { kind, query, takenAt: new Date(date), duration, phases, error }
    this.#entries.push(entry)
    if (this.#entries.length > keep) this.#entries.shift()
    if (kind === 'search') this.#unexplained = { operation, entry }
  }

  /** Has the newest slow search explained, unless one is being explained: plans cost as much as the searches. */
  explain(): void {
    if (this.#unexplained === undefined || this.#isExplaining) return
    const { operation, entry } = this.#unexplained
    this.#unexplained = undefined
    this.#isExplaining = true
    this.#options
      .explain(operation, planOptions(operation.options))
      .then(
        plan => {
          const place = this.#entries.indexOf(entry)
          if (place !== -1) this.#entries[place] = { ...entry, plan }
        },
        // What was slow may fail by now, or the index may be closed: then there is no plan.
        () => {},
      )
      .finally(() => (this.#isExplaining = false))
  }
}

/** The options of a search without those of its call, and of the index as it is. */
function planOptions(options: RankedOptions = {}): RankedOptions {
  const { signal: _1, timeout: _2, freshness: _3, ...rest } = options
  return { ...rest, timeout: PLAN_TIMEOUT }
}
