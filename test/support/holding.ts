/** `node holding.js ROOT STORE`: changes an index in memory, says so, and keeps the lock until it is killed. */
import { open } from 'quern'

const [root, store] = process.argv.slice(2)
if (root !== undefined && store !== undefined) {
  const index = await open(root, { store, flushAfter: 1e9 })
  await index.update('held.txt', 'never durable\n')
  process.stdout.write('"changed"\n')
  // Whoever is forgotten is closed, and gives its lock back.
  process.stdin.resume().once('end', () => index.close())
}
