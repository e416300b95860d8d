/** The `rg` binary that a development dependency brings. */
export { rgPath as RIPGREP } from '@vscode/ripgrep'
