#!/usr/bin/env node
/** The `quern` command: chooses the subcommand, and turns whatever goes wrong into a sentence and an exit status. */
import { ERRORS, QuernError } from '../errors.js'
import { version } from '../version.js'
import { cache } from './cache.js'
import { complain, ReaderGone, watchPipes, write } from './console.js'
import { FAILED, FOUND, INTERRUPTED, interruption } from './exit.js'
import { explain } from './explain.js'
import { check, index, stats } from './folder.js'
import { follow } from './follow.js'
import { files, grep } from './grep.js'
import { help } from './help.js'
import { search } from './search.js'
import { stores } from './stores.js'
import { suggest } from './suggest.js'
import { UsageError } from './usage.js'

type Command = (args: readonly string[], signal: AbortSignal) => Promise<number>

const COMMANDS: Readonly<Record<string, Command>> = {
  grep,
  search,
  explain,
  suggest,
  follow,
  files,
  index,
  stats,
  check,
  stores,
  cache,
}

async function run(args: readonly string[], signal: AbortSignal): Promise<number> {
  const [name, ...rest] = args
  const command = name !== undefined && Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined
  if (command !== undefined) return await command(rest, signal)
  if (name === '--version' || name === '-V') {
    await write(`${version()}\n`)
    return FOUND
  }
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    await write(help())
    return name === undefined ? FAILED : FOUND
  }
  throw new UsageError(
    `there is no command '${name}'; \`quern --help\` shows all (to search: quern grep PATTERN)`,
  )
}

/** Says what went wrong; gives the exit status. */
function report(error: unknown, signal: AbortSignal): number {
  if (error instanceof ReaderGone) return FOUND
  if (signal.aborted) return INTERRUPTED
  if (error instanceof QuernError) {
    complain(
      `${error.path === undefined || error.message.includes(error.path) ? '' : `${error.path}: `}${error.message}`,
    )
    if (
      error.code !== 'QUERN_INVALID_PATTERN' &&
      error.code !== 'QUERN_INVALID_QUERY' &&
      error.code !== 'QUERN_INVALID_OPTION'
    ) {
      process.stderr.write(`  ${ERRORS[error.code].remedy} [${error.code}]\n`)
    }
  } else if (error instanceof UsageError || isArgumentError(error)) {
    complain(error.message)
  } else {
    complain(error instanceof Error ? (error.stack ?? error.message) : String(error))
  }
  return FAILED
}

function isArgumentError(error: unknown): error is Error {
  return error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS')
}

watchPipes()
const signal = interruption()
const status = await run(process.argv.slice(2), signal).catch((error: unknown) => report(error, signal))
process.exit(signal.aborted ? INTERRUPTED : status)
