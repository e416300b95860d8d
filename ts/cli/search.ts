/** `quern search`: the passages that answer a question best. */
import { statSync } from 'node:fs'
import { posix, relative, resolve, sep } from 'node:path'
import { parseArgs, type ParseArgsConfig } from 'node:util'
import type { Index } from '../engine/handle.js'
import { open } from '../engine/open.js'
import type { Hit, RankedAnswer, RankedOptions } from '../engine/search.js'
import { storeAround } from '../engine/stores.js'
import { QuernError } from '../errors.js'
import { complain, line, write } from './console.js'
import { FOUND, NOTHING_FOUND } from './exit.js'
import { counted } from './format.js'
import { searchHelp } from './help.js'
import { showProgress, showWait } from './progress.js'
import { number, UsageError } from './usage.js'

const FLAGS = {
  help: { type: 'boolean', short: 'h' },
  all: { type: 'boolean' },
  strict: { type: 'boolean' },
  limit: { type: 'string', short: 'n' },
  offset: { type: 'string' },
  json: { type: 'boolean' },
  color: { type: 'string' },
  store: { type: 'string' },
} as const satisfies ParseArgsConfig['options']

const PATH = '\u001B[35m'
const LINE = '\u001B[32m'
const FOUND_WORD = '\u001B[1m\u001B[31m'
const PLAIN = '\u001B[0m'

/** Runs `quern search`. */
export async function search(args: readonly string[], signal: AbortSignal): Promise<number> {
  const { values, positionals } = parseArgs({ args: [...args], options: FLAGS, allowPositionals: true })
  if (values.help === true) {
    await write(searchHelp())
    return FOUND
  }
  const [query, folder = '.', extra] = positionals
  if (query === undefined) throw new UsageError('what to search for is missing: quern search QUERY [FOLDER]')
  if (extra !== undefined) {
    throw new UsageError(
      `one query and one folder, but '${extra}' was given too; put quotes around the query`,
    )
  }
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true)
    throw new UsageError(`'${folder}' is not a folder`)
  const color = colored(values.color)
  const options: RankedOptions = {
    signal,
    limit: number('--limit', values.limit),
    offset: number('--offset', values.offset),
    operator: values.all === true ? 'all' : 'any',
    strict: values.strict,
  }
  const answer = await answered({ query, folder, options }, values.store)
  for (const { message } of answer.notes) complain(message)
  if (values.json === true) await line(JSON.stringify(answer, null, 2))
  else await show(answer, color)
  return answer.total > 0 ? FOUND : NOTHING_FOUND
}

interface Question {
  readonly query: string
  readonly folder: string
  readonly options: RankedOptions
}

/** Asks the index of the nearest folder above that has one, if it holds anything of this folder; else the folder's own. */
async function answered(question: Question, store: string | undefined): Promise<RankedAnswer> {
  const { query, folder, options } = question
  const around = store === undefined ? storeAround(folder) : undefined
  const below = around?.root === undefined ? '' : relative(around.root, resolve(folder))
  if (around?.root !== undefined && below !== '') {
    await using index = await ranked(around.root, around.dir, options)
    const answer = await askBelow(index, question, below.split(sep).join('/'))
    if (answer !== undefined) return answer
  }
  await using index = await ranked(folder, store, options)
  return shownFrom(folder, '', await index.search(query, options))
}

async function ranked(root: string, store: string | undefined, { signal }: RankedOptions): Promise<Index> {
  const pending = open(root, { signal, store })
  await showProgress(pending.progress())
  const index = await pending
  try {
    await showWait('ranking what has changed, or all of it the first time', index.ready('terms', { signal }))
  } catch (error) {
    // What another process has ranked so far answers, and the last line says how much that is.
    if (!(error instanceof QuernError) || error.code !== 'QUERN_LOCKED') throw error
  }
  return index
}

/** A query that was read is written out again within these limits. */
const ANY_LENGTH = { maxClauses: 2 ** 32 - 1, maxDepth: 256, maxQueryBytes: 2 ** 32 } as const

/** Asks of a folder below the root only. `undefined`: the index has nothing there, for instance because it is ignored. */
async function askBelow(
  index: Index,
  { query, folder, options }: Question,
  below: string,
): Promise<RankedAnswer | undefined> {
  const place = `path:${quoted(`/${below.replaceAll(/[\\*?[\]{}]/g, '[$&]')}/`)}`
  const held = await index.search(place, { signal: options.signal, limit: 0 })
  if (held.total === 0) return undefined
  // Understood by itself first: a quote or a parenthesis that is not closed would swallow what is added.
  const understood = await index.search(query, { ...options, limit: 0 })
  if (understood.query === '') return understood
  const { signal, limit, offset } = options
  const asked = `${place} AND (${understood.query})`
  const answer = await index.search(asked, { signal, limit, offset, ...ANY_LENGTH })
  return shownFrom(folder, below, { ...answer, notes: understood.notes })
}

/** A text in the quotes of the query language. */
function quoted(text: string): string {
  return `"${text.replaceAll(/["\\]/g, '\\$&')}"`
}

/** An answer with the paths as they are seen from where the command runs, for a folder and where it is below the root. */
function shownFrom(folder: string, below: string, answer: RankedAnswer): RankedAnswer {
  const from = folder.split(sep).join('/')
  const hits = answer.hits.map(hit => ({
    ...hit,
    path: posix.join(from, posix.relative(below, hit.path)),
  }))
  return { ...answer, hits }
}

async function show({ hits, total, coverage }: RankedAnswer, color: boolean): Promise<void> {
  for (const hit of hits) await write(passage(hit, color))
  const more =
    total > hits.length ? `${hits.length} of ${counted(total, 'passage')}` : counted(total, 'passage')
  await line(
    coverage.complete ? more : `${more}; ${coverage.ranked} of ${counted(coverage.indexed, 'file')} searched`,
  )
}

function passage({ path, line: first, score, snippet }: Hit, color: boolean): string {
  const paint = (code: string, text: string): string => (color ? `${code}${text}${PLAIN}` : text)
  const head = `${paint(PATH, path)}:${paint(LINE, String(snippet?.line ?? first))}  ${score.toFixed(2)}\n`
  if (snippet === undefined) return `${head}    (changed since it was indexed)\n\n`
  let shown = ''
  let place = 0
  for (const [start, end] of snippet.ranges) {
    shown += snippet.text.slice(place, start) + paint(FOUND_WORD, snippet.text.slice(start, end))
    place = end
  }
  shown += snippet.text.slice(place)
  return `${head}    ${shown.replaceAll('\n', '\n    ')}\n\n`
}

function colored(when: string | undefined): boolean {
  if (when !== undefined && when !== 'never' && when !== 'auto' && when !== 'always') {
    throw new UsageError(`--color: '${when}' is not one of never, auto, always`)
  }
  if (when === 'always' || when === 'never') return when === 'always'
  return process.stdout.isTTY && process.env['NO_COLOR'] === undefined
}
