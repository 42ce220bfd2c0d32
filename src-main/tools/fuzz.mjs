// `npm run fuzz [-- --requests N --seed N --path P --all]`: sends an embedded cluster requests that no client should send.
import { spawnSync } from 'node:child_process'
import path from 'node:path'
import { buildIfStale, root } from './build.mjs'

await buildIfStale()
const { status } = spawnSync('npx', ['tsx', path.join(root, 'test/fuzz/cli.ts'), ...process.argv.slice(2)], { cwd: root, stdio: 'inherit' })
process.exit(status ?? 1)
