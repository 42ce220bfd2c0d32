import type { Kind } from './kind.js'
import { field, type FieldError } from '../errors.js'
import type { ObjectMeta, Wire } from '../object.js'
import { checkName, checkRequired, collect } from './rules/checks.js'
import { ageColumn, column, nameColumn } from './rules/columns.js'
import { checkIP, parseIP } from './rules/ip.js'
import { dns1123Label, dns1123Subdomain, pathSegmentName, portName, wildcardDns1123Subdomain } from './rules/names.js'
import { checkPortNumber } from './rules/ports.js'
import { isEmpty, items, strings, type Sent } from './rules/sent.js'
import { keepStatus, statusSubresource } from './rules/subresources.js'
import type * as k8s from '@kubernetes/client-node'

export type Ingress = Wire<k8s.V1Ingress> & { metadata: ObjectMeta }

const CLASS_ANNOTATION = 'kubernetes.io/ingress.class'
const PATH_TYPES = ['Exact', 'ImplementationSpecific', 'Prefix']

/** https://kubernetes.io/docs/reference/kubernetes-api/service-resources/ingress-v1/ */
export const ingress: Kind<Ingress> = {
  group: 'networking.k8s.io',
  version: 'v1',
  kind: 'Ingress',
  plural: 'ingresses',
  singular: 'ingress',
  shortNames: ['ing'],
  namespaced: true,
  model: 'V1Ingress',
  metadataOnUpdate: 1,
  generational: true,

  prepareForCreate(object) {
    object.status = { loadBalancer: {} }
  },
  prepareForUpdate: keepStatus,
  validate: ({ spec }) =>
    collect((errors) => {
      if (isEmpty(spec?.rules) && !spec?.defaultBackend)
        errors.push(field.invalid('spec', spec?.rules ?? null, 'either `defaultBackend` or `rules` must be specified'))
      if (spec?.defaultBackend) validateBackend(spec.defaultBackend, 'spec.defaultBackend', errors)
      items(spec?.rules).forEach((r, i) => validateRule(r, `spec.rules[${i}]`, errors))
      items(spec?.tls).forEach((t, i) => {
        strings(t.hosts).forEach((h, j) => checkHost(h, `spec.tls[${i}].hosts[${j}]`, errors))
        if (t.secretName) checkName(dns1123Subdomain, t.secretName, `spec.tls[${i}].secretName`, errors)
      })
      if (typeof spec?.ingressClassName === 'string') checkName(dns1123Subdomain, spec.ingressClassName, 'spec.ingressClassName', errors)
    }),
  validateCreate: ({ metadata, spec }) =>
    collect((errors) => {
      const annotation = metadata.annotations?.[CLASS_ANNOTATION]
      if (annotation !== undefined && typeof spec?.ingressClassName === 'string' && annotation !== spec.ingressClassName) {
        const text = 'must match `ingressClassName` when both are specified'
        errors.push(field.invalid(`annotations.${CLASS_ANNOTATION}`, annotation, text))
      }
    }),
  warnings: ({ metadata }) =>
    metadata.annotations?.[CLASS_ANNOTATION] === undefined
      ? []
      : [`annotation "${CLASS_ANNOTATION}" is deprecated, please use 'spec.ingressClassName' instead`],

  columns: [
    nameColumn(),
    column(
      'Class',
      'The name of the IngressClass resource that should be used for additional configuration',
      (o) => o.spec?.ingressClassName ?? '<none>',
    ),
    column('Hosts', 'Hosts that incoming requests are matched against before the ingress rule', hosts),
    column('Address', 'Address is a list containing ingress points for the load-balancer', (o) =>
      [...new Set(items(o.status?.loadBalancer?.ingress).map((i) => i.ip || i.hostname || ''))].filter(Boolean).sort().join(','),
    ),
    column('Ports', 'Ports of TLS configurations that open', (o) => (isEmpty(o.spec?.tls) ? '80' : '80, 443')),
    ageColumn(),
  ],
  subresources: {
    status: statusSubresource<Ingress>({
      validateUpdate: ({ status }) =>
        collect((errors) =>
          items(status?.loadBalancer?.ingress).forEach((i, n) => {
            const at = `status.loadBalancer.ingress[${n}]`
            if (i.ip) checkIP(i.ip, `${at}.ip`, errors)
            if (!i.hostname) return
            checkName(dns1123Subdomain, i.hostname, `${at}.hostname`, errors)
            if (parseIP(i.hostname)) errors.push(field.invalid(`${at}.hostname`, i.hostname, 'must be a DNS name, not an IP address'))
          }),
        ),
    }),
  },
}

/** Hosts of the rules: three of them, then a count of all rules that are left. */
function hosts({ spec }: Ingress): string {
  const rules = items(spec?.rules)
  const list: string[] = []
  let more = false
  for (const r of rules) {
    if (list.length === 3) more = true
    if (!more && r.host) list.push(r.host)
  }
  if (list.length === 0) return '*'
  return more ? `${list.join(',')} + ${rules.length - 3} more...` : list.join(',')
}

function checkHost(host: string, path: string, errors: FieldError[]): void {
  checkName(host.includes('*') ? wildcardDns1123Subdomain : dns1123Subdomain, host, path, errors)
}

function validateRule(r: Sent<k8s.V1IngressRule>, path: string, errors: FieldError[]): void {
  if (r.host) {
    if (parseIP(r.host)) errors.push(field.invalid(`${path}.host`, r.host, 'must be a DNS name, not an IP address'))
    checkHost(r.host, `${path}.host`, errors)
  }
  if (!r.http) return
  if (isEmpty(r.http.paths)) errors.push(field.required(`${path}.http.paths`))
  items(r.http.paths).forEach((p, i) => validatePath(p, `${path}.http.paths[${i}]`, errors))
}

function validatePath(p: Sent<k8s.V1HTTPIngressPath>, path: string, errors: FieldError[]): void {
  if (p.pathType === undefined || p.pathType === null) {
    errors.push(field.required(`${path}.pathType`, 'pathType must be specified'))
    return
  }
  const value = p.path ?? ''
  const refuse = (why: string): void => void errors.push(field.invalid(`${path}.path`, value, why))
  if (p.pathType === 'Exact' || p.pathType === 'Prefix') {
    if (!value.startsWith('/')) refuse('must be an absolute path')
    for (const s of ['//', '/./', '/../', '%2f', '%2F']) if (value.includes(s)) refuse(`must not contain '${s}'`)
    for (const s of ['/..', '/.']) if (value.endsWith(s)) refuse(`cannot end with '${s}'`)
  } else if (p.pathType === 'ImplementationSpecific') {
    if (value && !value.startsWith('/')) refuse('must be an absolute path')
  } else errors.push(field.notSupported(`${path}.pathType`, p.pathType, PATH_TYPES))
  validateBackend(p.backend ?? {}, `${path}.backend`, errors)
}

function validateBackend(b: Sent<k8s.V1IngressBackend>, path: string, errors: FieldError[]): void {
  if (b.resource && b.service) errors.push(field.invalid(path, '', 'cannot set both resource and service backends'))
  else if (b.resource) {
    const { apiGroup, kind, name } = b.resource
    if (typeof apiGroup === 'string') checkName(dns1123Subdomain, apiGroup, `${path}.resource.apiGroup`, errors)
    if (checkRequired(kind, `${path}.resource.kind`, errors)) checkName(pathSegmentName, kind!, `${path}.resource.kind`, errors)
    if (checkRequired(name, `${path}.resource.name`, errors)) checkName(pathSegmentName, name!, `${path}.resource.name`, errors)
  } else if (b.service) {
    const { name, port } = b.service
    if (checkRequired(name, `${path}.service.name`, errors)) checkName(dns1123Label, name!, `${path}.service.name`, errors)
    if (port?.name && port.number) errors.push(field.invalid(path, '', 'cannot set both port name & port number'))
    else if (port?.name) checkName(portName, port.name, `${path}.service.port.name`, errors)
    else if (port?.number) checkPortNumber(port.number, `${path}.service.port.number`, errors)
    else errors.push(field.required(path, 'port name or number is required'))
  } else errors.push(field.invalid(path, '', 'resource or service backend is required'))
}
