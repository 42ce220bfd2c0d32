import type { KindInfo } from '../../src-main/backend/rpc/contract.js'
import { resourceKey } from './routes.js'
import { i18n } from './i18n/i18n.js'
import { releaseKind } from './release-kind.js'
import { workloadsKind } from './workloads-kind.js'

/** The groups of the sidebar, in order. */
export const groupNames = ['Workloads', 'Network', 'Config', 'Storage', 'Access', 'Cluster', 'Custom'] as const
export type GroupName = (typeof groupNames)[number]

/** The kinds that make pods, or make what makes them. */
export const workloadKinds = [
  'deployments.apps',
  'statefulsets.apps',
  'daemonsets.apps',
  'replicasets.apps',
  'replicationcontrollers',
  'jobs.batch',
  'cronjobs.batch',
]

/** Kubernetes' own kinds and those that SIGs make beside it, in the order in which the sidebar shows them. A kind that is not here goes to Cluster or Custom. */
const order: Record<Exclude<GroupName, 'Custom'>, string[]> = {
  Workloads: ['pods', ...workloadKinds, 'jobsets.jobset.x-k8s.io', 'leaderworkersets.leaderworkerset.x-k8s.io'],
  Network: [
    'services',
    'ingresses.networking.k8s.io',
    'endpointslices.discovery.k8s.io',
    'endpoints',
    'ingressclasses.networking.k8s.io',
    'gateways.gateway.networking.k8s.io',
    'httproutes.gateway.networking.k8s.io',
    'grpcroutes.gateway.networking.k8s.io',
    'tlsroutes.gateway.networking.k8s.io',
    'tcproutes.gateway.networking.k8s.io',
    'udproutes.gateway.networking.k8s.io',
    'gatewayclasses.gateway.networking.k8s.io',
    'referencegrants.gateway.networking.k8s.io',
    'networkpolicies.networking.k8s.io',
    'servicecidrs.networking.k8s.io',
    'ipaddresses.networking.k8s.io',
  ],
  Config: [
    'configmaps',
    'secrets',
    'horizontalpodautoscalers.autoscaling',
    'verticalpodautoscalers.autoscaling.k8s.io',
    'poddisruptionbudgets.policy',
    'resourcequotas',
    'limitranges',
    'podtemplates',
    'controllerrevisions.apps',
  ],
  Storage: [
    'persistentvolumeclaims',
    'persistentvolumes',
    'storageclasses.storage.k8s.io',
    'volumeattributesclasses.storage.k8s.io',
    'volumeattachments.storage.k8s.io',
    'csidrivers.storage.k8s.io',
    'csinodes.storage.k8s.io',
    'csistoragecapacities.storage.k8s.io',
  ],
  Access: [
    'serviceaccounts',
    'roles.rbac.authorization.k8s.io',
    'rolebindings.rbac.authorization.k8s.io',
    'clusterroles.rbac.authorization.k8s.io',
    'clusterrolebindings.rbac.authorization.k8s.io',
    'certificatesigningrequests.certificates.k8s.io',
  ],
  Cluster: [
    'nodes',
    'namespaces',
    'events',
    'leases.coordination.k8s.io',
    'priorityclasses.scheduling.k8s.io',
    'runtimeclasses.node.k8s.io',
    'customresourcedefinitions.apiextensions.k8s.io',
    'apiservices.apiregistration.k8s.io',
    'mutatingwebhookconfigurations.admissionregistration.k8s.io',
    'validatingwebhookconfigurations.admissionregistration.k8s.io',
    'validatingadmissionpolicies.admissionregistration.k8s.io',
    'validatingadmissionpolicybindings.admissionregistration.k8s.io',
    'flowschemas.flowcontrol.apiserver.k8s.io',
    'prioritylevelconfigurations.flowcontrol.apiserver.k8s.io',
    'componentstatuses',
  ],
}

/** Kinds that say the same as another one and are reached through it or by the palette. */
const hidden = new Set(['events.events.k8s.io', 'componentstatuses'])

/** A group of the sidebar with its kinds. */
export interface KindGroup {
  name: GroupName
  kinds: KindInfo[]
}

/** Sorts the kinds of a cluster into the sidebar's groups; empty groups are left out. */
export function groupKinds(kinds: readonly KindInfo[]): KindGroup[] {
  const byKey = new Map(kinds.map((k) => [resourceKey(k), k]))
  for (const h of hidden) byKey.delete(h)
  const groups: KindGroup[] = []
  for (const name of groupNames) {
    if (name === 'Custom') continue
    const list: KindInfo[] = []
    for (const key of order[name]) {
      const kind = byKey.get(key)
      if (!kind) continue
      byKey.delete(key)
      list.push(kind)
    }
    groups.push({ name, kinds: list })
  }
  const custom: KindInfo[] = []
  const cluster = groups.find((g) => g.name === 'Cluster')!
  for (const kind of byKey.values()) (isBuiltIn(kind.group) ? cluster.kinds : custom).push(kind)
  custom.sort((a, b) => (a.group < b.group ? -1 : a.group > b.group ? 1 : a.kind < b.kind ? -1 : 1))
  groups.push({ name: 'Custom', kinds: custom })
  return groups.filter((g) => g.kinds.length > 0)
}

/** Whether an API group is Kubernetes' own: no dot, or one of its `*.k8s.io` groups. CRDs of the community use `x-k8s.io`. */
function isBuiltIn(group: string): boolean {
  if (!group.includes('.')) return true
  return /^(admissionregistration|apiextensions|apiregistration|authentication|authorization|certificates|coordination|discovery|events|flowcontrol\.apiserver|internal\.apiserver|networking|node|rbac\.authorization|resource|scheduling|storage|storagemigration)\.k8s\.io$/.test(
    group,
  )
}

/** What the list of a kind is called: kinds of the window's own are in its language, others as {@link pluralKind} has them. */
export function kindTitle(kind: KindInfo): string {
  if (kind === workloadsKind) return i18n.global.t('nav.workloads')
  return kind === releaseKind ? i18n.global.t('helm.releases') : pluralKind(kind)
}

/** The plural of a kind in Kubernetes' own spelling, such as `Pods`, `NetworkPolicies`, `Endpoints`. */
export function pluralKind(kind: Pick<KindInfo, 'kind' | 'resource'>): string {
  const { kind: name, resource } = kind
  // The resource is the lower-case plural; the kind gives the capitals.
  const lower = name.toLowerCase()
  if (resource === lower) return name
  if (resource === `${lower}s` || resource === `${lower}es`) return name + resource.slice(lower.length)
  if (resource === `${lower.slice(0, -1)}ies`) return `${name.slice(0, -1)}ies`
  return name
}
