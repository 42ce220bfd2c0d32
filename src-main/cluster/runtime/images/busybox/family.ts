/** busybox: a shell and its applets. */
import type { ImageFamily } from '../image.js'
import { tagsOf, versionOf, type Releases } from '../tags.js'
import { busyboxTree } from '../userland.js'

const RELEASES: Releases = [
  ['1.24', 2],
  ['1.25', 1],
  ['1.26', 2],
  ['1.27', 2],
  ['1.28', 4],
  ['1.29', 3],
  ['1.30', 1],
  ['1.31', 1],
  ['1.32', 1],
  ['1.33', 1],
  ['1.34', 1],
  ['1.35', 0],
  ['1.36', 1],
  ['1.37', 0],
]
const VARIANTS = ['', 'glibc', 'uclibc', 'musl', 'stable', 'stable-glibc', 'stable-musl', 'stable-uclibc', 'unstable']

export const busybox: ImageFamily = {
  repositories: ['docker.io/library/busybox', 'mirror.gcr.io/library/busybox'],
  tags: tagsOf(RELEASES, ['glibc', 'musl', 'uclibc']),
  tag(tag) {
    const found = versionOf(tag, RELEASES)
    if (!found || !VARIANTS.includes(found.variant)) return undefined
    return { cmd: ['sh'], size: 2_214_000, baseMemory: 700_000, files: () => busyboxTree(found.version) }
  },
}

/** What Kubernetes' documentation runs: its registries stopped at 1.27, whose `nslookup` still goes through the search list. */
export const kubernetesBusybox: ImageFamily = {
  repositories: ['registry.k8s.io/busybox', 'k8s.gcr.io/busybox', 'gcr.io/google-containers/busybox', 'gcr.io/google_containers/busybox'],
  tags: busybox.tags,
  tag: (tag) => (tag === 'latest' ? busybox.tag('1.27') : busybox.tag(tag)),
}
