/** An index that keeps its answers answers as one that does not. */
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import fc from 'fast-check'
import { type Index, open, type OpenOptions, type RankedOptions } from 'quern'
import { type Cache, createCache } from 'quern/cache'
import { MapTier } from './support/tiers.js'
import { emptyFolder, type Files, folderOf, write } from './support/tree.js'

const FILES: Files = {
  'a.txt': 'needle and thread\n',
  'b.md': '# Needle\n\nhay\n',
  'c.log': '2026-01-01T10:00:00Z ERROR needle lost\n2026-01-01T11:00:00Z INFO needle found\n',
}

/** An index that keeps its answers, all of it ranked, with its cache, root and store. */
async function keeping(
  t: ExecutionContext,
  files: Files = FILES,
  options: OpenOptions = {},
): Promise<{ index: Index; cache: Cache; root: string; store: string }> {
  const [root, store] = [folderOf(t, files), emptyFolder(t)]
  const index = await open(root, { store, answers: true, ...options })
  t.teardown(() => index.close())
  await index.ready('terms')
  t.truthy(index.answers)
  return { index, cache: index.answers ?? createCache(), root, store }
}

const computed = (cache: Cache): number => cache.stats().computed
const entries = (cache: Cache): number => cache.stats().layers[0]?.entries ?? 0

test('an answer is kept for its state, whatever the order of the options', async t => {
  const { index, cache, root } = await keeping(t)
  const first = await index.search('needle', { limit: 2, facets: { folder: { depth: 1, limit: 3 } } })
  const again = await index.search('needle', { facets: { folder: { limit: 3, depth: 1 } }, limit: 2 })
  t.deepEqual(again, first)
  t.deepEqual([computed(cache), entries(cache)], [1, 1])
  await index.search('needle', { limit: 3 })
  await index.search('needle', { freshness: 'snapshot', limit: 3 })
  await index.facets('needle', { language: true })
  await index.facets('needle', { language: true })
  t.deepEqual(await index.suggest('nee'), await index.suggest('nee', {}))
  t.is(computed(cache), 4)
  write(root, { 'a.txt': 'nothing of the kind\n' })
  await index.update('a.txt')
  await index.ready('terms')
  t.is((await index.search('needle', { limit: 2 })).total, 3)
  t.is(computed(cache), 5)
})

test('many who ask the same have it searched once, and each may go', async t => {
  const { index, cache } = await keeping(t)
  const controller = new AbortController()
  const gone = index.search('needle', { signal: controller.signal })
  const asked = Array.from({ length: 50 }, () => index.search('needle', { timeout: 60_000 }))
  controller.abort()
  await t.throwsAsync(gone, { code: 'QUERN_ABORTED' })
  const [first, ...others] = await Promise.all(asked)
  for (const other of others) t.deepEqual(other, first)
  t.is(computed(cache), 1)
})

const NEVER: Record<string, [string, RankedOptions]> = {
  verified: ['needle', { freshness: 'verified' }],
  watched: ['needle', { freshness: 'watched' }],
  'times from now': ['time:>=now-2h needle', {}],
  'times from now, in any mode': ['time:>=now-2h', { mode: 'auto' }],
}

for (const [name, [query, options]] of Object.entries(NEVER)) {
  test(`never kept: ${name}`, async t => {
    const { index, cache } = await keeping(t)
    const watcher = await index.watch()
    await index.search('needle')
    const before = entries(cache)
    const answer = await index.search(query, options)
    t.is((await index.search(query, options)).total, answer.total)
    t.is(entries(cache), before)
    await watcher.close()
  })
}

test('who asks for the folder as it is does not get what is kept', async t => {
  const { index, root } = await keeping(t)
  t.is((await index.search('needle')).total, 4)
  write(root, { 'a.txt': 'nothing of the kind\n' })
  t.is((await index.search('needle')).total, 4)
  t.is((await index.search('needle', { freshness: 'verified' })).total, 3)
})

test('keys name the version, since a tier may outlive it', async t => {
  const tier = new MapTier()
  const { index } = await keeping(t, FILES, { answers: { tiers: [tier] } })
  await index.search('needle')
  await index.suggest('nee')
  const { snapshot } = index.stats()
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    version: string
  }
  const starts = [...tier.kept.keys()].map(key => key.slice(0, key.indexOf('@')))
  t.deepEqual(starts, [`quern:${version}:search:${snapshot}`, `quern:${version}:suggest:${snapshot}`])
})

test('times from a moment that is said are kept', async t => {
  const { index, cache } = await keeping(t)
  const ask = async (hour: number): Promise<number> =>
    (await index.search('time:>=now-1h', { now: new Date(Date.UTC(2026, 0, 1, hour)) })).total
  t.deepEqual([await ask(11), await ask(12), await ask(11), await ask(13)], [2, 1, 2, 0])
  t.is(computed(cache), 3)
})

test('an answer is not kept while it may change by itself', async t => {
  const { index, cache, root } = await keeping(t)
  write(root, { 'a.txt': 'changed, and nobody knows\n' })
  t.is((await index.search('needle')).coverage.changed, 1)
  t.false((await index.search('/needle/')).coverage.complete)
  t.is(entries(cache), 0)
  write(root, FILES)
  await index.refresh()
  await index.ready('terms')
  t.true((await index.search('/needle/')).coverage.complete)
  t.is(entries(cache), 1)
  await index.search('nee*', { maxExpansions: 0 })
  t.is(entries(cache), 2)
})

test('what is not ranked yet keeps an answer from being kept', async t => {
  const root = folderOf(t, FILES)
  const index = await open(root, { store: emptyFolder(t), answers: true })
  t.teardown(() => index.close())
  const { coverage } = await index.search('needle')
  t.is(index.answers?.stats().layers[0]?.entries, coverage.complete ? 1 : 0)
  await index.ready('terms')
  t.is((await index.search('needle')).total, 4)
})

test('indexes share a cache, and none takes what another answers for other files', async t => {
  const cache = createCache()
  const { index, root, store } = await keeping(t, { ...FILES, '.hidden': 'needle\n' }, { answers: cache })
  t.is((await index.search('needle')).total, 4)
  const same = await open(root, { store, answers: cache, refresh: 'none' })
  t.is((await same.search('needle')).total, 4)
  t.is(computed(cache), 1)
  await same.close()
  await index.close()
  const all = await open(root, { store, answers: cache, refresh: 'none', hidden: true })
  t.is((await all.search('needle')).coverage.freshness, 'verified')
  await all.ready('terms')
  t.is((await all.search('needle')).total, 5)
  await all.close()
  await cache.set('still', 'open')
})

test('an index closes a cache of its own, and answers no more', async t => {
  const { index, cache } = await keeping(t)
  await index.search('needle')
  await index.close()
  await t.throwsAsync(index.search('needle'), { code: 'QUERN_CLOSED' })
  await t.throwsAsync(cache.get('a'), { code: 'QUERN_CLOSED' })
})

test('an option that makes no sense is refused at once', async t => {
  for (const answers of [5, 'yes', null, { maxEntries: 0 }, { nothing: 1 }])
    t.throws(() => open('.', Object({ answers })), { code: 'QUERN_INVALID_OPTION' })
  const index = await open(folderOf(t, FILES), { store: emptyFolder(t), answers: false })
  t.is(index.answers, undefined)
  await index.close()
})

test('a failure is not kept', async t => {
  const { index, cache } = await keeping(t)
  for (let times = 0; times < 2; times++)
    await t.throwsAsync(index.search('needle AND', { strict: true }), { code: 'QUERN_INVALID_QUERY' })
  t.deepEqual([entries(cache), computed(cache)], [0, 2])
})

const text = fc
  .array(fc.constantFrom('needle', 'needles', 'hay', 'thread', 'fn needle_case', '\n'), { maxLength: 12 })
  .map(words => `${words.join(' ')}\n`)
const path = fc.constantFrom('a.txt', 'b.md', 'src/c.rs', 'src/d.txt')
const questions = fc.record({
  query: fc.constantFrom(
    'needle',
    'needle hay',
    'need*',
    'needel~',
    '"hay needle"',
    '/needles?/',
    'path:src hay',
  ),
  options: fc.constantFrom<RankedOptions>({}, { limit: 1 }, { mode: 'auto' }, { scope: 'file' }),
  isSuggested: fc.boolean(),
})
interface Question {
  readonly query: string
  readonly options: RankedOptions
  readonly isSuggested: boolean
}

const acts = fc.array(
  fc.oneof(
    { weight: 3, arbitrary: fc.record({ act: fc.constant('ask' as const), question: questions }) },
    fc.record({ act: fc.constantFrom('edit' as const, 'update' as const, 'give' as const), path, text }),
    fc.record({ act: fc.constantFrom('delete' as const, 'remove' as const), path }),
    fc.record({ act: fc.constantFrom('refresh' as const, 'flush' as const, 'compact' as const) }),
  ),
  { maxLength: 40 },
)

test('with whatever edits, the answers are those of an index that keeps none', async t => {
  const property = fc.asyncProperty(acts, fc.boolean(), async (all, hasTier) => {
    const [root, store] = [folderOf(t, FILES), emptyFolder(t)]
    const answers = hasTier ? { maxEntries: 1, tiers: [new MapTier()], compressFrom: 200 } : true
    await using kept = await open(root, { store, answers, flushAfter: 600_000 })
    await using plain = await open(root, { store, flushAfter: 600_000 })
    await kept.ready('terms')
    // What the index that keeps none has answered for a state: of a file that nobody said had changed, either is right.
    const said = new Map<string, string[]>()
    const both = ({ query, options, isSuggested }: Question) =>
      isSuggested
        ? Promise.all([kept.suggest(query), plain.suggest(query)])
        : Promise.all([kept.search(query, options), plain.search(query, options)])
    const ask = async (question: Question): Promise<void> => {
      let [got, wanted] = await both(question)
      // What goes on in the background makes new states of the same files.
      while (got.coverage.snapshot !== wanted.coverage.snapshot) [got, wanted] = await both(question)
      const name = JSON.stringify([question, wanted.coverage.snapshot])
      const known = [...(said.get(name) ?? []), JSON.stringify(wanted)]
      said.set(name, known)
      t.true(
        known.includes(JSON.stringify(got)),
        `${name}: ${JSON.stringify(got)}, not ${known.join(' or ')}`,
      )
    }
    const asked: Question[] = []
    for (const step of all) {
      if (step.act === 'ask') asked.push(step.question)
      else if (step.act === 'edit' || step.act === 'update') write(root, { [step.path]: step.text })
      else if (step.act === 'delete') rmSync(join(root, step.path), { force: true })
      if (step.act === 'update' || step.act === 'delete') await kept.update(step.path)
      else if (step.act === 'give') await kept.update(step.path, step.text)
      else if (step.act === 'remove') await kept.remove(step.path)
      else if (step.act === 'refresh') await kept.refresh()
      else if (step.act === 'flush') await kept.flush()
      else if (step.act === 'compact') await kept.compact()
      await kept.ready('terms')
      for (const question of asked) await ask(question)
    }
  })
  await fc.assert(property, { numRuns: 25 })
})
