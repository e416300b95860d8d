/** `quern cache ls|get|clear`: the cache on disk. */
import { existsSync } from 'node:fs'
import { inspect, parseArgs } from 'node:util'
import { decode } from '../cache/codec.js'
import { defaultCache, type DiskTier, diskTier } from '../cache/disk.js'
import type { EntryInfo } from '../cache/tier.js'
import { line, write } from './console.js'
import { FOUND, NOTHING_FOUND } from './exit.js'
import { bytes, counted } from './format.js'
import { help } from './help.js'
import { UsageError } from './usage.js'

/** Runs `quern cache`. */
export async function cache(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: {
      help: { type: 'boolean', short: 'h' },
      path: { type: 'string' },
      tag: { type: 'string', multiple: true },
      json: { type: 'boolean' },
    },
    allowPositionals: true,
  })
  if (values.help === true) {
    await write(help())
    return FOUND
  }
  const act = action(positionals, values.tag, values.json === true)
  const path = values.path ?? defaultCache()
  if (!existsSync(path)) {
    await line(values.json === true ? 'null' : `${path}: no cache`)
    return NOTHING_FOUND
  }
  const disk = diskTier({ path })
  try {
    return await act(disk)
  } finally {
    await disk.close()
  }
}

type Action = (disk: DiskTier) => Promise<number>

function action(positionals: readonly string[], tags: string[] | undefined, json: boolean): Action {
  const [name, text, ...rest] = positionals
  if (rest.length === 0 && (tags === undefined || (name === 'clear' && text === undefined))) {
    if (name === 'ls' && text === undefined) return disk => list(disk, json)
    if (name === 'get' && text !== undefined) return disk => get(disk, text, json)
    if (name === 'clear') return disk => clear(disk, text, tags, json)
  }
  throw new UsageError('quern cache ls | get KEY | clear [PATTERN | --tag TAG]')
}

async function list(disk: DiskTier, json: boolean): Promise<number> {
  const { entries, bytes: held, maxBytes } = disk.stats()
  if (json) {
    const keys = [...disk.entries()]
    await line(JSON.stringify({ path: disk.path, entries: keys, bytes: held, maxBytes }, null, 2))
    return FOUND
  }
  for (const entry of disk.entries()) await line(described(entry))
  await line(`${counted(entries, 'value')}, ${bytes(held)} of ${bytes(maxBytes)}  ${disk.path}`)
  return FOUND
}

async function get(disk: DiskTier, key: string, json: boolean): Promise<number> {
  const entry = disk.get(key)
  if (entry === undefined) {
    if (json) await line('null')
    return NOTHING_FOUND
  }
  const value = decoded(entry.value)
  if (json) await line(JSON.stringify({ key, ...entry, value: inJson(value) }, null, 2))
  else if (value instanceof Uint8Array) await write(value)
  else await line(typeof value === 'string' ? value : inspect(value, WHOLE))
  return FOUND
}

const WHOLE = { depth: Infinity, maxArrayLength: Infinity, maxStringLength: Infinity }

/** What a cache put in; of what somebody else did, its bytes. */
function decoded(stored: Uint8Array): unknown {
  try {
    return decode(stored)
  } catch {
    return stored
  }
}

/** Bytes in base 64. */
function inJson(value: unknown): unknown {
  return value instanceof Uint8Array ? Buffer.from(value).toString('base64') : value
}

async function clear(
  disk: DiskTier,
  pattern: string | undefined,
  tags: string[] | undefined,
  json: boolean,
): Promise<number> {
  const dropped =
    tags === undefined ? await disk.deleteMatching(pattern ?? '*') : await disk.deleteTagged(tags)
  await line(json ? JSON.stringify({ dropped }) : `${counted(dropped, 'value')} dropped`)
  return FOUND
}

function described({ key, bytes: held, expires, tags }: EntryInfo): string {
  const until =
    expires === undefined ? 'never' : new Date(expires).toISOString().slice(0, 16).replace('T', ' ')
  const tagged = tags.length === 0 ? '' : `  [${tags.join(', ')}]`
  return `${bytes(held).padStart(8)}  ${until.padEnd(16)}  ${key}${tagged}`
}
