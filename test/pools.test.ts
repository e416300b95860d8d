/** The threads of a process, which its first `open` decides on: each test has a process of its own. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import test, { type ExecutionContext } from 'ava'
import type { OpenOptions } from 'quern'
import { emptyFolder, folderOf } from './support/tree.js'

interface Outcome {
  /** What `open` failed with. */
  readonly failure?: string
  /** Of the build. */
  readonly threads?: number
  /** The process's threads. */
  readonly own?: readonly Thread[]
}

interface Thread {
  readonly name: string
  readonly nice: number
  /** That it may run on. */
  readonly cores: string
}

/** Opens, and looks at the threads while the index is open. */
const SCRIPT = `
import { readdirSync, readFileSync } from 'node:fs'
import { open } from 'quern'
const [root, options, nice] = process.argv.slice(1)
const own = () => process.platform !== 'linux' ? [] : readdirSync('/proc/self/task').map(task => {
  const read = name => readFileSync('/proc/self/task/' + task + '/' + name, 'utf8')
  return {
    name: read('comm').trim(),
    nice: Number(read('stat').replace(/^.*\\) /s, '').split(' ')[16]),
    cores: /^Cpus_allowed_list:\\s*(.*)$/m.exec(read('status'))[1],
  }
})
try {
  const index = await open(root, JSON.parse(options))
  await index.update('given.txt', 'makes the keeper start')
  const { threads } = index.stats().build
  // A thread first runs, then has its name, then its priority.
  const isSet = all => {
    const ours = all.filter(({ name }) => name.startsWith('quern-'))
    const background = ours.filter(each => !each.name.startsWith('quern-query') && each.nice >= Number(nice))
    return new Set(ours.map(({ name }) => name)).size > 2 * threads && background.length > threads
  }
  let all = own()
  for (let times = 0; times < 1000 && process.platform === 'linux' && !isSet(all); times++) {
    await new Promise(resolve => setTimeout(resolve, 5))
    all = own()
  }
  console.log(JSON.stringify({ threads, own: all }))
  await index.close()
} catch (error) {
  console.log(JSON.stringify({ failure: error.code + ' ' + error.message }))
}
`

async function opened(t: ExecutionContext, options: OpenOptions, env?: NodeJS.ProcessEnv): Promise<Outcome> {
  const files = Array.from({ length: 200 }, (_, number) => [`${number}.txt`, `text ${number}\n`] as const)
  const root = folderOf(t, Object.fromEntries(files))
  const request = JSON.stringify({ store: emptyFolder(t), ...options })
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [
      '--input-type=module',
      '--eval',
      SCRIPT,
      root,
      request,
      options.priority === 'background' ? '10' : '-20',
    ],
    { env: { ...process.env, QUERN_THREADS: '', ...env } },
  )
  return JSON.parse(stdout) as Outcome
}

const named = ({ own = [] }: Outcome, start: string): readonly Thread[] =>
  own.filter(({ name }) => name.startsWith(start))

test('threads are as many as are given, else as QUERN_THREADS says, else as the profile', async t => {
  const env = { QUERN_THREADS: '2' }
  const cases: readonly (readonly [OpenOptions, NodeJS.ProcessEnv | undefined, number])[] = [
    [{ threads: 3 }, env, 3],
    [{ profile: 'small', threads: 2 }, undefined, 2],
    [{ profile: 'small' }, env, 2],
    [{ profile: 'small' }, undefined, 1],
  ]
  for (const [options, variables, threads] of cases) {
    const outcome = await opened(t, options, variables)
    t.is(outcome.threads, threads, JSON.stringify([options, variables]))
    if (process.platform === 'linux') t.is(named(outcome, 'quern-build').length, threads)
  }
})

test('little memory makes fewer threads take part', async t => {
  t.is((await opened(t, { threads: 3, memory: '60MB' })).threads, 1)
  const { failure } = await opened(t, { memory: '1MB' })
  t.regex(failure ?? '', /^QUERN_INVALID_OPTION memory is 1048576 bytes; give 25165824 or more: /)
})

test('a QUERN_THREADS that is no number is refused', async t => {
  const { failure } = await opened(t, {}, { QUERN_THREADS: 'many' })
  t.regex(failure ?? '', /^QUERN_INVALID_OPTION QUERN_THREADS is "many"; it should be a whole number/)
})

test('threads have a stack and a priority', async t => {
  const outcome = await opened(t, { stackSize: '1MB', priority: 'background', threads: 2 })
  t.is(outcome.failure, undefined)
  if (process.platform !== 'linux') return
  const background = [...named(outcome, 'quern-build'), ...named(outcome, 'quern-keeper')]
  t.deepEqual(
    background.map(({ nice }) => nice >= 10),
    [true, true, true],
  )
  t.deepEqual(
    named(outcome, 'quern-query').map(({ nice }) => nice >= 10),
    [false, false],
  )
})

test('threads keep to their cores, where the system has that', async t => {
  const outcome = await opened(t, { affinity: [0], threads: 2 })
  if (process.platform !== 'linux') {
    t.regex(outcome.failure ?? '', /^QUERN_INVALID_OPTION affinity is not supported/)
    return
  }
  const cores = named(outcome, 'quern-').map(thread => thread.cores)
  t.deepEqual(new Set(cores), new Set(['0']))
  t.is(cores.length, 5)
  const refused = await opened(t, { affinity: [0, 1023] })
  t.regex(refused.failure ?? '', /^QUERN_INVALID_OPTION affinity has core 1023/)
})
