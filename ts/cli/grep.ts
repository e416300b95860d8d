/** `quern grep` and `quern files`. */
import { readFileSync } from 'node:fs'
import { Printing, searchesStdin } from '../engine/print.js'
import { version } from '../version.js'
import { parseArguments } from './arguments.js'
import { complain, write } from './console.js'
import { FAILED, FOUND } from './exit.js'
import { grepHelp } from './help.js'
import { showProgress } from './progress.js'
import { printRequest, type Surroundings } from './request.js'
import { UsageError } from './usage.js'

/** Runs `quern grep`; gives the exit status. */
export async function grep(args: readonly string[], signal: AbortSignal): Promise<number> {
  const settings = parseArguments(args)
  if (settings.special !== undefined) {
    await write(settings.special === 'help' ? grepHelp() : `${version()}\n`)
    return FOUND
  }
  const printing = new Printing(printRequest(settings, surroundings()), { signal })
  try {
    await printAll(printing)
  } finally {
    printing.close()
  }
  return printing.summary()?.status ?? FAILED
}

/** Runs `quern files`: the files that a search would look into. */
export function files(args: readonly string[], signal: AbortSignal): Promise<number> {
  return grep(['--files', ...args], signal)
}

async function printAll(printing: Printing): Promise<void> {
  const first = printing.next()
  await showProgress(printing.progress(first))
  let chunk = await first
  const complaint = printing.complaint()
  if (complaint !== undefined) complain(`searching without an index: ${complaint.message}`)
  while (chunk !== undefined) {
    for (const message of chunk.messages) process.stderr.write(`${message}\n`)
    if (chunk.out.length > 0) await write(chunk.out)
    chunk = await printing.next()
  }
}

function surroundings(): Surroundings {
  return { stdoutIsTerminal: process.stdout.isTTY, environment: process.env, readPatterns, searchesStdin }
}

function readPatterns(file: string): Buffer {
  try {
    return readFileSync(file === '-' ? 0 : file)
  } catch (error) {
    throw new UsageError(`${file}: ${error instanceof Error ? error.message : String(error)}`)
  }
}
