import type { Kind } from './kind.js'
import { field, type FieldError } from '../errors.js'
import type { Endpoints } from '../object.js'
import { checkName, checkOneOf, collect } from './rules/checks.js'
import { ageColumn, column, firstAndMore, nameColumn } from './rules/columns.js'
import { ipWarnings } from './rules/ip-warnings.js'
import { checkIP, checkNonSpecialIP } from './rules/ip.js'
import { dns1123Label, dns1123Subdomain, qualifiedName } from './rules/names.js'
import { checkPortNumber, PROTOCOLS } from './rules/ports.js'
import { isEmpty, items, type Sent } from './rules/sent.js'
import type * as k8s from '@kubernetes/client-node'

/** https://kubernetes.io/docs/reference/kubernetes-api/service-resources/endpoints-v1/ */
export const endpoints: Kind<Endpoints> = {
  group: '',
  version: 'v1',
  kind: 'Endpoints',
  plural: 'endpoints',
  singular: 'endpoints',
  shortNames: ['ep'],
  namespaced: true,
  model: 'V1Endpoints',
  metadataOnUpdate: 1,
  createOnUpdate: true,
  deprecation: 'v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice',

  setDefaults(object) {
    for (const subset of object.subsets ?? []) for (const port of subset?.ports ?? []) if (port) port.protocol ||= 'TCP'
  },

  validate(object) {
    return collect((errors) =>
      items(object.subsets).forEach((subset, i) => {
        const at = `subsets[${i}]`
        if (isEmpty(subset.addresses) && isEmpty(subset.notReadyAddresses))
          errors.push(field.required(at, 'must specify `addresses` or `notReadyAddresses`'))
        for (const list of ['addresses', 'notReadyAddresses'] as const)
          items(subset[list]).forEach((a, j) => validateAddress(a, `${at}.${list}[${j}]`, errors))
        const many = items(subset.ports).length > 1
        items(subset.ports).forEach((p, j) => validatePort(p, many, `${at}.ports[${j}]`, errors))
      }),
    )
  },
  warnings: addressWarnings,

  columns: [nameColumn(), column('Endpoints', '@subsets', (o) => addresses(o)), ageColumn()],
}

function addressWarnings(object: Endpoints): string[] {
  // The controller cleans up what it takes over.
  if (object.metadata?.labels?.['endpoints.kubernetes.io/managed-by'] === 'endpoint-controller') return []
  return items(object.subsets).flatMap((subset, i) =>
    (['addresses', 'notReadyAddresses'] as const).flatMap((list) =>
      items(subset[list]).flatMap((a, j) => ipWarnings(a.ip, `subsets[${i}].${list}[${j}].ip`)),
    ),
  )
}

function validateAddress(a: Sent<k8s.V1EndpointAddress>, path: string, errors: FieldError[]): void {
  const ip = a.ip ?? ''
  checkIP(ip, `${path}.ip`, errors)
  if (a.hostname) checkName(dns1123Label, a.hostname, `${path}.hostname`, errors)
  if (typeof a.nodeName === 'string') checkName(dns1123Subdomain, a.nodeName, `${path}.nodeName`, errors)
  checkNonSpecialIP(ip, `${path}.ip`, errors)
}

function validatePort(p: Sent<k8s.CoreV1EndpointPort>, nameRequired: boolean, path: string, errors: FieldError[]): void {
  if (p.name) checkName(dns1123Label, p.name, `${path}.name`, errors)
  else if (nameRequired) errors.push(field.required(`${path}.name`))
  checkPortNumber(p.port ?? 0, `${path}.port`, errors)
  checkOneOf(p.protocol, PROTOCOLS, `${path}.protocol`, errors)
  if (typeof p.appProtocol === 'string') checkName(qualifiedName, p.appProtocol, `${path}.appProtocol`, errors)
}

function addresses(o: Endpoints): string {
  if (!o.subsets?.length) return '<none>'
  const list: string[] = []
  for (const subset of items(o.subsets)) {
    const ips = items(subset.addresses).map((a) => a.ip ?? '')
    const ports = items(subset.ports)
    // Headless services may have no ports.
    if (ports.length === 0) list.push(...ips)
    for (const p of ports) list.push(...ips.map((ip) => (ip.includes(':') ? `[${ip}]:${p.port}` : `${ip}:${p.port}`)))
  }
  return firstAndMore(list, 3, '')
}
