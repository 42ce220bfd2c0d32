/** When that happened for which endpoints are written. */
import { expect, test } from 'vitest'
import type { Pod, Service } from '../../../src-main/cluster/api/object.js'
import { TriggerTimes } from '../../../src-main/cluster/controllers/endpoints-trigger-times.js'

const at = (second: number): string => `2026-11-21T09:00:${String(second).padStart(2, '0')}Z`
const service = { metadata: { name: 'web', namespace: 'default', creationTimestamp: at(1) } } as Service
const pod = (name: string, readySince?: number): Pod => {
  const conditions = readySince === undefined ? [] : [{ type: 'Ready', status: 'True', lastTransitionTime: at(readySince) }]
  return { metadata: { name, namespace: 'default' }, status: { conditions } } as unknown as Pod
}

test('the trigger is the making of the Service at first, then the earliest change of a pod, and nothing when a pod goes', () => {
  const triggers = new TriggerTimes()
  const look = (...pods: Pod[]): string | undefined =>
    triggers.annotation('default/web', service, pods)['endpoints.kubernetes.io/last-change-trigger-time']
  expect(look()).toBe(at(1))
  expect(look(pod('a', 5), pod('b', 4), pod('c'))).toBe(at(4))
  expect(look(pod('a', 5), pod('b', 4), pod('c', 7))).toBe(at(7))
  expect(look(pod('a', 9), pod('b', 4), pod('c', 8))).toBe(at(8))
  expect(look(pod('a', 9), pod('b', 4))).toBeUndefined()
  triggers.forget('default/web')
  expect(look(pod('a', 9))).toBe(at(1))
})
