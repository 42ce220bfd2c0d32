import { jsonText } from '../../../exact-json.js'
import type { Kind } from './kind.js'
import { field } from '../errors.js'
import { controllerOf, type ObjectMeta, type Wire } from '../object.js'
import { checkImmutable, checkNotNegative, collect } from './rules/checks.js'
import { ageColumn, column, nameColumn } from './rules/columns.js'
import type * as k8s from '@kubernetes/client-node'

export type ControllerRevision = Wire<k8s.V1ControllerRevision> & { metadata: ObjectMeta }

/** https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/controller-revision-v1/ */
export const controllerRevision: Kind<ControllerRevision> = {
  group: 'apps',
  version: 'v1',
  kind: 'ControllerRevision',
  plural: 'controllerrevisions',
  singular: 'controllerrevision',
  namespaced: true,
  model: 'V1ControllerRevision',
  metadataOnUpdate: 1,

  setDefaults: (object) => void (object.revision ??= 0),
  validate: ({ data, revision }) =>
    collect((errors) => {
      if (data === undefined || data === null) errors.push(field.required('data', 'data is mandatory'))
      else if (typeof data !== 'object' || Array.isArray(data)) errors.push(field.invalid('data', jsonText(data), 'must be a JSON object'))
      checkNotNegative(revision, 'revision', errors)
    }),
  validateUpdate: (object, old) => collect((errors) => checkImmutable(object.data, old.data, 'data', errors)),

  columns: [
    nameColumn(),
    column('Controller', 'Controller of the object', (o) => {
      const owner = controllerOf(o)
      if (!owner) return '<none>'
      const group = owner.apiVersion?.includes('/') ? `.${owner.apiVersion.split('/')[0]}` : ''
      return `${owner.kind}${group}`.toLowerCase() + `/${owner.name}`
    }),
    column('Revision', '@revision', (o) => o.revision ?? 0),
    ageColumn(),
  ],
}
