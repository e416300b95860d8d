/**
 * `node crashing.js ROOT STORE SEED`: changes an index for ever, and says what it is about to do and what it has done. The
 * process is meant to be killed. See `crashes.test.ts`.
 */
import { renameSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { type Change, type Index, open } from 'quern'
import { Random } from './random.js'
import { FILES, GONE, type Said } from './said.js'

function say(said: Said): void {
  writeSync(1, `${JSON.stringify(said)}\n`)
}

async function run(root: string, store: string, seed: number): Promise<void> {
  const random = new Random(seed)
  say({ begin: 'durable' })
  // Nothing is flushed behind the back of those who keep the books.
  const index = await open(root, { store, flushAfter: 1e9 })
  say({ done: true })
  for (let number = 1; ; number++) await step(index, root, random, `${seed}.${number}`)
}

async function step(index: Index, root: string, random: Random, version: string): Promise<void> {
  const kind = random.below(8)
  if (kind < 3) return change(index, random, version)
  if (kind < 4) return edit(index, root, random, version)
  say({ begin: 'durable' })
  if (kind < 6) await index.flush()
  else if (kind < 7) await index.refresh()
  else await index.compact()
  say({ done: true })
}

/** Gives and removes a few files at once. */
async function change(index: Index, random: Random, version: string): Promise<void> {
  const files: Record<string, string> = {}
  for (let count = 1 + random.below(4); count > 0; count--) {
    const number = random.below(FILES)
    if (random.oneIn(4)) files[`disk-${number}.txt`] = `given ${version}`
    else files[`given-${number}.txt`] = random.oneIn(4) ? GONE : `given ${version}`
  }
  say({ begin: 'change', files })
  const changes = Object.entries(files).map(
    ([path, text]): Change => ({ path, content: text === GONE ? null : text }),
  )
  await index.apply(changes)
  say({ done: true })
}

/** Writes a file that is on disk, and has the index look at it. */
async function edit(index: Index, root: string, random: Random, version: string): Promise<void> {
  const path = `disk-${random.below(FILES)}.txt`
  writeFileSync(`${root}.new`, `on disk ${version}`)
  renameSync(`${root}.new`, join(root, path))
  say({ begin: 'change', files: { [path]: null } })
  await index.update(path)
  say({ done: true })
}

const [root, store, seed] = process.argv.slice(2)
if (root !== undefined && store !== undefined) await run(root, store, Number(seed))
