/**
 * `node writing.js ROOT STORE EDITS`: the one writer of `readers.test.ts`. Each line of a file says which version it is of, and
 * versions only grow.
 */
import { renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { open } from 'quern'
import { Random } from './random.js'
import { GIVEN, ON_DISK, textOf } from './versioned.js'

async function run(root: string, store: string, edits: number): Promise<void> {
  const random = new Random(edits)
  const index = await open(root, { store, flushAfter: 5 })
  process.stdout.write('"open"\n')
  for (let version = 1; version <= edits; version++) {
    const files = random.oneIn(2) ? GIVEN : ON_DISK
    const path = files[random.below(files.length)] ?? ''
    if (files === GIVEN) {
      await index.update(path, textOf(path, version))
    } else {
      writeFileSync(`${root}.new`, textOf(path, version))
      renameSync(`${root}.new`, join(root, path))
      if (!random.oneIn(3)) await index.update(path)
    }
    if (random.oneIn(4)) await index.flush()
    if (random.oneIn(40)) await index.compact()
    if (random.oneIn(40)) await index.refresh()
  }
  await index.close()
}

const [root, store, edits] = process.argv.slice(2)
if (root !== undefined && store !== undefined) await run(root, store, Number(edits))
