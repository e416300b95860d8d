/** `node heap.js`: fills caches with values of each shape, and says what each counts and what the heap holds more. */
import { Buffer } from 'node:buffer'
import { setImmediate } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { createCache } from 'quern/cache'

/** What a cache of one shape counts and takes, in bytes. */
export interface Weighed {
  shape: string
  counted: number
  measured: number
}

const ENTRIES = 12_000
const LARGE = 100

/** Different in each entry, as values of programs are. */
const word = (number: number, length: number): string =>
  String(1e9 + number)
    .repeat(length)
    .slice(0, length)
const numbers = (count: number): number[] => Array.from({ length: count }, (_, place) => place)
const record = (count: number, number: number): object =>
  Object.fromEntries(numbers(count).map(place => [`field${place}`, number + place]))

const SHAPES: Record<string, (number: number) => unknown> = {
  number: number => number,
  'short strings': number => word(number, 8),
  'strings of one byte': number => word(number, 500),
  'strings of two bytes': number => `漢${word(number, 300)}`,
  'parts of long strings': number => word(number, 2000).slice(100, 300),
  'joined strings': number => numbers(50).reduce(joined => joined + word(number, 9), ''),
  'small objects': number => ({ a: number, b: word(number, 20), c: null }),
  'objects of ten': number => record(10, number),
  'objects of fifty': number => record(50, number),
  'very large objects': number => record(2000, number),
  'whole numbers': number => numbers(100).map(place => place + number),
  'broken numbers': number => numbers(100).map(place => place + number + 0.5),
  'large integers': number => numbers(20).map(place => 2n ** 100n + BigInt(number + place)),
  dates: number => numbers(20).map(place => new Date(1.7e12 + number + place)),
  maps: number => new Map(numbers(40).map(place => [place, word(number + place, 10)])),
  sets: number => new Set(numbers(40).map(place => place + number)),
  bytes: () => new Uint8Array(2000),
  buffers: () => Buffer.alloc(2000),
  'small bytes': () => Float64Array.of(1, 2, 3),
  answers: number => ({
    hits: numbers(10).map(place => ({
      path: `src/${word(number + place, 20)}.ts`,
      score: number + place + 0.25,
      copies: [],
      snippet: { line: place, text: word(number * place, 300), ranges: [[1, 5]] },
    })),
    total: number,
  }),
}

setFlagsFromString('--expose-gc')
const collect: unknown = runInNewContext('gc')

/** Bytes that are in use. */
async function used(): Promise<number> {
  for (let times = 0; times < 3; times++) {
    await setImmediate()
    if (typeof collect === 'function') collect()
  }
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

async function weigh(shape: string, make: (number: number) => unknown): Promise<Weighed> {
  const entries = shape === 'very large objects' ? LARGE : ENTRIES
  const cache = createCache({ maxEntries: entries, maxBytes: '1GB' })
  const before = await used()
  for (let number = 0; number < entries; number++)
    await cache.set(`key:${number}`, make(number), { tags: [`tag:${number % 10}`] })
  const measured = (await used()) - before
  return { shape, counted: cache.stats().layers[0]?.bytes ?? 0, measured }
}

// Once for what the engine compiles and keeps.
for (const [shape, make] of Object.entries(SHAPES)) await weigh(shape, make)

for (const [shape, make] of Object.entries(SHAPES)) {
  // The middle of three: the engine goes on to do both at times of its own.
  const weighed: Weighed[] = []
  for (let times = 0; times < 3; times++) weighed.push(await weigh(shape, make))
  const [, middle] = weighed.toSorted((a, b) => a.measured - b.measured)
  process.stdout.write(`${JSON.stringify(middle)}\n`)
}
