/** Debian: bash, coreutils. */
import type { ImageFamily } from '../image.js'
import { debianTree } from '../userland.js'

const RELEASES = [
  { codename: 'jessie', version: '8', point: '8.11' },
  { codename: 'stretch', version: '9', point: '9.13' },
  { codename: 'buster', version: '10', point: '10.13' },
  { codename: 'bullseye', version: '11', point: '11.11' },
  { codename: 'bookworm', version: '12', point: '12.12' },
  { codename: 'trixie', version: '13', point: '13.1' },
]
const NAMED: Readonly<Record<string, string>> = {
  latest: 'trixie',
  stable: 'trixie',
  oldstable: 'bookworm',
  testing: 'trixie',
  sid: 'trixie',
  unstable: 'trixie',
}

export const debian: ImageFamily = {
  repositories: ['docker.io/library/debian', 'public.ecr.aws/docker/library/debian', 'mirror.gcr.io/library/debian'],
  tag(tag) {
    const name = tag.replace(/-slim$/, '').replace(/-\d{8}$/, '')
    const release = RELEASES.find(
      (r) =>
        r.codename === (NAMED[name] ?? name) ||
        r.version === name ||
        (name.startsWith(`${r.version}.`) && Number(name.split('.')[1]) <= Number(r.point.split('.')[1])),
    )
    if (!release) return undefined
    const pretty = `Debian GNU/Linux ${release.version} (${release.codename})`
    return {
      cmd: ['bash'],
      size: tag.endsWith('-slim') ? 29_000_000 : 49_000_000,
      baseMemory: 1_500_000,
      files: () => debianTree({ pretty, id: 'debian', version: release.point, codename: release.codename }),
    }
  },
}
