import { describe, expect, test } from 'vitest'
import type { Pod } from '../../../src-main/cluster/api/object.js'
import { bench, pod, START } from './harness.js'

const crashing = (code: number, afterMs = 0) => ({
  behave: (r: { behaviours: Record<string, object> }) => (r.behaviours.nginx = { present: true, exit: { afterMs, code } }),
})

describe('restarts', () => {
  test('a container that fails is restarted at once, then after 10, 20, 40, 80, 160 and at most 300 seconds', async () => {
    const b = await bench(crashing(1))
    const starts: number[] = []
    const began = b.clock.now()
    b.runtime.onChange((info) => info.state === 'running' && starts.push((b.clock.now() - began) / 1000))
    await b.create(pod())
    await b.clock.advance(1_300_000)
    expect(starts).toEqual([0, 0, 10, 30, 70, 150, 310, 610, 910, 1210])
  })

  test('shows CrashLoopBackOff, how the last run ended and how long it waits', async () => {
    const b = await bench(crashing(3))
    await b.create(pod())
    const status = b.pod().status!.containerStatuses![0]!
    expect(b.pod().status!.phase).toBe('Running')
    expect(status.restartCount).toBe(1)
    expect(status.ready).toBe(false)
    expect(status.state).toEqual({
      waiting: { reason: 'CrashLoopBackOff', message: 'back-off 10s restarting failed container=app pod=web_default(uid-web)' },
    })
    expect(status.lastState).toEqual({
      terminated: {
        exitCode: 3,
        reason: 'Error',
        startedAt: '2026-11-21T09:00:00Z',
        finishedAt: '2026-11-21T09:00:00Z',
        containerID: status.containerID,
      },
    })
    expect(b.api.events('web')).toContain('Warning BackOff Back-off restarting failed container app in pod web_default(uid-web)')
  })

  test('the back-off is forgotten after ten minutes without trouble', async () => {
    const b = await bench(crashing(1))
    await b.create(pod())
    b.runtime.behaviours.nginx!.exit = undefined
    await b.clock.advance(10_000)
    expect(b.pod().status!.containerStatuses![0]!.restartCount).toBe(2)
    await b.clock.advance(601_000)
    b.runtime.exit('app', 1)
    await b.clock.settle()
    expect(b.pod().status!.containerStatuses![0]!.restartCount).toBe(3)
    b.runtime.exit('app', 1)
    await b.clock.settle()
    expect(b.pod().status!.containerStatuses![0]!.state!.waiting!.message).toContain('back-off 10s ')
  })

  test('a kubelet that asks its runtime once a second learns no sooner that a container has ended', async () => {
    const b = await bench({ relistMs: 1_000 })
    await b.create(pod())
    const seen: number[] = []
    b.api.listen('pods', {
      update: (_, p) => {
        if ((p as unknown as Pod).status!.containerStatuses![0]!.lastState?.terminated) seen.push(b.clock.now() - START)
      },
    })
    b.runtime.exit('app', 0)
    await b.clock.settle()
    expect(b.pod().status!.containerStatuses![0]!.state).toEqual({ running: { startedAt: '2026-11-21T09:00:00Z' } })
    await b.clock.advance(1_000)
    const first = seen.splice(0)[0]!
    expect(b.pod().status!.containerStatuses![0]!.lastState!.terminated!.finishedAt).toBe('2026-11-21T09:00:00Z')
    // The looks of a node are a period apart, whenever something ends.
    await b.clock.advance(first + 20_100 - (b.clock.now() - START))
    b.runtime.exit('app', 0)
    await b.clock.advance(1_000)
    expect(seen[0]!).toBe(first + 21_000)
    expect(first).toBeGreaterThan(0)
    expect(first).toBeLessThanOrEqual(1_000)
  })

  test('a sandbox that somebody stops past the kubelet is made anew, and the containers with it', async () => {
    const b = await bench()
    await b.create(pod())
    const [first] = b.runtime.sandboxes.keys()
    await b.runtime.stopPodSandbox(first!)
    await b.clock.settle()
    expect([...b.runtime.sandboxes.keys()]).toHaveLength(2)
    const { containerStatuses, podIP } = b.pod().status!
    expect(containerStatuses![0]).toMatchObject({
      ready: true,
      restartCount: 1,
      lastState: { terminated: { exitCode: 137, reason: 'Error' } },
    })
    expect(podIP).toBe('10.244.0.3')
    expect(b.api.events('web')).toContain('Normal SandboxChanged Pod sandbox changed, it will be killed and re-created.')
  })

  test('with restartPolicy Never a pod ends as its container does', async () => {
    const failed = await bench(crashing(1))
    await failed.create(pod({}, { restartPolicy: 'Never' }))
    expect(failed.pod().status!.phase).toBe('Failed')
    expect(failed.pod().status!.conditions!.find((c) => c.type === 'Ready')).toMatchObject({ status: 'False', reason: 'PodFailed' })

    const done = await bench(crashing(0))
    await done.create(pod({}, { restartPolicy: 'Never' }))
    const { status } = done.pod()
    expect(status!.phase).toBe('Succeeded')
    expect(status!.podIP).toBe('10.244.0.2')
    expect(status!.conditions!.map((c) => `${c.type} ${c.status} ${c.reason ?? ''}`)).toEqual([
      'PodReadyToStartContainers False ',
      'Initialized True PodCompleted',
      'Ready False PodCompleted',
      'ContainersReady False PodCompleted',
      'PodScheduled True ',
    ])
  })

  test('with restartPolicy OnFailure only failures are restarted', async () => {
    const b = await bench(crashing(1))
    await b.create(pod({}, { restartPolicy: 'OnFailure' }))
    expect(b.pod().status!.containerStatuses![0]!.restartCount).toBe(1)
    b.runtime.behaviours.nginx!.exit = { afterMs: 0, code: 0 }
    await b.clock.advance(10_000)
    expect(b.pod().status!.phase).toBe('Succeeded')
  })

  test('the log of the run before can be had', async () => {
    const b = await bench(crashing(1, 5_000))
    await b.create(pod())
    const endpoint = b.kubelets.endpoint('drydock')!
    const ref = { namespace: 'default', pod: 'web', container: 'app' }
    await expect(endpoint.logs(ref, { previous: true })).rejects.toThrow('previous terminated container "app" in pod "web" not found')
    const first = b.pod().status!.containerStatuses![0]!.containerID!.replace('containerd://', '')
    await b.clock.advance(5_000)
    const log = await endpoint.logs(ref, { previous: true, tailLines: 7 })
    expect(log.read().toString()).toBe(`log of ${first} tail 7\n`)
  })

  test('a pod is failed when its activeDeadlineSeconds are over', async () => {
    const b = await bench({ behave: (r) => (r.behaviours.nginx = { present: true, stopMs: 0 }) })
    await b.create(pod({}, { activeDeadlineSeconds: 20 }))
    await b.clock.advance(19_999)
    expect(b.pod().status!.phase).toBe('Running')
    await b.clock.advance(1)
    expect(b.pod().status).toMatchObject({
      phase: 'Failed',
      reason: 'DeadlineExceeded',
      message: 'Pod was active on the node longer than the specified deadline',
    })
    expect(b.pod().status!.containerStatuses![0]!.state!.terminated).toMatchObject({ exitCode: 0 })
  })

  test('a command that cannot be started is a StartError with code 128', async () => {
    const b = await bench({
      behave: (r) => (r.behaviours.nginx = { present: true, startError: 'exec: "nope": executable file not found in $PATH' }),
    })
    await b.create(pod())
    const text =
      'failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: error during container init: exec: "nope": executable file not found in $PATH'
    expect(b.pod().status!.containerStatuses![0]!.state!.waiting).toEqual({ reason: 'RunContainerError', message: text })
    expect(b.api.events('web')).toContain(`Warning Failed Error: ${text}`)
    await b.clock.advance(1_000)
    const status = b.pod().status!.containerStatuses![0]!
    expect(status.lastState!.terminated).toMatchObject({
      exitCode: 128,
      reason: 'StartError',
      message: text,
      startedAt: '1970-01-01T00:00:00Z',
    })
  })
})

describe('init containers and sidecars', () => {
  const init = (name: string, image: string, more: object = {}) => ({ name, image, imagePullPolicy: 'IfNotPresent', ...more })

  test('init containers run one after the other before the main container', async () => {
    const b = await bench({
      behave: (r) => {
        r.behaviours.nginx = { present: true }
        r.behaviours.busybox = { present: true, exit: { afterMs: 1_000, code: 0 } }
      },
    })
    await b.create(pod({}, { initContainers: [init('one', 'busybox'), init('two', 'busybox')] }))
    expect(b.pod().status!.initContainerStatuses!.map((s) => Object.keys(s.state!)[0])).toEqual(['running', 'waiting'])
    expect(b.pod().status!.containerStatuses![0]!.state).toEqual({ waiting: { reason: 'PodInitializing' } })
    expect(b.pod().status!.conditions!.find((c) => c.type === 'Initialized')).toMatchObject({
      status: 'False',
      reason: 'ContainersNotInitialized',
      message: 'containers with incomplete status: [one two]',
    })
    await b.clock.advance(2_000)
    expect(b.pod().status!.phase).toBe('Running')
    expect(b.pod().status!.initContainerStatuses!.map((s) => [s.ready, s.state!.terminated!.reason])).toEqual([
      [true, 'Completed'],
      [true, 'Completed'],
    ])
    expect(b.runtime.calls.filter((c) => c.startsWith('start'))).toEqual(['start one', 'start two', 'start app'])
  })

  test('an init container that fails is retried, or fails the pod with restartPolicy Never', async () => {
    const behave = (r: { behaviours: Record<string, object> }) => (r.behaviours.busybox = { present: true, exit: { afterMs: 0, code: 2 } })
    const b = await bench({ behave })
    await b.create(pod({}, { initContainers: [init('one', 'busybox')] }))
    expect(b.pod().status!.phase).toBe('Pending')
    expect(b.pod().status!.initContainerStatuses![0]!.state!.waiting!.reason).toBe('CrashLoopBackOff')

    const never = await bench({ behave })
    await never.create(pod({}, { restartPolicy: 'Never', initContainers: [init('one', 'busybox')] }))
    expect(never.pod().status!.phase).toBe('Failed')
    expect(never.runtime.calls).not.toContain('start app')
  })

  test('a sidecar starts before the main container and ends after it', async () => {
    const b = await bench({
      behave: (r) => {
        r.behaviours.nginx = { present: true, stopMs: 2_000 }
        r.behaviours.proxy = { present: true, stopMs: 100 }
      },
    })
    await b.create(pod({}, { initContainers: [init('proxy', 'proxy', { restartPolicy: 'Always' })] }))
    expect(b.pod().status!.phase).toBe('Running')
    expect(b.pod().status!.initContainerStatuses![0]).toMatchObject({ ready: true, started: true, restartCount: 0 })
    await b.api.client().resource({ group: '', version: 'v1', resource: 'pods' }).delete('default', 'web')
    await b.clock.advance(2_100)
    expect(b.api.pod('web')).toBeUndefined()
    expect(b.runtime.calls.filter((c) => /^(start|stop|exit) (app|proxy)/.test(c))).toEqual([
      'start proxy',
      'start app',
      'stop app 30',
      'exit app 0',
      'stop proxy 28',
      'exit proxy 0',
    ])
  })

  test('a pod of which only a sidecar still runs is done when its main container is', async () => {
    const b = await bench({
      behave: (r) => {
        r.behaviours.nginx = { present: true, exit: { afterMs: 1_000, code: 0 } }
        r.behaviours.proxy = { present: true, stopMs: 100 }
      },
    })
    await b.create(pod({}, { restartPolicy: 'Never', initContainers: [init('proxy', 'proxy', { restartPolicy: 'Always' })] }))
    await b.clock.advance(1_100)
    expect(b.pod().status!.phase).toBe('Succeeded')
  })

  test('an ephemeral container is started beside the others and never restarted', async () => {
    const b = await bench({
      behave: (r) => {
        r.behaviours.nginx = { present: true }
        r.behaviours.busybox = { present: true, exit: { afterMs: 500, code: 1 } }
      },
    })
    const made = await b.create(pod())
    b.api.put('pods', {
      ...made,
      metadata: { ...made.metadata, generation: 2 },
      spec: { ...made.spec, ephemeralContainers: [init('debug', 'busybox')] },
    } as never)
    await b.clock.advance(100_000)
    expect(b.pod().status!.phase).toBe('Running')
    expect(b.pod().status!.ephemeralContainerStatuses![0]).toMatchObject({ restartCount: 0, state: { terminated: { exitCode: 1 } } })
  })
})

describe('a changed image', () => {
  test('replaces the container, whatever the restart policy', async () => {
    const b = await bench({
      behave: (r) => {
        r.behaviours.nginx = { present: true, stopMs: 0 }
        r.behaviours['nginx:2'] = { present: true }
      },
    })
    const made = await b.create(pod({}, { restartPolicy: 'Never' }))
    const containers = [{ ...made.spec!.containers[0], image: 'nginx:2' }]
    b.api.put('pods', { ...made, metadata: { ...made.metadata, generation: 2 }, spec: { ...made.spec, containers } } as never)
    await b.clock.settle()
    expect(b.api.events('web')).toContain('Normal Killing Container app definition changed, will be restarted')
    expect(b.pod().status).toMatchObject({
      observedGeneration: 2,
      phase: 'Running',
      containerStatuses: [{ image: 'docker.io/library/nginx:2', restartCount: 1, ready: true }],
    })
  })

  test('ends a CrashLoopBackOff', async () => {
    const b = await bench({
      behave: (r) => {
        r.behaviours.nginx = { present: true, exit: { afterMs: 0, code: 1 } }
        r.behaviours['nginx:2'] = { present: true }
      },
    })
    const made = await b.create(pod())
    expect(b.pod().status!.containerStatuses![0]!.state!.waiting!.reason).toBe('CrashLoopBackOff')
    const containers = [{ ...made.spec!.containers[0], image: 'nginx:2' }]
    b.api.put('pods', { ...b.pod(), metadata: { ...b.pod().metadata, generation: 2 }, spec: { ...made.spec, containers } } as never)
    await b.clock.settle()
    expect(b.pod().status!.containerStatuses![0]!.state!.running).toBeDefined()
  })
})
