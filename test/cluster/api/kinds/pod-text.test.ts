import { describe, expect, it } from 'vitest'
import { aPod, NOW, row, type Loose } from './support.js'

const at = (secondsAgo: number): string => new Date(NOW - secondsAgo * 1000).toISOString()
const running = { state: { running: { startedAt: at(60) } }, ready: true, started: true, restartCount: 0 }
const waiting = (reason: string): Loose => ({ state: { waiting: { reason } }, ready: false, restartCount: 0 })
const ended = (exitCode: number, more: Loose = {}): Loose => ({
  state: { terminated: { exitCode, finishedAt: at(5), ...more } },
  ready: false,
  restartCount: 0,
})
const c = (name: string, status: Loose): Loose => ({ name, image: 'nginx', imageID: '', ...status })
const condition = (type: string, status: string, reason?: string): Loose => ({ type, status, ...(reason ? { reason } : {}) })

/** READY, STATUS and RESTARTS of a pod. */
function cells(status: Loose, spec: Loose = {}, metadata: Loose = {}): string {
  const cell = row(aPod(spec, status, metadata))
  return `${cell['Ready']} ${cell['Status']} ${cell['Restarts']}`
}

const two = {
  containers: [
    { name: 'a', image: 'nginx' },
    { name: 'b', image: 'nginx' },
  ],
}

describe('kubectl get pods shows', () => {
  it('a pod that nobody has looked at as Pending', () => {
    expect(cells({ phase: 'Pending' })).toBe('0/1 Pending 0')
  })

  it('the reason that a container waits for', () => {
    expect(cells({ phase: 'Pending', containerStatuses: [c('c', waiting('ContainerCreating'))] })).toBe('0/1 ContainerCreating 0')
    expect(cells({ phase: 'Pending', containerStatuses: [c('c', waiting('ImagePullBackOff'))] })).toBe('0/1 ImagePullBackOff 0')
  })

  it('how often containers restarted and how long ago the last one ended', () => {
    const crashed = { ...waiting('CrashLoopBackOff'), restartCount: 5, lastState: { terminated: { exitCode: 1, finishedAt: at(200) } } }
    expect(cells({ phase: 'Running', containerStatuses: [c('c', crashed)] })).toBe('0/1 CrashLoopBackOff 5 (3m20s ago)')
    const both = [c('a', { ...running, restartCount: 2, lastState: { terminated: { exitCode: 0, finishedAt: at(600) } } }), c('b', crashed)]
    expect(cells({ phase: 'Running', containerStatuses: both }, two)).toBe('1/2 CrashLoopBackOff 7 (3m20s ago)')
  })

  it('the reason, the signal or the exit code of what has ended', () => {
    const of = (status: Loose): string => cells({ phase: 'Failed', containerStatuses: [c('c', status)] })
    expect(of(ended(0, { reason: 'Completed' }))).toBe('0/1 Completed 0')
    expect(of(ended(137, { reason: 'OOMKilled' }))).toBe('0/1 OOMKilled 0')
    expect(of(ended(3))).toBe('0/1 ExitCode:3 0')
    expect(of(ended(0, { signal: 9 }))).toBe('0/1 Signal:9 0')
  })

  it('the first container’s trouble when several have some', () => {
    const statuses = [c('a', waiting('ErrImagePull')), c('b', waiting('CrashLoopBackOff'))]
    expect(cells({ phase: 'Pending', containerStatuses: statuses }, two)).toBe('0/2 ErrImagePull 0')
  })

  it('a pod with one container done and one running as Running, or NotReady without the condition', () => {
    const statuses = [c('a', ended(0, { reason: 'Completed' })), c('b', running)]
    expect(cells({ phase: 'Running', containerStatuses: statuses, conditions: [condition('Ready', 'True')] }, two)).toBe('1/2 Running 0')
    expect(cells({ phase: 'Running', containerStatuses: statuses }, two)).toBe('1/2 NotReady 0')
  })

  it('the reason of the pod itself, such as an eviction', () => {
    expect(cells({ phase: 'Failed', reason: 'Evicted' })).toBe('0/1 Evicted 0')
  })

  it('that a pod is held back by scheduling gates', () => {
    const conditions = [condition('PodScheduled', 'False', 'SchedulingGated')]
    expect(cells({ phase: 'Pending', conditions })).toBe('0/1 SchedulingGated 0')
  })

  it('Terminating for a pod under deletion that has not ended', () => {
    const deleted = { deletionTimestamp: at(0) }
    expect(cells({ phase: 'Running', containerStatuses: [c('c', running)] }, {}, deleted)).toBe('1/1 Terminating 0')
    expect(cells({ phase: 'Running', reason: 'NodeLost' }, {}, deleted)).toBe('0/1 Unknown 0')
    expect(cells({ phase: 'Succeeded', containerStatuses: [c('c', ended(0, { reason: 'Completed' }))] }, {}, deleted)).toBe(
      '0/1 Completed 0',
    )
  })

  describe('of init containers', () => {
    const spec = {
      initContainers: [
        { name: 'i', image: 'busybox' },
        { name: 'j', image: 'busybox' },
      ],
    }
    const of = (i: Loose, j: Loose = waiting('PodInitializing')): string =>
      cells(
        { phase: 'Pending', initContainerStatuses: [c('i', i), c('j', j)], containerStatuses: [c('c', waiting('PodInitializing'))] },
        spec,
      )

    it('how many are done', () => {
      expect(of(waiting('PodInitializing'))).toBe('0/1 Init:0/2 0')
      expect(of({ ...running, ready: false, started: false })).toBe('0/1 Init:0/2 0')
      expect(of(ended(0, { reason: 'Completed' }))).toBe('0/1 Init:1/2 0')
    })

    it('what is wrong with one', () => {
      expect(of({ ...waiting('CrashLoopBackOff'), restartCount: 3 })).toBe('0/1 Init:CrashLoopBackOff 3')
      expect(of(ended(1, { reason: 'Error' }))).toBe('0/1 Init:Error 0')
      expect(of(ended(2))).toBe('0/1 Init:ExitCode:2 0')
      expect(of(ended(2, { signal: 15 }))).toBe('0/1 Init:Signal:15 0')
    })

    it('nothing more once all are done', () => {
      expect(of(ended(0, { reason: 'Completed' }), ended(0, { reason: 'Completed' }))).toBe('0/1 PodInitializing 0')
    })

    it('sidecars among the containers', () => {
      const sidecar = { initContainers: [{ name: 's', image: 'envoy', restartPolicy: 'Always' }] }
      const statuses = { initContainerStatuses: [c('s', running)], containerStatuses: [c('c', running)] }
      expect(cells({ phase: 'Running', ...statuses, conditions: [condition('Ready', 'True')] }, sidecar)).toBe('2/2 Running 0')
      expect(cells({ phase: 'Pending', initContainerStatuses: [c('s', waiting('PodInitializing'))] }, sidecar)).toBe('0/2 Init:0/1 0')
    })
  })

  it('with -o wide where the pod is and how many readiness gates are open', () => {
    const spec = { nodeName: 'node-1', readinessGates: [{ conditionType: 'a/ready' }, { conditionType: 'b/ready' }] }
    const wide = row(
      aPod(spec, { phase: 'Running', podIP: '10.244.1.2', podIPs: [{ ip: '10.244.1.2' }], conditions: [condition('a/ready', 'True')] }),
    )
    expect(wide).toMatchObject({
      Name: 'p',
      IP: '10.244.1.2',
      Node: 'node-1',
      'Nominated Node': '<none>',
      'Readiness Gates': '1/2',
      Age: '0s',
    })
    expect(row(aPod())).toMatchObject({ IP: '<none>', Node: '<none>', 'Nominated Node': '<none>', 'Readiness Gates': '<none>' })
  })
})
