/** bash: the shell of that name on Alpine, whose entrypoint gives it what is no program of its own. */
import type { Program } from '../../process.js'
import { coreutilsPrograms } from '../../programs/catalogue.js'
import type { ImageFamily } from '../image.js'
import { tagsOf, versionOf, type Releases } from '../tags.js'
import { alpineTree, place } from '../userland.js'

const RELEASES: Releases = [
  ['4.3', 48],
  ['4.4', 23],
  ['5.0', 18],
  ['5.1', 16],
  ['5.2', 37],
  ['5.3', 3],
]

/** Starts bash where the first argument is an option or no command. */
const entrypoint: Program = async (process) => {
  const [first = 'bash', ...rest] = process.argv.slice(1)
  const path = ['/usr/local/bin', '/usr/bin', '/bin'].map((directory) => `${directory}/${first}`).find((p) => process.fs.exists(p))
  const argv = first.startsWith('-') || (!path && !process.fs.exists(first)) ? ['bash', first, ...rest] : [first, ...rest]
  return (await process.spawn({ argv })).wait()
}

export const bash: ImageFamily = {
  repositories: ['docker.io/library/bash', 'public.ecr.aws/docker/library/bash'],
  tags: tagsOf(RELEASES),
  tag(tag) {
    const found = versionOf(tag, RELEASES)
    if (!found || !/^(alpine3\.\d+)?$/.test(found.variant)) return undefined
    return {
      entrypoint: ['docker-entrypoint.sh'],
      cmd: ['bash'],
      env: { _BASH_VERSION: found.version },
      size: 6_100_000,
      baseMemory: 1_500_000,
      files: () => ({
        ...alpineTree('3.22.2'),
        ...place('/usr/local/bin', { bash: coreutilsPrograms['bash']! }),
        '/usr/local/bin/docker-entrypoint.sh': { program: entrypoint },
      }),
    }
  },
}
