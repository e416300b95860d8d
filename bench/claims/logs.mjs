// Large logs: memory while many gigabytes are indexed within `memory: '128MB'`, and one log that grows while it is watched.
import { appendFileSync, mkdirSync, rmSync, statfsSync } from 'node:fs'
import { join } from 'node:path'
import { open } from '../../dist/index.js'
import { logLines, writeLog } from '../corpora/logs.mjs'
import { childResult } from '../processes.mjs'
import { milliseconds, quantile, shown } from '../statistics.mjs'

const GIGABYTE = 1e9
const LOG = 500e6
const MEMORY = '128MB'
/** Of the corpus's size, on disk: the corpus, the store, and room for the one being written. */
const DISK = 1.3

const GROWING = 1e9
const BYTES_PER_SECOND = 10e6
const TICK_MS = 100
const SECONDS = 10

export async function measureLogs({ root, scratch, gigabytes, cores }) {
  const folder = join(scratch, 'logs')
  const free = statfsSync(scratch)
  const needed = Math.max(gigabytes * GIGABYTE, GROWING) * DISK
  if (free.bavail * free.bsize < needed) {
    throw new Error(
      `the claim "logs" needs ${shown(needed / 1e9)} GB of disk at ${scratch}; ask for fewer --gigabytes`,
    )
  }
  try {
    const rows = [...(await memory(folder, root, scratch, gigabytes, cores))]
    for (const appendOnly of [undefined, '*.log']) rows.push(...(await growing(folder, scratch, appendOnly)))
    return {
      title: 'Large logs',
      columns: ['what', 'figure'],
      rows,
      notes: [
        `Memory is the largest RssAnon in samples of 20 ms, less that of Node before: what is mapped is not counted.`,
        `The growing log begins with ${shown(GROWING / 1e9)} GB and gets ${shown(BYTES_PER_SECOND / 1e6)} MB a second, in steps of ${TICK_MS} ms, for ${SECONDS} s.`,
      ],
      raw: rows,
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function memory(folder, corpus, scratch, gigabytes, cores) {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  let line = 0
  for (let number = 0; number * LOG < gigabytes * GIGABYTE; number++) {
    line = writeLog(join(folder, `service-${number}.log`), LOG, line)
  }
  const rows = []
  for (const [what, root] of [
    [`${gigabytes} GB of logs`, folder],
    ['the files of the corpus', corpus],
  ]) {
    const store = join(scratch, 'logs-store')
    rmSync(store, { recursive: true, force: true })
    const options = { store, threads: cores, memory: MEMORY }
    const { figures, stats } = await childResult('build.mjs', { root, options })
    const { bytes, seconds } = stats.build
    rows.push(
      [`memory while ${what} are indexed, memory: '${MEMORY}'`, `${shown(figures.anonymousMB)} MB`],
      [`time of that`, `${shown(seconds)} s, ${shown(bytes / 1e6 / seconds)} MB/s`],
    )
    rmSync(store, { recursive: true, force: true })
  }
  return rows
}

/** Median and 95th percentile. */
function spread(times) {
  return `${milliseconds(quantile(times, 0.5))}, p95 ${milliseconds(quantile(times, 0.95))}`
}

async function growing(folder, scratch, appendOnly) {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  const path = join(folder, 'service.log')
  let line = writeLog(path, GROWING, 0)
  const index = await open(folder, { store: join(scratch, 'logs-store'), appendOnly })
  const watcher = await index.watch({ delay: 1 })
  const latencies = []
  const following = (async () => {
    for await (const event of watcher) if (event.kind === 'applied') latencies.push(event.latency)
  })()
  const searchable = []
  const lines = Math.round((BYTES_PER_SECOND * TICK_MS) / 1000 / (logLines(0, 1000).length / 1000))
  const start = performance.now()
  for (let tick = 0; tick < (SECONDS * 1000) / TICK_MS; tick++) {
    const early = start + tick * TICK_MS - performance.now()
    if (early > 0) await new Promise(resolve => setTimeout(resolve, early))
    const marker = `marker-${tick}-of-the-log`
    appendFileSync(path, `${logLines(line, lines)}${marker}\n`)
    line += lines
    const appended = performance.now()
    const found = await index.grep(marker).count()
    if (found.lines !== 1) throw new Error(`${marker} is not found`)
    searchable.push(performance.now() - appended)
  }
  const took = (performance.now() - start) / 1000
  await index.close()
  await following
  rmSync(join(scratch, 'logs-store'), { recursive: true, force: true })
  const how = appendOnly === undefined ? 'compared by hash' : `appendOnly: '${appendOnly}'`
  return [
    [`growing log, ${how}: append to searchable, at \`watched\``, spread(searchable)],
    [`growing log, ${how}: append to indexed`, spread(latencies)],
    [`growing log, ${how}: time for ${SECONDS} s of log`, `${shown(took)} s`],
  ]
}
