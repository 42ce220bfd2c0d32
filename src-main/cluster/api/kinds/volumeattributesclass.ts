import type { Kind } from './kind.js'
import { field, type FieldError } from '../errors.js'
import type { ObjectMeta, Wire } from '../object.js'
import { collect } from './rules/checks.js'
import { ageColumn, column, nameColumn } from './rules/columns.js'
import { isEmpty, semanticEqual } from './rules/sent.js'
import { validateParameters, validateProvisioner } from './rules/storage-class.js'
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
  metadataOnUpdate: 1,

  validateCreate: (object) => collect((errors) => validateClass(object, errors)),
  validateUpdate: (object, old) =>
    collect((errors) => {
      if (object.driverName !== old.driverName) errors.push(field.forbidden('driverName', 'updates to driverName are forbidden.'))
      if (!semanticEqual(object.parameters, old.parameters))
        errors.push(field.forbidden('parameters', 'updates to parameters are forbidden.'))
      validateClass(object, errors)
    }),

  columns: [nameColumn(), column('DriverName', '@driverName', (o) => o.driverName ?? ''), ageColumn()],
}

function validateClass({ driverName, parameters }: VolumeAttributesClass, errors: FieldError[]): void {
  validateProvisioner(driverName, 'driverName', errors)
  validateParameters(parameters, 'parameters', errors)
  if (isEmpty(parameters)) errors.push(field.required('parameters', 'must contain at least one key/value pair'))
}
