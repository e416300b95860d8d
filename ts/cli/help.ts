/** What `--help` says: first how to get something done, then the list. */
import type { Category, Flag } from './flags/flag.js'
import { FLAGS } from './flags/table.js'

/** `quern --help`. */
export function help(): string {
  return `quern finds text in folders: exactly what ripgrep finds, from an index, in milliseconds.

  quern grep 'struct\\s+page'            lines that match, in the current folder
  quern grep -i -t rust todo crates/    without regard to case, only Rust files, only there
  quern grep -l -w PM_RESUME            files with the word
  quern grep -F 'a[0]' -C 2             plain text, with two lines around
  quern follow error logs/              lines as they are written
  quern search 'slab allocator race'    the passages that answer best
  quern files -g '*.md'                 the files that would be searched

The first search of a folder indexes it; after that a search looks at every file's date and reads only
what can match. Edits are found at once. Nothing is written into your folder.

Commands
  grep PATTERN [PATH...]    search; the flags are ripgrep's (quern grep --help)
  search QUERY [PATH]       ranked search (quern search --help)
  explain QUERY [PATH]      how a ranked search is answered, and what it costs (quern explain --help)
  suggest TEXT [PATH]       words, symbols and paths that begin so (quern suggest --help)
  follow [PATTERN] [PATH]   lines as they are written (quern follow --help)
  files [PATH...]           list the files that would be searched
  index [PATH]              index a folder now, with progress and figures
  stats [PATH]              what the index of a folder holds
  check [PATH]              verify every checksum, and a sample of the index against the files
  stores ls                 all indexes of this user, with their sizes
  stores prune [--cap SIZE] remove those used longest ago, until the rest fits (default 10GB)
  stores rm DIR|PATH        remove one
  cache ls                  what the cache on disk holds
  cache get KEY             one value, as it is stored
  cache clear [PATTERN]     drop values: all, those whose keys match, or with --tag TAG those that have the tag

Exit status: 0 something was found, 1 nothing was found, 2 something went wrong.
`
}

/** `quern search --help`. */
export function searchHelp(): string {
  return `Usage: quern search [FLAGS] QUERY [FOLDER]

Shows the passages of a folder that answer a question best. The first search ranks the folder, which takes longer than
indexing it; after that it takes milliseconds.

  quern search 'slab allocator race'            passages with some of the words, those with most first
  quern search --all 'slab allocator race'      with all of them
  quern search '"memory leak" -path:test/'      with the phrase, not in folders called test
  quern search 'symbol:alloc_page lang:c'       where something of that name is defined
  quern search 'alocate~ cach*'                 misspelt words, beginnings of words
  quern search '/0x[0-9a-f]{8}/ register'       lines that match exactly, ranked by a word

Operators: AND, OR, NOT, +required, -excluded, ( ), "phrase", word~1, prefix*, /regex/, path:GLOB, lang:NAME, symbol:NAME;
of logs time:2015-07-29, time:>=now-2h, time:[FROM TO UNTIL], level:error, level:>=warn, and fields: user:alice, status:>=500.

      --all             every word has to be there
      --mode=MODE       what QUERY is: query (the language above, the default), words, exact, fuzzy, regex, or auto
      --scope=file      what is required may be anywhere in the file, not only in one passage
  -n, --limit=NUM       passages shown (default 10)
      --offset=NUM      leave out the best NUM
      --facet=NAME      count all that matches by language, folder, folder:DEPTH, level, field:NAME, time, or time:INTERVAL (minute,
                        hour, day, week, month, year); may be given several times
      --strict          refuse a query with a mistake
      --json            for programs
      --color=WHEN      never, auto, always
      --store=DIR       the store to use
`
}

/** `quern explain --help`. */
export function explainHelp(): string {
  return `Usage: quern explain [FLAGS] QUERY [FOLDER]

Answers a query as \`quern search\` does, and shows instead of the passages what was looked for, how many passages and entries
of posting lists each part of it has at most, how long each part took, and what could be asked instead.

      --all             every word has to be there
      --mode=MODE       as for quern search, and so is --scope
      --strict          refuse a query with a mistake
      --json            for programs
      --store=DIR       the store to use
`
}

/** `quern suggest --help`. */
export function suggestHelp(): string {
  return `Usage: quern suggest [FLAGS] TEXT [FOLDER]

Shows what begins like a text: names of definitions and headings, words, files and folders, of the index that holds the
folder. First come those that begin exactly so, the most frequent first, then those that nearly do.

  quern suggest kmem_                  names, words and paths
  quern suggest -k symbol parseh       only names, whatever their case
  quern suggest -k path mm/sl          files and folders in a folder called mm

  -k, --kind=KIND       symbol, word or path; can be given several times (default all)
  -n, --limit=NUM       suggestions of each kind (default 10)
      --edits=NUM       misspelt letters at most: 0, 1 or 2 (default by length)
      --json            for programs
      --store=DIR       the store to use
`
}

/** `quern follow --help`. */
export function followHelp(): string {
  return `Usage: quern follow [FLAGS] [PATTERN [FOLDER]]

Shows lines that match, or without PATTERN all, as they are written to the files of a folder, until Ctrl-C. Logs are followed
over rotation, by renaming and by copying and truncating. A folder without an index is indexed first.

  quern follow error logs/              what is written to logs from now on
  quern follow -n 10 -g '*.log' '' .    all lines of these files, beginning with the last ten of each

  -n, --lines=NUM       begin with the last NUM lines of each file (default 0)
  -g, --glob=GLOB       only these files, or with ! not these; may be given several times
  -i, --ignore-case     without regard to case
  -F, --fixed-strings   PATTERN is plain text
      --json            a line of JSON each, for programs
      --color=WHEN      never, auto, always
      --store=DIR       the store to use
`
}

const TITLES: Readonly<Record<Category, string>> = {
  input: 'Patterns',
  search: 'Search',
  filter: 'Which files',
  mode: 'What is printed',
  output: 'How it is printed',
  logging: 'Messages',
  other: 'Other',
  quern: 'Quern’s own',
}

/** `quern grep --help`. */
export function grepHelp(): string {
  const groups = Object.entries(TITLES).map(([category, title]) => {
    const flags = FLAGS.filter(flag => flag.category === category && flag.refused === undefined)
    return `${title}\n${flags.map(entry).join('')}`
  })
  const refused = FLAGS.filter(flag => flag.refused !== undefined).map(flag => `--${flag.long}`)
  return `Usage: quern grep [FLAGS] PATTERN [PATH...]
       quern grep [FLAGS] -e PATTERN... [PATH...]
       command | quern grep [FLAGS] PATTERN

Flags and output are ripgrep's. Several -e find lines that match any of them. After --, nothing is a flag.

  quern grep -n 'fn \\w+' src/           with line numbers
  quern grep -e TODO -e FIXME -c        count the lines of each file
  quern grep -o '[0-9a-f]{40}' -I       only what matched, without paths
  quern grep -U 'begin(?s:.*?)end'      matches that span lines
  quern grep 'v(\\d+)' -r 'version $1'   show matches replaced
  quern grep --json error logs/         for programs

${groups.join('\n')}
Not supported (each says why): ${refused.join(', ')}
`
}

const WIDTH = 34

function entry(flag: Flag): string {
  const names = `  ${flag.short === undefined ? '    ' : `-${flag.short}, `}--${flag.long}${flag.value === undefined ? '' : `=${flag.value}`}`
  const gap = names.length < WIDTH ? ' '.repeat(WIDTH - names.length) : `\n${' '.repeat(WIDTH)}`
  return `${names}${gap}${flag.help}\n`
}
