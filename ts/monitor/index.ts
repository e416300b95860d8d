/** `quern/monitor`: exports only. */
export type { Alert } from './alerts/alarm.js'
export { alertText, logSink, type Sink } from './alerts/alerts.js'
export { DEFAULT_RULES } from './alerts/defaults.js'
export type { Rule, Severity } from './alerts/rule.js'
export { webhook, type WebhookOptions } from './alerts/webhook.js'
export type { Latency } from './latencies.js'
export { Monitor, type MonitorOptions } from './monitor.js'
export type { Listener } from './recorder.js'
export type { Format } from './report.js'
export {
  type IndexFigures,
  type Load,
  metrics,
  type OperationFigures,
  type ProcessFigures,
  type Sample,
} from './sample.js'
export type { SlowOperation } from './slow.js'
