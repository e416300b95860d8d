/**
 * `npm run soak [CASES]`: the differential tests with many more cases than `npm test` runs, 1,000,000 by default, in
 * release mode and on every core; then faults at every call to the disk, a folder that is edited while it is watched, processes
 * that are killed, an index beside its model, and readers beside a writer. Ends with an error at the first thing that is wrong.
 * What a variable of the environment says goes before the numbers here. A `TMPDIR` in memory halves the time.
 */
import { spawn } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { bootstrap, root, run } from './bootstrap.mjs'

/** Cases are shared out among an index that stays as it is, one that changes on disk, and one that changes in memory. */
const LIVES = 3

const cases = Number(process.argv[2] ?? 1_000_000)
if (!(cases > 0)) throw new Error('give a number of cases')

bootstrap()
run('cargo', ['test', '--release', '--package', 'quern-engine', '--test', 'engine', '--no-run'])
const workers = availableParallelism()
const share = Math.ceil(cases / workers / LIVES)
const outcomes = await Promise.all(Array.from({ length: workers }, (_, worker) => soak(worker)))
const lives = {
  QUERN_FAULTS: 'all',
  QUERN_FAULT_PAIRS: '5000',
  QUERN_ROUNDS: '20000',
  QUERN_WATCH_STEPS: '20000',
}
outcomes.push(
  await cargoTest({ ...lives, ...process.env }, ['durability', 'threads', 'watching', '--nocapture']),
)
const processes = {
  QUERN_KILLS: '1000',
  QUERN_EDITS: '10000',
  QUERN_READERS: '8',
  QUERN_STEPS: '100000',
  QUERN_QUERIES: '100000',
}
outcomes.push(
  await started(
    process.execPath,
    [
      'node_modules/ava/entrypoints/cli.mjs',
      '--timeout=3h',
      'dist/test/crashes.test.js',
      'dist/test/model.test.js',
      'dist/test/readers.test.js',
      'dist/test/search.test.js',
    ],
    { ...processes, ...process.env },
  ),
)
process.exitCode = outcomes.every(status => status === 0) ? 0 : 1

/** Runs one worker's share of the cases, from seeds of its own. */
function soak(worker) {
  const env = { ...process.env, QUERN_CASES: String(share), QUERN_SEED: String(1_000_000 * (worker + 1)) }
  return cargoTest(env, ['differential', '--nocapture', '--test-threads', '1'])
}

/** Runs the engine's tests that have one of these names. */
function cargoTest(env, filter) {
  const args = ['test', '--release', '--package', 'quern-engine', '--test', 'engine', '--', ...filter]
  return started('cargo', args, env)
}

/** Resolves to a program's status when it has ended. */
function started(command, args, env) {
  const child = spawn(command, args, { cwd: root, env, stdio: 'inherit' })
  return new Promise(resolve => child.on('close', resolve))
}
