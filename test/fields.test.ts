import test, { type ExecutionContext } from 'ava'
import { type Facet, type Index, QuernError, type RankedOptions } from 'quern'
import { quern } from './support/command.js'
import { emptyFolder, type Files, folderOf, indexOf } from './support/tree.js'

const LOGS: Files = {
  'api.log': [
    '{"time":"2015-07-29T17:41:44Z","msg":"done","status":200,"ms":12.50,"user":"Alice","id":9007199254740993}\n',
    '{"time":"2015-07-29T17:41:45Z","msg":"late","status":503,"ms":"2300","http":{"url":"/api/users"},"path":"/a"}\n',
    '{"time":"2015-07-29T17:41:46Z","msg":"done","status":500,"user":"bob","__proto__":"x"}\n',
  ].join(''),
  messages:
    [
      'Jun 14 15:16:01 combo sshd(pam_unix)[19939]: authentication failure; uid=0 rhost=218.188.2.4',
      'Jun 14 15:16:02 combo sshd(pam_unix)[19937]: check pass; user unknown',
      'Jun 15 02:04:59 combo su(pam_unix)[21416]: session opened for user cyrus by (uid=0)',
    ].join('\n') + '\n',
  'access.log':
    '10.0.0.1 - alice [10/Oct/2015:13:55:36 -0700] "GET /a?b=1 HTTP/1.1" 404 512 "-" "curl/7.1" rt=0.25\n',
  'main.ts': 'const status = 500 // status:500 user:alice\n',
}

async function rankedIndex(t: ExecutionContext, files: Files = LOGS): Promise<Index> {
  const index = await indexOf(t, files)
  await index.ready('terms')
  return index
}

function counts(facet: Facet | undefined): [string, number][] | undefined {
  return facet?.values.map(({ value, count }) => [value, count])
}

test('records are found by their fields, and have them', async t => {
  const index = await rankedIndex(t)
  const found = async (query: string, options?: RankedOptions): Promise<string[]> =>
    (await index.search(query, options)).hits.map(({ path, line }) => `${path}:${line}`).toSorted()
  t.deepEqual(await found('status:500'), ['api.log:3'])
  t.deepEqual(await found('STATUS:>=500'), ['api.log:2', 'api.log:3'])
  t.deepEqual(await found('status:[200 TO 500}'), ['access.log:1', 'api.log:1'])
  t.deepEqual(await found('user:alice'), ['access.log:1', 'api.log:1'])
  t.deepEqual(await found('user:* -user:al*'), ['api.log:3'])
  t.deepEqual(await found('ms:>12 ms:<1e4'), ['api.log:1', 'api.log:2'])
  t.deepEqual(await found('http.url:/api/*'), ['api.log:2'])
  t.deepEqual(await found('field.path:/a'), ['api.log:2'])
  t.deepEqual(await found('source:sshd uid:0'), ['messages:1'])
  t.deepEqual(await found('uid:0'), ['messages:1', 'messages:3'])
  t.deepEqual(await found('+status:200 +status:500', { scope: 'file' }), [])
  t.deepEqual(await found('status:500 done'), ['api.log:3'])
  const { hits } = await index.search('path:api.log', { limit: 3 })
  t.deepEqual(
    hits.map(({ fields }) => fields),
    [
      { status: 200, ms: '12.50', user: 'Alice', id: '9007199254740993' },
      { status: 503, ms: 2300, 'http.url': '/api/users', path: '/a' },
      Object.fromEntries([
        ['status', 500],
        ['user', 'bob'],
        ['__proto__', 'x'],
      ]),
    ],
  )
  t.deepEqual((await index.search('rt:0.25')).hits[0]?.fields, {
    remote: '10.0.0.1',
    user: 'alice',
    method: 'GET',
    url: '/a?b=1',
    protocol: 'HTTP/1.1',
    status: 404,
    bytes: 512,
    agent: 'curl/7.1',
    rt: 0.25,
  })
  t.is((await index.search('const')).hits[0]?.fields, undefined)
})

test('a name that no record has is text', async t => {
  const index = await rankedIndex(t, { 'a.ts': '// TODO:fix std::vec http://x status:500\n' })
  for (const query of ['TODO:fix', 'std::vec', 'http://x', 'status:500'])
    t.is((await index.search(query)).total, 1, query)
  const { notes, query } = await index.search('status:500')
  t.deepEqual([notes.length, query], [1, 'status\\:500'])
  await index.update('a.log', '2015-07-29T17:41:44Z INFO app: x status=500\n')
  const answer = await index.search('status:500')
  t.deepEqual([answer.notes, answer.query, answer.total], [[], 'field.status:500', 1])
  t.is((await index.search(answer.query, { strict: true })).total, 1)
  await index.remove('a.log')
  t.is((await index.search('status:500')).query, 'status\\:500')
  t.is((await index.search('field.status:500')).total, 0)
})

test('a strict query about a field that there is not is told like names', async t => {
  const index = await rankedIndex(t)
  const refused = async (query: string): Promise<string> => {
    const error = await t.throwsAsync(async () => index.search(query, { strict: true }), {
      instanceOf: QuernError,
      code: 'QUERN_INVALID_QUERY',
    })
    return error?.message ?? ''
  }
  t.regex(await refused('x statsu:500'), /no field `statsu`: did you mean status:\? \(at 2 of the query\)/)
  t.regex(await refused('statsu:>=500'), /no record has a field `statsu`: did you mean status:\?/)
  t.regex(await refused('status:>=many'), /'many' is no number/)
})

test('fields are counted', async t => {
  const index = await rankedIndex(t)
  const { facets } = await index.facets('*', {
    fields: { status: { limit: 2 }, User: true, nowhere: true },
    level: true,
  })
  t.deepEqual(facets.fields?.['status'], {
    values: [
      { value: '200', count: 1 },
      { value: '404', count: 1 },
    ],
    more: 2,
    others: 2,
  })
  t.deepEqual(counts(facets.fields?.['User']), [
    ['alice', 2],
    ['bob', 1],
  ])
  t.deepEqual(facets.fields?.['nowhere'], { values: [], more: 0, others: 0 })
  t.deepEqual(facets.level?.values, [])
  t.deepEqual((await index.facets('*', { fields: {} })).facets, {})
  for (const fields of [true, 'status', null]) {
    // @ts-expect-error -- for those who write JavaScript
    await t.throwsAsync(async () => index.facets('*', { fields }), { code: 'QUERN_INVALID_OPTION' })
  }
  await t.throwsAsync(async () => index.facets('*', { fields: { status: { limit: -1 } } }), {
    code: 'QUERN_INVALID_OPTION',
  })
})

test('an explanation says what a field came to', async t => {
  const index = await rankedIndex(t)
  const { plan, advice } = await index.explain('status:>=500 +field.nowhere:1')
  t.deepEqual(
    plan?.all?.map(({ kind, clause, chunks }) => [kind, clause, chunks]),
    [
      ['filter', 'field.nowhere:1', 0],
      ['filter', 'status:>=500', 2],
    ],
  )
  t.deepEqual(
    advice.map(({ message }) => message),
    ['field.nowhere:1 is required, and nowhere'],
  )
})

test('the command finds and counts fields', t => {
  const folder = folderOf(t, LOGS)
  const around = { cwd: folder, stores: emptyFolder(t) }
  const { status, out } = quern(
    ['search', '--facet', 'field:status', '--facet', 'field:user', '-n', '0', 'status:>=404'],
    around,
  )
  t.is(status, 0)
  t.is(
    out,
    'status\n    1  404\n    1  500\n    1  503\n\nuser\n    1  alice\n    1  bob\n\n0 of 3 passages\n',
  )
  const json = JSON.parse(quern(['search', '--json', 'status:503'], around).out) as {
    hits: { fields: object }[]
  }
  t.deepEqual(json.hits[0]?.fields, { status: 503, ms: 2300, 'http.url': '/api/users', path: '/a' })
  const refused = quern(['search', '--facet', 'field:', 'x'], around)
  t.is(refused.status, 2)
  t.regex(refused.err, /--facet: 'field:' is not one of .*field:NAME/)
})
