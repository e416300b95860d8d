// What edits cost: by `update`, by `apply`, by the watcher, and beside queries.
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { open } from '../../dist/index.js'
import { milliseconds, quantile } from '../statistics.mjs'

/** A file of the corpus for the editor's buffer, and one that is written into it for a while. */
const EDITED = 'mm/slab.c'
const WRITTEN = 'quern-bench-edit.c'
const EDITS = 200
const BATCH = 1000
/** How long edits and queries run beside each other. */
const SUSTAINED = 10_000
const QUERIES_PER_SECOND = 50
const UPDATES_PER_SECOND = 250
const QUERY = 'mutex_lock_nested'

export async function measureChanges({ root, scratch, rounds }) {
  const index = await open(root, { store: join(scratch, 'changes') })
  try {
    return await measure(index, root, rounds)
  } finally {
    rmSync(join(root, WRITTEN), { force: true })
    await index.close()
  }
}

async function measure(index, root, rounds) {
  const rows = []
  const add = (what, times) =>
    rows.push([what, ...[0.5, 0.95].map(share => milliseconds(quantile(times, share)))])
  add('refresh, nothing changed', await repeated(rounds, () => index.refresh()))
  add('query at `verified`: a stat of every file', await repeated(rounds, () => verified(index)))

  const buffer = readFileSync(join(root, EDITED), 'latin1')
  add(
    `update of a buffer of ${Math.round(buffer.length / 1024)} KiB`,
    await repeated(EDITS, round => index.update(EDITED, `${buffer}// edit ${round}\n`)),
  )
  add(
    'update of a small new file, and a query that finds it',
    await repeated(EDITS, round => found(index, round)),
  )
  const changes = Array.from({ length: BATCH }, (_, number) => ({
    path: `quern-bench/${number}.c`,
    content: `int number_${number};\n`.repeat(20),
  }))
  const together = await repeated(rounds, () => index.apply(changes))
  const single = await repeated(rounds, async () => {
    for (const change of changes) await index.apply([change])
  })
  add(`${BATCH} updates by one apply`, together)
  add(`${BATCH} updates one by one`, single)
  add('flush of all that', [await time(() => index.flush())])

  const idle = await paced(performance.now(), QUERIES_PER_SECOND, () => index.grep(QUERY).count())
  const { files, seconds, beside } = await sustained(index)
  add(`query, ${QUERIES_PER_SECOND} a second`, idle)
  add(`the same beside ${Math.round((files / seconds) * 60).toLocaleString('en')} updates a minute`, beside)
  await index.apply([{ path: 'quern-bench', content: null }, { path: EDITED }])
  await index.flush()

  add('watch: from the call to the end of its first look', [await time(() => index.watch({ delay: 1 }))])
  const searchable = []
  const indexed = []
  for (let round = 0; round < EDITS; round++) {
    writeFileSync(join(root, WRITTEN), `int written_${round}_;\n`)
    const start = performance.now()
    await until(index, `written_${round}_`, 'watched')
    searchable.push(performance.now() - start)
    await until(index, `written_${round}_`, 'snapshot')
    indexed.push(performance.now() - start)
  }
  add('edit on disk to searchable, at `watched`', searchable)
  add('edit on disk to indexed, delay 1 ms', indexed)
  return {
    title: 'Changes',
    columns: ['what', 'median', 'p95'],
    rows,
    notes: [
      `One apply of ${BATCH} is ${(quantile(single, 0.5) / quantile(together, 0.5)).toFixed(1)} times as fast as one by one.`,
    ],
    raw: { idle, beside, searchable, indexed, together, single },
  }
}

/** Updates and queries at their rates, beside each other. */
async function sustained(index) {
  const start = performance.now()
  const update = number =>
    index.update(`quern-bench/${number % BATCH}.c`, `int sustained_${number};\n`.repeat(50))
  const [updates, beside] = await Promise.all([
    paced(start, UPDATES_PER_SECOND, update),
    paced(start, QUERIES_PER_SECOND, () => index.grep(QUERY).count()),
  ])
  return { files: updates.length, seconds: (performance.now() - start) / 1000, beside }
}

/** Does something so often a second, and not more often if it takes longer. */
async function paced(start, rate, act) {
  const times = []
  for (let next = start; next < start + SUSTAINED; next += 1000 / rate) {
    const early = next - performance.now()
    if (early > 0) await new Promise(resolve => setTimeout(resolve, early))
    times.push(await time(() => act(times.length)))
  }
  return times
}

function verified(index) {
  return index.grep('no such text', { freshness: 'verified' }).count()
}

async function found(index, round) {
  await index.update(`quern-bench/new-${round}.c`, `int new_${round}_;\n`)
  const { lines } = await index.grep(`new_${round}_`).count()
  if (lines !== 1) throw new Error(`update ${round} is not found`)
}

async function until(index, pattern, freshness) {
  for (;;) {
    const { lines } = await index.grep(pattern, { freshness }).count()
    if (lines > 0) return
  }
}

async function repeated(rounds, act) {
  const times = []
  for (let round = 0; round < rounds; round++) times.push(await time(() => act(round)))
  return times
}

async function time(act) {
  const start = performance.now()
  await act()
  return performance.now() - start
}
