// What a result was measured on.
import { execFileSync } from 'node:child_process'
import { cpus, loadavg, release, totalmem, type } from 'node:os'
import process from 'node:process'
import { rg } from './rg.mjs'

function said(program, ...programArguments) {
  try {
    return execFileSync(program, programArguments, { stdio: ['ignore', 'pipe', 'ignore'] })
      .toString()
      .split('\n', 1)[0]
  } catch {
    return 'unknown'
  }
}

/** The machine, its tools and what else it was doing (load averages at the start). */
export function describeMachine() {
  return {
    date: new Date().toISOString(),
    processor: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${type()} ${release()} ${process.arch}`,
    node: process.version,
    rust: said('rustc', '--version'),
    ripgrep: said(rg, '--version'),
    commit: said('git', 'describe', '--always', '--dirty'),
    load: loadavg().map(load => Number(load.toFixed(2))),
  }
}
