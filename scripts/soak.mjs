/**
 * `npm run soak [CASES]`: the differential tests with many more cases than `npm test` runs, 1,000,000 by default, in
 * release mode and on every core. Ends with an error at the first difference from ripgrep.
 */
import { spawn } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { bootstrap, root, run } from './bootstrap.mjs'

const cases = Number(process.argv[2] ?? 1_000_000)
if (!(cases > 0)) throw new Error('give a number of cases')

bootstrap()
run('cargo', ['test', '--release', '--package', 'quern-engine', '--test', 'engine', '--no-run'])
const workers = availableParallelism()
const share = Math.ceil(cases / workers)
const outcomes = await Promise.all(Array.from({ length: workers }, (_, worker) => soak(worker)))
process.exitCode = outcomes.every(status => status === 0) ? 0 : 1

/** Runs one share of the cases, from seeds of its own. */
function soak(worker) {
  const env = { ...process.env, QUERN_CASES: String(share), QUERN_SEED: String(1_000_000 * (worker + 1)) }
  const filter = ['differential', '--nocapture', '--test-threads', '1']
  const args = ['test', '--release', '--package', 'quern-engine', '--test', 'engine', '--', ...filter]
  const child = spawn('cargo', args, { cwd: root, env, stdio: 'inherit' })
  return new Promise(resolve => child.on('close', resolve))
}
