import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import test from 'ava'
import { emptyFolder, folderOf } from './support/tree.js'

const MODULE = JSON.stringify(new URL('../index.js', import.meta.url).href)

const COUNTS = `
  const { parentPort, workerData } = require('node:worker_threads')
  import(${MODULE}).then(async ({ open }) => {
    const index = await open(workerData.root, { store: workerData.store })
    let lines = 0
    for (let round = 0; round < 20; round++) lines += (await index.grep('x').count()).lines
    if (workerData.close) await index.close()
    parentPort.postMessage(lines)
  })
`

test('several worker threads open one folder and search at once', async t => {
  const root = folderOf(t, { 'a.txt': 'x\n'.repeat(1000) })
  const store = emptyFolder(t)
  const workers = Array.from({ length: 4 }, (_, i) => {
    return new Worker(COUNTS, { eval: true, workerData: { root, store, close: i % 2 === 0 } })
  })
  const answers = await Promise.all(workers.map(worker => once(worker, 'message')))
  t.deepEqual(
    answers,
    Array.from({ length: 4 }, () => [20_000]),
  )
  await Promise.all(workers.map(worker => worker.terminate()))
})

/** Programs that end while the addon is at work, and the exit status that they ask for. */
const ENDINGS: readonly (readonly [name: string, program: string])[] = [
  ['process.exit in the middle of a query', `index.grep('[xy]').toArray(); process.exit(7)`],
  [
    'process.exit in the middle of an open',
    `open(process.argv[1], { store: process.argv[2] + '2' }); process.exit(7)`,
  ],
  ['an end without close', `await index.grep('x', { limit: 3 }).toArray(); process.exitCode = 7`],
  ['a query nobody waits for', `index.grep('[xy]').toArray().catch(() => {}); process.exitCode = 7`],
  [
    'close with queries in flight',
    `index.grep('[xy]').toArray().catch(() => {}); await index.close(); process.exitCode = 7`,
  ],
]

for (const [name, program] of ENDINGS) {
  test(`${name} ends the process cleanly`, t => {
    const root = folderOf(t, { 'a.txt': 'x y\n'.repeat(200_000) })
    const source = `
      import { open } from ${MODULE}
      const index = await open(process.argv[1], { store: process.argv[2] })
      ${program}
    `
    const args = ['--input-type=module', '--eval', source, root, `${emptyFolder(t)}/store`]
    const { status, signal, stderr } = spawnSync(process.execPath, args, {
      encoding: 'utf8',
      timeout: 60_000,
    })
    t.deepEqual([status, signal, stderr], [7, null, ''])
  })
}

test('a worker that is terminated in the middle of a query leaves the process alive', async t => {
  const root = folderOf(t, { 'a.txt': 'x y\n'.repeat(200_000) })
  const source = COUNTS.replace('parentPort.postMessage(lines)', '').replace(
    'let lines = 0',
    `let lines = 0; parentPort.postMessage('ready')`,
  )
  const worker = new Worker(source, { eval: true, workerData: { root, store: emptyFolder(t) } })
  await once(worker, 'message')
  t.is(typeof (await worker.terminate()), 'number')
})
