/** Figures that are read, not counted: of the indexes, of the process, of the disk. */
import type { Index } from '../engine/handle.js'
import type { IndexStats } from '../engine/stats.js'
import { QuernError } from '../errors.js'
import type { IndexFigures, Load, ProcessFigures, Sample } from './sample.js'
import type { Surroundings } from './surroundings.js'
import { Trend } from './trend.js'

const MINUTE = 60_000
/** How long memory has to rise before it is taken for growth. */
const GROWTH_SPAN = 10 * MINUTE

export type GaugeFigures = Pick<Sample, 'indexes' | 'queryLoad' | 'buildLoad' | 'process' | 'diskFree'>

export class Gauges {
  readonly #indexes: Set<Index>
  readonly #surroundings: Surroundings
  readonly #memory = new Trend(GROWTH_SPAN)
  #cpu: { readonly at: number; readonly used: number } | undefined
  #diskFree: number | undefined
  #asking = false

  constructor(indexes: Iterable<Index>, surroundings: Surroundings) {
    this.#indexes = new Set(indexes)
    this.#surroundings = surroundings
  }

  read(): GaugeFigures {
    const stats = [...this.#indexes].map(index => this.#statsOf(index)).filter(of => of !== undefined)
    const { queryLoad, buildLoad } = stats[0] ?? {}
    this.#askDisk(stats.map(({ store }) => store))
    return {
      indexes: added(stats, this.#indexes.size),
      queryLoad: queryLoad && loaded(queryLoad),
      buildLoad: buildLoad && loaded(buildLoad),
      process: this.#process(),
      diskFree: this.#diskFree,
    }
  }

  /** Nothing of an index that is closed, now or ever after; nothing of one that cannot tell, which counts as failing. */
  #statsOf(index: Index): IndexStats | undefined {
    try {
      return index.stats()
    } catch (error) {
      if (error instanceof QuernError && error.code === 'QUERN_CLOSED') this.#indexes.delete(index)
      return undefined
    }
  }

  #process(): ProcessFigures {
    const { clock } = this.#surroundings
    const { rss, heapUsed, external, cpu: used, loopDelay } = this.#surroundings.process()
    const at = clock.now()
    const since = this.#cpu
    this.#cpu = { at, used }
    this.#memory.add(at, rss)
    const slope = this.#memory.slope()
    return {
      rss,
      heapUsed,
      external,
      growth: slope === undefined ? undefined : slope * MINUTE,
      cpu: since === undefined || at <= since.at ? 0 : (used - since.used) / (at - since.at),
      loopDelay,
    }
  }

  /** A disk that hangs delays nothing: the figure is that of the last answer. */
  #askDisk(stores: readonly string[]): void {
    if (this.#asking || stores.length === 0) return
    this.#asking = true
    Promise.all(stores.map(store => this.#surroundings.diskFree(store)))
      .then(
        free => (this.#diskFree = Math.min(...free)),
        () => (this.#diskFree = undefined),
      )
      .finally(() => (this.#asking = false))
  }
}

function added(stats: readonly IndexStats[], open: number): IndexFigures {
  const sum = (figure: (of: IndexStats) => number): number =>
    stats.reduce((total, of) => total + figure(of), 0)
  return {
    open,
    files: sum(({ files }) => files),
    tombstones: sum(({ tombstones }) => tombstones),
    segments: sum(({ segments }) => segments),
    textBytes: sum(({ textBytes }) => textBytes),
    storeBytes: sum(({ storeBytes }) => storeBytes),
    overlayBytes: sum(({ overlayBytes }) => overlayBytes),
    cacheBytes: sum(({ cacheBytes }) => cacheBytes),
    failing: open - stats.filter(({ failure }) => failure === undefined).length,
  }
}

function loaded({ threads, running, waiting }: Omit<Load, 'queue'>): Load {
  return { threads, running, waiting, queue: waiting / threads }
}
