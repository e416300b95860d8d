import { statSync } from 'node:fs'

/** A command line that cannot be followed: printed as `quern: <message>`, exit status 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** The number that a flag has as its value. Throws {@link UsageError}. */
export function number(flag: string, value: string | undefined): number | undefined {
  if (value !== undefined && !/^\d+$/.test(value)) throw new UsageError(`${flag}: '${value}' is not a number`)
  return value === undefined ? undefined : Number(value)
}

/** The value of a flag that is one of a few words. */
export function oneOf<const T extends string>(
  flag: string,
  value: string | undefined,
  words: readonly T[],
): T | undefined {
  const found = words.find(word => word === value)
  if (value !== undefined && found === undefined)
    throw new UsageError(`${flag}: '${value}' is not one of ${words.join(', ')}`)
  return found
}

/** A folder that a command line names. Throws {@link UsageError}. */
export function existing(folder: string): string {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true)
    throw new UsageError(`'${folder}' is not a folder`)
  return folder
}
