/** Asking ranked questions from a folder: of the nearest index above that has one, or of the folder's own. */
import { relative, resolve, sep } from 'node:path'
import type { ParseArgsConfig } from 'node:util'
import type { Index } from '../engine/handle.js'
import { open } from '../engine/open.js'
import type { RankedOptions } from '../engine/search.js'
import { storeAround } from '../engine/stores.js'
import { QuernError } from '../errors.js'
import type { CallOptions } from '../native/call.js'
import { facetsBelow } from './facets.js'
import { showProgress, showWait } from './progress.js'
import { existing, oneOf, UsageError } from './usage.js'

/** What the command line asks. */
export interface Question {
  readonly query: string
  readonly folder: string
  readonly options: RankedOptions
  readonly store: string | undefined
}

/** What the index is to be asked for that. */
export interface Asked {
  readonly query: string
  readonly options: RankedOptions
  /** Where the folder is below the index's root; empty: it is the root. */
  readonly below: string
}

const MODES = ['query', 'words', 'exact', 'fuzzy', 'regex', 'auto'] as const
const SCOPES = ['chunk', 'file'] as const

/** Flags of every command that carries out a query. */
export const QUERY_FLAGS = {
  help: { type: 'boolean', short: 'h' },
  all: { type: 'boolean' },
  strict: { type: 'boolean' },
  mode: { type: 'string' },
  scope: { type: 'string' },
  json: { type: 'boolean' },
  store: { type: 'string' },
} as const satisfies ParseArgsConfig['options']

/** What {@link QUERY_FLAGS} say of how a query is taken. */
export function queryOptions(values: {
  readonly all?: boolean | undefined
  readonly strict?: boolean | undefined
  readonly mode?: string | undefined
  readonly scope?: string | undefined
}): Pick<RankedOptions, 'operator' | 'strict' | 'mode' | 'scope'> {
  return {
    operator: values.all === true ? 'all' : 'any',
    strict: values.strict,
    mode: oneOf('--mode', values.mode, MODES),
    scope: oneOf('--scope', values.scope, SCOPES),
  }
}

/** How a command line is wrong that lacks its text, or has too much. */
export interface Wording {
  /** What the text is there for: `search for`. */
  readonly purpose: string
  /** What the text is: `query`. */
  readonly noun: string
  readonly usage: string
}

/** The text and the folder that a command line names. */
export function textAndFolder(
  positionals: readonly string[],
  { purpose, noun, usage }: Wording,
): [string, string] {
  const [text, folder = '.', extra] = positionals
  if (text === undefined) throw new UsageError(`what to ${purpose} is missing: ${usage}`)
  if (extra !== undefined) {
    throw new UsageError(
      `one ${noun} and one folder, but '${extra}' was given too; put quotes around the ${noun}`,
    )
  }
  return [text, existing(folder)]
}

/** The query and the folder that a command line names. */
export function queryAndFolder(positionals: readonly string[], usage: string): [string, string] {
  return textAndFolder(positionals, { purpose: 'search for', noun: 'query', usage })
}

/**
 * Has `ask` ask the index of the nearest folder above that has one, if it holds anything of this folder; else the folder's own.
 * Everything that is indexed is ranked by then.
 */
export async function answered<A>(
  question: Question,
  ask: (index: Index, asked: Asked) => Promise<A>,
): Promise<A> {
  const { query, folder, options, store } = question
  const around = store === undefined ? storeAround(folder) : undefined
  const below = around?.root === undefined ? '' : relative(around.root, resolve(folder))
  if (around?.root !== undefined && below !== '') {
    await using index = await ranked(around.root, around.dir, options)
    const asked = await askedBelow(index, question, below.split(sep).join('/'))
    if (asked !== undefined) return await ask(index, asked)
  }
  await using index = await ranked(folder, store, options)
  return await ask(index, { query, options, below: '' })
}

/** Opens an index of which all that is indexed is ranked, or all that another process has ranked so far. */
export async function ranked(
  root: string,
  store: string | undefined,
  { signal }: CallOptions,
): Promise<Index> {
  const pending = open(root, { signal, store })
  await showProgress(pending.progress())
  const index = await pending
  try {
    await showWait('ranking what has changed, or all of it the first time', index.ready('terms', { signal }))
  } catch (error) {
    // What is ranked so far answers, and the last line says how much that is.
    const isReader =
      error instanceof QuernError && (error.code === 'QUERN_LOCKED' || error.code === 'QUERN_PERMISSION')
    if (!isReader) throw error
  }
  return index
}

/** A question about a folder below the root only. `undefined`: the index has nothing there, for instance because it is ignored. */
async function askedBelow(
  index: Index,
  { query, options }: Question,
  below: string,
): Promise<Asked | undefined> {
  const glob = `/${below.replaceAll(/[\\*?[\]{}]/g, '[$&]')}/**`
  const held = await index.search('*', { signal: options.signal, limit: 0, glob })
  if (held.total === 0) return undefined
  return { query, options: { ...options, glob, facets: facetsBelow(options.facets, below) }, below }
}
