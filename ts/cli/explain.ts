/** `quern explain`: how a ranked search is answered, what it costs, and what could be asked instead. */
import { parseArgs } from 'node:util'
import type { Explanation, PlanStep } from '../engine/explain.js'
import { line, write } from './console.js'
import { FOUND } from './exit.js'
import { counted, duration } from './format.js'
import { explainHelp } from './help.js'
import { lacking } from './lacking.js'
import { answered, QUERY_FLAGS, queryAndFolder, queryOptions } from './ranked.js'

/** Words of a step that are shown. */
const WORDS = 8

/** Runs `quern explain`. */
export async function explain(args: readonly string[], signal: AbortSignal): Promise<number> {
  const { values, positionals } = parseArgs({ args: [...args], options: QUERY_FLAGS, allowPositionals: true })
  if (values.help === true) {
    await write(explainHelp())
    return FOUND
  }
  const [query, folder] = queryAndFolder(positionals, 'quern explain QUERY [FOLDER]')
  const options = { signal, ...queryOptions(values) }
  const explanation = await answered({ query, folder, options, store: values.store }, async (index, asked) =>
    index.explain(asked.query, asked.options),
  )
  if (values.json === true) await line(JSON.stringify(explanation, null, 2))
  else await write(shown(explanation))
  return FOUND
}

function shown({ query, plan, advice, phases, total, runs, notes, coverage }: Explanation): string {
  const spent = Object.entries(phases).map(([phase, time]) => `${phase} ${duration(time / 1000)}`)
  const said = advice.map(
    ({ message, query: other }) => `  ${message}${other === undefined ? '' : `:\n    ${other}`}\n`,
  )
  return [
    `${query}\n`,
    plan === undefined ? '' : steps(plan, 'look for', 1),
    `${counted(total, 'passage')} in ${counted(runs, 'run')}: ${spent.join(', ')}\n`,
    ...[...notes.map(({ message }) => message), ...lacking(coverage)].map(message => `  ${message}\n`),
    ...said,
  ].join('')
}

/** A step and its parts, one a line. */
function steps(step: PlanStep, role: string, depth: number): string {
  const { kind, clause, words, chunks, postings, all, any, none } = step
  const more = words.length > WORDS ? `, and ${words.length - WORDS} more` : ''
  const asWords = words.length === 0 ? '' : ` = ${words.slice(0, WORDS).join(', ')}${more}`
  const what =
    kind === 'group' ? 'a group' : `${clause}${words.length === 1 && words[0] === clause ? '' : asWords}`
  const cost = `at most ${counted(chunks, 'passage')}, ${counted(postings, 'posting')}`
  const parts = [
    ...all.map(part => steps(part, 'must', depth + 1)),
    ...any.map(part => steps(part, all.length === 0 ? 'either' : 'may', depth + 1)),
    ...none.map(part => steps(part, 'not', depth + 1)),
  ]
  return `${'  '.repeat(depth)}${role} ${what}: ${cost}\n${parts.join('')}`
}
