// Builds the addon with the headers that came with this Node, so that nothing is downloaded.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import process from 'node:process'

const prefix = dirname(dirname(process.execPath))
const nodeGyp = createRequire(import.meta.url).resolve('node-gyp/bin/node-gyp.js')
const headers = existsSync(join(prefix, 'include', 'node', 'node_api.h')) ? ['--nodedir', prefix] : []
const { status } = spawnSync(process.execPath, [nodeGyp, 'rebuild', ...headers], {
  cwd: import.meta.dirname,
  stdio: 'inherit',
})
process.exitCode = status ?? 1
