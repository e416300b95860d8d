/**
 * One process that writes and several that read. `QUERN_EDITS` says how many edits there are, `QUERN_READERS` how many readers.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { open, type QuernError } from 'quern'
import { Child } from './support/child.js'
import type { Seen } from './support/reading.js'
import { emptyFolder } from './support/tree.js'
import { GIVEN, ON_DISK, textOf } from './support/versioned.js'

const EDITS = Number(process.env['QUERN_EDITS'] ?? 300)
const READERS = Number(process.env['QUERN_READERS'] ?? 3)

async function indexed(t: ExecutionContext): Promise<[string, string]> {
  const folder = emptyFolder(t)
  const [root, store] = [join(folder, 'root'), join(folder, 'store')]
  for (const path of [...GIVEN, ...ON_DISK]) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), textOf(path, 0))
  }
  await (await open(root, { store })).close()
  return [root, store]
}

async function all<Line>(lines: AsyncIterable<Line>): Promise<Line[]> {
  const found: Line[] = []
  for await (const line of lines) found.push(line)
  return found
}

test('readers see each file whole, never go back and miss nothing while another process writes', async t => {
  const [root, store] = await indexed(t)
  const readers = Array.from({ length: READERS }, () => new Child<Seen>('./reading.js', [root, store]))
  const said = readers.map(reader => all(reader.lines))
  const writer = new Child<'open'>('./writing.js', [root, store, EDITS])
  t.is(await writer.ended, 0)
  for (const reader of readers) reader.process.stdin?.end()
  for (const [place, reader] of readers.entries()) {
    for (const { answers, snapshots, faults } of (await said[place]) ?? []) {
      t.deepEqual(faults, [])
      t.true(answers >= 2 && snapshots > 0, `${answers} answers of ${snapshots} snapshots`)
      t.log(`${answers} answers of ${snapshots} snapshots`)
    }
    t.is(await reader.ended, 0)
    t.is((await said[place])?.length, 1)
  }
  const index = await open(root, { store, refresh: 'none' })
  t.deepEqual((await index.check()).faults, [])
  await index.close()
})

test('a second writer is told who has the lock, and takes over when that process was killed', async t => {
  const [root, store] = await indexed(t)
  const holder = new Child<'changed'>('./holding.js', [root, store])
  t.teardown(() => holder.process.kill('SIGKILL'))
  const index = await open(root, { store, refresh: 'none' })
  t.teardown(() => index.close())
  let changes = 0
  for await (const said of holder.lines) {
    t.is(said, 'changed')
    changes += 1
    const refused = await t.throwsAsync<QuernError>(async () => index.update('x.txt', 'mine\n'), {
      code: 'QUERN_LOCKED',
    })
    t.is(refused?.pid, holder.process.pid)
    await t.throwsAsync(async () => index.refresh(), { code: 'QUERN_LOCKED' })
    holder.process.kill('SIGKILL')
  }
  t.is(changes, 1)
  t.is(await holder.ended, 'SIGKILL')
  await index.update('x.txt', 'mine\n')
  t.true(await index.flush())
  t.is((await index.grep('^mine$').count()).lines, 1)
  t.is((await index.grep('never durable').count()).lines, 0)
})
