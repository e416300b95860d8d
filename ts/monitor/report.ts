/** What a monitor knows, for people and for programs. */
import { alertText } from './alerts/alerts.js'
import type { Latency } from './latencies.js'
import type { Load, Sample } from './sample.js'
import type { SlowOperation } from './slow.js'
import { bytes, milliseconds, number } from './units.js'

/** Lines of text; JSON as one line; or tables for a page. */
export type Format = 'text' | 'json' | 'markdown'

/** What is reported. */
export interface Reported {
  readonly sample: Sample
  /** The newest first. */
  readonly slow: readonly SlowOperation[]
  /** Alerts that a sink did not take. */
  readonly undelivered: number
}

/** Slow operations that are shown to people. */
const SHOWN = 10
/** Letters of a query that are shown to people. */
const LETTERS = 80

export function report(format: Format, reported: Reported): string {
  switch (format) {
    case 'json':
      return JSON.stringify(reported)
    case 'markdown':
      return markdown(reported)
    case 'text':
      return text(reported)
  }
}

const HEAD = ['', 'count', 'failed', 'mean', 'p50', 'p90', 'p95', 'p99', 'max'] as const

function text(reported: Reported): string {
  const rows = [[...HEAD], ...operationRows(reported.sample)]
  const widths = HEAD.map((_, column) => Math.max(...rows.map(row => row[column]?.length ?? 0)))
  const lines = rows.map(row =>
    row
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join('  ')
      .trimEnd(),
  )
  const width = Math.max(...figureRows(reported).map(([name]) => name.length))
  const figures = figureRows(reported).map(([name, said]) => `${name.padEnd(width)}  ${said}`)
  return [
    ...lines,
    '',
    ...figures,
    ...titled('alerts', alertLines(reported)),
    ...titled('slow', slowLines(reported)),
  ]
    .map(line => `${line}\n`)
    .join('')
}

function titled(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ['', `${title}:`, ...lines.map(line => `  ${line}`)]
}

function markdown(reported: Reported): string {
  const head = ['operation', ...HEAD.slice(1)]
  const sections = [
    table(head, operationRows(reported.sample)),
    table(['figure', 'value'], figureRows(reported)),
    list('Alerts', alertLines(reported)),
    list('Slow operations', slowLines(reported)),
  ]
  return `# Quern\n${sections.filter(section => section !== '').join('\n')}`
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map(row => `| ${row.map(literal).join(' | ')} |\n`).join('')
}

function list(title: string, lines: readonly string[]): string {
  return lines.length === 0 ? '' : `## ${title}\n${lines.map(line => `- ${literal(line)}\n`).join('')}`
}

/** Text within Markdown as it is: queries are other people's. */
function literal(value: string): string {
  return value.replace(/[\\`*_{}[\]<>#|&~]/g, '\\$&')
}

/** Of each kind of operation a row, of each of its phases one below; the window's durations. */
function operationRows({ operations }: Sample): string[][] {
  const rows: string[][] = []
  for (const [kind, { count, failed, recent, phases }] of Object.entries(operations)) {
    rows.push([kind, number(count), number(failed), ...durations(recent)])
    for (const [phase, latency] of Object.entries(phases))
      rows.push([`  ${phase}`, '', '', ...durations(latency)])
  }
  return rows
}

function durations(latency: Latency | undefined): string[] {
  if (latency === undefined) return []
  const { mean, p50, p90, p95, p99, max } = latency
  return [mean, p50, p90, p95, p99, max].map(milliseconds)
}

function figureRows({ sample, undelivered }: Reported): [string, string][] {
  const { window, active, failing, indexes, queryLoad, buildLoad, process, diskFree } = sample
  const { open, files, segments, textBytes, storeBytes, overlayBytes, cacheBytes } = indexes
  const growth = process.growth === undefined ? '' : `, ${bytes(process.growth)} more a minute`
  const rows: (readonly [string, string | undefined])[] = [
    ['durations of', `the last ${milliseconds(window)}`],
    ['under way', number(active)],
    ['failing', failing === undefined ? undefined : `${number(100 * failing)} %`],
    ['indexes', `${open} open, ${number(files)} files, ${bytes(textBytes)} of text`],
    ['stores', `${bytes(storeBytes)} in ${number(segments)} ${segments === 1 ? 'segment' : 'segments'}`],
    ['held', `${bytes(cacheBytes)} of contents, ${bytes(overlayBytes)} of changes`],
    ['answering', queryLoad && load(queryLoad)],
    ['building', buildLoad && load(buildLoad)],
    ['memory', `${bytes(process.rss)}${growth}, ${bytes(process.heapUsed)} of them JavaScript's`],
    ['processor', `${number(process.cpu)} cores`],
    ['event loop', `${milliseconds(process.loopDelay)} late (p99)`],
    ['disk', diskFree === undefined ? undefined : `${bytes(diskFree)} free`],
    ['not delivered', undelivered === 0 ? undefined : `${number(undelivered)} alerts`],
  ]
  return rows.flatMap(([name, said]) => (said === undefined ? [] : [[name, said]]))
}

function load({ threads, running, waiting }: Load): string {
  return `${running} tasks under way and ${waiting} waiting, ${threads} threads`
}

function alertLines({ sample }: Reported): string[] {
  return sample.alerts.map(alertText)
}

function slowLines({ slow }: Reported): string[] {
  return slow.slice(0, SHOWN).map(({ kind, query, duration, phases = {}, plan }) => {
    const asked = query === undefined ? '' : ` ${JSON.stringify(query.slice(0, LETTERS))}`
    const parts = Object.entries(phases).map(([phase, part]) => `${phase} ${milliseconds(part)}`)
    const read =
      plan?.plan === undefined ? '' : `; ${number(plan.plan.postings)} postings in ${plan.runs} runs`
    const advice = plan?.advice.map(({ message }) => `; ${message}`).join('') ?? ''
    const within = parts.length === 0 ? '' : ` (${parts.join(', ')}${read}${advice})`
    return `${milliseconds(duration)} ${kind}${asked}${within}`
  })
}
