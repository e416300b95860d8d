/** `--facet` of `quern search`: what to count, and how that is shown. */
import { posix } from 'node:path'
import type { FacetRequests, Facets } from '../engine/facets.js'
import { counted } from './format.js'
import { UsageError } from './usage.js'

const INTERVALS = ['minute', 'hour', 'day', 'week', 'month', 'year'] as const

/** What `--facet` asks for: `language`, `level`, `folder`, `folder:2` by two names of it, `time`, `time:day`, or `field:status`. */
export function facetFlags(flags: readonly string[] | undefined): FacetRequests | undefined {
  if (flags === undefined) return undefined
  const fields: Record<string, true> = {}
  const requests = flags.map((flag): FacetRequests => {
    const field = /^field:(.+)$/.exec(flag)?.[1]
    if (field !== undefined) {
      fields[field] = true
      return { fields }
    }
    const depth = /^folder:([1-9]\d{0,3})$/.exec(flag)?.[1]
    if (depth !== undefined) return { folder: { depth: Number(depth) } }
    const interval = INTERVALS.find(known => flag === `time:${known}`)
    if (interval !== undefined) return { time: { interval } }
    if (flag === 'language' || flag === 'folder' || flag === 'level' || flag === 'time')
      return { [flag]: true }
    throw new UsageError(
      `--facet: '${flag}' is not one of language, folder, folder:DEPTH, level, time, time:${INTERVALS.join(', time:')}, field:NAME`,
    )
  })
  return Object.assign({}, ...requests)
}

/** The same for what is `below` the root: folders are as deep from there. */
export function facetsBelow(requests: FacetRequests | undefined, below: string): FacetRequests | undefined {
  if (requests?.folder === undefined) return requests
  const { depth = 1, ...rest } = requests.folder === true ? {} : requests.folder
  return { ...requests, folder: { ...rest, depth: depth + below.split('/').length } }
}

/** Facets with folders as they are seen from where the command runs. */
export function facetsFrom(from: string, below: string, facets: Facets): Facets {
  const { folder, ...rest } = facets
  if (folder === undefined) return facets
  const values = folder.values.map(({ value, count }) => ({
    value: posix.join(from, posix.relative(below, value)),
    count,
  }))
  return { ...rest, folder: { ...folder, values } }
}

/** Lines that show facets, one a value. */
export function facetLines({ fields, ...facets }: Facets): string {
  const all = [...Object.entries(facets), ...Object.entries(fields ?? {})]
  const blocks = all.map(([name, { values, more, others }]) => {
    const rows = values.map(({ value, count }): [number, string] => [count, value])
    if (more > 0) rows.push([others, `in ${counted(more, 'other')}`])
    const width = Math.max(0, ...rows.map(([count]) => String(count).length))
    const shown = rows.map(([count, value]) => `    ${String(count).padStart(width)}  ${value}\n`)
    return `${name}\n${shown.join('')}\n`
  })
  return blocks.join('')
}
