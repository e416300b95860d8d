import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import test, { type ExecutionContext } from 'ava'
import { type Alert, alertText, DEFAULT_RULES, logSink, Monitor, type Rule, webhook } from 'quern/monitor'
import { Alarm } from '#dist/monitor/alerts/alarm.js'
import { fullRules } from '#dist/monitor/alerts/rule.js'
import { Random } from './support/random.js'
import { hollowIndex, Still } from './support/surroundings.js'
import { type Fault, Traffic } from './support/traffic.js'

const RULE: Rule = { name: 'late', metric: 'x.p95', above: 100, hold: 20, cause: 'Load.', remedy: 'Wait.' }

/** What an alarm says of readings that come every 10 milliseconds. */
function states(rule: Rule, values: readonly (number | undefined)[]): string {
  const [full] = fullRules([rule])
  if (full === undefined) return ''
  const alarm = new Alarm(full)
  const said = values.map((value, step) => {
    const metrics = new Map(value === undefined ? [] : [['x.p95', value]])
    const alert = alarm.judge({ now: 10 * step, date: 10 * step, metrics })
    return (alert === undefined ? '' : alert.state === 'firing' ? '!' : '.') + alarm.state[0]
  })
  return said.join(' ')
}

test('an alert begins after its rule was broken for long enough, and ends likewise', t => {
  t.is(states(RULE, [50, 101, 101, 101, 101]), 'i p p !f f')
  t.is(states(RULE, [101, 101, 99, 101, 101, 101]), 'p p i p p !f')
  t.is(states(RULE, [100, 100, 100, 100]), 'i i i i')
  t.is(states({ ...RULE, hold: 0 }, [101, 80, 101]), '!f .i !f')
})

test('a value that hovers about the threshold gives one alert', t => {
  t.is(states(RULE, [101, 101, 101, 95, 101, 91, 95, 91]), 'p p !f f f f f f')
  t.is(states(RULE, [101, 101, 101, 90, 90, 90, 95]), 'p p !f r r .i i')
  t.is(states(RULE, [101, 101, 101, 90, 90, 95, 90, 90, 90]), 'p p !f r r f r r .i')
  t.is(states({ ...RULE, clear: 50 }, [101, 101, 101, 60, 60, 60]), 'p p !f f f f')
})

test('a rule may be a lower bound, and one without a value is kept', t => {
  const { above: _, ...rest } = RULE
  const below = { ...rest, below: 10 }
  t.is(states(below, [9, 9, 9, 10.5, 10.5, 10.5, 11, 11, 11]), 'p p !f f f f r r .i')
  t.is(states(below, [undefined, undefined, undefined]), 'i i i')
  t.is(states(RULE, [101, 101, 101, undefined, undefined, undefined]), 'p p !f r r .i')
})

test('a rule may ask for enough of something', t => {
  const [full] = fullRules([{ ...RULE, hold: 0, enough: { metric: 'x.count', value: 20 } }])
  t.truthy(full)
  if (full === undefined) return
  const alarm = new Alarm(full)
  const judge = (count: number): Alert | undefined =>
    alarm.judge({
      now: 0,
      date: 0,
      metrics: new Map([
        ['x.p95', 101],
        ['x.count', count],
      ]),
    })
  t.is(judge(19), undefined)
  t.is(judge(20)?.state, 'firing')
})

test('an alert says what was measured, the likely cause and what to do', t => {
  const [full] = fullRules([RULE])
  t.truthy(full)
  if (full === undefined) return
  const alarm = new Alarm(full)
  const at = (now: number, value: number): Alert | undefined =>
    alarm.judge({ now, date: now, metrics: new Map([['x.p95', value]]) })
  at(0, 2500)
  const fired = at(20, 2500)
  t.like(fired, {
    name: 'late',
    state: 'firing',
    severity: 'warning',
    metric: 'x.p95',
    value: 2500,
    threshold: 100,
    since: new Date(20),
  })
  t.is(
    fired && alertText(fired),
    'warning late: x.p95 is 2.5 s: above 100 ms for 20 ms. Likely cause: Load. What to do: Wait.',
  )
  at(30, 5)
  const over = at(50, 5)
  t.is(over && alertText(over), 'resolved late: x.p95 is 5 ms: not above 90 ms for 20 ms.')
})

test('rules that make no sense are refused', t => {
  const { above: _, ...neither } = RULE
  const bad: [Rule[], RegExp][] = [
    [[neither], /given one of above and below/],
    [[{ ...RULE, below: 1 }], /given one of above and below/],
    [[{ ...RULE, clear: 101 }], /clear is 101; it should be on the inner side of 100/],
    [[RULE, RULE], /rules is "late"; it should be the name of one rule only/],
    [[{ ...RULE, above: Number.NaN }], /above is NaN/],
    [[{ ...RULE, metric: undefined as never }], /metric is undefined/],
    [[{ ...RULE, enough: 3 as never }], /enough is 3/],
    [[{ ...RULE, severity: 'high' as never }], /severity is "high"/],
  ]
  for (const [rules, message] of bad)
    t.throws(() => fullRules(rules), { code: 'QUERN_INVALID_OPTION', message })
})

/** A server whose day is simulated, with the default rules. */
function server(
  t: ExecutionContext,
  seed: number,
): { traffic: Traffic; alerts: Alert[]; still: Still; monitor: Monitor } {
  const still = new Still()
  const hollow = hollowIndex()
  const alerts: Alert[] = []
  const sinks = [(alert: Alert) => void alerts.push(alert)]
  const monitor = new Monitor(hollow.index, { interval: 10_000, sinks }, () => still)
  t.teardown(() => {
    monitor.close()
  })
  return { traffic: new Traffic(still, hollow, new Random(seed)), alerts, still, monitor }
}

const MINUTE = 60_000

for (const seed of [1, 2]) {
  test.serial(`the default rules are silent for 24 hours of traffic (seed ${seed})`, t => {
    const { traffic, alerts, monitor } = server(t, seed)
    traffic.run(24 * 60 * MINUTE, 10_000)
    t.deepEqual(alerts, [])
    t.true((monitor.newest.operations.search?.count ?? 0) > 20_000)
    t.is(typeof monitor.newest.process.growth, 'number')
  })
}

/** Faults, the alert that tells of each, and within how many minutes. */
const FAULTS: readonly (readonly [name: string, fault: Fault, alert: string, minutes: number])[] = [
  ['a slow disk', { disk: 200 }, 'slow-disk', 2],
  ['a full queue', { crowd: 30 }, 'full-queue', 1],
  ['memory that grows', { leak: 20 * 2 ** 20 }, 'memory-growth', 35],
  ['queries that hinder each other', { crowd: 8, contention: 8 }, 'contention', 4],
]

for (const [name, fault, alert, minutes] of FAULTS) {
  test.serial(`${name} is told of within ${minutes} minutes, and that it is over`, t => {
    const { traffic, alerts, still } = server(t, 7)
    traffic.run(10 * 60 * MINUTE, 10_000)
    t.deepEqual(alerts, [])
    const begun = still.clock.now()
    traffic.run(minutes * MINUTE, 10_000, fault)
    const found = alerts.find(({ name: fired }) => fired === alert)
    t.is(found?.state, 'firing')
    t.true((found?.since.getTime() ?? 0) > begun)
    t.true((found?.cause ?? '') !== '' && (found?.remedy ?? '') !== '')
    traffic.run(60 * MINUTE, 10_000)
    const last = new Map(alerts.map(({ name: fired, state }) => [fired, state]))
    t.deepEqual([...new Set(last.values())], ['resolved'])
  })
}

test.serial(
  'disk space, a late event loop, failures and work in the background have their rules',
  async t => {
    const still = new Still()
    const { index, stats } = hollowIndex()
    const lines: string[] = []
    using monitor = new Monitor(index, { sinks: [logSink(line => lines.push(line))] }, () => still)
    still.reading = { ...still.reading, loopDelay: 250 }
    still.free = 2 ** 29
    stats['failure'] = { code: 'QUERN_DISK_FULL', message: 'full' }
    for (let ticks = 0; ticks < 20; ticks++) {
      still.pass(5000)
      await new Promise(setImmediate)
    }
    t.deepEqual(
      monitor.alerts.map(({ name }) => name),
      ['late-loop', 'disk-space', 'background'],
    )
    t.is(lines.length, 3)
    t.true(
      lines.some(line => line.startsWith('critical disk-space: diskFree is 512 MB: below 1 GB for 60 s.')),
    )
  },
)

test('every default rule says a cause and what to do, and its metric is one that there is', t => {
  t.true(DEFAULT_RULES.length > 5)
  t.is(fullRules(DEFAULT_RULES).length, DEFAULT_RULES.length)
  for (const { cause, remedy } of DEFAULT_RULES) t.true(cause.length > 20 && remedy.length > 20)
})

test.serial('sinks that throw, reject or give false did not take the alert, and hinder no other', async t => {
  const still = new Still()
  const { index } = hollowIndex()
  const taken: string[] = []
  const sinks = [
    () => {
      throw new Error('broken')
    },
    () => Promise.reject(new Error('later')),
    () => false,
    ({ name }: Alert) => void taken.push(name),
  ]
  const rules = [{ ...RULE, metric: 'indexes.files', above: 1, hold: 0 }]
  using monitor = new Monitor(index, { rules, sinks }, () => still)
  still.pass(5000)
  await new Promise(setImmediate)
  t.deepEqual(taken, ['late'])
  t.is(monitor.undelivered, 3)
  t.regex(monitor.report(), /^not delivered +3 alerts$/m)
})

const ALERT: Alert = {
  name: 'late',
  state: 'firing',
  severity: 'warning',
  metric: 'x.p95',
  value: 7,
  threshold: 5,
  since: new Date(0),
  message: 'm',
  cause: 'c',
  remedy: 'r',
}

/** A server that answers as it is told, and keeps what it was sent. */
async function receiver(
  t: ExecutionContext,
  answer: (response: ServerResponse, attempt: number) => void,
): Promise<{ url: string; received: { body: string; headers: IncomingMessage['headers'] }[] }> {
  const received: { body: string; headers: IncomingMessage['headers'] }[] = []
  const http = createServer(async (request, response) => {
    let body = ''
    for await (const part of request) body += String(part)
    received.push({ body, headers: request.headers })
    answer(response, received.length)
  })
  await new Promise<void>(resolve => http.listen(0, '127.0.0.1', resolve))
  t.teardown(() => {
    http.closeAllConnections()
    http.close()
  })
  return { url: `http://127.0.0.1:${(http.address() as AddressInfo).port}/hook`, received }
}

test('a webhook posts alerts as JSON, in order', async t => {
  const { url, received } = await receiver(t, response => response.end('thanks'))
  const sink = webhook(url, { headers: { authorization: 'Bearer x' } })
  t.deepEqual(await Promise.all([sink(ALERT), sink({ ...ALERT, state: 'resolved' })]), [true, true])
  t.deepEqual(
    received.map(({ body }) => (JSON.parse(body) as Alert).state),
    ['firing', 'resolved'],
  )
  t.like(received[0]?.headers, { authorization: 'Bearer x', 'content-type': 'application/json' })
  t.deepEqual(JSON.parse(received[0]?.body ?? ''), { ...ALERT, since: '1970-01-01T00:00:00.000Z' })
})

test('a webhook tries again, but not for ever', async t => {
  const { url, received } = await receiver(t, (response, attempt) => {
    response.statusCode = attempt < 3 ? 503 : 204
    response.end()
  })
  t.true(await webhook(url, { delay: 1, retries: 2 })(ALERT))
  t.is(received.length, 3)
  const broken = await receiver(t, response => response.destroy())
  t.false(await webhook(broken.url, { delay: 1, retries: 1 })(ALERT))
  t.is(broken.received.length, 2)
})

test('a webhook gives up on a server that does not answer', async t => {
  const { url } = await receiver(t, () => {})
  t.false(await webhook(new URL(url), { timeout: 50, retries: 0 })(ALERT))
})

test('a webhook does not let alerts pile up', async t => {
  let release = (): void => {}
  const released = new Promise<void>(resolve => (release = resolve))
  const { url, received } = await receiver(t, response => void released.then(() => response.end()))
  const sink = webhook(url, { queue: 2 })
  const first = Promise.all([sink(ALERT), sink(ALERT)] as Promise<boolean>[])
  t.false(await sink(ALERT))
  release()
  t.deepEqual(await first, [true, true])
  t.is(received.length, 2)
  t.true(await sink(ALERT))
})

test('a webhook refuses what is no address', t => {
  for (const url of ['ftp://example.org/', 'nowhere'])
    t.throws(() => webhook(url), { code: 'QUERN_INVALID_OPTION', message: /url is .*http/ })
  t.throws(() => webhook('http://localhost/', { headers: 1 as never }), { code: 'QUERN_INVALID_OPTION' })
})
