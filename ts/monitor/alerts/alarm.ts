/**
 * One rule through time: inactive, pending while it is broken but not for long enough, firing, and resolving while it is kept
 * again but not for long enough.
 */
import { milliseconds, shown } from '../units.js'
import type { FullRule, Severity } from './rule.js'

/** That a rule is broken, or is kept again. */
export interface Alert {
  readonly name: string
  readonly state: 'firing' | 'resolved'
  readonly severity: Severity
  readonly metric: string
  /** Of the metric, when the state began; absent if it no longer has one. */
  readonly value?: number | undefined
  readonly threshold: number
  /** When the state began. */
  readonly since: Date
  /** What was measured, in a sentence. */
  readonly message: string
  readonly cause: string
  readonly remedy: string
}

/** The readings by which a rule is judged. */
export interface Judged {
  /** Milliseconds of a clock that never goes back. */
  readonly now: number
  /** Milliseconds since 1970. */
  readonly date: number
  readonly metrics: ReadonlyMap<string, number>
}

export class Alarm {
  readonly #rule: FullRule
  #firing: Alert | undefined
  /** Since when the rule is broken though it does not fire, or kept though it does. */
  #turning: number | undefined

  constructor(rule: FullRule) {
    this.#rule = rule
  }

  /** What fires. */
  get firing(): Alert | undefined {
    return this.#firing
  }

  get state(): 'inactive' | 'pending' | 'firing' | 'resolving' {
    if (this.#firing === undefined) return this.#turning === undefined ? 'inactive' : 'pending'
    return this.#turning === undefined ? 'firing' : 'resolving'
  }

  /** Judges new readings: what begins or ends with them, if anything does. */
  judge({ now, date, metrics }: Judged): Alert | undefined {
    const { metric, hold, enough } = this.#rule
    const isEnough = enough === undefined || (metrics.get(enough.metric) ?? 0) >= enough.value
    const value = isEnough ? metrics.get(metric) : undefined
    if (!this.#turns(value)) {
      this.#turning = undefined
      return undefined
    }
    this.#turning ??= now
    if (now - this.#turning < hold) return undefined
    this.#turning = undefined
    const alert = this.#alert(value, date)
    this.#firing = alert.state === 'firing' ? alert : undefined
    return alert
  }

  /** Whether a value speaks for the other state. */
  #turns(value: number | undefined): boolean {
    const { above, threshold, clear } = this.#rule
    const isBeyond = (limit: number): boolean =>
      value !== undefined && (above === undefined ? value < limit : value > limit)
    return this.#firing === undefined ? isBeyond(threshold) : !isBeyond(clear)
  }

  #alert(value: number | undefined, date: number): Alert {
    const { name, severity, metric, threshold, cause, remedy } = this.#rule
    const state = this.#firing === undefined ? 'firing' : 'resolved'
    const message = this.#message(state, value)
    return { name, state, severity, metric, value, threshold, since: new Date(date), message, cause, remedy }
  }

  #message(state: 'firing' | 'resolved', value: number | undefined): string {
    const { metric, above, threshold, clear, hold } = this.#rule
    const beyond = above === undefined ? 'below' : 'above'
    const is = value === undefined ? 'has no value' : `is ${shown(metric, value)}`
    const limit = state === 'firing' ? threshold : clear
    const where = `${state === 'firing' ? '' : 'not '}${beyond} ${shown(metric, limit)}`
    return `${metric} ${is}: ${where}${hold === 0 ? '' : ` for ${milliseconds(hold)}`}`
  }
}
