// Runs one of the plain Node entries, built first if need be: `node src-main/tools/run.mjs cluster|web|mcp [ARGS]`.
import path from 'node:path'
import { createRequire } from 'node:module'
import { buildIfStale, root } from './build.mjs'

const [entry, ...args] = process.argv.slice(2)
if (!['cluster', 'web', 'mcp'].includes(entry)) {
  console.error('usage: run.mjs cluster|web|mcp [options]')
  process.exit(2)
}
// stdout is the protocol's alone.
if (entry === 'mcp') console.log = console.info = console.error
await buildIfStale()
const file = path.join(root, 'out/main', `${entry}.cjs`)
process.argv = [process.argv[0], file, ...args]
createRequire(import.meta.url)(file)
