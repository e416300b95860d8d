/** Folders made for one test and gone after it. */
import { existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { ExecutionContext } from 'ava'
import { type Index, open, type OpenOptions } from 'quern'

/** File contents by path. */
export type Files = Readonly<Record<string, string | Buffer>>

/** An empty folder. */
export function emptyFolder(t: ExecutionContext, place = tmpdir()): string {
  const folder = realpathSync(mkdtempSync(join(place, 'quern-test-')))
  t.teardown(() => {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  })
  return folder
}

/** A place for folders; in memory where there is one: for tests that would wait for the disk most of the time. */
export function inMemory(): string {
  return existsSync('/dev/shm') ? '/dev/shm' : tmpdir()
}

/** A folder with files. */
export function folderOf(t: ExecutionContext, files: Files): string {
  const folder = emptyFolder(t)
  write(folder, files)
  return folder
}

/** Writes files below a folder. */
export function write(folder: string, files: Files): void {
  for (const [path, content] of Object.entries(files)) {
    const target = join(folder, path)
    mkdirSync(dirname(target), { recursive: true })
    writeFileSync(target, content)
  }
}

/** An index of a folder with files, with a store of its own; closed after the test. */
export async function indexOf(t: ExecutionContext, files: Files, options: OpenOptions = {}): Promise<Index> {
  const index = await open(folderOf(t, files), { store: emptyFolder(t), ...options })
  t.teardown(() => index.close())
  return index
}
