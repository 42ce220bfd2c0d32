/** ComponentStatuses: what the API server finds when it asks the parts of the control plane how they are. Long deprecated. */
import { notFound } from './errors.js'
import type { ComponentStatus } from './kinds/componentstatus.js'

/** In one cluster of one process all of them are well for as long as anybody can ask. */
const PARTS = ['controller-manager', 'etcd-0', 'scheduler']

function statusOf(name: string): ComponentStatus {
  return {
    kind: 'ComponentStatus',
    apiVersion: 'v1',
    metadata: { name },
    conditions: [{ type: 'Healthy', status: 'True', message: 'ok' }],
  }
}

/** The status of every part of the control plane, sorted by name. */
export function componentStatuses(): ComponentStatus[] {
  return PARTS.map(statusOf)
}

/** The status of one part. Throws a 404. */
export function componentStatusNamed(name: string): ComponentStatus {
  if (!PARTS.includes(name)) throw notFound({ group: '', resource: 'componentstatuses' }, name)
  return statusOf(name)
}
