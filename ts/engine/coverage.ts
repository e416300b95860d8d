/** What an answer covers: which files it saw, in which state, and what it left out. */
import { type Failure, toFailure } from '../errors.js'
import type { NativeCoverage, NativeWatchCoverage } from '../native/addon.js'

/**
 * How fresh an answer is. `snapshot`: as the index was last refreshed. `watched`, with a watcher: what the system told of
 * counts too, indexed or not. `verified`: every file is looked at first, and one that changed is searched as it is now.
 */
export type Freshness = 'snapshot' | 'watched' | 'verified'

/** How the folder was watched. */
export type WatchCoverage = Readonly<NativeWatchCoverage>

/** Files left out for one reason. */
export interface Skipped {
  readonly reason: string
  readonly files: number
}

/** The completeness certificate of an answer. An empty answer means "not there" only if `complete`. */
export interface Coverage {
  /**
   * Every file of the snapshot, at `verified` every file that the folder has now, was taken into account, and no limit cut the
   * answer. False until the last row is read.
   */
  readonly complete: boolean
  /** Which limit cut the answer, if one did. */
  readonly limit?: 'limit' | 'memory' | undefined
  readonly freshness: Freshness
  /** The generation of the index that answered. */
  readonly generation: number
  /** Names the exact state of the index: equal ids, equal files. */
  readonly snapshot: string
  /** When that generation was made. */
  readonly takenAt: Date
  readonly files: {
    /** Files of the index. */
    readonly indexed: number
    /** Those that the index could not rule out. */
    readonly candidates: number
    /** Those whose text was looked at. */
    readonly searched: number
    /** Changed since they were indexed, searched as they are now. */
    readonly changed: number
    /** New since, searched directly. */
    readonly added: number
    /** Gone since. */
    readonly removed: number
  }
  /** How the folder was watched when the query began, if it was. */
  readonly watch?: WatchCoverage | undefined
  /** Files that have grown and whose older text was not compared, because `appendOnly` names them. */
  readonly assumedAppendOnly: number
  /** Files left out, by reason. */
  readonly skipped: readonly Skipped[]
  /** The first files that could not be searched, and why. */
  readonly errors: readonly Failure[]
  /** How many could not be searched. */
  readonly errorCount: number
}

/** The addon's coverage in the form that the API gives. */
export function toCoverage({ takenAt, skipped, errors, ...rest }: NativeCoverage): Coverage {
  return { ...rest, takenAt: new Date(takenAt), skipped: counted(skipped), errors: errors.map(toFailure) }
}

/** The reasons that left any file out. */
export function counted(skipped: readonly Skipped[]): readonly Skipped[] {
  return skipped.filter(({ files }) => files > 0)
}
