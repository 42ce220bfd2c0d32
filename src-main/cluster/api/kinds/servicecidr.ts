import type { Kind } from './kind.js'
import { field } from '../errors.js'
import type { ObjectMeta, Wire } from '../object.js'
import { checkImmutable, collect } from './rules/checks.js'
import { ageColumn, column, nameColumn } from './rules/columns.js'
import { checkCIDR, isIPv6Address } from './rules/ip.js'
import { strings } from './rules/sent.js'
import { keepStatus, statusSubresource } from './rules/subresources.js'
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
  validate: ({ spec }) =>
    collect((errors) => {
      const cidrs = strings(spec?.cidrs)
      if (cidrs.length === 0) errors.push(field.required('spec.cidrs', 'at least one CIDR required'))
      if (cidrs.length > 2) errors.push(field.invalid('spec.cidrs', { CIDRs: cidrs }, 'may only hold up to 2 values'))
      if (cidrs.length === 2 && isIPv6Address(cidrs[0]!.split('/')[0]!) === isIPv6Address(cidrs[1]!.split('/')[0]!))
        errors.push(
          field.invalid(
            'spec.cidrs',
            { CIDRs: cidrs },
            'may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64',
          ),
        )
      cidrs.forEach((c, i) => checkCIDR(c, `spec.cidrs[${i}]`, errors))
    }),
  validateUpdate: (object, old) => collect((errors) => checkImmutable(object.spec?.cidrs, old.spec?.cidrs, 'spec.cidrs', errors)),

  columns: [nameColumn(), column('CIDRs', '@spec.cidrs', (o) => strings(o.spec?.cidrs).join(',')), ageColumn()],
  subresources: { status: statusSubresource<ServiceCIDR>() },
}
