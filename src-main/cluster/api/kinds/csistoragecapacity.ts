import type { Kind } from './kind.js'
import { field } from '../errors.js'
import type { ObjectMeta, Wire } from '../object.js'
import { checkImmutable, checkName, collect, NOT_NEGATIVE } from './rules/checks.js'
import { column, nameColumn } from './rules/columns.js'
import { dns1123Subdomain } from './rules/names.js'
import { nodeLabelSelectorWarnings } from './rules/node-labels.js'
import { tryParseQuantity } from './rules/quantity.js'
import { validateSelector } from './rules/selectors.js'
import type * as k8s from '@kubernetes/client-node'

export type CSIStorageCapacity = Wire<k8s.V1CSIStorageCapacity> & { metadata: ObjectMeta }

/** https://kubernetes.io/docs/reference/kubernetes-api/config-and-storage-resources/csi-storage-capacity-v1/ */
export const csiStorageCapacity: Kind<CSIStorageCapacity> = {
  group: 'storage.k8s.io',
  version: 'v1',
  kind: 'CSIStorageCapacity',
  plural: 'csistoragecapacities',
  singular: 'csistoragecapacity',
  unconditionalUpdate: false,
  namespaced: true,
  model: 'V1CSIStorageCapacity',
  metadataOnUpdate: 1,

  validate: (object) =>
    collect((errors) => {
      validateSelector(object.nodeTopology, 'nodeTopology', errors)
      checkName(dns1123Subdomain, object.storageClassName ?? '', 'storageClassName', errors)
      // The size of the largest volume is not looked at.
      if ((tryParseQuantity(object.capacity)?.nano ?? 0n) < 0n) errors.push(field.invalid('capacity', object.capacity, NOT_NEGATIVE))
    }),
  validateUpdate: (object, old) =>
    collect((errors) => {
      checkImmutable(object.nodeTopology, old.nodeTopology, 'nodeTopology', errors)
      checkImmutable(object.storageClassName, old.storageClassName, 'storageClassName', errors)
    }),
  warnings: ({ nodeTopology }) => nodeLabelSelectorWarnings(nodeTopology, 'nodeTopology'),

  columns: [
    nameColumn(),
    column('StorageClassName', '@storageClassName', (o) => o.storageClassName ?? ''),
    column('Capacity', '@capacity', (o) => o.capacity ?? '<unset>'),
  ],
}
