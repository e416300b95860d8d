/** `quern search`: the passages that answer a question best. */
import { posix, sep } from 'node:path'
import { parseArgs, type ParseArgsConfig } from 'node:util'
import type { Hit, RankedAnswer, RankedOptions } from '../engine/search.js'
import { colored, LINE, markedWords, PATH, PLAIN } from './color.js'
import { complain, line, write } from './console.js'
import { FOUND, NOTHING_FOUND } from './exit.js'
import { facetFlags, facetLines, facetsFrom } from './facets.js'
import { counted } from './format.js'
import { searchHelp } from './help.js'
import { lacking } from './lacking.js'
import { answered, QUERY_FLAGS, queryAndFolder, queryOptions } from './ranked.js'
import { number } from './usage.js'

const FLAGS = {
  ...QUERY_FLAGS,
  limit: { type: 'string', short: 'n' },
  offset: { type: 'string' },
  facet: { type: 'string', multiple: true },
  color: { type: 'string' },
} as const satisfies ParseArgsConfig['options']

/** Runs `quern search`. */
export async function search(args: readonly string[], signal: AbortSignal): Promise<number> {
  const { values, positionals } = parseArgs({ args: [...args], options: FLAGS, allowPositionals: true })
  if (values.help === true) {
    await write(searchHelp())
    return FOUND
  }
  const [query, folder] = queryAndFolder(positionals, 'quern search QUERY [FOLDER]')
  const color = colored(values.color)
  const options: RankedOptions = {
    signal,
    limit: number('--limit', values.limit),
    offset: number('--offset', values.offset),
    ...queryOptions(values),
    facets: facetFlags(values.facet),
  }
  const question = { query, folder, options, store: values.store }
  const answer = await answered(question, async (index, asked) => {
    const found = await index.search(asked.query, asked.options)
    return shownFrom(folder, asked.below, found)
  })
  for (const { message } of answer.notes) complain(message)
  if (answer.mode.why !== undefined) complain(`taken as ${answer.mode.used}: ${answer.mode.why}`)
  if (answer.didYouMean !== undefined) complain(`did you mean: ${answer.didYouMean}`)
  if (values.json === true) await line(JSON.stringify(answer, null, 2))
  else await show(answer, color)
  return answer.total > 0 ? FOUND : NOTHING_FOUND
}

/** An answer with the paths as they are seen from where the command runs, for a folder and where it is below the root. */
function shownFrom(folder: string, below: string, answer: RankedAnswer): RankedAnswer {
  const from = folder.split(sep).join('/')
  const seen = (path: string): string => posix.join(from, posix.relative(below, path))
  const hits = answer.hits.map(hit => ({
    ...hit,
    path: seen(hit.path),
    copies: hit.copies.map(({ path, line: first }) => ({ path: seen(path), line: first })),
  }))
  return { ...answer, hits, facets: facetsFrom(from, below, answer.facets) }
}

async function show({ hits, total, facets, coverage }: RankedAnswer, color: boolean): Promise<void> {
  for (const hit of hits) await write(passage(hit, color))
  await write(facetLines(facets))
  const more =
    total > hits.length ? `${hits.length} of ${counted(total, 'passage')}` : counted(total, 'passage')
  await line([more, ...lacking(coverage)].join('; '))
}

function passage({ path, line: first, score, time, level, snippet }: Hit, color: boolean): string {
  const paint = (code: string, text: string): string => (color ? `${code}${text}${PLAIN}` : text)
  const where = `${paint(PATH, path)}:${paint(LINE, String(snippet?.line ?? first))}`
  const known = [where, score.toFixed(2), time?.toISOString(), level].filter(part => part !== undefined)
  const head = `${known.join('  ')}\n`
  if (snippet === undefined) return `${head}    (changed since it was indexed)\n\n`
  const shown = markedWords(snippet, color)
  return `${head}    ${shown.replaceAll('\n', '\n    ')}\n\n`
}
