// The same lines as ripgrep, byte for byte: runs the queries of queries.json over a folder and over made ones with
// hard cases, through the CLI and through the API at both freshnesses, and compares each answer with the rg binary's.
//
//   node bench/compare.mjs [--root FOLDER] [--through cli,snapshot,verified] [--keep-store FOLDER] [--only TEXT]
//
// Without --root: the repository. Exits with 1 if any answer differs.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import process from 'node:process'
import { parseArgs } from 'node:util'
import { open } from 'quern'
import { collectBatches, difference, parsePrinted } from './answers.mjs'
import { makeHardCorpora } from './corpora/hard.mjs'
import { queries, queryName, rgArguments } from './queries.mjs'
import { piped, rg } from './rg.mjs'

const repository = resolve(import.meta.dirname, '..')
const PRINTED = ['--no-config', '--color=never', '--no-heading', '-0nH']

const { values: chosen } = parseArgs({
  options: {
    root: { type: 'string', default: repository },
    through: { type: 'string', default: 'cli,snapshot,verified' },
    'keep-store': { type: 'string' },
    only: { type: 'string', default: '' },
  },
})

function say(text) {
  process.stdout.write(`${text}\n`)
}

const scratch = mkdtempSync(join(tmpdir(), 'quern-compare-'))
process.env.QUERN_STORE = chosen['keep-store'] ? resolve(chosen['keep-store']) : join(scratch, 'stores')

// With nothing to search, because the globs leave no file, ripgrep gives status 2 and says so.
const NOTHING_TO_SEARCH = 'No files were searched'

async function printed(program, programArguments, root) {
  const { out, messages, status } = await piped(program, programArguments, { cwd: root })
  if (status === 2 && !messages.includes(NOTHING_TO_SEARCH)) return { failed: messages }
  return { ...parsePrinted(out), status }
}

const THROUGH = {
  cli: async ({ root }, query) => {
    const main = join(repository, 'dist/cli/main.js')
    return printed(process.execPath, [main, 'grep', ...PRINTED, ...rgArguments(query)], root)
  },
  snapshot: ({ index }, query) => collectBatches(index.grep(query.patterns, query.options)),
  verified: ({ index }, query) =>
    collectBatches(index.grep(query.patterns, { ...query.options, freshness: 'verified' })),
}

function compared(expected, actual, name) {
  if (expected.failed !== undefined) return `ripgrep refuses it: ${expected.failed}`
  if (actual.failed !== undefined) return actual.failed
  if (name === 'cli' && actual.status !== expected.status)
    return `exit status ${actual.status}, not ${expected.status}`
  return difference(expected, actual, { messages: name === 'cli' })
}

async function answered(name, place, query) {
  try {
    return await THROUGH[name](place, query)
  } catch (error) {
    return { failed: String(error) }
  }
}

async function compareFolder(root, wanted, ways) {
  const index = await open(root)
  const totals = { answers: 0, lines: 0, differences: 0 }
  for (const query of wanted) {
    const expected = await printed(rg, [...PRINTED, ...rgArguments(query)], root)
    for (const name of ways) {
      const problem = compared(expected, await answered(name, { root, index }, query), name)
      totals.answers += 1
      if (problem === undefined) continue
      totals.differences += 1
      say(`DIFFERS ${name}: ${queryName(query)}\n  ${problem}`)
    }
    totals.lines += expected.count ?? 0
  }
  await index.close()
  return totals
}

let differences = 0
const wanted = queries.filter(query => queryName(query).includes(chosen.only))
for (const root of [resolve(chosen.root), ...makeHardCorpora(join(scratch, 'hard'))]) {
  const start = performance.now()
  const totals = await compareFolder(root, wanted, chosen.through.split(','))
  differences += totals.differences
  const seconds = ((performance.now() - start) / 1000).toFixed(1)
  say(
    `${root}: ${wanted.length} queries, ${totals.lines} lines, ${totals.answers} answers in ${seconds} s, ` +
      `${totals.differences} differ from ripgrep`,
  )
}
rmSync(scratch, { recursive: true, force: true })
process.exitCode = differences === 0 && wanted.length > 0 ? 0 : 1
