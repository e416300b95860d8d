// Building: at most four times one full scan by ripgrep, at most 8.5 % of the text, at most 150 MB of memory.
import { readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { childResult, costOf } from '../processes.mjs'
import { rg } from '../rg.mjs'
import { interleaved, shown } from '../statistics.mjs'

const NOWHERE = 'quern_no_such_symbol_anywhere'

function bytesBelow(folder) {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter(entry => entry.isFile())
  return files.reduce((sum, file) => sum + statSync(join(file.parentPath, file.name)).size, 0)
}

/** Builds from nothing with all cores and with one, beside ripgrep's scan. */
export async function measureBuild({ root, scratch, rounds, cores }) {
  const stats = {}
  const sizes = {}
  const build = (name, threads) => async () => {
    const store = join(scratch, `build-${name}`)
    rmSync(store, { recursive: true, force: true })
    const result = await childResult('build.mjs', { root, options: { store, threads } })
    stats[name] = result.stats
    sizes[name] = bytesBelow(store)
    return result.figures
  }
  const results = await interleaved(
    {
      'rg, full scan': () => costOf(rg, ['--no-config', NOWHERE], { cwd: root }),
      [`build, ${cores} threads`]: build('parallel', cores),
      'build, 1 thread': build('serial', 1),
    },
    { rounds },
  )
  const scan = results['rg, full scan']
  const rows = Object.entries(results).map(([name, { wall, cpu, peakMB, addedMB = Number.NaN }]) => [
    name,
    shown(wall),
    shown(wall / scan.wall),
    shown(cpu),
    shown((cpu / wall / cores) * 100),
    shown(peakMB),
    shown(addedMB),
  ])
  const speedUp = results['build, 1 thread'].wall / results[`build, ${cores} threads`].wall
  return {
    title: 'Building from nothing',
    columns: ['what', 'wall ms', 'times rg', 'CPU ms', '% of all cores', 'peak RSS MB', 'of that added MB'],
    rows,
    notes: [
      'The builds are timed from the call of `open` to its result in a running Node process, ripgrep from its start.',
      ...sizeNotes(stats, sizes),
      ...(cores > 1
        ? [
            `${cores} threads are ${shown(speedUp)} times as fast as one: by Amdahl's law ${shown(serial(speedUp, cores) * 100)} % of the work is serial.`,
          ]
        : []),
    ],
    raw: { results, stats, sizes },
  }
}

/** The share of the work that cannot be done in parallel, after Amdahl: 1 / (s + (1 - s) / n) is the speed-up. */
function serial(speedUp, threads) {
  return (threads / speedUp - 1) / (threads - 1)
}

function sizeNotes(stats, sizes) {
  return Object.entries(stats).map(([name, { build }]) => {
    const text = build?.bytes ?? Number.NaN
    return `Store, ${name}: ${shown(sizes[name] / 1e6)} MB, ${shown((sizes[name] / text) * 100)} % of ${shown(text / 1e6)} MB of text.`
  })
}
