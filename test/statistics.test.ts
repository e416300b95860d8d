import test from 'ava'
import { addStatistics, type RankedAnswer, type RankedStatistics } from 'quern'
import { type Files, indexOf } from './support/tree.js'

// One passage a file; none has another in its file, or a name that is asked for, which would count for more.
const ONE: Files = {
  'a.txt': 'slab and cache\n',
  'b.txt': 'a longer text in which slab is one of many other words\n',
}
const OTHER: Files = {
  'c.txt': 'slab slab __proto__\n',
  'd.txt': 'only the cache of a constructor\n',
  'e.txt': 'slabs, in the plural\n',
}
const QUERIES = [
  'slab',
  'slab cache',
  '"slab and"',
  'sla*',
  'cahce~1 slab',
  '+slab -cache',
  '__proto__ constructor',
]

function scores(answers: readonly RankedAnswer[]): Map<string, number> {
  return new Map(answers.flatMap(({ hits }) => hits.map(({ path, score }) => [path, score] as const)))
}

test('with the statistics of all, several indexes give comparable scores', async t => {
  const options = { fold: false, limit: 100 }
  const [one, other, all] = await Promise.all([
    indexOf(t, ONE),
    indexOf(t, OTHER),
    indexOf(t, { ...ONE, ...OTHER }),
  ])
  for (const index of [one, other, all]) await index.ready('terms')
  for (const query of QUERIES) {
    const parts = await Promise.all([one, other].map(async index => index.statistics(query, options)))
    const statistics = addStatistics(parts)
    const known = (of: RankedStatistics): unknown => ({
      ...of,
      leaves: of.leaves.map(words => new Map(words.map(({ word, counts }) => [word, counts]))),
    })
    t.deepEqual(known(statistics), known(await all.statistics(query, options)), query)
    const sent: RankedStatistics = structuredClone(statistics)
    const answers = await Promise.all(
      [one, other].map(async index => index.search(query, { ...options, statistics: sent })),
    )
    const whole = scores([await all.search(query, options)])
    t.deepEqual(scores([await all.search(query, { ...options, statistics })]), whole, query)
    const apart = scores(answers)
    t.deepEqual([...apart.keys()].toSorted(), [...whole.keys()].toSorted(), query)
    // What recent files get is a fiftieth of the best score of each index.
    const most = Math.max(...whole.values())
    for (const [path, score] of apart) t.true(Math.abs(score - (whole.get(path) ?? 0)) < most / 40, query)
  }
})

test('a word that is rare here and frequent elsewhere counts for less', async t => {
  const [one, other] = await Promise.all([
    indexOf(t, { 'a.txt': 'rare\n', 'b.txt': 'common\n', 'c.txt': 'common\n' }),
    indexOf(t, { 'd.txt': 'rare\n', 'e.txt': 'rare\n', 'f.txt': 'rare\n', 'g.txt': 'rare\n' }),
  ])
  for (const index of [one, other]) await index.ready('terms')
  const query = 'rare common'
  const first = (answer: RankedAnswer): string | undefined => answer.hits[0]?.path
  t.is(first(await one.search(query)), 'a.txt')
  const parts = await Promise.all([one, other].map(async index => index.statistics(query)))
  t.not(first(await one.search(query, { statistics: addStatistics(parts) })), 'a.txt')
})

test('statistics of another query are refused, and so is what are none', async t => {
  const index = await indexOf(t, { 'a.txt': 'slab and cache\n' })
  await index.ready('terms')
  const statistics = await index.statistics('slab')
  const invalid = { code: 'QUERN_INVALID_OPTION' }
  await t.throwsAsync(index.search('slab cache', { statistics }), {
    ...invalid,
    message: /statistics are of another query/,
  })
  t.throws(() => addStatistics([]), invalid)
  const two = await index.statistics('slab cache')
  t.throws(() => addStatistics([statistics, two]), invalid)
  const wrong: unknown[] = [
    {},
    { ...statistics, chunks: -1 },
    { ...statistics, lengths: [[1, 2]] },
    { ...statistics, leaves: [[{ word: 'slab', counts: [1.5] }]] },
    { ...statistics, leaves: [['slab']] },
  ]
  for (const given of wrong)
    await t.throwsAsync(index.search('slab', { statistics: given as RankedStatistics }), invalid)
  // With statistics a query stays what it was taken as, and a near one is still looked for.
  const misspelt = { mode: 'auto', statistics: await index.statistics('cahce', { mode: 'auto' }) } as const
  const { total, mode, didYouMean } = await index.search('cahce', misspelt)
  t.deepEqual([total, mode.used, didYouMean], [0, 'words', 'cache'])
  t.is((await index.search('', { statistics: await index.statistics('') })).total, 0)
})
