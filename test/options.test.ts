import test from 'ava'
import { open, QuernError } from 'quern'
import { size } from '#dist/checks.js'
import { grepCall } from '#dist/engine/grep-options.js'

/** Options of `open` that are refused, and what the message names. */
const BAD_OPEN: readonly (readonly [options: object, message: RegExp])[] = [
  [{ thread: 2 }, /thread .*no such option.*did you mean threads/],
  [{ threads: -1 }, /threads is -1; it should be a whole number/],
  [{ threads: 1.5 }, /threads is 1.5/],
  [{ threads: 2 ** 16 }, /threads is 65536; it should be a number below/],
  [{ profile: 'huge' }, /profile is "huge"; it should be one of 'small', 'medium', 'large'/],
  [{ stackSize: '100K' }, /stackSize is "100K"; it should be between 512 KiB/],
  [{ affinity: [] }, /affinity is .*; it should be an array of whole numbers, not empty/],
  [{ affinity: 1 }, /affinity is 1; it should be an array/],
  [{ affinity: [0, -1] }, /affinity is -1; it should be a whole number/],
  [{ priority: 'low' }, /priority is "low"; it should be one of 'normal', 'background'/],
  [{ memory: 'lots' }, /memory is "lots"; .*'256MB'/],
  [{ store: 7 }, /store is 7; it should be a string/],
  [{ store: 'a\0b' }, /store .*NUL/],
  [{ refresh: 'later' }, /refresh is "later"; it should be one of 'wait', 'none'/],
  [{ hidden: 'yes' }, /hidden is "yes"; it should be true or false/],
  [{ glob: [1] }, /glob is an array; it should be a string or an array of strings/],
  [{ appendOnly: 1 }, /appendOnly is 1; it should be a string or an array of strings/],
  [{ signal: {} }, /signal is an object; it should be an AbortSignal/],
  [{ timeout: Number.NaN }, /timeout is NaN/],
]

for (const [options, message] of BAD_OPEN) {
  test(`open refuses ${JSON.stringify(options)}`, t => {
    t.throws(() => open('.', options), { instanceOf: QuernError, code: 'QUERN_INVALID_OPTION', message })
  })
}

test('open refuses a root that is no path', t => {
  for (const root of ['', 7, undefined, new URL('https://example.org/')]) {
    const message = /^root is /
    t.throws(() => open(root as string), { instanceOf: QuernError, code: 'QUERN_INVALID_OPTION', message })
  }
})

/** Options of `grep` that are refused, and what the message names. */
const BAD_GREP: readonly (readonly [options: object, message: RegExp])[] = [
  [{ ignoreCase: true }, /ignoreCase .*no such option/],
  [{ case: 'upper' }, /case is "upper"/],
  [{ limit: '10' }, /limit is "10"/],
  [{ freshness: 'fresh' }, /freshness is "fresh"; it should be one of 'snapshot', 'watched', 'verified'/],
  [{ binary: true }, /binary is true/],
  [{ before: 2 ** 32 }, /before is 4294967296/],
]

for (const [options, message] of BAD_GREP) {
  test(`grep refuses ${JSON.stringify(options)}`, t => {
    t.throws(() => grepCall('x', options), { instanceOf: QuernError, code: 'QUERN_INVALID_OPTION', message })
  })
}

test('grep refuses what a RegExp says by itself', t => {
  for (const options of [
    { case: 'insensitive' },
    { fixedStrings: true },
    { unicode: false },
    { crlf: true },
  ] as const) {
    t.throws(() => grepCall(/x/, options), {
      code: 'QUERN_INVALID_OPTION',
      message: /left out with a RegExp/,
    })
  }
})

test('grep refuses what is no pattern', t => {
  t.throws(() => grepCall(7 as never, {}), { code: 'QUERN_INVALID_OPTION', message: /^pattern is 7/ })
})

test('options reach the addon in its form', t => {
  const { request, options } = grepCall(['a', /b/i], {
    context: 2,
    after: 5,
    glob: '*.c',
    typeNot: ['py'],
    typeAdd: 'x:*.x',
    memory: '1MB',
    timeout: 9,
    word: undefined,
  })
  t.deepEqual(request, {
    pattern: { patterns: ['a', '[Bb]'], before: 2, after: 5 },
    globs: ['*.c'],
    iglobs: [],
    types: [
      { kind: 'add', value: 'x:*.x' },
      { kind: 'negate', value: 'py' },
    ],
    memory: 2 ** 20,
  })
  t.deepEqual(options, { timeout: 9 })
})

test('sizes are numbers or text with a unit of 1024', t => {
  const sizes = [0, 17, '17', '1K', '1kb', '1 KiB', '1.5M', '256MB', '2g'].map(value => size('memory', value))
  t.deepEqual(sizes, [0, 17, 17, 1024, 1024, 1024, 1_572_864, 268_435_456, 2_147_483_648])
  for (const value of ['', 'K', '-1', '1X', -1, Infinity, null]) t.throws(() => size('memory', value))
})
