/** Which files belong to a folder: options that `open` understands, named after ripgrep's flags. */
import type { NativeTypeChange, NativeWalkOptions } from '../native/addon.js'
import { type Checked, type Checks, flag, only, type Size, size, smallCount, texts } from '../checks.js'

/** Choosing files by name, in `open` and in `grep`. */
export interface FileChoice {
  /** Globs that a path must match, or with `!` must not; the last that matches decides. */
  readonly glob?: string | readonly string[] | undefined
  /** The same without regard to case. */
  readonly iglob?: string | readonly string[] | undefined
  /** Only files of these types, by ripgrep's names: `'rust'`, `'py'`. */
  readonly type?: string | readonly string[] | undefined
  /** No files of these types. */
  readonly typeNot?: string | readonly string[] | undefined
  /** Definitions of more types: `'web:*.{html,css}'`. */
  readonly typeAdd?: string | readonly string[] | undefined
}

/** Rules of a walk. The defaults are ripgrep's: no hidden files, nothing that ignore files name, no links followed. */
export interface WalkOptions extends FileChoice {
  /** Hidden files and folders too. Default: false. */
  readonly hidden?: boolean | undefined
  /** Heed ignore files; false turns off all kinds below that are not given. Default: true. */
  readonly ignore?: boolean | undefined
  /** Heed `.ignore` and `.rgignore`. */
  readonly ignoreDot?: boolean | undefined
  /** Heed `.gitignore`. */
  readonly ignoreVcs?: boolean | undefined
  /** Heed `.git/info/exclude`. */
  readonly ignoreExclude?: boolean | undefined
  /** Heed git's global ignore file. */
  readonly ignoreGlobal?: boolean | undefined
  /** Heed ignore files of parent folders. */
  readonly ignoreParent?: boolean | undefined
  /** More ignore files. */
  readonly ignoreFiles?: string | readonly string[] | undefined
  /** Heed `.gitignore` only inside a git repository. Default: true. */
  readonly requireGit?: boolean | undefined
  /** Ignore files match without regard to case. */
  readonly ignoreCaseInsensitive?: boolean | undefined
  /** Follow symbolic links. */
  readonly follow?: boolean | undefined
  /** Stay on the root's file system. */
  readonly oneFileSystem?: boolean | undefined
  /** Depth below the root. */
  readonly maxDepth?: number | undefined
  /** Larger files do not belong to the folder. */
  readonly maxFilesize?: Size | undefined
  /** `glob` too matches without regard to case. */
  readonly globCaseInsensitive?: boolean | undefined
  /** Only files with one of these extensions are indexed, without dot. Others count as skipped. */
  readonly extensions?: string | readonly string[] | undefined
  /** Files with one of these extensions are not indexed. */
  readonly excludeExtensions?: string | readonly string[] | undefined
  /** Files that match one of these globs are not indexed. */
  readonly exclude?: string | readonly string[] | undefined
  /** Larger files are not indexed. */
  readonly maxIndexedSize?: Size | undefined
}

export const FILE_CHECKS = {
  glob: texts,
  iglob: texts,
  type: texts,
  typeNot: texts,
  typeAdd: texts,
} satisfies Checks<FileChoice>

export const WALK_CHECKS = {
  ...FILE_CHECKS,
  hidden: flag,
  ignore: flag,
  ignoreDot: flag,
  ignoreVcs: flag,
  ignoreExclude: flag,
  ignoreGlobal: flag,
  ignoreParent: flag,
  ignoreFiles: texts,
  requireGit: flag,
  ignoreCaseInsensitive: flag,
  follow: flag,
  oneFileSystem: flag,
  maxDepth: smallCount,
  maxFilesize: size,
  globCaseInsensitive: flag,
  extensions: texts,
  excludeExtensions: texts,
  exclude: texts,
  maxIndexedSize: size,
} satisfies Checks<WalkOptions>

function changes(kind: NativeTypeChange['kind'], values: readonly string[]): NativeTypeChange[] {
  return values.map(value => ({ kind, value }))
}

/** Globs and types as the addon takes them. */
export function nativeChoice(options: Checked<typeof FILE_CHECKS>): {
  globs: string[]
  iglobs: string[]
  types: NativeTypeChange[]
} {
  const { glob = [], iglob = [], type = [], typeNot = [], typeAdd = [] } = options
  return {
    globs: glob,
    iglobs: iglob,
    types: [...changes('add', typeAdd), ...changes('select', type), ...changes('negate', typeNot)],
  }
}

const NO_IGNORE = {
  ignoreDot: false,
  ignoreVcs: false,
  ignoreExclude: false,
  ignoreGlobal: false,
  ignoreParent: false,
}

/** Checked options as the addon takes them. */
export function nativeWalk(options: Checked<typeof WALK_CHECKS>): NativeWalkOptions {
  const {
    ignore = true,
    glob: _glob,
    iglob: _iglob,
    type: _type,
    typeNot: _not,
    typeAdd: _add,
    ...rest
  } = options
  return { ...(ignore ? {} : NO_IGNORE), ...rest, ...nativeChoice(only(options, FILE_CHECKS)) }
}
