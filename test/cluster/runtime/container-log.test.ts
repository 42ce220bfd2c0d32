/** What a container has written, as it is kept. */
import v8 from 'node:v8'
import vm from 'node:vm'
import { describe, expect, it } from 'vitest'
import { VirtualClock } from '../../../src-main/cluster/clock.js'
import { ContainerLog } from '../../../src-main/cluster/runtime/container-log.js'

const START = Date.parse('2026-11-21T09:00:00Z')

async function text(log: ContainerLog): Promise<string> {
  let all = ''
  for await (const block of log.read({})) all += String(block)
  return all
}

describe('the log of a container', () => {
  it('gives back what was written, whatever the length of its lines', async () => {
    const log = new ContainerLog(new VirtualClock({ start: START, speed: 0 }))
    const lines = Array.from({ length: 300 }, (_, i) => `${'x'.repeat((i * i) % 20_000)} ${i}\n`)
    for (const line of lines) log.write('stdout', Buffer.from(line))
    log.end()
    expect(await text(log)).toBe(lines.join(''))
  })

  it('keeps its lines and not the memory that they came in', async () => {
    v8.setFlagsFromString('--expose-gc')
    const gc = vm.runInNewContext('gc') as () => void
    const held = (): number => {
      gc()
      return process.memoryUsage().arrayBuffers
    }
    const log = new ContainerLog(new VirtualClock({ start: START, speed: 0 }))
    const before = held()
    for (let i = 0; i < 4000; i++) {
      log.write('stdout', Buffer.from(`line ${i}\n`))
      // Others take their share of the same memory, and let go of it.
      for (let k = 0; k < 3; k++) Buffer.from('y'.repeat(3000))
    }
    // As they came they would hold on to more than 30 MB. What is let go of is given back beside the program.
    await expect.poll(() => held() - before).toBeLessThan(8_000_000)
    expect(log.size).toBe(
      4000 * 64 + 'line 1000\n'.length * 3000 + 'line 100\n'.length * 900 + 'line 10\n'.length * 90 + 'line 1\n'.length * 10,
    )
  })
})
