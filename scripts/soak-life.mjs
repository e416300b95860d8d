/**
 * `npm run soak:life [MINUTES]`: an index lives through edits on disk, updates, queries, flushes, merges and readers that
 * come and go, 30 minutes by default. At the end memory and descriptors must be as they were, answers right, and the store
 * at most half as large again as a compacted one.
 */
import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, unlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bootstrap } from './bootstrap.mjs'

const minutes = Number(process.argv[2] ?? 30)
if (!(minutes > 0)) throw new Error('give a number of minutes')
bootstrap()
// What glibc's arenas keep for each thread grows for hours and hides what is lost: a process of its own has two of them.
if (process.env.MALLOC_ARENA_MAX === undefined) {
  const again = spawn(process.execPath, process.argv.slice(1), {
    env: { ...process.env, MALLOC_ARENA_MAX: '2' },
    stdio: 'inherit',
  })
  process.exit(await new Promise(resolve => again.on('close', code => resolve(code ?? 1))))
}
const { open } = await import('../dist/index.js')

const FILES = 2000
const folder = mkdtempSync(join(tmpdir(), 'quern-soak-'))
const root = join(folder, 'root')
const store = join(folder, 'store')

/** A reader: opens, asks for a while, closes. Ends with an error if an answer is not of one state. */
const READER = `
  import { open } from ${JSON.stringify(new URL('../dist/index.js', import.meta.url).href)}
  const [root, store] = process.argv.slice(1)
  const index = await open(root, { store, refresh: 'none' })
  for (let round = 0; round < 200; round++) {
    const versions = new Map()
    for await (const { path, text } of index.grep('^version ', { freshness: round % 20 ? 'snapshot' : 'verified' })) {
      const before = versions.get(path) ?? text
      if (before !== text) throw new Error(path + ' is of two states: ' + before + ' and ' + text)
      versions.set(path, text)
    }
    if (versions.size < ${FILES / 2}) throw new Error('only ' + versions.size + ' files')
  }
  await index.close()
`

let version = 0
const pathOf = number => `part-${number % 40}/file-${number}.txt`
const any = count => Math.floor(Math.random() * count)
const word = () => any(36 ** 4).toString(36)
const lines = () =>
  Array.from({ length: any(200) }, () => `${word()} ${word()} ${word()} of every file\n`).join('')

function textOf() {
  version++
  return `version ${version}\n${lines()}version ${version}\n`
}

function edit(number) {
  const path = join(root, pathOf(number))
  writeFileSync(`${path}.new`, textOf())
  renameSync(`${path}.new`, path)
}

function read() {
  const child = spawn(process.execPath, ['--input-type=module', '--eval', READER, root, store], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  return new Promise(resolve => child.on('close', resolve))
}

for (let part = 0; part < 40; part++) mkdirSync(join(root, `part-${part}`), { recursive: true })
for (let number = 0; number < FILES; number++) edit(number)

const index = await open(root, { store, cache: '8MB', flushAfter: 500 })
const watcher = await index.watch({ delay: 20 })
const samples = []
const failures = []
const counts = { edits: 0, updates: 0, queries: 0, readers: 0, events: 0 }
const end = Date.now() + minutes * 60_000

async function editing() {
  for (; Date.now() < end; counts.edits++) {
    const number = any(FILES)
    if (any(50) === 0) {
      unlinkSync(join(root, pathOf(number)))
      await new Promise(setImmediate)
    }
    edit(number)
    await new Promise(resolve => setTimeout(resolve, 2))
  }
}

async function updating() {
  for (let round = 0; Date.now() < end; round++) {
    const path = `given/${any(200)}.txt`
    await (any(3) ? index.update(path, textOf()) : index.remove(path))
    counts.updates++
    if (round % 5000 === 4999) await index.compact()
    await new Promise(resolve => setTimeout(resolve, 5))
  }
}

async function asking() {
  for (; Date.now() < end; counts.queries++) {
    await index.grep(`version ${any(version)}`).count()
    await new Promise(resolve => setTimeout(resolve, 10))
  }
}

async function reading() {
  for (; Date.now() < end; counts.readers++) {
    const status = await read()
    if (status !== 0) failures.push(`a reader ended with status ${status}`)
  }
}

async function listening() {
  for await (const event of watcher) {
    counts.events++
    if (event.kind === 'failed') failures.push(event.failure.message)
  }
}

async function sampling() {
  while (Date.now() < end) {
    await new Promise(resolve => setTimeout(resolve, 5000))
    const { storeBytes, segments, overlaySegments } = index.stats()
    samples.push({
      rss: process.memoryUsage().rss,
      descriptors: process.platform === 'linux' ? readdirSync('/proc/self/fd').length : 0,
      storeBytes,
      segments,
      overlaySegments,
    })
  }
}

const listens = listening()
await Promise.all([editing(), updating(), asking(), reading(), sampling()])
await watcher.close()
await listens

const median = numbers => numbers.toSorted((a, b) => a - b)[numbers.length >> 1]
const part = Math.ceil(samples.length / 3)
const third = (key, from) => median(samples.slice(from, from + part).map(sample => sample[key]))
const rss = [third('rss', 0), third('rss', samples.length - part)]
const descriptors = [third('descriptors', 0), third('descriptors', samples.length - part)]

await index.refresh()
const expected = []
for await (const { path, text } of index.grep('^version ', { freshness: 'verified', sort: 'path' }))
  expected.push(`${path} ${text}`)
const found = []
for await (const { path, text } of index.grep('^version ', { freshness: 'snapshot', sort: 'path' }))
  found.push(`${path} ${text}`)
if (found.join('\n') !== expected.join('\n')) failures.push('the snapshot is not what is on disk')
const report = await index.check({ sample: 500 })
failures.push(...report.faults.map(fault => fault.message))
const used = third('storeBytes', samples.length - part)
await index.compact()
const least = index.stats().storeBytes
await index.close()
if (used > least * 1.5) failures.push(`the store took ${used} bytes where ${least} are enough`)
if (rss[1] > rss[0] * 1.2) failures.push(`memory grew from ${rss[0]} to ${rss[1]} bytes`)
if (descriptors[1] > descriptors[0] + 5)
  failures.push(`descriptors grew from ${descriptors[0]} to ${descriptors[1]}`)
rmSync(folder, { recursive: true, force: true })

const megabytes = bytes => `${(bytes / 1e6).toFixed(1)} MB`
process.stdout.write(
  `${minutes} minutes: ${JSON.stringify(counts)}
resident: median ${megabytes(rss[0])} in the first third, ${megabytes(rss[1])} in the last
descriptors: ${descriptors.join(' and ')}
store: ${megabytes(used)}, compacted ${megabytes(least)}, ${(used / least).toFixed(2)} times
segments: ${third('segments', samples.length - part)} on disk, ${third('overlaySegments', samples.length - part)} in memory
${failures.length === 0 ? 'no failures' : failures.join('\n')}\n`,
)
process.exitCode = failures.length === 0 ? 0 : 1
