import test, { type ExecutionContext } from 'ava'
import { type Explanation, type Index, type PlanStep, QuernError } from 'quern'
import { quern } from './support/command.js'
import { emptyFolder, type Files, folderOf, indexOf } from './support/tree.js'

const TREE: Files = {
  'a.c': 'int slab_alloc(void);\n',
  'b.md': 'the slab allocator, and the slabs it allocates\n',
  'c.md': 'a lock\n',
}

async function rankedIndex(t: ExecutionContext, files: Files = TREE): Promise<Index> {
  const index = await indexOf(t, files)
  await index.ready('terms')
  return index
}

function brief({ kind, clause, chunks, all, any, none }: PlanStep): unknown {
  const parts = { all: all.map(brief), any: any.map(brief), none: none.map(brief) }
  return kind === 'group' ? parts : [kind, clause, chunks]
}

function advice({ advice: given }: Explanation): (readonly [string, string | undefined])[] {
  return given.map(({ message, query }) => [message, query] as const)
}

test('a plan says what each clause stands for, the most selective first', async t => {
  const index = await rankedIndex(t)
  const { query, plan, total, phases, runs, coverage } = await index.explain(
    '+slab +lang:c alloc* -"the slab" -/l.ck/',
  )
  t.is(query, '+slab lang:c alloc* -"the slab" -/l.ck/')
  t.is(total, 1)
  t.deepEqual(plan === undefined ? undefined : brief(plan), {
    all: [
      ['filter', 'lang:c', 1],
      ['words', 'slab', 3],
    ],
    any: [['words', 'alloc*', 3]],
    none: [
      ['phrase', '"the slab"', 1],
      // Of what is written in C.
      ['filter', '/l.ck/', 0],
    ],
  })
  t.deepEqual(plan?.any[0]?.words, ['alloc', 'allocates', 'allocator'])
  t.deepEqual(plan?.none[0]?.words, ['the', 'slab'])
  t.true((plan?.postings ?? 0) >= (plan?.any[0]?.postings ?? 0) && (plan?.any[0]?.postings ?? 0) >= 3)
  t.true((plan?.weight ?? 0) > 0)
  t.true(runs >= 1 && coverage.complete)
  t.deepEqual(Object.keys(phases), ['parse', 'plan', 'postings', 'rank', 'snippet'])
  t.true(Object.values(phases).every(time => time >= 0))
})

test('a clause is shown as it was written, also behind characters of several bytes', async t => {
  const index = await rankedIndex(t)
  const { plan } = await index.explain('été 😀 SLAB')
  t.deepEqual(
    plan?.any.map(({ kind, clause }) => [kind, clause]),
    [
      ['words', 'été'],
      ['nothing', '😀'],
      ['words', 'SLAB'],
    ],
  )
  t.is((await index.explain('')).plan, undefined)
  t.is((await index.explain('*')).plan?.kind, 'everything')
})

test('advice says what is in vain, and what could be asked instead', async t => {
  const index = await rankedIndex(t)
  const told = async (query: string): Promise<unknown> => advice(await index.explain(query))
  t.deepEqual(await told('slab lock'), [])
  t.deepEqual(await told('slab nowhere'), [['nowhere is nowhere', 'slab']])
  t.deepEqual(await told('+slab +nowhere lock'), [['nowhere is required, and nowhere', '+slab lock']])
  t.deepEqual(await told('slab -nowhere'), [['nowhere is nowhere: to exclude it changes nothing', 'slab']])
  t.deepEqual(await told('nowhere'), [['nowhere is nowhere', undefined]])
  t.deepEqual(await told('slab lock slab'), [['slab is there twice', 'slab lock']])
  t.deepEqual(await told('+slabs +sla* lock'), [['where slabs is, sla* is, too', '+slabs lock']])
  t.deepEqual(await told('slab (lock OR (nowhere AND lock))'), [
    ['nowhere is required, and nowhere', 'slab lock (+lock)'],
  ])
  t.deepEqual(await told('slab ->'), [
    ['\\-> has neither letters nor digits; signs are found by a regular expression in slashes', undefined],
  ])
  t.deepEqual(await told('/l.c/'), [
    ['/l.c/ reads every file: three characters in a row that every match has would narrow it', undefined],
  ])
})

test('words that stand for too many others are told', async t => {
  const words = Array.from({ length: 100 }, (_, number) => `w${String(number).padStart(2, '0')}`)
  const index = await rankedIndex(t, { 'a.txt': `${words.join('\n')}\n` })
  t.deepEqual(advice(await index.explain('w*', { maxExpansions: 10 })), [
    ['w* stands for more words than are searched for; with more letters it is complete', undefined],
  ])
  t.deepEqual(advice(await index.explain('w00~2')), [
    ['w00~2 stands for 100 words; w00~1 costs less', 'w00~1'],
  ])
})

test('explaining refuses what searching refuses', async t => {
  const index = await rankedIndex(t)
  const error = await t.throwsAsync(index.explain('"open', { strict: true }), { instanceOf: QuernError })
  t.is(error?.code, 'QUERN_INVALID_QUERY')
})

test('quern explain shows the plan, the times and the advice', t => {
  const around = { cwd: folderOf(t, TREE), stores: emptyFolder(t) }
  const { status, out, err } = quern(['explain', '+slab alloc* "slab'], around)
  t.deepEqual([status, err], [0, ''])
  t.regex(out, /^\+slab "slab" alloc\*\n/)
  t.regex(out, /\n {4}must slab: at most 3 passages, \d+ postings\n/)
  t.regex(out, /\n {4}may alloc\* = alloc, allocates, allocator: at most 3 passages, \d+ postings\n/)
  t.regex(out, /\n1 passage in 1 run: parse \d.*, plan .*, postings .*, rank .*, snippet .*\n/)
  t.regex(out, /\n {2}the quote is not closed/)
  const json = JSON.parse(quern(['explain', '--json', 'nowhere'], around).out) as Explanation
  t.deepEqual(advice(json), [['nowhere is nowhere', undefined]])
  t.regex(quern(['explain', '--help'], around).out, /^Usage: quern explain/)
  t.is(quern(['explain'], around).status, 2)
})

test('with scope file, what is excluded is no reason for advice', async t => {
  const index = await rankedIndex(t)
  const explained = await index.explain('+slab -path:logs/ -lock', { scope: 'file' })
  t.deepEqual(advice(explained), [])
})
