import test from 'ava'
import { Registry } from 'prom-client'
import { QuernError } from 'quern'
import { Monitor } from 'quern/monitor'
import { prometheus } from 'quern/monitor/prometheus'
import { hollowIndex, Still, tell } from './support/surroundings.js'

test('what a monitor sees is shown as metrics, until it is taken out again', async t => {
  const { index } = hollowIndex()
  const still = new Still()
  const rule = { name: 'many', metric: 'indexes.files', above: 1, hold: 0, cause: 'Growth.', remedy: 'Wait.' }
  using monitor = new Monitor(index, { rules: [rule] }, () => still)
  const registry = new Registry()
  const remove = prometheus(monitor, { registry, buckets: [0.01, 0.1] })
  tell({ kind: 'search', index, duration: 5, phases: { plan: 2 } })
  tell({ kind: 'search', index, duration: 50, error: new QuernError('QUERN_TIMEOUT', 'late') })
  tell({ kind: 'grep', index, duration: 500, error: new Error('other') })
  still.pass(5000)
  const page = await registry.metrics()
  for (const line of [
    'quern_operation_duration_seconds_bucket{le="0.01",operation="search"} 1',
    'quern_operation_duration_seconds_bucket{le="0.1",operation="search"} 2',
    'quern_operation_duration_seconds_sum{operation="search"} 0.055',
    'quern_operation_duration_seconds_count{operation="grep"} 1',
    'quern_operation_phase_seconds_total{operation="search",phase="plan"} 0.002',
    'quern_operation_failures_total{operation="search",code="QUERN_TIMEOUT"} 1',
    'quern_operation_failures_total{operation="grep",code="QUERN_INTERNAL"} 1',
    'quern_files 10',
    'quern_query_threads 2',
    'quern_alerts{alert="many",severity="warning"} 1',
  ])
    t.true(page.split('\n').includes(line), `${line}\n${page}`)
  remove()
  tell({ kind: 'search', index, duration: 5 })
  t.is((await registry.metrics()).trim(), '')
})

test('two monitors share a registry under two prefixes', async t => {
  const registry = new Registry()
  const still = new Still()
  using first = new Monitor(hollowIndex().index, {}, () => still)
  using second = new Monitor([], {}, () => still)
  prometheus(first, { registry })
  prometheus(second, { registry, prefix: 'other_' })
  const page = await registry.metrics()
  t.regex(page, /^quern_files 10$/m)
  t.regex(page, /^other_files 0$/m)
  t.notRegex(page, /^other_query_threads \d/m)
})
