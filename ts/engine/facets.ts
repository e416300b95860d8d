/** Facets: how all that answers a ranked search spreads. */
import { invalidOption } from '../errors.js'
import type { NativeFacet, NativeFacetRequest } from '../native/addon.js'
import { type Check, type Checks, checked, choice, smallCount } from './checks.js'

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
export type Facets = { readonly [K in keyof FacetRequests]?: Facet }

const LIMIT_CHECKS = { limit: smallCount } satisfies Checks<FacetOptions>
const FACET_CHECKS = {
  language: asked(LIMIT_CHECKS),
  folder: asked({ ...LIMIT_CHECKS, depth: positive } satisfies Checks<FolderFacetOptions>),
  level: asked(LIMIT_CHECKS),
  time: asked({
    ...LIMIT_CHECKS,
    interval: choice('minute', 'hour', 'day', 'week', 'month', 'year'),
  } satisfies Checks<TimeFacetOptions>),
} satisfies Checks<FacetRequests>

/** A check for an object of facets; gives them as the engine takes them. */
export const facetRequests: Check<NativeFacetRequest[]> = (option, value) => {
  if (typeof value !== 'object' || value === null)
    return invalidOption(option, value, 'an object such as { language: true, folder: { depth: 2 } }')
  const { language, folder, level, time } = checked(value, FACET_CHECKS)
  const requests: NativeFacetRequest[] = []
  if (language !== undefined) requests.push({ by: 'language', ...language })
  if (folder !== undefined) requests.push({ by: 'folder', ...folder })
  if (level !== undefined) requests.push({ by: 'level', ...level })
  if (time !== undefined) requests.push({ by: 'time', ...time })
  return requests
}

/** The facets of an answer, by name. */
export function toFacets(requests: readonly NativeFacetRequest[], facets: readonly NativeFacet[]): Facets {
  const named = requests.flatMap(({ by }, place) => {
    const facet = facets[place]
    return facet === undefined ? [] : [[by, facet] as const]
  })
  return Object.fromEntries(named)
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
