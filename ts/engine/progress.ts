/** How far a piece of work is, looked at while it runs. */
import { setTimeout as delay } from 'node:timers/promises'
import type { NativeProgress } from '../native/addon.js'

/** How far the making of an index is. */
export type Progress = Readonly<NativeProgress>

const EVERY_MS = 100

/** What `read` tells, ten times a second until `work` is over and once more then; never fails itself. */
export async function* watched(
  read: () => Progress,
  work: PromiseLike<unknown>,
): AsyncIterableIterator<Progress> {
  const over = work.then(
    () => true,
    () => true,
  )
  let ended = false
  while (!ended) {
    yield read()
    const timer = new AbortController()
    const tick = delay(EVERY_MS, false, { signal: timer.signal }).catch(() => false)
    ended = await Promise.race([over, tick])
    timer.abort()
  }
  yield read()
}
