/** Programs of the network against the real ones: each script prints what these printed when it was recorded (record.sh). */
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, it } from 'vitest'
import { resolveImage } from '../../../../src-main/cluster/runtime/images/catalogue.js'
import type { Image } from '../../../../src-main/cluster/runtime/images/image.js'
import { extraPrograms, networkPrograms } from '../../../../src-main/cluster/runtime/programs/catalogue.js'
import { debianImage, makeMachine, programFiles } from '../../runtime/machine.js'

const here = import.meta.dirname
const read = (file: string): Buffer => readFileSync(path.join(here, file))
const names = readdirSync(here)
  .filter((file) => file.endsWith('.sh') && file !== 'record.sh')
  .map((file) => file.slice(0, -3))

it.each(names)('%s', async (name) => {
  const debian: Image = {
    ...debianImage,
    files: () => ({
      ...debianImage.files(),
      ...programFiles({ ...networkPrograms, ...extraPrograms }),
      '/w/network.head': { data: read('network.head') },
      [`/w/${name}.sh`]: { data: read(`${name}.sh`) },
      '/usr/bin': { directory: true as const },
    }),
  }
  const { image } = resolveImage('node:20')
  const node: Image = { ...image, files: () => ({ ...image.files(), '/srv/server.js': { data: read('server.js') } }) }
  const m = await makeMachine({ images: { debian, node } })
  await m.start({ image: 'node', command: ['node', '/srv/server.js'] })
  const id = await m.start({ image: 'debian', workingDir: '/w', env: [{ name: 'LC_ALL', value: 'C' }] })
  await m.clock.advance(1000)
  const { stdout } = await m.exec(id, ['sh', '-c', `dash ${name}.sh 2>&1 < /dev/null; echo "exit $?"`], { ms: 60_000 })
  await m.runtime.stopPodSandbox(m.sandboxId)
  expect(stdout).toBe(read(`${name}.out`).toString())
})
