import type { Kind } from './kind.js'
import { field, type FieldError } from '../errors.js'
import type { ObjectMeta, Wire } from '../object.js'
import { checkImmutable, checkName, checkRequired, collect } from './rules/checks.js'
import { ageColumn, column, nameColumn } from './rules/columns.js'
import { checkDomainPath } from './rules/domain-path.js'
import { dns1123Label, dns1123Subdomain, pathSegmentName } from './rules/names.js'
import type { Sent } from './rules/sent.js'
import type * as k8s from '@kubernetes/client-node'

export type IngressClass = Wire<k8s.V1IngressClass> & { metadata: ObjectMeta }

/** https://kubernetes.io/docs/reference/kubernetes-api/service-resources/ingress-class-v1/ */
export const ingressClass: Kind<IngressClass> = {
  group: 'networking.k8s.io',
  version: 'v1',
  kind: 'IngressClass',
  plural: 'ingressclasses',
  singular: 'ingressclass',
  namespaced: false,
  model: 'V1IngressClass',
  metadataOnUpdate: 1,
  generational: true,

  setDefaults({ spec }) {
    if (spec?.parameters) spec.parameters.scope ??= 'Cluster'
  },
  validateCreate: (object) => collect((errors) => validateSpec(object, errors)),
  validateUpdate: (object, old) =>
    collect((errors) => {
      checkImmutable(object.spec?.controller, old.spec?.controller, 'spec.controller', errors)
      validateSpec(object, errors)
    }),

  columns: [
    nameColumn((o) => (isDefault(o) ? `${o.metadata.name} (default)` : (o.metadata?.name ?? ''))),
    column('Controller', 'Controller that is responsible for handling this class', (o) => o.spec?.controller ?? ''),
    column('Parameters', 'A reference to a resource with additional parameters', (o) => {
      const p = o.spec?.parameters
      return p ? `${p.kind}${p.apiGroup === undefined ? '' : `.${p.apiGroup}`}/${p.name}` : '<none>'
    }),
    ageColumn(),
  ],
}

/** Whether it is the class of Ingresses that name none. */
const isDefault = ({ metadata }: IngressClass): boolean => metadata?.annotations?.['ingressclass.kubernetes.io/is-default-class'] === 'true'

function validateSpec({ spec }: IngressClass, errors: FieldError[]): void {
  const controller = spec?.controller ?? ''
  if (Buffer.byteLength(controller) > 250) errors.push(field.tooLong('spec.controller', 250))
  checkDomainPath(controller, 'spec.controller', errors)
  if (spec?.parameters) validateParameters(spec.parameters, 'spec.parameters', errors)
}

function validateParameters(p: Sent<k8s.V1IngressClassParametersReference>, path: string, errors: FieldError[]): void {
  if (typeof p.apiGroup === 'string') checkName(dns1123Subdomain, p.apiGroup, `${path}.apiGroup`, errors)
  if (checkRequired(p.kind, `${path}.kind`, errors)) checkName(pathSegmentName, p.kind!, `${path}.kind`, errors)
  if (checkRequired(p.name, `${path}.name`, errors)) checkName(pathSegmentName, p.name!, `${path}.name`, errors)
  const namespaced = typeof p.namespace === 'string'
  if (p.scope === 'Namespace') {
    if (!namespaced) errors.push(field.required(`${path}.namespace`, "`parameters.scope` is set to 'Namespace'"))
    else checkName(dns1123Label, p.namespace!, `${path}.namespace`, errors)
  } else if (p.scope === 'Cluster') {
    if (namespaced) errors.push(field.forbidden(`${path}.namespace`, "`parameters.scope` is set to 'Cluster'"))
  } else if (p.scope === undefined || p.scope === null) errors.push(field.required(`${path}.scope`))
  else errors.push(field.notSupported(`${path}.scope`, p.scope, ['Cluster', 'Namespace']))
}
