/**
 * `node reading.js ROOT STORE`: one reader of `readers.test.ts`. Asks until its input ends, then says what it has seen.
 */
import { type Freshness, type Index, open } from 'quern'
import { GIVEN, ON_DISK, ROWS } from './versioned.js'

/** What a reader has seen. */
export interface Seen {
  answers: number
  snapshots: number
  faults: string[]
}

type Versions = Map<string, number>

/** Asks once; gives the version of each file. */
async function ask(index: Index, freshness: Freshness, seen: Seen): Promise<[Versions, string]> {
  const matches = index.grep('version [0-9]+$', { freshness })
  const versions: Versions = new Map()
  const rows = new Map<string, number>()
  for await (const { path, text } of matches) {
    const version = Number(text.split(' ').at(-1))
    const known = versions.get(path)
    if (known !== undefined && known !== version) seen.faults.push(`${path}: ${known} and ${version}`)
    versions.set(path, version)
    rows.set(path, (rows.get(path) ?? 0) + 1)
  }
  const { coverage } = matches
  for (const path of [...GIVEN, ...ON_DISK]) {
    if (rows.get(path) !== ROWS) seen.faults.push(`${freshness}: ${rows.get(path)} rows of ${path}`)
  }
  if (!coverage?.complete) seen.faults.push(`${freshness}: ${JSON.stringify(coverage)}`)
  return [versions, coverage?.snapshot ?? '']
}

async function run(root: string, store: string): Promise<void> {
  const seen: Seen = { answers: 0, snapshots: 0, faults: [] }
  const last: Record<string, Versions> = { snapshot: new Map(), verified: new Map() }
  const snapshots = new Set<string>()
  process.stdin.resume()
  const index = await open(root, { store, refresh: 'none' })
  while (!process.stdin.readableEnded && seen.faults.length === 0) {
    for (const freshness of ['snapshot', 'verified'] as const) {
      const [versions, snapshot] = await ask(index, freshness, seen)
      for (const [path, before] of last[freshness] ?? []) {
        const now = versions.get(path) ?? -1
        if (now < before) seen.faults.push(`${freshness}: ${path} went from ${before} to ${now}`)
      }
      last[freshness] = versions
      snapshots.add(snapshot)
      seen.answers += 1
    }
  }
  seen.snapshots = snapshots.size
  await index.close()
  process.stdout.write(`${JSON.stringify(seen)}\n`)
}

const [root, store] = process.argv.slice(2)
if (root !== undefined && store !== undefined) await run(root, store)
