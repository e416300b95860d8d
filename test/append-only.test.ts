import { appendFileSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { open } from 'quern'
import { emptyFolder, folderOf } from './support/tree.js'

const LINE = 'a line of a log that is large enough to be worth it\n'
/** More than a MiB. */
const LOG = LINE.repeat(25_000)

for (const appendOnly of [undefined, '*.log', ['/other', '/a.*']]) {
  test(`of a log that grew only the end is read, appendOnly: ${String(appendOnly)}`, async t => {
    const root = folderOf(t, { 'a.log': LOG })
    const index = await open(root, { store: join(emptyFolder(t), 'store'), appendOnly })
    t.teardown(() => index.close())
    appendFileSync(join(root, 'a.log'), 'a needle with')
    await index.refresh()
    appendFileSync(join(root, 'a.log'), 'out end\nneedle\n')
    const { bytes } = await index.refresh()
    t.true(bytes < 100, `${bytes} bytes read`)
    for (const freshness of ['snapshot', 'verified'] as const) {
      const matches = index.grep('needle', { freshness })
      const found = await matches.toArray()
      t.deepEqual(
        found.map(({ line, text }) => `${line}:${text}`),
        ['25001:a needle without end', '25002:needle'],
      )
      t.like(matches.coverage, { complete: true, assumedAppendOnly: appendOnly === undefined ? 0 : 1 })
    }
    t.deepEqual(await index.grep('a line').count(), { files: 1, lines: 25_000, matches: 25_000 })
    t.is(index.stats().files, 1)
  })
}

test('a log that was edited and appended to is indexed anew', async t => {
  const root = folderOf(t, { 'a.log': LOG })
  const index = await open(root, { store: join(emptyFolder(t), 'store') })
  t.teardown(() => index.close())
  const edited = `${readFileSync(join(root, 'a.log'), 'utf8').replace('a line', 'needle')}more\n`
  writeFileSync(join(root, 'a.log'), edited)
  const { bytes } = await index.refresh()
  t.is(bytes, statSync(join(root, 'a.log')).size)
  t.is((await index.grep('needle').count()).lines, 1)
})

test('a glob that is not well formed is refused', async t => {
  const options = { store: join(emptyFolder(t), 'store'), appendOnly: '[' }
  await t.throwsAsync(open(folderOf(t, {}), options), { code: 'QUERN_INVALID_OPTION' })
})
