/** Facets: how all that answers a ranked search spreads. */
import { invalidOption } from '../errors.js'
import type { NativeFacet, NativeFacetRequest } from '../native/addon.js'
import { type Check, type Checks, checked, choice, smallCount } from '../checks.js'

/** How a facet is counted. */
export interface FacetOptions {
  /** Values at most, the most frequent first. Default: 10. */
  readonly limit?: number | undefined
}

/** How folders are counted. */
export interface FolderFacetOptions extends FacetOptions {
  /** By so many names of the folder. Default: 1. */
  readonly depth?: number | undefined
}

/** How times are counted. */
export interface TimeFacetOptions {
  /** What is counted together, in UTC; weeks begin on Mondays. Default: `'hour'`. */
  readonly interval?: 'minute' | 'hour' | 'day' | 'week' | 'month' | 'year' | undefined
  /** Intervals at most, the latest. Default: 1,000. */
  readonly limit?: number | undefined
}

/** What to count; `true`: as by default. */
export interface FacetRequests {
  /** By language, under ripgrep's name for it. */
  readonly language?: true | FacetOptions | undefined
  /** By folder, relative to the root; `.` is the root itself. */
  readonly folder?: true | FolderFacetOptions | undefined
  /** Records of logs by level. */
  readonly level?: true | FacetOptions | undefined
  /** Records of logs by when they were written. A value is when an interval begins, in ISO 8601; they come in their order. */
  readonly time?: true | TimeFacetOptions | undefined
  /** Records of logs by the values of their fields: `{ status: true, user: { limit: 5 } }`. Values are in lower case. */
  readonly fields?: Readonly<Record<string, true | FacetOptions | undefined>> | undefined
}

/** A value, and how many of the passages that match, or records of logs, have it. */
export interface FacetValue {
  readonly value: string
  readonly count: number
}

/** How all passages that match spread. */
export interface Facet {
  /** The most frequent first; of equals, in alphabetical order. Times in their order. */
  readonly values: readonly FacetValue[]
  /** How many values there are besides. */
  readonly more: number
  /** How many passages have one of those. */
  readonly others: number
}

/** The facets that were asked for, by name. */
export type Facets = { readonly [K in Exclude<keyof FacetRequests, 'fields'>]?: Facet } & {
  /** By the names of fields, as they were asked for. */
  readonly fields?: Readonly<Record<string, Facet>>
}

const LIMIT_CHECKS = { limit: smallCount } satisfies Checks<FacetOptions>
const FACET_CHECKS = {
  language: asked(LIMIT_CHECKS),
  folder: asked({ ...LIMIT_CHECKS, depth: positive } satisfies Checks<FolderFacetOptions>),
  level: asked(LIMIT_CHECKS),
  time: asked({
    ...LIMIT_CHECKS,
    interval: choice('minute', 'hour', 'day', 'week', 'month', 'year'),
  } satisfies Checks<TimeFacetOptions>),
  fields: fieldFacets,
} satisfies Checks<FacetRequests>

/** A check for an object of facets; gives them as the engine takes them. */
export const facetRequests: Check<NativeFacetRequest[]> = (option, value) => {
  if (typeof value !== 'object' || value === null)
    return invalidOption(option, value, 'an object such as { language: true, folder: { depth: 2 } }')
  const { language, folder, level, time, fields } = checked(value, FACET_CHECKS)
  const requests: NativeFacetRequest[] = []
  if (language !== undefined) requests.push({ by: 'language', ...language })
  if (folder !== undefined) requests.push({ by: 'folder', ...folder })
  if (level !== undefined) requests.push({ by: 'level', ...level })
  if (time !== undefined) requests.push({ by: 'time', ...time })
  for (const [name, field] of fields ?? []) requests.push({ by: 'field', name, ...field })
  return requests
}

/** The facets of an answer, by name. */
export function toFacets(requests: readonly NativeFacetRequest[], facets: readonly NativeFacet[]): Facets {
  const named: [string, Facet][] = []
  const fields: [string, Facet][] = []
  for (const [place, { by, name }] of requests.entries()) {
    const facet = facets[place]
    if (facet === undefined) continue
    if (name === undefined) named.push([by, facet])
    else fields.push([name, facet])
  }
  return { ...Object.fromEntries(named), ...(fields.length > 0 && { fields: Object.fromEntries(fields) }) }
}

/** Fields by name, each `true` or an object of options. */
function fieldFacets(
  option: string,
  value: unknown,
): [string, ReturnType<typeof checked<typeof LIMIT_CHECKS>>][] {
  if (typeof value !== 'object' || value === null)
    return invalidOption(option, value, 'an object such as { status: true, user: { limit: 5 } }')
  return Object.entries(value)
    .filter(([, field]) => field !== undefined)
    .map(([name, field]) => [name, asked(LIMIT_CHECKS)(`${option}.${name}`, field)])
}

/** `true`, or an object with these options. */
function asked<C extends Readonly<Record<string, Check<unknown>>>>(
  checks: C,
): Check<ReturnType<typeof checked<C>>> {
  return (option, value) =>
    value === true
      ? checked(undefined, checks)
      : typeof value === 'object' && value !== null
        ? checked(value, checks)
        : invalidOption(option, value, 'true or an object of options')
}

function positive(option: string, value: unknown): number {
  return smallCount(option, value) > 0 ? smallCount(option, value) : invalidOption(option, value, '1 or more')
}
