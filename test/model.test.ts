/**
 * An index against a model of it. Lives of random steps: edits, changes that are made known, rules, commits, other openings of the
 * store. After each step the answers are those of the model. `QUERN_STEPS` says how many steps there are, `QUERN_SEED` from which
 * seed; a failure names the seed that begins with it.
 */
import { deepStrictEqual as same } from 'node:assert'
import { appendFileSync, existsSync, mkdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { inspect } from 'node:util'
import test from 'ava'
import fc from 'fast-check'
import { type Freshness, type Index, type OpenOptions, open, QuernError } from 'quern'
import { Model, rowsOf, type State, type Told } from './support/model.js'
import { emptyFolder, inMemory } from './support/tree.js'

const STEPS = Number(process.env['QUERN_STEPS'] ?? 600)
const SEED = Number(process.env['QUERN_SEED'] ?? 1)

/** What a life begins with. */
const FIRST = {
  'a.txt': 'a needle here\n',
  'c.log': 'gamma ray 101\nthe end',
  'sub/a.txt': 'Gamma ray 102\n',
  'sub/deep/b.txt': 'a needle here\na beetle here\n',
  'other/build/b.txt': 'x\n',
}
/** So many folders are written ahead: the times of files that are not young prove something. */
const AHEAD = 40

const FOLDERS = ['sub', 'sub/deep', 'other', 'build', 'other/build']
const NAMES = ['a.txt', 'b.txt', 'c.log']
const FILES = [
  ...['', ...FOLDERS.map(folder => `${folder}/`)].flatMap(folder => NAMES.map(name => folder + name)),
  'build',
  'sub/deep',
]
const RULES = ['.ignore', '.gitignore', 'sub/.ignore', 'sub/.gitignore', 'other/.rgignore']
const RULE_LINES = ['*.log', 'b.txt', '/a.txt', 'build/', 'deep', 'sub/deep', '!c.log', '!b.txt', '!deep/']

/** Some of the same length; in one of two places a line is hard to tell from another by its grams. */
const LINES = [
  'a needle here',
  'a beetle here',
  'gamma ray 101',
  'Gamma ray 102',
  'the end',
  'x',
  '',
  'tschüß, needle',
]
/** Stands for so many lines that a file has more than one block. */
const FILLER = '...'
const FILLED = `${`${'nothing else '.repeat(100)}\n`.repeat(14)}more`
const PATTERNS = ['^', 'needle', 'be.tle|[0-9]{3}', '^[Gg]amma', 'x$', 'absent', 'end']

const MIB = 2 ** 20
/** From this size on a file that grows is indexed by what is new. */
const LARGE = `${`${'all work and no play '.repeat(200)}\n`.repeat(Math.ceil(MIB / 4201))}a needle here\n`

type Step =
  | { readonly do: 'write' | 'append'; readonly path: string; readonly text: string }
  | { readonly do: 'delete'; readonly path: string }
  | { readonly do: 'rename'; readonly from: string; readonly to: string }
  | { readonly do: 'grow'; readonly text: string }
  | { readonly do: 'tell' | 'tell another'; readonly changes: readonly Told[] }
  | { readonly do: 'revert'; readonly path: string }
  | { readonly do: 'reopen'; readonly refresh: 'wait' | 'none' }
  | { readonly do: 'refresh' | 'flush' | 'compact' | 'read' | 'elsewhere' }

const file = fc.constantFrom(...FILES)
const place = fc.oneof(
  { weight: 4, arbitrary: file },
  { weight: 2, arbitrary: fc.constantFrom(...FOLDERS) },
  { weight: 1, arbitrary: fc.constantFrom(...RULES) },
)
const lines = fc.array(
  fc.oneof(
    { weight: 30, arbitrary: fc.constantFrom(...LINES) },
    { weight: 1, arbitrary: fc.constant(FILLER) },
  ),
  { maxLength: 4 },
)
const text = fc.tuple(lines, fc.constantFrom('', '\n')).map(([all, end]) => all.join('\n') + end)
const told: fc.Arbitrary<Told> = fc.oneof(
  { weight: 2, arbitrary: fc.record({ path: fc.oneof(file, place), content: text }) },
  { weight: 2, arbitrary: fc.record({ path: place }) },
  { weight: 1, arbitrary: fc.record({ path: place, content: fc.constant(null) }) },
)
const one = told.map(change => [change])
const steps: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ do: fc.constant('write'), path: file, text }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('append'), path: file, text }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('delete'), path: place }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('rename'), from: file, to: file }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('rename'),
      from: fc.constantFrom(...FOLDERS),
      to: fc.constantFrom(...FOLDERS),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('write'),
      path: fc.constantFrom(...RULES),
      text: fc.array(fc.constantFrom(...RULE_LINES), { maxLength: 2 }).map(all => all.join('\n')),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('grow'), text }) },
  { weight: 12, arbitrary: fc.record({ do: fc.constant('tell'), changes: one }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('tell'),
      changes: fc.array(told, { minLength: 2, maxLength: 5 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('tell another'), changes: one }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('revert'), path: place }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('reopen'), refresh: fc.constantFrom('wait', 'none') }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('refresh') }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constantFrom('flush', 'compact', 'read') }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('elsewhere') }) },
)
const lives = fc.record({
  options: fc.record({ overlay: fc.constantFrom(1, 2 ** 25), cache: fc.constantFrom(0, 2 ** 25) }),
  steps: fc.array(fc.tuple(steps, fc.constantFrom(...PATTERNS)), {
    minLength: 1,
    maxLength: 60,
    size: 'max',
  }),
})

/** An index with its folder, its store and its model. */
class Life {
  readonly #model = new Model()
  readonly #root: string
  readonly #options: OpenOptions
  #index: Index
  /** What the index held at each snapshot id. */
  readonly #states = new Map<string, State>()

  private constructor(root: string, options: OpenOptions, index: Index) {
    this.#root = root
    this.#options = options
    this.#index = index
    for (const [path, content] of Object.entries(FIRST)) this.#model.write(path, content)
    this.#model.refresh()
  }

  static async begin(folder: string, own: OpenOptions): Promise<Life> {
    const root = join(folder, 'root')
    // Nothing is flushed behind the model's back, and rules outside the folder do not count.
    const options = {
      ...own,
      store: join(folder, 'store'),
      flushAfter: 1e9,
      requireGit: false,
      ignoreParent: false,
      ignoreGlobal: false,
    }
    return new Life(root, options, await open(root, options))
  }

  async live(life: readonly (readonly [Step, string])[]): Promise<void> {
    const model = this.#model
    this.#settle()
    for (const [step, pattern] of life) {
      await this.#step(step)
      this.#settle()
      await this.#compare(this.#index, pattern)
    }
    await this.#index.refresh()
    model.refresh()
    for (const pattern of PATTERNS) {
      await this.#compare(this.#index, pattern)
      const rows = rowsOf(model.verified(), new RegExp(pattern, 'u'))
      const { files, lines: count } = await this.#index.grep(pattern).count()
      same([files, count], [new Set(rows.map(fileOf)).size, rows.length])
    }
    same((await this.#index.check()).faults, [])
  }

  async close(): Promise<void> {
    await this.#index.close()
  }

  async #step(step: Step): Promise<void> {
    const model = this.#model
    if (step.do === 'write') this.#write(step.path, step.text)
    else if (step.do === 'append') this.#append(step.path, step.text)
    else if (step.do === 'grow')
      this.#append('sub/large.txt', model.disk.has('sub/large.txt') ? step.text : LARGE)
    else if (step.do === 'delete') this.#delete(step.path)
    else if (step.do === 'rename') this.#rename(step.from, step.to)
    else if (step.do === 'tell') await this.#tell(step.changes)
    else if (step.do === 'tell another') await this.#tellAnother(step.changes)
    else if (step.do === 'revert') {
      await this.#index.revert(step.path)
      model.tell([{ path: step.path }])
    } else if (step.do === 'reopen') {
      await this.#index.close()
      this.#index = await open(this.#root, { ...this.#options, refresh: step.refresh })
      if (step.refresh === 'wait') model.refresh()
    } else if (step.do === 'refresh') {
      await this.#index.refresh()
      model.refresh()
    } else if (step.do === 'flush') {
      const unsaved = this.#isUnsaved()
      same(await this.#index.flush(), unsaved)
    } else if (step.do === 'compact') await this.#index.compact()
    else if (step.do === 'read') await this.#read()
    else await this.#readElsewhere()
  }

  #write(path: string, content: string): void {
    this.#model.write(path, filled(content))
    this.#clear(path)
    writeFileSync(join(this.#root, path), filled(content))
  }

  #append(path: string, content: string): void {
    const before = this.#model.disk.get(path)
    if (before === undefined) return this.#write(path, content)
    this.#model.write(path, before + filled(content))
    appendFileSync(join(this.#root, path), filled(content))
  }

  #delete(path: string): void {
    this.#model.delete(path)
    if (isFolder(join(this.#root, path)) !== undefined) rmSync(join(this.#root, path), { recursive: true })
  }

  #rename(from: string, to: string): void {
    if (!existsSync(join(this.#root, from)) || `${to}/`.startsWith(`${from}/`) || from.startsWith(`${to}/`))
      return
    this.#model.rename(from, to)
    this.#clear(to)
    rmSync(join(this.#root, to), { force: true })
    renameSync(join(this.#root, from), join(this.#root, to))
  }

  /** Makes room for a file or folder of this name: folders around it, and no folder in its place. */
  #clear(path: string): void {
    const target = join(this.#root, path)
    const parts = path.split('/').slice(0, -1)
    for (const depth of parts.keys()) {
      const folder = join(this.#root, ...parts.slice(0, depth + 1))
      if (isFolder(folder) === false) rmSync(folder)
    }
    mkdirSync(dirname(target), { recursive: true })
    if (isFolder(target) === true) rmSync(target, { recursive: true })
  }

  async #tell(short: readonly Told[]): Promise<void> {
    const changes = short.map(inFull)
    const [first, second] = changes
    if (first === undefined || second !== undefined) await this.#index.apply(changes)
    else if (first.content === null) await this.#index.remove(first.path)
    else await this.#index.update(first.path, first.content)
    this.#model.tell(changes)
  }

  /** Another writer of the store: it is refused as long as something is in memory only. */
  async #tellAnother(short: readonly Told[]): Promise<void> {
    const changes = short.map(inFull)
    await using other = await this.#another()
    const unsaved = this.#isUnsaved()
    try {
      await other.apply(changes)
    } catch (error) {
      // A merge of the index's own may have the lock too.
      if (error instanceof QuernError && error.code === 'QUERN_LOCKED') return
      throw error
    }
    same(unsaved, false)
    this.#model.tell(changes)
    await other.flush()
  }

  /** A reader of the store: it sees what is durable. */
  async #read(): Promise<void> {
    await using reader = await this.#another()
    for (const pattern of PATTERNS) await this.#compare(reader, pattern, true)
  }

  /** Another store of the same folder, from earlier times or new. */
  async #readElsewhere(): Promise<void> {
    await using index = await open(this.#root, { ...this.#options, store: `${this.#root}-elsewhere` })
    for (const pattern of PATTERNS) {
      const rows = rowsOf(this.#model.visible(), new RegExp(pattern, 'u'))
      same(await answer(index, pattern, 'snapshot'), rows)
      same(await answer(index, pattern, 'verified'), rows)
    }
  }

  /** The store, as a process of its own would have it: an engine is shared only where its options are the same. */
  async #another(): Promise<Index> {
    return open(this.#root, { ...this.#options, refresh: 'none', appendOnly: 'no-such-file' })
  }

  #isUnsaved(): boolean {
    return this.#index.stats().snapshot.includes('+')
  }

  /** Compares what costs nothing, and keeps the books. */
  #settle(): void {
    const { snapshot, files } = this.#index.stats()
    same(files, this.#model.files)
    const state = this.#model.state()
    same(this.#states.get(snapshot) ?? state, state, `${snapshot} was another state before`)
    this.#states.set(snapshot, state)
    if (!this.#isUnsaved()) this.#model.commit()
  }

  async #compare(index: Index, pattern: string, durable = false): Promise<void> {
    const regexp = new RegExp(pattern, 'u')
    const rows = rowsOf(this.#model.verified(durable), regexp)
    same(await answer(index, pattern, 'verified'), rows)
    const [texts, unsure] = this.#model.snapshot(durable)
    const isSure = (row: string): boolean => !unsure.has(fileOf(row))
    same((await answer(index, pattern, 'snapshot')).filter(isSure), rowsOf(texts, regexp))
  }
}

async function answer(index: Index, pattern: string, freshness: Freshness): Promise<string[]> {
  const matches = index.grep(pattern, { freshness, sort: 'path' })
  const rows: string[] = []
  for await (const { path, line, text: content } of matches) rows.push(`${path}:${line}:${content}`)
  const { complete, errors } = matches.coverage ?? {}
  same({ complete, errors }, { complete: true, errors: [] })
  return rows
}

function fileOf(row: string): string {
  return row.slice(0, row.indexOf(':'))
}

/** `undefined`: it is not there. */
function isFolder(path: string): boolean | undefined {
  return existsSync(path) ? statSync(path).isDirectory() : undefined
}

function filled(content: string): string {
  return content.replaceAll(FILLER, FILLED)
}

function inFull(change: Told): Told {
  return typeof change.content === 'string' ? { ...change, content: filled(change.content) } : change
}

function prepare(folder: string): void {
  for (const [path, content] of Object.entries(FIRST)) {
    mkdirSync(dirname(join(folder, 'root', path)), { recursive: true })
    writeFileSync(join(folder, 'root', path), content)
  }
}

test('an index answers as its model does, whatever happens to it', async t => {
  const home = emptyFolder(t, inMemory())
  const prepared: string[] = []
  const done = { folders: 0, steps: 0 }
  const next = (): string => {
    while (prepared.length <= AHEAD) {
      const folder = join(home, String(done.folders++))
      prepare(folder)
      prepared.push(folder)
    }
    return prepared.shift() ?? ''
  }
  const property = fc.asyncProperty(lives, async ({ options, steps: all }) => {
    const folder = next()
    const life = await Life.begin(folder, options)
    try {
      await life.live(all)
    } finally {
      await life.close()
      rmSync(folder, { recursive: true })
    }
    done.steps += all.length
  })
  for (let seed = SEED; done.steps < STEPS; seed++) {
    const checked = await fc.check(property, { seed, numRuns: 10 })
    const report = await fc.asyncDefaultReportMessage(checked)
    if (checked.failed) {
      t.fail(
        `${report ?? ''}\n${inspect(checked.errorInstance)}\nQUERN_SEED=${seed}, QUERN_STEPS=${STEPS}, ${done.steps} lived`,
      )
      return
    }
  }
  t.log(`${done.steps} steps, ${done.folders - prepared.length} lives`)
  t.pass()
})
