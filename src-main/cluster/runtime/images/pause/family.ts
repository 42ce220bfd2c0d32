/** The pause container: holds a pod's namespaces and reaps its orphans. */
import type { ImageFamily } from '../image.js'
import type { Program } from '../../process.js'
import { Latch } from '../server-process.js'

const VERSION = /^(latest|3\.(0|1|2|3|4(\.1)?|5|6|7|8|9|10(\.\d)?))$/

const untilSignal: Program = async (process) => {
  const stop = new Latch<number>()
  for (const signal of ['INT', 'TERM'] as const) process.onSignal(signal, () => stop.open(0))
  const code = await stop.wait(process)
  await process.writeError('Shutting down, got signal\n')
  return code
}

const pauseProgram: Program = Object.assign(untilSignal, { idle: true as const })

export const pause: ImageFamily = {
  repositories: ['registry.k8s.io/pause', 'k8s.gcr.io/pause', 'gcr.io/google_containers/pause'],
  tags: ['latest', '3.10.1', '3.10', '3.9', '3.8', '3.7', '3.6', '3.5', '3.4.1', '3.3', '3.2', '3.1', '3.0'],
  tag: (tag) =>
    VERSION.test(tag)
      ? {
          entrypoint: ['/pause'],
          size: 300_000,
          baseMemory: 40_000,
          user: '65535:65535',
          files: () => ({ '/pause': { program: pauseProgram } }),
        }
      : undefined,
}
