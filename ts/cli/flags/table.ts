/**
 * Every flag of `quern grep`: all of ripgrep 15's, in its order within a category, then Quern's own.
 *
 * A flag is done with ripgrep's meaning, or refused by name with the reason; nothing is ignored in silence. The help, the
 * parser and the table in `docs/cli.md` come from this list, and a test holds it against `rg --help`.
 */
import { FILTER } from './files.js'
import type { Category, Flag, FlagEntry } from './flag.js'
import { LOGGING, OTHER, QUERN } from './general.js'
import { MODE, OUTPUT } from './output.js'
import { INPUT, SEARCH } from './search.js'

const of = (category: Category, entries: readonly FlagEntry[]): Flag[] =>
  entries.map(entry => ({ ...entry, category }))

/** The table. */
export const FLAGS: readonly Flag[] = [
  ...of('input', INPUT),
  ...of('search', SEARCH),
  ...of('filter', FILTER),
  ...of('output', OUTPUT),
  ...of('mode', MODE),
  ...of('logging', LOGGING),
  ...of('other', OTHER),
  ...of('quern', QUERN),
]
