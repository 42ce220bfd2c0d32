/** Ubuntu: as Debian, with its own name. */
import { debianReleases, type Codename, type DebianRelease } from '../distributions.js'
import type { ImageFamily } from '../image.js'
import { debianTree } from '../userland.js'

const NAMED: Readonly<Record<string, string>> = { latest: 'noble', rolling: 'questing', devel: 'questing' }

function codenameOf(tag: string): Codename | undefined {
  const name = NAMED[tag] ?? tag.replace(/-\d{8}(\.\d)?$/, '')
  const releases = Object.entries(debianReleases) as [Codename, DebianRelease][]
  return releases.find(([codename, { id, version }]) => id === 'ubuntu' && (codename === name || version === name))?.[0]
}

/** By number and by name, the newest first. */
const ubuntuNames = (Object.entries(debianReleases) as [Codename, DebianRelease][])
  .filter(([, { id }]) => id === 'ubuntu')
  .reverse()
  .flatMap(([codename, { version }]) => [version, codename])

export const ubuntu: ImageFamily = {
  repositories: ['docker.io/library/ubuntu', 'public.ecr.aws/docker/library/ubuntu', 'mirror.gcr.io/library/ubuntu'],
  tags: ['latest', ...ubuntuNames],
  tag(tag) {
    const codename = codenameOf(tag)
    if (!codename) return undefined
    // The user of this name came with 24.04.
    const withUser = Number(debianReleases[codename].version) >= 24
    return {
      cmd: ['/bin/bash'],
      size: 29_700_000,
      baseMemory: 1_500_000,
      files: () => ({
        ...debianTree(codename, {
          accounts: withUser ? [{ name: 'ubuntu', id: 1000, home: '/home/ubuntu', shell: '/bin/bash' }] : [],
        }),
        ...(withUser ? { '/home/ubuntu': { directory: true as const, uid: 1000, gid: 1000 } } : {}),
      }),
    }
  },
}
