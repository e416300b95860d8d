/** What an index should answer, by the plainest means: maps of texts, and a few kinds of rules. See `model.test.ts`. */

/** File contents by path. */
export type Texts = Map<string, string>

/** A change that the index is told of, as `index.apply` takes it. */
export interface Told {
  readonly path: string
  readonly content?: string | null
}

/** What the index knows of a file: the text as it was read, or as it was given. */
interface Entry {
  readonly text: string
  readonly given: boolean
}

/** All that an index holds. */
export type State = ReadonlyMap<string, Entry>

/** In the order in which they are asked: what one of them says goes before the next, whatever folders they are in. */
const RULES = ['.rgignore', '.ignore', '.gitignore']

export class Model {
  /** Every file of the folder, those that do not belong to the index too. */
  readonly disk: Texts = new Map()
  readonly #index = new Map<string, Entry>()
  #durable: State = new Map()

  /** How many files the index has. */
  get files(): number {
    return this.#index.size
  }

  /** Writes a file, in the place of whatever is in its way. */
  write(path: string, text: string): void {
    for (const folder of foldersOf(path)) this.disk.delete(folder)
    this.delete(path)
    this.disk.set(path, text)
  }

  /** Deletes a file or a folder from the disk. */
  delete(path: string): void {
    for (const file of below(this.disk, path)) this.disk.delete(file)
  }

  /** Gives a file or a folder another name, in the place of whatever has that. */
  rename(from: string, to: string): void {
    const moved = below(this.disk, from).map(path => [path, this.disk.get(path) ?? ''] as const)
    this.delete(from)
    this.delete(to)
    for (const folder of foldersOf(to)) this.disk.delete(folder)
    for (const [path, text] of moved) this.disk.set(to + path.slice(from.length), text)
  }

  refresh(): void {
    this.#look('')
  }

  /** The index is told of changes, all at once. */
  tell(changes: readonly Told[]): void {
    // What is said of a path itself goes before what follows from a rule.
    for (const { path, content } of changes)
      if (RULES.includes(nameOf(path)) && typeof content !== 'string') this.#look(parentOf(path))
    for (const { path, content } of changes) {
      if (typeof content === 'string') {
        this.#index.set(path, { text: content, given: true })
        continue
      }
      for (const file of below(this.#index, path)) this.#index.delete(file)
      if (content === undefined) this.#look(path)
    }
  }

  /** What is in memory is made durable. */
  commit(): void {
    this.#durable = this.state()
  }

  /** The texts of the folder with what was given in their place. */
  verified(durable = false): Texts {
    const texts = this.visible()
    for (const [path, { text, given }] of this.#held(durable)) if (given) texts.set(path, text)
    return texts
  }

  /** The texts that the index knows, and the paths of files that are not as it knows them, or gone: there it may answer either. */
  snapshot(durable = false): [Texts, Set<string>] {
    const texts: Texts = new Map()
    const unsure = new Set<string>()
    for (const [path, { text, given }] of this.#held(durable)) {
      if (given || this.disk.get(path) === text) texts.set(path, text)
      else unsure.add(path)
    }
    return [texts, unsure]
  }

  /** The files of the folder that no rule hides. */
  visible(): Texts {
    return new Map([...this.disk].filter(([path]) => !this.#isHidden(path)))
  }

  /** What the index holds now. */
  state(): State {
    return new Map(this.#index)
  }

  #held(durable: boolean): State {
    return durable ? this.#durable : this.#index
  }

  /** The index compares a file or folder with the disk; `''` is the root. */
  #look(path: string): void {
    for (const file of below(this.#index, path))
      if (this.#index.get(file)?.given === false) this.#index.delete(file)
    for (const [file, text] of this.visible())
      if (isBelow(file, path) && !this.#index.has(file)) this.#index.set(file, { text, given: false })
  }

  #isHidden(path: string): boolean {
    const isHidden = (folder: string): boolean =>
      nameOf(folder).startsWith('.') || this.#isIgnored(folder, folder !== path)
    return [...foldersOf(path), path].some(isHidden)
  }

  #isIgnored(path: string, isFolder: boolean): boolean {
    const folders = ['', ...foldersOf(path)].toReversed()
    for (const name of RULES) {
      for (const folder of folders) {
        const start = folder === '' ? '' : `${folder}/`
        const rules = this.disk.get(start + name)?.split('\n') ?? []
        const rule = rules.findLast(line => matches(line, path.slice(start.length), isFolder))
        if (rule !== undefined) return !rule.startsWith('!')
      }
    }
    return false
  }
}

/** Whether a line of a file of rules speaks of a path: `name`, `*.extension`, `/from/here`, and each with `!` or a `/` behind. */
function matches(line: string, path: string, isFolder: boolean): boolean {
  const rule = line.replace(/^!/u, '').replace(/\/$/u, '')
  if (rule === '' || (line.endsWith('/') && !isFolder)) return false
  if (rule.startsWith('*')) return nameOf(path).endsWith(rule.slice(1))
  return rule.includes('/') ? path === rule.replace(/^\//u, '') : nameOf(path) === rule
}

/** The rows of an answer, files in the order of their paths. */
export function rowsOf(texts: Texts, pattern: RegExp): string[] {
  return [...texts].toSorted(byPath).flatMap(([path, text]) =>
    linesOf(text)
      .map((line, number) => [number + 1, line] as const)
      .filter(([, line]) => pattern.test(line))
      .map(([number, line]) => `${path}:${number}:${line}`),
  )
}

function linesOf(text: string): string[] {
  const lines = text.split('\n')
  if (lines.at(-1) === '') lines.pop()
  return lines
}

function byPath([a]: [string, string], [b]: [string, string]): number {
  const [left, right] = [a.replaceAll('/', '\0'), b.replaceAll('/', '\0')]
  return left < right ? -1 : 1
}

/** The file of a path, or those of a folder. */
function below(files: ReadonlyMap<string, unknown>, path: string): string[] {
  return [...files.keys()].filter(file => isBelow(file, path))
}

function isBelow(file: string, path: string): boolean {
  return path === '' || file === path || file.startsWith(`${path}/`)
}

/** The folders that a path is in, but for the root, from the outside. */
function foldersOf(path: string): string[] {
  return path
    .split('/')
    .map((_, depth, parts) => parts.slice(0, depth).join('/'))
    .slice(1)
}

function parentOf(path: string): string {
  return foldersOf(path).at(-1) ?? ''
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}
