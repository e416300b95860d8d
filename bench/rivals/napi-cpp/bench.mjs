// Prints, as JSON, the nanoseconds a match costs to cross from C++ into JavaScript, medians of interleaved runs.
//   node bench.mjs [matches=25000] [runs=31]
import { createRequire } from 'node:module'
import { performance } from 'node:perf_hooks'
import process from 'node:process'

const addon = createRequire(import.meta.url)('./build/Release/crossing.node')
const count = Number(process.argv[2] ?? 25_000)
const runs = Number(process.argv[3] ?? 31)
const headerBytes = 32

const views = buffer => {
  const [rows, files, ranges, textBytes] = new Uint32Array(buffer, 0, 8)
  const fileAt = headerBytes + 16 * rows
  const pathEndAt = fileAt + 12 * rows + 8 * ranges
  const textAt = pathEndAt + 4 * files
  return {
    rows,
    line: new Float64Array(buffer, headerBytes, rows),
    file: new Uint32Array(buffer, fileAt, rows),
    textEnd: new Uint32Array(buffer, fileAt + 4 * rows, rows),
    ranges: new Uint32Array(buffer, fileAt + 12 * rows, 2 * ranges),
    pathEnd: new Uint32Array(buffer, pathEndAt, files),
    text: Buffer.from(buffer, textAt, textBytes),
    path: Buffer.from(buffer, textAt + textBytes),
  }
}

const objectsFromColumns = columns => {
  const paths = Array.from(columns.pathEnd, (end, at) =>
    columns.path.utf8Slice(at === 0 ? 0 : columns.pathEnd[at - 1], end),
  )
  const objects = []
  for (let row = 0, start = 0; row < columns.rows; row++) {
    const end = columns.textEnd[row]
    objects.push({
      path: paths[columns.file[row]],
      line: columns.line[row],
      text: columns.text.utf8Slice(start, end),
      start: columns.ranges[2 * row],
      end: columns.ranges[2 * row + 1],
    })
    start = end
  }
  return objects
}

const variants = {
  'one object a match, made in C++': () => addon.objects().length,
  'columns in one ArrayBuffer': () => views(addon.columns()).rows,
  'columns, every line number read': () => views(addon.columns()).line.reduce((sum, line) => sum + line, 0),
  'columns, then an object with its text for every match': () =>
    objectsFromColumns(views(addon.columns())).length,
}

const median = numbers => numbers.toSorted((a, b) => a - b)[numbers.length >> 1]

addon.make(count)
const times = Object.fromEntries(Object.keys(variants).map(name => [name, []]))
for (let run = -3; run < runs; run++) {
  for (const [name, variant] of Object.entries(variants)) {
    const start = performance.now()
    variant()
    if (run >= 0) times[name].push(performance.now() - start)
  }
}
const callStart = performance.now()
for (let call = 0; call < 1_000_000; call++) addon.nothing()
const nanosecondsACall = performance.now() - callStart

const nanosecondsAMatch = Object.fromEntries(
  Object.entries(times).map(([name, all]) => [name, Number(((median(all) * 1e6) / count).toFixed(1))]),
)
process.stdout.write(
  JSON.stringify(
    { matches: count, runs, nanosecondsAMatch, nanosecondsACall: Number(nanosecondsACall.toFixed(1)) },
    null,
    2,
  ),
)
