import { describe, expect, it } from 'vitest'
import { rolloutsOf } from '../../src-renderer/app/watch-rollouts.js'
import type { KubeObject } from '../../src-renderer/stores/object.js'
import { rolloutStatus } from '../../src-renderer/stores/rollout-status.js'

const object = (spec: object, status: object, generation = 2): KubeObject => ({ metadata: { name: 'web', generation }, spec, status })
const seen = { observedGeneration: 2 }

describe('a Deployment’s rollout', () => {
  const at = (status: object) => rolloutStatus('deployments', object({ replicas: 3 }, status))
  it('runs until the controller has seen the change, made all new pods, taken the old ones, and the new ones are available', () => {
    const full = { replicas: 3, updatedReplicas: 3, availableReplicas: 3 }
    expect(at({ ...full, observedGeneration: 1 })).toEqual({ phase: 'running', ready: 3, wanted: 3 })
    expect(at({ ...seen, ...full, updatedReplicas: 1 })).toEqual({ phase: 'running', ready: 1, wanted: 3 })
    expect(at({ ...seen, ...full, replicas: 4 })).toEqual({ phase: 'running', ready: 3, wanted: 3 })
    expect(at({ ...seen, ...full, availableReplicas: 2 })).toEqual({ phase: 'running', ready: 2, wanted: 3 })
    expect(at({ ...seen, ...full })).toEqual({ phase: 'done', ready: 3, wanted: 3 })
  })

  it('has failed when it made no progress for as long as it may take, and says what the controller says', () => {
    const conditions = [
      {
        type: 'Progressing',
        status: 'False',
        reason: 'ProgressDeadlineExceeded',
        message: 'ReplicaSet "web-1" has timed out progressing.',
      },
    ]
    expect(at({ ...seen, replicas: 4, updatedReplicas: 1, availableReplicas: 3, conditions })).toEqual({
      phase: 'failed',
      ready: 1,
      wanted: 3,
      message: 'ReplicaSet "web-1" has timed out progressing.',
    })
  })
})

describe('a StatefulSet’s rollout', () => {
  const at = (status: object, updateStrategy?: object) =>
    rolloutStatus('statefulsets', object({ replicas: 3, updateStrategy }, { ...seen, ...status })).phase
  it('is done when all pods are ready and of the new revision; with a partition those above it', () => {
    expect(at({ readyReplicas: 3, updatedReplicas: 1, currentRevision: 'a', updateRevision: 'b' })).toBe('running')
    expect(at({ readyReplicas: 2, currentRevision: 'b', updateRevision: 'b' })).toBe('running')
    expect(at({ readyReplicas: 3, currentRevision: 'b', updateRevision: 'b' })).toBe('done')
    expect(
      at({ readyReplicas: 3, updatedReplicas: 1, currentRevision: 'a', updateRevision: 'b' }, { rollingUpdate: { partition: 2 } }),
    ).toBe('done')
    expect(at({ readyReplicas: 3, currentRevision: 'a', updateRevision: 'b' }, { type: 'OnDelete' })).toBe('done')
  })
})

it('a DaemonSet’s rollout is done when every node has a new pod that is available', () => {
  const at = (status: object) => rolloutStatus('daemonsets', object({}, { ...seen, desiredNumberScheduled: 3, ...status }))
  expect(at({ updatedNumberScheduled: 2, numberAvailable: 3 })).toEqual({ phase: 'running', ready: 2, wanted: 3 })
  expect(at({ updatedNumberScheduled: 3, numberAvailable: 3 }).phase).toBe('done')
})

describe('a change made in the window', () => {
  const ref = { group: 'apps', version: 'v1', resource: 'deployments', namespace: 'shop', name: 'web' }
  it('sets a workload rolling when it is a restart, a rollback, a scale, or has made a new generation', () => {
    expect(rolloutsOf('workloads.restart', { context: 'a', ref }, null)).toEqual([ref])
    expect(rolloutsOf('objects.patch', { context: 'a', ref }, object({}, { observedGeneration: 1 }))).toEqual([ref])
    expect(
      rolloutsOf('objects.apply', {}, [
        { ref, action: 'configured' },
        { ref, action: 'unchanged' },
      ]),
    ).toEqual([ref])
  })

  it('sets nothing rolling when it is a dry run, or leaves the generation alone', () => {
    expect(rolloutsOf('objects.save', { ref, dryRun: true }, object({}, {}))).toEqual([])
    expect(rolloutsOf('objects.patch', { ref }, object({}, seen))).toEqual([])
    expect(rolloutsOf('objects.get', { ref }, object({}, {}))).toEqual([])
  })
})
