import test, { type ExecutionContext } from 'ava'
import { type Index, type RankedOptions } from 'quern'
import { quern } from './support/command.js'
import { emptyFolder, type Files, folderOf, indexOf } from './support/tree.js'

const TREE: Files = {
  'a.c': 'static int first(struct page *page)\n{\n  return page->flags;\n}\n',
  'b.c': 'static int second(struct page *page)\n{\n  return flags(page);\n}\n',
  'c.md': 'The flags of a page. Fixes: nothing AND everything\n',
}

async function rankedIndex(t: ExecutionContext): Promise<Index> {
  const index = await indexOf(t, TREE)
  await index.ready('terms')
  return index
}

async function asked(index: Index, text: string, mode: RankedOptions['mode']): Promise<unknown[]> {
  const { hits, mode: taken } = await index.search(text, { mode })
  return [taken.used, ...hits.map(({ path }) => path).toSorted()]
}

test('each mode can be asked for by name', async t => {
  const index = await rankedIndex(t)
  t.deepEqual(await asked(index, 'page->flags', 'exact'), ['exact', 'a.c'])
  t.deepEqual(await asked(index, 'Page->flags', 'exact'), ['exact'])
  t.deepEqual(await asked(index, 'nothing AND everything', 'exact'), ['exact', 'c.md'])
  t.deepEqual(await asked(index, '+first -second', 'words'), ['words', 'a.c', 'b.c'])
  t.deepEqual(await asked(index, '+first -second', 'query'), ['query', 'a.c'])
  t.deepEqual(await asked(index, 'frist', 'fuzzy'), ['fuzzy', 'a.c'])
  t.deepEqual(await asked(index, 'sevond ab', 'fuzzy'), ['fuzzy', 'b.c'])
  t.deepEqual(await asked(index, 'return \\w+-', 'regex'), ['regex', 'a.c'])
  t.deepEqual(await asked(index, '->', 'words'), ['words'])
  t.deepEqual(await asked(index, 'page->flags;\n}', 'exact'), ['exact', 'a.c'])
  t.deepEqual(await asked(index, ' page->flags ', 'auto'), ['exact', 'a.c'])
  t.deepEqual(await asked(index, ' ', 'exact'), ['exact'])
  const { hits, mode } = await index.search('return', { mode: 'exact' })
  t.true(hits.length === 2 && hits.every(({ score }) => score > 0))
  t.is(mode.why, undefined)
})

test('auto chooses by the shape of the text, and says why', async t => {
  const index = await rankedIndex(t)
  const chosen = async (text: string): Promise<readonly unknown[]> => {
    const { mode } = await index.search(text, { mode: 'auto' })
    return [mode.used, mode.why]
  }
  const query = ['query', 'it uses the query language']
  const regex = ['regex', 'it reads like a regular expression']
  const exact = ['exact', 'it has signs that words do not have']
  const words = ['words', 'it is words']
  t.deepEqual(await chosen('flags page'), words)
  t.deepEqual(await chosen('The flags, of a page.'), words)
  t.deepEqual(await chosen('flags -page'), query)
  t.deepEqual(await chosen('"flags of" page'), query)
  t.deepEqual(await chosen('path:a.c flags'), query)
  t.deepEqual(await chosen('fla*'), query)
  t.deepEqual(await chosen('page->flags'), exact)
  t.deepEqual(await chosen('flags(page)'), exact)
  t.deepEqual(await chosen('return \\w+'), regex)
  t.deepEqual(await chosen('^static'), regex)
  t.deepEqual(await chosen('a.*('), exact)
  t.deepEqual(await chosen('frist flgas'), [
    'fuzzy',
    'no passage has its words, so misspelt ones were looked for',
  ])
  t.deepEqual(await chosen(''), words)
  const { plan, mode } = await index.explain('frist', { mode: 'auto' })
  t.deepEqual([plan?.words, mode.used], [['first'], 'fuzzy'])
})

test('a mode that there is not is refused, and so is text beyond the limit', async t => {
  const index = await rankedIndex(t)
  await t.throwsAsync(index.search('x', { mode: 'vector' as 'auto' }), { code: 'QUERN_INVALID_OPTION' })
  for (const mode of ['auto', 'words', 'exact', 'fuzzy', 'regex', 'query'] as const) {
    const long = index.search('word '.repeat(100), { mode, maxQueryBytes: 100 })
    await t.throwsAsync(long, { code: 'QUERN_INVALID_QUERY', message: /100 bytes/ }, mode)
  }
  const many = index.search('misspelt '.repeat(20), { mode: 'fuzzy', maxClauses: 10 })
  await t.throwsAsync(many, { code: 'QUERN_INVALID_QUERY' })
  await t.throwsAsync(index.search('(', { mode: 'regex' }), { code: 'QUERN_INVALID_PATTERN' })
})

test('--mode says what the text is, and auto what it was taken for', t => {
  const around = { cwd: folderOf(t, TREE), stores: emptyFolder(t) }
  const { out, err } = quern(['search', '--mode=auto', '-n1', 'page->flags'], around)
  t.regex(out, /^a\.c:1 /)
  t.regex(err, /taken as exact: it has signs that words do not have/)
  t.is(quern(['search', '--mode', 'words', '-n1', '+first -second'], around).err, '')
  t.regex(quern(['explain', '--mode=regex', 'fl.gs'], around).out, /^\/fl\.gs\/\n/)
  const wrong = quern(['search', '--mode=vector', 'x'], around)
  t.is(wrong.status, 2)
  t.regex(wrong.err, /--mode: 'vector' is not one of query, words, exact, fuzzy, regex, auto/)
})
