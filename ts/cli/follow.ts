/** `quern follow`: lines that match, as they are written. */
import { posix, sep } from 'node:path'
import { parseArgs, type ParseArgsConfig } from 'node:util'
import type { FollowedLine } from '../engine/follow.js'
import { open } from '../engine/open.js'
import { colored, markedWords, PATH, PLAIN } from './color.js'
import { complain, line, write } from './console.js'
import { FOUND } from './exit.js'
import { followHelp } from './help.js'
import { showProgress } from './progress.js'
import { existing, number, UsageError } from './usage.js'

const FLAGS = {
  help: { type: 'boolean', short: 'h' },
  lines: { type: 'string', short: 'n' },
  glob: { type: 'string', short: 'g', multiple: true },
  'ignore-case': { type: 'boolean', short: 'i' },
  'fixed-strings': { type: 'boolean', short: 'F' },
  json: { type: 'boolean' },
  color: { type: 'string' },
  store: { type: 'string' },
} as const satisfies ParseArgsConfig['options']

/** Runs `quern follow`. */
export async function follow(args: readonly string[], signal: AbortSignal): Promise<number> {
  const { values, positionals } = parseArgs({ args: [...args], options: FLAGS, allowPositionals: true })
  if (values.help === true) {
    await write(followHelp())
    return FOUND
  }
  const [pattern, folder] = patternAndFolder(positionals)
  const color = colored(values.color)
  const options = {
    signal,
    last: number('--lines', values.lines),
    glob: values.glob,
    case: values['ignore-case'] === true ? 'insensitive' : undefined,
    fixedStrings: values['fixed-strings'],
  } as const
  // What is indexed does not matter here: another process may keep it up to date.
  const pending = open(folder, { signal, store: values.store, refresh: 'none' })
  await showProgress(pending.progress())
  await using index = await pending
  await using follower = await index.follow(pattern, options)
  if (follower.polling !== undefined) complain(`looking every two seconds: ${follower.polling}`)
  let told = 0
  for await (const found of follower) {
    const { errors } = follower
    for (const { path = '', message } of errors.slice(told)) complain(`${path}: ${message}`)
    told = errors.length
    const shown = { ...found, path: posix.join(folder.split(sep).join('/'), found.path) }
    await line(values.json === true ? JSON.stringify(shown) : painted(shown, color))
  }
  return FOUND
}

function patternAndFolder(positionals: readonly string[]): [string | undefined, string] {
  const [pattern, folder = '.', extra] = positionals
  if (extra !== undefined)
    throw new UsageError(
      `one pattern and one folder, but '${extra}' was given too: quern follow PATTERN FOLDER`,
    )
  return [pattern === '' ? undefined : pattern, existing(folder)]
}

function painted(found: FollowedLine, color: boolean): string {
  if (!color) return `${found.path}:${found.text}`
  return `${PATH}${found.path}${PLAIN}:${markedWords(found, true)}`
}
