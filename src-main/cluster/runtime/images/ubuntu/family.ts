/** Ubuntu: as Debian, with its own name. */
import type { ImageFamily } from '../image.js'
import { debianTree } from '../userland.js'

const RELEASES: Readonly<Record<string, { codename: string; full: string }>> = {
  '16.04': { codename: 'xenial', full: 'Ubuntu 16.04.7 LTS' },
  '18.04': { codename: 'bionic', full: 'Ubuntu 18.04.6 LTS' },
  '20.04': { codename: 'focal', full: 'Ubuntu 20.04.6 LTS' },
  '22.04': { codename: 'jammy', full: 'Ubuntu 22.04.5 LTS' },
  '24.04': { codename: 'noble', full: 'Ubuntu 24.04.3 LTS' },
  '25.10': { codename: 'questing', full: 'Ubuntu 25.10' },
}

export const ubuntu: ImageFamily = {
  repositories: ['docker.io/library/ubuntu', 'public.ecr.aws/docker/library/ubuntu', 'mirror.gcr.io/library/ubuntu'],
  tag(tag) {
    const name = tag === 'latest' ? '24.04' : tag === 'rolling' ? '25.10' : tag
    const found = Object.entries(RELEASES).find(([version, r]) => version === name || r.codename === name)
    if (!found) return undefined
    const [version, { codename, full }] = found
    return {
      cmd: ['/bin/bash'],
      size: 29_700_000,
      baseMemory: 1_500_000,
      files: () =>
        debianTree({
          pretty: full,
          id: 'ubuntu',
          version,
          codename,
          accounts: [{ name: 'ubuntu', id: 1000, home: '/home/ubuntu', shell: '/bin/bash' }],
        }),
    }
  },
}
