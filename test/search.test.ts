import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import test, { type ExecutionContext } from 'ava'
import fc from 'fast-check'
import { type Index, marked, open, QuernError, type RankedAnswer, type RankedOptions } from 'quern'
import { Child } from './support/child.js'
import { emptyFolder, type Files, folderOf, indexOf, write } from './support/tree.js'

/** An index whose files can all be found by `search`. */
async function rankedIndex(t: ExecutionContext, files: Files): Promise<Index> {
  const index = await indexOf(t, files)
  await index.ready('terms')
  return index
}

/** The paths of the hits, best first. */
function paths({ hits }: RankedAnswer): string[] {
  return hits.map(({ path }) => path)
}

/** The paths of the hits in alphabetical order. */
async function found(index: Index, query: string, options?: RankedOptions): Promise<string[]> {
  return paths(await index.search(query, options)).toSorted()
}

/** The parts of the best snippet that are marked. */
function markedParts({ hits }: RankedAnswer): string[] {
  const { text = '', ranges = [] } = hits[0]?.snippet ?? {}
  return ranges.map(([start, end]) => text.slice(start, end))
}

/** A file of as many paragraphs as there are texts, each long enough to be a passage of its own. */
function passages(...texts: readonly string[]): string {
  return texts.map(text => `${text}\n${'filler\n'.repeat(39)}\n`).join('')
}

const CODE: Files = {
  'mm/slab.c': 'void *kmem_cache_alloc(int flags)\n{\n  return slab_alloc(flags);\n}\n',
  'net/http.ts': 'export function parseHTTPHeader(line: string): string {\n  return line\n}\n',
  'docs/memory.md': '# Memory\n\nThe slab allocator keeps caches of objects, and allocates from them.\n',
  'docs/test/notes.txt': 'allocator slab, the other way round; 0xdeadbeef\n',
}

test('hits say where the passage is, the best first', async t => {
  const index = await rankedIndex(t, {
    'once.txt': 'needle in a long line of hay and hay and hay and hay\n',
    'often.txt': 'needle needle needle\n',
    'none.txt': 'only hay\n',
  })
  const { hits, total, query, notes, coverage } = await index.search('needle')
  t.deepEqual(paths({ hits } as RankedAnswer), ['often.txt', 'once.txt'])
  t.deepEqual([total, query, notes], [2, 'needle', []])
  t.true((hits[0]?.score ?? 0) > (hits[1]?.score ?? 0) && (hits[1]?.score ?? 0) > 0)
  t.like(hits[0], { line: 1, start: 0, end: 21 })
  t.like(coverage, { complete: true, indexed: 3, ranked: 3, changed: 0, limit: undefined })
  t.true(coverage.takenAt instanceof Date)
  t.is(coverage.snapshot, index.stats().snapshot)
})

test('a hit is a passage of a file, and its line the first of it', async t => {
  const text = passages('first paragraph', 'second paragraph with needle')
  const index = await rankedIndex(t, { 'a.txt': text })
  const { hits, total } = await index.search('needle')
  t.is(total, 1)
  const { line = 0, start = 0, end = 0, snippet } = hits[0] ?? {}
  t.is(text.slice(0, start).split('\n').length, line)
  t.true(line > 1 && text.slice(start, end).includes('needle'))
  t.true(end - start <= 4096)
  t.is(snippet?.line, text.slice(0, text.indexOf('needle')).split('\n').length)
})

test('a snippet marks what was asked for, in UTF-16 units', async t => {
  const line = 'été 漢字 😀 Needle, needles and kmem_needle_cache\r'
  const index = await rankedIndex(t, { 'a.md': `# Title\n\n${line}\n` })
  const answer = await index.search('needle 字')
  t.deepEqual(markedParts(answer), ['字', 'Needle', 'needles', 'needle'])
  t.is(answer.hits[0]?.snippet?.text.split('\n').at(-1), line.slice(0, -1))
})

test('a long line is cut in its snippet, never within a character', async t => {
  const index = await rankedIndex(t, { 'a.txt': `x${'😀'.repeat(200)} needle\n` })
  const { hits } = await index.search('needle')
  t.is(hits[0]?.snippet?.text, `x${'😀'.repeat(74)}`)
  t.deepEqual(hits[0]?.snippet?.ranges, [])
})

test('bytes that are not UTF-8 show as U+FFFD, and the ranges behind them hold', async t => {
  const index = await rankedIndex(t, {
    'a.txt': Buffer.concat([Buffer.from([0x61, 0xff, 0x20]), Buffer.from('needle\n')]),
  })
  const answer = await index.search('needle')
  t.is(answer.hits[0]?.snippet?.text, 'a\uFFFD needle')
  t.deepEqual(markedParts(answer), ['needle'])
})

test('total counts beyond the limit, and offset goes on where the limit ended', async t => {
  const files = Object.fromEntries(
    Array.from({ length: 25 }, (_, number) => [`${number}.txt`, 'needle '.repeat(1 + number).concat('\n')]),
  )
  const index = await rankedIndex(t, files)
  const all = await index.search('needle', { limit: 100 })
  t.is(all.hits.length, 25)
  const first = await index.search('needle')
  t.deepEqual([first.hits.length, first.total], [10, 25])
  const pages: string[] = []
  for (let offset = 0; offset < 30; offset += 10)
    pages.push(...paths(await index.search('needle', { offset, limit: 10 })))
  t.deepEqual(pages, paths(all))
  t.like(await index.search('needle', { limit: 0 }), { hits: [], total: 25 })
  t.like(await index.search('needle', { offset: 2 ** 32 - 1 }), { hits: [], total: 25 })
})

test('one of the words has to be there, or with operator all each of them', async t => {
  const index = await rankedIndex(t, { 'a.txt': 'red\n', 'b.txt': 'green\n', 'c.txt': 'red green\n' })
  t.deepEqual(await found(index, 'red green'), ['a.txt', 'b.txt', 'c.txt'])
  t.is(paths(await index.search('red green'))[0], 'c.txt')
  t.deepEqual(await found(index, 'red green', { operator: 'all' }), ['c.txt'])
  t.deepEqual(await found(index, 'red OR green', { operator: 'all' }), ['a.txt', 'b.txt', 'c.txt'])
})

/** Queries of `CODE` and the files that answer. */
const LANGUAGE: readonly (readonly [query: string, answer: readonly string[]])[] = [
  ['slab', ['docs/memory.md', 'docs/test/notes.txt', 'mm/slab.c']],
  ['SLAB', ['docs/memory.md', 'docs/test/notes.txt', 'mm/slab.c']],
  ['+slab kmem', ['docs/memory.md', 'docs/test/notes.txt', 'mm/slab.c']],
  ['+slab -kmem', ['docs/memory.md', 'docs/test/notes.txt']],
  ['slab NOT path:docs', ['mm/slab.c']],
  ['NOT slab', ['net/http.ts']],
  ['slab AND kmem', ['mm/slab.c']],
  ['kmem OR http', ['mm/slab.c', 'net/http.ts']],
  ['kmem OR http AND slab', ['mm/slab.c']],
  ['(kmem OR http) AND line', ['net/http.ts']],
  ['kmem_cache_alloc', ['mm/slab.c']],
  ['cache', ['docs/memory.md', 'mm/slab.c']],
  ['header', ['net/http.ts']],
  ['Http', ['net/http.ts']],
  ['allocating', ['docs/memory.md', 'docs/test/notes.txt']],
  ['"slab allocator"', ['docs/memory.md']],
  ['"allocator slab"', ['docs/test/notes.txt']],
  ['"allocating"', []],
  ['allocat*', ['docs/memory.md', 'docs/test/notes.txt']],
  ['alocator~', ['docs/memory.md', 'docs/test/notes.txt']],
  ['alocatr~', []],
  ['alocatr~2', ['docs/memory.md', 'docs/test/notes.txt']],
  ['*', ['docs/memory.md', 'docs/test/notes.txt', 'mm/slab.c', 'net/http.ts']],
  ['path:*.c', ['mm/slab.c']],
  ['path:docs slab', ['docs/memory.md', 'docs/test/notes.txt']],
  ['path:/docs/*.md', ['docs/memory.md']],
  ['path:docs kmem', []],
  ['slab -path:test/', ['docs/memory.md', 'mm/slab.c']],
  ['lang:c', ['mm/slab.c']],
  ['lang:typescript', ['net/http.ts']],
  ['LANG:Markdown slab', ['docs/memory.md']],
  ['symbol:alloc', ['mm/slab.c']],
  ['symbol:kmem_cache_alloc', ['mm/slab.c']],
  ['symbol:slab', []],
  ['symbol:memory', ['docs/memory.md']],
  ['symbol:"cache alloc"', ['mm/slab.c']],
  ['symbol:parse*', ['net/http.ts']],
  ['symbol:memry~', ['docs/memory.md']],
  ['/0x[0-9a-f]{8}/', ['docs/test/notes.txt']],
  ['/return .*line/ header', ['net/http.ts']],
  ['-/slab_alloc/ +slab', ['docs/memory.md', 'docs/test/notes.txt']],
  ['slab.allocator', ['docs/memory.md', 'docs/test/notes.txt', 'mm/slab.c']],
  ['+slab.allocator kmem', ['docs/memory.md']],
  ['kmemCacheAlloc', []],
  ['(slab OR http) AND line', ['net/http.ts']],
  ['slab header AND line', ['net/http.ts']],
  ['("slab allocator") kmem', ['docs/memory.md', 'mm/slab.c']],
  ['\\-slab \\NOT', ['docs/memory.md', 'docs/test/notes.txt', 'mm/slab.c']],
  ['no_such_word', []],
  ['', []],
  ['->', []],
]

test('the language', async t => {
  const index = await rankedIndex(t, CODE)
  for (const [query, answer] of LANGUAGE) {
    t.deepEqual(await found(index, query), answer, query)
    t.deepEqual(await found(index, query, { strict: true }), answer, query)
  }
})

test('every query of the page about the language is one', async t => {
  const log = '{"time":"2015-07-29T17:41:44Z","user":"alice","url":"/api/users","status":500,"ms":12}\n'
  const index = await rankedIndex(t, { ...CODE, 'a.log': log })
  const page = readFileSync(new URL('../../docs/search.md', import.meta.url), 'utf8').replaceAll('\r\n', '\n')
  const [, table = ''] = /<!-- the queries of this table.*-->\n\n(.*?)\n\n/s.exec(page) ?? []
  const cells = [...table.matchAll(/^\| (`.*?) \|/gm)].map(([, cell]) => cell).join(' ')
  const written = [...cells.matchAll(/`(.*?)`/g)]
  t.true(written.length > 15)
  for (const [, query = ''] of written) await t.notThrowsAsync(index.search(query, { strict: true }), query)
})

test('the query as it was understood asks the same', async t => {
  const index = await rankedIndex(t, CODE)
  for (const [query] of LANGUAGE) {
    const answer = await index.search(query)
    t.deepEqual((await index.search(answer.query, { strict: true })).hits, answer.hits, query)
  }
})

test('in a script without spaces every character is a word', async t => {
  const index = await rankedIndex(t, { 'a.txt': '漢字を読む\n', 'b.txt': '字漢\n' })
  t.deepEqual(await found(index, '漢'), ['a.txt', 'b.txt'])
  t.deepEqual(await found(index, '"漢字"'), ['a.txt'])
  t.is(paths(await index.search('漢字'))[0], 'a.txt')
})

test('letters are compared without regard to case, marks count', async t => {
  const index = await rankedIndex(t, { 'a.txt': 'ÉTÉ\n', 'b.txt': 'ete\n' })
  t.deepEqual(await found(index, 'été'), ['a.txt'])
  t.deepEqual(await found(index, 'ETE'), ['b.txt'])
})

test('stems are those of prose: code is taken at its word', async t => {
  const index = await rankedIndex(t, { 'a.md': 'running\n', 'b.c': 'int running;\n' })
  t.deepEqual(await found(index, 'run'), ['a.md'])
  t.deepEqual(await found(index, 'running'), ['a.md', 'b.c'])
})

test('a regular expression holds for the passage in which a matching line begins', async t => {
  const text = passages('one', 'two', 'three')
  const lines = text.split('\n').map((line, number) => `${line} l${number + 1}.`)
  const index = await rankedIndex(t, { 'a.txt': lines.join('\n') })
  const all = await index.search('*', { limit: 100, fold: false })
  t.true(all.total > 2)
  const firsts = all.hits.map(({ line }) => line).toSorted((a, b) => a - b)
  for (const [place, first] of firsts.entries()) {
    const last = (firsts[place + 1] ?? lines.length + 1) - 1
    for (const number of [first, last]) {
      const { hits } = await index.search(`/ l${number}\\.$/`)
      t.deepEqual(
        hits.map(({ line }) => line),
        [first],
        `${number}`,
      )
    }
  }
})

const LOG = `2015-07-29 17:41:44,747 INFO  first needle
2015-07-29 18:00:00,000 ERROR second needle
\tat needle.Frame
2015-07-29 19:04:12,394 WARN  third needle
2015-07-29 19:04:12,395 without a level, needle
`

test('a compressed log is found as the log that it was, until it is damaged', async t => {
  const logs = async (files: Files): Promise<Index> =>
    await rankedIndex(t, { 'notes.md': 'needle\n', ...files })
  const plain = await logs({ 'app.log': LOG })
  const packed = await logs({ 'app.log.1.gz': gzipSync(LOG), 'other.gz': gzipSync(LOG) })
  const facets = { level: true, time: { interval: 'hour' } } as const
  for (const query of ['needle', 'level:>=warn', 'time:2015-07-29T19', 'nothing level:*']) {
    const [expected, actual] = [await plain.search(query, { facets }), await packed.search(query, { facets })]
    const shown = ({ hits }: RankedAnswer): unknown[] =>
      hits.map(({ line, start, end, time, level, snippet }) => [line, start, end, time, level, snippet])
    t.deepEqual([actual.total, shown(actual)], [expected.total, shown(expected)], query)
    t.deepEqual(actual.facets, expected.facets, query)
    t.true(actual.coverage.complete, query)
  }
  t.like((await packed.search('/needle/')).coverage, { complete: false, gaps: ['compressed'] })
  t.true((await packed.search('/needle/ path:*.md')).coverage.complete)
  await packed.update('app.log.1.gz', gzipSync(LOG).subarray(0, -12))
  t.like((await packed.search('needle')).coverage, { complete: false, indexed: 3, ranked: 2 })
  await packed.remove('app.log.1.gz')
  t.deepEqual(paths(await packed.search('needle')), ['notes.md'])
})

test('hits in a log are records with their time and level', async t => {
  const index = await rankedIndex(t, { 'app.log': LOG, 'notes.md': `${LOG}no log\n` })
  const lines = async (query: string, options?: RankedOptions): Promise<number[]> => {
    const { hits } = await index.search(`path:app.log AND (${query})`, options)
    return hits.map(({ line }) => line).toSorted((a, b) => a - b)
  }
  const { hits, total } = await index.search('path:app.log frame')
  t.is(total, 1)
  t.like(hits[0], { line: 2, time: new Date('2015-07-29T18:00:00Z'), level: 'error' })
  t.deepEqual(await lines('*'), [1, 2, 4, 5])
  t.deepEqual(await lines('time:[2015-07-29T18:00 TO 2015-07-29T19:04:12.394]'), [2, 4])
  t.deepEqual(await lines('time:{2015-07-29T18:00:00.000 TO 2015-07-29T19:04:12.394}'), [])
  t.deepEqual(await lines('time:2015-07-29T19'), [4, 5])
  t.deepEqual(await lines('level:>=warn'), [2, 4])
  t.deepEqual(await lines('needle NOT level:*'), [5])
  t.deepEqual(await lines('level:info OR time:>=2015-07-29T19:04:12.395Z'), [1, 5])
  const now = new Date('2015-07-29T19:10:00Z')
  t.deepEqual(await lines('time:>=now-70m', { now }), [2, 4, 5])
  t.deepEqual(await lines('time:>=now-70m'), [])
  const others = (await index.search('path:notes.md needle')).hits
  t.true(others.length > 0 && others.every(({ time, level }) => time === undefined && level === undefined))
  for (const wrong of [new Date(Number.NaN), 0 as unknown as Date])
    await t.throwsAsync(index.search('needle', { now: wrong }), { code: 'QUERN_INVALID_OPTION' })
})

test('a query with a mistake is made the best of, and a note says what was made of it', async t => {
  const index = await rankedIndex(t, CODE)
  const { notes, query, total } = await index.search('é "slab allocator')
  t.deepEqual(notes, [{ start: 3, end: 4, message: 'the quote is not closed: taken as closed at the end' }])
  t.deepEqual([query, total], ['"slab allocator" é', 1])
})

const MISTAKES = [
  '"open',
  '(open',
  'open)',
  '""',
  '()',
  'a AND',
  'OR a',
  'NOT',
  '/open',
  'a~7',
  'field:a',
  'path:',
]

test('a strict query may have no mistake', async t => {
  const index = await rankedIndex(t, CODE)
  for (const query of MISTAKES) {
    t.is((await index.search(query)).notes.length, 1, query)
    const error = await t.throwsAsync<QuernError>(index.search(query, { strict: true }), {
      instanceOf: QuernError,
      code: 'QUERN_INVALID_QUERY',
    })
    t.regex(error?.message ?? '', /: .* \(at \d+ of the query\)$/, query)
  }
})

/** Queries that are refused, strict or not. */
const REFUSED: readonly (readonly [query: string, options: RankedOptions, code: string, message: RegExp])[] =
  [
    ['a lang:klingon', {}, 'QUERN_INVALID_QUERY', /'klingon' is no language.*\(at 2 of the query\)/],
    ['a time:2015-02-30', {}, 'QUERN_INVALID_QUERY', /'2015-02-30' is no time.*\(at 7 of the query\)/],
    ['level:loud', {}, 'QUERN_INVALID_QUERY', /'loud' is no level: use trace/],
    ['time:[now TO now-1h]', {}, 'QUERN_INVALID_QUERY', /ends before it begins/],
    ['path:[', {}, 'QUERN_INVALID_QUERY', /unclosed character class/],
    ['a b c', { maxClauses: 2 }, 'QUERN_INVALID_QUERY', /more than 2 clauses.*maxClauses \(at 4/],
    ['x ((a b) c)', { maxDepth: 1 }, 'QUERN_INVALID_QUERY', /deeper than 1 levels.*maxDepth \(at 3/],
    ['été', { maxQueryBytes: 4 }, 'QUERN_INVALID_QUERY', /more than 4 bytes.*maxQueryBytes/],
    ['x'.repeat(65_537), {}, 'QUERN_INVALID_QUERY', /more than 65536 bytes/],
    ['x '.repeat(1025), {}, 'QUERN_INVALID_QUERY', /more than 1024 clauses/],
    ['x ('.repeat(300), { maxDepth: 1000 }, 'QUERN_INVALID_QUERY', /deeper than 256 levels/],
    ['/(/', {}, 'QUERN_INVALID_PATTERN', /unclosed group/],
    ['/((a{1000}){1000}){1000}/', {}, 'QUERN_PATTERN_TOO_LARGE', /size limit/],
  ]

test('a query that cannot be answered is refused, with the place', async t => {
  const index = await rankedIndex(t, CODE)
  for (const [query, options, code, message] of REFUSED)
    await t.throwsAsync(index.search(query, options), { instanceOf: QuernError, code, message }, query)
})

test('limits hold to the letter', async t => {
  const index = await rankedIndex(t, CODE)
  await t.notThrowsAsync(index.search('a b c', { maxClauses: 3 }))
  await t.notThrowsAsync(index.search('x (a b)', { maxDepth: 2 }))
  await t.notThrowsAsync(index.search('été', { maxQueryBytes: 5 }))
  await t.notThrowsAsync(index.search('x'.repeat(65_536)))
  await t.notThrowsAsync(index.search('x '.repeat(20_000), { maxClauses: 20_000 }))
})

test('options that make no sense are refused', async t => {
  const index = await rankedIndex(t, {})
  const faults: readonly (readonly [options: object, message: RegExp])[] = [
    [{ limits: 5 }, /limits .*no such option.*did you mean limit/],
    [{ limit: -1 }, /limit is -1/],
    [{ limit: 2 ** 32 }, /limit is 4294967296; it should be a number below/],
    [{ offset: 0.5 }, /offset is 0.5/],
    [{ operator: 'AND' }, /operator is "AND"; it should be one of 'any', 'all'/],
    [{ strict: 1 }, /strict is 1; it should be true or false/],
    [{ maxQueryBytes: 'few' }, /maxQueryBytes is "few"/],
    [{ freshness: 'new' }, /freshness is "new"; it should be one of 'snapshot', 'watched', 'verified'/],
  ]
  for (const [options, message] of faults)
    await t.throwsAsync(index.search('x', options), { code: 'QUERN_INVALID_OPTION', message })
  await t.throwsAsync(index.search(undefined as never), {
    code: 'QUERN_INVALID_OPTION',
    message: /^query is undefined; it should be a string/,
  })
  await t.throwsAsync(index.ready('term' as never), {
    code: 'QUERN_INVALID_OPTION',
    message: /^what is "term"; it should be one of 'grep', 'terms'/,
  })
})

test('a pattern of words that stands for too many stands for the most frequent, and the coverage says so', async t => {
  const index = await rankedIndex(t, { 'a.txt': 'also\n', 'b.txt': 'alto\n', 'c.txt': 'Alto\n' })
  for (const query of ['al*', 'alco~']) {
    const cut = await index.search(query, { maxExpansions: 1 })
    t.deepEqual(paths(cut).toSorted(), ['b.txt', 'c.txt'], query)
    t.like(cut.coverage, { complete: false, limit: 'maxExpansions' }, query)
    const all = await index.search(query, { maxExpansions: 2 })
    t.is(all.total, 3, query)
    t.like(all.coverage, { complete: true, limit: undefined }, query)
  }
})

test('before the terms are built an answer says that it lacks them', async t => {
  const index = await indexOf(t, { 'a.txt': 'needle\n', 'b.txt': 'needle\n' })
  const early = await index.search('needle')
  t.is(early.coverage.indexed, 2)
  t.is(early.coverage.complete, early.coverage.ranked === 2)
  t.is(early.total, early.coverage.ranked)
  await index.ready('terms')
  t.like(await index.search('needle'), { total: 2 })
  t.like((await index.search('needle')).coverage, { complete: true, indexed: 2, ranked: 2 })
})

test('whoever only greps gets no terms', async t => {
  const index = await indexOf(t, { 'a.txt': 'needle\n' })
  await index.grep('needle').count()
  await index.ready()
  const { storeBytes } = index.stats()
  await index.ready('terms')
  t.true(index.stats().storeBytes > storeBytes)
})

test('what is given is found at once, and gone when it is removed', async t => {
  const index = await rankedIndex(t, { 'a.txt': 'first words\n' })
  await index.update('a.txt', 'other words\n')
  await index.update('new/b.md', '# Needle\n')
  t.deepEqual(await found(index, 'first'), [])
  t.deepEqual(await found(index, 'other'), ['a.txt'])
  const answer = await index.search('symbol:needle')
  t.deepEqual(paths(answer), ['new/b.md'])
  t.deepEqual(markedParts(answer), ['Needle'])
  t.true(answer.coverage.complete)
  await index.remove('new')
  t.deepEqual(await found(index, 'needle'), [])
  await index.revert('a.txt')
  t.deepEqual(await found(index, 'first'), ['a.txt'])
})

test('what was given before the first search is found too', async t => {
  const index = await indexOf(t, { 'a.txt': 'hay\n' })
  await index.update('b.txt', 'needle\n')
  await index.ready('terms')
  const answer = await index.search('needle')
  t.deepEqual([paths(answer), answer.coverage.complete], [['b.txt'], true])
})

test('ranked answers outlive flush, compaction and closing', async t => {
  const root = folderOf(t, CODE)
  const store = emptyFolder(t)
  const index = await open(root, { store })
  await index.ready('terms')
  await index.update('b.txt', 'slab given\n')
  const before = await found(index, 'slab')
  await index.flush()
  t.deepEqual(await found(index, 'slab'), before)
  await index.compact()
  t.deepEqual(await found(index, 'slab'), before)
  await index.close()
  const again = await open(root, { store, refresh: 'none' })
  t.teardown(() => again.close())
  const answer = await again.search('slab')
  t.deepEqual(paths(answer).toSorted(), before)
  t.true(answer.coverage.complete)
})

test('a file that has changed on disk has no snippet until the next refresh', async t => {
  const root = folderOf(t, {
    'a.txt': passages('needle', 'needle'),
    'b.txt': 'needle\n',
    'c.txt': 'needle\n',
  })
  const index = await open(root, { store: emptyFolder(t) })
  t.teardown(() => index.close())
  await index.ready('terms')
  write(root, { 'a.txt': 'quite another text now\n' })
  rmSync(join(root, 'b.txt'))
  const { hits, total, coverage } = await index.search('needle')
  t.is(total, 4)
  for (const hit of hits) t.is('snippet' in hit, hit.path === 'c.txt', hit.path)
  t.like(coverage, { changed: 2, complete: true })
  await index.refresh()
  const fresh = await index.search('needle')
  t.deepEqual([paths(fresh), fresh.coverage.changed], [['c.txt'], 0])
  t.deepEqual(await found(index, 'another'), ['a.txt'])
})

test('a verified answer has what has just changed, and a watched one needs a watcher', async t => {
  const root = folderOf(t, { 'a.txt': 'needle\n' })
  const index = await open(root, { store: emptyFolder(t) })
  t.teardown(() => index.close())
  await index.ready('terms')
  write(root, { 'b.txt': 'another needle\n' })
  t.like(await index.search('needle'), { total: 1, coverage: { freshness: 'snapshot' } })
  t.like(await index.search('needle', { freshness: 'verified' }), {
    total: 2,
    coverage: { freshness: 'verified', complete: true },
  })
  write(root, { 'c.txt': 'needles\n' })
  const { suggestions, coverage } = await index.suggest('needl', { freshness: 'verified', kinds: ['word'] })
  t.is(coverage.freshness, 'verified')
  t.deepEqual(
    suggestions.map(({ text }) => text),
    ['needle', 'needles'],
  )
  const watched = index.search('needle', { freshness: 'watched' })
  await t.throwsAsync(watched, { code: 'QUERN_INVALID_OPTION', message: /watch\(\)/ })
})

test('globs and types choose files, whatever the query says', async t => {
  const index = await rankedIndex(t, {
    'a.ts': 'needle\n',
    'src/b.ts': 'needle\n\nhay\n',
    'src/c.md': 'needle\n',
    'test/d.ts': 'needle\n',
  })
  const chosen = async (query: string, options: RankedOptions): Promise<string[]> =>
    paths(await index.search(query, { fold: false, ...options })).toSorted()
  t.deepEqual(await chosen('needle', { glob: 'src/**' }), ['src/b.ts', 'src/c.md'])
  t.deepEqual(await chosen('needle', { glob: ['*.ts', '!test/**'] }), ['a.ts', 'src/b.ts'])
  t.deepEqual(await chosen('needle', { iglob: 'SRC/*.MD' }), ['src/c.md'])
  t.deepEqual(await chosen('needle', { type: 'ts', glob: '!a.ts' }), ['src/b.ts', 'test/d.ts'])
  t.deepEqual(await chosen('needle OR *', { typeNot: 'ts' }), ['src/c.md'])
  t.deepEqual(await chosen('needle AND hay', { scope: 'file', glob: 'src/**' }), ['src/b.ts'])
  t.deepEqual(await chosen('-hay', { scope: 'file', type: 'ts' }), ['a.ts', 'test/d.ts'])
  t.deepEqual(await chosen('/^need/', { glob: '/a.ts' }), ['a.ts'])
  const { total, facets } = await index.facets('needle', { folder: true }, { glob: '*.ts' })
  t.deepEqual([total, facets.folder?.values.length], [3, 3])
  t.is((await index.search('nedle', { glob: 'test/**' })).didYouMean, 'needle')
  t.is((await index.search('haj', { glob: 'test/**' })).didYouMean, undefined)
  const refused = index.search('needle', { glob: '{' })
  await t.throwsAsync(refused, { code: 'QUERN_INVALID_OPTION' })
})

test('a file with a NUL has no passages', async t => {
  const index = await rankedIndex(t, { 'a.bin': Buffer.from('needle \0\n'), 'b.txt': 'needle\n' })
  const answer = await index.search('needle')
  t.deepEqual([paths(answer), answer.coverage.complete], [['b.txt'], true])
})

test('a file that cannot be ranked keeps the coverage from being complete', async t => {
  const files: Files = { 'a.txt': `needle ${'x'.repeat(2000)}\n`, 'b.txt': 'needle\n' }
  const index = await indexOf(t, files, { maxLine: '1KB' })
  await index.ready('terms')
  const answer = await index.search('needle')
  t.deepEqual(paths(answer), ['b.txt'])
  t.like(answer.coverage, { complete: false, indexed: 2, ranked: 1 })
})

test('a search can be stopped', async t => {
  const index = await rankedIndex(t, CODE)
  const reason = new Error('enough')
  const aborted = { signal: AbortSignal.abort(reason) }
  const error = await t.throwsAsync<QuernError>(index.search('slab', aborted), { code: 'QUERN_ABORTED' })
  t.is(error?.cause, reason)
  await t.throwsAsync(index.ready('terms', aborted), { code: 'QUERN_ABORTED' })
  await t.throwsAsync(index.search('slab', { timeout: 0 }), { code: 'QUERN_TIMEOUT' })
  t.is((await index.search('slab')).total, 3)
})

test('a closed index says so to whoever searches', async t => {
  const index = await rankedIndex(t, CODE)
  await index.close()
  await t.throwsAsync(index.search('slab'), { code: 'QUERN_CLOSED' })
  await t.throwsAsync(index.ready('terms'), { code: 'QUERN_CLOSED' })
})

test('closing ends a ranking under way', async t => {
  const index = await indexOf(t, { 'a.txt': 'some words on a line\n'.repeat(100_000) })
  const outcome = index.ready('terms').then(
    () => 'done',
    (error: unknown) => (error as QuernError).code,
  )
  await index.close()
  t.true(['done', 'QUERN_CLOSED', 'QUERN_ABORTED'].includes(await outcome))
})

async function twoFolders(t: ExecutionContext): Promise<[string, string]> {
  const folder = emptyFolder(t)
  const [root, store] = [join(folder, 'root'), join(folder, 'store')]
  mkdirSync(root)
  write(root, CODE)
  await (await open(root, { store })).close()
  return [root, store]
}

test('a reader answers from what another process has ranked, even while that writes', async t => {
  const [root, store] = await twoFolders(t)
  const index = await open(root, { store, refresh: 'none' })
  t.teardown(() => index.close())
  const writer = new Child<'ranked'>('./ranking.js', [root, store])
  t.teardown(() => writer.process.kill('SIGKILL'))
  for await (const said of writer.lines) {
    t.is(said, 'ranked')
    await index.ready('terms')
    const answer = await index.search('slab')
    t.deepEqual([answer.total, answer.coverage.complete], [3, true])
    t.is(answer.hits.filter(({ snippet }) => snippet !== undefined).length, 3)
    t.is((await index.search('durable')).total, 0)
    writer.process.kill('SIGKILL')
  }
  await writer.ended
})

test('a reader is told who writes if that process has ranked nothing', async t => {
  const [root, store] = await twoFolders(t)
  const index = await open(root, { store, refresh: 'none' })
  t.teardown(() => index.close())
  const writer = new Child<'changed'>('./holding.js', [root, store])
  t.teardown(() => writer.process.kill('SIGKILL'))
  for await (const said of writer.lines) {
    t.is(said, 'changed')
    const answer = await index.search('slab')
    t.like(answer, { total: 0 })
    t.like(answer.coverage, { complete: false, indexed: 4, ranked: 0 })
    const refused = await t.throwsAsync<QuernError>(index.ready('terms'), { code: 'QUERN_LOCKED' })
    t.is(refused?.pid, writer.process.pid)
    writer.process.kill('SIGKILL')
  }
  await writer.ended
  await index.ready('terms')
  t.is((await index.search('slab')).total, 3)
})

const CODES: ReadonlySet<string> = new Set([
  'QUERN_INVALID_QUERY',
  'QUERN_INVALID_PATTERN',
  'QUERN_PATTERN_TOO_LARGE',
])

/** Asks whatever it is. */
async function ask(t: ExecutionContext, index: Index, query: string, options?: RankedOptions): Promise<void> {
  try {
    const answer = await index.search(query, options)
    t.true(answer.total >= answer.hits.length)
    for (const { snippet } of answer.hits) {
      for (const [start, end] of snippet?.ranges ?? [])
        t.true(start < end && end <= (snippet?.text.length ?? 0), query)
    }
  } catch (error) {
    t.true(error instanceof QuernError && CODES.has(error.code), `${JSON.stringify(query)}: ${String(error)}`)
  }
}

/** Pieces of which queries are made. */
const PIECES = [
  ...'slab alloc kmem_cache_alloc 漢字 é 😀 0xdeadbeef AND OR NOT + - ( ) " / \\ * ~ ~1 ~2 ~9 : [ ] { }'.split(
    ' ',
  ),
  ...'path: lang: symbol: lang:c path:*.md symbol:alloc /a+/ /(/ .* \\b (?s:.)'.split(' '),
  ...'user: user:alice status:>=500 status:[1 TO 500} } status:* http.url: field. field.path:/a* nowhere:<5'.split(
    ' ',
  ),
  ...Array.from({ length: 12 }, () => ' '),
  '\n',
  '\0',
  '\uD800',
]
const queries = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.string({ unit: 'grapheme', maxLength: 40 }),
  fc.array(fc.constantFrom(...PIECES), { maxLength: 30 }).map(pieces => pieces.join('')),
)

const anyOptions = fc.record(
  {
    operator: fc.constantFrom('any', 'all'),
    strict: fc.boolean(),
    mode: fc.constantFrom('query', 'words', 'exact', 'fuzzy', 'regex', 'auto'),
    scope: fc.constantFrom('chunk', 'file'),
  },
  { requiredKeys: [] },
)

/** How many queries are made up: `QUERN_QUERIES`. */
const FUZZED = Number(process.env['QUERN_QUERIES'] ?? 500)

test('no query does harm', async t => {
  const index = await rankedIndex(t, {
    ...CODE,
    'u.md': '漢字 é 😀 été\n',
    'a.log': '{"time":"2015-07-29T17:41:44Z","status":500,"user":"alice","http":{"url":"/"},"path":"/a"}\n',
  })
  await fc.assert(
    fc.asyncProperty(queries, anyOptions, async (query, options) => ask(t, index, query, options)),
    { numRuns: FUZZED },
  )
  t.is((await index.search('slab')).total, 3)
})

test('no long query does harm', async t => {
  const index = await rankedIndex(t, CODE)
  const long = 'x ( ) " - + / \\ * ~ 漢 ((a)_ NOT_ AND_ /a/_ a~2_ path:*_ a_OR_b_AND_ (-(+ "a"_'.split(' ')
  for (const piece of long) {
    const query = piece.replaceAll('_', ' ').repeat(2 ** 20 / piece.length)
    await ask(t, index, query)
    await ask(t, index, query, { maxQueryBytes: '8MB' })
    await ask(t, index, query.slice(0, 2 ** 16 / 4))
  }
  await ask(t, index, Array.from({ length: 10_000 }, (_, number) => `w${number}`).join(' '))
  const many = Array.from({ length: 10_000 }, (_, number) => `w${number}`)
    .concat('slab')
    .join(' ')
  t.is((await index.search(many, { maxClauses: 10_001, maxQueryBytes: '1MB' })).total, 3)
})

test('passages that follow each other are one hit, unless fold is false', async t => {
  const text = `${'needle\n'.repeat(40)}\n${passages('hay', 'needle')}`
  const index = await rankedIndex(t, { 'a.txt': text })
  const all = await index.search('needle', { fold: false })
  const { hits, total } = await index.search('needle')
  t.deepEqual([all.hits.length, all.total, hits.length, total], [3, 3, 2, 3])
  const joined = hits.find(({ line }) => line === 1)
  t.deepEqual([joined?.start, text.slice(0, joined?.end).match(/needle/g)?.length], [0, 40])
  t.true(hits.every(({ snippet }) => snippet?.text.includes('needle')))
})

test('copies of a file are one hit that names them', async t => {
  const index = await rankedIndex(t, {
    'a.txt': 'a needle\n',
    'copies/b.txt': 'a needle\n',
    'copies/c.txt': 'a needle\n',
    'other.txt': 'a needle in hay\n',
  })
  const { hits, total } = await index.search('needle')
  t.is(total, 4)
  t.deepEqual(paths({ hits } as RankedAnswer), ['a.txt', 'other.txt'])
  t.deepEqual(hits[0]?.copies, [
    { path: 'copies/b.txt', line: 1 },
    { path: 'copies/c.txt', line: 1 },
  ])
  t.deepEqual(hits[1]?.copies, [])
  t.is((await index.search('needle', { fold: false })).hits.length, 4)
})

test('a page is full although copies are folded', async t => {
  const files: Record<string, string> = {}
  for (let number = 0; number < 400; number++) files[`copies/${number}.txt`] = 'needle needle needle\n'
  for (let number = 0; number < 20; number++) files[`${number}.txt`] = `needle in hay of number${number}\n`
  const index = await rankedIndex(t, files)
  const { hits, total } = await index.search('needle', { limit: 10 })
  t.deepEqual([hits.length, total], [10, 420])
  t.is(hits[0]?.copies.length, 399)
  const pages = await index.search('needle', { limit: 10, offset: 10 })
  t.is(new Set([...hits, ...pages.hits].map(({ path }) => path)).size, 20)
})

test('marked makes HTML in which the text stays text, or what a terminal wants', async t => {
  const index = await rankedIndex(t, { 'a.log': `<script>alert("needle & 'hay'")</script> <b>needle</b>\n` })
  const { hits } = await index.search('needle')
  const snippet = hits[0]?.snippet
  if (snippet === undefined) return t.fail()
  t.is(
    marked(snippet),
    '&lt;script&gt;alert(&quot;<mark>needle</mark> &amp; &#39;hay&#39;&quot;)&lt;/script&gt; &lt;b&gt;<mark>needle</mark>&lt;/b&gt;',
  )
  t.is(
    marked(snippet, { open: '[', close: ']', escape: 'none' }),
    `<script>alert("[needle] & 'hay'")</script> <b>[needle]</b>`,
  )
  t.throws(() => marked(snippet, { escape: 'xml' as 'html' }), { code: 'QUERN_INVALID_OPTION' })
  t.throws(() => marked(undefined as never), { code: 'QUERN_INVALID_OPTION' })
})

test('with scope file, clauses hold for the file as a whole', async t => {
  const index = await rankedIndex(t, {
    'both.txt': passages('needle', 'hay', 'thread'),
    'needle.txt': 'needle\n',
    'thread.txt': 'thread\n',
  })
  t.is((await index.search('+needle +thread')).total, 0)
  const { hits, total } = await index.search('+needle +thread', { scope: 'file', fold: false })
  t.deepEqual([total, new Set(hits.map(({ path }) => path))], [2, new Set(['both.txt'])])
  t.deepEqual(await found(index, 'needle -thread', { scope: 'file' }), ['needle.txt'])
  await t.throwsAsync(index.search('x', { scope: 'folder' as 'file' }), { code: 'QUERN_INVALID_OPTION' })
})

test('a regular expression in a file that has changed since is not said to be complete', async t => {
  const index = await rankedIndex(t, { 'a.txt': 'needle\n', 'b.txt': 'needle and hay\n' })
  t.true((await index.search('/hay/')).coverage.complete)
  // Nobody has searched this one yet: what is in the cache would be answered as it was indexed.
  write(index.stats().root, { 'a.txt': 'something else, and longer\n' })
  const { total, coverage } = await index.search('/needle/')
  t.deepEqual([total, coverage.complete, coverage.gaps], [1, false, ['changed']])
  t.true((await index.search('needle')).coverage.complete)
})
