/** What the fake backend tells as events of a pod; other objects have none. */
import type { EventRow, ObjectRef } from '../../src-main/backend/rpc/contract.js'
import type { FakeObject } from './fake-maker.js'

/** The events of an object, newest first; `now` in ms since the epoch. */
export function fakeEvents(ref: ObjectRef & { kind: string }, o: FakeObject | null, now: number): EventRow[] {
  const born = o ? Date.parse(o.metadata.creationTimestamp) : now
  if (ref.kind !== 'Pod') return []
  const waiting = o?.status?.containerStatuses?.[0]?.state?.waiting
  const rows: EventRow[] = [
    {
      id: 'e1',
      type: 'Normal',
      reason: 'Scheduled',
      message: `Successfully assigned ${ref.namespace}/${ref.name} to ${o?.spec.nodeName ?? 'drydock-worker'}`,
      source: 'default-scheduler',
      count: 1,
      first: born,
      last: born,
    },
    {
      id: 'e2',
      type: 'Normal',
      reason: 'Pulled',
      message: `Container image "${o?.spec.containers[0].image}" already present on machine`,
      source: 'kubelet, drydock-worker',
      count: 1,
      first: born + 1000,
      last: born + 1000,
    },
  ]
  if (waiting?.message)
    rows.unshift({
      id: 'e3',
      type: 'Warning',
      reason: waiting.reason === 'CrashLoopBackOff' ? 'BackOff' : 'Failed',
      message: waiting.message,
      source: 'kubelet, drydock-worker',
      count: 63,
      first: born + 4000,
      last: now - 12_000,
    })
  return rows
}
