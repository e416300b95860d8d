// What ranked search costs: building its terms, and questions of each kind. The questions are made of words that stand
// beside each other on lines of the corpus, the same in each run.
import { readdirSync, readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { open } from '../../dist/index.js'
import { milliseconds, quantile } from '../statistics.mjs'

const QUESTIONS = 200
const CONCURRENT = 50
const SEED = 20_260_101

export async function measureRanked({ root, scratch, rounds }) {
  const index = await open(root, { store: join(scratch, 'ranked') })
  try {
    const grams = index.stats()
    const start = performance.now()
    await index.ready('terms')
    const seconds = (performance.now() - start) / 1000
    const { textBytes, storeBytes } = index.stats()
    const pairs = pairsOf(root)
    const rows = []
    const raw = {}
    for (const [what, queryOf] of Object.entries(KINDS)) {
      const times = []
      for (let round = 0; round < rounds; round++)
        for (const pair of pairs) times.push(await time(() => index.search(queryOf(pair))))
      raw[what] = times
      rows.push([what, ...[0.5, 0.95, 1].map(share => milliseconds(quantile(times, share)))])
    }
    for (const [what, act] of Object.entries(OTHERS)) {
      const times = []
      for (let round = 0; round < rounds; round++)
        for (const pair of pairs) times.push(await time(() => act(index, pair)))
      raw[what] = times
      rows.push([what, ...[0.5, 0.95, 1].map(share => milliseconds(quantile(times, share)))])
    }
    const service = await processorTime(pairs, ([a, b]) => index.search(`${a} ${b}`))
    const cores = availableParallelism()
    const together = await concurrent(index, pairs)
    rows.push([
      `${CONCURRENT} at once, two words, either`,
      ...[0.5, 0.95, 1].map(share => milliseconds(quantile(together, share))),
    ])
    const megabytes = textBytes / 1e6
    return {
      title: 'Ranked search',
      columns: ['what', 'median', 'p95', 'slowest'],
      rows,
      notes: [
        `Terms of ${megabytes.toFixed(0)} MB of text were built in ${seconds.toFixed(1)} s: ${(megabytes / seconds).toFixed(0)} MB/s; ` +
          `they take ${(((storeBytes - grams.storeBytes) / textBytes) * 100).toFixed(1)} % of the text.`,
        `${QUESTIONS} questions of each kind, ${rounds} times, ten hits with snippets each; one question after the other but for the last row.`,
        `${CONCURRENT} at once: one takes ${milliseconds(service)} of processor time, so ${CONCURRENT} keep ${cores} cores busy for ` +
          `${milliseconds((CONCURRENT * service) / cores)} at least; p95 is ${((quantile(together, 0.95) * cores) / (CONCURRENT * service)).toFixed(2)} times that.`,
      ],
      raw: { ...raw, together, service, cores, seconds },
    }
  } finally {
    await index.close()
  }
}

/** Questions of two words each, by kind. */
export const KINDS = {
  'one word': ([a]) => a,
  'two words, both': ([a, b]) => `${a} AND ${b}`,
  'two words, either': ([a, b]) => `${a} ${b}`,
  'phrase of two words': ([a, b]) => `"${a} ${b}"`,
  'beginning of a word': ([a]) => `${a.slice(0, Math.max(3, a.length - 2))}*`,
  'word with one edit': ([a]) => `${a}~1`,
  'definition of a name': ([a]) => `symbol:${a}`,
  'two words in C files of a folder': ([a, b]) => `lang:c path:drivers/ ${a} ${b}`,
}

/** Letters of which completions are asked for, in turn. */
let typed = 0

const OTHERS = {
  'completions of 1 to 8 letters, words and names': (index, [a]) =>
    index.suggest(a.slice(0, 1 + (typed++ % 8)), { kinds: ['word', 'symbol'] }),
  'completions of 1 to 8 letters, paths': (index, [a]) =>
    index.suggest(a.slice(0, 1 + (typed++ % 8)), { kinds: ['path'] }),
  'languages and folders of all passages with a word': (index, [a]) =>
    index.facets(a, { language: true, folder: { depth: 2 } }),
  'two words in one file': (index, [a, b]) => index.search(`${a} AND ${b}`, { scope: 'file' }),
}

/** Two words each, of random lines of random files. */
export function pairsOf(root) {
  const random = numbers(SEED)
  const files = filesBelow(root)
  const pairs = []
  while (pairs.length < QUESTIONS) {
    const lines = readFileSync(files[random(files.length)], 'latin1').split('\n')
    const words = lines[random(lines.length)].match(/[a-z_][a-z0-9_]{3,}/gi) ?? []
    if (words.length < 2) continue
    const at = random(words.length - 1)
    pairs.push([words[at], words[at + 1]])
  }
  return pairs
}

function filesBelow(root) {
  const entries = readdirSync(root, { withFileTypes: true, recursive: true })
  return entries
    .filter(entry => entry.isFile() && /\.(?:c|h|rst|txt)$/.test(entry.name))
    .map(entry => join(entry.parentPath, entry.name))
    .toSorted()
}

/** Random numbers below a limit, the same in each run: a linear congruential generator (Knuth's MMIX). */
function numbers(seed) {
  let state = BigInt(seed)
  return below => {
    state = BigInt.asUintN(64, state * 6_364_136_223_846_793_005n + 1_442_695_040_888_963_407n)
    return Number(state >> 33n) % below
  }
}

async function concurrent(index, pairs) {
  const times = []
  for (let start = 0; start + CONCURRENT <= pairs.length; start += CONCURRENT) {
    const batch = pairs.slice(start, start + CONCURRENT)
    times.push(...(await Promise.all(batch.map(([a, b]) => time(() => index.search(`${a} ${b}`))))))
  }
  return times
}

/** Milliseconds of processor time that acting on one item takes, on all threads together. */
async function processorTime(items, act) {
  const start = process.cpuUsage()
  for (const item of items) await act(item)
  const { user, system } = process.cpuUsage(start)
  return (user + system) / 1000 / items.length
}

/** Milliseconds that something takes. */
export async function time(act) {
  const start = performance.now()
  await act()
  return performance.now() - start
}
