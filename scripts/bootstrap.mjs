/**
 * Makes a fresh clone ready: installs the packages, builds the addon and compiles TypeScript, each only if its inputs are
 * newer than what is there. Needs Node, Rust and a C toolchain; depends on no package, since none may be installed yet.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = dirname(dirname(fileURLToPath(import.meta.url)))

/** Installs, builds and compiles what is missing or stale. */
export function bootstrap() {
  install()
  buildAddon()
  compile()
}

/** Runs a program in the repository, its output shown; ends this one if it fails. */
export function run(command, args, options = {}) {
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: 'inherit', ...options })
  if (error?.code === 'ENOENT') stop(`${command} was not found. ${HINTS[command] ?? ''}`)
  if (status !== 0) stop(`${command} ${args.join(' ')} failed`)
}

/** Runs the script of an installed package with this Node. */
export function runPackage(script, args) {
  run(process.execPath, [join(root, 'node_modules', script), ...args])
}

const HINTS = { cargo: 'Rust 1.88 or newer is needed: https://rustup.rs' }

function install() {
  const lock = join(root, 'package-lock.json')
  const installed = join(root, 'node_modules', '.package-lock.json')
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(lock).mtimeMs) return
  say('installing packages')
  // On Windows npm is a command script, which only a shell can start.
  // Not `npm ci`: it refuses a lock file that lacks another platform's optional packages, which not every registry has.
  run('npm', ['install', '--no-save', '--no-audit', '--no-fund'], { shell: process.platform === 'win32' })
}

function buildAddon() {
  const bindings = join(root, 'bindings')
  const addons = readdirSync(bindings).filter(name => name.endsWith('.node'))
  const built = Math.max(0, ...addons.map(name => statSync(join(bindings, name)).mtimeMs))
  const sources = [
    'crates',
    'bindings/src',
    'bindings/Cargo.toml',
    'bindings/build.rs',
    'Cargo.toml',
    'Cargo.lock',
  ]
  if (built > Math.max(...sources.map(path => newest(join(root, path))))) return
  say('building the addon (a few minutes the first time)')
  runPackage('@napi-rs/cli/dist/cli.js', addonArguments(['--release']))
}

/** Arguments of `napi` for building the addon. */
export function addonArguments(extra) {
  const output = ['--output-dir', 'bindings', '--js', 'native.cjs', '--dts', 'native.d.cts']
  return ['build', '--platform', '--manifest-path', 'bindings/Cargo.toml', ...output, ...extra]
}

function compile() {
  runPackage('typescript/bin/tsc', ['--build', 'tsconfig.json', 'test/tsconfig.json'])
}

/** Newest modification time below a path, in milliseconds. */
function newest(path) {
  const stat = statSync(path, { throwIfNoEntry: false })
  if (stat === undefined) return 0
  if (!stat.isDirectory()) return stat.mtimeMs
  return Math.max(0, ...readdirSync(path).map(name => newest(join(path, name))))
}

function say(what) {
  process.stderr.write(`quern: ${what}\n`)
}

function stop(why) {
  say(why)
  process.exit(1)
}
