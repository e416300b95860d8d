/** `quern index`, `stats` and `check`: what concerns the index of one folder. */
import { parseArgs, type ParseArgsConfig } from 'node:util'
import type { Index } from '../engine/handle.js'
import { open, type OpenOptions } from '../engine/open.js'
import type { BuildStats, IndexStats } from '../engine/stats.js'
import { storeAround } from '../engine/stores.js'
import type { Failure } from '../errors.js'
import { complain, line, write } from './console.js'
import { FOUND, NOTHING_FOUND } from './exit.js'
import { bytes, counted, duration } from './format.js'
import { help } from './help.js'
import { showProgress } from './progress.js'
import { number, UsageError } from './usage.js'

const SHOWN_ERRORS = 20

const INDEX_FLAGS = {
  help: { type: 'boolean', short: 'h' },
  store: { type: 'string' },
  profile: { type: 'string' },
  threads: { type: 'string', short: 'j' },
  memory: { type: 'string' },
  'max-errors': { type: 'string' },
} as const satisfies ParseArgsConfig['options']

const LOOK_FLAGS = {
  help: { type: 'boolean', short: 'h' },
  store: { type: 'string' },
  json: { type: 'boolean' },
  sample: { type: 'string' },
} as const satisfies ParseArgsConfig['options']

/** Runs `quern index`. */
export async function index(args: readonly string[], signal: AbortSignal): Promise<number> {
  const { values, positionals } = parseArgs({ args: [...args], options: INDEX_FLAGS, allowPositionals: true })
  if (values.help === true) return await showHelp()
  const { store, profile, threads, memory, 'max-errors': maxErrors } = values
  await using opened = await opening(onePath(positionals), {
    signal,
    store,
    // Whatever it is, the check of the options says so.
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion
    profile: profile as OpenOptions['profile'],
    memory,
    threads: number('--threads', threads),
    maxErrors: number('--max-errors', maxErrors),
  })
  const figures = opened.stats()
  await line(`${figures.root}: ${counted(figures.files, 'file')}, ${bytes(figures.textBytes)} of text`)
  await line(`index: ${bytes(figures.storeBytes)} (${share(figures)} of the text) in ${figures.store}`)
  if (figures.build !== undefined) await reportBuild(figures.build)
  return FOUND
}

/** Runs `quern stats`. */
export async function stats(args: readonly string[], signal: AbortSignal): Promise<number> {
  const { values, positionals } = parseArgs({ args: [...args], options: LOOK_FLAGS, allowPositionals: true })
  if (values.help === true) return await showHelp()
  await using opened = await existing(onePath(positionals), values.store, signal)
  const figures = opened.stats()
  if (values.json === true) {
    await line(JSON.stringify(figures, null, 2))
    return FOUND
  }
  await line(`root        ${figures.root}`)
  await line(`store       ${figures.store}`)
  await line(`files       ${counted(figures.files, 'file')}, ${bytes(figures.textBytes)} of text`)
  await line(`size        ${bytes(figures.storeBytes)} (${share(figures)} of the text)`)
  await line(
    `segments    ${figures.segments}, ${counted(figures.blocks, 'block')}, ${counted(figures.tombstones, 'tombstone')}`,
  )
  await line(`generation  ${figures.generation}`)
  return FOUND
}

/** Runs `quern check`: exit status 1 if anything is wrong. */
export async function check(args: readonly string[], signal: AbortSignal): Promise<number> {
  const { values, positionals } = parseArgs({ args: [...args], options: LOOK_FLAGS, allowPositionals: true })
  if (values.help === true) return await showHelp()
  await using opened = await existing(onePath(positionals), values.store, signal)
  const report = await opened.check({ signal, sample: number('--sample', values.sample) })
  if (values.json === true) {
    await line(JSON.stringify(report, null, 2))
  } else {
    await line(`checked     ${counted(report.files, 'file')}, ${bytes(report.bytes)} of index`)
    await line(
      `sample      ${counted(report.sampled, 'file')} compared, ${report.changed} changed since they were indexed`,
    )
    await line(report.faults.length === 0 ? 'sound' : `${counted(report.faults.length, 'fault')}:`)
    for (const fault of report.faults) await line(`  ${located(fault)}`)
  }
  return report.faults.length === 0 ? FOUND : NOTHING_FOUND
}

async function opening(root: string, options: OpenOptions): Promise<Index> {
  const pending = open(root, options)
  await showProgress(pending.progress())
  return await pending
}

/** Opens what is there without bringing it up to date. */
async function existing(path: string, store: string | undefined, signal: AbortSignal): Promise<Index> {
  if (store !== undefined) return await opening(path, { signal, store, refresh: 'none' })
  const found = storeAround(path)
  if (found === undefined) throw new UsageError(`${path} has no index yet; \`quern index ${path}\` makes one`)
  return await opening(found.root ?? path, { signal, store: found.dir, refresh: 'none' })
}

async function reportBuild(build: BuildStats): Promise<void> {
  const { stages, seconds } = build
  await line(
    `this run: ${counted(build.files, 'file')}, ${bytes(build.bytes)} in ${duration(seconds)}: ` +
      `${counted(build.filesPerMinute, 'file')} a minute, ${build.megabytesPerSecond.toFixed(0)} MB/s, ` +
      `${counted(build.removed, 'file')} removed, ${(build.coreUse * 100).toFixed(0)} % of the cores used`,
  )
  const parts = Object.entries(stages).map(([stage, spent]) => `${stage} ${duration(spent)}`)
  await line(`stages, all threads together: ${parts.join(', ')}`)
  for (const { reason, files } of build.skipped) await line(`left out: ${counted(files, 'file')} (${reason})`)
  for (const error of build.errors.slice(0, SHOWN_ERRORS)) complain(located(error))
  if (build.errorCount > SHOWN_ERRORS) complain(`and ${build.errorCount - SHOWN_ERRORS} more errors`)
}

function located({ path, message, stage }: Failure): string {
  return (
    [path, message].filter(part => part !== undefined).join(': ') + (stage === undefined ? '' : ` (${stage})`)
  )
}

const share = ({ storeBytes, textBytes }: IndexStats): string =>
  textBytes === 0 ? '0 %' : `${((storeBytes / textBytes) * 100).toFixed(1)} %`

function onePath(positionals: readonly string[]): string {
  const [path = '.', extra] = positionals
  if (extra !== undefined) throw new UsageError(`one folder at a time, but '${extra}' was given too`)
  return path
}

async function showHelp(): Promise<number> {
  await write(help())
  return FOUND
}
