import { readFileSync } from 'node:fs'
import test from 'ava'
import { ERRORS, QuernError } from 'quern'
import { raise, toFailure } from '#dist/errors.js'

const repository = new URL('../../', import.meta.url)
const text = (path: string): string => readFileSync(new URL(path, repository), 'utf8')

/** Codes that only TypeScript gives. */
const OWN = ['QUERN_ADDON']

test('the engine gives the codes of the table and no other', t => {
  const inRust = [...text('crates/engine/src/error.rs').matchAll(/"(QUERN_[A-Z_]+)"/g)].map(
    ([, code]) => code,
  )
  t.deepEqual([...new Set([...inRust, ...OWN])].toSorted(), Object.keys(ERRORS).toSorted())
})

test('the page of errors has every code', t => {
  const page = text('docs/errors.md')
  for (const [code, { meaning, remedy }] of Object.entries(ERRORS)) {
    t.true(page.includes(`| \`${code}\` | ${meaning} | ${remedy} |`), code)
  }
})

test('every code that a source names is in the table', t => {
  const named = [
    'ts/engine/handle.ts',
    'ts/engine/regexp/translate.ts',
    'ts/native/addon.ts',
    'ts/native/call.ts',
  ]
  for (const path of named) {
    for (const [, code = ''] of text(path).matchAll(/'(QUERN_[A-Z]+(?:_[A-Z]+)*)'/g))
      t.true(code in ERRORS, `${path}: ${code}`)
  }
})

test('a failure becomes an error with all that is known about it', t => {
  const failure = toFailure({ code: 'QUERN_LOCKED', message: 'held', path: '/s', stage: 'open', pid: 7 })
  const error = t.throws(() => raise(failure, 'why'), {
    instanceOf: QuernError,
    code: 'QUERN_LOCKED',
    message: 'held',
  })
  t.like(error, { name: 'QuernError', path: '/s', stage: 'open', pid: 7, cause: 'why' })
})

test('an abort has the name that Node gives it', t => {
  const error = t.throws(() => raise({ code: 'QUERN_ABORTED', message: 'stopped' }))
  t.is(error?.name, 'AbortError')
})

test('a code that nobody knows is an internal fault', t => {
  t.is(toFailure({ code: 'QUERN_NEW', message: '' }).code, 'QUERN_INTERNAL')
})
