/** All rules of a monitor, and where their alerts go. */
import { Alarm, type Alert, type Judged } from './alarm.js'
import { fullRules, type Rule } from './rule.js'

/**
 * Takes an alert when it begins or ends. An alert counts as not delivered if this throws, or gives or resolves to false; no
 * sink waits for another.
 */
// oxlint-disable-next-line typescript/no-invalid-void-type -- most sinks give nothing
export type Sink = (alert: Alert) => void | boolean | Promise<void | boolean>

export class Alerts {
  readonly #alarms: readonly Alarm[]
  readonly #sinks: readonly Sink[]
  #undelivered = 0

  /** Throws `QUERN_INVALID_OPTION` for a rule that makes no sense. */
  constructor(rules: readonly Rule[], sinks: readonly Sink[]) {
    this.#alarms = fullRules(rules).map(rule => new Alarm(rule))
    this.#sinks = sinks
  }

  /** What fires. */
  get firing(): Alert[] {
    return this.#alarms.map(({ firing }) => firing).filter(alert => alert !== undefined)
  }

  /** How often a sink did not take an alert. */
  get undelivered(): number {
    return this.#undelivered
  }

  /** Judges new readings by all rules. */
  judge(readings: Judged): void {
    for (const alarm of this.#alarms) {
      const alert = alarm.judge(readings)
      if (alert !== undefined) for (const sink of this.#sinks) void this.#deliver(sink, alert)
    }
  }

  async #deliver(sink: Sink, alert: Alert): Promise<void> {
    try {
      if ((await sink(alert)) === false) this.#undelivered++
    } catch {
      this.#undelivered++
    }
  }
}

/** A sink that writes a line for each alert. */
export function logSink(write: (line: string) => void): Sink {
  return alert => {
    write(alertText(alert))
  }
}

/** An alert in a line. */
export function alertText({ name, state, severity, message, cause, remedy }: Alert): string {
  return state === 'firing'
    ? `${severity} ${name}: ${message}. Likely cause: ${cause} What to do: ${remedy}`
    : `resolved ${name}: ${message}.`
}
