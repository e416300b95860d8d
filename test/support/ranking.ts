/** `node ranking.js ROOT STORE`: ranks an index, says so, changes it in memory, and keeps the lock until its input ends. */
import { open } from 'quern'

const [root, store] = process.argv.slice(2)
if (root !== undefined && store !== undefined) {
  const index = await open(root, { store, flushAfter: 1e9 })
  await index.ready('terms')
  await index.update('held.txt', 'never durable\n')
  process.stdout.write('"ranked"\n')
  process.stdin.resume()
}
