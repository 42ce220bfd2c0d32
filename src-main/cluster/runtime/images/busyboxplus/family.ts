/** radial/busyboxplus: an early busybox with curl, which people of tutorials on Services look around with. */
import { networkPrograms } from '../../programs/catalogue.js'
import type { ImageFamily } from '../image.js'
import { busyboxTree, place } from '../userland.js'

/** The release of busybox in it. */
const VERSION = '1.22.1'

export const busyboxplus: ImageFamily = {
  repositories: ['docker.io/radial/busyboxplus'],
  tags: ['latest', 'base', 'curl'],
  tag(tag) {
    if (!this.tags.includes(tag)) return undefined
    const extra = tag === 'curl' ? place('/usr/bin', { curl: networkPrograms['curl']! }) : {}
    return {
      cmd: ['/bin/sh'],
      size: tag === 'curl' ? 1_850_000 : 580_000,
      baseMemory: 700_000,
      files: () => ({ ...busyboxTree(VERSION), ...extra }),
    }
  },
}
