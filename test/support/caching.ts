/**
 * `node caching.js FOLDER NAME`: a process of `cache-disk.test.ts` that writes its own keys for ever, says what is committed, and
 * reads what everybody has written.
 */
import { diskTier } from 'quern/cache'
import { Random } from './random.js'

/** What the process says: that a change of a key begins, or is committed. Version 0: nothing. */
export interface Told {
  readonly key: string
  readonly version: number
  readonly committed: boolean
}

/** A value that shows whether it is whole, and which it is. */
export function valueOf(key: string, version: number): Uint8Array {
  const filler = String.fromCharCode(97 + (version % 26)).repeat((version * 7919) % 20_000)
  return Buffer.from(JSON.stringify({ key, version, filler }))
}

/** The version of a value; throws if it is torn or of another key. */
export function versionOf(key: string, value: Uint8Array): number {
  const { version } = JSON.parse(Buffer.from(value).toString()) as { version: number }
  if (!Buffer.from(valueOf(key, version)).equals(value)) throw new Error(`${key} is torn`)
  return version
}

/** Resolves when the system has the line, so that a kill does not take it. */
function tell(told: Told): Promise<void> {
  return new Promise(resolve => {
    process.stdout.write(`${JSON.stringify(told)}\n`, () => {
      resolve()
    })
  })
}

async function run(path: string, name: string): Promise<never> {
  const tier = diskTier({ path, maxBytes: '2MB' })
  const random = new Random(process.pid)
  for (let version = Date.now(); ; version++) {
    const key = `${name} ${random.below(8)}`
    const deletes = random.oneIn(5)
    await tell({ key, version: deletes ? 0 : version, committed: false })
    if (deletes) await tier.delete(key)
    else await tier.set(key, { value: valueOf(key, version), tags: [name] })
    await tell({ key, version: deletes ? 0 : version, committed: true })
    for (const entry of tier.entries()) {
      const found = tier.get(entry.key)
      if (found !== undefined) versionOf(entry.key, found.value)
    }
  }
}

const [path, name] = process.argv.slice(2)
if (process.argv[1]?.endsWith('caching.js') === true && path !== undefined && name !== undefined) {
  await run(path, name)
}
