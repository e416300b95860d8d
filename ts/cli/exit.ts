/** How the program ends: ripgrep's exit statuses, and 130 after Ctrl-C, as shells have it. */
export const FOUND = 0
export const NOTHING_FOUND = 1
export const FAILED = 2
export const INTERRUPTED = 130

function leave(): void {
  process.exit(INTERRUPTED)
}

const PATIENCE_MS = 1000

/** A signal that the first Ctrl-C aborts; a second one, or a second of waiting, ends the program at once. */
export function interruption(): AbortSignal {
  const controller = new AbortController()
  process.once('SIGINT', () => {
    controller.abort()
    process.once('SIGINT', leave)
    setTimeout(leave, PATIENCE_MS).unref()
  })
  return controller.signal
}
