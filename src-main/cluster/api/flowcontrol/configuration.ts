/**
 * The FlowSchemas and PriorityLevelConfigurations that kube-apiserver makes itself: the mandatory ones and those that it
 * suggests. Follows "API Priority and Fairness" of the Kubernetes documentation.
 */
import type { FlowSchema } from '../kinds/flowschema.js'
import type { PriorityLevelConfiguration } from '../kinds/prioritylevelconfiguration.js'

type FlowSpec = NonNullable<FlowSchema['spec']>
type Rule = NonNullable<FlowSpec['rules']>[number]
type ResourceRule = NonNullable<Rule['resourceRules']>[number]
type Subject = Rule['subjects'][number]
type LevelSpec = NonNullable<PriorityLevelConfiguration['spec']>

const ALL = ['*']
const READ_AND_LOCK = ['get', 'create', 'update']

const user = (name: string): Subject => ({ kind: 'User', user: { name } })
const group = (name: string): Subject => ({ kind: 'Group', group: { name } })
/** Service accounts of kube-system. */
const system = (name: string): Subject => ({ kind: 'ServiceAccount', serviceAccount: { name, namespace: 'kube-system' } })
const EVERYBODY = [group('system:unauthenticated'), group('system:authenticated')]

/** Resources of one group in some namespaces. */
const on = (apiGroup: string, resources: string[], verbs = ALL, namespaces = ALL): ResourceRule => ({
  verbs,
  apiGroups: [apiGroup],
  resources,
  namespaces,
})

/** All that some subjects do. */
const everything = (subjects: Subject[]): Rule => ({
  subjects,
  resourceRules: [{ ...on('*', ALL), clusterScope: true }],
  nonResourceRules: [{ verbs: ALL, nonResourceURLs: ALL }],
})

function flow(
  name: string,
  level: string,
  matchingPrecedence: number,
  distinguisher: 'ByUser' | 'ByNamespace' | undefined,
  rule: Rule,
): { name: string; spec: FlowSpec } {
  const distinguisherMethod = distinguisher && { distinguisherMethod: { type: distinguisher } }
  return { name, spec: { priorityLevelConfiguration: { name: level }, matchingPrecedence, ...distinguisherMethod, rules: [rule] } }
}

/** A level with queues. */
function queued(name: string, nominalConcurrencyShares: number, lendablePercent: number, queues: number, handSize: number) {
  const queuing = { queues, handSize, queueLengthLimit: 50 }
  const limited = { nominalConcurrencyShares, lendablePercent, limitResponse: { type: 'Queue', queuing } }
  return { name, spec: { type: 'Limited', limited } satisfies LevelSpec as LevelSpec }
}

interface Named<Spec> {
  readonly name: string
  readonly spec: Spec
}

const MANDATORY = ['exempt', 'catch-all']

/** The spec that an object of this name must have, where there is no cluster without it; undefined for all others. */
export function mandatorySpec<Spec>(all: readonly Named<Spec>[], name: string | undefined): Spec | undefined {
  return MANDATORY.includes(name ?? '') ? all.find((o) => o.name === name)?.spec : undefined
}

/** The priority levels of every cluster. */
export const PRIORITY_LEVELS: readonly Named<LevelSpec>[] = [
  { name: 'exempt', spec: { type: 'Exempt', exempt: { nominalConcurrencyShares: 0, lendablePercent: 0 } } },
  {
    name: 'catch-all',
    spec: { type: 'Limited', limited: { nominalConcurrencyShares: 5, lendablePercent: 0, limitResponse: { type: 'Reject' } } },
  },
  queued('system', 30, 33, 64, 6),
  queued('node-high', 40, 25, 64, 6),
  queued('leader-election', 10, 0, 16, 4),
  queued('workload-high', 40, 50, 128, 6),
  queued('workload-low', 100, 90, 128, 6),
  queued('global-default', 20, 50, 128, 6),
]

/** The flow schemas of every cluster. */
export const FLOW_SCHEMAS: readonly Named<FlowSpec>[] = [
  flow('exempt', 'exempt', 1, undefined, everything([group('system:masters')])),
  flow('catch-all', 'catch-all', 10000, 'ByUser', everything(EVERYBODY)),
  flow('system-nodes', 'system', 500, 'ByUser', everything([group('system:nodes')])),
  flow('system-node-high', 'node-high', 400, 'ByUser', {
    subjects: [group('system:nodes')],
    resourceRules: [{ ...on('', ['nodes', 'nodes/status']), clusterScope: true }, on('coordination.k8s.io', ['leases'])],
  }),
  flow('probes', 'exempt', 2, undefined, {
    subjects: EVERYBODY,
    nonResourceRules: [{ verbs: ['get'], nonResourceURLs: ['/healthz', '/readyz', '/livez'] }],
  }),
  flow('system-leader-election', 'leader-election', 100, 'ByUser', {
    subjects: [user('system:kube-controller-manager'), user('system:kube-scheduler'), system('*')],
    resourceRules: [on('coordination.k8s.io', ['leases'], READ_AND_LOCK)],
  }),
  flow('endpoint-controller', 'workload-high', 150, 'ByUser', {
    subjects: [user('system:kube-controller-manager'), system('endpoint-controller'), system('endpointslicemirroring-controller')],
    resourceRules: [on('', ['endpoints'], READ_AND_LOCK)],
  }),
  flow('workload-leader-election', 'leader-election', 200, 'ByUser', {
    subjects: [system('*')],
    resourceRules: [on('coordination.k8s.io', ['leases'], READ_AND_LOCK)],
  }),
  flow('kube-controller-manager', 'workload-high', 800, 'ByNamespace', everything([user('system:kube-controller-manager')])),
  flow('kube-scheduler', 'workload-high', 800, 'ByNamespace', everything([user('system:kube-scheduler')])),
  flow('kube-system-service-accounts', 'workload-high', 900, 'ByNamespace', everything([system('*')])),
  flow('service-accounts', 'workload-low', 9000, 'ByUser', everything([group('system:serviceaccounts')])),
  flow('global-default', 'global-default', 9900, 'ByUser', everything(EVERYBODY)),
]
