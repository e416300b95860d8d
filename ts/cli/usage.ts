/** A command line that cannot be followed: printed as `quern: <message>`, exit status 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}
