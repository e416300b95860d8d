/** Running the command line, and ripgrep, as a user does. */
import { spawn, spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { RIPGREP } from './ripgrep.js'

export const MAIN = fileURLToPath(new URL('../../../dist/cli/main.js', import.meta.url))

/** What a program left behind. */
export interface Outcome {
  readonly status: number | null
  readonly out: string
  readonly err: string
}

export interface Surroundings {
  readonly cwd: string
  /** Folder for the stores. */
  readonly stores: string
  readonly input?: string | Buffer
}

/** Runs `quern`. */
export function quern(args: readonly string[], { cwd, stores, input }: Surroundings): Outcome {
  return outcome(
    spawnSync(process.execPath, [MAIN, ...args], { cwd, env: environment(stores), ...standardInput(input) }),
  )
}

/** Runs `rg`. */
export function ripgrep(args: readonly string[], { cwd, input }: Surroundings): Outcome {
  return outcome(spawnSync(RIPGREP, ['--no-config', ...args], { cwd, ...standardInput(input) }))
}

/** Starts `quern` and leaves it running. */
export function startQuern(args: readonly string[], { cwd, stores }: Surroundings): ReturnType<typeof spawn> {
  return spawn(process.execPath, [MAIN, ...args], {
    cwd,
    env: environment(stores),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}

function environment(stores: string): NodeJS.ProcessEnv {
  return { ...process.env, QUERN_STORE: stores }
}

function standardInput(input: string | Buffer | undefined): object {
  return input === undefined ? { stdio: ['ignore', 'pipe', 'pipe'] } : { input }
}

function outcome(result: { status: number | null; stdout: Buffer; stderr: Buffer }): Outcome {
  // Latin-1 keeps every byte apart.
  return { status: result.status, out: result.stdout.toString('latin1'), err: result.stderr.toString('utf8') }
}
