/** Debian: bash, coreutils. */
import type { ImageFamily } from '../image.js'
import { debianReleases, type Codename, type DebianRelease } from '../distributions.js'
import { debianTree } from '../userland.js'

const NAMED: Readonly<Record<string, Codename>> = {
  latest: 'trixie',
  stable: 'trixie',
  oldstable: 'bookworm',
  testing: 'trixie',
  sid: 'trixie',
  unstable: 'trixie',
}

/** By its name, its number, or that of one of its point releases. */
function codenameOf(name: string): Codename | undefined {
  const releases = Object.entries(debianReleases) as [Codename, DebianRelease][]
  return releases.find(
    ([codename, { id, version, point }]) =>
      id === 'debian' &&
      (codename === name ||
        version === name ||
        (name.startsWith(`${version}.`) && Number(name.split('.')[1]) <= Number(point.split('.')[1]))),
  )?.[0]
}

/** By name and by number, the newest first. */
const debianNames = (Object.entries(debianReleases) as [Codename, DebianRelease][])
  .filter(([, { id }]) => id === 'debian')
  .reverse()
  .flatMap(([codename, { version }]) => [codename, version])

export const debian: ImageFamily = {
  repositories: [
    'docker.io/library/debian',
    'public.ecr.aws/docker/library/debian',
    'mirror.gcr.io/library/debian',
    // Kubernetes' own, by whose versions tags end in -v1.0.6.
    'registry.k8s.io/build-image/debian-base',
  ],
  tags: ['latest', ...debianNames, ...debianNames.map((name) => `${name}-slim`)],
  tag(tag) {
    const name = tag.replace(/-slim$/, '').replace(/-(\d{8}|v[\d.]+)$/, '')
    const codename = codenameOf(NAMED[name] ?? name)
    if (!codename) return undefined
    return {
      cmd: ['bash'],
      size: tag.endsWith('-slim') ? 29_000_000 : 49_000_000,
      baseMemory: 1_500_000,
      files: () => debianTree(codename),
    }
  },
}
