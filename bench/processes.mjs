// Child processes and what they cost: time, memory and processor.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'

const GNU_TIME = '/usr/bin/time'

/**
 * Runs a program to its end and gives its wall time in ms and, where GNU time is installed, its processor time in ms and its
 * peak memory in MB. Its output goes through a pipe and is dropped.
 */
export async function costOf(program, programArguments, { cwd } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'quern-bench-'))
  const report = join(folder, 'time')
  const timed = existsSync(GNU_TIME)
  const command = timed ? [GNU_TIME, '-o', report, '-f', '%U %S %M', program] : [program]
  const start = performance.now()
  const child = spawn(command[0], [...command.slice(1), ...programArguments], {
    cwd,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  child.stdout.resume()
  await once(child, 'close')
  const wall = performance.now() - start
  // A program that ends with a status other than 0 has a line about that above the figures.
  const figures = timed ? readFileSync(report, 'utf8').trim().split('\n').at(-1).split(' ').map(Number) : []
  rmSync(folder, { recursive: true })
  const [user = Number.NaN, system = Number.NaN, kilobytes = Number.NaN] = figures
  return { wall, cpu: (user + system) * 1000, peakMB: kilobytes / 1024 }
}

/** Runs a script of `child/` with one argument (as JSON) and gives what it prints (as JSON). */
export async function childResult(script, task, nodeFlags = []) {
  const child = spawn(
    process.execPath,
    [...nodeFlags, join(import.meta.dirname, 'child', script), JSON.stringify(task)],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  const out = []
  child.stdout.on('data', chunk => out.push(chunk))
  const [status] = await once(child, 'close')
  if (status !== 0) throw new Error(`${script} ended with status ${status}`)
  return JSON.parse(Buffer.concat(out).toString())
}
