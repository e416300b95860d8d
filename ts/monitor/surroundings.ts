/** What a monitor reads of the process and of the system. Tests bring their own. */
import { statfs } from 'node:fs/promises'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { type Clock, SYSTEM_CLOCK } from './clock.js'

/** A reading of the process. */
export interface Reading {
  readonly rss: number
  readonly heapUsed: number
  readonly external: number
  /** Milliseconds of processor time since the process began. */
  readonly cpu: number
  /** Milliseconds by which timers were late since the last reading: the 99th percentile. */
  readonly loopDelay: number
}

export interface Surroundings {
  readonly clock: Clock
  process(): Reading
  /** Bytes free on the disk of a folder, for this user; fails where the system does not say. */
  diskFree(folder: string): Promise<number>
  /** Stops measuring. */
  close(): void
}

/** Milliseconds between two looks at the clock of the event loop. */
const RESOLUTION = 20

/** The process as it is. */
export function system(): Surroundings {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION })
  delay.enable()
  return {
    clock: SYSTEM_CLOCK,
    process: () => {
      const { rss, heapUsed, external } = process.memoryUsage()
      const { user, system: kernel } = process.cpuUsage()
      // What the histogram has are intervals, which are never shorter than the resolution.
      const late = delay.count === 0 ? 0 : Math.max(delay.percentile(99) / 1e6 - RESOLUTION, 0)
      delay.reset()
      return { rss, heapUsed, external, cpu: (user + kernel) / 1000, loopDelay: late }
    },
    diskFree: async folder => {
      const { bavail, bsize } = await statfs(folder)
      return bavail * bsize
    },
    close: () => {
      delay.disable()
    },
  }
}
