/** Changes that a caller makes known to an index, and what they did. */
import { type Failure, invalidOption, toFailure } from '../errors.js'
import type { NativeApplied, NativeChange } from '../native/addon.js'

/** One change: `content` is the file's text (a string counts as UTF-8), `null` if it is gone; without it the disk is read. */
export interface Change {
  /** A file or, without `content` or with `null`, a folder: relative to the index's folder, or absolute. */
  readonly path: string
  readonly content?: string | Uint8Array | null | undefined
}

/** What changes did. */
export type Applied = Readonly<Omit<NativeApplied, 'errors'>> & {
  /** The first files that could not be read, and why: every query looks at them directly. `errorCount` counts all. */
  readonly errors: readonly Failure[]
}

/** Checks changes and puts them into the addon's form. */
export function nativeChanges(changes: Iterable<Change>): NativeChange[] {
  return Array.from(changes, nativeChange)
}

function nativeChange(change: Change): NativeChange {
  if (typeof change !== 'object' || change === null) return invalidOption('change', change, 'an object')
  const { path, content } = change
  if (typeof path !== 'string' || path === '' || path.includes('\0'))
    return invalidOption('path', path, 'the path of a file or folder')
  if (content === undefined) return { kind: 'look', path }
  if (content === null) return { kind: 'remove', path }
  if (typeof content === 'string') return { kind: 'give', path, text: Buffer.from(content) }
  if (content instanceof Uint8Array)
    return { kind: 'give', path, text: Buffer.from(content.buffer, content.byteOffset, content.byteLength) }
  return invalidOption('content', content, 'a string, a Uint8Array or null')
}

export function toApplied(native: NativeApplied): Applied {
  return { ...native, errors: native.errors.map(toFailure) }
}
