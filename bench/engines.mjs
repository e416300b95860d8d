// The engines whose answers are timed: Quern in processes of their own (one a setting), and ripgrep through a pipe.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { rgArguments } from './queries.mjs'
import { piped, rg } from './rg.mjs'

const NEWLINE = 0x0a

/**
 * Starts a process that holds `root` open with `options`. `answer(query, settings)` gives milliseconds inside that process,
 * from the call of `grep` to its last result, and rows.
 */
export async function startQuern(root, options) {
  const script = join(import.meta.dirname, 'child', 'answer.mjs')
  const child = fork(script, [JSON.stringify({ root, options })])
  const ended = once(child, 'exit').then(([status]) => {
    throw new Error(`the engine's process ended with status ${status}`)
  })
  ended.catch(() => {})
  await Promise.race([once(child, 'message'), ended])
  return {
    async answer({ patterns, options: grepOptions }, { as = 'columns', freshness = 'snapshot' } = {}) {
      child.send({ patterns, options: { ...grepOptions, freshness }, as })
      const [result] = await Promise.race([once(child, 'message'), ended])
      if (result.error !== undefined) throw new Error(`${patterns}: ${result.error}`)
      return result
    },
    async stop() {
      child.disconnect()
      await once(child, 'exit')
    },
  }
}

/** Runs ripgrep with its default flags and line numbers; rows are the lines that it prints. */
export async function answerByRg(root, query) {
  const { out, milliseconds } = await piped(rg, ['--no-config', '-n', ...rgArguments(query)], { cwd: root })
  let rows = 0
  for (let at = out.indexOf(NEWLINE); at !== -1; at = out.indexOf(NEWLINE, at + 1)) rows += 1
  return { milliseconds, rows }
}
