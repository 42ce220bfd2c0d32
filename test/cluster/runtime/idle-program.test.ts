import { describe, expect, it } from 'vitest'
import { resolveImage } from '../../../src-main/cluster/runtime/images/catalogue.js'
import { busyboxImage, makeMachine, START, type Machine } from './machine.js'

const pause = resolveImage('registry.k8s.io/pause:3.10').image
const PAUSE = '/pause'

/** A container of the pause program, with the commands of busybox to look around in it. */
async function paused(config: Parameters<Machine['start']>[0] = {}): Promise<{ m: Machine; id: string }> {
  const files = () => ({ ...busyboxImage.files(), ...pause.files() })
  const m = await makeMachine({ images: { paused: { ...pause, files } } })
  return { m, id: await m.start({ image: 'paused', command: [PAUSE], ...config }) }
}

describe('a container whose program only waits for a signal', () => {
  it('runs as the image says, and uses what its one process uses', async () => {
    const { m, id } = await paused()
    expect(m.runtime.containerInfo(id)).toMatchObject({
      state: 'running',
      startedAt: START,
      user: { uid: 65535, gid: 65535, groups: [65535] },
    })
    expect(m.runtime.containerStats(id)).toEqual({ cpuNanos: 0, memoryBytes: 449_600, diskBytes: 0, processes: 1, logBytes: 0 })
  })

  it('is found as PID 1, there since the container began', async () => {
    const { m, id } = await paused()
    await m.clock.advance(90_000)
    expect((await m.exec(id, ['ps', '-o', 'pid,etime,args'])).stdout).toBe(
      '  PID     ELAPSED COMMAND\n    1       01:30 /pause\n    2       00:00 ps -o pid,etime,args\n',
    )
    expect(m.runtime.containerStats(id)).toMatchObject({ memoryBytes: 449_600, processes: 1 })
  })

  it('ends at SIGTERM with what it says then', async () => {
    const { m, id } = await paused()
    const stopped = m.runtime.stopContainer(id, 30)
    await m.clock.advance(0)
    await stopped
    expect(m.runtime.containerInfo(id)).toMatchObject({ state: 'exited', exitCode: 0, reason: 'Completed', finishedAt: START })
    expect(await m.log(id)).toBe('Shutting down, got signal\n')
  })

  it('is killed with its sandbox', async () => {
    const { m, id } = await paused()
    await m.runtime.stopPodSandbox(m.sandboxId)
    expect(m.runtime.containerInfo(id)).toMatchObject({ state: 'exited', exitCode: 137, reason: 'Error' })
    await m.runtime.removePodSandbox(m.sandboxId)
    expect(m.runtime.containerInfo(id)).toBeUndefined()
  })

  it('is killed for memory as any other, when its limit is below what it uses', async () => {
    const { m, id } = await paused({ memoryLimit: 400_000 })
    await m.clock.advance(0)
    expect(m.runtime.containerInfo(id)).toMatchObject({ state: 'exited', exitCode: 137, reason: 'OOMKilled' })
  })

  it('counts in its pod from the moment that the pod gets a limit', async () => {
    const { m, id } = await paused()
    m.runtime.updatePodSandbox(m.sandboxId, { memoryLimit: 899_000 })
    expect(m.runtime.containerInfo(id)?.state).toBe('running')
    const other = await m.start({ image: 'paused', command: [PAUSE], name: 'other' })
    await m.clock.advance(0)
    expect([id, other].map((c) => m.runtime.containerInfo(c)?.reason)).toEqual(['OOMKilled', undefined])
  })
})
