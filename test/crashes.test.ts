/**
 * Processes that are killed while they change an index. `QUERN_KILLS` says how many, `QUERN_SEED` from which seed.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { type Freshness, type Index, open } from 'quern'
import { Child } from './support/child.js'
import { Random } from './support/random.js'
import { FILES, GONE, type Said, type Texts } from './support/said.js'
import { emptyFolder } from './support/tree.js'

const KILLS = Number(process.env['QUERN_KILLS'] ?? 15)
const SEED = Number(process.env['QUERN_SEED'] ?? 0)

/** What an index should hold: as its last acknowledged commit, and as the one that had begun. */
interface Books {
  durable: Texts
  inFlight: Texts | undefined
}

/** Reads what a process says, until so many lines have come; then kills it after a moment. */
async function killed(child: Child<Said>, lines: number, spin: number, before: Texts): Promise<Books> {
  const books: Books = { durable: before, inFlight: undefined }
  let applied = before
  let pending: Said = {}
  let left = lines
  for await (const said of child.lines) {
    if (said.begin === 'durable') books.inFlight = applied
    if (said.done && pending.begin === 'durable') {
      books.durable = applied
      books.inFlight = undefined
    }
    if (said.done && pending.files !== undefined) applied = changed(applied, pending.files)
    pending = said
    left -= 1
    if (left === 0) {
      for (let turn = 0; turn < spin; turn++) performance.now()
      child.process.kill('SIGKILL')
    }
  }
  const ended = await child.ended
  if (ended !== 'SIGKILL') throw new Error(`the process ended by itself: ${ended}`)
  return books
}

function changed(texts: Texts, files: Readonly<Record<string, string | null>>): Texts {
  const next = { ...texts, ...files }
  for (const [path, text] of Object.entries(files)) if (text === GONE) delete next[path]
  return next
}

async function answer(index: Index, freshness: Freshness): Promise<Record<string, string>> {
  const matches = await index.grep('.', { freshness }).toArray()
  return Object.fromEntries(matches.map(({ path, text }) => [path, text]))
}

function expected(root: string, texts: Texts): Record<string, string> {
  const text = ([path, given]: [string, string | null | undefined]): [string, string] => [
    path,
    given ?? readFileSync(join(root, path), 'utf8'),
  ]
  return Object.fromEntries(Object.entries(texts).map(text))
}

/** Opens what a killed process left. Gives what it holds: the next process goes on from there. */
async function reopened(
  t: ExecutionContext,
  root: string,
  store: string,
  books: Books,
  round: string,
): Promise<Texts> {
  const index = await open(root, { store, refresh: 'none' })
  const found = await answer(index, 'snapshot')
  const states = [books.durable, books.inFlight ?? books.durable]
  const isFound = (texts: Texts): boolean => sorted(found) === sorted(expected(root, texts))
  const state = states.find(isFound)
  if (state === undefined) {
    t.deepEqual(found, expected(root, books.durable), `${round}: neither durable nor in flight`)
    throw new Error(round)
  }
  t.deepEqual(await answer(index, 'verified'), expected(root, state), round)
  t.deepEqual((await index.check()).faults, [], round)
  await index.close()
  return state
}

function sorted(texts: Record<string, string>): string {
  return JSON.stringify(Object.entries(texts).toSorted())
}

test('nothing that was acknowledged is lost when the process is killed', async t => {
  const random = new Random(SEED)
  const folder = emptyFolder(t)
  const [root, store] = [join(folder, 'root'), join(folder, 'store')]
  mkdirSync(root)
  let state: Texts = {}
  for (let number = 0; number < FILES; number++) {
    writeFileSync(join(root, `disk-${number}.txt`), 'on disk')
    state[`disk-${number}.txt`] = null
  }
  for (let kill = 0; kill < KILLS; kill++) {
    const child = new Child<Said>('./crashing.js', [root, store, SEED + kill])
    t.teardown(() => child.process.kill('SIGKILL'))
    const [lines, spin] = [1 + random.below(100), random.below(20_000)]
    const books = await killed(child, lines, spin, state)
    state = await reopened(t, root, store, books, `seed ${SEED}, kill ${kill}`)
  }
})
