/**
 * `npm run demo [-- FOLDER]`: makes the clone ready, indexes a folder (the repository by default), asks a few telling
 * questions, and prints what each costs with the index and without.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { bootstrap, root } from './bootstrap.mjs'

bootstrap()
const { open } = await import('../dist/index.js')
const { Printing } = await import('../dist/engine/print.js')
const { showProgress } = await import('../dist/cli/progress.js')
const { bytes, counted, duration } = await import('../dist/cli/format.js')

const ROUNDS = 5
const folder = resolve(process.argv[2] ?? root)
const store = mkdtempSync(join(tmpdir(), 'quern-demo-'))

try {
  await demo()
} finally {
  rmSync(store, { recursive: true, force: true })
}

async function demo() {
  const opening = open(folder, { store })
  await showProgress(opening.progress())
  const index = await opening
  const { files, textBytes, storeBytes, build } = index.stats()
  say(`${folder}: ${counted(files, 'file')}, ${bytes(textBytes)} of text`)
  say(`indexed in ${duration(build?.seconds ?? 0)}; the index takes ${bytes(storeBytes)}\n`)
  say(row('pattern', 'lines', 'files read', 'index', 'no index', 'ratio'))
  for (const question of await questions(index)) await answer(index, question, files)
  say(
    '\n`index` includes making every matching line a JavaScript string; `no index` is a direct parallel search.',
  )
  await index.close()
}

/** Patterns that fit any folder of text; the rare word is taken from the folder itself. */
async function questions(index) {
  const [example] = await index.grep('\\b[A-Za-z_]{14,40}\\b', { limit: 1 }).toArray()
  const rare = example === undefined ? 'perspicacious' : example.text.slice(...example.ranges[0])
  return [
    { pattern: ['no', 'such', 'word', 'anywhere'].join('_'), options: { fixedStrings: true } },
    { pattern: rare, options: { word: true } },
    { pattern: '(struct|class|interface)\\s+\\w+er\\b', options: {} },
    { pattern: 'todo|fixme|xxx', options: { case: 'insensitive' } },
    { pattern: '[A-Z]{2,}_[A-Z]{2,}_[A-Z]{2,}', options: {} },
    { pattern: 'return', options: { fixedStrings: true } },
    { pattern: '[0-9]{6}', options: {} },
  ]
}

async function answer(index, { pattern, options }, files) {
  let lines = 0
  let searched = 0
  const indexed = await median(async () => {
    const matches = index.grep(pattern, options)
    lines = 0
    for await (const match of matches) lines += match.text.length >= 0 ? 1 : 0
    searched = matches.coverage?.files.searched ?? 0
  })
  const direct = await median(() => searchDirectly(pattern, options))
  const ratio = `${(direct / indexed).toFixed(1)}x`
  const read = `${searched} of ${files}`
  say(row(pattern, lines, read, duration(indexed / 1000), duration(direct / 1000), ratio))
}

async function searchDirectly(pattern, options) {
  const request = {
    paths: [folder],
    pattern: { patterns: [pattern], ...options },
    output: { mode: 'standard', lineNumber: true },
    index: 'never',
  }
  const printing = new Printing(request, {})
  while ((await printing.next()) !== undefined);
  printing.close()
}

async function median(work) {
  const times = []
  for (let round = 0; round < ROUNDS; round++) {
    const start = performance.now()
    await work()
    times.push(performance.now() - start)
  }
  return times.toSorted((a, b) => a - b)[Math.floor(ROUNDS / 2)]
}

function row(pattern, ...cells) {
  return [pattern.padEnd(44), ...cells.map(cell => String(cell).padStart(14))].join('')
}

function say(text) {
  process.stdout.write(`${text}\n`)
}
