import { spawnSync } from 'node:child_process'
import test from 'ava'
import { emptyFolder, folderOf } from './support/tree.js'

const MODULE = JSON.stringify(new URL('../index.js', import.meta.url).href)

/** Opens, asks and closes over and over; prints the growth of the resident memory after the first quarter, in bytes. */
const PROGRAM = `
  import { open } from ${MODULE}
  const [root, store, rounds] = [process.argv[1], process.argv[2], Number(process.argv[3])]
  async function round() {
    const index = await open(root, { store, cache: '1MB' })
    for await (const match of index.grep('needle', { limit: 3 })) match.text
    await index.update('c.txt', 'another needle')
    await index.grep(/x+/).count()
    await index.close()
  }
  async function rss(count) {
    for (let i = 0; i < count; i++) await round()
    gc()
    return process.memoryUsage().rss
  }
  const before = await rss(rounds / 4)
  console.log(await rss((rounds * 3) / 4) - before)
`

test('opens, queries and closes leave no memory behind', t => {
  const rounds = process.env['QUERN_LEAK_ROUNDS'] ?? '400'
  const root = folderOf(t, { 'a.txt': 'a needle\n'.repeat(100), 'b.txt': 'xx\n'.repeat(5000) })
  // V8's young generation and glibc's arenas grow in steps of megabytes before they settle: both are held small here.
  const args = ['--expose-gc', '--max-semi-space-size=1', '--input-type=module', '--eval', PROGRAM]
  const { stdout, stderr } = spawnSync(process.execPath, [...args, root, `${emptyFolder(t)}/store`, rounds], {
    encoding: 'utf8',
    env: { ...process.env, MALLOC_ARENA_MAX: '1' },
    maxBuffer: 1 << 20,
  })
  t.is(stderr, '')
  const grown = Number(stdout)
  t.log(`${rounds} rounds: ${(grown / 1e6).toFixed(1)} MB`)
  t.true(grown < 8e6, `${rounds} rounds grew by ${grown} bytes`)
})
