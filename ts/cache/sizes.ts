/**
 * What JavaScript values take of the heap, in bytes, as V8 lays them out on 64-bit systems with whole pointers, which is how Node
 * is built. `test/cache-sizes.test.ts` holds these figures to measurements.
 */

/** A pointer, a place in an object or array. */
const WORD = 8
/** Properties that an object can have without a hash table. */
const MOST_PLACES = 1020

export const DATE = 112

/** A number on its own; whole ones of 32 bits need nothing but the place they are in. */
export function numberSize(value: number): number {
  return (value | 0) === value && !Object.is(value, -0) ? 0 : 2 * WORD
}

/** A string on its own: one byte a letter if all letters are of Latin-1, else two. */
export function stringSize(length: number, isLatin: boolean): number {
  return length < 2 ? 0 : 2 * WORD + aligned(isLatin ? length : 2 * length)
}

export function bigintSize(value: bigint): number {
  const digits = value.toString(16).length - (value < 0n ? 1 : 0)
  return 2 * WORD + aligned(digits / 2)
}

/** An array with places for what it has. */
export function arraySize(length: number): number {
  return length === 0 ? 4 * WORD : (6 + length) * WORD
}

/** An object with so many properties: four places of its own, the rest three at a time; a hash table if they are very many. */
export function objectSize(properties: number): number {
  const own = 7 * WORD
  if (properties <= 4) return own
  if (properties <= MOST_PLACES) return own + (2 + 3 * Math.ceil((properties - 4) / 3)) * WORD
  return own + (13 + 3 * powerOfTwo(1.5 * properties)) * WORD
}

export function mapSize(entries: number): number {
  return (9 + 3.5 * powerOfTwo(entries)) * WORD
}

export function setSize(entries: number): number {
  return (9 + 2.5 * powerOfTwo(entries)) * WORD
}

export function bufferSize(bytes: number): number {
  return 11 * WORD + bytes
}

/** An array of numbers of one kind, or another view of bytes, with its bytes. */
export function viewSize(bytes: number): number {
  return 25 * WORD + aligned(bytes)
}

function aligned(bytes: number): number {
  return Math.ceil(bytes / WORD) * WORD
}

/** The places of a hash table: the least power of two, 4 or more, that is enough. */
function powerOfTwo(least: number): number {
  return Math.max(4, 2 ** Math.ceil(Math.log2(Math.max(1, least))))
}
