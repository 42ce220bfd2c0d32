/** vish/stress: takes CPU and memory as its flags say ("Assign CPU Resources to Containers and Pods"). */
import { goDuration, parseGoDuration } from '../../../go-duration.js'
import type { Process, Program } from '../../process.js'
import { taskOf } from '../../task.js'
import { goFlag } from '../http-echo/family.js'
import type { ImageFamily } from '../image.js'
import { klogLine } from '../klog.js'
import { untilTerminated } from '../server-process.js'
import { busyboxTree } from '../userland.js'

/** How much of the CPU one thread takes at a time, ms. */
const SLICE = 100

const UNITS: Readonly<Record<string, number>> = { '': 1, k: 1e3, M: 1e6, G: 1e9, Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30 }

/** `250Mi` in bytes. */
function bytes(quantity: string): number {
  const match = /^(\d+(?:\.\d+)?)([kMG]i?|Ki)?$/.exec(quantity)
  return match ? Number(match[1]) * (UNITS[match[2] ?? ''] ?? 1) : 0
}

/** Where its lines say that they come from: what is built into agnhost is the same program. */
export interface Lines {
  readonly allocating: string
  readonly spawning: string
  readonly allocated: string
}

/** Takes the memory and CPU of the flags `--mem-total`, `--mem-alloc-size`, `--mem-alloc-sleep` and `--cpus`, and holds both. */
export async function consume(process: Process, args: readonly string[], lines: Lines): Promise<number> {
  const flag = (name: string, otherwise: string): string => goFlag(args, name) ?? otherwise
  const total = flag('mem-total', '0')
  const chunk = flag('mem-alloc-size', '4Ki')
  const interval = parseGoDuration(flag('mem-alloc-sleep', '1ms')) ?? 1
  const task = taskOf(process)
  const log = (where: string, text: string): Promise<void> => process.writeError(`${klogLine(process, where, text)}\n`)

  await log(
    lines.allocating,
    `Allocating "${total}" memory, in "${chunk}" chunks, with a ${goDuration(interval)} sleep between allocations`,
  )
  for (let i = 0; i < Number(flag('cpus', '0')); i++) {
    await log(lines.spawning, 'Spawning a thread to consume CPU')
    task.fork(async (thread) => {
      for (;;) await thread.compute(SLICE)
    })
  }
  const [wanted, step] = [bytes(total), Math.max(1, bytes(chunk))]
  const steps = Math.ceil(wanted / step)
  // Small chunks are taken many at a time: the kernel of the simulated machine counts in larger ones.
  const group = Math.max(1, Math.ceil(steps / 1000))
  for (let taken = 0; taken < steps; taken += group) {
    process.setMemory(Math.min(wanted, (taken + group) * step))
    await process.sleep(interval * Math.min(group, steps - taken))
  }
  await log(lines.allocated, `Allocated "${total}" memory`)
  return untilTerminated(process)
}

const program: Program = (process) =>
  consume(process, process.argv.slice(1), { allocating: 'main.go:26', spawning: 'main.go:39', allocated: 'main.go:29' })

export const vishStress: ImageFamily = {
  repositories: ['docker.io/vish/stress'],
  tags: ['latest'],
  tag: (tag) =>
    tag === 'latest'
      ? {
          entrypoint: ['/stress', '-logtostderr'],
          size: 1_600_000,
          baseMemory: 1_000_000,
          files: () => ({ ...busyboxTree(), '/stress': { program } }),
        }
      : undefined,
}
