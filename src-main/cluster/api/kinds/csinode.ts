import type { Kind } from './kind.js'
import { field, type FieldError } from '../errors.js'
import type { ObjectMeta, Wire } from '../object.js'
import { checkNotNegative, checkRequired, collect, FIELD_IMMUTABLE } from './rules/checks.js'
import { ageColumn, column, nameColumn } from './rules/columns.js'
import { qualifiedName } from './rules/names.js'
import { items, semanticEqual, strings } from './rules/sent.js'
import { validateCsiDriverName } from './rules/volume-plugins.js'
import type * as k8s from '@kubernetes/client-node'

export type CSINode = Wire<k8s.V1CSINode> & { metadata: ObjectMeta }

/** https://kubernetes.io/docs/reference/kubernetes-api/config-and-storage-resources/csi-node-v1/ */
export const csiNode: Kind<CSINode> = {
  group: 'storage.k8s.io',
  version: 'v1',
  kind: 'CSINode',
  plural: 'csinodes',
  singular: 'csinode',
  unconditionalUpdate: false,
  namespaced: false,
  model: 'V1CSINode',
  metadataOnUpdate: 1,

  nullLists: ['spec.drivers'],
  setDefaults: (object) => void (object.spec ??= {} as typeof object.spec),
  validate: (object) => collect((errors) => validateDrivers(object, errors)),
  // The API server checks an update twice and tells both.
  validateUpdate: (object, old) =>
    collect((errors) => {
      validateDrivers(object, errors)
      for (const before of items(old.spec?.drivers)) {
        for (const now of items(object.spec?.drivers).filter((d) => d.name === before.name)) {
          if (!semanticEqual({ ...now, allocatable: null }, { ...before, allocatable: null }))
            errors.push(field.invalid('spec.drivers', shown(now), FIELD_IMMUTABLE))
        }
      }
    }),

  columns: [
    nameColumn(),
    column('Drivers', 'Drivers indicates the number of CSI drivers registered on the node', (o) => items(o.spec?.drivers).length, {
      type: 'integer',
    }),
    ageColumn(),
  ],
}

type Driver = NonNullable<CSINode['spec']>['drivers'][number]

/** A driver as messages print the server's own form of it; how many volumes it can attach may change, and is left out. */
const shown = ({ name, nodeID, topologyKeys }: Driver): object => ({
  Name: name,
  NodeID: nodeID,
  TopologyKeys: topologyKeys ?? null,
  Allocatable: null,
})

function validateDrivers({ spec }: CSINode, errors: FieldError[]): void {
  const names = new Set<string>()
  items(spec?.drivers).forEach((d, i) => {
    const at = `spec.drivers[${i}]`
    validateCsiDriverName(d.name, `${at}.name`, errors)
    if (checkRequired(d.nodeID, `${at}.nodeID`, errors) && Buffer.byteLength(d.nodeID) > 256)
      errors.push(field.invalid(`${at}.nodeID`, d.nodeID, 'must be 256 characters or less'))
    if (d.allocatable) checkNotNegative(d.allocatable.count, `${at}.allocatable.count`, errors)
    if (names.has(d.name ?? '')) errors.push(field.duplicate(`${at}.name`, d.name ?? ''))
    names.add(d.name ?? '')
    // What is wrong with a key is told of the driver.
    strings(d.topologyKeys).forEach((k, j, keys) => {
      if (k === '') errors.push(field.required(at))
      if (keys.indexOf(k) < j) errors.push(field.duplicate(at, k))
      for (const m of qualifiedName(k)) errors.push(field.invalid(at, k, m))
    })
  })
}
