// Crossing: what a match costs on its way into JavaScript, beside the least that a C++ addon pays (rivals/napi-cpp).
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { startQuern } from '../engines.mjs'
import { queries } from '../queries.mjs'
import { interleaved, shown } from '../statistics.mjs'

const FREQUENT = new Set(['mutex_lock', 'Copyright', 'return -E[A-Z]+;', 'if'])
const rival = join(import.meta.dirname, '..', 'rivals', 'napi-cpp')

function rivalRow(matches) {
  if (!existsSync(join(rival, 'build', 'Release', 'crossing.node'))) return undefined
  const out = execFileSync(process.execPath, [join(rival, 'bench.mjs'), String(matches)])
  return JSON.parse(out.toString()).nanosecondsAMatch
}

/** The time of an answer in columns, and in objects, less that of the same query's count, over its rows. */
export async function measureCrossing({ root, scratch, rounds, cores }) {
  const engine = await startQuern(root, { store: join(scratch, 'queries'), threads: cores })
  const rows = []
  const raw = {}
  const wanted = queries.filter(({ timed, patterns }) => timed && FREQUENT.has(patterns[0]))
  for (const query of wanted) {
    const ways = ['count', 'columns', 'objects'].map(as => [as, () => engine.answer(query, { as })])
    const results = await interleaved(Object.fromEntries(ways), { rounds, warmups: 2 })
    const matches = results.columns.rows
    const nanoseconds = as => ((results[as].milliseconds - results.count.milliseconds) * 1e6) / matches
    const least = rivalRow(Math.min(matches, 200_000))
    raw[query.patterns[0]] = { results, least }
    rows.push([
      query.patterns[0],
      matches,
      shown(nanoseconds('columns')),
      shown(nanoseconds('objects')),
      shown(least?.['columns in one ArrayBuffer'] ?? Number.NaN),
      shown(least?.['columns, then an object with its text for every match'] ?? Number.NaN),
      shown(least?.['one object a match, made in C++'] ?? Number.NaN),
    ])
  }
  await engine.stop()
  return {
    title: 'Crossing: ns a match',
    columns: [
      'query',
      'rows',
      'columns',
      'objects with text',
      'C++ columns',
      'C++ columns, then objects',
      'C++ objects',
    ],
    rows,
    notes: [
      'Quern: time of the answer less the time of `count()`, so the making of the columns is in it too.',
    ],
    raw,
  }
}
