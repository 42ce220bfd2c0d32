/** luksa/ssd-monitor: says that the disk is well, every five seconds. */
import type { ImageFamily } from '../image.js'
import { busyboxTree } from '../userland.js'

export const ssdMonitor: ImageFamily = {
  repositories: ['docker.io/luksa/ssd-monitor'],
  tags: ['latest'],
  tag: (tag) =>
    tag === 'latest'
      ? {
          cmd: ['/bin/sh', '-c', 'while true; do echo "SSD OK"; sleep 5; done'],
          size: 700_000,
          baseMemory: 700_000,
          files: () => busyboxTree(),
        }
      : undefined,
}
