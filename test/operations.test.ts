/** What an index tells of its operations, on channels of `node:diagnostics_channel`. */
import { tracingChannel } from 'node:diagnostics_channel'
import test, { type ExecutionContext } from 'ava'
import { type Operation, type OperationKind, OPERATIONS } from 'quern'
import { indexOf } from './support/tree.js'

/** Listens until the test ends. */
function listen(t: ExecutionContext, kind: OperationKind): { started: Operation[]; ended: Operation[] } {
  const heard = { started: [] as Operation[], ended: [] as Operation[] }
  const subscribers = {
    start: (message: object) => heard.started.push(message as Operation),
    asyncEnd: (message: object) => heard.ended.push(message as Operation),
    end: () => {},
    asyncStart: () => {},
    error: () => {},
  }
  const channel = tracingChannel(`quern:${kind}`)
  channel.subscribe(subscribers)
  t.teardown(() => channel.unsubscribe(subscribers))
  return heard
}

const FILES = { 'a.txt': 'needle one\nneedle two\n', 'b.txt': 'hay\n' }

test.serial('a search tells what it was asked, how long it took and in which parts', async t => {
  const index = await indexOf(t, FILES)
  await index.ready('terms')
  const { started, ended } = listen(t, 'search')
  const options = { limit: 3 }
  const asked = index.search('needle', options)
  t.like(started, [{ kind: 'search', query: 'needle', options, duration: undefined }])
  const answer = await asked
  t.is(ended[0], started[0])
  t.is(ended[0]?.index, index)
  t.is(ended[0]?.result, answer)
  t.false('phases' in answer)
  const { duration = 0, phases = {} } = ended[0] ?? {}
  t.deepEqual(Object.keys(phases), ['parse', 'plan', 'postings', 'rank', 'snippet'])
  const parts = Object.values(phases).reduce((sum, part) => sum + part)
  t.true(parts > 0 && parts <= duration, `${parts} of ${duration}`)
})

test.serial('an answer from a cache tells no phases: nothing was measured', async t => {
  const index = await indexOf(t, FILES, { answers: true })
  await index.ready('terms')
  const { ended } = listen(t, 'search')
  await Promise.all([index.search('needle'), index.search('needle')])
  await index.search('needle')
  t.deepEqual(
    ended.map(({ phases }) => phases !== undefined),
    [true, false, false],
  )
})

test.serial('facets are a search, and what fails tells with what', async t => {
  const index = await indexOf(t, FILES)
  const { ended } = listen(t, 'search')
  await index.facets('needle', { language: true })
  await t.throwsAsync(index.search('"open', { strict: true }), { code: 'QUERN_INVALID_QUERY' })
  t.like(ended, [
    { query: 'needle', error: undefined },
    { query: '"open', error: { code: 'QUERN_INVALID_QUERY' }, result: undefined },
  ])
  t.is(typeof ended[1]?.duration, 'number')
})

test.serial('a grep goes on until its last row, or until it is left', async t => {
  const index = await indexOf(t, FILES)
  const { started, ended } = listen(t, 'grep')
  const matches = index.grep([/needle/, 'hay'], { sort: 'path' })
  t.is(started.length, 0)
  t.is((await matches.toArray()).length, 3)
  t.like(ended, [{ kind: 'grep', query: '/needle/\nhay', options: { sort: 'path' } }])
  t.deepEqual(ended[0]?.result, matches.coverage)
  for await (const _ of matches) break
  await Promise.resolve()
  t.deepEqual([started.length, ended.length], [2, 2])
  t.true((ended[1]?.duration ?? 0) > 0)
})

test.serial('a grep that fails tells so once', async t => {
  const index = await indexOf(t, FILES)
  const { started, ended } = listen(t, 'grep')
  await t.throwsAsync(index.grep('(').toArray(), { code: 'QUERN_INVALID_PATTERN' })
  await Promise.resolve()
  t.like(ended, [{ error: { code: 'QUERN_INVALID_PATTERN' } }])
  t.is(started.length, 1)
})

test.serial('a refresh tells of the stages of the build', async t => {
  const index = await indexOf(t, FILES)
  const { ended } = listen(t, 'refresh')
  const { stages } = await index.refresh()
  t.deepEqual(Object.keys(ended[0]?.phases ?? {}), ['walk', 'read', 'extract', 'write', 'commit'])
  t.is(ended[0]?.phases?.['walk'], 1000 * stages.walk)
})

test.serial('every kind of operation has its channel', async t => {
  const index = await indexOf(t, FILES)
  const heard = new Map(OPERATIONS.map(kind => [kind, listen(t, kind)]))
  await index.grep('needle').count()
  await index.ready()
  await index.explain('needle')
  await index.suggest('nee')
  await index.search('needle')
  await index.refresh()
  await index.update('c.txt', 'given\n')
  await index.flush()
  await index.compact()
  await index.check()
  await using watcher = await index.watch()
  await using follower = await index.follow('x')
  t.truthy(watcher.coverage)
  t.is(follower.polling, undefined)
  for (const [kind, { started, ended }] of heard) {
    t.deepEqual([kind, started.length, ended.length], [kind, 1, 1])
    t.is(ended[0]?.kind, kind)
  }
})
