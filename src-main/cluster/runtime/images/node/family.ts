/** node: runs JavaScript in a sandbox, with the files, the network and the clock of the simulated machine. */
import type { ImageFamily } from '../image.js'
import type { Program } from '../../process.js'
import { resolveProgram, searchPath } from '../../program-file.js'
import { taskOf } from '../../task.js'
import { tagsOf, versionOf, type Releases } from '../tags.js'
import { alpineTree, debianTree } from '../userland.js'
import { nodeProgram } from './program.js'

/** Each major's last release; those of one minor are enough to tell what exists. */
const RELEASES: Releases = [
  ['10.24', 1],
  ['12.22', 12],
  ['14.21', 3],
  ['16.20', 2],
  ['18.20', 8],
  ['19.9', 0],
  ['20.9', 0],
  ['20.10', 0],
  ['20.11', 1],
  ['20.18', 3],
  ['20.19', 6],
  ['21.7', 3],
  ['22.12', 0],
  ['22.21', 1],
  ['23.11', 1],
  ['24.11', 1],
  ['25.2', 1],
]
const LONG_TERM: Record<string, string> = { lts: '24', iron: '20', hydrogen: '18', jod: '22', krypton: '24', current: '25' }
const ACCOUNTS = [{ name: 'node', id: 1000, home: '/home/node', shell: '/bin/bash' }]

/** Runs node with the arguments, unless the first is another command. */
const entrypoint: Program = async (process) => {
  const task = taskOf(process)
  const args = process.argv.slice(1)
  const first = args[0] ?? 'node'
  const isCommand = !first.startsWith('-') && searchPath(task.fs, first, process.env['PATH']).path !== undefined && !first.endsWith('.js')
  const argv = isCommand ? [first, ...args.slice(1)] : ['node', ...args]
  const found = resolveProgram(task, argv, { path: process.env['PATH'] })
  return task.exec(found.program, found.argv, process.env)
}

export const node: ImageFamily = {
  repositories: ['docker.io/library/node', 'public.ecr.aws/docker/library/node'],
  tags: tagsOf(RELEASES, ['slim', 'alpine']),
  tag(tag) {
    const [name = '', ...rest] = tag.split('-')
    // A variant alone, as `alpine`, is that of the latest version.
    const numbered = name in LONG_TERM ? [LONG_TERM[name], ...rest].join('-') : tag
    const found = versionOf(numbered, RELEASES)
    if (!found || !/^((bookworm|bullseye|trixie|buster)?(-?slim)?|slim|alpine(3\.\d+)?)$/.test(found.variant)) return undefined
    const { version, variant } = found
    const isAlpine = variant.startsWith('alpine')
    return {
      entrypoint: ['docker-entrypoint.sh'],
      cmd: ['node'],
      env: { NODE_VERSION: version, YARN_VERSION: '1.22.22' },
      size: isAlpine ? 52_000_000 : variant.endsWith('slim') ? 74_000_000 : 396_000_000,
      baseMemory: 4_000_000,
      files: () => ({
        ...(isAlpine
          ? alpineTree('3.22.2', { accounts: ACCOUNTS })
          : debianTree('bookworm', { accounts: ACCOUNTS, tools: variant.endsWith('slim') ? [] : ['curl', 'wget', 'ping'] })),
        '/usr/local/bin/docker-entrypoint.sh': { program: entrypoint },
        '/usr/local/bin/node': { program: nodeProgram(version) },
        '/usr/local/bin/nodejs': { symlink: 'node' },
        '/home/node': { directory: true, uid: 1000, gid: 1000 },
      }),
    }
  },
}
