import { describe, expect, test } from 'vitest'
import { bench, pod } from './harness.js'

type Status = Record<string, any>

describe('the life of a pod', () => {
  test('goes from Pending with ContainerCreating to Running in two status writes', async () => {
    const b = await bench({ behave: (r) => (r.behaviours.nginx = { present: true }) })
    await b.create(pod())
    const [first, second, ...more] = b.api.statusWrites('web') as { status: Status }[]
    expect(more).toEqual([])
    expect(first!.status.containerStatuses).toEqual([
      {
        name: 'app',
        image: 'nginx',
        imageID: '',
        ready: false,
        restartCount: 0,
        started: false,
        state: { waiting: { reason: 'ContainerCreating' } },
        lastState: {},
      },
    ])
    expect(first!.status.startTime).toBe('2026-11-21T09:00:00Z')
    expect(first!.status.hostIP).toBe('192.168.49.2')
    expect(second!.status.phase).toBe('Running')
    expect(second!.status.podIP).toBe('10.244.0.2')
    expect(second!.status.containerStatuses[0]).toEqual({
      name: 'app',
      image: 'docker.io/library/nginx',
      imageID: `docker.io/library/nginx@sha256:${'0'.repeat(64)}`,
      containerID: 'containerd://container-2',
      ready: true,
      restartCount: 0,
      started: true,
      resources: {},
      state: { running: { startedAt: '2026-11-21T09:00:00Z' } },
      lastState: {},
    })
  })

  test('has the conditions of a ready pod, in the order of the kubelet', async () => {
    const b = await bench({ behave: (r) => (r.behaviours.nginx = { present: true }) })
    await b.create(pod())
    expect(b.pod().status!.conditions!.map((c) => [c.type, c.status, c.observedGeneration])).toEqual([
      ['PodReadyToStartContainers', 'True', 1],
      ['Initialized', 'True', 1],
      ['Ready', 'True', 1],
      ['ContainersReady', 'True', 1],
      ['PodScheduled', 'True', 1],
    ])
  })

  test('shows its address while an image is pulled, and tells of the pull', async () => {
    const b = await bench({ behave: (r) => (r.behaviours.nginx = { pullMs: 1234, size: 62958873 }) })
    await b.create(pod())
    expect(b.pod().status).toMatchObject({ phase: 'Pending', podIP: '10.244.0.2' })
    expect(b.pod().status!.containerStatuses![0]!.state).toEqual({ waiting: { reason: 'ContainerCreating' } })
    await b.clock.advance(1234)
    expect(b.pod().status!.phase).toBe('Running')
    expect(b.api.events('web')).toEqual([
      'Normal Pulling Pulling image "nginx"',
      'Normal Pulled Successfully pulled image "nginx" in 1.234s (1.234s including waiting). Image size: 62958873 bytes.',
      'Normal Created Container created',
      'Normal Started Container started',
    ])
  })

  test('a deleted pod gets SIGTERM and is removed once its containers have ended', async () => {
    const b = await bench({ behave: (r) => (r.behaviours.nginx = { present: true, stopMs: 500 }) })
    await b.create(pod())
    const pods = b.api.client().resource({ group: '', version: 'v1', resource: 'pods' })
    await pods.delete('default', 'web')
    await b.clock.advance(499)
    expect(b.pod().metadata.deletionGracePeriodSeconds).toBe(30)
    expect(b.runtime.calls).toContain('stop app 30')
    await b.clock.advance(1)
    expect(b.api.pod('web')).toBeUndefined()
    const last = b.api.statusWrites('web').at(-1) as { status: Status }
    expect(last.status.phase).toBe('Succeeded')
    expect(last.status.containerStatuses[0].state.terminated).toMatchObject({ exitCode: 0, reason: 'Completed' })
    expect(b.api.events('web').at(-1)).toBe('Normal Killing Stopping container app')
    expect(b.runtime.containers.size).toBe(0)
    expect(b.runtime.sandboxes.size).toBe(0)
  })

  test('a container that ignores SIGTERM is killed when the grace period is over', async () => {
    const b = await bench({ behave: (r) => (r.behaviours.nginx = { present: true }) })
    await b.create(pod({}, { terminationGracePeriodSeconds: 5 }))
    await b.api.client().resource({ group: '', version: 'v1', resource: 'pods' }).delete('default', 'web')
    await b.clock.advance(4999)
    expect(b.api.pod('web')).toBeDefined()
    await b.clock.advance(1)
    expect(b.api.pod('web')).toBeUndefined()
    const last = b.api.statusWrites('web').at(-1) as { status: Status }
    expect(last.status.phase).toBe('Failed')
    expect(last.status.containerStatuses[0].state.terminated).toMatchObject({ exitCode: 137, reason: 'Error' })
  })

  test('a deletion does not wait for a container that is being killed for another reason with more time', async () => {
    const b = await bench({ behave: (r) => (r.behaviours.nginx = { present: true, exec: () => ({ code: 1, output: 'ill' }) }) })
    const livenessProbe = { exec: { command: ['well'] }, periodSeconds: 10, failureThreshold: 1 }
    await b.create(pod({ livenessProbe }, { terminationGracePeriodSeconds: 30 }))
    await b.clock.advance(15_000)
    expect(b.runtime.calls).toContain('stop app 30')
    await b.api.client().resource({ group: '', version: 'v1', resource: 'pods' }).delete('default', 'web', { gracePeriodSeconds: 5 })
    await b.clock.advance(4_999)
    expect(b.api.pod('web')).toBeDefined()
    await b.clock.advance(1)
    expect(b.api.pod('web')).toBeUndefined()
    expect(b.runtime.containers.size).toBe(0)
  })
})
