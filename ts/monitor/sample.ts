/** What a monitor knows at a moment, as plain data. */
import type { OperationKind } from '../operations.js'
import type { Alert } from './alerts/alarm.js'
import type { Latency } from './latencies.js'

/** Figures of one kind of operation. */
export interface OperationFigures {
  /** Since the monitor began. */
  readonly count: number
  /** Of these, how many failed, without those that were aborted. */
  readonly failed: number
  /** How many were aborted. */
  readonly aborted: number
  /** Durations since the monitor began. */
  readonly all?: Latency | undefined
  /** Those of the window. */
  readonly recent?: Latency | undefined
  /** Phases of those of the window. */
  readonly phases: Readonly<Record<string, Latency>>
  /**
   * How many times as long the window's p95 is beside more others than there are threads, as it is without, when the time that
   * they share the threads is taken out: 1 if operations only take turns. Absent until there are 50 of both.
   */
  readonly contention?: number | undefined
}

/** What the threads of a pool have to do. */
export interface Load {
  readonly threads: number
  /** Tasks under way. */
  readonly running: number
  /** Tasks that no thread has taken up yet. */
  readonly waiting: number
  /** How many of them there are for each thread. */
  readonly queue: number
}

/** Of all indexes that are monitored and open. */
export interface IndexFigures {
  readonly open: number
  readonly files: number
  readonly tombstones: number
  readonly segments: number
  readonly textBytes: number
  readonly storeBytes: number
  readonly overlayBytes: number
  readonly cacheBytes: number
  /** Indexes whose work in the background fails at present. */
  readonly failing: number
}

/** Of this process. */
export interface ProcessFigures {
  /** Bytes of memory that the system has given to the process. */
  readonly rss: number
  readonly heapUsed: number
  readonly external: number
  /** Bytes by which `rss` rises in a minute, over the last 10 minutes; absent for the first 5. */
  readonly growth?: number | undefined
  /** Cores used since the sample before; 1 is one core. */
  readonly cpu: number
  /** Milliseconds by which timers were late since the sample before: the 99th percentile. */
  readonly loopDelay: number
}

/** All figures at a moment. Bytes, milliseconds and counts. */
export interface Sample {
  readonly takenAt: Date
  /** Milliseconds that `recent` figures look back, at most. */
  readonly window: number
  /** By kind; only those that there were. */
  readonly operations: Readonly<Partial<Record<OperationKind, OperationFigures>>>
  /** Operations under way. */
  readonly active: number
  /** Share of the window's operations that failed, 0 to 1; absent while there are fewer than 20. */
  readonly failing?: number | undefined
  readonly indexes: IndexFigures
  /** What the threads that answer have to do, and those that build; absent once no index is open. */
  readonly queryLoad?: Load | undefined
  readonly buildLoad?: Load | undefined
  readonly process: ProcessFigures
  /** Bytes free on the fullest disk of a store; absent where the system does not say. */
  readonly diskFree?: number | undefined
  /** Alerts that fire. */
  readonly alerts: readonly Alert[]
}

/**
 * The numbers of a sample by name, as rules of alerts and exporters have them: `active`, `process.rss`, `queryLoad.waiting`,
 * `search.p95`, `search.rank.p95`, `search.contention`.
 */
export function metrics(sample: Sample): ReadonlyMap<string, number> {
  const found = new Map<string, number>()
  const { operations, takenAt: _1, window: _2, alerts: _3, ...rest } = sample
  add(found, '', rest)
  for (const [kind, { recent, phases, contention, count, failed, aborted }] of Object.entries(operations)) {
    add(found, `${kind}.`, { total: count, failed, aborted, contention, ...recent, ...phases })
  }
  return found
}

function add(found: Map<string, number>, prefix: string, values: object): void {
  for (const [name, value] of Object.entries(values) as [string, unknown][]) {
    if (typeof value === 'number') found.set(prefix + name, value)
    else if (typeof value === 'object' && value !== null) add(found, `${prefix}${name}.`, value)
  }
}
