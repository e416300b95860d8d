// The ripgrep binary that everything here is compared with, and the two ways to run it.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import process from 'node:process'
import { rgPath } from '@vscode/ripgrep'

/** The binary: `QUERN_RG`, else the one that the development dependency brings. */
export const rg = process.env.QUERN_RG ?? rgPath

/**
 * Runs a program to its end in `cwd`, with its output taken through a pipe, as a caller in Node would.
 * Gives its output, messages, exit status and milliseconds, process start included.
 */
export async function piped(program, programArguments, { cwd, env = process.env }) {
  const start = performance.now()
  const child = spawn(program, programArguments, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] })
  const out = []
  const messages = []
  child.stdout.on('data', chunk => out.push(chunk))
  child.stderr.on('data', chunk => messages.push(chunk))
  const [status] = await once(child, 'close')
  const milliseconds = performance.now() - start
  return { out: Buffer.concat(out), messages: Buffer.concat(messages).toString(), status, milliseconds }
}
