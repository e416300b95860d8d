/** `quern search`: the passages that answer a question best. */
import { relative, resolve, sep } from 'node:path'
import { parseArgs, type ParseArgsConfig } from 'node:util'
import type { Hit, RankedAnswer } from '../engine/search.js'
import { open } from '../engine/open.js'
import { storeAround } from '../engine/stores.js'
import { complain, line, write } from './console.js'
import { FOUND, NOTHING_FOUND } from './exit.js'
import { counted } from './format.js'
import { searchHelp } from './help.js'
import { showProgress } from './progress.js'
import { UsageError } from './usage.js'

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
  const [query, path = '.', extra] = positionals
  if (query === undefined) throw new UsageError('what to search for is missing: quern search QUERY [FOLDER]')
  if (extra !== undefined) {
    throw new UsageError(
      `one query and one folder, but '${extra}' was given too; put quotes around the query`,
    )
  }
  const around = values.store === undefined ? storeAround(path) : undefined
  const root = around?.root ?? path
  const pending = open(root, { signal, store: values.store ?? around?.dir })
  await showProgress(pending.progress())
  await using index = await pending
  await index.ready('terms', { signal })
  const answer = await index.search(within(query, relative(resolve(root), resolve(path))), {
    signal,
    limit: number('--limit', values.limit),
    offset: number('--offset', values.offset),
    operator: values.all === true ? 'all' : 'any',
    strict: values.strict,
  })
  for (const { message } of answer.notes) complain(message)
  if (values.json === true) await line(JSON.stringify(answer, null, 2))
  else await show(answer, colored(values.color))
  return answer.total > 0 ? FOUND : NOTHING_FOUND
}

/** The query, asked of a folder below the root only. */
function within(query: string, folder: string): string {
  if (folder === '') return query
  return `(${query}) AND path:${JSON.stringify(`/${folder.split(sep).join('/')}/`)}`
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
  return `${head}${shown.replaceAll(/^/gm, '    ')}\n\n`
}

function colored(when: string | undefined): boolean {
  if (when !== undefined && when !== 'never' && when !== 'auto' && when !== 'always') {
    throw new UsageError(`--color: '${when}' is not one of never, auto, always`)
  }
  if (when === 'always' || when === 'never') return when === 'always'
  return process.stdout.isTTY && process.env['NO_COLOR'] === undefined
}

function number(flag: string, value: string | undefined): number | undefined {
  if (value !== undefined && !/^\d+$/.test(value)) throw new UsageError(`${flag}: '${value}' is not a number`)
  return value === undefined ? undefined : Number(value)
}
