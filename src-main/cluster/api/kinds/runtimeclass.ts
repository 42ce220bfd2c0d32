import type { Kind } from './kind.js'
import type { ObjectMeta, Wire } from '../object.js'
import { checkImmutable, checkName, collect } from './rules/checks.js'
import { ageColumn, column, nameColumn } from './rules/columns.js'
import { dns1123Label } from './rules/names.js'
import { nodeLabelMapWarnings } from './rules/node-labels.js'
import { validateRequirements } from './rules/resources.js'
import { validateLabelMap } from './rules/selectors.js'
import { validateTolerations } from './rules/tolerations.js'
import type * as k8s from '@kubernetes/client-node'

export type RuntimeClass = Wire<k8s.V1RuntimeClass> & { metadata: ObjectMeta }

/** https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/runtime-class-v1/ */
export const runtimeClass: Kind<RuntimeClass> = {
  group: 'node.k8s.io',
  version: 'v1',
  kind: 'RuntimeClass',
  plural: 'runtimeclasses',
  singular: 'runtimeclass',
  createOnUpdate: true,
  unconditionalUpdate: false,
  namespaced: false,
  model: 'V1RuntimeClass',
  metadataOnUpdate: 1,

  validate: ({ handler, overhead, scheduling }) =>
    collect((errors) => {
      checkName(dns1123Label, handler ?? '', 'handler', errors)
      if (overhead) validateRequirements({ limits: overhead.podFixed }, 'overhead', errors)
      validateLabelMap(scheduling?.nodeSelector, 'scheduling.nodeSelector', errors)
      validateTolerations(scheduling?.tolerations, 'scheduling.tolerations', errors)
    }),
  validateUpdate: (object, old) => collect((errors) => checkImmutable(object.handler, old.handler, 'handler', errors)),
  warnings: ({ scheduling }) => nodeLabelMapWarnings(scheduling?.nodeSelector, 'scheduling.nodeSelector'),

  columns: [nameColumn(), column('Handler', '', (o) => o.handler ?? ''), ageColumn()],
}
