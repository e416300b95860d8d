/**
 * One call into the addon: its deadline, its `AbortSignal`, and what came of it.
 *
 * napi's own signal support overwrites `onabort` and does not look at a signal that is aborted already, so the wiring is
 * done here, with a listener that is removed when the call is over.
 */
import { type Failure, raise, toFailure } from '../errors.js'
import { addon, type Control, type NativeFailed, type NativeFailure } from './addon.js'

/** What every asynchronous call accepts. */
export interface CallOptions {
  /** Aborting it ends the call soon with `QUERN_ABORTED`. */
  readonly signal?: AbortSignal | undefined
  /** Milliseconds from now, after which the call ends with `QUERN_TIMEOUT`. */
  readonly timeout?: number | undefined
}

const ABORTED: Failure = { code: 'QUERN_ABORTED', message: 'the call was aborted by its signal' }

/** A call under way. */
export class Call {
  readonly control: Control
  /** The signal was aborted while the call was under way. */
  aborted = false
  readonly #signal: AbortSignal | undefined
  readonly #abort: () => void

  /** Throws `QUERN_ABORTED` if the signal is aborted already. */
  constructor({ signal, timeout }: CallOptions) {
    if (signal?.aborted === true) raise(ABORTED, signal.reason)
    const { Control: NativeControl } = addon()
    const control = new NativeControl(timeout ?? null)
    this.control = control
    this.#signal = signal
    this.#abort = () => {
      this.aborted = true
      control.cancel()
    }
    signal?.addEventListener('abort', this.#abort, { once: true })
  }

  /** The value that a native promise brings; throws what it brings as failure. */
  async settle<T>(outcome: Promise<T | NativeFailed>): Promise<T> {
    const value = await outcome
    return isFailed(value) ? raise(toFailure(value.failure), this.#reason(value.failure)) : value
  }

  /** Throws `QUERN_ABORTED` once the signal is aborted, whatever the addon is doing. */
  assertLive(): void {
    if (this.aborted) raise(ABORTED, this.#signal?.reason)
  }

  /** Lets the signal go. */
  end(): void {
    this.#signal?.removeEventListener('abort', this.#abort)
  }

  #reason(failure: NativeFailure): unknown {
    return failure.code === 'QUERN_ABORTED' ? this.#signal?.reason : undefined
  }
}

/** Runs one native call from start to end. */
export async function call<T>(
  options: CallOptions,
  start: (control: Control) => Promise<T | NativeFailed>,
): Promise<T> {
  const running = new Call(options)
  try {
    return await running.settle(start(running.control))
  } finally {
    running.end()
  }
}

/** The value of a synchronous native call; throws what it gives as failure. */
export function unwrap<T>(value: T | NativeFailed): T {
  return isFailed(value) ? raise(toFailure(value.failure)) : value
}

/** The value of a synchronous native call that throws `CODE: message`. */
export function caught<T>(start: () => T): T {
  try {
    return start()
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error)
    const { code, message } = /^(?<code>QUERN_[A-Z_]+): (?<message>.*)$/s.exec(said)?.groups ?? {}
    return raise(toFailure({ code: code ?? 'QUERN_INTERNAL', message: message ?? said }), error)
  }
}

function isFailed(value: unknown): value is NativeFailed {
  return typeof value === 'object' && value !== null && 'failure' in value
}
