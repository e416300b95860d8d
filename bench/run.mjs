// `npm run bench`: measures the project's claims about speed and writes them down under bench/results/.
//
//   npm run bench -- [--corpus linux|FOLDER] [--only build,queries,crossing,idle,changes,logs,ranked,scaling,cache,extraction]
//                    [--rounds 7] [--threads N] [--name NAME] [--store FOLDER] [--gigabytes 1]
//
// The corpus `linux` is fetched on first use (Debian). Everything is compared with ripgrep in the same run; a figure is
// the median of interleaved rounds with a warm page cache.
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { availableParallelism, loadavg, tmpdir } from 'node:os'
import { basename, join, resolve } from 'node:path'
import process from 'node:process'
import { parseArgs } from 'node:util'
import { measureBuild } from './claims/build.mjs'
import { measureCache } from './claims/cache.mjs'
import { measureChanges } from './claims/changes.mjs'
import { measureCrossing } from './claims/crossing.mjs'
import { measureExtraction } from './claims/extraction.mjs'
import { measureIdle } from './claims/idle.mjs'
import { measureLogs } from './claims/logs.mjs'
import { measureQueries } from './claims/queries.mjs'
import { measureRanked } from './claims/ranked.mjs'
import { measureScaling } from './claims/scaling.mjs'
import { describeMachine } from './machine.mjs'
import { claimReport, record } from './record.mjs'

const CLAIMS = {
  build: measureBuild,
  queries: measureQueries,
  crossing: measureCrossing,
  idle: measureIdle,
  changes: measureChanges,
  logs: measureLogs,
  ranked: measureRanked,
  scaling: measureScaling,
  cache: measureCache,
  extraction: measureExtraction,
}
const BUSY = 0.5

const { values: chosen } = parseArgs({
  options: {
    corpus: { type: 'string', default: 'linux' },
    only: { type: 'string', default: Object.keys(CLAIMS).join(',') },
    rounds: { type: 'string', default: '7' },
    threads: { type: 'string', default: String(availableParallelism()) },
    name: { type: 'string' },
    store: { type: 'string' },
    gigabytes: { type: 'string', default: '1' },
  },
})

function say(text) {
  process.stdout.write(`${text}\n`)
}

function corpusNamed(name) {
  if (name !== 'linux') return { name: basename(resolve(name)), root: resolve(name) }
  const script = join(import.meta.dirname, 'corpora', 'linux.sh')
  const root = execFileSync(script, { stdio: ['ignore', 'pipe', 'inherit'] })
    .toString()
    .trim()
  return { name: 'linux-6.1', root }
}

const machine = describeMachine()
if (loadavg()[0] > BUSY) say(`The machine is busy (load ${machine.load[0]}): trust the ratios only.`)

const corpus = corpusNamed(chosen.corpus)
const scratch = chosen.store ? resolve(chosen.store) : mkdtempSync(join(tmpdir(), 'quern-bench-'))
mkdirSync(scratch, { recursive: true })
const context = {
  root: corpus.root,
  scratch,
  rounds: Number(chosen.rounds),
  cores: Number(chosen.threads),
  gigabytes: Number(chosen.gigabytes),
}

const results = {}
for (const claim of chosen.only.split(',')) {
  say(`measuring ${claim} ...`)
  results[claim] = await CLAIMS[claim](context)
  say(`\n${claimReport(results[claim])}\n`)
}
if (!chosen.store) rmSync(scratch, { recursive: true, force: true })
for (const path of record(chosen.name ?? corpus.name, machine, corpus, results)) say(`written: ${path}`)
