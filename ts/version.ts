import { readFileSync } from 'node:fs'

/** The version of the package, as `quern --version` prints it. */
export function version(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
  const found =
    typeof manifest === 'object' && manifest !== null && 'version' in manifest ? manifest.version : ''
  return `quern ${String(found)}`
}
