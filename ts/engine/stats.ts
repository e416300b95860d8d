/** Figures of an index and of what it did. */
import { type Failure, toFailure } from '../errors.js'
import type { NativeBuildStats, NativeCheck, NativeStages, NativeStats } from '../native/addon.js'
import { measured } from '../operations.js'
import { counted, type Skipped } from './coverage.js'

/** What a build or a refresh did. */
export type BuildStats = Readonly<Omit<NativeBuildStats, 'skipped' | 'errors'>> & {
  /** Files left out, by reason. */
  readonly skipped: readonly Skipped[]
  /** The first files that failed, and why; `errorCount` counts all. */
  readonly errors: readonly Failure[]
}

/** What an index holds. */
export type IndexStats = Readonly<Omit<NativeStats, 'build' | 'failure'>> & {
  /** Why what is done in the background (flushes, merges, watching) fails at present, if it does; it is tried again. */
  readonly failure?: Failure | undefined
  /** The last build or refresh of this process, if it has done one. */
  readonly build?: BuildStats | undefined
}

/** What a check found: `faults` is empty if every checksum is right and no sampled file's index is wrong. */
export type CheckReport = Readonly<Omit<NativeCheck, 'faults'>> & { readonly faults: readonly Failure[] }

export function toBuildStats(native: NativeBuildStats): BuildStats {
  const stats = { ...native, skipped: counted(native.skipped), errors: native.errors.map(toFailure) }
  measured('refresh', stats, () => inMilliseconds(native.stages))
  return stats
}

export function toIndexStats({ build, failure, ...rest }: NativeStats): IndexStats {
  return {
    ...rest,
    ...(failure === undefined ? {} : { failure: toFailure(failure) }),
    ...(build === undefined ? {} : { build: toBuildStats(build) }),
  }
}

export function toCheckReport(native: NativeCheck): CheckReport {
  return { ...native, faults: native.faults.map(toFailure) }
}

function inMilliseconds(stages: NativeStages): Record<string, number> {
  return Object.fromEntries(Object.entries(stages).map(([stage, seconds]) => [stage, 1000 * seconds]))
}
