import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import test from 'ava'

test('the generated parts of docs/ are what the tables say', t => {
  const script = fileURLToPath(new URL('../../scripts/docs.mjs', import.meta.url))
  const { status, stderr } = spawnSync(process.execPath, [script, '--check'], { encoding: 'utf8' })
  t.is(status, 0, stderr)
})
