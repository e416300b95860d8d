// How the time of ranked questions grows with the corpus: the same questions to an index of 1, 4, 16 and 64 parts of it. A part
// is every 64th file, linked into a folder of its own.
import { linkSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { open } from '../../dist/index.js'
import { milliseconds, quantile } from '../statistics.mjs'
import { KINDS, pairsOf, time } from './ranked.mjs'

const PARTS = [1, 4, 16, 64]
const WIDTH = 40

export async function measureScaling({ root, scratch, rounds }) {
  const pairs = pairsOf(root)
  const medians = new Map(Object.keys(KINDS).map(what => [what, []]))
  const passages = []
  for (const parts of PARTS) {
    const folder = parts === 64 ? root : linked(root, scratch, parts)
    const index = await open(folder, { store: join(scratch, `scaling-${parts}`) })
    await index.ready('terms')
    passages.push((await index.search('*', { limit: 0 })).total)
    for (const [what, queryOf] of Object.entries(KINDS)) {
      const times = []
      for (let round = 0; round <= rounds; round++) {
        for (const pair of pairs) {
          const taken = await time(() => index.search(queryOf(pair)))
          if (round > 0) times.push(taken)
        }
      }
      medians.get(what).push(quantile(times, 0.5))
    }
    await index.close()
    if (folder !== root) rmSync(folder, { recursive: true })
  }
  const rows = [...medians].map(([what, times]) =>
    [what].concat(times.map(milliseconds), exponent(passages, times).toFixed(2)),
  )
  return {
    title: 'Ranked search as the corpus grows',
    columns: ['what, median', ...passages.map(count => `${count.toLocaleString('en')} passages`), 'exponent'],
    rows,
    notes: [
      'The exponent is the slope of the logarithms, by least squares: 1 is linear, 0 is none.',
      `Two words, either, and how it would grow if it were linear:\n\n${plot(passages, medians.get('two words, either'))}`,
    ],
    raw: { passages, medians: Object.fromEntries(medians) },
  }
}

/** A folder with links to the files of so many of 64 parts. */
function linked(root, scratch, parts) {
  const folder = mkdtempSync(join(scratch, 'part-'))
  const entries = readdirSync(root, { withFileTypes: true, recursive: true })
  const files = entries.filter(entry => entry.isFile()).map(entry => join(entry.parentPath, entry.name))
  for (const [number, file] of files.toSorted().entries()) {
    if (number % 64 >= parts) continue
    const target = join(folder, relative(root, file))
    mkdirSync(dirname(target), { recursive: true })
    linkSync(file, target)
  }
  return folder
}

/** The slope of `log y` over `log x`. */
function exponent(xs, ys) {
  const points = xs.map((x, place) => [Math.log(x), Math.log(ys[place])])
  const mean = axis => points.reduce((sum, point) => sum + point[axis], 0) / points.length
  const [x, y] = [mean(0), mean(1)]
  const products = points.map(point => [(point[0] - x) * (point[1] - y), (point[0] - x) ** 2])
  return products.reduce((sum, [a]) => sum + a, 0) / products.reduce((sum, [, b]) => sum + b, 0)
}

/** Bars, one beside the other: the time, and the time of the smallest corpus times how much larger this one is. */
function plot(passages, times) {
  const linear = passages.map(count => (times[0] * count) / passages[0])
  const most = Math.max(...linear, ...times)
  const bar = (value, sign) => sign.repeat(Math.max(1, Math.round((value / most) * WIDTH)))
  const lines = passages.flatMap((count, place) => {
    const label = count.toLocaleString('en').padStart(10)
    return [
      `${label}  ${bar(times[place], '#')} ${milliseconds(times[place])}`,
      `${''.padStart(10)}  ${bar(linear[place], '.')} ${milliseconds(linear[place])}`,
    ]
  })
  return ['```', ...lines, '```'].join('\n')
}
