// Queries: all results in JavaScript, against ripgrep through a pipe; content cached and not, trusting and verifying.
import { join } from 'node:path'
import { answerByRg, startQuern } from '../engines.mjs'
import { queries, queryName } from '../queries.mjs'
import { interleaved, shown } from '../statistics.mjs'

const SETTINGS = {
  'snapshot, hot': ['hot', { freshness: 'snapshot' }],
  'snapshot, hot, objects': ['hot', { freshness: 'snapshot', as: 'objects' }],
  'snapshot, no cache': ['cold', { freshness: 'snapshot' }],
  'verified, hot': ['hot', { freshness: 'verified' }],
  'verified, no cache': ['cold', { freshness: 'verified' }],
}

/** Times the queries marked `timed`. */
export async function measureQueries({ root, scratch, rounds, cores }) {
  const store = join(scratch, 'queries')
  const engines = {
    hot: await startQuern(root, { store, threads: cores }),
    cold: await startQuern(root, { store, threads: cores, cache: 0 }),
  }
  const raw = {}
  const rows = []
  for (const query of queries.filter(({ timed }) => timed)) {
    const contenders = { rg: () => answerByRg(root, query) }
    for (const [name, [engine, settings]] of Object.entries(SETTINGS)) {
      contenders[name] = () => engines[engine].answer(query, settings)
    }
    const results = await interleaved(contenders, { rounds, warmups: 2 })
    raw[queryName(query)] = results
    rows.push(tableRow(query, results))
  }
  await Promise.all(Object.values(engines).map(engine => engine.stop()))
  return {
    title: 'Queries, all results in JavaScript: ms (times faster than rg)',
    columns: ['query', 'rows', 'rg ms', ...Object.keys(SETTINGS)],
    rows,
    raw,
  }
}

function tableRow(query, results) {
  const { milliseconds, rows } = results.rg
  const times = Object.keys(SETTINGS).map(name => {
    const found = results[name]
    const agreed = found.rows === rows ? '' : `, ${found.rows} rows!`
    return `${shown(found.milliseconds)} (${shown(milliseconds / found.milliseconds)}${agreed})`
  })
  return [queryName(query), rows, shown(milliseconds), ...times]
}
