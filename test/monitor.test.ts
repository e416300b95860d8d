import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import test, { type ExecutionContext } from 'ava'
import { type Index, OPERATIONS, QuernError } from 'quern'
import { metrics, Monitor, type MonitorOptions, type Sample } from 'quern/monitor'
import { channelOf, type Operation } from '#dist/operations.js'
import { begin, hollowIndex, Still, tell } from './support/surroundings.js'
import { emptyFolder, folderOf, indexOf } from './support/tree.js'

const FILES = { 'a.txt': 'needle one\nneedle two\n', 'b.txt': 'hay\n' }

/** A monitor whose time stands still; closed after the test. */
function still(
  t: ExecutionContext,
  index: Index,
  options?: MonitorOptions,
): { still: Still; monitor: Monitor } {
  const around = new Still()
  const monitor = new Monitor(index, options, () => around)
  t.teardown(() => {
    monitor.close()
  })
  return { still: around, monitor }
}

const search = (index: Index, given: Partial<Operation> = {}): Operation => ({
  kind: 'search',
  index,
  duration: 10,
  ...given,
})

test.serial('a monitor counts and times what an index is asked', async t => {
  const index = await indexOf(t, FILES)
  const other = await indexOf(t, FILES)
  await index.ready('terms')
  using monitor = new Monitor(index)
  t.deepEqual(monitor.newest.operations, {})
  await index.search('needle')
  await index.search('hay')
  await other.search('hay')
  await t.throwsAsync(index.search('"open', { strict: true }))
  await t.throwsAsync(index.search('hay', { signal: AbortSignal.abort() }), { code: 'QUERN_ABORTED' })
  t.is(
    await index
      .grep('needle')
      .count()
      .then(({ lines }) => lines),
    2,
  )
  const { operations, active, indexes, queryLoad, process, failing } = monitor.sample()
  t.like(operations.search, { count: 4, failed: 1, aborted: 1 })
  const { recent, all, phases = {} } = operations.search ?? {}
  t.deepEqual([recent?.count, all?.count], [4, 4])
  t.true((recent?.p50 ?? 0) > 0 && (recent?.p50 ?? 0) <= (recent?.p99 ?? 0))
  t.deepEqual(Object.keys(phases), ['parse', 'plan', 'postings', 'rank', 'snippet'])
  t.is(phases['snippet']?.count, 2)
  t.like(operations.grep, { count: 1, failed: 0 })
  t.deepEqual([active, failing], [0, undefined])
  t.like(indexes, { open: 1, files: 2, failing: 0, textBytes: 26 })
  t.true((queryLoad?.threads ?? 0) > 0)
  t.true(process.rss > process.heapUsed && process.heapUsed > 0)
})

test.serial('the disk, the processor and an index that is closed', async t => {
  const index = await indexOf(t, FILES)
  using monitor = new Monitor([index], { interval: 10 })
  // A monitor keeps no process alive.
  const alive = setInterval(() => {}, 1000)
  t.teardown(() => {
    clearInterval(alive)
  })
  const first = monitor.samples()
  for await (const { diskFree, process } of first) {
    t.true(process.cpu >= 0 && process.loopDelay >= 0)
    if (diskFree !== undefined) break
  }
  t.true((monitor.newest.diskFree ?? 0) > 0)
  await index.close()
  t.like(monitor.sample(), { indexes: { open: 0, files: 0 }, queryLoad: undefined })
})

test.serial(
  'an index that cannot tell its figures counts as failing, and so does one that fails in the background',
  t => {
    const { index, stats } = hollowIndex()
    const broken = {
      stats: () => {
        throw new QuernError('QUERN_CORRUPT', 'cut short')
      },
    } as unknown as Index
    const around = new Still()
    using monitor = new Monitor([index, broken], {}, () => around)
    t.like(monitor.sample().indexes, { open: 2, files: 10, failing: 1 })
    stats['failure'] = { code: 'QUERN_DISK_FULL', message: 'full' }
    t.is(monitor.sample().indexes.failing, 2)
  },
)

test.serial('what fails is a share of the last window, once there is enough', t => {
  const { index } = hollowIndex()
  const { still: around, monitor } = still(t, index)
  const error = new QuernError('QUERN_TIMEOUT', 'late')
  for (let times = 0; times < 15; times++) tell(search(index))
  t.is(monitor.sample().failing, undefined)
  for (let times = 0; times < 5; times++) tell(search(index, { error }))
  t.is(monitor.sample().failing, 0.25)
  around.pass(60_000)
  t.is(monitor.sample().failing, undefined)
  t.like(monitor.newest.operations.search, { count: 20, failed: 5, recent: undefined })
  t.is(monitor.newest.operations.search?.all?.count, 20)
})

test.serial('what is under way is counted, and what began before the monitor is not', t => {
  const { index } = hollowIndex()
  const before = begin(search(index))
  const { monitor } = still(t, index)
  const end = begin(search(index))
  before()
  t.is(monitor.sample().active, 1)
  end()
  t.is(monitor.sample().active, 0)
  t.is(monitor.newest.operations.search?.count, 1)
})

test.serial('processor time and growth of memory come from readings', t => {
  const { index } = hollowIndex()
  const { still: around, monitor } = still(t, index, { interval: 10_000 })
  for (let ticks = 0; ticks < 60; ticks++) {
    const { rss, cpu } = around.reading
    around.reading = { ...around.reading, rss: rss + 2 ** 20, cpu: cpu + 5000 }
    around.pass(10_000)
  }
  t.is(monitor.newest.process.cpu, 0.5)
  t.true(Math.abs((monitor.newest.process.growth ?? 0) - 6 * 2 ** 20) < 1)
})

test.serial('readers get each sample, slow ones the newest, and none after the end', async t => {
  const { index } = hollowIndex()
  const { still: around, monitor } = still(t, index, { interval: 1000 })
  const [quick, slow] = [monitor.samples(), monitor.samples()]
  const times: unknown[] = []
  for (let ticks = 0; ticks < 3; ticks++) {
    const next = quick.next()
    around.pass(1000)
    times.push((await next).value?.takenAt.getTime())
  }
  t.deepEqual(times, [1000, 2000, 3000])
  t.is((await slow.next()).value?.takenAt.getTime(), 3000)
  const waiting = slow.next()
  monitor.close()
  t.deepEqual([(await waiting).done, (await quick.next()).done], [true, true])
  t.true(around.closed)
})

test.serial('a monitor that is closed sees nothing more, and nobody listens any more', t => {
  const { index } = hollowIndex()
  const { still: around, monitor } = still(t, index)
  monitor.close()
  tell(search(index))
  around.pass(60_000)
  t.deepEqual(monitor.newest.operations, {})
  t.deepEqual(
    OPERATIONS.filter(kind => channelOf(kind).hasSubscribers),
    [],
  )
})

test.serial('slow operations are kept, the newest first, with the plans of searches', async t => {
  const index = await indexOf(t, FILES)
  await index.ready('terms')
  const { still: around, monitor } = still(t, index, { slow: 0, keep: 2 })
  await index.search('hay')
  await index.grep('needle').count()
  await index.search('needle', { mode: 'words', freshness: 'verified', timeout: 1e6 })
  t.like(monitor.slow, [
    { kind: 'search', query: 'needle', plan: undefined },
    { kind: 'grep', query: 'needle' },
  ])
  const explained = new Promise<Operation>(resolve => {
    const subscribers = {
      start: () => {},
      end: () => {},
      asyncStart: () => {},
      error: () => {},
      asyncEnd: (operation: Operation) => {
        channelOf('explain').unsubscribe(subscribers)
        resolve(operation)
      },
    }
    channelOf('explain').subscribe(subscribers)
  })
  around.pass(5000)
  const { query, options } = await explained
  t.deepEqual([query, options], ['needle', { mode: 'words', timeout: 10_000 }])
  await new Promise(setImmediate)
  t.like(monitor.slow[0], { plan: { total: 1, mode: { used: 'words' } } })
  t.is(monitor.sample().operations.explain, undefined)
  t.is(monitor.slow.length, 2)
  t.regex(monitor.report(), /slow:\n {2}[\d.]+ ms search "needle" \(parse .*; \d+ postings in \d+ runs/)
})

test.serial('without plans, and where the index is closed by then, slow searches have none', async t => {
  const index = await indexOf(t, FILES)
  const without = still(t, index, { slow: 0, plans: false })
  const closed = still(t, index, { slow: 0 })
  const none = still(t, index, { slow: 0, keep: 0 })
  await index.search('needle')
  without.still.pass(5000)
  await index.close()
  closed.still.pass(5000)
  await new Promise(setImmediate)
  for (const { monitor } of [without, closed]) {
    t.is(monitor.slow.length, 1)
    t.is(monitor.slow[0]?.plan, undefined)
  }
  t.deepEqual(none.monitor.slow, [])
})

test.serial('reports are for people and for programs', t => {
  const { index } = hollowIndex()
  const rules = [
    { name: 'many', metric: 'indexes.files', above: 5, hold: 0, cause: 'Growth.', remedy: 'Wait.' },
  ]
  const { still: around, monitor } = still(t, index, { rules, sinks: [() => false] })
  tell(search(index, { duration: 250, query: 'a|b', phases: { plan: 2 } }))
  around.pass(5000)
  const text = monitor.report()
  t.regex(text, /^search +1 +0 +250 ms/m)
  t.regex(text, /^ {2}plan +2 ms/m)
  t.regex(text, /^durations of +the last 60 s$/m)
  t.regex(text, /^memory +200 MB, 50 MB of them JavaScript's$/m)
  t.true(text.includes('warning many: indexes.files is 10: above 5. Likely cause: Growth. What to do: Wait.'))
  t.true(text.includes('250 ms search "a|b" (plan 2 ms)'))
  const page = monitor.report('markdown')
  t.true(page.includes('| operation | count | failed | mean | p50 | p90 | p95 | p99 | max |'))
  t.true(page.includes('| search | 1 | 0 |'))
  t.true(page.includes('## Alerts\n- warning many'))
  t.true(page.includes('"a\\|b"'))
  const { sample, slow } = JSON.parse(monitor.report('json')) as { sample: Sample; slow: object[] }
  t.is(sample.operations.search?.count, 1)
  t.is(slow.length, 1)
  t.is(sample.alerts[0]?.name, 'many')
})

test.serial('metrics are the numbers of a sample by name', t => {
  const { index } = hollowIndex()
  const { monitor } = still(t, index)
  tell(search(index, { phases: { rank: 3 } }))
  const found = metrics(monitor.sample())
  t.is(found.get('search.total'), 1)
  t.is(found.get('search.count'), 1)
  t.is(found.get('search.rank.count'), 1)
  t.is(found.get('queryLoad.queue'), 0)
  t.is(found.get('process.rss'), 200 * 2 ** 20)
  t.is(found.get('active'), 0)
  t.false(found.has('search.contention'))
  t.false(found.has('window'))
})

test.serial('options that make no sense are refused by name', t => {
  const { index } = hollowIndex()
  const bad: [object, RegExp][] = [
    [{ interval: 1 }, /interval is 1; it should be at least 10/],
    [{ window: Infinity }, /window is Infinity/],
    [{ slow: -1 }, /slow is -1/],
    [{ keep: 0.5 }, /keep is 0.5/],
    [{ sinks: [1] }, /sinks is an array; it should be an array of functions/],
    [{ rules: {} }, /rules is an object; it should be an array of rules/],
    [{ intervall: 1 }, /intervall .*no such option/],
  ]
  for (const [options, message] of bad)
    t.throws(() => new Monitor(index, options), { code: 'QUERN_INVALID_OPTION', message })
  t.deepEqual(
    OPERATIONS.filter(kind => channelOf(kind).hasSubscribers),
    [],
  )
})

test.serial('memory is flat over 100,000 operations', t => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  const { index } = hollowIndex()
  const { still: around, monitor } = still(t, index)
  const held = (): number => {
    collect()
    const { heapUsed, external } = process.memoryUsage()
    return heapUsed + external
  }
  const run = (operations: number): void => {
    for (let number = 0; number < operations; number++) {
      const phases = { parse: 0.01, plan: 0.1, postings: 1, rank: 0.3, snippet: 0.2 }
      tell(search(index, { query: `query ${number}`, duration: number % 200, phases, result: [number] }))
      around.pass(50)
    }
  }
  run(10_000)
  const before = held()
  run(100_000)
  t.true(held() - before < 2 ** 19)
  t.is(monitor.sample().operations.search?.count, 110_000)
  t.is(monitor.slow.length, 100)
})

test.serial('a process ends though a monitor is open', async t => {
  const source = `
    import { open } from 'quern'
    import { Monitor } from 'quern/monitor'
    const [root, store] = process.argv.slice(1)
    const index = await open(root, { store })
    new Monitor(index)
    await index.close()
  `
  const folders = [folderOf(t, FILES), emptyFolder(t)]
  const child = spawn(process.execPath, ['--input-type=module', '-e', source, ...folders], {
    stdio: 'inherit',
  })
  t.deepEqual(await once(child, 'exit'), [0, null])
})
