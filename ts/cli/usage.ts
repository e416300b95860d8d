/** A command line that cannot be followed: printed as `quern: <message>`, exit status 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** The number that a flag has as its value. Throws {@link UsageError}. */
export function number(flag: string, value: string | undefined): number | undefined {
  if (value !== undefined && !/^\d+$/.test(value)) throw new UsageError(`${flag}: '${value}' is not a number`)
  return value === undefined ? undefined : Number(value)
}
