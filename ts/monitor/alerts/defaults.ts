/** The rules that hold unless others are given. */
import type { Rule } from './rule.js'

const SECOND = 1000
const MINUTE = 60 * SECOND
const MEGABYTE = 2 ** 20
const GIGABYTE = 2 ** 30

/** Percentiles of fewer operations are those of single ones. */
const ENOUGH = 20

export const DEFAULT_RULES: readonly Rule[] = [
  {
    name: 'failures',
    metric: 'failing',
    above: 0.05,
    hold: MINUTE,
    severity: 'critical',
    cause:
      'Time limits that are too tight, queries that are refused, or a store or folder that cannot be read.',
    remedy: 'Look at the codes of the errors; docs/errors.md says what to do about each.',
  },
  {
    name: 'slow-search',
    metric: 'search.p95',
    above: 500,
    hold: MINUTE,
    enough: { metric: 'search.count', value: ENOUGH },
    cause:
      'Queries of frequent, misspelt or one-letter words, or a machine that is busy with something else.',
    remedy: 'Look at the slow queries and their plans; bound `maxExpansions`, or give queries a `timeout`.',
  },
  {
    name: 'slow-grep',
    metric: 'grep.p95',
    above: 2000,
    hold: MINUTE,
    enough: { metric: 'grep.count', value: ENOUGH },
    cause:
      'Patterns without three certain characters in a row, of which the index rules out little, or `verified` answers.',
    remedy:
      'Make patterns longer or narrow them with `glob`; watch the folder instead of verifying every answer.',
  },
  {
    name: 'slow-disk',
    metric: 'search.snippet.p95',
    above: 100,
    enough: { metric: 'search.snippet.count', value: ENOUGH },
    cause: 'A slow or busy disk, or a folder on a network: reading a few files for snippets takes this long.',
    remedy:
      'Look at what else uses the disk; move folder and store to a faster one, or ask with a lower `limit`.',
  },
  {
    name: 'full-queue',
    metric: 'queryLoad.queue',
    above: 4,
    hold: 15 * SECOND,
    severity: 'critical',
    cause: 'More queries at once than the threads can answer.',
    remedy:
      'Ask fewer at once, give them a `timeout`, or open with more `threads` if the machine has more cores.',
  },
  {
    name: 'contention',
    metric: 'search.contention',
    above: 2,
    hold: MINUTE,
    cause:
      'Queries beside each other are slower than taking turns explains: too little memory for all, one disk, or cores that others use too.',
    remedy: 'Ask fewer at once, or open with `threads` at the number of cores that the process really has.',
  },
  {
    name: 'memory-growth',
    metric: 'process.growth',
    above: 10 * MEGABYTE,
    hold: 20 * MINUTE,
    cause:
      'Something keeps what it no longer needs: answers, iterators that are not closed, or a cache without a bound.',
    remedy:
      'Compare two heap snapshots; close what you iterate; open with a lower `memory` to see whether it is the engine.',
  },
  {
    name: 'late-loop',
    metric: 'process.loopDelay',
    above: 100,
    cause:
      'Long synchronous work on the thread of the event loop; answers wait for it, however fast they are.',
    remedy: 'Take a CPU profile; take large answers as `batches()`, or move the work to a worker thread.',
  },
  {
    name: 'disk-space',
    metric: 'diskFree',
    below: GIGABYTE,
    clear: 1.25 * GIGABYTE,
    hold: MINUTE,
    severity: 'critical',
    cause: 'The disk of a store is nearly full; without room changes stay in memory only.',
    remedy: 'Free space, or remove stores that nobody uses with `quern stores prune`.',
  },
  {
    name: 'background',
    metric: 'indexes.failing',
    above: 0,
    severity: 'critical',
    cause: 'Flushing, merging or watching fails, so that changes are in memory only or are not seen.',
    remedy: '`index.stats().failure` says why.',
  },
]
