/** A monitor: what some indexes are asked, how long that takes, and what it costs. */
import { availableParallelism } from 'node:os'
import { type Check, type Checks, checked, flag, milliseconds, smallCount } from '../checks.js'
import type { Explanation } from '../engine/explain.js'
import type { Index } from '../engine/handle.js'
import type { RankedOptions } from '../engine/search.js'
import { invalidOption } from '../errors.js'
import type { Operation } from '../operations.js'
import type { Alert } from './alerts/alarm.js'
import { Alerts, type Sink } from './alerts/alerts.js'
import { DEFAULT_RULES } from './alerts/defaults.js'
import type { Rule } from './alerts/rule.js'
import { Gauges } from './gauges.js'
import { Newest } from './newest.js'
import { type Listener, Recorder } from './recorder.js'
import { type Format, report } from './report.js'
import { metrics, type Sample } from './sample.js'
import { SlowLog, type SlowOperation } from './slow.js'
import { type Surroundings, system } from './surroundings.js'

/** Options of {@link Monitor}. */
export interface MonitorOptions {
  /** Milliseconds between two samples; at least 10. Default: 5000. */
  readonly interval?: number | undefined
  /** Milliseconds that recent figures look back, at most: between three quarters of it and all; at least 10. Default: 60,000. */
  readonly window?: number | undefined
  /** Milliseconds from which an operation is slow. Default: 100. */
  readonly slow?: number | undefined
  /** Slow operations that are kept: the newest. Default: 100. */
  readonly keep?: number | undefined
  /** Whether slow searches are explained: one at a time, at most one a sample. Default: true. */
  readonly plans?: boolean | undefined
  /** When there are alerts. Default: {@link DEFAULT_RULES}. */
  readonly rules?: readonly Rule[] | undefined
  /** Where alerts go. Default: nowhere; samples have those that fire. */
  readonly sinks?: readonly Sink[] | undefined
}

const least: Check<number> = (option, value) =>
  milliseconds(option, value) >= 10 && value !== Infinity
    ? milliseconds(option, value)
    : invalidOption(option, value, 'at least 10 milliseconds, and finite')

const isFunction = (value: unknown): value is Sink => typeof value === 'function'

const CHECKS = {
  interval: least,
  window: least,
  slow: milliseconds,
  keep: smallCount,
  plans: flag,
  rules: (option, value): unknown[] =>
    Array.isArray(value) ? value : invalidOption(option, value, 'an array of rules'),
  sinks: (option, value): Sink[] =>
    Array.isArray(value) && value.every(isFunction)
      ? value
      : invalidOption(option, value, 'an array of functions'),
} satisfies Checks<MonitorOptions>

/**
 * Watches what indexes of this process are asked from now on, until it is closed. It keeps no process alive, and what it
 * holds does not grow with the number of operations.
 */
export class Monitor implements Disposable {
  /** What is asked at this moment is asked by a monitor. */
  static #asks = false
  readonly #indexes: ReadonlySet<Index>
  readonly #window: number
  readonly #surroundings: Surroundings
  readonly #recorder: Recorder
  readonly #gauges: Gauges
  readonly #alerts: Alerts
  readonly #slow: SlowLog
  readonly #readers = new Set<Newest<Sample>>()
  readonly #stop: () => void
  #threads = availableParallelism()
  #newest: Sample

  /** Throws `QUERN_INVALID_OPTION`. */
  constructor(indexes: Index | readonly Index[], options?: MonitorOptions)
  /** @internal */
  constructor(
    indexes: Index | readonly Index[],
    options: MonitorOptions | undefined,
    around: () => Surroundings,
  )
  constructor(indexes: Index | readonly Index[], options: MonitorOptions = {}, around = system) {
    const {
      interval = 5000,
      window = 60_000,
      slow: from = 100,
      keep = 100,
      plans = true,
    } = checked(options, CHECKS)
    this.#alerts = new Alerts(options.rules ?? DEFAULT_RULES, options.sinks ?? [])
    this.#indexes = new Set([indexes].flat())
    this.#window = window
    this.#surroundings = around()
    const { clock } = this.#surroundings
    this.#gauges = new Gauges(this.#indexes, this.#surroundings)
    this.#recorder = new Recorder({
      clock,
      window,
      heeds: ({ index }) => this.#indexes.has(index) && !Monitor.#asks,
      threads: () => this.#threads,
    })
    this.#slow = new SlowLog({ from, keep, explain: (operation, rest) => this.#explain(operation, rest) })
    this.#recorder.listen(operation => {
      this.#slow.add(operation, clock.date())
    })
    this.#newest = this.#sample()
    this.#stop = clock.every(interval, () => {
      this.#tick()
      if (plans) this.#slow.explain()
    })
  }

  /** The newest sample. */
  get newest(): Sample {
    return this.#newest
  }

  /** Slow operations, the newest first. Their queries may be confidential. */
  get slow(): readonly SlowOperation[] {
    return this.#slow.entries
  }

  /** The alerts that fire. */
  get alerts(): readonly Alert[] {
    return this.#alerts.firing
  }

  /** How often a sink did not take an alert. */
  get undelivered(): number {
    return this.#alerts.undelivered
  }

  /** Takes a sample now, and judges the rules by it. */
  sample(): Sample {
    this.#tick()
    return this.#newest
  }

  /** Each sample when it is taken. A reader that is slow gets the newest. */
  samples(): AsyncIterableIterator<Sample, undefined> {
    const reader = new Newest<Sample>(left => this.#readers.delete(left))
    this.#readers.add(reader)
    return reader
  }

  /** Tells of each operation when it is over, until what it gives is called. */
  listen(listener: Listener): () => void {
    return this.#recorder.listen(listener)
  }

  /** The newest sample and the slow operations, for people or for programs. Default: `'text'`. */
  report(format: Format = 'text'): string {
    return report(format, { sample: this.#newest, slow: this.slow, undelivered: this.undelivered })
  }

  /** Stops watching; what was seen stays. */
  close(): void {
    this.#stop()
    this.#recorder.close()
    this.#surroundings.close()
    for (const reader of this.#readers) reader.end()
    this.#readers.clear()
  }

  [Symbol.dispose](): void {
    this.close()
  }

  #tick(): void {
    const sample = this.#sample()
    const { clock } = this.#surroundings
    this.#alerts.judge({ now: clock.now(), date: clock.date(), metrics: metrics(sample) })
    this.#newest = { ...sample, alerts: this.#alerts.firing }
    for (const reader of this.#readers) reader.push(this.#newest)
  }

  #sample(): Sample {
    const gauges = this.#gauges.read()
    this.#threads = gauges.queryLoad?.threads ?? this.#threads
    return {
      takenAt: new Date(this.#surroundings.clock.date()),
      window: this.#window,
      operations: this.#recorder.figures(),
      active: this.#recorder.active,
      failing: this.#recorder.failing(),
      ...gauges,
      alerts: this.#alerts.firing,
    }
  }

  #explain({ index, query = '' }: Operation, options: RankedOptions): Promise<Explanation> {
    Monitor.#asks = true
    const explanation = index.explain(query, options)
    Monitor.#asks = false
    return explanation
  }
}
