/**
 * Standard output and standard error, done properly: a write waits until the reader has taken it, a reader that went away
 * ends the program quietly, and nothing is cut off at the end.
 */

/** Thrown by a write when nobody reads any more. */
export class ReaderGone extends Error {
  override readonly name = 'ReaderGone'
}

/** Writes to standard output; resolves when the system has taken it. */
export function write(data: string | Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    process.stdout.write(data, error => {
      if (error === undefined || error === null) resolve()
      else
        reject(isBrokenPipe(error) ? new ReaderGone('nobody reads standard output', { cause: error }) : error)
    })
  })
}

/** Writes a line to standard output. */
export const line = (text: string): Promise<void> => write(`${text}\n`)

/** Writes a message to standard error, with the program's name in front. */
export function complain(message: string): void {
  process.stderr.write(`quern: ${message}\n`)
}

/** Keeps a broken pipe from becoming an uncaught exception: `write` reports it. */
export function watchPipes(): void {
  process.stdout.on('error', () => {})
  process.stderr.on('error', () => {})
}

function isBrokenPipe(error: Error): boolean {
  return (
    'code' in error &&
    (error.code === 'EPIPE' || error.code === 'ERR_STREAM_DESTROYED' || error.code === 'EOF')
  )
}
