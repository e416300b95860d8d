/**
 * Ranked answers that are kept. A key names the version, the state of the index that was asked, and the request; an answer is kept only if the
 * engine says that the same question of that state always has it, and under the state that it says. So there is nothing to be dropped
 * when files change: another state has other keys, and what is of older ones gives way in time.
 *
 * What is asked for at `watched` or `verified` depends on more than that state. It is neither kept nor looked for.
 */
import type { Cache } from '../cache/cache.js'
import { CACHE, type CacheOptions, cacheOptions } from '../cache/options.js'
import type { Check } from '../checks.js'
import { invalidOption } from '../errors.js'
import type { Control, NativeFailed, NativeIndex, NativeRankedCoverage } from '../native/addon.js'
import { call, type CallOptions, unwrap } from '../native/call.js'
import { version } from '../version.js'
import type { Freshness } from './coverage.js'

/** What the option `answers` takes: a cache of its own with these options, or a cache that others use too. */
export type AnswersOption = boolean | CacheOptions | Cache

/** What can be kept: what the addon answers. */
interface Answer {
  readonly coverage: NativeRankedCoverage
}

/** What is asked: all of it but `signal` and `timeout`. */
interface Request {
  readonly freshness?: Freshness
}

/** Refuses what makes no sense before the cache is loaded. */
export const answersOption: Check<AnswersOption> = (option, value) => {
  if (typeof value === 'boolean' || isCache(value)) return value
  if (typeof value !== 'object' || value === null)
    return invalidOption(option, value, 'true, the options of a cache, or a cache')
  cacheOptions(value)
  return value
}

/** The answers of one index. */
export class Answers {
  readonly cache: Cache
  readonly #isOwn: boolean

  private constructor(cache: Cache, isOwn: boolean) {
    this.cache = cache
    this.#isOwn = isOwn
  }

  /** Loads the cache; nothing if there shall be none. */
  static async of(option: AnswersOption | undefined): Promise<Answers | undefined> {
    if (option === undefined || option === false) return undefined
    if (isCache(option)) return new Answers(option, false)
    const { createCache } = await import('../cache/cache.js')
    return new Answers(createCache(option === true ? {} : option), true)
  }

  /** An answer that is kept, else what `ask` gives, once for all who ask the same meanwhile. */
  async answer<A extends Answer>(
    native: NativeIndex,
    kind: string,
    request: Request,
    options: CallOptions,
    ask: (control: Control) => Promise<A | NativeFailed>,
  ): Promise<A> {
    const state = isLasting(request) ? unwrap(native.state()) : null
    if (state === null) return await call(options, ask)
    const keep = ({ coverage }: A): boolean => coverage.lastingState === state
    const compute = (work: CallOptions): Promise<A> => call({ signal: work.signal }, ask)
    return await this.cache.getOrCompute<A>(key(kind, state, request), compute, { ...options, keep })
  }

  /** Closes the cache if it is the index's own. */
  async close(): Promise<void> {
    if (this.#isOwn) await this.cache.close()
  }
}

function isCache(value: unknown): value is Cache {
  return typeof value === 'object' && value !== null && CACHE in value
}

function isLasting({ freshness }: Request): boolean {
  return freshness === undefined || freshness === 'snapshot'
}

/**
 * Equal for equal questions of equal states, in whatever order the options were given; a tier may outlive this version, and another
 * may rank otherwise.
 */
function key(kind: string, state: string, request: Request): string {
  const { freshness: _, ...rest } = request
  return `${prefix()}:${kind}:${state}:${JSON.stringify(rest, sorted)}`
}

let known: string | undefined

function prefix(): string {
  known ??= version().replace(' ', ':')
  return known
}

function sorted(_: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)))
}
