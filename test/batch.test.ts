import test from 'ava'
import { Batch, Match } from 'quern'

interface Row {
  readonly text: string | Buffer
  readonly file: number
  readonly ranges?: readonly (readonly [number, number])[]
  readonly kind?: number
  readonly patterns?: readonly number[]
  readonly replaced?: string
}

/** Lays rows out as `bindings/src/batch.rs` does. */
function laidOut(rows: readonly Row[], paths: readonly (string | Buffer)[]): ArrayBuffer {
  const texts = rows.map(({ text }) => Buffer.from(text))
  const files = paths.map(path => Buffer.from(path))
  const replaced = rows.map(({ replaced: after = '' }) => Buffer.from(after))
  const ranges = rows.flatMap(({ ranges: own = [] }) => own)
  const has = (field: keyof Row): boolean => rows.some(row => row[field] !== undefined)
  const flags = (has('kind') ? 1 : 0) | (has('patterns') ? 2 : 0) | (has('replaced') ? 4 : 0)
  const lengths = [texts, files, replaced].map(list => Buffer.concat(list).length)
  const header = [
    rows.length,
    files.length,
    ranges.length,
    lengths[0],
    lengths[1],
    flags,
    has('replaced') ? lengths[2] : 0,
    0,
  ]
  const bytes = Buffer.concat([
    u32(header),
    f64(rows.map((_, i) => i + 1)),
    f64(rows.map((_, i) => i * 100)),
    u32(rows.map(({ file }) => file)),
    u32(ends(texts)),
    u32(ends(rows.map(({ ranges: own = [] }) => own))),
    u32(ranges.flat()),
    has('patterns') ? u32(rows.flatMap(({ patterns = [] }) => patterns)) : Buffer.alloc(0),
    has('replaced') ? u32(ends(replaced)) : Buffer.alloc(0),
    u32(ends(files)),
    has('kind') ? Buffer.from(rows.map(({ kind = 0 }) => kind)) : Buffer.alloc(0),
    ...texts,
    ...files,
    ...(has('replaced') ? replaced : []),
  ])
  return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length)
}

const u32 = (values: readonly (number | undefined)[]): Buffer =>
  Buffer.from(Uint32Array.from(values.map(v => v ?? 0)).buffer)
const f64 = (values: readonly number[]): Buffer => Buffer.from(Float64Array.from(values).buffer)

function ends(lists: readonly { readonly length: number }[]): number[] {
  let end = 0
  return lists.map(({ length }) => (end += length))
}

test('columns are read back as they were laid out', t => {
  const batch = new Batch(
    laidOut(
      [
        { text: 'ab', file: 0, ranges: [[0, 1]] },
        { text: '', file: 1 },
        { text: 'é', file: 1 },
      ],
      ['x', 'y/ü'],
    ),
  )
  t.is(batch.length, 3)
  t.is(batch.fileCount, 2)
  t.deepEqual(
    [0, 1, 2].map(row => batch.text(row)),
    ['ab', '', 'é'],
  )
  t.deepEqual(
    [0, 1, 2].map(row => batch.path(row)),
    ['x', 'y/ü', 'y/ü'],
  )
  t.deepEqual([...batch.line], [1, 2, 3])
  t.deepEqual([...batch.offset], [0, 100, 200])
  t.deepEqual(
    [0, 1].map(row => batch.rangesOf(row)),
    [
      [0, 1],
      [1, 1],
    ],
  )
  t.is(batch.kind, undefined)
  t.is(batch.kindOf(0), 'match')
})

test('optional columns are there when their flag is', t => {
  const rows: Row[] = [
    { text: 'a', file: 0, kind: 1 },
    {
      text: 'bb',
      file: 0,
      kind: 0,
      ranges: [
        [0, 1],
        [1, 2],
      ],
      patterns: [3, 4],
      replaced: 'XX',
    },
  ]
  const batch = new Batch(laidOut(rows, ['f']))
  const [before, match] = [new Match(batch, 0), new Match(batch, 1)]
  t.is(before.kind, 'before')
  t.deepEqual(before.ranges, [])
  t.deepEqual(match.patterns, [3, 4])
  t.is(match.replaced, 'XX')
})

test('ranges count UTF-16 units, byteRanges bytes', t => {
  const match = new Match(
    new Batch(
      laidOut(
        [
          {
            text: 'é😀x',
            file: 0,
            ranges: [
              [2, 6],
              [6, 7],
            ],
          },
        ],
        ['f'],
      ),
    ),
    0,
  )
  t.deepEqual(match.byteRanges, [
    [2, 6],
    [6, 7],
  ])
  t.deepEqual(match.ranges, [
    [1, 3],
    [3, 4],
  ])
  t.deepEqual(
    match.ranges.map(([start, end]) => match.text.slice(start, end)),
    ['😀', 'x'],
  )
  t.is(match.column, 2)
  t.is(match.byteColumn, 3)
})

test('an empty match inside a character is left out, with its pattern', t => {
  const row = {
    text: 'é',
    file: 0,
    ranges: [
      [0, 0],
      [1, 1],
      [2, 2],
    ],
    patterns: [0, 1, 2],
  } as const
  const match = new Match(new Batch(laidOut([row], ['f'])), 0)
  t.deepEqual(match.ranges, [
    [0, 0],
    [1, 1],
  ])
  t.deepEqual(match.patterns, [0, 2])
})

test('bytes that are not UTF-8 stay available', t => {
  const match = new Match(
    new Batch(
      laidOut([{ text: Buffer.from([0xff, 0x61]), file: 0, ranges: [[1, 2]] }], [Buffer.from([0xfe])]),
    ),
    0,
  )
  t.is(match.text, '\uFFFDa')
  t.deepEqual([...match.textBytes], [0xff, 0x61])
  t.is(match.path, '\uFFFD')
  t.deepEqual([...match.pathBytes], [0xfe])
  t.deepEqual(match.ranges, [[1, 2]])
})

test('a match shows as plain data', t => {
  const match = new Match(new Batch(laidOut([{ text: 'ab', file: 0, ranges: [[1, 2]] }], ['f'])), 0)
  const plain = { path: 'f', line: 1, column: 2, text: 'ab', ranges: [[1, 2]], kind: 'match' }
  t.deepEqual(JSON.parse(JSON.stringify(match)), plain)
})
