import type { Kind } from './kind.js'
import type { ObjectMeta, Wire } from '../object.js'
import { column, nameColumn } from './rules/columns.js'
import { items } from './rules/sent.js'
import type * as k8s from '@kubernetes/client-node'

export type ComponentStatus = Wire<k8s.V1ComponentStatus> & { metadata: ObjectMeta }

const healthy = (o: ComponentStatus) => items(o.conditions).find((c) => c.type === 'Healthy')

/** https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/component-status-v1/ */
export const componentStatus: Kind<ComponentStatus> = {
  group: '',
  version: 'v1',
  kind: 'ComponentStatus',
  plural: 'componentstatuses',
  singular: 'componentstatus',
  shortNames: ['cs'],
  namespaced: false,
  model: 'V1ComponentStatus',
  verbs: ['get', 'list'],
  virtual: true,
  deprecation: 'v1 ComponentStatus is deprecated in v1.19+',

  columns: [
    nameColumn(),
    column('Status', 'Status of the component conditions', (o) => {
      const status = healthy(o)?.status
      return status === 'True' ? 'Healthy' : status === 'False' ? 'Unhealthy' : '<unknown>'
    }),
    column('Message', 'Message of the component conditions', (o) => healthy(o)?.message ?? ''),
    column('Error', 'Error of the component conditions', (o) => healthy(o)?.error ?? ''),
  ],
}
