import type { Kind } from './kind.js'
import { rfc3339 } from '../../clock.js'
import { field, type FieldError } from '../errors.js'
import type { ObjectMeta, Wire } from '../object.js'
import { checkImmutable, checkName, collect, POSITIVE } from './rules/checks.js'
import { ageColumn, column, nameColumn } from './rules/columns.js'
import { checkDriverName, checkPoolName } from './rules/device-names.js'
import { dropDisabledDeviceFields, stampTaints, validateSliceDevices, type SliceSpec } from './rules/device-slice.js'
import { dns1123Subdomain } from './rules/names.js'
import { validateNodeSelector } from './rules/node-affinity.js'
import { items } from './rules/sent.js'
import { serverForm } from './rules/server-form.js'
import type * as k8s from '@kubernetes/client-node'

export type ResourceSlice = Wire<k8s.V1ResourceSlice> & { metadata: ObjectMeta }

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

  setDefaults({ spec }) {
    if (spec?.pool) spec.pool.generation ??= 0
  },
  prepareForCreate: ({ spec }, ctx) => prepare(spec, ctx.clock.now()),
  prepareForUpdate: ({ spec }, _old, ctx) => prepare(spec, ctx.clock.now()),
  validate: ({ spec }) =>
    collect((errors) => {
      const { driver, pool } = spec ?? {}
      checkDriverName(driver, 'spec.driver', errors)
      checkPoolName(pool?.name, 'spec.pool.name', errors)
      const count = pool?.resourceSliceCount ?? 0
      if (count <= 0) errors.push(field.invalid('spec.pool.resourceSliceCount', count, POSITIVE))
      const generation = pool?.generation ?? 0
      if (generation < 0) errors.push(field.invalid('spec.pool.generation', generation, 'must be greater than or equal to zero'))
      validatePlace(spec ?? {}, errors)
      validateSliceDevices(spec ?? {}, errors)
    }),
  validateUpdate: (object, old) =>
    collect((errors) => {
      checkImmutable(object.spec?.pool?.name, old.spec?.pool?.name, 'spec.pool.name', errors)
      checkImmutable(object.spec?.driver, old.spec?.driver, 'spec.driver', errors)
      checkImmutable(object.spec?.nodeName, old.spec?.nodeName, 'spec.nodeName', errors)
    }),
  warnings: ({ spec }) => {
    const driver = spec?.driver ?? ''
    if (driver === driver.toLowerCase()) return []
    return [`spec.driver: driver names should be lowercase; ${JSON.stringify(driver)} contains uppercase characters`]
  },

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

function prepare(spec: SliceSpec | null | undefined, now: number): void {
  dropDisabledDeviceFields(spec)
  stampTaints(spec, rfc3339(now))
}

/** Where the devices of a slice are: on one node, on some, on all, or each says so itself. */
function validatePlace({ nodeName, nodeSelector, allNodes, perDeviceNodeSelection }: SliceSpec, errors: FieldError[]): void {
  const places: string[] = []
  if (nodeName) {
    places.push('`nodeName`')
    checkName(dns1123Subdomain, nodeName, 'spec.nodeName', errors)
  } else if (nodeName === '') errors.push(field.invalid('spec.nodeName', nodeName, 'must be either unset or set to a non-empty string'))
  if (nodeSelector) {
    places.push('`nodeSelector`')
    validateNodeSelector(nodeSelector, 'spec.nodeSelector', errors)
    const terms = items(nodeSelector.nodeSelectorTerms)
    if (terms.length !== 1) {
      const shown = terms.length === 0 ? null : terms.map((t) => serverForm('NodeSelectorTerm', t))
      errors.push(field.invalid('spec.nodeSelector.nodeSelectorTerms', shown, 'must have exactly one node selector term'))
    }
  }
  for (const [name, value] of Object.entries({ allNodes, perDeviceNodeSelection })) {
    if (value) places.push(`\`${name}\``)
    else if (value === false) errors.push(field.invalid(`spec.${name}`, value, 'must be either unset or set to true'))
  }
  const one = 'exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required'
  if (places.length === 0) errors.push(field.required('spec', one))
  if (places.length > 1) errors.push(field.invalid('spec', `{${places.join(', ')}}`, `${one}, but multiple fields are set`))
}
