// The queries of queries.json, as the API takes them and as arguments of ripgrep (and of `quern grep`, which has its flags).
import { readFileSync } from 'node:fs'

/** Every query: `{ group, patterns, options, timed? }`; `options` are those of `Index.grep`. */
export const queries = JSON.parse(readFileSync(new URL('queries.json', import.meta.url), 'utf8'))

const FLAGS = {
  after: lines => [`-A${lines}`],
  before: lines => [`-B${lines}`],
  binary: () => ['-a'],
  case: kind => [kind === 'smart' ? '-S' : '-i'],
  fixedStrings: () => ['-F'],
  glob: globs => globs.flatMap(glob => ['-g', glob]),
  invert: () => ['-v'],
  line: () => ['-x'],
  maxCount: count => [`-m${count}`],
  multiline: () => ['-U'],
  type: types => types.flatMap(type => ['-t', type]),
  unicode: () => ['--no-unicode'],
  word: () => ['-w'],
}

/** A query's options and patterns as arguments of ripgrep. */
export function rgArguments({ patterns, options }) {
  return [
    ...Object.entries(options).flatMap(([name, value]) => FLAGS[name](value)),
    ...patterns.flatMap(pattern => ['-e', pattern]),
  ]
}

/** How a query is called in a report. */
export function queryName(query) {
  return rgArguments(query)
    .filter(argument => argument !== '-e' || query.patterns.length > 1)
    .join(' ')
}
