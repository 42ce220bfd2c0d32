import type { Kind } from './kind.js'
import { field } from '../errors.js'
import type { ObjectMeta, Wire } from '../object.js'
import { checkImmutable, checkName, checkRequired, collect } from './rules/checks.js'
import { column, nameColumn } from './rules/columns.js'
import { canonicalIP } from './rules/ip.js'
import { dns1123Subdomain, pathSegmentName } from './rules/names.js'
import type * as k8s from '@kubernetes/client-node'

export type IPAddress = Wire<k8s.V1IPAddress> & { metadata: ObjectMeta }

/** https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/ip-address-v1/ */
export const ipAddress: Kind<IPAddress> = {
  group: 'networking.k8s.io',
  version: 'v1',
  kind: 'IPAddress',
  plural: 'ipaddresses',
  singular: 'ipaddress',
  shortNames: ['ip'],
  namespaced: false,
  model: 'V1IPAddress',

  validateName: canonicalIP,
  validate: ({ spec }) =>
    collect((errors) => {
      const ref = spec?.parentRef
      if (!ref) {
        errors.push(field.required('spec.parentRef'))
        return
      }
      const at = 'spec.parentRef'
      if (ref.group) checkName(dns1123Subdomain, ref.group, `${at}.group`, errors)
      if (checkRequired(ref.resource, `${at}.resource`, errors)) checkName(pathSegmentName, ref.resource, `${at}.resource`, errors)
      if (checkRequired(ref.name, `${at}.name`, errors)) checkName(pathSegmentName, ref.name, `${at}.name`, errors)
      if (ref.namespace) checkName(pathSegmentName, ref.namespace, `${at}.namespace`, errors)
    }),
  validateUpdate: (object, old) =>
    collect((errors) => checkImmutable(object.spec?.parentRef, old.spec?.parentRef, 'spec.parentRef', errors)),

  columns: [
    nameColumn(),
    column('ParentRef', '@spec.parentRef', (o) => {
      const ref = o.spec?.parentRef
      if (!ref) return ''
      const resource = ref.group ? `${ref.resource}.${ref.group}` : ref.resource
      return [resource, ref.namespace, ref.name].filter(Boolean).join('/')
    }),
  ],
  fields: {
    'spec.parentRef.group': (o) => o.spec?.parentRef?.group ?? '',
    'spec.parentRef.resource': (o) => o.spec?.parentRef?.resource ?? '',
    'spec.parentRef.namespace': (o) => o.spec?.parentRef?.namespace ?? '',
    'spec.parentRef.name': (o) => o.spec?.parentRef?.name ?? '',
  },
}
