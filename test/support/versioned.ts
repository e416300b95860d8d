/** Files whose every line says which version it is of, so that an answer that mixes two shows. */
const FILES = 12
const LINES = 40

/** The text of a file's version. */
export function textOf(path: string, version: number): string {
  return `${path} version ${version}\n`.repeat(LINES)
}

/** Files of which the index is given the text, and files that are written to disk. */
export const GIVEN = Array.from({ length: FILES }, (_, number) => `given-${number}.txt`)
export const ON_DISK = Array.from({ length: FILES }, (_, number) => `folder-${number}/disk.txt`)
export const ROWS = LINES
