import { appendFileSync, mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import test, { type ExecutionContext } from 'ava'
import { open, type RankedAnswer } from 'quern'
import { quern, type Surroundings } from './support/command.js'
import { emptyFolder, type Files, folderOf, write } from './support/tree.js'

const TREE: Files = {
  'a.txt': 'needle needle\n',
  'long.txt': 'one needle in a longer line of hay\n',
  'sub/b.c': 'int needle_size(void)\n{\n  return 1;\n}\n',
  'sub/deep/c.md': '# Hay\n\nA needle and a haystack.\n',
}

function surroundings(t: ExecutionContext, files: Files = TREE): Surroundings {
  return { cwd: folderOf(t, files), stores: emptyFolder(t) }
}

function storesIn({ stores }: Surroundings): number {
  return readdirSync(stores).filter(name => !name.startsWith('.')).length
}

/** The answer to `quern search --json`. */
function asked(args: readonly string[], around: Surroundings): RankedAnswer {
  return JSON.parse(quern(['search', '--json', ...args], around).out) as RankedAnswer
}

function paths(args: readonly string[], around: Surroundings): string[] {
  return asked(args, around)
    .hits.map(({ path }) => path)
    .toSorted()
}

test('passages come with path, line and score, the best first, and then how many there are', t => {
  const { status, out, err } = quern(['search', 'needle haystack'], surroundings(t))
  t.deepEqual([status, err], [0, ''])
  t.regex(out, /^sub\/deep\/c\.md:1 {2}\d+\.\d\d\n {4}# Hay\n {4}\n {4}A needle and a haystack\.\n\n/)
  t.regex(out, /^a\.txt:1 {2}\d+\.\d\d\n {4}needle needle\n\n/m)
  t.regex(out, /\n4 passages\n$/)
})

test('records of logs come with their time and level', t => {
  const around = surroundings(t, {
    'a.log': '2015-07-29 17:41:44,747 - WARN  needle\n2015-07-29 17:41:45 hay\n',
  })
  const { status, out, err } = quern(['search', 'level:warn time:2015-07-29T17 needle'], around)
  t.deepEqual([status, err], [0, ''])
  t.regex(
    out,
    /^a\.log:1 {2}\d+\.\d\d {2}2015-07-29T17:41:44\.747Z {2}warn\n {4}2015-07-29 17:41:44,747 - WARN/,
  )
  t.regex(quern(['search', 'hay'], around).out, /^a\.log:2 {2}\d+\.\d\d {2}2015-07-29T17:41:45\.000Z\n/)
})

test('nothing found ends with 1', t => {
  const around = surroundings(t)
  t.deepEqual(quern(['search', 'no_such_word'], around), { status: 1, out: '0 passages\n', err: '' })
  t.deepEqual(quern(['search', ''], around), { status: 1, out: '0 passages\n', err: '' })
})

test('--json gives what the API gives', t => {
  const { hits, total, query, notes, coverage } = asked(['needle', '-n', '1'], surroundings(t))
  t.deepEqual([hits.length, total, query, notes], [1, 4, 'needle', []])
  t.deepEqual(Object.keys(hits[0] ?? {}).toSorted(), [
    'copies',
    'end',
    'line',
    'path',
    'score',
    'snippet',
    'start',
  ])
  t.like(coverage, { complete: true, indexed: 4, ranked: 4, changed: 0 })
})

test('--limit and --offset page through the passages', t => {
  const around = surroundings(t)
  const all = asked(['needle'], around).hits
  t.is(all.length, 4)
  t.deepEqual(asked(['needle', '--limit=3'], around).hits, all.slice(0, 3))
  t.deepEqual(asked(['needle', '--limit', '3', '--offset=3'], around).hits, all.slice(3))
  t.regex(quern(['search', '-n2', 'needle'], around).out, /\n2 of 4 passages\n$/)
  t.deepEqual(quern(['search', '-n0', 'needle'], around), { status: 0, out: '0 of 4 passages\n', err: '' })
})

test('--all requires every word', t => {
  const around = surroundings(t)
  t.is(asked(['needle haystack'], around).total, 4)
  t.deepEqual(paths(['--all', 'needle haystack'], around), ['sub/deep/c.md'])
})

test('notes go to standard error; --strict refuses instead', t => {
  const around = surroundings(t)
  const forgiven = quern(['search', '"a needle'], around)
  t.is(forgiven.status, 0)
  t.is(forgiven.err, 'quern: the quote is not closed: taken as closed at the end\n')
  t.regex(forgiven.out, /\n1 passage\n$/)
  const refused = quern(['search', '--strict', '"a needle'], around)
  t.deepEqual([refused.status, refused.out], [2, ''])
  t.regex(refused.err, /^quern: the quote is not closed: add a ".*\(at 0 of the query\)\n$/)
})

test('--color marks path, line and what was found', t => {
  const around = surroundings(t, { 'a.txt': 'é needle\n' })
  const { out } = quern(['search', '--color=always', 'needle'], around)
  const shown = Buffer.from(out, 'latin1').toString()
  t.true(shown.startsWith('\u001B[35ma.txt\u001B[0m:\u001B[32m1\u001B[0m  '))
  t.true(shown.includes('    é \u001B[1m\u001B[31mneedle\u001B[0m\n'))
  for (const args of [['--color=never'], ['--color=auto'], []])
    t.false(quern(['search', 'needle', ...args], around).out.includes('\u001B'), args.join(' '))
})

test('a command line that makes no sense ends with 2, and nothing is indexed for it', t => {
  const around = surroundings(t)
  const faults: readonly (readonly [args: readonly string[], message: RegExp])[] = [
    [[], /missing: quern search QUERY \[FOLDER\]/],
    [['needle', 'sub', 'sub/deep'], /'sub\/deep' was given too; put quotes around the query/],
    [['needle', 'nowhere'], /'nowhere' is not a folder/],
    [['needle', 'a.txt'], /'a\.txt' is not a folder/],
    [['needle', '--limit=few'], /--limit: 'few' is not a number/],
    [['needle', '--offset', '1.5'], /--offset: '1\.5' is not a number/],
    [['needle', '--color=red'], /--color: 'red' is not one of/],
    [['needle', '--json', '--color=red'], /--color: 'red' is not one of/],
    [['needle', '--fuzzy'], /--fuzzy/],
  ]
  for (const [args, message] of faults) {
    const { status, out, err } = quern(['search', ...args], around)
    t.deepEqual([status, out], [2, ''], args.join(' '))
    t.regex(err, message)
    t.notRegex(err, /\n\s+at /, args.join(' '))
  }
  t.is(storesIn(around), 0)
})

test('a query that is refused ends with 2 and says where', t => {
  const around = surroundings(t)
  for (const [query = '', message = /./] of [
    ['needle lang:klingon', /^quern: 'klingon' is no language.*\(at 7 of the query\)\n$/],
    ['/(/', /unclosed group/],
  ] as const) {
    for (const folder of ['.', 'sub']) {
      const { status, out, err } = quern(['search', query, folder], around)
      t.deepEqual([status, out], [2, ''], query)
      t.regex(err, message, query)
    }
  }
})

test('an edit a moment later is found', t => {
  const around = surroundings(t)
  t.is(asked(['needle'], around).total, 4)
  write(around.cwd, { 'new.txt': 'needle\n', 'a.txt': 'hay\n' })
  t.deepEqual(paths(['needle'], around), ['long.txt', 'new.txt', 'sub/b.c', 'sub/deep/c.md'])
})

test('of a folder below an indexed one, only its passages are shown, by the index above', t => {
  const around = surroundings(t)
  quern(['index'], around)
  t.deepEqual(paths(['needle', 'sub'], around), ['sub/b.c', 'sub/deep/c.md'])
  t.deepEqual(paths(['needle', './sub/deep/'], around), ['sub/deep/c.md'])
  t.deepEqual(paths(['needle', join(around.cwd, 'sub/deep')], around), [
    join(around.cwd, 'sub/deep/c.md').replaceAll('\\', '/'),
  ])
  t.is(storesIn(around), 1)
})

test('paths are those that can be opened from where the command runs', t => {
  const around = surroundings(t)
  const without = paths(['needle', 'sub'], around)
  t.deepEqual(without, ['sub/b.c', 'sub/deep/c.md'])
  const inside = { ...around, cwd: join(around.cwd, 'sub') }
  t.deepEqual(paths(['needle'], inside), ['b.c', 'deep/c.md'])
  quern(['index'], around)
  t.deepEqual(paths(['needle', 'deep'], inside), ['deep/c.md'])
  t.deepEqual(paths(['needle', '..'], inside), ['../a.txt', '../long.txt', '../sub/b.c', '../sub/deep/c.md'])
})

test('no query looks beyond the folder', t => {
  const around = surroundings(t)
  quern(['index'], around)
  const queries = [
    'needle',
    '"needle',
    '(needle',
    'needle) OR (needle',
    'needle OR hay',
    '*',
    '-hay',
    'needle\\',
  ]
  queries.push('/needle', '/needle/', 'NOT', 'hay AND', 'needle "')
  for (const query of queries) {
    for (const path of paths(['--', query, 'sub'], around))
      t.true(path.startsWith('sub/'), `${query}: ${path}`)
  }
  t.is(asked(['(needle', 'sub'], around).total, 2)
  t.is(asked(['--', '-hay', 'sub'], around).total, 1)
  t.is(asked(['', 'sub'], around).total, 0)
  t.is(asked(['needle OR haystack', 'sub', '--all'], around).total, 2)
})

test('what a folder does not have is taken for misspelt there, whatever others have', t => {
  const around = surroundings(t, { 'sub/a.txt': 'needle in hay\n', 'b.txt': 'nedle\n' })
  quern(['index'], around)
  const { hits, mode } = asked(['--mode=auto', 'nedle', 'sub'], around)
  t.deepEqual([hits.map(({ path }) => path), mode.used], [['sub/a.txt'], 'fuzzy'])
  t.is(asked(['nedle', 'sub'], around).didYouMean, undefined)
  t.is(asked(['haj', 'sub'], around).didYouMean, 'hay')
  t.is(asked(['--mode=auto', 'nedle'], around).mode.used, 'words')
})

test('limits count for the query, not for what the command adds', t => {
  const around = surroundings(t)
  quern(['index'], around)
  t.is(asked(['needle '.repeat(1024), 'sub'], around).total, 2)
  const deep = `${'(hay '.repeat(63)}needle${')'.repeat(63)}`
  t.is(asked([deep, 'sub'], around).total, 2)
})

test('a folder may be called anything', t => {
  const names = ['[ab]', 'a{b,c}', '!not', '#tag', ' space', "q'uote", 'é漢']
  if (process.platform !== 'win32')
    names.push('a*', 'gap ', 'w?y', 'back\\slash', 'dou"ble', 'new\nline', '\\', 'end\\')
  const around = surroundings(t, { 'a/x.txt': 'needle\n', 'abc/x.txt': 'needle\n' })
  for (const name of names) {
    mkdirSync(join(around.cwd, name))
    appendFileSync(join(around.cwd, name, 'x.txt'), 'needle\n')
  }
  quern(['index'], around)
  for (const name of names) {
    const { out } = quern(['search', '--json', 'needle', name], around)
    const { hits } = JSON.parse(Buffer.from(out, 'latin1').toString()) as RankedAnswer
    t.deepEqual(
      hits.map(({ path }) => path),
      [`${name}/x.txt`],
    )
  }
  t.is(storesIn(around), 1)
})

test('a folder that the index above leaves out is indexed by itself', t => {
  const around = surroundings(t, { ...TREE, '.hidden/h.txt': 'needle\n' })
  quern(['index'], around)
  t.deepEqual(paths(['needle', '.hidden'], around), ['.hidden/h.txt'])
  t.is(storesIn(around), 2)
})

test('--store puts the index there', t => {
  const around = surroundings(t)
  const store = join(emptyFolder(t), 'here')
  t.deepEqual(paths(['needle', 'sub', '--store', store], around), ['sub/b.c', 'sub/deep/c.md'])
  t.is(storesIn(around), 0)
})

test('--help teaches', t => {
  const { status, out, err } = quern(['search', '--help'], surroundings(t))
  t.deepEqual([status, err], [0, ''])
  for (const part of ['Usage: quern search', '--limit=NUM', 'symbol:NAME', '--strict'])
    t.true(out.includes(part), part)
  t.regex(quern(['--help'], surroundings(t)).out, /search QUERY \[PATH\]/)
})

test('the examples of --help say what they do', t => {
  const around = surroundings(t, {
    'slab.c':
      'void alloc_page(void)\n{\n  slab allocator race cache memory leak 0x1234abcd register allocate\n}\n',
    'test/a.txt': 'memory leak\n',
    'test.txt': 'memory leak\n',
  })
  const examples = [
    ...quern(['search', '--help'], around).out.matchAll(/^ {2}quern search (--all )?'([^']*)'/gm),
  ]
  t.true(examples.length >= 6)
  for (const [line, all, query = ''] of examples) {
    const found = paths([...(all === undefined ? [] : ['--all']), '--strict', query], around)
    t.deepEqual(found, query.includes('-path:') ? ['slab.c', 'test.txt'] : ['slab.c'], line)
  }
})

test('while another process writes, what is ranked so far is searched, and the last line says how much', async t => {
  const around = surroundings(t, { 'a.txt': 'needle\n' })
  const store = join(emptyFolder(t), 'store')
  const writer = await open(around.cwd, { store, flushAfter: 1e9 })
  t.teardown(() => writer.close())
  await writer.update('given.txt', 'needle\n')
  const { status, out, err } = quern(['search', 'needle', `--store=${store}`], around)
  t.deepEqual([status, out, err], [1, '0 passages; 0 of 1 file searched\n', ''])
})

test('the last line says what was not searched, and what was left out', t => {
  const packed = gzipSync('2015-07-29 17:41:44 INFO a needle\n')
  const words = Array.from({ length: 300 }, (_, number) => `hay${number}`).join('\n')
  const around = surroundings(t, { 'app.log.1.gz': packed, 'hay.txt': words })
  const last = (...args: string[]): string | undefined => quern(args, around).out.trimEnd().split('\n').at(-1)
  t.is(last('search', 'needle'), '1 passage')
  const missing = '0 passages; compressed logs were not searched for the regular expression'
  t.is(last('search', '/needle/'), missing)
  t.is(last('search', '/needle/ path:*.txt'), '0 passages')
  t.regex(last('search', 'hay*') ?? '', / passages; only the most frequent words were looked for/)
  t.regex(quern(['explain', '/needle/'], around).out, / {2}compressed logs were not searched/)
})
