/** Alpine Linux: busybox with the marks of a distribution. */
import type { ImageFamily } from '../image.js'
import { tagsOf, versionOf, type Releases } from '../tags.js'
import { alpineTree } from '../userland.js'

const RELEASES: Releases = [
  ['3.5', 3],
  ['3.6', 5],
  ['3.7', 3],
  ['3.8', 5],
  ['3.9', 6],
  ['3.10', 9],
  ['3.11', 13],
  ['3.12', 12],
  ['3.13', 12],
  ['3.14', 10],
  ['3.15', 11],
  ['3.16', 9],
  ['3.17', 10],
  ['3.18', 12],
  ['3.19', 9],
  ['3.20', 8],
  ['3.21', 5],
  ['3.22', 2],
]

export const alpine: ImageFamily = {
  repositories: [
    'docker.io/library/alpine',
    'public.ecr.aws/docker/library/alpine',
    'mirror.gcr.io/library/alpine',
    'gcr.io/authenticated-image-pulling/alpine',
  ],
  tags: tagsOf(RELEASES),
  tag(tag) {
    const found = tag === 'edge' ? versionOf('latest', RELEASES) : versionOf(tag, RELEASES)
    if (!found || found.variant !== '') return undefined
    return { cmd: ['/bin/sh'], size: 3_800_000, baseMemory: 800_000, files: () => alpineTree(found.version) }
  },
}
