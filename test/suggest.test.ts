import test, { type ExecutionContext } from 'ava'
import fc from 'fast-check'
import { type Index, type QuernError, type SuggestOptions, type Suggestions } from 'quern'
import { type Files, indexOf } from './support/tree.js'

const CODE: Files = {
  'src/parse.ts': 'export function parseHeader(line: string) {\n  return parse(line)\n}\n',
  'src/page.c': '#define PARSE_MAX 3\n\nint parse_page(void)\n{\n  return PARSE_MAX;\n}\n',
  'docs/Parsing.md': '# Parsing pages\n\nHow a header is parsed, and how a page is parsed.\n',
}

/** An index of which everything can be suggested. */
async function rankedIndex(t: ExecutionContext, files: Files = CODE): Promise<Index> {
  const index = await indexOf(t, files)
  await index.ready('terms')
  return index
}

function texts({ suggestions }: Suggestions): string[] {
  return suggestions.map(({ text }) => text)
}

test('symbols, words and paths are suggested kind by kind, the most frequent first', async t => {
  const index = await rankedIndex(t)
  const { suggestions, coverage } = await index.suggest('pars')
  t.deepEqual(
    suggestions.map(({ kind, text, count, edits }) => [kind, text, count, edits]),
    [
      ['symbol', 'PARSE_MAX', 1, 0],
      ['symbol', 'parse_page', 1, 0],
      ['symbol', 'parseHeader', 1, 0],
      ['symbol', 'Parsing pages', 1, 0],
      ['word', 'parse', 1, 0],
      ['word', 'parse_max', 1, 0],
      ['word', 'parse_page', 1, 0],
      ['word', 'parsed', 1, 0],
      ['word', 'parseheader', 1, 0],
      ['word', 'parsing', 1, 0],
      ['path', 'docs/Parsing.md', 1, 0],
      ['path', 'src/parse.ts', 1, 0],
    ],
  )
  t.like(coverage, { complete: true, indexed: 3, ranked: 3, changed: 0, limit: undefined })
  t.true(coverage.takenAt instanceof Date)
  t.is(coverage.snapshot, index.stats().snapshot)
})

test('a word counts the passages that have it', async t => {
  const index = await rankedIndex(t, {
    'a.txt': 'needle needle\n',
    'b.txt': 'needle\n',
    'c.txt': 'need needs nest\n',
  })
  const { suggestions } = await index.suggest('NE', { kinds: ['word'] })
  t.deepEqual(
    suggestions.map(({ text, count }) => [text, count]),
    [
      ['needle', 2],
      ['need', 1],
      ['needs', 1],
      ['nest', 1],
    ],
  )
  await index.remove('b.txt')
  t.is((await index.suggest('needl', { kinds: ['word'] })).suggestions[0]?.count, 1)
})

test('kinds come as they are asked for, each up to the limit', async t => {
  const index = await rankedIndex(t)
  t.deepEqual(texts(await index.suggest('src/pa', { kinds: ['word', 'path'] })), [
    'src/page.c',
    'src/parse.ts',
  ])
  const { suggestions } = await index.suggest('pa', { kinds: ['path', 'word', 'path'], limit: 1 })
  t.deepEqual(
    suggestions.map(({ kind }) => kind),
    ['path', 'word'],
  )
  t.deepEqual(texts(await index.suggest('pa', { limit: 0 })), [])
  t.deepEqual(texts(await index.suggest('pa', { kinds: [] })), [])
})

test('what nearly begins so comes behind, by edits', async t => {
  const index = await rankedIndex(t)
  const words = async (text: string, options?: SuggestOptions): Promise<string[]> =>
    texts(await index.suggest(text, { kinds: ['word'], ...options }))
  t.deepEqual(await words('haeder'), ['header'])
  t.deepEqual(await words('haeder', { edits: 0 }), [])
  t.deepEqual(await words('paresdx'), [])
  t.deepEqual(await words('paresdx', { edits: 2 }), ['parsed'])
  t.deepEqual(texts(await index.suggest('praseHaeder', { kinds: ['symbol'] })), ['parseHeader'])
})

test('a limit on what is looked at is told', async t => {
  const files = Object.fromEntries(
    Array.from({ length: 30 }, (_, file): [string, string] => [`${file}.txt`, `word${file * 37} words\n`]),
  )
  const index = await rankedIndex(t, files)
  const cut = await index.suggest('w', { kinds: ['word'], limit: 30, maxVisits: 12 })
  t.like(cut.coverage, { complete: false, limit: 'maxVisits' })
  const whole = await index.suggest('w', { kinds: ['word'], limit: 30 })
  t.is(whole.suggestions.length, 30)
  t.like(whole.coverage, { complete: true, limit: undefined })
  t.deepEqual(texts(whole).slice(0, cut.suggestions.length), texts(cut))
})

test('any text has an answer', async t => {
  const index = await rankedIndex(t)
  const odd = [
    '',
    ' ',
    '*',
    '/',
    '//',
    '\0',
    '\u{D800}',
    '😀',
    '"',
    '(',
    'a'.repeat(2 ** 20),
    '/'.repeat(2 ** 20),
    'é'.repeat(64),
  ]
  for (const text of odd) t.true((await index.suggest(text)).coverage.complete, text.slice(0, 9))
  t.is((await index.suggest('', { kinds: ['word'], limit: 3 })).suggestions.length, 3)
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: 'grapheme', maxLength: 12 }), fc.nat(3), async (text, limit) => {
      const { suggestions, coverage } = await index.suggest(text, { limit })
      t.true(coverage.complete)
      t.true(suggestions.length <= 3 * limit)
      for (const { edits, count } of suggestions) t.true(edits <= 2 && count > 0)
    }),
    { numRuns: 200 },
  )
})

test('what is not as it has to be is refused', async t => {
  const index = await rankedIndex(t)
  const wrong: readonly [unknown, unknown][] = [
    [1, {}],
    ['a', { kinds: 'word' }],
    ['a', { kinds: ['words'] }],
    ['a', { edits: 3 }],
    ['a', { limit: -1 }],
    ['a', { maxVisits: 0.5 }],
    ['a', { fuzzy: true }],
  ]
  for (const [text, options] of wrong) {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what callers without types may do
    const call = index.suggest(text as string, options as SuggestOptions)
    await t.throwsAsync(call, { code: 'QUERN_INVALID_OPTION' }, JSON.stringify(options))
  }
  const reason = new Error('typed on')
  const aborted = { signal: AbortSignal.abort(reason) }
  const error = await t.throwsAsync<QuernError>(index.suggest('a', aborted), { code: 'QUERN_ABORTED' })
  t.is(error?.cause, reason)
  await t.throwsAsync(index.suggest('a', { timeout: 0 }), { code: 'QUERN_TIMEOUT' })
  await index.close()
  await t.throwsAsync(index.suggest('a'), { code: 'QUERN_CLOSED' })
})

test('a search that finds nothing says what may have been meant', async t => {
  const index = await rankedIndex(t)
  const meant = async (query: string): Promise<string | undefined> => {
    const answer = await index.search(query)
    if (answer.didYouMean !== undefined) {
      t.is(answer.total, 0)
      t.true((await index.search(answer.didYouMean)).total > 0)
    }
    return answer.didYouMean
  }
  t.is(await meant('haeder'), 'header')
  t.is(await meant('+haeder +pgae -nothing'), '+header +page -nothing')
  t.is(await meant('symbol:parseHaeder lang:ts'), 'lang:ts symbol:parseHeader')
  t.is(await meant('header'), undefined)
  t.is((await index.search('haeder', { didYouMean: false })).didYouMean, undefined)
  t.is(await meant('qqqqqq'), undefined)
  t.is(await meant('haeder lang:rust'), undefined)
})
