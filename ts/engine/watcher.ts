/** Following a folder: what happened, as an async iterable. */
import { type Failure, toFailure } from '../errors.js'
import type { NativeIndex, NativeWatch, NativeWatchEvent } from '../native/addon.js'
import { type CallOptions, unwrap } from '../native/call.js'
import { type Checks, flag, milliseconds, smallCount } from '../checks.js'
import type { WatchCoverage } from './coverage.js'
import { CALL_CHECKS } from './grep-options.js'

/** Options of `Index.watch`. The first watch of a folder in a process decides. */
export interface WatchOptions extends CallOptions {
  /** Milliseconds that changes may wait for others, to be indexed together. Default: 100. */
  readonly delay?: number | undefined
  /** With this many changes a batch does not wait any longer. Default: 50. */
  readonly events?: number | undefined
  /** Do not ask the system for events, but compare the folder at intervals. */
  readonly poll?: boolean | undefined
  /** Milliseconds between two comparisons, where the folder is polled. Default: 2000. */
  readonly interval?: number | undefined
}

export const WATCH_CHECKS = {
  ...CALL_CHECKS,
  delay: milliseconds,
  events: smallCount,
  poll: flag,
  interval: milliseconds,
} satisfies Checks<WatchOptions>

/** Changes were indexed. */
export interface AppliedEvent {
  readonly kind: 'applied'
  /** The snapshot that has them. */
  readonly snapshot: string
  /** Files that were indexed. */
  readonly indexed: number
  /** Files that are gone. */
  readonly removed: number
  /** The first 100 paths that the system told of. */
  readonly paths: readonly string[]
  /** Milliseconds from the first of them. */
  readonly latency: number
}

/** The whole folder was compared, because events were lost, rules outside it changed, or it is polled. */
export interface RescannedEvent {
  readonly kind: 'rescanned'
  readonly snapshot: string
  readonly indexed: number
  readonly removed: number
}

/** From now on the folder is compared at intervals: `reason` says why. */
export interface PollingEvent {
  readonly kind: 'polling'
  readonly reason: string
}

/** Something failed behind the scenes; it will be tried again. */
export interface FailedEvent {
  readonly kind: 'failed'
  readonly failure: Failure
}

/** What happened to a watched index. */
export type WatchEvent = AppliedEvent | RescannedEvent | PollingEvent | FailedEvent

/**
 * A watch under way. Iterating gives what happens as it does; whoever does not iterate loses nothing but the news. Events
 * that nobody asks for wait, up to 1,024 of them.
 */
export class Watcher implements AsyncIterableIterator<WatchEvent> {
  readonly #index: NativeIndex
  readonly #native: NativeWatch
  #ready: WatchEvent[] = []
  #closing: Promise<void> | undefined

  /** @internal */
  constructor(index: NativeIndex, native: NativeWatch) {
    this.#index = index
    this.#native = native
  }

  /** Events that were dropped because nobody asked for them. */
  get missed(): number {
    return this.#native.missed()
  }

  /** How the folder is watched at this moment; `undefined` once it no longer is. */
  get coverage(): WatchCoverage | undefined {
    return this.#native.coverage() ?? undefined
  }

  async next(): Promise<IteratorResult<WatchEvent, undefined>> {
    if (this.#ready.length === 0 && this.#closing === undefined)
      this.#ready = (await this.#native.next()).map(toEvent)
    const event = this.#ready.shift()
    return event === undefined ? { done: true, value: undefined } : { done: false, value: event }
  }

  async return(): Promise<IteratorResult<WatchEvent, undefined>> {
    await this.close()
    return { done: true, value: undefined }
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  /** Stops watching, unless others watch the same index. Closing twice does nothing more. */
  close(): Promise<void> {
    this.#ready = []
    this.#closing ??= this.#index
      .unwatch(this.#native)
      .then(unwrap)
      .then(() => {})
    return this.#closing
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}

function toEvent(native: NativeWatchEvent): WatchEvent {
  const {
    kind,
    snapshot = '',
    indexed = 0,
    removed = 0,
    paths = [],
    latency = 0,
    reason = '',
    failure,
  } = native
  switch (kind) {
    case 'applied':
      return { kind, snapshot, indexed, removed, paths, latency }
    case 'rescanned':
      return { kind, snapshot, indexed, removed }
    case 'polling':
      return { kind, reason }
    case 'failed':
      return { kind, failure: toFailure(failure ?? { code: 'QUERN_INTERNAL', message: 'unknown' }) }
  }
}
