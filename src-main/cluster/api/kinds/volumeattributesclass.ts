import type { Kind } from './kind.js'
import { field } from '../errors.js'
import type { ObjectMeta, Wire } from '../object.js'
import { checkImmutable, collect } from './rules/checks.js'
import { ageColumn, column, nameColumn } from './rules/columns.js'
import { entries } from './rules/sent.js'
import { validateCsiDriverName } from './rules/volume-plugins.js'
import type * as k8s from '@kubernetes/client-node'

export type VolumeAttributesClass = Wire<k8s.V1VolumeAttributesClass> & { metadata: ObjectMeta }

/** https://kubernetes.io/docs/reference/kubernetes-api/config-and-storage-resources/volume-attributes-class-v1/ */
export const volumeAttributesClass: Kind<VolumeAttributesClass> = {
  group: 'storage.k8s.io',
  version: 'v1',
  kind: 'VolumeAttributesClass',
  plural: 'volumeattributesclasses',
  singular: 'volumeattributesclass',
  shortNames: ['vac'],
  namespaced: false,
  model: 'V1VolumeAttributesClass',

  validate: ({ driverName, parameters }) =>
    collect((errors) => {
      validateCsiDriverName(driverName, 'driverName', errors)
      const list = entries(parameters)
      if (list.length === 0) errors.push(field.required('parameters', 'must contain at least one key/value pair'))
      if (list.length > 512) errors.push(field.tooLong('parameters', 512))
      for (const [k] of list) if (k === '') errors.push(field.invalid('parameters', k, 'field can not be empty.'))
    }),
  validateUpdate: (object, old) =>
    collect((errors) => {
      checkImmutable(object.driverName, old.driverName, 'driverName', errors)
      checkImmutable(object.parameters, old.parameters, 'parameters', errors)
    }),

  columns: [nameColumn(), column('DriverName', '@driverName', (o) => o.driverName ?? ''), ageColumn()],
}
