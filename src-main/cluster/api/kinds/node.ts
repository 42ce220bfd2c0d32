import type { Kind } from './kind.js'
import { field, type FieldError } from '../errors.js'
import type { Node } from '../object.js'
import { collect, internal, isNumber, POSITIVE } from './rules/checks.js'
import { ageColumn, column, nameColumn } from './rules/columns.js'
import { checkCIDR, isIPv6Address, parseCIDR } from './rules/ip.js'
import { validateNodeAnnotations } from './rules/node-annotations.js'
import { tryParseQuantity } from './rules/quantity.js'
import { roundResources, validateResourceAmount } from './rules/resources.js'
import { entries, items, strings } from './rules/sent.js'
import { keepStatus, statusSubresource } from './rules/subresources.js'
import { validateTaints } from './rules/tolerations.js'

const ROLE_PREFIX = 'node-role.kubernetes.io/'

/** What a node says of its machine before its kubelet has said anything: Go has no way to leave it out. */
const UNKNOWN_MACHINE = {
  machineID: '',
  systemUUID: '',
  bootID: '',
  kernelVersion: '',
  osImage: '',
  containerRuntimeVersion: '',
  kubeletVersion: '',
  kubeProxyVersion: '',
  operatingSystem: '',
  architecture: '',
}

/** https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/node-v1/ */
export const node: Kind<Node> = {
  group: '',
  version: 'v1',
  kind: 'Node',
  plural: 'nodes',
  singular: 'node',
  shortNames: ['no'],
  namespaced: false,
  model: 'V1Node',
  metadataOnUpdate: 1,
  changesGeneration: () => false,

  setDefaults(object) {
    const spec = (object.spec ??= {})
    const status = (object.status ??= {})
    // `podCIDR` is the first of `podCIDRs`; the older field wins where the two differ.
    if (spec.podCIDR && spec.podCIDR !== spec.podCIDRs?.[0]) spec.podCIDRs = [spec.podCIDR]
    else if (spec.podCIDRs?.[0]) spec.podCIDR = spec.podCIDRs[0]
    status.daemonEndpoints = { ...status.daemonEndpoints, kubeletEndpoint: { Port: 0, ...status.daemonEndpoints?.kubeletEndpoint } }
    status.nodeInfo = { ...UNKNOWN_MACHINE, ...status.nodeInfo }
    // Everything can be used unless it is said otherwise.
    if (status.capacity && !status.allocatable) status.allocatable = { ...status.capacity }
    roundResources(status.capacity)
    roundResources(status.allocatable)
  },
  prepareForCreate(object) {
    // Nodes once took their configuration from the API.
    if (object.spec) delete object.spec.configSource
    if (object.status) delete object.status.config
  },
  prepareForUpdate(object, old) {
    keepStatus(object, old)
    if (object.spec) delete object.spec.configSource
  },
  validate: (object) => collect((errors) => validateNode(object, errors)),
  validateUpdate: (object, old) => collect((errors) => validateNodeUpdate(object, old, errors)),

  columns: [
    nameColumn(),
    column('Status', 'The status of the node', readiness),
    column('Roles', 'The roles of the node', roles),
    ageColumn(),
    column('Version', '@status.nodeInfo.kubeletVersion', (o) => o.status?.nodeInfo?.kubeletVersion ?? ''),
    column('Internal-IP', '@status.addresses', (o) => address(o, 'InternalIP'), { wide: true }),
    column('External-IP', '@status.addresses', (o) => address(o, 'ExternalIP'), { wide: true }),
    column('OS-Image', '@status.nodeInfo.osImage', (o) => o.status?.nodeInfo?.osImage || '<unknown>', { wide: true }),
    column('Kernel-Version', '@status.nodeInfo.kernelVersion', kernel, { wide: true }),
    column(
      'Container-Runtime',
      '@status.nodeInfo.containerRuntimeVersion',
      (o) => o.status?.nodeInfo?.containerRuntimeVersion || '<unknown>',
      {
        wide: true,
      },
    ),
  ],
  warnings: fieldWarnings,
  fields: { 'spec.unschedulable': (o) => String(o.spec?.unschedulable ?? false) },
  subresources: {
    proxy: { type: 'connect', verbs: ['create', 'delete', 'get', 'patch', 'update'], kind: 'NodeProxyOptions' },
    status: statusSubresource<Node>({
      validateUpdate: (object, old) => collect((errors) => validateNodeUpdate(object, old, errors)),
    }),
  },
}

/** Fields that nothing looks at any more. */
function fieldWarnings({ spec }: Node): string[] {
  const texts: string[] = []
  if (spec?.configSource) texts.push('spec.configSource: the feature is removed')
  if (spec?.externalID) texts.push('spec.externalID: this field is deprecated, and is unused by Kubernetes')
  return texts
}

/** The kernel and, in brackets, what it is for: `6.8.0 (amd64)`. */
function kernel({ status }: Node): string {
  const { kernelVersion, architecture } = status?.nodeInfo ?? {}
  return `${kernelVersion || '<unknown>'}${architecture ? ` (${architecture})` : ''}`
}

function readiness(o: Node): string {
  const ready = items(o.status?.conditions).find((c) => c.type === 'Ready')
  const text = !ready ? 'Unknown' : ready.status === 'True' ? 'Ready' : 'NotReady'
  return o.spec?.unschedulable ? `${text},SchedulingDisabled` : text
}

function roles(o: Node): string {
  const found = new Set<string>()
  for (const [key, value] of Object.entries(o.metadata?.labels ?? {})) {
    if (key.startsWith(ROLE_PREFIX) && key.length > ROLE_PREFIX.length) found.add(key.slice(ROLE_PREFIX.length))
    else if (key === 'kubernetes.io/role' && value) found.add(value)
  }
  return [...found].sort().join(',') || '<none>'
}

function address(o: Node, type: string): string {
  return items(o.status?.addresses).find((a) => a.type === type)?.address ?? '<none>'
}

function validateNode(object: Node, errors: FieldError[]): void {
  validateNodeAnnotations(object.metadata.annotations, 'metadata.annotations', errors)
  // The path is the API's own: taints were once an annotation.
  validateTaints(object.spec?.taints, 'metadata.taints', errors)
  validateAmounts(object, errors)
  const swap = object.status?.nodeInfo?.swap?.capacity
  if (isNumber(swap) && swap <= 0) errors.push(field.invalid('metadata.nodeSwapStatus.capacity', swap, POSITIVE))
  validateFeatures(object, errors)
  const cidrs = strings(object.spec?.podCIDRs)
  cidrs.forEach((c, i) => checkCIDR(c, `spec.podCIDRs[${i}]`, errors))
  if (cidrs.length < 2) return
  const wrong = cidrs.find((c) => !parseCIDR(c))
  if (wrong !== undefined) {
    const why = `invalid PodCIDRs. failed to check with dual stack with error:invalid CIDR[${cidrs.indexOf(wrong)}]: <nil> (invalid CIDR address: ${wrong})`
    errors.push({ reason: 'InternalError', field: 'spec.podCIDRs', body: `Internal error: ${why}` })
  }
  const families = new Set(cidrs.map((c) => isIPv6Address(c.split('/')[0]!)))
  if (cidrs.length > 2 || families.size < 2 || wrong !== undefined)
    errors.push(field.invalid('spec.podCIDRs', cidrs, 'may specify no more than one CIDR for each IP family'))
}

function validateAmounts(object: Node, errors: FieldError[]): void {
  for (const list of ['capacity', 'allocatable'] as const)
    for (const [name, text] of entries(object.status?.[list]))
      validateResourceAmount(name, tryParseQuantity(text), `status.${list}.${name}`, errors)
}

/** The names of what the kubelet can do, in order. */
function validateFeatures({ status }: Node, errors: FieldError[]): void {
  const features = strings(status?.declaredFeatures)
  features.forEach((name, i) => {
    const at = `status.declaredFeatures[${i}]`
    if (i > 0 && features[i - 1] === name) errors.push(field.duplicate(at, name))
    else if (i > 0 && features[i - 1]! > name) errors.push(field.invalid(at, name, 'list must be sorted alphabetically'))
    const refusal = featureNameRefusal(name)
    if (refusal) errors.push(field.invalid(at, name, `invalid feature name ${JSON.stringify(name)}: ${refusal}`))
  })
}

/** Why a name cannot be one of a declared feature; empty if it can. */
function featureNameRefusal(name: string): string {
  if (Buffer.byteLength(name) > 253) return 'must be no more than 253 characters'
  if (/^[A-Z][a-zA-Z0-9]*(\/[a-zA-Z][a-zA-Z0-9]*)*$/.test(name)) return ''
  return "must start with an UpperCamelCase segment, with subsequent segments separated by '/' (e.g., MyFeature or MyFeature/mySubFeature), and contain only alphanumeric characters and slashes"
}

/** Checks an update of a node or its status. What a create checks is checked here as well, and so told twice. */
function validateNodeUpdate(object: Node, old: Node, errors: FieldError[]): void {
  validateNodeAnnotations(object.metadata.annotations, 'metadata.annotations', errors)
  validateAmounts(object, errors)
  validateFeatures(object, errors)
  const seen = new Set<string>()
  items(object.status?.addresses).forEach((a, i) => {
    const key = `${a.type}/${a.address}`
    if (seen.has(key)) errors.push(field.duplicate(`status.addresses[${i}]`, internal(a, ['type', 'address'])))
    seen.add(key)
  })
  const before = strings(old.spec?.podCIDRs)
  const now = strings(object.spec?.podCIDRs)
  const changed = before.length === now.length ? before.filter((c, i) => c !== now[i]).length : Math.min(before.length, 1)
  for (let i = 0; i < changed; i++)
    errors.push(field.forbidden('spec.podCIDRs', 'node updates may not change podCIDR except from "" to valid'))
  const provider = old.spec?.providerID
  if (provider && provider !== object.spec?.providerID)
    errors.push(field.forbidden('spec.providerID', 'node updates may not change providerID except from "" to valid'))
  validateTaints(object.spec?.taints, 'metadata.taints', errors)
  if ((object.spec?.externalID ?? '') !== (old.spec?.externalID ?? ''))
    errors.push(field.forbidden('spec.externalID', 'may not be updated'))
}
