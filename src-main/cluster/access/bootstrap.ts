/**
 * The roles and bindings a cluster starts with. Follows "Default roles and role bindings" of the Kubernetes RBAC page.
 * Like in a real cluster they are objects that an administrator may change.
 */
import type { KubeObject } from '../api/object.js'
import { rfc3339, type Clock } from '../clock.js'
import type { Random } from '../random.js'
import type { Store } from '../store/store.js'
import type { PolicyRule } from './authorizer.js'
import { missingRights } from './escalation.js'

const GROUP = 'rbac.authorization.k8s.io'
const API_VERSION = `${GROUP}/v1`
/** While it is `true` a default role is kept complete. */
const AUTO_UPDATE = 'rbac.authorization.kubernetes.io/autoupdate'

const READ = ['get', 'list', 'watch']
const WRITE = ['create', 'delete', 'deletecollection', 'patch', 'update']
const ALL = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch']

/** A rule: verbs on resources of one group. */
function on(group: string, resources: readonly string[], verbs: readonly string[], resourceNames?: readonly string[]): PolicyRule {
  return { apiGroups: [group], resources, ...(resourceNames ? { resourceNames } : {}), verbs }
}

function urls(paths: readonly string[]): PolicyRule {
  return { nonResourceURLs: paths, verbs: ['get'] }
}

const EVENTS = [on('', ['events'], ['create', 'patch', 'update']), on('events.k8s.io', ['events'], ['create', 'patch', 'update'])]
const DISCOVERY = ['/api', '/api/*', '/apis', '/apis/*', '/healthz', '/livez', '/openapi', '/openapi/*', '/readyz', '/version', '/version/']

/** Everything in a namespace that a person with `edit` may change, by group. */
const EDITABLE: readonly [string, readonly string[]][] = [
  ['', ['configmaps', 'endpoints', 'events', 'persistentvolumeclaims', 'pods', 'replicationcontrollers', 'replicationcontrollers/scale']],
  ['', ['secrets', 'serviceaccounts', 'services', 'services/proxy', 'pods/attach', 'pods/exec', 'pods/portforward', 'pods/proxy']],
  ['apps', ['daemonsets', 'deployments', 'deployments/rollback', 'deployments/scale', 'replicasets', 'replicasets/scale']],
  ['apps', ['statefulsets', 'statefulsets/scale']],
  ['autoscaling', ['horizontalpodautoscalers']],
  ['batch', ['cronjobs', 'jobs']],
  ['policy', ['poddisruptionbudgets']],
  ['networking.k8s.io', ['ingresses', 'networkpolicies']],
  ['coordination.k8s.io', ['leases']],
]

const VIEWABLE: readonly [string, readonly string[]][] = [
  ['', ['configmaps', 'endpoints', 'persistentvolumeclaims', 'persistentvolumeclaims/status', 'pods', 'replicationcontrollers']],
  [
    '',
    [
      'replicationcontrollers/scale',
      'serviceaccounts',
      'services',
      'services/status',
      'bindings',
      'events',
      'limitranges',
      'namespaces/status',
    ],
  ],
  ['', ['pods/log', 'pods/status', 'replicationcontrollers/status', 'resourcequotas', 'resourcequotas/status', 'namespaces']],
  ['discovery.k8s.io', ['endpointslices']],
  ['apps', ['controllerrevisions', 'daemonsets', 'daemonsets/status', 'deployments', 'deployments/scale', 'deployments/status']],
  ['apps', ['replicasets', 'replicasets/scale', 'replicasets/status', 'statefulsets', 'statefulsets/scale', 'statefulsets/status']],
  ['autoscaling', ['horizontalpodautoscalers', 'horizontalpodautoscalers/status']],
  ['batch', ['cronjobs', 'cronjobs/status', 'jobs', 'jobs/status']],
  ['policy', ['poddisruptionbudgets', 'poddisruptionbudgets/status']],
  ['networking.k8s.io', ['ingresses', 'ingresses/status', 'networkpolicies']],
]

const toView = VIEWABLE.map(([group, resources]) => on(group, resources, READ))
const toEdit = [
  on('', ['pods/attach', 'pods/exec', 'pods/portforward', 'pods/proxy', 'secrets', 'services/proxy'], READ),
  on('', ['serviceaccounts'], ['impersonate']),
  on('', ['pods/eviction'], ['create']),
  on('', ['serviceaccounts/token'], ['create']),
  ...EDITABLE.map(([group, resources]) => on(group, resources, group === 'coordination.k8s.io' ? ALL : WRITE)),
]
const toAdmin = [on('authorization.k8s.io', ['localsubjectaccessreviews'], ['create']), on(GROUP, ['rolebindings', 'roles'], ALL)]

interface RoleSpec {
  name: string
  rules: readonly PolicyRule[]
  labels?: Readonly<Record<string, string>>
  /** Made of the roles with this label. */
  aggregates?: string
}

const aggregateTo = (name: string): string => `${GROUP}/aggregate-to-${name}`

const roles: readonly RoleSpec[] = [
  { name: 'cluster-admin', rules: [on('*', ['*'], ['*']), { nonResourceURLs: ['*'], verbs: ['*'] }] },
  { name: 'system:aggregate-to-admin', rules: toAdmin, labels: { [aggregateTo('admin')]: 'true' } },
  { name: 'system:aggregate-to-edit', rules: toEdit, labels: { [aggregateTo('edit')]: 'true' } },
  { name: 'system:aggregate-to-view', rules: toView, labels: { [aggregateTo('view')]: 'true' } },
  { name: 'admin', rules: [...toAdmin, ...toEdit, ...toView], aggregates: 'admin' },
  { name: 'edit', rules: [...toEdit, ...toView], aggregates: 'edit', labels: { [aggregateTo('admin')]: 'true' } },
  { name: 'view', rules: toView, aggregates: 'view', labels: { [aggregateTo('edit')]: 'true' } },
  { name: 'system:discovery', rules: [urls(DISCOVERY)] },
  { name: 'system:public-info-viewer', rules: [urls(['/healthz', '/livez', '/readyz', '/version', '/version/'])] },
  {
    name: 'system:monitoring',
    rules: [urls(['/healthz', '/healthz/*', '/livez', '/livez/*', '/metrics', '/metrics/slis', '/readyz', '/readyz/*'])],
  },
  {
    name: 'system:basic-user',
    rules: [
      on('authorization.k8s.io', ['selfsubjectaccessreviews', 'selfsubjectrulesreviews'], ['create']),
      on('authentication.k8s.io', ['selfsubjectreviews'], ['create']),
    ],
  },
  {
    name: 'system:auth-delegator',
    rules: [on('authentication.k8s.io', ['tokenreviews'], ['create']), on('authorization.k8s.io', ['subjectaccessreviews'], ['create'])],
  },
  {
    name: 'system:service-account-issuer-discovery',
    rules: [urls(['/.well-known/openid-configuration', '/.well-known/openid-configuration/', '/openid/v1/jwks', '/openid/v1/jwks/'])],
  },
  {
    name: 'system:kube-scheduler',
    rules: [
      ...EVENTS,
      on('coordination.k8s.io', ['leases'], ['create', ...READ, 'update', 'patch']),
      on('', ['nodes'], READ),
      on('', ['pods'], ['delete', ...READ]),
      on('', ['bindings', 'pods/binding'], ['create']),
      on('', ['pods/status'], ['patch', 'update']),
      on('', ['replicationcontrollers', 'services', 'namespaces', 'persistentvolumes'], READ),
      on('', ['persistentvolumeclaims'], [...READ, 'patch', 'update']),
      on('apps', ['replicasets', 'statefulsets'], READ),
      on('policy', ['poddisruptionbudgets'], READ),
      on('storage.k8s.io', ['csidrivers', 'csinodes', 'csistoragecapacities', 'storageclasses', 'volumeattachments'], READ),
      on('scheduling.k8s.io', ['priorityclasses'], READ),
    ],
  },
  {
    name: 'system:volume-scheduler',
    rules: [
      on('', ['persistentvolumes'], [...READ, 'patch', 'update']),
      on('storage.k8s.io', ['storageclasses'], READ),
      on('', ['persistentvolumeclaims'], [...READ, 'patch', 'update']),
    ],
  },
  {
    name: 'system:kube-controller-manager',
    // In a real cluster each controller has a role of its own; here the manager has the sum of them.
    rules: [
      ...EVENTS,
      on('*', ['*'], READ),
      on('', ['pods', 'replicationcontrollers', 'services', 'endpoints', 'serviceaccounts', 'secrets', 'configmaps', 'nodes'], WRITE),
      on('', ['namespaces', 'persistentvolumes', 'persistentvolumeclaims', 'resourcequotas'], WRITE),
      on('', ['pods/status', 'replicationcontrollers/status', 'services/status', 'nodes/status', 'namespaces/status'], ['patch', 'update']),
      on(
        '',
        ['namespaces/finalize', 'persistentvolumes/status', 'persistentvolumeclaims/status', 'resourcequotas/status'],
        ['patch', 'update'],
      ),
      on('', ['pods/eviction', 'serviceaccounts/token'], ['create']),
      on('*', ['*/scale', '*/finalizers'], ['get', 'patch', 'update']),
      on('*', ['*'], ['delete', 'deletecollection', 'patch', 'update']),
      on('apps', ['*'], WRITE),
      on('batch', ['*'], WRITE),
      on('autoscaling', ['*'], WRITE),
      on('policy', ['*'], WRITE),
      on('discovery.k8s.io', ['endpointslices'], WRITE),
      on('coordination.k8s.io', ['leases'], WRITE),
      on('storage.k8s.io', ['volumeattachments'], WRITE),
      on('authentication.k8s.io', ['tokenreviews'], ['create']),
      on('authorization.k8s.io', ['subjectaccessreviews'], ['create']),
      // Aggregated roles are put together of rules that the manager need not have itself.
      on(GROUP, ['clusterroles'], ['escalate']),
    ],
  },
  {
    name: 'system:node',
    rules: [
      on('authentication.k8s.io', ['tokenreviews'], ['create']),
      on('authorization.k8s.io', ['localsubjectaccessreviews', 'subjectaccessreviews'], ['create']),
      on('', ['services'], READ),
      on('', ['nodes'], ['create', ...READ, 'patch', 'update']),
      on('', ['nodes/status'], ['patch', 'update']),
      ...EVENTS,
      on('', ['pods'], ['create', 'delete', ...READ]),
      on('', ['pods/status'], ['patch', 'update']),
      on('', ['pods/eviction'], ['create']),
      on('', ['configmaps', 'secrets', 'persistentvolumeclaims', 'persistentvolumes', 'serviceaccounts'], READ),
      on('', ['endpoints'], ['get']),
      on('', ['serviceaccounts/token'], ['create']),
      on('coordination.k8s.io', ['leases'], ['create', 'delete', 'get', 'patch', 'update']),
      on('storage.k8s.io', ['csidrivers', 'volumeattachments'], READ),
      on('storage.k8s.io', ['csinodes'], ['create', 'delete', 'get', 'patch', 'update']),
      on('node.k8s.io', ['runtimeclasses'], READ),
      on('certificates.k8s.io', ['certificatesigningrequests'], ['create', ...READ]),
    ],
  },
  {
    name: 'system:node-proxier',
    rules: [
      on('', ['endpoints', 'services'], ['list', 'watch']),
      on('', ['nodes'], READ),
      ...EVENTS,
      on('discovery.k8s.io', ['endpointslices'], ['list', 'watch']),
    ],
  },
]

const group = (name: string): Subject => ({ kind: 'Group', apiGroup: GROUP, name })
const user = (name: string): Subject => ({ kind: 'User', apiGroup: GROUP, name })

const serviceAccount = (name: string): Subject => ({ kind: 'ServiceAccount', name, namespace: 'kube-system' })

interface Subject {
  kind: 'Group' | 'User' | 'ServiceAccount'
  apiGroup?: string
  name: string
  namespace?: string
}

const bindings: readonly { name: string; role: string; subjects: readonly Subject[] }[] = [
  { name: 'cluster-admin', role: 'cluster-admin', subjects: [group('system:masters')] },
  { name: 'kubeadm:cluster-admins', role: 'cluster-admin', subjects: [group('kubeadm:cluster-admins')] },
  { name: 'system:discovery', role: 'system:discovery', subjects: [group('system:authenticated')] },
  { name: 'system:basic-user', role: 'system:basic-user', subjects: [group('system:authenticated')] },
  {
    name: 'system:public-info-viewer',
    role: 'system:public-info-viewer',
    subjects: [group('system:authenticated'), group('system:unauthenticated')],
  },
  { name: 'system:monitoring', role: 'system:monitoring', subjects: [group('system:monitoring')] },
  {
    name: 'system:service-account-issuer-discovery',
    role: 'system:service-account-issuer-discovery',
    subjects: [group('system:serviceaccounts')],
  },
  { name: 'system:kube-scheduler', role: 'system:kube-scheduler', subjects: [user('system:kube-scheduler')] },
  { name: 'system:volume-scheduler', role: 'system:volume-scheduler', subjects: [user('system:kube-scheduler')] },
  { name: 'system:kube-controller-manager', role: 'system:kube-controller-manager', subjects: [user('system:kube-controller-manager')] },
  // A real cluster has an authorizer for nodes that goes by which pods are on them; here the role is bound.
  { name: 'system:node', role: 'system:node', subjects: [group('system:nodes')] },
  { name: 'system:node-proxier', role: 'system:node-proxier', subjects: [user('system:kube-proxy')] },
]

const EVENTS_OF_ALL: PolicyRule = { apiGroups: ['', 'events.k8s.io'], resources: ['events'], verbs: ['create', 'patch', 'update'] }

/** What a component needs to be the one of its kind that works. */
function leaderLock(component: string): LocalRole {
  return {
    namespace: 'kube-system',
    name: `system::leader-locking-${component}`,
    rules: [on('', ['configmaps'], ['watch']), on('', ['configmaps'], ['get', 'update'], [component])],
    subjects: [user(`system:${component}`), serviceAccount(component)],
  }
}

interface LocalRole {
  namespace: string
  name: string
  rules: readonly PolicyRule[]
  /** The name of its binding, when it is another one. */
  binding?: string
  subjects: readonly Subject[]
}

/** The roles in the system's namespaces, each with its binding. */
const localRoles: readonly LocalRole[] = [
  {
    namespace: 'kube-system',
    name: 'extension-apiserver-authentication-reader',
    rules: [on('', ['configmaps'], READ, ['extension-apiserver-authentication'])],
    binding: 'system::extension-apiserver-authentication-reader',
    subjects: [user('system:kube-controller-manager'), user('system:kube-scheduler')],
  },
  leaderLock('kube-controller-manager'),
  leaderLock('kube-scheduler'),
  {
    namespace: 'kube-system',
    name: 'system:controller:bootstrap-signer',
    rules: [on('', ['secrets'], READ)],
    subjects: [serviceAccount('bootstrap-signer')],
  },
  {
    namespace: 'kube-system',
    name: 'system:controller:cloud-provider',
    rules: [on('', ['configmaps'], ['create', ...READ])],
    subjects: [serviceAccount('cloud-provider')],
  },
  {
    namespace: 'kube-system',
    name: 'system:controller:token-cleaner',
    rules: [on('', ['secrets'], ['delete', ...READ]), EVENTS_OF_ALL],
    subjects: [serviceAccount('token-cleaner')],
  },
  {
    namespace: 'kube-public',
    name: 'system:controller:bootstrap-signer',
    rules: [on('', ['configmaps'], READ), on('', ['configmaps'], ['update'], ['cluster-info']), EVENTS_OF_ALL],
    subjects: [serviceAccount('bootstrap-signer')],
  },
]

/**
 * A stored role with the rules that it should have and lacks, as after an upgrade; undefined when there is nothing to
 * add, or when its administrator has said with the annotation that nothing is to be.
 */
function withMissingRules(stored: KubeObject, wanted: { rules?: readonly PolicyRule[] }): KubeObject | undefined {
  const role = stored as KubeObject & { rules?: PolicyRule[]; aggregationRule?: unknown }
  if (!wanted.rules || role.aggregationRule || role.metadata.annotations?.[AUTO_UPDATE] !== 'true') return undefined
  const missing = missingRights(role.rules ?? [], wanted.rules)
  return missing.length > 0 ? { ...role, rules: [...(role.rules ?? []), ...missing] } : undefined
}

/** Writes the roles and bindings that are not there yet, and the rules that stored roles lack. They are visible at once; resolves when they are on disk. */
export async function seedAccess(store: Store, clock: Clock, random: Random): Promise<void> {
  const writes: Promise<unknown>[] = []
  const seed = (
    plural: string,
    kind: string,
    name: string,
    labels: Readonly<Record<string, string>>,
    body: { rules?: readonly PolicyRule[]; [field: string]: unknown },
    namespace?: string,
  ): void => {
    const key = `/registry/${GROUP}/${plural}/${namespace ? `${namespace}/` : ''}${name}`
    const stored = store.get(key)
    if (stored) {
      const updated = withMissingRules(stored.object, body)
      if (updated) writes.push(store.put(key, updated, stored.modRevision))
      return
    }
    const metadata = {
      name,
      ...(namespace ? { namespace } : {}),
      uid: random.uuid(),
      creationTimestamp: rfc3339(clock.now()),
      labels: { 'kubernetes.io/bootstrapping': 'rbac-defaults', ...labels },
      annotations: { [AUTO_UPDATE]: 'true' },
    }
    writes.push(store.put(key, { kind, apiVersion: API_VERSION, metadata, ...body } as KubeObject, 0))
  }
  for (const { name, rules, labels = {}, aggregates } of roles) {
    const aggregation = aggregates && {
      aggregationRule: { clusterRoleSelectors: [{ matchLabels: { [aggregateTo(aggregates)]: 'true' } }] },
    }
    seed('clusterroles', 'ClusterRole', name, labels, { ...aggregation, rules: structuredClone(rules) })
  }
  for (const { name, role, subjects } of bindings) {
    seed(
      'clusterrolebindings',
      'ClusterRoleBinding',
      name,
      {},
      {
        subjects: structuredClone(subjects),
        roleRef: { apiGroup: GROUP, kind: 'ClusterRole', name: role },
      },
    )
  }
  for (const { namespace, name, rules, binding = name, subjects } of localRoles) {
    seed('roles', 'Role', name, {}, { rules: structuredClone(rules) }, namespace)
    const roleRef = { apiGroup: GROUP, kind: 'Role', name }
    seed('rolebindings', 'RoleBinding', binding, {}, { subjects: structuredClone(subjects), roleRef }, namespace)
  }
  await Promise.all(writes)
}
