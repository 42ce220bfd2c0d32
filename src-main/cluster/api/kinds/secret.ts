import type { Kind } from './kind.js'
import type { Secret } from '../object.js'
import { ageColumn, column, nameColumn } from './rules/columns.js'

/** https://kubernetes.io/docs/reference/kubernetes-api/config-and-storage-resources/secret-v1/ */
export const secret: Kind<Secret> = {
  group: '',
  version: 'v1',
  kind: 'Secret',
  plural: 'secrets',
  singular: 'secret',
  namespaced: true,
  model: 'V1Secret',

  setDefaults(object) {
    object.type ||= 'Opaque'
    // stringData is for writing only: it is merged into data, where it wins.
    if (object.stringData) {
      const data = { ...object.data }
      for (const [k, v] of Object.entries(object.stringData)) data[k] = Buffer.from(v ?? '').toString('base64')
      object.data = data
      delete object.stringData
    }
  },

  columns: [
    nameColumn(),
    column('Type', '@type', (o) => o.type ?? ''),
    column('Data', '@data', (o) => Object.keys(o.data ?? {}).length),
    ageColumn(),
  ],
  fields: { type: (o) => o.type ?? '' },
}
