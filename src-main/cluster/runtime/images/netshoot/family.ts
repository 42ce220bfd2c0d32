/** nicolaka/netshoot: a box of network tools. */
import type { ImageFamily } from '../image.js'
import { coreutilsPrograms, extraPrograms, inspectionPrograms, networkPrograms } from '../../programs/catalogue.js'
import { alpineTree, place } from '../userland.js'

export const netshoot: ImageFamily = {
  repositories: ['docker.io/nicolaka/netshoot', 'ghcr.io/nicolaka/netshoot'],
  tags: ['latest', 'v0.14', 'v0.13', 'v0.12', 'v0.11', 'v0.9', 'v0.8'],
  tag: (tag) =>
    /^(latest|v?0\.\d+)$/.test(tag)
      ? {
          cmd: ['bash'],
          size: 176_000_000,
          baseMemory: 3_000_000,
          workingDir: '/root',
          files: () => ({
            ...alpineTree('3.22.2'),
            ...place('/usr/bin', { ...networkPrograms, ...inspectionPrograms, ...extraPrograms }),
            ...place('/bin', { bash: coreutilsPrograms['bash']! }),
          }),
        }
      : undefined,
}
