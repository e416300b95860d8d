/** `npm test`: makes the clone ready, then runs the Rust and the TypeScript tests. Arguments go to ava. */
import { bootstrap, run, runPackage } from './bootstrap.mjs'

bootstrap()
run('cargo', ['test', '--workspace', '--quiet'])
runPackage('ava/entrypoints/cli.mjs', process.argv.slice(2))
