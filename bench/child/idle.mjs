// Opens an existing store and does nothing: prints resident MB before, while open, and after closing. Run with --expose-gc.
import process from 'node:process'
import { setTimeout as delay } from 'node:timers/promises'

const { root, options } = JSON.parse(process.argv[2])
const SETTLE_MS = 300

async function residentMB() {
  globalThis.gc?.()
  await delay(SETTLE_MS)
  globalThis.gc?.()
  return process.memoryUsage.rss() / 2 ** 20
}

const { open } = await import('quern')
const before = await residentMB()
const start = performance.now()
const index = await open(root, options)
const openMs = performance.now() - start
const opened = await residentMB()
await index.grep('quern_no_such_symbol_anywhere').count()
const queried = await residentMB()
await index.close()
const closed = await residentMB()
process.stdout.write(JSON.stringify({ before, opened, queried, closed, openMs }))
