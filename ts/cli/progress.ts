/** One line on the terminal that tells how far an index is; nothing where nobody watches, or where it takes no time. */
import { basename } from 'node:path'
import type { Progress } from '../engine/progress.js'
import { bytes, counted } from './format.js'

const CLEAR = '\r\u001B[K'
const SILENT = 3
/** Milliseconds of waiting that nobody is told of. */
const QUIET = 300
/** Seconds without getting on after which a file is named. */
const SLOW = 3

/** Shows progress on standard error until there is no more; the first moments stay silent. */
export async function showProgress(progress: AsyncIterable<Progress>): Promise<void> {
  if (!process.stderr.isTTY) return
  let seen = 0
  for await (const reading of progress) {
    if (++seen > SILENT) process.stderr.write(CLEAR + described(reading))
  }
  if (seen > SILENT) process.stderr.write(CLEAR)
}

/** Says on standard error what is waited for, if it takes a while and somebody watches. */
export async function showWait(text: string, waited: Promise<void>): Promise<void> {
  if (!process.stderr.isTTY) return await waited
  let shown = false
  const timer = setTimeout(() => {
    shown = process.stderr.write(`${CLEAR}${text} ...`)
  }, QUIET)
  try {
    await waited
  } finally {
    clearTimeout(timer)
    if (shown) process.stderr.write(CLEAR)
  }
}

function described({ stage, files, totalFiles, bytes: read, seconds, slowest }: Progress): string {
  if (stage === 'walk') return `looking for files: ${counted(files, 'file')}`
  const share = totalFiles === 0 ? 0 : Math.floor((files / totalFiles) * 100)
  const speed = seconds > 0 ? `, ${bytes(read / seconds)}/s` : ''
  const waiting =
    slowest !== undefined && slowest.seconds > SLOW
      ? `; ${Math.floor(slowest.seconds)} s at ${basename(slowest.path)} (${slowest.stage})`
      : ''
  return `indexing: ${share} % of ${counted(totalFiles, 'file')}, ${bytes(read)}${speed}${waiting}`
}
