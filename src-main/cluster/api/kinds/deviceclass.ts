import type { Kind } from './kind.js'
import type { ObjectMeta, Wire } from '../object.js'
import { field } from '../errors.js'
import { collect } from './rules/checks.js'
import { ageColumn, nameColumn } from './rules/columns.js'
import { validateOpaque } from './rules/device-config.js'
import { checkList } from './rules/device-lists.js'
import { validateDeviceSelectors } from './rules/device-selector.js'
import { isExtendedResource } from './rules/resources.js'
import { items } from './rules/sent.js'
import type * as k8s from '@kubernetes/client-node'

export type DeviceClass = Wire<k8s.V1DeviceClass> & { metadata: ObjectMeta }

const MOST_CONFIGS = 32

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

  setDefaults: (object) => void (object.spec ??= {}),
  validate: ({ spec }) =>
    collect((errors) => {
      validateDeviceSelectors(spec?.selectors, 'spec.selectors', errors)
      checkList(items(spec?.config), MOST_CONFIGS, 'spec.config', errors, (c, at) => validateOpaque(c.opaque, `${at}.opaque`, errors))
      const extended = spec?.extendedResourceName
      if (typeof extended === 'string' && !isExtendedResource(extended))
        errors.push(field.invalid('spec.extendedResourceName', extended, 'must be a valid extended resource name'))
    }),

  columns: [nameColumn(), ageColumn()],
}
