import type { Kind } from './kind.js'
import type { ConfigMap } from '../object.js'
import { ageColumn, column, nameColumn } from './rules/columns.js'

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

  columns: [
    nameColumn(),
    column('Data', '@data', (o) => Object.keys(o.data ?? {}).length + Object.keys(o.binaryData ?? {}).length),
    ageColumn(),
  ],
}
