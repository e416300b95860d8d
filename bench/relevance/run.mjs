// Measures how well ranked answers are: against judgements of people, by the usual metrics.
//
//   node bench/relevance/run.mjs [--only cranfield|code] [--write NAME]
//
// Ranking may be tuned on one half of the queries only; the other half says whether that was more than luck. With --write, the
// tables and what became of every query go to bench/results/.
import process from 'node:process'
import { parseArgs } from 'node:util'
import { describeMachine } from '../machine.mjs'
import { claimReport, record } from '../record.mjs'
import { missing, NAMES } from './collections.mjs'
import { evaluate, METRICS } from './evaluate.mjs'
import { meanWithInterval } from './sampling.mjs'

const { values: chosen } = parseArgs({ options: { only: { type: 'string' }, write: { type: 'string' } } })

function say(text) {
  process.stdout.write(`${text}\n`)
}

function figure(numbers) {
  const { mean, low, high } = meanWithInterval(numbers)
  return `${mean.toFixed(3)} (${low.toFixed(3)} to ${high.toFixed(3)})`
}

/** A row: the mean of each metric. */
function row(title, judged) {
  const figures = Object.keys(METRICS).map(metric => figure(judged.map(({ metrics }) => metrics[metric])))
  return [title, judged.length, ...figures]
}

/** Map.groupBy, which Node 20 does not have. */
function grouped(judged, property) {
  const groups = new Map()
  for (const query of judged) groups.set(query[property], [...(groups.get(query[property]) ?? []), query])
  return groups
}

/** Rows for each value that a property of the queries has, if there are several. */
function rowsBy(judged, property) {
  const groups = grouped(judged, property)
  return groups.size < 2 ? [] : [...groups].map(([value, group]) => row(value, group))
}

function claim(name, judged) {
  return {
    title: `Relevance: ${name}`,
    columns: ['queries', 'number', ...Object.keys(METRICS)],
    rows: [
      row('all', judged),
      ...rowsBy(judged, 'half'),
      ...rowsBy(judged, 'corpus'),
      ...rowsBy(judged, 'kind'),
    ],
    notes: ['Means with 95 % confidence intervals (percentile bootstrap of the queries, 10,000 resamples).'],
    raw: judged,
  }
}

const claims = {}
for (const name of chosen.only?.split(',') ?? NAMES) {
  const reason = missing(name)
  if (reason !== undefined) {
    say(`${name} is skipped: ${reason}.`)
    continue
  }
  claims[name] = claim(name, await evaluate(name))
  say(`${claimReport(claims[name])}\n`)
}
if (chosen.write !== undefined) {
  const corpus = { name: Object.keys(claims).join(', ') }
  for (const path of record(chosen.write, describeMachine(), corpus, claims)) say(`written: ${path}`)
}
