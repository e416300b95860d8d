// Collections of documents, queries and judgements of what is relevant. They are no part of the repository: the environment
// variable QUERN_SHARED names the folder that has them, in `relevance/`; by default it is `shared` beside the repository.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import process from 'node:process'

const repository = resolve(import.meta.dirname, '..', '..')

/** Where the collections are. */
export const folder = join(resolve(repository, process.env.QUERN_SHARED ?? '../shared'), 'relevance')

/**
 * Files to search, and what is relevant in them.
 *
 * @typedef {object} Corpus
 * @property {string} name
 * @property {ReadonlyMap<string, string>} files Contents by path.
 * @property {readonly Query[]} queries
 *
 * @typedef {object} Query
 * @property {string} text
 * @property {string} [kind]
 * @property {ReadonlyMap<string, number>} grades By path.
 */

const SOURCES = {
  cranfield: { file: 'cranfield.json', read: abstracts },
  code: { file: 'code-questions.json', read: repositories },
}

export const NAMES = Object.keys(SOURCES)

/** Why a collection cannot be read, or nothing. */
export function missing(name) {
  const path = join(folder, SOURCES[name].file)
  return existsSync(path) ? undefined : `${path} is not there: QUERN_SHARED names the folder of shared data`
}

/**
 * Reads a collection.
 *
 * @returns {Corpus[]}
 */
export function collection(name) {
  const { file, read } = SOURCES[name]
  return read(JSON.parse(readFileSync(join(folder, file), 'utf8')))
}

/** Writes the files of a corpus below a folder. */
export function layOut({ files }, root) {
  for (const [path, text] of files) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
}

/** Cranfield (Cleverdon 1967): abstracts on aerodynamics, each a file. */
function abstracts({ docs, queries, rel }) {
  const files = new Map(docs.map(({ id, text }) => [`${id}.txt`, text]))
  return [{ name: 'cranfield', files, queries: judged(queries, rel, id => `${id}.txt`) }]
}

/** Questions about the code of some repositories, of which there are overlapping windows of lines. */
function repositories({ repos }) {
  return repos.map(({ name, docs, queries, rel }) => ({
    name,
    files: joined(docs),
    queries: judged(queries, rel, path => path),
  }))
}

function judged(queries, rel, pathOf) {
  return queries.map(({ id, text, cat }) => ({
    text,
    kind: cat,
    grades: new Map(Object.entries(rel[id] ?? {}).map(([result, grade]) => [pathOf(result), grade])),
  }))
}

/** The files of which there are windows: `id` is `path#line` of the first line, `text` the path and then the lines. */
function joined(windows) {
  const files = new Map()
  for (const { id, path, text } of windows) {
    const lines = files.get(path) ?? []
    files.set(path, lines)
    const first = Number(id.slice(id.lastIndexOf('#') + 1)) - 1
    for (const [place, line] of text.split('\n').slice(1).entries()) lines[first + place] = line
  }
  return new Map([...files].map(([path, lines]) => [path, Array.from(lines, line => line ?? '').join('\n')]))
}
