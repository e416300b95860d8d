// Writes what was measured to results/<date>-<name>.json and .md: the tables for people, every run for later questions.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const folder = join(import.meta.dirname, 'results')

/**
 * A claim's result is `{ title, columns, rows, notes?, raw? }`: `rows` are arrays of cells. Gives the paths that it wrote.
 */
export function record(name, machine, corpus, claims) {
  mkdirSync(folder, { recursive: true })
  const base = join(folder, `${machine.date.slice(0, 10)}-${name}`)
  writeFileSync(
    `${base}.json`,
    `${JSON.stringify({ machine, corpus: corpus.name, claims }, withoutFolders, 1)}\n`,
  )
  writeFileSync(`${base}.md`, report(name, machine, corpus, claims))
  return [`${base}.json`, `${base}.md`]
}

function report(name, machine, corpus, claims) {
  const facts = Object.entries({ ...machine, corpus: corpus.name })
  return [
    `# ${name}`,
    facts.map(([key, value]) => `- ${key}: ${value}`).join('\n'),
    ...Object.values(claims).map(claimReport),
    '',
  ].join('\n\n')
}

/** Without the folders of the machine that measured: they say nothing, and whose they are is nobody's business. */
function withoutFolders(key, value) {
  return (key === 'root' || key === 'store') && typeof value === 'string' ? undefined : value
}

/** One claim as a Markdown section. */
export function claimReport({ title, columns, rows, notes = [] }) {
  const table = [columns, columns.map(() => '---'), ...rows].map(tableLine).join('\n')
  return [`## ${title}`, table, ...notes].join('\n\n')
}

function tableLine(cells) {
  return `| ${cells.map(cell => String(cell).replaceAll('|', '\\|')).join(' | ')} |`
}
