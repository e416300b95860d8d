/** `quern suggest`: words, symbols and paths that begin like a text. */
import { posix, relative, resolve, sep } from 'node:path'
import { parseArgs, type ParseArgsConfig } from 'node:util'
import { storeAround } from '../engine/stores.js'
import type { Suggestion, SuggestOptions, Suggestions } from '../engine/suggest.js'
import { complain, line, write } from './console.js'
import { FOUND, NOTHING_FOUND } from './exit.js'
import { counted } from './format.js'
import { suggestHelp } from './help.js'
import { lacking } from './lacking.js'
import { ranked, textAndFolder } from './ranked.js'
import { number } from './usage.js'

const FLAGS = {
  help: { type: 'boolean', short: 'h' },
  kind: { type: 'string', short: 'k', multiple: true },
  limit: { type: 'string', short: 'n' },
  edits: { type: 'string' },
  json: { type: 'boolean' },
  store: { type: 'string' },
} as const satisfies ParseArgsConfig['options']

/** Runs `quern suggest`. */
export async function suggest(args: readonly string[], signal: AbortSignal): Promise<number> {
  const { values, positionals } = parseArgs({ args: [...args], options: FLAGS, allowPositionals: true })
  if (values.help === true) {
    await write(suggestHelp())
    return FOUND
  }
  const usage = 'quern suggest TEXT [FOLDER]'
  const [text, folder] = textAndFolder(positionals, { purpose: 'complete', noun: 'text', usage })
  const options = {
    signal,
    kinds: values.kind,
    limit: number('--limit', values.limit),
    edits: number('--edits', values.edits),
  }
  // Whatever they are, the check of the options says so.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  const answer = await suggested(text, folder, options as SuggestOptions, values.store)
  if (values.json === true) await line(JSON.stringify(answer, null, 2))
  else await show(answer)
  return answer.suggestions.length > 0 ? FOUND : NOTHING_FOUND
}

/** Asks the index of the nearest folder above that has one, else the folder's own. */
async function suggested(
  text: string,
  folder: string,
  options: SuggestOptions,
  store: string | undefined,
): Promise<Suggestions> {
  const around = store === undefined ? storeAround(folder) : undefined
  const root = around?.root ?? folder
  await using index = await ranked(root, around?.dir ?? store, options)
  const answer = await index.suggest(text, options)
  const below = relative(root, resolve(folder)).split(sep).join('/')
  const from = folder.split(sep).join('/')
  const suggestions = answer.suggestions.map(suggestion => shownFrom(from, below, suggestion))
  return { ...answer, suggestions }
}

/** A suggestion whose path is as it is seen from where the command runs. */
function shownFrom(from: string, below: string, suggestion: Suggestion): Suggestion {
  if (suggestion.kind !== 'path') return suggestion
  const end = suggestion.text.endsWith('/') ? '/' : ''
  return { ...suggestion, text: posix.join(from, posix.relative(below, suggestion.text)) + end }
}

async function show({ suggestions, coverage }: Suggestions): Promise<void> {
  const width = Math.max(0, ...suggestions.map(({ count }) => String(count).length))
  for (const { kind, count, text, edits } of suggestions) {
    const away = edits === 0 ? '' : `  (${counted(edits, 'edit')})`
    await line(`${kind.padEnd(6)}  ${String(count).padStart(width)}  ${text}${away}`)
  }
  if (coverage.limit !== undefined) complain('there may be others as good: too many begin so')
  else lacking(coverage).forEach(complain)
}
