/** Rules of alerts: data that say which metric may not be beyond what, for how long, and what that means. */
import { type Check, type Checks, checked, choice, milliseconds, text } from '../../checks.js'
import { invalidOption } from '../../errors.js'

/** When there is an alert. One of `above` and `below` is to be given. */
export interface Rule {
  /** Names the alert. */
  readonly name: string
  /** Of {@link metrics}. While it has no value the rule is not broken. */
  readonly metric: string
  /** The rule is broken above this. */
  readonly above?: number | undefined
  /** The rule is broken below this. */
  readonly below?: number | undefined
  /** The alert ends only here, so that a value that hovers gives one alert. Default: a tenth inside of the threshold. */
  readonly clear?: number | undefined
  /** Milliseconds for which the rule has to be broken, and kept again for the alert to end. Default: 30,000. */
  readonly hold?: number | undefined
  /** Only if another metric has at least this value, such as a count. */
  readonly enough?: { readonly metric: string; readonly value: number } | undefined
  /** Default: `'warning'`. */
  readonly severity?: Severity | undefined
  /** What is the likely cause. */
  readonly cause: string
  /** What to do. */
  readonly remedy: string
}

export type Severity = 'warning' | 'critical'

/** A rule with what is not given filled in. */
export interface FullRule extends Rule {
  readonly threshold: number
  readonly clear: number
  readonly hold: number
  readonly severity: Severity
}

const DEFAULT_HOLD = 30_000
const MARGIN = 0.1

const finite: Check<number> = (option, value) =>
  typeof value === 'number' && Number.isFinite(value) ? value : invalidOption(option, value, 'a number')

const ENOUGH_CHECKS = { metric: text, value: finite }

const CHECKS = {
  name: text,
  metric: text,
  above: finite,
  below: finite,
  clear: finite,
  hold: milliseconds,
  enough: (option, value) =>
    typeof value === 'object' && value !== null
      ? checked(value, ENOUGH_CHECKS)
      : invalidOption(option, value, 'an object with metric and value'),
  severity: choice('warning', 'critical'),
  cause: text,
  remedy: text,
} satisfies Checks<Rule>

/** Checks rules; names have to differ, for alerts go by them. Throws `QUERN_INVALID_OPTION`. */
export function fullRules(rules: readonly Rule[]): FullRule[] {
  const full = rules.map(fullRule)
  const names = full.map(({ name }) => name)
  const twice = names.find((name, place) => names.indexOf(name) !== place)
  return twice === undefined ? full : invalidOption('rules', twice, 'the name of one rule only')
}

function fullRule(rule: Rule): FullRule {
  checked(rule, CHECKS)
  for (const option of ['name', 'metric', 'cause', 'remedy'] as const) text(`rules.${option}`, rule[option])
  const { above, below } = rule
  const threshold = above ?? below
  if (threshold === undefined || (above !== undefined && below !== undefined))
    return invalidOption(`rule ${rule.name}`, rule, 'given one of above and below')
  const inside = above === undefined ? 1 : -1
  const clear = rule.clear ?? threshold + inside * MARGIN * Math.abs(threshold)
  if (inside * (clear - threshold) < 0) invalidOption('clear', clear, `on the inner side of ${threshold}`)
  return {
    ...rule,
    threshold,
    clear,
    hold: rule.hold ?? DEFAULT_HOLD,
    severity: rule.severity ?? 'warning',
  }
}
