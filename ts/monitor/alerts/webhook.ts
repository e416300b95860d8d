/** Alerts posted to a web address as JSON, one after the other. */
import { setTimeout as pause } from 'node:timers/promises'
import { type Checks, checked, milliseconds, smallCount } from '../../checks.js'
import { invalidOption } from '../../errors.js'
import type { Alert } from './alarm.js'
import type { Sink } from './alerts.js'

export interface WebhookOptions {
  /** Headers besides `content-type`, such as `authorization`. */
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** Milliseconds for one attempt. Default: 5000. */
  readonly timeout?: number | undefined
  /** Attempts after the first. Default: 3. */
  readonly retries?: number | undefined
  /** Milliseconds before the second attempt; before each further one twice as long. Default: 1000. */
  readonly delay?: number | undefined
  /** Alerts that may wait for those before them; more are not delivered. Default: 100. */
  readonly queue?: number | undefined
}

const CHECKS = {
  headers: (option, value): Record<string, string> =>
    Object.fromEntries(
      new Headers(
        typeof value === 'object' && value !== null
          ? Object.entries(value).map(([name, content]): [string, string] => [name, String(content)])
          : invalidOption(option, value, 'an object of strings'),
      ),
    ),
  timeout: milliseconds,
  retries: smallCount,
  delay: milliseconds,
  queue: smallCount,
} satisfies Checks<WebhookOptions>

/**
 * A sink that posts each alert as JSON. An answer that is no success, or none in time, is a failed attempt. An alert counts
 * as not delivered after the last attempt, or at once if too many wait.
 */
export function webhook(url: string | URL, options?: WebhookOptions): Sink {
  const { headers, timeout = 5000, retries = 3, delay = 1000, queue = 100 } = checked(options, CHECKS)
  const target = address(url)
  let waiting = 0
  let last: Promise<unknown> = Promise.resolve()

  const post = async (alert: Alert): Promise<boolean> => {
    try {
      const { ok, body } = await fetch(target, {
        method: 'POST',
        headers: { ...headers, 'content-type': 'application/json' },
        body: JSON.stringify(alert),
        signal: AbortSignal.timeout(timeout),
      })
      await body?.cancel()
      return ok
    } catch {
      return false
    }
  }
  const deliver = async (alert: Alert): Promise<boolean> => {
    for (let attempt = 0; ; attempt++) {
      if (await post(alert)) return true
      if (attempt >= retries) return false
      await pause(delay * 2 ** attempt, undefined, { ref: false })
    }
  }
  return async alert => {
    if (waiting >= queue) return false
    waiting++
    const delivered = last.then(() => deliver(alert))
    last = delivered
    try {
      return await delivered
    } finally {
      waiting--
    }
  }
}

function address(url: string | URL): URL {
  const parsed = URL.canParse(String(url)) ? new URL(url) : undefined
  return parsed?.protocol === 'http:' || parsed?.protocol === 'https:'
    ? parsed
    : invalidOption('url', String(url), 'an http: or https: address')
}
