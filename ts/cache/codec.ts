/**
 * Values as bytes, for the tiers: a byte that says how, then V8's structured serialisation, compressed if it is large and gets smaller
 * by that: deflate at its fastest level, which every Node has.
 */
import { Buffer } from 'node:buffer'
import { deserialize, serialize } from 'node:v8'
import { deflateRawSync, inflateRawSync } from 'node:zlib'
import { raise } from '../errors.js'

/** What the first byte can be; a later version of the form takes others. */
const PLAIN = 1
const COMPRESSED = 2

/** The first byte, and behind it, if compressed, how many bytes it was. */
const HEAD = 1
const COMPRESSED_HEAD = 5

/** A value as bytes; compressed from so many bytes on. */
export function encode(value: unknown, compressFrom: number): Uint8Array {
  const plain = serialize(value)
  if (plain.length >= compressFrom && plain.length < 2 ** 32) {
    const compressed = deflateRawSync(plain, { level: 1 })
    if (compressed.length < plain.length) {
      const head = Buffer.alloc(COMPRESSED_HEAD, COMPRESSED)
      head.writeUInt32LE(plain.length, HEAD)
      return Buffer.concat([head, compressed])
    }
  }
  return Buffer.concat([Buffer.alloc(HEAD, PLAIN), plain])
}

/** The value that was encoded. Throws if these bytes are of another version, of Quern's or of V8's, or damaged. */
export function decode(bytes: Uint8Array): unknown {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  switch (buffer[0]) {
    case PLAIN:
      return deserialize(buffer.subarray(HEAD))
    case COMPRESSED: {
      const maxOutputLength = buffer.readUInt32LE(HEAD)
      return deserialize(inflateRawSync(buffer.subarray(COMPRESSED_HEAD), { maxOutputLength }))
    }
    default:
      return raise({ code: 'QUERN_CORRUPT', message: 'a value of the cache is in no known form' })
  }
}
