// Idle: an open index takes at most 100 MB, and closing gives it back.
import { join } from 'node:path'
import { childResult } from '../processes.mjs'
import { interleaved, shown } from '../statistics.mjs'

/** Opens an existing store in a fresh process and looks at its memory. */
export async function measureIdle({ root, scratch, rounds, cores }) {
  const task = { root, options: { store: join(scratch, 'queries'), threads: cores } }
  const { idle } = await interleaved(
    { idle: () => childResult('idle.mjs', task, ['--expose-gc']) },
    { rounds: Math.min(rounds, 3) },
  )
  return {
    title: 'Idle memory: resident MB, and opening an existing store',
    columns: ['before', 'open', 'after one query', 'closed', 'open ms'],
    rows: [[idle.before, idle.opened, idle.queried, idle.closed, idle.openMs].map(shown)],
    raw: idle,
  }
}
