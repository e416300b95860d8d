/**
 * Every way in which Quern can fail, and the only place that throws.
 *
 * Failures cross from the addon as data, because error codes do not survive a native rejection; here they become
 * exceptions. One table says what each code means and what to do about it: `docs/errors.md` is generated from it, and a
 * test holds it against the addon's own list.
 */

/** What a code means, and what its reader can do. */
export interface ErrorEntry {
  readonly meaning: string
  readonly remedy: string
}

/** The table of error codes. */
export const ERRORS = {
  QUERN_INVALID_OPTION: {
    meaning: 'An option has a value that makes no sense, or two options contradict each other.',
    remedy: 'The message names the option and says what it accepts.',
  },
  QUERN_INVALID_PATTERN: {
    meaning: 'A pattern does not parse, or needs something that cannot be searched exactly.',
    remedy: 'The message points at the place; `pattern` and `offset` give it as numbers.',
  },
  QUERN_INVALID_QUERY: {
    meaning:
      'A query of ranked search is refused: it names something that is not there, or is beyond a limit.',
    remedy: 'The message says what is wrong and where; docs/search.md has the language.',
  },
  QUERN_PATTERN_TOO_LARGE: {
    meaning: 'A pattern compiles to more than the size limit allows.',
    remedy: 'Write counted repetitions shorter, or raise `sizeLimit` (`--regex-size-limit`).',
  },
  QUERN_NOT_FOUND: {
    meaning: 'A file or folder is not there.',
    remedy: 'Check `path`.',
  },
  QUERN_NOT_A_FOLDER: {
    meaning: 'The root is a file, or something else that is no folder.',
    remedy: 'Open the folder around it.',
  },
  QUERN_PERMISSION: {
    meaning: 'The operating system refuses access.',
    remedy: 'Check the rights of `path`; `store` puts the store elsewhere.',
  },
  QUERN_IO: {
    meaning: 'Another failure of the file system.',
    remedy: 'The message has the operating system\u2019s words; `path` says where.',
  },
  QUERN_DISK_FULL: {
    meaning: 'The disk is full. What was searchable before still is.',
    remedy: 'Free space, remove stores with `quern stores prune`, or put the store elsewhere with `store`.',
  },
  QUERN_LOCKED: {
    meaning: 'Another process writes to the store. Queries still work.',
    remedy: 'Wait for the process `pid`, or give this index a `store` of its own.',
  },
  QUERN_CORRUPT: {
    meaning: 'A file of the store fails its checksum or is cut short.',
    remedy: 'Remove the store with `quern stores rm`; the next `open` builds it again.',
  },
  QUERN_NEWER_FORMAT: {
    meaning: 'The store was written by a newer version of Quern.',
    remedy: 'Update Quern, or use another `store`.',
  },
  QUERN_TOO_MANY_ERRORS: {
    meaning: 'More files could not be read than `maxErrors` allows.',
    remedy: 'Look at the first errors; raise `maxErrors` if they are expected.',
  },
  QUERN_ABORTED: {
    meaning:
      'The call\u2019s `signal` was aborted. The error\u2019s `name` is `AbortError`; `cause` has the reason.',
    remedy: 'Nothing to do: it was asked for.',
  },
  QUERN_TIMEOUT: {
    meaning: 'The call took longer than its `timeout`.',
    remedy: 'Raise `timeout`, or make the question narrower (a longer pattern, a glob).',
  },
  QUERN_CLOSED: {
    meaning: 'The index or cache was closed.',
    remedy: 'Open another; close it after its last use.',
  },
  QUERN_ADDON: {
    meaning: 'The native addon cannot be loaded on this system.',
    remedy: 'Install again on this system; in a checkout, run `npm test` once, which builds it.',
  },
  QUERN_INTERNAL: {
    meaning: 'A fault in Quern itself.',
    remedy: 'Please report it with the message.',
  },
} as const satisfies Record<string, ErrorEntry>

/** The `code` of a {@link QuernError}. */
export type ErrorCode = keyof typeof ERRORS

/** Where a failure happened, as far as it is known. */
export interface ErrorPlace {
  /** The file or folder concerned. */
  readonly path?: string | undefined
  /** The step that failed: `walk`, `read`, `decode`, `write`, `open`, `pattern` or `search`. */
  readonly stage?: string | undefined
  /** Which of the patterns is at fault, from 0. */
  readonly pattern?: number | undefined
  /** Where in it: in UTF-16 units of a `RegExp`'s source, in bytes of a string pattern. */
  readonly offset?: number | undefined
  /** The process that holds a lock. */
  readonly pid?: number | undefined
}

/** A failure as data: what coverage lists for single files, and what a {@link QuernError} is made from. */
export interface Failure extends ErrorPlace {
  readonly code: ErrorCode
  readonly message: string
}

/** Everything that Quern throws. Test `code`; the table {@link ERRORS} says what each means. */
export class QuernError extends Error {
  readonly code: ErrorCode
  readonly path: string | undefined
  readonly stage: string | undefined
  readonly pattern: number | undefined
  readonly offset: number | undefined
  readonly pid: number | undefined

  constructor(code: ErrorCode, message: string, place: ErrorPlace = {}, options?: ErrorOptions) {
    super(message, options)
    this.name = code === 'QUERN_ABORTED' ? 'AbortError' : 'QuernError'
    this.code = code
    this.path = place.path
    this.stage = place.stage
    this.pattern = place.pattern
    this.offset = place.offset
    this.pid = place.pid
  }
}

/** A failure as it comes from the addon. */
interface RawFailure extends ErrorPlace {
  readonly code: string
  readonly message: string
}

function isKnown(code: string): code is ErrorCode {
  return Object.hasOwn(ERRORS, code)
}

/** A failure of the addon with its code checked against the table. */
export function toFailure(raw: RawFailure): Failure {
  return { ...raw, code: isKnown(raw.code) ? raw.code : 'QUERN_INTERNAL' }
}

/** Throws a failure; `cause` is kept with it. */
export function raise(failure: Failure, cause?: unknown): never {
  throw new QuernError(failure.code, failure.message, failure, cause === undefined ? undefined : { cause })
}

/** Throws the error for an option that makes no sense. */
export function invalidOption(option: string, found: unknown, expected: string): never {
  throw new QuernError('QUERN_INVALID_OPTION', `${option} is ${describe(found)}; it should be ${expected}`)
}

function describe(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value)
  if (typeof value === 'function') return 'a function'
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'an array' : 'an object'
  return String(value)
}
