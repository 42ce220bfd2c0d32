import type { Kind } from './kind.js'
import { field, type FieldError } from '../errors.js'
import type { ConfigMap } from '../object.js'
import { checkName, collect } from './rules/checks.js'
import { ageColumn, column, nameColumn } from './rules/columns.js'
import { base64Length, IMMUTABLE_SET, LARGEST_DATA } from './rules/data.js'
import { configMapKey } from './rules/names.js'
import { entries, semanticEqual } from './rules/sent.js'

/** https://kubernetes.io/docs/reference/kubernetes-api/config-and-storage-resources/config-map-v1/ */
export const configMap: Kind<ConfigMap> = {
  group: '',
  version: 'v1',
  kind: 'ConfigMap',
  plural: 'configmaps',
  singular: 'configmap',
  shortNames: ['cm'],
  namespaced: true,
  model: 'V1ConfigMap',
  metadataOnUpdate: 1,

  validateCreate: (object) => collect((errors) => validateContent(object, errors)),
  validateUpdate(object, old) {
    return collect((errors) => {
      if (old.immutable) {
        if (!object.immutable) errors.push(field.forbidden('immutable', IMMUTABLE_SET))
        if (!semanticEqual(object.data, old.data)) errors.push(field.forbidden('data', IMMUTABLE_SET))
        if (!semanticEqual(object.binaryData, old.binaryData)) errors.push(field.forbidden('binaryData', IMMUTABLE_SET))
      }
      validateContent(object, errors)
    })
  },

  columns: [
    nameColumn(),
    column('Data', '@data', (o) => Object.keys(o.data ?? {}).length + Object.keys(o.binaryData ?? {}).length),
    ageColumn(),
  ],
}

function validateContent({ data, binaryData }: ConfigMap, errors: FieldError[]): void {
  let size = 0
  for (const [key, value] of entries(data)) {
    checkName(configMapKey, key, `data[${key}]`, errors)
    if (binaryData && key in binaryData) errors.push(field.invalid(`data[${key}]`, key, 'duplicate of key present in binaryData'))
    size += Buffer.byteLength(value ?? '')
  }
  for (const [key, value] of entries(binaryData)) {
    checkName(configMapKey, key, `binaryData[${key}]`, errors)
    size += base64Length(value)
  }
  // The whole object is too long, whichever part it is.
  if (size > LARGEST_DATA) errors.push(field.tooLong('', LARGEST_DATA))
}
