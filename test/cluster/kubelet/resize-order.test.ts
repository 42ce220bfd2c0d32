/** Which of the pods that wait for more resources are given room first. */
import { expect, test } from 'vitest'
import type { Pod } from '../../../src-main/cluster/api/object.js'
import { resizeOrder } from '../../../src-main/cluster/kubelet/resize-order.js'

const pod = (name: string, priority: number, qosClass: string, since: string): Pod => {
  const conditions = [{ type: 'PodResizePending', status: 'True', reason: 'Deferred', lastTransitionTime: `2026-11-22T05:${since}:00Z` }]
  return { metadata: { name }, spec: { priority }, status: { qosClass, conditions } } as unknown as Pod
}

test('by priority, then by quality of service, then by how long they have waited', () => {
  const pods = [
    pod('late', 0, 'Burstable', '20'),
    pod('early', 0, 'Burstable', '10'),
    pod('guaranteed', 0, 'Guaranteed', '30'),
    pod('important', 100, 'BestEffort', '40'),
    pod('effortless', 0, 'BestEffort', '05'),
  ]
  expect(pods.sort(resizeOrder).map((p) => p.metadata.name)).toEqual(['important', 'guaranteed', 'early', 'late', 'effortless'])
})
