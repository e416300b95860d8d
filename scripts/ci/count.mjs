// Adds up what `cargo test` and ava counted in the log of one `npm test`, and ends with the line `N passed, M failed`.
// Fails if a test failed, if a stage did (each counts as one failure), or if either suite ran no test at all.
//
//   node scripts/ci/count.mjs LOG [--broken-stages N]
import { existsSync, readFileSync } from 'node:fs'
import process from 'node:process'
import { parseArgs } from 'node:util'

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { 'broken-stages': { type: 'string', default: '0' } },
})
const log = positionals.length === 1 && existsSync(positionals[0]) ? readFileSync(positionals[0], 'utf8') : ''

const sum = pattern => [...log.matchAll(pattern)].reduce((total, match) => total + Number(match[1]), 0)
const suites = {
  cargo: {
    passed: sum(/^test result: .*? (\d+) passed;/gm),
    failed: sum(/^test result: .*? (\d+) failed;/gm),
  },
  // ava reports in TAP when asked to, in words otherwise.
  ava: {
    passed: sum(/^# pass (\d+)$/gm) + sum(/^\s*(\d+) tests? passed$/gm),
    failed:
      sum(/^# fail (\d+)$/gm) +
      sum(/^\s*(\d+) (?:tests? failed|uncaught exceptions?|unhandled rejections?)$/gm),
  },
}

function say(text) {
  process.stdout.write(`${text}\n`)
}

let passed = 0
let failed = Number(values['broken-stages'])
for (const [name, suite] of Object.entries(suites)) {
  say(`${name}: ${suite.passed} passed, ${suite.failed} failed`)
  passed += suite.passed
  failed += suite.failed
  if (suite.passed + suite.failed === 0) {
    say(`${name} ran no test`)
    failed += 1
  }
}
say(`${passed} passed, ${failed} failed`)
process.exitCode = failed === 0 ? 0 : 1
