/**
 * Values as a cache holds them: copies, so that whoever gave a value cannot change what others get; and frozen, so that whoever gets
 * it cannot either. What can be changed although it is frozen (dates, maps, sets, bytes) is copied once more each time it is got.
 *
 * A cache holds data: plain objects, arrays, primitive values, dates, maps, sets and bytes, in any nesting. An instance of another class or a function
 * would come back from a disk as something else, so it is refused.
 */
import { Buffer } from 'node:buffer'
import { types } from 'node:util'
import { invalidOption } from '../errors.js'
import {
  arraySize,
  bigintSize,
  bufferSize,
  DATE,
  mapSize,
  numberSize,
  objectSize,
  setSize,
  stringSize,
  viewSize,
} from './sizes.js'

/** How deep values may be nested. */
const MAX_DEPTH = 1000
/** Shorter strings are never parts of longer ones that would be held with them. */
const SLICE = 13

/** A value as it is held. */
export interface Kept {
  readonly value: unknown
  /** What the value takes of the heap. */
  readonly bytes: number
  /** Parts of it can be changed although it is frozen. */
  readonly isOpen: boolean
}

/** Copies, freezes and measures a value. Throws `QUERN_INVALID_OPTION` for what is no data. */
export function keep(value: unknown): Kept {
  const keeper = new Keeper()
  const copy = keeper.copy(value, 0)
  return { value: copy, bytes: keeper.bytes, isOpen: keeper.isOpen }
}

/** A kept value for somebody who may do with it what they like. */
export function given({ value, isOpen }: Kept): unknown {
  return isOpen ? new Keeper().copy(value, 0) : value
}

class Keeper {
  bytes = 0
  isOpen = false
  /** Copies by what they are of: a value may have a part several times, or itself. */
  #copies: Map<object, object> | undefined

  copy(value: unknown, depth: number): unknown {
    switch (typeof value) {
      case 'number':
        this.bytes += numberSize(value)
        return value
      case 'string':
        return this.#string(value)
      case 'bigint':
        this.bytes += bigintSize(value)
        return value
      case 'function':
      case 'symbol':
        return refused(value)
      case 'object':
        return value === null ? null : this.#object(value, depth)
      default:
        return value
    }
  }

  /** A copy that is no part of a longer string and not made of shorter ones, so that it takes what it counts. */
  #string(value: string): string {
    const isLatin = isLatin1(value)
    this.bytes += stringSize(value.length, isLatin)
    if (value.length < SLICE) return value
    const encoding = isLatin ? 'latin1' : 'utf16le'
    return Buffer.from(value, encoding).toString(encoding)
  }

  #object(value: object, depth: number): object {
    if (depth > MAX_DEPTH)
      return invalidOption('value', value, `data that is nested at most ${MAX_DEPTH} deep`)
    const known = this.#copies?.get(value)
    if (known !== undefined) return known
    if (Array.isArray(value)) return this.#array(value, depth)
    if (isPlain(value)) return this.#plain(value, depth)
    this.isOpen = true
    if (types.isMap(value)) return this.#map(value, depth)
    if (types.isSet(value)) return this.#set(value, depth)
    const [copy, bytes] = flatCopy(value)
    this.bytes += bytes
    this.#remember(value, copy)
    return copy
  }

  #remember(value: object, copy: object): void {
    this.#copies ??= new Map()
    this.#copies.set(value, copy)
  }

  #array(value: readonly unknown[], depth: number): object {
    const copy: unknown[] = Array.from({ length: value.length })
    this.#remember(value, copy)
    this.bytes += arraySize(value.length)
    for (let place = 0; place < value.length; place++) copy[place] = this.copy(value[place], depth + 1)
    return Object.freeze(copy)
  }

  #plain(value: object, depth: number): object {
    const entries = Object.entries(value)
    // All at once: added one by one, more than a few would be laid out as a hash table of seven times the size.
    const copy: Record<string, unknown> = Object.fromEntries(entries)
    this.#remember(value, copy)
    this.bytes += objectSize(entries.length)
    for (const [name, part] of entries) copy[name] = this.copy(part, depth + 1)
    return Object.freeze(copy)
  }

  #map(value: ReadonlyMap<unknown, unknown>, depth: number): object {
    const copy = new Map<unknown, unknown>()
    this.#remember(value, copy)
    this.bytes += mapSize(value.size)
    for (const [key, part] of value) copy.set(this.copy(key, depth + 1), this.copy(part, depth + 1))
    return copy
  }

  #set(value: ReadonlySet<unknown>, depth: number): object {
    const copy = new Set<unknown>()
    this.#remember(value, copy)
    this.bytes += setSize(value.size)
    for (const part of value) copy.add(this.copy(part, depth + 1))
    return copy
  }
}

/** A copy of a date or of bytes, and what it takes. */
function flatCopy(value: object): [copy: object, bytes: number] {
  if (types.isDate(value)) return [new Date(value), DATE]
  if (types.isArrayBuffer(value)) return [value.slice(0), bufferSize(value.byteLength)]
  if (ArrayBuffer.isView(value)) return [viewCopy(value), viewSize(value.byteLength)]
  return refused(value)
}

/** A view of the same kind of bytes of its own. */
function viewCopy(view: ArrayBufferView): object {
  const bytes = new Uint8Array(view.byteLength)
  bytes.set(new Uint8Array(view.buffer, view.byteOffset, view.byteLength))
  if (Buffer.isBuffer(view)) return Buffer.from(bytes.buffer)
  const name = Object.prototype.toString.call(view).slice('[object '.length, -1)
  const Kind = VIEWS.find(kind => kind.name === name)
  return Kind === undefined ? refused(view) : new Kind(bytes.buffer)
}

/** Kinds of views. */
const VIEWS: readonly { new (bytes: ArrayBuffer): object; readonly name: string }[] = [
  Uint8Array,
  Uint8ClampedArray,
  Uint16Array,
  Uint32Array,
  Int8Array,
  Int16Array,
  Int32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
  DataView,
]

/** Made by no class. An object of another realm counts too: what the addon gives is one where tests run in a realm of their own. */
function isPlain(value: object): boolean {
  const prototype = prototypeOf(value)
  return prototype === null || prototypeOf(prototype) === null
}

function prototypeOf(value: object): object | null {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- nothing else can be a prototype
  return Object.getPrototypeOf(value) as object | null
}

function isLatin1(text: string): boolean {
  // oxlint-disable-next-line no-control-regex -- all letters of one byte are meant
  return /^[\0-\xff]*$/.test(text)
}

function refused(value: unknown): never {
  return invalidOption(
    'value',
    value,
    'data: plain objects, arrays, strings, numbers, dates, maps, sets and bytes',
  )
}
