import type { Kind } from './kind.js'
import type { ObjectMeta, Wire } from '../object.js'
import { checkName, collect } from './rules/checks.js'
import { ageColumn, nameColumn } from './rules/columns.js'
import { validateDeviceSelectors, validateOpaque } from './rules/device-claim.js'
import { qualifiedName } from './rules/names.js'
import { items } from './rules/sent.js'
import type * as k8s from '@kubernetes/client-node'

export type DeviceClass = Wire<k8s.V1DeviceClass> & { metadata: ObjectMeta }

/** https://kubernetes.io/docs/reference/kubernetes-api/extend-resources/device-class-v1/ */
export const deviceClass: Kind<DeviceClass> = {
  group: 'resource.k8s.io',
  version: 'v1',
  kind: 'DeviceClass',
  plural: 'deviceclasses',
  singular: 'deviceclass',
  namespaced: false,
  model: 'V1DeviceClass',
  generational: true,

  validate: ({ spec }) =>
    collect((errors) => {
      validateDeviceSelectors(spec?.selectors, 'spec.selectors', errors)
      items(spec?.config).forEach((c, i) => validateOpaque(c.opaque, `spec.config[${i}].opaque`, errors))
      if (spec?.extendedResourceName) checkName(qualifiedName, spec.extendedResourceName, 'spec.extendedResourceName', errors)
    }),

  columns: [nameColumn(), ageColumn()],
}
