/** The clock of a cluster as an object of its API. */
import { afterEach, describe, expect, test, vi } from 'vitest'
import { followClockResource, wantedSpeed } from '../../src-main/cluster/clock-resource.js'
import { VirtualClock } from '../../src-main/cluster/clock.js'
import type { Client } from '../../src-main/cluster/api/client.js'
import { clock as clockKind, type ClockObject } from '../../src-main/cluster/api/kinds/clock.js'
import type { KubeObject } from '../../src-main/cluster/api/object.js'
import { createApiServer } from '../../src-main/cluster/api/server.js'
import { Random } from '../../src-main/cluster/random.js'
import { openStore } from '../../src-main/cluster/store/mvcc.js'

const START = Date.parse('2026-11-21T09:00:00Z')
const ADMIN = { username: 'kubernetes-admin', groups: ['system:masters', 'system:authenticated'] }
const CLOCKS = { group: 'drydock.dev', version: 'v1', resource: 'clocks' }
let stop: (() => Promise<void>) | undefined

afterEach(() => stop?.())

/** A wall that the test moves by hand: nothing fires by itself. */
const wall = { time: 0, now: () => wall.time, setTimeout: () => 0, clearTimeout: () => undefined }

async function start(speed?: number) {
  const clock = new VirtualClock({ start: START, wall })
  const server = createApiServer({ clock, random: new Random('api'), store: openStore({ clock }) })
  server.kinds.add(clockKind)
  await server.seeded
  const admin: Client = server.client(ADMIN)
  const onChange = vi.fn<() => void>()
  const errors: unknown[] = []
  const wanted = await wantedSpeed(admin, speed)
  const unfollow = followClockResource({
    client: admin,
    informers: server.informers(ADMIN),
    clock,
    onChange,
    log: (_, error) => void errors.push(error),
  })
  stop = async () => {
    unfollow()
    await server.close()
    expect(errors).toEqual([])
  }
  const clocks = admin.resource<ClockObject & KubeObject>(CLOCKS)
  const patch = async (spec: object): Promise<void> => {
    await clocks.patch('', 'cluster', { spec }, { type: 'merge' })
    await settled()
  }
  await settled()
  return { admin, clock, clocks, onChange, patch, wanted, get: () => clocks.get('', 'cluster') }
}

/** Lets the informer and the writes of the status come through. */
async function settled(): Promise<void> {
  for (let i = 0; i < 50; i++) await new Promise<void>((resolve) => setImmediate(resolve))
}

describe('Clock', () => {
  test('is made when the cluster begins, at the speed of the wall', async () => {
    const { clock, get, wanted } = await start()
    expect([wanted, clock.speed]).toEqual([1, 1])
    expect(await get()).toMatchObject({
      spec: { speed: 1 },
      status: { speed: 1, time: '2026-11-21T09:00:00Z', observedGeneration: 1 },
    })
  })

  test('a speed asked for at the start is written to it; without one it keeps its own', async () => {
    const { admin, clock, get } = await start(20)
    expect([clock.speed, (await get()).spec.speed]).toEqual([20, 20])
    expect(await wantedSpeed(admin, undefined)).toBe(20)
    expect(await wantedSpeed(admin, 3)).toBe(3)
    expect((await get()).spec.speed).toBe(3)
  })

  test('speed 0 pauses, another speed goes on from the same time; what is read has the time of the reading', async () => {
    const { clock, get, onChange, patch } = await start()
    wall.time += 10_000
    expect((await get()).status).toMatchObject({ speed: 1, time: '2026-11-21T09:00:10Z' })
    const told = onChange.mock.calls.length
    await patch({ speed: 0 })
    expect(onChange.mock.calls.length).toBe(told + 1)
    wall.time += 3_600_000
    expect(clock.now()).toBe(START + 10_000)
    expect((await get()).status).toMatchObject({ speed: 0, time: '2026-11-21T09:00:10Z', observedGeneration: 2 })
    await patch({ speed: 60 })
    wall.time += 1_000
    expect((await get()).status).toMatchObject({ speed: 60, time: '2026-11-21T09:01:10Z' })
  })

  test('jumpSeconds is taken by the write that carries it: it becomes jumpTo, and timers on the way fire at their times', async () => {
    const { clock, clocks, get, patch } = await start(0)
    const fired: number[] = []
    clock.every(600_000, () => fired.push(clock.now() - START))
    const answer = await clocks.patch('', 'cluster', { spec: { jumpSeconds: 3600 } }, { type: 'merge' })
    expect(answer.spec).toEqual({ speed: 0, jumpTo: '2026-11-21T10:00:00Z' })
    await vi.waitFor(async () => expect((await get()).status?.time).toBe('2026-11-21T10:00:00Z'), 15_000)
    expect(fired).toEqual([600_000, 1_200_000, 1_800_000, 2_400_000, 3_000_000, 3_600_000])
    await patch({ jumpTo: '2026-11-21T09:30:00Z' })
    expect(clock.now()).toBe(START + 3_600_000)
  })

  test('jumps that are asked for while one is under way add up; an earlier jumpTo calls the rest off', async () => {
    const { clock, clocks, get } = await start(0)
    const jump = (spec: object) => clocks.patch('', 'cluster', { spec }, { type: 'merge' })
    await jump({ jumpSeconds: 3600 })
    expect((await jump({ jumpSeconds: 1800 })).spec.jumpTo).toBe('2026-11-21T10:30:00Z')
    await vi.waitFor(async () => expect((await get()).status?.time).toBe('2026-11-21T10:30:00Z'), 15_000)
    await jump({ jumpSeconds: 30 * 24 * 3600 })
    await jump({ jumpTo: '2026-11-21T10:30:00Z' })
    await settled()
    const stopped = clock.now()
    expect(stopped).toBeLessThan(START + 24 * 3_600_000)
    await settled()
    expect(clock.now()).toBe(stopped)
  })

  test('a jump says where it began for as long as it is under way; one that another is added to began where it did', async () => {
    const { clock, clocks, get, patch } = await start(0)
    expect((await get()).status).toEqual({ speed: 0, time: '2026-11-21T09:00:00Z', observedGeneration: 1 })
    // So much is due on the way that the jump is under way until it is called off.
    clock.every(100, () => {})
    await clocks.patch('', 'cluster', { spec: { jumpSeconds: 30 * 24 * 3600 } }, { type: 'merge' })
    await vi.waitFor(() => expect(clock.now()).toBeGreaterThan(START), 15_000)
    expect((await get()).status?.jumpFrom).toBe('2026-11-21T09:00:00Z')
    await clocks.patch('', 'cluster', { spec: { jumpSeconds: 30 * 24 * 3600 } }, { type: 'merge' })
    await settled()
    expect((await get()).status?.jumpFrom).toBe('2026-11-21T09:00:00Z')
    await patch({ jumpTo: '2026-11-21T10:00:00Z' })
    await vi.waitFor(async () => expect((await get()).status).not.toHaveProperty('jumpFrom'), 15_000)
  })

  test.each([
    [{ speed: -1 }, 'spec.speed: Invalid value: -1: spec.speed in body should be greater than or equal to 0'],
    [{ speed: 1_000_001 }, 'spec.speed: Invalid value: 1000001: spec.speed in body should be less than or equal to 1000000'],
    [{ jumpSeconds: -5 }, 'spec.jumpSeconds: Invalid value: -5: spec.jumpSeconds in body should be greater than or equal to 0'],
    [{ jumpTo: '2028-01-01T00:00:00Z' }, 'spec.jumpTo: Invalid value: "2028-01-01T00:00:00Z": must be at most 31622400 seconds ahead'],
  ])('refuses %j', async (spec, message) => {
    const { clocks } = await start()
    await expect(clocks.patch('', 'cluster', { spec }, { type: 'merge' })).rejects.toThrow(
      `Clock.drydock.dev "cluster" is invalid: ${message}`,
    )
  })

  test('there is one, by the name of cluster', async () => {
    const { clocks } = await start()
    await expect(clocks.create('', { metadata: { name: 'other' }, spec: { speed: 1 } } as ClockObject & KubeObject)).rejects.toThrow(
      'metadata.name: Invalid value: "other": must be "cluster": a cluster has one clock',
    )
  })
})
