// Logs as services write them: time, level, component, a message with numbers and hexadecimal ids. The same bytes every time.
import { closeSync, openSync, writeSync } from 'node:fs'

const LEVELS = ['INFO', 'INFO', 'INFO', 'DEBUG', 'WARN', 'ERROR']
const COMPONENTS = [
  'http.server',
  'db.pool',
  'auth',
  'cache.redis',
  'scheduler',
  'billing.invoice',
  'search.index',
]
const MESSAGES = [
  'request served path=/api/v2/orders/{} status=200 bytes={} ms={}',
  'connection {} returned to the pool after {} queries',
  'user {} signed in from 10.{}.{}.17',
  'cache miss for key session:{}:{} (ttl {})',
  'job {} took {} ms, next run in {} s',
  'retrying upstream {} after timeout ({} of {})',
  'invoice {} issued, total {}.{} EUR',
  'segment {} merged: {} documents, {} deleted',
]
const CHUNK_LINES = 4096

/** Lines of a log from line `first` on, about 110 bytes each. */
export function logLines(first, count) {
  const lines = []
  for (let number = first; number < first + count; number++) {
    // A multiplicative hash: scattered, but the same for the same line.
    const mixed = Math.imul(number + 1, 2_654_435_761) >>> 0
    const values = [mixed % 100_000, (mixed >>> 7) % 4096, (mixed >>> 13) % 997]
    const message = MESSAGES[mixed % MESSAGES.length].replaceAll('{}', () => String(values.shift() ?? number))
    const time = new Date(1_767_225_600_000 + number * 7).toISOString()
    const level = LEVELS[(mixed >>> 3) % LEVELS.length]
    const component = COMPONENTS[(mixed >>> 5) % COMPONENTS.length]
    lines.push(`${time} ${level} [${component}] trace=${mixed.toString(16).padStart(8, '0')} ${message}\n`)
  }
  return lines.join('')
}

/** Writes a log of about `bytes` bytes that begins at line `first`. Gives the number of the line after its last. */
export function writeLog(path, bytes, first) {
  const file = openSync(path, 'w')
  let line = first
  for (let written = 0; written < bytes; line += CHUNK_LINES) {
    written += writeSync(file, logLines(line, CHUNK_LINES))
  }
  closeSync(file)
  return line
}
