/** Time, as a monitor sees it: tests bring their own. */
import { performance } from 'node:perf_hooks'

export interface Clock {
  /** Milliseconds since some moment; never goes back. */
  now(): number
  /** Milliseconds since 1970. */
  date(): number
  /** Runs something at intervals of so many milliseconds, until what it gives is called. Keeps no process alive. */
  every(milliseconds: number, run: () => void): () => void
}

export const SYSTEM_CLOCK: Clock = {
  now: () => performance.now(),
  date: () => Date.now(),
  every: (milliseconds, run) => {
    const timer = setInterval(run, milliseconds).unref()
    return () => {
      clearInterval(timer)
    }
  },
}
