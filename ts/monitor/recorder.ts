/** Counts and times the operations of some indexes, from their channels. */
import { QuernError } from '../errors.js'
import { channelOf, type Operation, type OperationKind, OPERATIONS } from '../operations.js'
import type { Clock } from './clock.js'
import { Contention } from './contention.js'
import { Latencies, RecentLatencies } from './latencies.js'
import type { OperationFigures, Sample } from './sample.js'
import { Staggered } from './staggered.js'

/** Sees each operation when it is over. */
export type Listener = (operation: Operation) => void

/** What a recorder is told. */
export interface RecorderOptions {
  readonly clock: Clock
  /** Milliseconds that recent figures look back. */
  readonly window: number
  /** Whether an operation is to be recorded, asked when it begins. */
  readonly heeds: (operation: Operation) => boolean
  /** Threads that answer. */
  readonly threads: () => number
}

/** A share of fewer operations says nothing. */
const ENOUGH = 20

/** How many operations there were, and how many of them failed. */
class Outcomes {
  #all = 0
  #failed = 0

  record(hasFailed: boolean): void {
    this.#all++
    if (hasFailed) this.#failed++
  }

  share(): number | undefined {
    return this.#all < ENOUGH ? undefined : this.#failed / this.#all
  }

  reset(): void {
    this.#all = 0
    this.#failed = 0
  }
}

/** All about one kind of operation. */
class Series {
  count = 0
  failed = 0
  aborted = 0
  readonly all = new Latencies()
  readonly recent: RecentLatencies
  readonly phases = new Map<string, RecentLatencies>()
  readonly contention: Contention

  constructor(window: number) {
    this.recent = new RecentLatencies(window)
    this.contention = new Contention(window)
  }
}

export class Recorder {
  readonly #options: RecorderOptions
  readonly #series = new Map<OperationKind, Series>()
  /** Operations under way, and how many there were when they began, themselves among them. */
  readonly #active = new Map<Operation, number>()
  readonly #listeners = new Set<Listener>()
  readonly #outcomes: Staggered<Outcomes>
  readonly #subscribers = {
    start: (operation: Operation): void => {
      if (this.#options.heeds(operation)) this.#active.set(operation, this.#active.size + 1)
    },
    end: (): void => {},
    asyncStart: (): void => {},
    asyncEnd: (operation: Operation): void => {
      this.#over(operation)
    },
    error: (): void => {},
  }

  constructor(options: RecorderOptions) {
    this.#options = options
    this.#outcomes = new Staggered(options.window, () => new Outcomes())
    for (const kind of OPERATIONS) channelOf(kind).subscribe(this.#subscribers)
  }

  /** Operations under way. */
  get active(): number {
    return this.#active.size
  }

  /** Tells a listener of each operation that is over, until what it gives is called. */
  listen(listener: Listener): () => void {
    this.#listeners.add(listener)
    return () => {
      this.#listeners.delete(listener)
    }
  }

  /** Figures of the kinds of operations that there were. */
  figures(): Sample['operations'] {
    const now = this.#options.clock.now()
    return Object.fromEntries([...this.#series].map(([kind, series]) => [kind, this.#figuresOf(series, now)]))
  }

  /** Share of the window's operations that failed; `undefined` while there are too few. */
  failing(): number | undefined {
    return this.#outcomes.oldest(this.#options.clock.now())?.share()
  }

  close(): void {
    for (const kind of OPERATIONS) channelOf(kind).unsubscribe(this.#subscribers)
    this.#active.clear()
    this.#listeners.clear()
  }

  #over(operation: Operation): void {
    const begun = this.#active.get(operation)
    if (begun === undefined) return
    // Others come and go meanwhile: the mean of both ends stands for the time between.
    const beside = (begun + this.#active.size) / 2
    this.#active.delete(operation)
    this.#record(operation, beside)
    for (const listener of this.#listeners) listener(operation)
  }

  #record(operation: Operation, beside: number): void {
    const { kind, duration = 0, phases = {}, error } = operation
    const { clock, window, threads } = this.#options
    const now = clock.now()
    const series = this.#seriesOf(kind)
    const hasFailed = error !== undefined && !isAbort(error)
    for (const outcomes of this.#outcomes.all(now)) outcomes.record(hasFailed)
    series.count++
    if (hasFailed) series.failed++
    else if (error !== undefined) series.aborted++
    series.all.record(duration)
    series.recent.record(duration, now)
    series.contention.record(duration, { now, share: beside / threads() })
    for (const phase in phases) {
      let latencies = series.phases.get(phase)
      if (latencies === undefined) series.phases.set(phase, (latencies = new RecentLatencies(window)))
      latencies.record(phases[phase] ?? 0, now)
    }
  }

  #seriesOf(kind: OperationKind): Series {
    let series = this.#series.get(kind)
    if (series === undefined) this.#series.set(kind, (series = new Series(this.#options.window)))
    return series
  }

  #figuresOf(series: Series, now: number): OperationFigures {
    const { count, failed, aborted, all, recent, phases, contention } = series
    const ofPhases = [...phases].flatMap(([phase, latencies]) => {
      const figures = latencies.figures(now)
      return figures === undefined ? [] : [[phase, figures] as const]
    })
    return {
      count,
      failed,
      aborted,
      all: all.figures(),
      recent: recent.figures(now),
      phases: Object.fromEntries(ofPhases),
      contention: contention.value(now),
    }
  }
}

/** Whoever asked did not want the answer any more: nothing went wrong. */
function isAbort(error: unknown): boolean {
  return error instanceof QuernError && error.code === 'QUERN_ABORTED'
}
