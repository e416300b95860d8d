// Extraction: the SIMD path against the scalar one, by the Rust example that prints both.
import { execFileSync } from 'node:child_process'
import { resolve } from 'node:path'

const repository = resolve(import.meta.dirname, '..', '..')

/** Runs `gram_speed` and keeps the lines that it prints. */
export async function measureExtraction({ root }) {
  const out = execFileSync(
    'cargo',
    ['run', '--quiet', '--release', '-p', 'quern-grams', '--example', 'gram_speed', '--', root],
    { cwd: repository, stdio: ['ignore', 'pipe', 'inherit'] },
  ).toString()
  return {
    title: 'Gram extraction and encoding on one core, SIMD and scalar',
    columns: ['what `gram_speed` prints'],
    rows: out
      .trimEnd()
      .split('\n')
      .map(line => [line.replaceAll(/ +/g, ' ')]),
    raw: out,
  }
}
