/** curlimages/curl: runs curl with the container's arguments. */
import type { ImageFamily } from '../image.js'
import type { Program } from '../../process.js'
import { resolveProgram } from '../../program-file.js'
import { networkPrograms } from '../../programs/catalogue.js'
import { taskOf } from '../../task.js'
import { tagsOf, versionOf, type Releases } from '../tags.js'
import { alpineTree, place } from '../userland.js'

const RELEASES: Releases = [
  ['7.76', 1],
  ['7.77', 0],
  ['7.78', 0],
  ['7.82', 0],
  ['7.84', 0],
  ['7.85', 0],
  ['7.86', 0],
  ['7.87', 0],
  ['7.88', 1],
  ...Array.from({ length: 18 }, (_, minor) => [`8.${minor}`, 1] as const),
]

/** Runs the arguments if they are a command, otherwise gives them to curl. */
const entrypoint: Program = async (process) => {
  const task = taskOf(process)
  const args = process.argv.slice(1)
  const isCommand =
    args[0] !== undefined &&
    !args[0].startsWith('-') &&
    ['', '/bin/', '/usr/bin/'].some((d) => process.fs.exists(d + args[0]) && (d !== '' || args[0]!.includes('/')))
  const argv = isCommand ? args : ['curl', ...args]
  const found = resolveProgram(task, argv, { path: process.env['PATH'] })
  return task.exec(found.program, found.argv, process.env)
}

export const curl: ImageFamily = {
  repositories: ['docker.io/curlimages/curl', 'quay.io/curl/curl'],
  tags: tagsOf(RELEASES),
  tag(tag) {
    const found = versionOf(tag, RELEASES)
    if (!found || found.variant !== '') return undefined
    return {
      entrypoint: ['/entrypoint.sh'],
      cmd: ['curl'],
      user: '100:101',
      workingDir: '/home/curl_user',
      size: 9_300_000,
      baseMemory: 1_500_000,
      files: () => ({
        ...alpineTree('3.22.2', { accounts: [{ name: 'curl_user', id: 100, home: '/home/curl_user', shell: '/bin/sh' }] }),
        ...place('/usr/bin', { curl: networkPrograms['curl']! }),
        '/entrypoint.sh': { program: entrypoint },
        '/home/curl_user': { directory: true, uid: 100, gid: 101 },
      }),
    }
  },
}
