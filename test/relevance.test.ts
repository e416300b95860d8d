import { utimesSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { indexOf } from './support/tree.js'

interface Judged {
  readonly half: 'tuned' | 'held out'
  readonly metrics: { readonly 'nDCG@10': number }
}

type Metric = (ranking: readonly string[], grades: ReadonlyMap<string, number>, depth?: number) => number

const script = async (name: string): Promise<unknown> =>
  import(new URL(`../../bench/relevance/${name}.mjs`, import.meta.url).href)

const { ndcg, recall, reciprocalRank } = (await script('metrics')) as Record<
  'ndcg' | 'recall' | 'reciprocalRank',
  Metric
>
const { mean, meanWithInterval, split } = (await script('sampling')) as {
  mean: (numbers: readonly number[]) => number
  meanWithInterval: (numbers: readonly number[]) => { mean: number; low: number; high: number }
  split: <T>(queries: readonly T[]) => { tuned: T[]; heldOut: T[] }
}
const { missing } = (await script('collections')) as { missing: (name: string) => string | undefined }
const { evaluate } = (await script('evaluate')) as { evaluate: (name: string) => Promise<Judged[]> }

const near = (number: number, expected: number): boolean => Math.abs(number - expected) < 1e-4

test('nDCG is what a table of logarithms says', t => {
  const grades = new Map([
    ['a', 3],
    ['b', 2],
    ['c', 1],
  ])
  t.is(ndcg(['a', 'b', 'c'], grades), 1)
  // (1 + 7 / 1.58496 + 3 / 2) / (7 + 3 / 1.58496 + 1 / 2), with `x` on the third rank: 3 / 2.32193 instead of 3 / 2.
  t.true(near(ndcg(['c', 'a', 'b'], grades), 6.9165 / 9.3928))
  t.true(near(ndcg(['c', 'a', 'x', 'b'], grades), 6.7085 / 9.3928))
  t.true(near(ndcg(['b', 'a'], grades, 1), 3 / 7))
  t.is(ndcg(['x'], grades), 0)
  t.is(ndcg([], grades), 0)
  t.is(ndcg(['a'], new Map()), 0)
})

test('the reciprocal rank is that of the first relevant result', t => {
  const grades = new Map([['a', 1]])
  t.is(reciprocalRank(['x', 'y', 'z', 'a'], grades), 1 / 4)
  t.is(reciprocalRank(['x', 'a'], grades, 1), 0)
})

test('recall is a share of all that is relevant', t => {
  const grades = new Map([
    ['a', 1],
    ['b', 4],
    ['c', 1],
  ])
  t.is(recall(['x', 'a', 'b'], grades), 2 / 3)
  t.is(recall(['x', 'a', 'b'], grades, 2), 1 / 3)
})

test('halves are disjoint, complete and always the same', t => {
  const queries = Array.from({ length: 31 }, (_, number) => number)
  const { tuned, heldOut } = split(queries)
  t.deepEqual([tuned.length, heldOut.length], [16, 15])
  t.deepEqual([...tuned, ...heldOut].toSorted(), queries.toSorted())
  t.deepEqual(split(queries), { tuned, heldOut })
})

test('an interval is about two standard errors to each side', t => {
  const numbers = Array.from({ length: 100 }, (_, number) => number % 2)
  const interval = meanWithInterval(numbers)
  t.is(interval.mean, 0.5)
  t.true(Math.abs(interval.low - 0.402) < 0.02 && Math.abs(interval.high - 0.598) < 0.02)
})

const filler = (seed: number): string =>
  Array.from({ length: 30 }, (_, line) => `const other${seed}_${line} = value${line}`).join('\n')

test('a file that is named as a word of the question is better', async t => {
  const text = 'export function open(session) {\n  return session\n}\n'
  const index = await indexOf(t, { 'begin.js': text, 'sessions.js': text, 'other.js': text })
  await index.ready('terms')
  const { hits } = await index.search('how does a session open', { fold: false })
  t.is(hits[0]?.path, 'sessions.js')
  const named = (await index.search('+open -sessions', { fold: false })).hits.map(hit => hit.path)
  t.deepEqual(named.toSorted(), ['begin.js', 'other.js'])
})

test('other good passages lift the best one of a file, and no other', async t => {
  const passage = (name: string): string => `function ${name}() {\n  return slab\n}\n${filler(1)}\n`
  const several = ['one', 'two', 'three', 'four'].map(passage).join('\n')
  const index = await indexOf(t, { 'a.js': passage('one'), 'b.js': several, 'c.js': passage('one') })
  await index.ready('terms')
  const { hits } = await index.search('slab', { fold: false })
  t.is(hits[0]?.path, 'b.js')
  t.true(hits.filter(hit => hit.path === 'b.js').length > 1)
  const scores = new Set(hits.slice(1).map(hit => hit.score))
  t.true(Math.max(...scores) < (hits[0]?.score ?? 0))
})

test('tests, vendored and generated code count for less, unless they are asked for', async t => {
  const text = 'function listen(port) {\n  return port\n}\n'
  const [product, ...others] = ['src/z.js', 'src/a.test.js', 'vendor/b.js', 'dist/c.js']
  const files = Object.fromEntries([product, ...others].map((path, place) => [path, `// ${place}\n${text}`]))
  const index = await indexOf(t, files)
  await index.ready('terms')
  const paths = async (query: string): Promise<string[]> =>
    (await index.search(query)).hits.map(hit => hit.path)
  t.deepEqual(await paths('listen'), [product, ...others])
  t.is((await paths('listen test'))[0], 'src/a.test.js')
  const scores = (await index.search('listen vendored')).hits.map(({ path, score }) => [path, score] as const)
  const byPath = new Map(scores)
  t.true((byPath.get('vendor/b.js') ?? 0) >= (byPath.get('src/z.js') ?? 0))
  t.true((byPath.get('src/a.test.js') ?? 0) < (byPath.get('src/z.js') ?? 0))
})

test('of equally good files the one that was modified last is better', async t => {
  const index = await indexOf(t, { 'a.txt': 'a slab\n', 'b.txt': 'one slab\n' })
  const root = index.stats().root
  const old = new Date(Date.now() - 90 * 86_400_000)
  utimesSync(join(root, 'a.txt'), old, old)
  await index.refresh()
  await index.ready('terms')
  const { hits } = await index.search('slab')
  t.deepEqual(
    hits.map(hit => hit.path),
    ['b.txt', 'a.txt'],
  )
  utimesSync(join(root, 'b.txt'), old, old)
  await index.refresh()
  const [first, second] = (await index.search('slab')).hits
  t.is(first?.score, second?.score)
})

test('words of questions count for less than others as rare', async t => {
  const index = await indexOf(t, {
    'a.txt': 'why which whom\n',
    'b.txt': 'a slab\n',
    'c.txt': 'nothing of that\n',
    'd.txt': 'nor that\n',
  })
  await index.ready('terms')
  const { hits } = await index.search('which slab')
  t.deepEqual(
    hits.map(hit => hit.path),
    ['b.txt', 'a.txt'],
  )
})

/** nDCG@10 of all queries and of those that are held out, at least. */
const LEAST = {
  cranfield: { all: 0.363, heldOut: 0.385 },
  code: { all: 0.865, heldOut: 0.87 },
} as const

for (const [name, least] of Object.entries(LEAST)) {
  const reason = missing(name)
  const ranked = reason === undefined ? test : test.skip
  ranked(`ranking ${name} is as good as it was${reason === undefined ? '' : ` (${reason})`}`, async t => {
    const judged = await evaluate(name)
    const average = (queries: readonly Judged[]): number =>
      mean(queries.map(({ metrics }) => metrics['nDCG@10']))
    const all = average(judged)
    const heldOut = average(judged.filter(({ half }) => half === 'held out'))
    t.true(all >= least.all, `all: ${all}`)
    t.true(heldOut >= least.heldOut, `held out: ${heldOut}`)
  })
}
