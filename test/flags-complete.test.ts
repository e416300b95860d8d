import { execFileSync } from 'node:child_process'
import test from 'ava'
import { FLAGS } from '#dist/cli/flags/table.js'
import { RIPGREP } from './support/ripgrep.js'

/** Flags that `rg --help` lists: `-A NUM, --after-context=NUM`. */
const LISTED = /^ {4}(?:-(?<short>\S)(?: (?<shortValue>\S+))?, )?--(?<long>[a-z0-9-]+)(?:=(?<value>\S+))?$/gm

const known = FLAGS.map(({ long, short, value }) => ({ long, short, takesValue: value !== undefined }))

test('every flag of ripgrep is in the table, with its short name and its value', t => {
  const help = execFileSync(RIPGREP, ['--help'], { encoding: 'utf8' })
  const listed = [...help.matchAll(LISTED)].map(({ groups = {} }) => ({
    long: groups['long'],
    short: groups['short'],
    takesValue: groups['value'] !== undefined,
  }))
  t.true(listed.length > 90, `only ${listed.length} flags found in the help`)
  const missing = listed.filter(flag => !known.some(other => sameFlag(flag, other)))
  t.deepEqual(missing, [])
})

test('a name that the table has beyond ripgrep’s is Quern’s own, or an old one that ripgrep hides', t => {
  const help = execFileSync(RIPGREP, ['--help'], { encoding: 'utf8' })
  const extra = FLAGS.filter(({ long }) => !help.includes(`--${long}`)).map(({ long }) => long)
  t.deepEqual(extra, ['no-index', 'store'])
})

test('ripgrep knows every negation', t => {
  const own = new Set(FLAGS.filter(({ category }) => category === 'quern').map(({ long }) => long))
  for (const { long, negated, value } of FLAGS) {
    if (negated === undefined || own.has(long)) continue
    const args = [...(value === undefined ? [`--${long}`] : []), `--${negated}`, '--version']
    t.notThrows(() => execFileSync(RIPGREP, args), `rg ${args.join(' ')}`)
  }
})

test('each flag is either done or refused, and no name is taken twice', t => {
  for (const flag of FLAGS) t.true((flag.set === undefined) !== (flag.refused === undefined), flag.long)
  const names = FLAGS.flatMap(({ long, alias, negated }) => [long, alias, negated]).filter(
    name => name !== undefined,
  )
  t.deepEqual(names, [...new Set(names)])
  const letters = FLAGS.map(({ short }) => short).filter(letter => letter !== undefined)
  t.deepEqual(letters, [...new Set(letters)])
})

interface Named {
  readonly long: string | undefined
  readonly short: string | undefined
  readonly takesValue: boolean
}

function sameFlag(a: Named, b: Named): boolean {
  return a.long === b.long && a.short === b.short && a.takesValue === b.takesValue
}
