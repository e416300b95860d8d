import test from 'ava'
import { QuernError } from 'quern'
import { translate } from '#dist/engine/regexp/translate.js'

const LINE = { multiline: false, position: 0 }
const FILE = { multiline: true, position: 0 }

/** What a `RegExp` becomes. */
const TRANSLATED: readonly (readonly [regexp: RegExp, pattern: string])[] = [
  [/abc/, 'abc'],
  [/a.c/, String.raw`a[\x{0}-\x{9}\x{b}-\x{c}\x{e}-\x{2027}\x{202a}-\x{d7ff}\x{e000}-\x{10ffff}]c`],
  [/a.c/s, String.raw`a[\x{0}-\x{d7ff}\x{e000}-\x{10ffff}]c`],
  [/\d+\w*/, '[0-9]+[0-9A-Z_a-z]*'],
  [/k/i, '[Kk]'],
  [/k/iu, '(?i:k)'],
  [/[^k]/iu, '(?i:[^k])'],
  [/^a$/m, '^a$'],
  [/(?<year>\d{4})-(\d{2,})(?:x|y)??/, String.raw`(?P<year>[0-9]{4})\x{2d}([0-9]{2,})(?:x|y)??`],
  [/(?<größe>x)/, '(x)'],
  [/\bfoo\b/, String.raw`(?-u:\b)foo(?-u:\b)`],
  [/a{,2}/, String.raw`a\x{7b},2\x{7d}`],
  [/[]/, '[a&&b]'],
  [/[^]/, String.raw`[\x{0}-\x{d7ff}\x{e000}-\x{10ffff}]`],
  [/😀/, String.raw`\x{1f600}`],
  [/\u{1F600}/u, String.raw`\x{1f600}`],
  [/\p{Script=Ogham}/u, String.raw`[\x{1680}-\x{169c}]`],
  [/(?:)/, '(?:)'],
]

for (const [regexp, pattern] of TRANSLATED) {
  test(`${String(regexp)} becomes ${pattern}`, t => {
    t.is(translate(regexp, LINE), pattern)
  })
}

test('with multiline, ^ and $ without the flag m are the ends of the file', t => {
  t.is(translate(/^a$/, FILE), String.raw`\Aa\z`)
  t.is(translate(/^a$/m, FILE), '^a$')
  t.is(translate(/a\nb/, FILE), String.raw`a\x{a}b`)
})

test('case without the flag u is that of ECMA-262: no Kelvin sign, no long s, but final sigma', t => {
  t.is(translate(/s/i, LINE), '[Ss]')
  t.is(translate(/\u212a/i, LINE), '\u212A')
  t.is(translate(/σ/i, LINE), '[Σς-σ]')
  t.is(translate(/ß/i, LINE), 'ß')
  t.is(translate(/[é-ê]/i, LINE), '[É-Êé-ê]')
})

/** What cannot be searched, where that is, and what is said. */
const REFUSED: readonly (readonly [regexp: RegExp, offset: number, message: RegExp])[] = [
  [/a(?=b)/, 1, /\(\?=b\) at offset 1 is a lookahead/],
  [/a(?!b)/, 1, /lookahead/],
  [/(?<=a)b/, 0, /lookbehind/],
  [/x(?<!a)b/, 1, /lookbehind/],
  [/(a)\1/, 3, /\\1 at offset 3 is a backreference/],
  [/(?<n>a)\k<n>/, 7, /backreference/],
  [/a/y, 0, /flag y/],
  [/a\nb/, 1, /is a line end.*multiline/],
  [/a[\n]b/, 1, /line ends only.*multiline/],
  [/\ud83d/, 0, /half of a character/],
  [/[😀]/, 0, /halves of characters; use the flag u/],
  [/(?:|a)*/, 0, /put the way that matches nothing last/],
  [/(?:^|a)+b/, 0, /put the way that matches nothing last/],
  [/(?:a??)?/, 0, /put the way that matches nothing last/],
  [/\bk/iu, 0, /leave u out/],
]

for (const [regexp, offset, message] of REFUSED) {
  test(`${String(regexp)} is refused`, t => {
    const place = { multiline: false, position: 3 }
    const error = t.throws(() => translate(regexp, place), {
      instanceOf: QuernError,
      code: 'QUERN_INVALID_PATTERN',
      message,
    })
    t.like(error, { offset, pattern: 3, stage: 'pattern' })
  })
}

test('the flag v is refused where the engine knows it', t => {
  const message = /flag v/
  t.throws(() => translate(new RegExp('[a--b]', 'v'), LINE), { code: 'QUERN_INVALID_PATTERN', message })
})

test('a part that matches nothing last may be repeated', t => {
  for (const regexp of [/(?:a|)*/, /(?:a*b?)+/, /(?:a?){2,}/, /(?:|a){3}/, /(a*)*?/])
    t.notThrows(() => translate(regexp, LINE))
})
