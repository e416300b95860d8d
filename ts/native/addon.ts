/**
 * The addon itself, loaded when it is first needed, so that `quern --help` does not pay for it and a system without a
 * fitting addon gets an error that says what to do.
 */
import { createRequire } from 'node:module'
import type * as Native from '#native'
import { raise } from '../errors.js'

export type * from '#native'

let loaded: typeof Native | undefined

/** The addon's functions and classes. Throws `QUERN_ADDON` where it cannot be loaded. */
export function addon(): typeof Native {
  loaded ??= load()
  return loaded
}

function load(): typeof Native {
  try {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the generated types describe this very file
    return createRequire(import.meta.url)('#native') as typeof Native
  } catch (cause) {
    const place = `${process.platform}-${process.arch}, Node ${process.versions.node}`
    const said = cause instanceof Error ? cause.message.split('\n', 1)[0] : String(cause)
    return raise(
      { code: 'QUERN_ADDON', message: `the native addon cannot be loaded on ${place}: ${said}` },
      cause,
    )
  }
}
