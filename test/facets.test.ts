import test, { type ExecutionContext } from 'ava'
import { type Facet, type FacetRequests, type Index, QuernError } from 'quern'
import { quern } from './support/command.js'
import { emptyFolder, type Files, folderOf, indexOf } from './support/tree.js'

const TREE: Files = {
  'readme.md': 'slab\n',
  'mm/slab.c': 'slab\n',
  'mm/slub.c': 'slab\n',
  'net/core/sock.c': 'slab\n',
  'net/core/readme.md': 'slab\n',
  'net/ipv4/tcp.c': 'no such thing\n',
}

async function rankedIndex(t: ExecutionContext, files: Files = TREE): Promise<Index> {
  const index = await indexOf(t, files)
  await index.ready('terms')
  return index
}

function counts(facet: Facet | undefined): [string, number][] | undefined {
  return facet?.values.map(({ value, count }) => [value, count])
}

test('facets count all that matches, whatever the page', async t => {
  const index = await rankedIndex(t)
  const { hits, total, facets } = await index.search('slab', {
    limit: 1,
    facets: { language: true, folder: true },
  })
  t.deepEqual([hits.length, total], [1, 5])
  t.deepEqual(counts(facets.language), [
    ['c', 3],
    ['markdown', 2],
  ])
  t.deepEqual(counts(facets.folder), [
    ['mm', 2],
    ['net', 2],
    ['.', 1],
  ])
})

test('folders are counted as deep as asked, and values beyond the limit summed up', async t => {
  const index = await rankedIndex(t)
  const { facets, total, ...rest } = await index.facets('slab', { folder: { depth: 2, limit: 1 } })
  t.deepEqual(facets, { folder: { values: [{ value: 'mm', count: 2 }], more: 2, others: 3 } })
  t.is(total, 5)
  t.false('hits' in rest)
  t.deepEqual((await index.facets('nowhere', { folder: true })).facets, {
    folder: { values: [], more: 0, others: 0 },
  })
  t.deepEqual((await index.facets('', { language: {} })).facets, {
    language: { values: [], more: 0, others: 0 },
  })
  t.deepEqual((await index.search('slab')).facets, {})
})

test('records of logs are counted by level and time, whatever their length', async t => {
  const trace = '  at somewhere.in(needle)\n'.repeat(400)
  const index = await rankedIndex(t, {
    'a.log': [
      '2015-07-29T17:04:01Z INFO needle\n',
      `2015-07-29T17:59:59Z ERROR needle\n${trace}`,
      '2015-07-29T18:00:00Z WARN needle\n',
      '2015-08-01T00:00:00Z ERROR needle\n',
      '2015-08-01T00:00:01Z INFO hay\n',
    ].join(''),
    'b.log': 'needle at the head\n2015-08-02T00:00:00Z INFO hay\n2015-08-02T00:00:01Z INFO hay\n',
    'b.txt': 'needle, not logged\n',
  })
  const by = async (facets: FacetRequests): Promise<unknown> => (await index.facets('needle', facets)).facets
  t.deepEqual(await by({ level: true, language: true }), {
    level: {
      values: [
        { value: 'error', count: 2 },
        { value: 'info', count: 1 },
        { value: 'warn', count: 1 },
      ],
      more: 0,
      others: 0,
    },
    language: {
      values: [
        { value: 'log', count: 5 },
        { value: 'txt', count: 1 },
      ],
      more: 0,
      others: 0,
    },
  })
  const { facets } = await index.facets('needle', { time: true })
  t.deepEqual(counts(facets.time), [
    ['2015-07-29T17:00:00Z', 2],
    ['2015-07-29T18:00:00Z', 1],
    ['2015-08-01T00:00:00Z', 1],
  ])
  t.deepEqual(await by({ time: { interval: 'month', limit: 1 } }), {
    time: { values: [{ value: '2015-08-01T00:00:00Z', count: 1 }], more: 1, others: 3 },
  })
})

test('facets that do not exist, or are not well formed, are refused', async t => {
  const index = await rankedIndex(t)
  const wrong: unknown[] = [
    { author: true },
    { folder: false },
    { folder: { depth: 0 } },
    { language: { depth: 2 } },
    { language: { limit: -1 } },
    { time: { interval: 'decade' } },
    'language',
    null,
  ]
  for (const facets of wrong) {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what JavaScript may pass
    const asked = index.facets('slab', facets as FacetRequests)
    const error = await t.throwsAsync(asked, { instanceOf: QuernError }, JSON.stringify(facets))
    t.is(error?.code, 'QUERN_INVALID_OPTION')
  }
})

test('--facet shows counts, with folders as they are seen from here', t => {
  const around = { cwd: folderOf(t, TREE), stores: emptyFolder(t) }
  const { out } = quern(['search', '-n0', '--facet', 'language', '--facet=folder', 'slab'], around)
  t.is(
    out,
    'language\n    3  c\n    2  markdown\n\nfolder\n    2  mm\n    2  net\n    1  .\n\n0 of 5 passages\n',
  )
  const below = quern(['search', '-n0', '--facet=folder', 'slab', 'net'], around)
  t.is(below.out, 'folder\n    2  net/core\n\n0 of 2 passages\n')
  const deep = quern(['search', '-n0', '--facet=folder:2', 'slab'], around)
  t.is(deep.out, 'folder\n    2  mm\n    2  net/core\n    1  .\n\n0 of 5 passages\n')
  const { status, err } = quern(['search', '--facet=author', 'slab'], around)
  t.is(status, 2)
  t.regex(err, /--facet: 'author' is not one of language, folder, folder:DEPTH, level, time, time:minute/)
})
