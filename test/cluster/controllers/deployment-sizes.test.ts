/** Sizes that a Deployment gives its ReplicaSets: a change of size in the middle of a rollout, steps of it, and bounds. */
import { describe, expect, test } from 'vitest'
import type { Deployment, ReplicaSet } from '../../../src-main/cluster/api/object.js'
import {
  maxSurge,
  maxUnavailable,
  newReplicaCount,
  proportionalSizes,
  revisionAnnotations,
} from '../../../src-main/cluster/controllers/deployment-replicasets.js'
import { deployment, replicaSet } from './harness.js'

const rolling = (surge: number | string, unavailable: number | string) => ({
  strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: surge, maxUnavailable: unavailable } },
})

/** Sets of these sizes, the oldest first, as they were when the Deployment had `before` replicas. */
function setsOf(before: number, surge: number, sizes: number[]): ReplicaSet[] {
  const annotations = {
    'deployment.kubernetes.io/desired-replicas': `${before}`,
    'deployment.kubernetes.io/max-replicas': `${before + surge}`,
  }
  return sizes.map((size, i) => {
    const set = replicaSet(`web-${i}`, size)
    return { ...set, metadata: { ...set.metadata, annotations, creationTimestamp: `2026-11-21T09:0${i}:00Z` } }
  })
}

describe('a change of size in the middle of a rollout', () => {
  test.each<[string, number, number, number, number[], number[]]>([
    ['grows all by their share', 5, 10, 0, [3, 2], [6, 4]],
    ['shrinks all by their share', 5, 3, 0, [3, 2], [2, 1]],
    ['takes what is left from the largest', 9, 4, 0, [1, 8], [0, 4]],
    ['grows three', 7, 10, 0, [2, 3, 2], [3, 4, 3]],
    ['shrinks three', 13, 8, 0, [3, 8, 2], [2, 5, 1]],
    ['gives a single pod to the newest of equal ones', 3, 4, 0, [1, 1, 1], [1, 1, 2]],
    ['takes a single pod from the oldest of equal ones', 3, 2, 0, [1, 1, 1], [0, 1, 1]],
    ['gives many pods to equal ones alike, and the rest to the newest', 3, 5, 0, [1, 1, 1], [1, 2, 2]],
    ['counts the surge', 10, 20, 2, [5, 7], [9, 13]],
    ['goes to nothing', 10, 0, 3, [5, 8], [0, 0]],
    ['that was none changes nothing', 10, 10, 2, [5, 7], [5, 7]],
  ])('%s', (_, before, after, surge, sizes, expected) => {
    const sets = setsOf(before, surge, sizes)
    const found = proportionalSizes(deployment('web', after, rolling(surge, 1)), sets)
    expect(sets.map((s) => found.get(s))).toEqual(expected)
  })

  test('goes to nothing also where nobody knows how many there were', () => {
    const sets = setsOf(0, 0, [2, 3]).map((s) => ({ ...s, metadata: { ...s.metadata, annotations: {} } }))
    const found = proportionalSizes(deployment('web', 0, rolling(0, 1)), sets)
    expect([...found.values()].sort()).toEqual([0, 0])
  })
})

test.each<[string, number, number | string, number[], number, number]>([
  ['fills up to the surge', 1, 1, [1], 0, 1],
  ['stays while there is no room', 1, 0, [1], 0, 0],
  ['fills what is left of the surge', 10, '20%', [5], 5, 7],
  ['does not go beyond the wished size', 10, 5, [3], 9, 10],
])('the new ReplicaSet %s', (_, wished, surge, old, size, expected) => {
  const [fresh] = setsOf(wished, 0, [size])
  const all = [...setsOf(wished, 0, old), fresh!]
  expect(newReplicaCount(deployment('web', wished, rolling(surge, 0)), all, fresh)).toBe(expected)
})

test.each<[number | string, number | string, number, number, number]>([
  ['0%', '0%', 10, 0, 1],
  ['39%', '39%', 10, 4, 3],
  ['50%', '50%', 1, 1, 0],
  [0, '25%', 3, 0, 1],
  [1, 25, 10, 1, 10],
  ['25%', '25%', 0, 0, 0],
])('maxSurge %s and maxUnavailable %s of %i pods are %i and %i', (surge, unavailable, replicas, more, fewer) => {
  const d = deployment('web', replicas, rolling(surge, unavailable))
  expect([maxSurge(d), maxUnavailable(d)]).toEqual([more, fewer])
})

test('a long history of revisions forgets the oldest', () => {
  const key = 'deployment.kubernetes.io/revision-history'
  const history = Array.from({ length: 450 }, (_, i) => String(1000 + i))
    .join(',')
    .slice(0, 1999)
  const set = { metadata: { annotations: { 'deployment.kubernetes.io/revision': '9999', [key]: history } } } as unknown as ReplicaSet
  const after = revisionAnnotations({ metadata: {} } as Deployment, set, 10_000n)[key]!
  expect([after.length <= 2000, after.startsWith('1001,'), after.endsWith(',9999')]).toEqual([true, true, true])
})
