/**
 * What an index is asked to do, told to whoever listens: one tracing channel of `node:diagnostics_channel` for each kind of
 * operation, `quern:search` and so on. While nobody listens nothing is made and nothing is measured.
 */
import { type TracingChannel, tracingChannel } from 'node:diagnostics_channel'
import { performance } from 'node:perf_hooks'
import type { Index } from './engine/handle.js'

/** The kinds of operations. What `Index.facets` asks is a search; `update`, `remove` and `revert` apply. */
export const OPERATIONS = [
  'grep',
  'search',
  'explain',
  'suggest',
  'ready',
  'refresh',
  'apply',
  'flush',
  'compact',
  'check',
  'watch',
  'follow',
] as const

export type OperationKind = (typeof OPERATIONS)[number]

/** What an operation was asked. */
export interface Asked {
  /** The query, pattern or text; several patterns are lines of it. */
  readonly query?: string | undefined
  /** The options, as they were given. */
  readonly options?: object | undefined
}

/** The message of the channels: one object from the start of an operation to its end. */
export interface Operation extends Asked {
  readonly kind: OperationKind
  readonly index: Index
  /** Milliseconds that the caller waited; of a grep, for its rows. Set when the operation is over. */
  duration?: number | undefined
  /**
   * Milliseconds of its parts, as far as the engine measures them: of a search and an explain `SearchPhases`; of a refresh the
   * stages of a build, all threads together. Set with `duration`.
   */
  phases?: Readonly<Record<string, number>> | undefined
  /** What it gave, if it did not fail; of a grep, its coverage. */
  result?: unknown
  /** What it failed with. */
  error?: unknown
}

type Channels = { readonly [K in OperationKind]: TracingChannel<unknown, Operation> }

/** The channel of a kind of operation. */
export const channelOf = (kind: OperationKind): TracingChannel<unknown, Operation> => CHANNELS[kind]

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- made from the list of the kinds
const CHANNELS = Object.fromEntries(
  OPERATIONS.map(kind => [kind, tracingChannel(`quern:${kind}`)]),
) as Channels

/** Phases of answers that have not reached their channel yet: answers themselves do not show them. */
const PHASES = new WeakMap<object, Readonly<Record<string, number>>>()

/** Notes how long the parts of an operation took that gives `answer`, in milliseconds; only if somebody listens. */
export function measured(kind: OperationKind, answer: object, phases: () => Operation['phases']): void {
  const known = CHANNELS[kind].hasSubscribers ? phases() : undefined
  if (known !== undefined) PHASES.set(answer, known)
}

type Method<A extends unknown[], R> = (this: Index, ...given: A) => Promise<R>

/** Makes a method of an index an operation that its channel tells of. `asked`: what it is asked, of its arguments. */
export function traced<A extends unknown[], R>(
  kind: OperationKind,
  asked: (...given: A) => Asked = () => ({}),
): (method: Method<A, R>, context: ClassMethodDecoratorContext) => Method<A, R> {
  const channel = CHANNELS[kind]
  return method =>
    function (...given) {
      if (!channel.hasSubscribers) return method.apply(this, given)
      const operation: Operation = { kind, index: this, ...asked(...given) }
      return channel.tracePromise(() => timed(operation, method.apply(this, given)), operation)
    }
}

async function timed<R>(operation: Operation, outcome: Promise<R>): Promise<R> {
  const begun = performance.now()
  try {
    const result = await outcome
    if (typeof result === 'object' && result !== null) operation.phases = PHASES.get(result)
    return result
  } finally {
    operation.duration = performance.now() - begun
  }
}

/** An operation that goes on for as long as somebody asks for more of its answer. */
export class Run {
  readonly #operation: Operation
  #settle: ((outcome: { result: unknown } | { error: unknown }) => void) | undefined
  #waited = 0

  constructor(operation: Operation) {
    this.#operation = operation
    const over = (): Promise<unknown> =>
      new Promise((resolve, reject) => {
        this.#settle = outcome => {
          if ('error' in outcome) reject(outcome.error)
          else resolve(outcome.result)
        }
      })
    // Whoever asked has the error already.
    CHANNELS[operation.kind].tracePromise(over, operation).catch(() => {})
  }

  /** Begins an operation, if somebody listens. */
  static begin(operation: Operation): Run | undefined {
    return CHANNELS[operation.kind].hasSubscribers ? new Run(operation) : undefined
  }

  /** Waits for a part of the answer. */
  async step<T>(part: Promise<T>): Promise<T> {
    const begun = performance.now()
    try {
      const value = await part
      this.#waited += performance.now() - begun
      return value
    } catch (error) {
      this.#waited += performance.now() - begun
      this.#finish({ error })
      throw error
    }
  }

  /** Nobody asks for more. */
  end(result: unknown): void {
    this.#finish({ result })
  }

  #finish(outcome: { result: unknown } | { error: unknown }): void {
    this.#operation.duration ??= this.#waited
    this.#settle?.(outcome)
  }
}
