/** Opening a folder: the way into the package. */
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { invalidOption } from '../errors.js'
import { addon, type NativeOpenOptions } from '../native/addon.js'
import { Call, type CallOptions, caught } from '../native/call.js'
import {
  type Checks,
  checked,
  choice,
  count,
  milliseconds,
  only,
  type Size,
  size,
  smallCounts,
  stackSize,
  text,
  threadCount,
  texts,
} from '../checks.js'
import { type AnswersOption, answersOption } from './answers.js'
import { CALL_CHECKS } from './grep-options.js'
import { Opening } from './opening.js'
import { nativeWalk, WALK_CHECKS, type WalkOptions } from './walk-options.js'

/** Options of {@link open}. */
export interface OpenOptions extends WalkOptions, CallOptions {
  /** The folder for the store. Default: one of its own in `QUERN_STORE`, else in the user's cache folder. */
  readonly store?: string | undefined
  /**
   * What `threads`, `memory`, `cache` and `overlay` are where they are not given: `'small'` for editors and machines that
   * others need too, `'large'` for servers. Default: `'medium'`.
   */
  readonly profile?: 'small' | 'medium' | 'large' | undefined
  /**
   * Threads of the engine, which all indexes of the process share; the first `open` decides, on all options of threads. 0: one
   * a core. Default: `QUERN_THREADS`, else one a core.
   */
  readonly threads?: number | undefined
  /** Bytes of a thread's stack, 512 KiB or more. Default: 2 MB. */
  readonly stackSize?: Size | undefined
  /** The cores that the threads may run on, by number; on Linux only. Default: all. */
  readonly affinity?: readonly number[] | undefined
  /** `'background'`: threads that build give way to others. Default: `'normal'`. */
  readonly priority?: 'normal' | 'background' | undefined
  /**
   * Bytes that building, the overlay and the cache hold together. Where it is given, `cache` and `overlay` are parts of it; what
   * they leave, 24 MB or more, is for building. Default: 48 MB a thread beside the cache and the overlay.
   */
  readonly memory?: Size | undefined
  /** Bytes of file contents kept for queries. Default: 256 MB. */
  readonly cache?: Size | undefined
  /** Bytes of changes in memory after which they are flushed. Default: 32 MB. */
  readonly overlay?: Size | undefined
  /** Milliseconds that a change may be in memory only. Default: 5000. */
  readonly flushAfter?: number | undefined
  /** Bytes a second that merges in the background write at most; 0: no bound. Default: 32 MB. */
  readonly mergeRate?: Size | undefined
  /** Whether an existing store is brought up to date before `open` resolves. Default: `'wait'`. */
  readonly refresh?: 'wait' | 'none' | undefined
  /** A build goes on past this many files that cannot be read. Default: 10,000. */
  readonly maxErrors?: number | undefined
  /**
   * Milliseconds that one read of a file may take; a file of which one takes longer is given up, with an error that names it,
   * and searched directly by each query. 0: no bound. Default: 60,000.
   */
  readonly readTimeout?: number | undefined
  /** A file with a longer line, in bytes, is searched directly instead of by the index. Default: 256 MB. */
  readonly maxLine?: Size | undefined
  /**
   * Globs of files of which only the end ever changes, such as logs, written as in a `.gitignore` at the root. What was
   * indexed of them is not compared when they have grown; `coverage.assumedAppendOnly` says of how many. Default: none.
   */
  readonly appendOnly?: string | readonly string[] | undefined
  /**
   * How time stamps of logs are written besides the known ways, as `strftime` has it: `'%d.%m.%Y %H:%M:%S'`. A store that was made with
   * others indexes its logs anew. At most 16. Default: none.
   */
  readonly timestamps?: string | readonly string[] | undefined
  /**
   * Keep ranked answers: `true`, the options of a cache, or a cache of `quern/cache` that several indexes share. Only those at
   * freshness `'snapshot'`, each for the state of the index that it is of: docs/cache.md. Default: false.
   */
  readonly answers?: AnswersOption | undefined
}

const STORE_CHECKS = {
  store: text,
  profile: choice('small', 'medium', 'large'),
  threads: threadCount,
  stackSize,
  affinity: smallCounts,
  priority: choice('normal', 'background'),
  memory: size,
  cache: size,
  overlay: size,
  flushAfter: milliseconds,
  mergeRate: size,
  refresh: choice('wait', 'none'),
  maxErrors: count,
  readTimeout: milliseconds,
  maxLine: size,
  appendOnly: texts,
  timestamps: texts,
}

const OPEN_CHECKS = {
  ...STORE_CHECKS,
  ...CALL_CHECKS,
  ...WALK_CHECKS,
  answers: answersOption,
} satisfies Checks<OpenOptions>

/**
 * Opens a folder for searching. The first time, this indexes it; later it brings the store up to date. It resolves as soon
 * as grep can answer.
 *
 * @param root a folder, as a path or a `file:` URL
 */
export function open(root: string | URL, options?: OpenOptions): Opening {
  const checkedOptions = checked(options, OPEN_CHECKS)
  const { store, ...own } = only(checkedOptions, STORE_CHECKS)
  const request: NativeOpenOptions = {
    root: folder(root),
    ...own,
    ...(store === undefined ? {} : { store: resolve(store) }),
    walk: nativeWalk(only(checkedOptions, WALK_CHECKS)),
  }
  const call = new Call(only(checkedOptions, CALL_CHECKS))
  return new Opening(
    caught(() => addon().openIndex(request, call.control)),
    call,
    checkedOptions.answers,
  )
}

function folder(root: unknown): string {
  if (root instanceof URL)
    return root.protocol === 'file:' ? fileURLToPath(root) : invalidOption('root', root.href, 'a file: URL')
  return typeof root === 'string' && root !== ''
    ? resolve(text('root', root))
    : invalidOption('root', root, 'a path or a file: URL')
}
