import type { Kind } from './kind.js'
import { field, type FieldError } from '../errors.js'
import type { ObjectMeta, Wire } from '../object.js'
import { collect, FIELD_IMMUTABLE } from './rules/checks.js'
import { ageColumn, column, nameColumn } from './rules/columns.js'
import { checkCanonicalCIDR, parseCIDR } from './rules/ip.js'
import { strings } from './rules/sent.js'
import { keepStatus, OWN_METADATA, statusSubresource } from './rules/subresources.js'
import type * as k8s from '@kubernetes/client-node'

export type ServiceCIDR = Wire<k8s.V1ServiceCIDR> & { metadata: ObjectMeta }

/** https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/service-cidr-v1/ */
export const serviceCIDR: Kind<ServiceCIDR> = {
  group: 'networking.k8s.io',
  version: 'v1',
  kind: 'ServiceCIDR',
  plural: 'servicecidrs',
  singular: 'servicecidr',
  namespaced: false,
  model: 'V1ServiceCIDR',
  changesGeneration: () => false,

  prepareForCreate(object) {
    object.status = {}
  },
  prepareForUpdate: keepStatus,
  validate: ({ spec }) => collect((errors) => validateBlocks(strings(spec?.cidrs), errors)),
  validateUpdate: (object, old) =>
    collect((errors) => {
      const now = strings(object.spec?.cidrs)
      const before = strings(old.spec?.cidrs)
      // A second family may be added to the one that is there.
      const grows = before.length === 1 && now.length === 2
      if (now.length !== before.length && !grows) errors.push(field.invalid('spec.cidrs', now, FIELD_IMMUTABLE))
      else
        before.forEach((cidr, i) => {
          if (now[i] !== cidr) errors.push(field.invalid(`spec.cidrs[${i}]`, now[i], FIELD_IMMUTABLE))
        })
      // What is added is checked once more, and told twice.
      if (grows) validateBlocks(now, errors)
    }),

  columns: [nameColumn(), column('CIDRs', '@spec.cidrs', (o) => strings(o.spec?.cidrs).join(',')), ageColumn()],
  subresources: { status: statusSubresource<ServiceCIDR>({ keep: OWN_METADATA }) },
}

function validateBlocks(cidrs: readonly string[], errors: FieldError[]): void {
  if (cidrs.length === 0) {
    errors.push(field.required('spec.cidrs', 'at least one CIDR required'))
    return
  }
  if (cidrs.length > 2) {
    errors.push(field.invalid('spec.cidrs', { CIDRs: cidrs }, 'may only hold up to 2 values'))
    return
  }
  cidrs.forEach((c, i) => checkCanonicalCIDR(c, `spec.cidrs[${i}]`, errors))
  const [first, second] = cidrs.map((c) => parseCIDR(c)?.address.length)
  if (first && first === second) {
    const why = 'may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64'
    errors.push(field.invalid('spec.cidrs', cidrs, why))
  }
}
