/** Makes every generated file that the repository holds: the addon's loader and types, and the tables in `docs/`. */
import { addonArguments, bootstrap, run, runPackage } from './bootstrap.mjs'

bootstrap()
runPackage('@napi-rs/cli/dist/cli.js', addonArguments(['--release']))
run(process.execPath, ['scripts/docs.mjs'])
