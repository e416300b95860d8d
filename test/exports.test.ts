import { existsSync, readFileSync } from 'node:fs'
import test from 'ava'
import * as quern from 'quern'
import * as cache from 'quern/cache'

const repository = new URL('../../', import.meta.url)

interface Manifest {
  readonly version: string
  readonly license: string
  readonly exports: Record<string, string | Record<string, string>>
  readonly bin: Record<string, string>
  readonly imports: Record<string, string>
}

const manifest = JSON.parse(readFileSync(new URL('package.json', repository), 'utf8')) as Manifest

test('the public face is this and nothing more', t => {
  t.deepEqual(Object.keys(quern), [
    'Batch',
    'ERRORS',
    'Follower',
    'Index',
    'Match',
    'Matches',
    'OPERATIONS',
    'Opening',
    'QuernError',
    'Watcher',
    'addStatistics',
    'marked',
    'open',
  ])
  t.deepEqual(Object.keys(cache), ['Cache', 'createCache', 'decode', 'diskTier', 'encode'])
})

test('every file that package.json names is there', t => {
  const targets = [
    ...Object.values(manifest.exports),
    manifest.bin,
    { native: manifest.imports['#native'] ?? '' },
  ]
  for (const target of targets.flatMap(entry =>
    typeof entry === 'string' ? [entry] : Object.values(entry),
  )) {
    t.true(existsSync(new URL(target, repository)), target)
  }
})

test('package.json and Cargo.toml agree on version and licence', t => {
  const cargo = readFileSync(new URL('Cargo.toml', repository), 'utf8')
  t.is(/^version = "(.+)"$/m.exec(cargo)?.[1], manifest.version)
  t.is(/^license = "(.+)"$/m.exec(cargo)?.[1], manifest.license)
})

test('the lock file names no registry', t => {
  t.false(readFileSync(new URL('package-lock.json', repository), 'utf8').includes('"resolved"'))
})
