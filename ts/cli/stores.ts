/** `quern stores ls|prune|rm`: the indexes that this user has. */
import { existsSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { size } from '../checks.js'
import { defaultStore, listStores, pruneStores, removeStore, type Store } from '../engine/stores.js'
import { line, write } from './console.js'
import { FOUND, NOTHING_FOUND } from './exit.js'
import { bytes, counted } from './format.js'
import { help } from './help.js'
import { UsageError } from './usage.js'

const DEFAULT_CAP = '10GB'

/** Runs `quern stores`. */
export async function stores(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: {
      help: { type: 'boolean', short: 'h' },
      cap: { type: 'string', default: DEFAULT_CAP },
      json: { type: 'boolean' },
    },
    allowPositionals: true,
  })
  const [action, ...rest] = positionals
  if (values.help === true) {
    await write(help())
    return FOUND
  }
  switch (action) {
    case 'ls':
      return await list(values.json === true)
    case 'prune':
      return await prune(size('--cap', values.cap))
    case 'rm':
      return await remove(rest)
    default:
      throw new UsageError('quern stores ls | prune [--cap SIZE] | rm DIR')
  }
}

async function list(json: boolean): Promise<number> {
  const found = listStores()
  if (json) {
    await line(JSON.stringify(found, null, 2))
    return FOUND
  }
  for (const store of found) await line(described(store))
  await line(
    `${counted(found.length, 'store')}, ${bytes(found.reduce((sum, store) => sum + store.bytes, 0))}`,
  )
  return FOUND
}

async function prune(cap: number): Promise<number> {
  const removed = pruneStores(cap)
  for (const store of removed) await line(`removed ${described(store)}`)
  await line(`${counted(removed.length, 'store')} removed`)
  return FOUND
}

async function remove(targets: readonly string[]): Promise<number> {
  if (targets.length === 0)
    throw new UsageError('quern stores rm needs a store, or a folder whose store goes')
  const known = listStores()
  let missing = 0
  for (const target of targets) {
    const store = known.find(({ dir }) => dir === target || dir === defaultStore(target))
    if (store === undefined || !existsSync(store.dir)) {
      missing++
      await line(`${target}: no store`)
    } else {
      removeStore(store.dir)
      await line(`removed ${described(store)}`)
    }
  }
  return missing === 0 ? FOUND : NOTHING_FOUND
}

function described({ dir, root, bytes: held, lastUsed, rootExists }: Store): string {
  const used = new Date(lastUsed).toISOString().slice(0, 16).replace('T', ' ')
  return `${bytes(held).padStart(8)}  ${used}  ${root ?? '(unreadable)'}${rootExists ? '' : ' (gone)'}  ${dir}`
}
