import type { Kind } from './kind.js'
import { field } from '../errors.js'
import type { ObjectMeta, Wire } from '../object.js'
import { checkImmutable, checkName, checkNotNegative, checkRequired, collect, POSITIVE } from './rules/checks.js'
import { ageColumn, column, nameColumn } from './rules/columns.js'
import { dns1123Label, dns1123Subdomain } from './rules/names.js'
import { validateNodeSelector } from './rules/node-affinity.js'
import { items } from './rules/sent.js'
import type * as k8s from '@kubernetes/client-node'

export type ResourceSlice = Wire<k8s.V1ResourceSlice> & { metadata: ObjectMeta }

const MOST_DEVICES = 128

/** https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/resource-slice-v1/ */
export const resourceSlice: Kind<ResourceSlice> = {
  group: 'resource.k8s.io',
  version: 'v1',
  kind: 'ResourceSlice',
  plural: 'resourceslices',
  singular: 'resourceslice',
  namespaced: false,
  model: 'V1ResourceSlice',
  generational: true,

  validate: ({ spec }) =>
    collect((errors) => {
      const { nodeName, nodeSelector, allNodes, perDeviceNodeSelection, driver, pool, devices } = spec ?? {}
      if (checkRequired(driver, 'spec.driver', errors)) checkName(dns1123Subdomain, driver!, 'spec.driver', errors)
      if (checkRequired(pool?.name, 'spec.pool.name', errors))
        for (const part of pool!.name.split('/')) checkName(dns1123Subdomain, part, 'spec.pool.name', errors)
      if ((pool?.resourceSliceCount ?? 0) <= 0)
        errors.push(field.invalid('spec.pool.resourceSliceCount', pool?.resourceSliceCount ?? 0, POSITIVE))
      checkNotNegative(pool?.generation, 'spec.pool.generation', errors)
      const where = [nodeName, nodeSelector, allNodes, perDeviceNodeSelection].filter(Boolean).length
      const choice = 'exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required'
      if (where === 0) errors.push(field.required('spec', choice))
      if (where > 1) errors.push(field.invalid('spec', spec, choice))
      if (nodeName) checkName(dns1123Subdomain, nodeName, 'spec.nodeName', errors)
      if (nodeSelector) validateNodeSelector(nodeSelector, 'spec.nodeSelector', errors)
      const list = items(devices)
      if (list.length > MOST_DEVICES) errors.push(field.tooMany('spec.devices', list.length, MOST_DEVICES))
      const seen = new Set<string>()
      list.forEach((d, i) => {
        const at = `spec.devices[${i}].name`
        checkName(dns1123Label, d.name ?? '', at, errors)
        if (seen.has(d.name)) errors.push(field.duplicate(at, d.name))
        seen.add(d.name)
      })
    }),
  validateUpdate: (object, old) =>
    collect((errors) => {
      checkImmutable(object.spec?.driver, old.spec?.driver, 'spec.driver', errors)
      checkImmutable(object.spec?.pool?.name, old.spec?.pool?.name, 'spec.pool.name', errors)
      checkImmutable(object.spec?.nodeName, old.spec?.nodeName, 'spec.nodeName', errors)
    }),

  columns: [
    nameColumn(),
    column('Node', '@spec.nodeName', (o) => o.spec?.nodeName || '<unset>'),
    column('Driver', '@spec.driver', (o) => o.spec?.driver ?? ''),
    column('Pool', '@spec.pool.name', (o) => o.spec?.pool?.name ?? ''),
    ageColumn(),
  ],
  fields: {
    'spec.driver': (o) => o.spec?.driver ?? '',
    'spec.nodeName': (o) => o.spec?.nodeName ?? '',
  },
}
