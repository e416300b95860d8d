// Answers in a form in which they can be compared byte for byte: for each file, its lines as `rg -0nH` prints them. Files
// are searched in parallel, so their order says nothing; the order of the lines in a file does.

const NEWLINE = 0x0a
const SEPARATOR = '--\n'

/**
 * Takes apart what `rg -0nH --no-heading` printed: `files` maps a path (one character a byte) to the bytes of its lines,
 * `messages` are the lines that name no file by a NUL (ripgrep's remarks about binary files), and `count` is all lines.
 */
export function parsePrinted(out) {
  const files = new Map()
  const messages = []
  let path
  let chunkStart = 0
  let count = 0
  const finish = end => {
    if (path !== undefined) files.set(path, withoutLastSeparator(out.subarray(chunkStart, end)))
  }
  for (let start = 0; start < out.length; ) {
    const newline = out.indexOf(NEWLINE, start)
    const end = newline === -1 ? out.length : newline + 1
    const nul = out.subarray(start, end).indexOf(0)
    const here = nul === -1 ? undefined : out.latin1Slice(start, start + nul)
    if (here === undefined && out.latin1Slice(start, end) !== SEPARATOR) {
      finish(start)
      path = undefined
      messages.push(out.latin1Slice(start, end))
    } else if (here !== undefined && here !== path) {
      finish(start)
      path = here
      chunkStart = start
    }
    count += 1
    start = end
  }
  finish(out.length)
  return { files, messages: messages.toSorted(byCodeUnits), count }
}

function byCodeUnits(a, b) {
  if (a === b) return 0
  return a < b ? -1 : 1
}

// The separator between two groups of context also stands between two files.
function withoutLastSeparator(chunk) {
  return chunk.subarray(-SEPARATOR.length).latin1Slice() === SEPARATOR
    ? chunk.subarray(0, -SEPARATOR.length)
    : chunk
}

const MATCH = 0
const BREAK = 4

/** The same for an answer of the API: reads all its batches. */
export async function collectBatches(matches) {
  const pieces = new Map()
  for await (const batch of matches.batches()) {
    for (let row = 0; row < batch.length; row++) {
      const path = batch.filePathBytes(batch.file[row]).latin1Slice()
      const lines = pieces.get(path) ?? []
      if (lines.length === 0) pieces.set(path, lines)
      lines.push(printedRow(batch, row, path))
    }
  }
  const files = new Map()
  for (const [path, lines] of pieces)
    files.set(path, withoutLastSeparator(Buffer.from(lines.join(''), 'latin1')))
  return { files, messages: [] }
}

// A match in multi-line mode is several lines, each printed with its own number.
function printedRow(batch, row, path) {
  const kind = batch.kind?.[row] ?? MATCH
  if (kind === BREAK) return SEPARATOR
  const mark = kind === MATCH ? ':' : '-'
  const lines = batch.textOf(row).latin1Slice().split('\n')
  return lines.map((text, index) => `${path}\0${batch.line[row] + index}${mark}${text}\n`).join('')
}

/** The first difference between two answers in words, or nothing. */
export function difference(expected, actual, { messages = true } = {}) {
  for (const [path, lines] of expected.files) {
    const found = actual.files.get(path)
    if (found === undefined) return `no lines of ${path}`
    if (!lines.equals(found)) return `${path}: ${firstDifferentLine(lines, found)}`
  }
  for (const path of actual.files.keys()) {
    if (!expected.files.has(path)) return `lines of ${path}, where ripgrep has none`
  }
  const said = [expected, actual].map(answer => answer.messages.join(''))
  return messages && said[0] !== said[1] ? `messages ${JSON.stringify(said)}` : undefined
}

const SHOWN = 200

function firstDifferentLine(expected, actual) {
  const [left, right] = [expected, actual].map(lines => lines.latin1Slice().split('\n'))
  const at = left.findIndex((line, index) => line !== right[index])
  return `ripgrep has ${shortened(left[at])}, not ${shortened(right[at])}`
}

function shortened(line) {
  return JSON.stringify(line?.slice(0, SHOWN))
}
