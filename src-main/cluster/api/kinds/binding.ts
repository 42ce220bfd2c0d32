import type { Kind } from './kind.js'
import { field } from '../errors.js'
import type { ObjectMeta, Wire } from '../object.js'
import { checkRequired, collect } from './rules/checks.js'
import type * as k8s from '@kubernetes/client-node'

export type Binding = Wire<k8s.V1Binding> & { metadata: ObjectMeta }

/** Ties a pod to a node; `pods/binding` does the same. https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/binding-v1/ */
export const binding: Kind<Binding> = {
  group: '',
  version: 'v1',
  kind: 'Binding',
  plural: 'bindings',
  singular: 'binding',
  namespaced: true,
  model: 'V1Binding',
  verbs: ['create'],
  virtual: true,

  validate: ({ target }) =>
    collect((errors) => {
      if (target?.kind && target.kind !== 'Node') errors.push(field.notSupported('target.kind', target.kind, ['Node', '<empty>']))
      checkRequired(target?.name, 'target.name', errors)
    }),
}
