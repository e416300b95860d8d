import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import test from 'ava'

const repository = fileURLToPath(new URL('../../', import.meta.url))

/** Crates from the bottom up: each may use those before it. */
const CRATES = [
  'paths',
  'walk',
  'text',
  'grams',
  'terms',
  'matcher',
  'printer',
  'store',
  'watch',
  'disk-cache',
  'engine',
] as const

/** Folders of TypeScript from the bottom up; files beside them may be used by all. */
const FOLDERS = ['native', 'cache', 'engine', 'monitor', 'cli'] as const

const tables = (manifest: string): string[] => manifest.split(/^\[/m)

/** Crates of the workspace that a manifest names under `[dependencies]`. */
function dependencies(folder: string, table: string): string[] {
  const manifest = readFileSync(join(repository, folder, 'Cargo.toml'), 'utf8')
  const section = tables(manifest).find(text => text.startsWith(`${table}]`)) ?? ''
  return [...section.matchAll(/^quern-([a-z-]+)\b/gm)].map(([, name = '']) => name)
}

test('the order of the crates has them all', t => {
  const there = readdirSync(join(repository, 'crates')).filter(name =>
    existsSync(join(repository, 'crates', name, 'Cargo.toml')),
  )
  t.deepEqual(there.toSorted(), [...CRATES, 'testkit'].toSorted())
})

for (const [i, crate] of CRATES.entries()) {
  test(`crate ${crate} uses only crates below it`, t => {
    const below = new Set<string>(CRATES.slice(0, i))
    t.deepEqual(
      dependencies(join('crates', crate), 'dependencies').filter(name => !below.has(name)),
      [],
    )
  })
}

test('the addon uses the engine and nothing else of ours', t => {
  t.deepEqual(dependencies('bindings', 'dependencies'), ['engine'])
})

test('the testkit is for tests only', t => {
  for (const crate of [...CRATES.map(name => join('crates', name)), 'bindings']) {
    t.false(dependencies(crate, 'dependencies').includes('testkit'), crate)
  }
})

/** TypeScript files with the modules they import. */
function sources(): { path: string; imports: string[] }[] {
  const root = join(repository, 'ts')
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter(name => name.endsWith('.ts'))
  return files.map(path => ({
    path,
    imports: [
      ...readFileSync(join(root, path), 'utf8').matchAll(
        /\bfrom '([^']+)'|\brequire\w*\([^)]*\)\('([^']+)'\)/g,
      ),
    ].map(([, from, required]) => from ?? required ?? ''),
  }))
}

test('folders of TypeScript import only from folders below them', t => {
  for (const { path, imports } of sources()) {
    const own = FOLDERS.findIndex(folder => path.startsWith(folder + sep))
    if (own === -1) continue
    for (const target of imports.filter(name => name.startsWith('.'))) {
      const [folder = ''] = relative('.', join(dirname(path), target)).split(sep)
      const rank = FOLDERS.findIndex(name => name === folder)
      t.true(rank <= own, `ts/${path} imports ${target}`)
      t.not(target, '../index.js', `ts/${path} imports the public face`)
    }
  }
})

test('only ts/native imports the addon', t => {
  const importers = sources().filter(({ imports }) => imports.includes('#native'))
  t.deepEqual(
    importers.map(({ path }) => path),
    [join('native', 'addon.ts')],
  )
})

test('only ts/errors.ts throws, but for the command line’s own errors and what is thrown on', t => {
  for (const { path } of sources()) {
    const text = readFileSync(join(repository, 'ts', path), 'utf8')
    const thrown = [...text.matchAll(/^(?!\s*\*).*\bthrow (new \w+|\w+)/gm)].map(([, what]) => what)
    const allowed = path === 'errors.ts' ? ['new QuernError'] : ['new UsageError', 'error']
    t.deepEqual(
      thrown.filter(what => what === undefined || !allowed.includes(what)),
      [],
      path,
    )
    if (thrown.includes('new UsageError')) t.true(path.startsWith('cli' + sep), path)
  }
})

test('the packages that the code imports are the ones that the package depends on', t => {
  const manifest = JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8')) as {
    dependencies: object
    peerDependencies: object
    peerDependenciesMeta: object
  }
  const imported = sources().flatMap(({ imports }) => imports.filter(name => !/^(?:\.|node:|#)/.test(name)))
  const named = [...Object.keys(manifest.dependencies), ...Object.keys(manifest.peerDependencies)]
  t.deepEqual([...new Set(imported)].toSorted(), named.toSorted())
  for (const peer of Object.keys(manifest.peerDependencies))
    t.like(manifest.peerDependenciesMeta, { [peer]: { optional: true } })
})

test('an optional peer is imported by its own entry point only', t => {
  const importers = sources().filter(({ imports }) => imports.includes('prom-client'))
  t.deepEqual(
    importers.map(({ path }) => path),
    [join('monitor', 'prometheus.ts')],
  )
  for (const { path, imports } of sources())
    t.false(
      imports.some(name => name.endsWith('/prometheus.js')),
      path,
    )
})

test('the monitor knows only the types of the engine', t => {
  for (const { path } of sources().filter(source => source.path.startsWith('monitor' + sep))) {
    const text = readFileSync(join(repository, 'ts', path), 'utf8')
    t.notRegex(text, /^import (?!type\b).* from '(?:\.\.\/)+engine\//m, path)
  }
})
