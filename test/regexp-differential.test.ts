import test from 'ava'
import fc from 'fast-check'
import { QuernError } from 'quern'
import { lines, matchesByJavaScript, regexps } from './support/regexp-arbitrary.js'
import { indexOf } from './support/tree.js'

const RUNS = Number(process.env['QUERN_REGEXP_RUNS'] ?? 500)
const LINES = 800
const BEYOND_BMP = /[\u{10000}-\u{10FFFF}]/u

test('a RegExp finds in each line what JavaScript finds there', async t => {
  // The first line keeps a byte order mark from being one.
  const haystack = ['first', ...fc.sample(lines, { numRuns: LINES, seed: 7 })]
  const index = await indexOf(t, { 'lines.txt': `${haystack.join('\n')}\n` })
  await fc.assert(
    fc.asyncProperty(regexps, async regexp => {
      const found = new Map<number, unknown>()
      try {
        for await (const { line, ranges } of index.grep(regexp)) found.set(line, ranges)
      } catch (error) {
        if (error instanceof QuernError && error.code === 'QUERN_INVALID_PATTERN') return
        throw error
      }
      for (const [i, line] of haystack.entries()) {
        if (!regexp.unicode && BEYOND_BMP.test(line)) continue
        const expected = matchesByJavaScript(regexp, line)
        const actual = found.get(i + 1) ?? []
        if (JSON.stringify(actual) !== JSON.stringify(expected)) {
          throw new Error(
            `${JSON.stringify(line)}: JavaScript ${JSON.stringify(expected)}, quern ${JSON.stringify(actual)}`,
          )
        }
      }
    }),
    { numRuns: RUNS },
  )
  t.pass()
})
