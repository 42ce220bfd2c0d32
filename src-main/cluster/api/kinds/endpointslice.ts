import type { Kind } from './kind.js'
import { field, type FieldError } from '../errors.js'
import type { EndpointSlice } from '../object.js'
import { checkGiven, checkImmutable, checkName, checkOneOf, checkRequired, collect } from './rules/checks.js'
import { ageColumn, column, firstAndMore, nameColumn } from './rules/columns.js'
import { dropTopology } from './rules/endpoint-topology.js'
import { ipWarnings } from './rules/ip-warnings.js'
import { checkIP, checkNonSpecialIP, isIPv6Address, parseIP } from './rules/ip.js'
import { dns1123Label, dns1123Subdomain, labelValue, qualifiedName } from './rules/names.js'
import { PROTOCOLS } from './rules/ports.js'
import { validateLabelMap } from './rules/selectors.js'
import { items, semanticEqual, strings } from './rules/sent.js'

/** https://kubernetes.io/docs/reference/kubernetes-api/service-resources/endpoint-slice-v1/ */
export const endpointSlice: Kind<EndpointSlice> = {
  group: 'discovery.k8s.io',
  version: 'v1',
  kind: 'EndpointSlice',
  plural: 'endpointslices',
  singular: 'endpointslice',
  namespaced: true,
  model: 'V1EndpointSlice',
  nullLists: ['endpoints', 'ports'],
  generational: true,
  changesGeneration: (object, old) => !semanticEqual(content(object), content(old)),

  setDefaults(object) {
    for (const endpoint of object.endpoints ?? []) if (endpoint) endpoint.conditions ??= {}
    for (const port of object.ports ?? []) {
      if (!port) continue
      port.name ??= ''
      port.protocol ??= 'TCP'
    }
  },

  prepareForCreate: (object) => dropTopology(object, undefined),
  prepareForUpdate: dropTopology,
  validate(object) {
    return collect((errors) => {
      checkOneOf(object.addressType, ADDRESS_TYPES, 'addressType', errors)
      validateEndpoints(object, errors)
      validatePorts(object, errors)
    })
  },
  validateUpdate: (object, old) => collect((errors) => checkImmutable(object.addressType, old.addressType, 'addressType', errors)),
  warnings: (object, old) => [
    ...(!old && object.addressType === 'FQDN' ? ['spec.addressType: FQDN endpoints are deprecated'] : []),
    ...addressWarnings(object),
  ],

  columns: [
    nameColumn(),
    column('AddressType', '@addressType', (o) => o.addressType ?? ''),
    column('Ports', '@ports', (o) =>
      firstAndMore(
        items(o.ports).map((p) => (p.port !== undefined && p.port !== null ? String(p.port) : (p.name ?? '*'))),
        3,
        '<unset>',
      ),
    ),
    column('Endpoints', '@endpoints', (o) =>
      firstAndMore(
        items(o.endpoints).flatMap((e) => e.addresses ?? []),
        3,
        '<unset>',
      ),
    ),
    ageColumn(),
  ],
}

/** A Service may have as many. */
const MOST_PORTS = 20_000

const ADDRESS_TYPES = ['FQDN', 'IPv4', 'IPv6']

/** The controllers clean up what they take over. */
const CLEAN = ['endpointslice-controller.k8s.io', 'endpointslicemirroring-controller.k8s.io']

function addressWarnings({ metadata, endpoints }: EndpointSlice): string[] {
  if (CLEAN.includes(metadata.labels?.['endpointslice.kubernetes.io/managed-by'] ?? '')) return []
  return items(endpoints).flatMap((e, i) => strings(e.addresses).flatMap((a, j) => ipWarnings(a, `endpoints[${i}].addresses[${j}]`)))
}

/** What of a slice is not about its own identity. */
const content = ({ addressType, endpoints, ports, metadata }: EndpointSlice): unknown => [addressType, endpoints, ports, metadata.labels]

function validateEndpoints({ endpoints, addressType }: EndpointSlice, errors: FieldError[]): void {
  const list = items(endpoints)
  if (list.length > 1000) {
    errors.push(field.tooMany('endpoints', list.length, 1000))
    return
  }
  list.forEach((e, i) => {
    const at = `endpoints[${i}]`
    const addresses = strings(e.addresses)
    if (addresses.length === 0) errors.push(field.required(`${at}.addresses`, 'must contain at least 1 address'))
    else if (addresses.length > 100) errors.push(field.tooMany(`${at}.addresses`, addresses.length, 100))
    addresses.forEach((a, j) => validateAddress(a, addressType, `${at}.addresses[${j}]`, errors))
    if (typeof e.nodeName === 'string') checkName(dns1123Subdomain, e.nodeName, `${at}.nodeName`, errors)
    const topology = Object.keys(e.deprecatedTopology ?? {})
    if (topology.length > 16) errors.push(field.tooMany(`${at}.deprecatedTopology`, topology.length, 16))
    validateLabelMap(e.deprecatedTopology, `${at}.deprecatedTopology`, errors)
    if (typeof e.hostname === 'string') checkName(dns1123Label, e.hostname, `${at}.hostname`, errors)
    validateHints(e.hints?.forZones, labelValue, `${at}.hints.forZones`, errors)
    validateHints(e.hints?.forNodes, dns1123Subdomain, `${at}.hints.forNodes`, errors)
  })
}

/** The zones or nodes that should consume an endpoint: at most eight, each named once. */
function validateHints(
  hints: readonly ({ name?: string } | null)[] | null | undefined,
  check: (name: string) => string[],
  path: string,
  errors: FieldError[],
): void {
  const list = items(hints)
  if (list.length > 8) {
    errors.push(field.tooMany(path, list.length, 8))
    return
  }
  const names = new Set<string>()
  list.forEach(({ name = '' }, i) => {
    if (names.has(name)) errors.push(field.duplicate(`${path}[${i}].name`, name))
    names.add(name)
    checkName(check, name, `${path}[${i}].name`, errors)
  })
}

/** A fully qualified domain name: at least two labels, perhaps a dot at the end. */
function validateDomain(address: string, path: string, errors: FieldError[]): void {
  if (!checkRequired(address, path, errors)) return
  const name = address.endsWith('.') ? address.slice(0, -1) : address
  const why = dns1123Subdomain(name)
  const labels = name.split('.')
  if (why.length) errors.push(field.invalid(path, name, why.join(',')))
  else if (labels.length < 2) errors.push(field.invalid(path, name, 'should be a domain with at least two segments separated by dots'))
  else {
    const long = labels.find((l) => dns1123Label(l).length)
    if (long !== undefined) errors.push(field.invalid(path, long, dns1123Label(long).join(',')))
  }
}

function validateAddress(address: string, type: string | undefined, path: string, errors: FieldError[]): void {
  if (type === 'FQDN') {
    validateDomain(address, path, errors)
    return
  }
  if (type !== 'IPv4' && type !== 'IPv6') return
  if (parseIP(address) && isIPv6Address(address) !== (type === 'IPv6'))
    errors.push(field.invalid(path, address, `must be a valid ${type} address`))
  else if (checkIP(address, path, errors)) checkNonSpecialIP(address, path, errors)
}

function validatePorts({ ports }: EndpointSlice, errors: FieldError[]): void {
  const list = items(ports)
  if (list.length > MOST_PORTS) {
    errors.push(field.tooMany('ports', list.length, MOST_PORTS))
    return
  }
  const names = new Set<string>()
  list.forEach((p, i) => {
    const at = `ports[${i}]`
    const name = p.name ?? ''
    if (name) checkName(dns1123Label, name, `${at}.name`, errors)
    if (names.has(name)) errors.push(field.duplicate(`${at}.name`, name))
    names.add(name)
    checkGiven(p.protocol, PROTOCOLS, `${at}.protocol`, errors)
    if (typeof p.appProtocol === 'string') checkName(qualifiedName, p.appProtocol, `${at}.appProtocol`, errors)
  })
}
