/** Work under way that several callers wait for: done once, and for as long as anybody waits. */
import { type Failure, QuernError, raise } from '../errors.js'
import type { CallOptions } from '../native/call.js'

/** The longest time that a timer can be set to. */
const MAX_TIMER = 2 ** 31 - 1

/** A wait that was ended by its signal. */
const ABORTED: Failure = { code: 'QUERN_ABORTED', message: 'the wait was aborted by its signal' }

/** Throws `QUERN_ABORTED` if the signal is aborted already. */
export function assertLive(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) raise(ABORTED, signal.reason)
}

export class Flight<T> {
  readonly key: string
  /** What the result can be dropped by; absent: nobody knows yet. */
  readonly tags: Set<string> | undefined
  /** Nothing was dropped meanwhile that the result would be, and somebody waits: it may be kept, and others may join. */
  isCurrent = true
  readonly result: Promise<T>
  #controller: AbortController | undefined
  #waiting = 0
  #isAbandoned = false

  /** Starts the work at once. */
  constructor(key: string, tags: Set<string> | undefined, work: (flight: Flight<T>) => Promise<T>) {
    this.key = key
    this.tags = tags
    this.result = work(this)
  }

  /** Aborted when nobody waits any more. Made when it is asked for: that takes longer than all the rest of a flight. */
  get signal(): AbortSignal {
    this.#controller ??= new AbortController()
    if (this.#isAbandoned) this.#controller.abort()
    return this.#controller.signal
  }

  /** Waits for the result. Throws `QUERN_ABORTED` and `QUERN_TIMEOUT` for this caller alone. */
  wait({ signal, timeout = Infinity }: CallOptions): Promise<T> {
    this.#waiting += 1
    if (signal === undefined && timeout > MAX_TIMER) return this.result
    return new Promise((resolve, reject) => {
      const leave = (error: QuernError): void => {
        end()
        this.#waiting -= 1
        if (this.#waiting === 0) this.#abandon()
        reject(error)
      }
      const abort = (): void => leave(aborted(signal))
      const timer = timeout > MAX_TIMER ? undefined : setTimeout(() => leave(late()), timeout)
      const end = (): void => {
        clearTimeout(timer)
        signal?.removeEventListener('abort', abort)
      }
      signal?.addEventListener('abort', abort, { once: true })
      this.result.finally(end).then(resolve, reject)
    })
  }

  #abandon(): void {
    this.isCurrent = false
    this.#isAbandoned = true
    this.#controller?.abort()
  }
}

function aborted(signal: AbortSignal | undefined): QuernError {
  return new QuernError(ABORTED.code, ABORTED.message, {}, { cause: signal?.reason })
}

function late(): QuernError {
  return new QuernError('QUERN_TIMEOUT', 'the wait took longer than its timeout')
}
