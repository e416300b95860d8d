/**
 * `quern/monitor/prometheus`: what a monitor sees as metrics of `prom-client`, an optional peer that only this entry point
 * imports.
 */
import { Counter, Gauge, Histogram, type Registry, register } from 'prom-client'
import { QuernError } from '../errors.js'
import type { Operation } from '../operations.js'
import type { Monitor } from './monitor.js'
import { metrics } from './sample.js'

export interface PrometheusOptions {
  /** Where the metrics are registered. Default: `prom-client`'s own registry. */
  readonly registry?: Registry | undefined
  /** What their names begin with; two monitors in one registry need two. Default: `'quern_'`. */
  readonly prefix?: string | undefined
  /** Upper ends of the buckets of durations, in seconds. Default: 0.0005 to 10. */
  readonly buckets?: readonly number[] | undefined
}

const BUCKETS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

/** Gauges by the metric of a sample that each shows. */
const GAUGES = [
  ['active', 'operations_active', 'Operations under way'],
  ['indexes.open', 'indexes_open', 'Indexes that are open'],
  ['indexes.files', 'files', 'Files of the indexes'],
  ['indexes.segments', 'segments', 'Segments on disk'],
  ['indexes.tombstones', 'tombstones', 'Entries that no longer count'],
  ['indexes.textBytes', 'text_bytes', 'Bytes of text that are indexed'],
  ['indexes.storeBytes', 'store_bytes', 'Bytes of the stores on disk'],
  ['indexes.overlayBytes', 'overlay_bytes', 'Bytes of changes in memory'],
  ['indexes.cacheBytes', 'cache_bytes', 'Bytes of file contents in memory'],
  ['indexes.failing', 'indexes_failing', 'Indexes whose work in the background fails'],
  ['queryLoad.threads', 'query_threads', 'Threads that answer'],
  ['queryLoad.running', 'query_tasks_running', 'Tasks of queries under way'],
  ['queryLoad.waiting', 'query_tasks_waiting', 'Tasks of queries that no thread has taken up'],
  ['buildLoad.running', 'build_tasks_running', 'Tasks of builds under way'],
  ['buildLoad.waiting', 'build_tasks_waiting', 'Tasks of builds that no thread has taken up'],
  ['diskFree', 'disk_free_bytes', 'Bytes free on the fullest disk of a store'],
] as const

/**
 * Registers metrics that show what a monitor sees from now on; gauges are those of its newest sample. What it gives takes
 * them out of the registry again. Figures of the process are left to `collectDefaultMetrics`.
 */
export function prometheus(monitor: Monitor, options: PrometheusOptions = {}): () => void {
  const { registry = register, prefix = 'quern_', buckets = BUCKETS } = options
  const registers = [registry]
  const names: string[] = []
  const called = (name: string): string => {
    names.push(prefix + name)
    return prefix + name
  }
  const duration = new Histogram({
    name: called('operation_duration_seconds'),
    help: 'Time that callers waited for operations',
    labelNames: ['operation'],
    buckets: [...buckets],
    registers,
  })
  const phase = new Counter({
    name: called('operation_phase_seconds_total'),
    help: 'Time of the parts of operations; of a refresh, of all threads together',
    labelNames: ['operation', 'phase'],
    registers,
  })
  const failures = new Counter({
    name: called('operation_failures_total'),
    help: 'Operations that failed, by the code of the error',
    labelNames: ['operation', 'code'],
    registers,
  })
  for (const [metric, name, help] of GAUGES)
    showGauge(monitor, metric, { name: called(name), help, registers })
  showAlerts(monitor, { name: called('alerts'), help: 'Alerts that fire', registers })

  const stop = monitor.listen(({ kind: operation, duration: waited = 0, phases = {}, error }: Operation) => {
    duration.observe({ operation }, waited / 1000)
    for (const name in phases) phase.inc({ operation, phase: name }, (phases[name] ?? 0) / 1000)
    if (error !== undefined) failures.inc({ operation, code: codeOf(error) })
  })
  return () => {
    stop()
    for (const name of names) registry.removeSingleMetric(name)
  }
}

interface GaugeOptions {
  readonly name: string
  readonly help: string
  readonly registers: Registry[]
}

function showGauge(monitor: Monitor, metric: string, options: GaugeOptions): Gauge {
  return new Gauge({
    ...options,
    collect() {
      const value = metrics(monitor.newest).get(metric)
      if (value === undefined) this.remove()
      else this.set(value)
    },
  })
}

function showAlerts(monitor: Monitor, options: GaugeOptions): Gauge {
  return new Gauge({
    ...options,
    labelNames: ['alert', 'severity'],
    collect() {
      this.reset()
      for (const { name: alert, severity } of monitor.alerts) this.set({ alert, severity }, 1)
    },
  })
}

function codeOf(error: unknown): string {
  return error instanceof QuernError ? error.code : 'QUERN_INTERNAL'
}
