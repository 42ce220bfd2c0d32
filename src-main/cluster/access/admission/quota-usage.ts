/** What objects use of a quota. Follows "Resource Quotas" of the Kubernetes documentation. */
import type * as k8s from '@kubernetes/client-node'
import type { Kind } from '../../api/kinds/kind.js'
import type { ResourceClaim } from '../../api/kinds/resourceclaim.js'
import { heldSpec } from '../../api/kinds/rules/held-resources.js'
import { qosClassOf } from '../../api/kinds/rules/pod-qos.js'
import { compareQuantities, formatQuantity, isWhole, parseQuantity, quantityValue } from '../../api/kinds/rules/quantity.js'
import type { KubeObject, Pod, Service, Wire } from '../../api/object.js'
import type { AdmissionAttributes, AdmissionOperation } from './plugin.js'
import { hasPodLevelResources, podResources } from './pod-resources.js'
import type { Amounts } from './pod-resources.js'

export type Claim = Wire<k8s.V1PersistentVolumeClaim>
type Quota = Wire<k8s.V1ResourceQuota>

/** Core kinds that may be counted without `count/`. */
const PLAIN_COUNTS = new Set([
  'configmaps',
  'persistentvolumeclaims',
  'pods',
  'replicationcontrollers',
  'resourcequotas',
  'secrets',
  'services',
])

/** The amounts an object takes, by the names that quotas use. */
export function usageOf(kind: Kind, object: KubeObject, operation: AdmissionOperation, subresource = ''): Amounts {
  const counted = `count/${kind.plural}${kind.group ? `.${kind.group}` : ''}`
  const usage: Amounts = { [counted]: '1' }
  if (kind.group === 'resource.k8s.io' && kind.kind === 'ResourceClaim') addDevices(usage, object as unknown as ResourceClaim)
  if (kind.group !== '') return usage
  if (PLAIN_COUNTS.has(kind.plural)) usage[kind.plural] = '1'
  if (kind.kind === 'Pod') {
    // A pod is charged when it is made, and through its subresource when it is resized.
    if (operation === 'UPDATE' && subresource !== 'resize') return {}
    addPod(usage, object as unknown as Pod)
  } else if (kind.kind === 'Service') addService(usage, object as unknown as Service)
  else if (kind.kind === 'PersistentVolumeClaim') addClaim(usage, object as unknown as Claim)
  return usage
}

function addPod(usage: Amounts, { spec, ...rest }: Pod): void {
  const pod: Pod = { ...rest, spec: spec && heldSpec({ ...rest, spec }) }
  for (const [name, amount] of Object.entries(podResources(pod, 'requests'))) {
    usage[`requests.${name}`] = amount
    if (name === 'cpu' || name === 'memory' || name === 'ephemeral-storage' || name.startsWith('hugepages-')) usage[name] = amount
  }
  for (const [name, amount] of Object.entries(podResources(pod, 'limits'))) {
    if (name === 'cpu' || name === 'memory' || name === 'ephemeral-storage') usage[`limits.${name}`] = amount
  }
}

function addService(usage: Amounts, service: Service): void {
  const { type, ports, allocateLoadBalancerNodePorts } = service.spec ?? {}
  const count = String(ports?.length ?? 0)
  usage['services.loadbalancers'] = type === 'LoadBalancer' ? '1' : '0'
  const nodePorts = type === 'NodePort' || (type === 'LoadBalancer' && allocateLoadBalancerNodePorts !== false)
  usage['services.nodeports'] = nodePorts ? count : type === 'LoadBalancer' ? String((ports ?? []).filter((p) => p.nodePort).length) : '0'
}

function addClaim(usage: Amounts, claim: Claim): void {
  const storage = storageOf(claim)
  const storageClass = claim.metadata?.annotations?.[BETA_CLASS] ?? claim.spec?.storageClassName
  if (storage) usage['requests.storage'] = storage
  if (!storageClass) return
  usage[`${storageClass}.storageclass.storage.k8s.io/persistentvolumeclaims`] = '1'
  if (storage) usage[`${storageClass}.storageclass.storage.k8s.io/requests.storage`] = storage
}

/** How many devices a claim may have: as many are counted where all that there are were asked for. */
const MOST_DEVICES = 32

type DeviceRequest = NonNullable<NonNullable<ResourceClaim['spec']['devices']>['requests']>[number]
type Counted = Pick<NonNullable<DeviceRequest['exactly']>, 'deviceClassName' | 'allocationMode' | 'count'>

/** Charges the devices that a claim asks for to their classes, and as the extended resource that each class stands for. */
function addDevices(usage: Amounts, { metadata, spec }: ResourceClaim): void {
  const devices = new Map<string, number>()
  for (const { exactly, firstAvailable } of spec.devices?.requests ?? []) {
    // Of those of which the first will do, the most that any takes of a class.
    const most = new Map<string, number>()
    for (const request of exactly ? [exactly] : (firstAvailable ?? []))
      most.set(request.deviceClassName, Math.max(most.get(request.deviceClassName) ?? 0, countOf(request)))
    for (const [name, count] of most) devices.set(name, (devices.get(name) ?? 0) + count)
  }
  // What a claim was made for is charged to its pod already.
  const isExtended = metadata.annotations?.['resource.kubernetes.io/extended-resource-claim'] === 'true'
  for (const [name, count] of devices) {
    usage[`${name}.deviceclass.resource.k8s.io/devices`] = String(count)
    if (!isExtended) usage[`requests.deviceclass.resource.kubernetes.io/${name}`] = String(count)
  }
}

const countOf = ({ allocationMode, count }: Counted): number => (allocationMode === 'All' ? MOST_DEVICES : Number(count ?? 1))

/** The name of its class in claims from before there was a field for it. */
const BETA_CLASS = 'volume.beta.kubernetes.io/storage-class'

/** Whole bytes: what a claim asks for, or what it has already been given of more. */
function storageOf({ spec, status }: Claim): string | undefined {
  const asked = spec?.resources?.requests?.storage
  if (asked === undefined) return undefined
  const given = status?.allocatedResources?.storage
  const q = parseQuantity(given !== undefined && compareQuantities(parseQuantity(given), parseQuantity(asked)) > 0 ? given : asked)
  return isWhole(q) ? formatQuantity(q) : formatQuantity(parseQuantity(String(quantityValue(q))))
}

/** The resources that each container must say something about when a quota limits them. */
const REQUIRED = ['cpu', 'limits.cpu', 'limits.memory', 'memory', 'requests.cpu', 'requests.memory']

/** What a pod's containers fail to say, in the API's words; empty when nothing. */
export function constraintsOf(a: AdmissionAttributes, limited: readonly string[]): string {
  if (a.kind.group !== '' || a.kind.kind !== 'Pod') return ''
  const pod = a.object as unknown as Pod
  // A pod that says something as a whole need not say it for each container.
  if (hasPodLevelResources(pod)) return ''
  const spec = pod.spec
  const containers = [...(spec?.containers ?? []), ...(spec?.initContainers ?? [])]
  const faults: string[] = []
  for (const resource of REQUIRED) {
    if (!limited.includes(resource)) continue
    const name = resource.replace(/^(limits|requests)\./, '')
    const lacking = containers.filter(
      (c) => (resource.startsWith('limits.') ? c.resources?.limits : c.resources?.requests)?.[name] === undefined,
    )
    if (lacking.length > 0) {
      faults.push(
        `${resource} for: ${lacking
          .map((c) => c.name)
          .sort()
          .join(',')}`,
      )
    }
  }
  return faults.length ? `must specify ${faults.join('; ')}` : ''
}

/** Whether a quota speaks of an object at all: all of its scopes must match. Scopes only match pods. */
export function scopeMatches(quota: Quota, a: AdmissionAttributes): boolean {
  const selectors = [
    ...(quota.spec?.scopes ?? []).map((scopeName) => ({ scopeName, operator: 'Exists', values: [] as string[] })),
    ...(quota.spec?.scopeSelector?.matchExpressions ?? []),
  ]
  if (selectors.length === 0) return true
  if (a.kind.group === '' && a.kind.kind === 'PersistentVolumeClaim') {
    const classes = classesOf(a.object as unknown as Claim)
    const any = (s: (typeof selectors)[number]): boolean => (classes.length ? classes : ['']).some((name) => matchesValue(name, s))
    return selectors.every((s) => s.scopeName === 'VolumeAttributesClass' && any(s))
  }
  if (a.kind.group !== '' || a.kind.kind !== 'Pod') return false
  const pod = a.object as unknown as Pod
  return selectors.every((s) => podInScope(pod, s))
}

/** The VolumeAttributesClasses that a claim takes part in: the one it wants, the one it has, and the one it is changed to. */
export function classesOf({ spec, status }: Claim): string[] {
  const names = [
    spec?.volumeAttributesClassName,
    status?.currentVolumeAttributesClassName,
    status?.modifyVolumeStatus?.targetVolumeAttributesClassName,
  ]
  return [...new Set(names.filter((name): name is string => !!name))]
}

function podInScope(pod: Pod, s: { scopeName: string; operator: string; values?: string[] }): boolean {
  const spec = pod.spec
  const terminating = spec?.activeDeadlineSeconds !== undefined && spec.activeDeadlineSeconds >= 0
  const bestEffort = qosClassOf(spec) === 'BestEffort'
  switch (s.scopeName) {
    case 'Terminating':
      return terminating
    case 'NotTerminating':
      return !terminating
    case 'BestEffort':
      return bestEffort
    case 'NotBestEffort':
      return !bestEffort
    case 'PriorityClass':
      return matchesValue(spec?.priorityClassName ?? '', s)
    case 'CrossNamespacePodAffinity': {
      const terms = [spec?.affinity?.podAffinity, spec?.affinity?.podAntiAffinity].flatMap((x) => [
        ...(x?.requiredDuringSchedulingIgnoredDuringExecution ?? []),
        ...(x?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map((w) => w.podAffinityTerm),
      ])
      return terms.some((t) => (t.namespaces?.length ?? 0) > 0 || t.namespaceSelector !== undefined)
    }
    default:
      return false
  }
}

function matchesValue(value: string, s: { operator: string; values?: string[] }): boolean {
  switch (s.operator) {
    case 'In':
      return value !== '' && (s.values ?? []).includes(value)
    case 'NotIn':
      return !(s.values ?? []).includes(value)
    case 'Exists':
      return value !== ''
    default:
      return value === ''
  }
}
