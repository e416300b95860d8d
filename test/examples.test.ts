/**
 * The examples of README.md and docs/ run. A block is an example if its fence says so: "```ts run", "```js run" or
 * "```sh run". Programs run in a small folder, and print what the "```text" block behind them says, if there is one. Of shell
 * blocks, each line that starts with `quern` is run; it ends with status 0, or as its comment says: `# exits 1`.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import test, { type ExecutionContext } from 'ava'
import ts from 'typescript'
import { quern } from './support/command.js'
import { emptyFolder, type Files, folderOf } from './support/tree.js'

const repository = fileURLToPath(new URL('../../', import.meta.url))
const compiled = fileURLToPath(new URL('.', import.meta.url))

/** What the examples are run in. */
const TREE: Files = {
  'src/server.ts': `import { listen } from './listen.js'

// TODO: close on SIGTERM
export async function start(port: number): Promise<void> {
  await listen(port)
}
`,
  'src/listen.ts': `import { createServer } from 'node:http'

export function listen(port: number) {
  return createServer().listen(port)
}
`,
  'logs/app.log': 'started\n',
}

interface Example {
  /** File and line of the fence. */
  readonly name: string
  readonly language: string
  readonly source: string
  /** What it prints, if the page says so. */
  readonly output: string | undefined
}

const BLOCK = /^```(\w+) run\n(.*?)^```$(?:\n+```text\n(.*?)^```$)?/gms

function examplesOf(page: string): Example[] {
  const text = readFileSync(join(repository, page), 'utf8').replaceAll('\r\n', '\n')
  return [...text.matchAll(BLOCK)].map(({ index, 1: language = '', 2: source = '', 3: output }) => {
    const line = text.slice(0, index).split('\n').length
    return { name: `${page}:${line}`, language, source, output }
  })
}

const pages = ['README.md', ...readdirSync(join(repository, 'docs')).map(name => `docs/${name}`)]
const examples = pages.filter(page => page.endsWith('.md')).flatMap(examplesOf)
const programs = examples.filter(({ language }) => language === 'ts' || language === 'js')
const commands = examples.filter(({ language }) => language === 'sh')

/** Runs a program as a file of this package, so that it can import `quern` by its name. */
function runProgram(
  t: ExecutionContext,
  source: string,
): { status: number | null; out: string; err: string } {
  const { outputText } = ts.transpileModule(source, {
    compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext },
  })
  const folder = mkdtempSync(join(compiled, 'example-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }))
  const file = join(folder, 'example.mjs')
  writeFileSync(file, outputText)
  const { status, stdout, stderr } = spawnSync(process.execPath, [file], {
    cwd: folderOf(t, TREE),
    env: { ...process.env, QUERN_STORE: emptyFolder(t) },
    encoding: 'utf8',
  })
  return { status, out: stdout, err: stderr }
}

/** The words of a command line, without quotes and comment. */
function words(line: string): string[] {
  const found = line.matchAll(/'([^']*)'|"([^"]*)"|#.*|([^\s'"#]+)/g)
  return [...found].flatMap(([, single, double, bare]) => single ?? double ?? bare ?? [])
}

test('every page has its examples', t => {
  t.true(programs.length > 5)
  t.true(commands.length > 2)
  t.deepEqual(
    examples.filter(({ language }) => !['ts', 'js', 'sh'].includes(language)).map(({ name }) => name),
    [],
  )
})

for (const { name, source, output } of programs) {
  test(`${name} runs`, t => {
    const { status, out, err } = runProgram(t, source)
    t.deepEqual([status, err], [0, ''])
    if (output !== undefined) t.is(out, output)
  })
}

for (const { name, source } of commands) {
  test(`${name} ends as it says`, t => {
    const around = { cwd: folderOf(t, TREE), stores: emptyFolder(t) }
    const lines = source.split('\n').filter(line => line.startsWith('quern '))
    t.not(lines.length, 0)
    for (const line of lines) {
      const expected = Number(/# exits (\d+)/.exec(line)?.[1] ?? 0)
      const { status, err } = quern(words(line).slice(1), around)
      t.is(status, expected, `${line}\n${err}`)
    }
  })
}
