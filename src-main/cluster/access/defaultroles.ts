/**
 * The ClusterRoles a cluster starts with: for people, for discovery, and for the components outside of the controller
 * manager. Follows "Default roles and role bindings" of the Kubernetes RBAC page, as of v1.36 with its default feature gates.
 */
import type { PolicyRule } from './authorizer.js'
import { CONTROLLER_ROLES } from './controllerroles.js'
import { ALL, EVENTS, on, RBAC_GROUP, READ, urls, WRITE } from './rules.js'

export interface RoleSpec {
  readonly name: string
  readonly rules: readonly PolicyRule[]
  readonly labels?: Readonly<Record<string, string>>
  /** Made of the roles with this label. */
  readonly aggregates?: string
}

export const aggregateTo = (name: string): string => `${RBAC_GROUP}/aggregate-to-${name}`

const DISCOVERY = ['/api', '/api/*', '/apis', '/apis/*', '/healthz', '/livez', '/openapi', '/openapi/*', '/readyz', '/version', '/version/']
const CREATE = ['create']
const CHANGE = ['patch', 'update']
const RUN_IN_PODS = ['pods/attach', 'pods/exec', 'pods/portforward', 'pods/proxy']
const SCALABLE = ['deployments', 'deployments/rollback', 'deployments/scale']
const REPLICA_SETS = ['replicasets', 'replicasets/scale']

/** What may be seen in a namespace with `view`. */
const toView: readonly PolicyRule[] = [
  [
    '',
    ['configmaps', 'endpoints', 'persistentvolumeclaims', 'persistentvolumeclaims/status', 'pods'],
    ['replicationcontrollers', 'replicationcontrollers/scale', 'serviceaccounts', 'services', 'services/status'],
  ],
  [
    '',
    ['bindings', 'events', 'limitranges', 'namespaces/status', 'pods/log', 'pods/status', 'replicationcontrollers/status'],
    ['resourcequotas', 'resourcequotas/status'],
  ],
  ['', ['namespaces']],
  ['discovery.k8s.io', ['endpointslices']],
  [
    'apps',
    ['controllerrevisions', 'daemonsets', 'daemonsets/status', 'deployments', 'deployments/scale', 'deployments/status'],
    ['replicasets', 'replicasets/scale', 'replicasets/status', 'statefulsets', 'statefulsets/scale', 'statefulsets/status'],
  ],
  ['autoscaling', ['horizontalpodautoscalers', 'horizontalpodautoscalers/status']],
  ['batch', ['cronjobs', 'cronjobs/status', 'jobs', 'jobs/status']],
  [
    'extensions',
    ['daemonsets', 'daemonsets/status', 'deployments', 'deployments/scale', 'deployments/status', 'ingresses', 'ingresses/status'],
    ['networkpolicies', 'replicasets', 'replicasets/scale', 'replicasets/status', 'replicationcontrollers/scale'],
  ],
  ['policy', ['poddisruptionbudgets', 'poddisruptionbudgets/status']],
  ['networking.k8s.io', ['ingresses', 'ingresses/status', 'networkpolicies']],
  ['resource.k8s.io', ['resourceclaims', 'resourceclaims/status', 'resourceclaimtemplates']],
].map(([group, ...resources]) => on(group as string, (resources as string[][]).flat(), READ))

/** What may be changed in a namespace with `edit`, over what `view` shows. */
const toEdit: readonly PolicyRule[] = [
  on('', [...RUN_IN_PODS, 'secrets', 'services/proxy'], READ),
  on('', ['serviceaccounts'], ['impersonate']),
  on('', ['pods', ...RUN_IN_PODS], WRITE),
  on('', ['pods/eviction'], CREATE),
  on(
    '',
    [
      'configmaps',
      'events',
      'persistentvolumeclaims',
      'replicationcontrollers',
      'replicationcontrollers/scale',
      'secrets',
      'serviceaccounts',
      'services',
      'services/proxy',
    ],
    WRITE,
  ),
  on('', ['serviceaccounts/token'], CREATE),
  on('apps', ['daemonsets', ...SCALABLE, ...REPLICA_SETS, 'statefulsets', 'statefulsets/scale'], WRITE),
  on('autoscaling', ['horizontalpodautoscalers'], WRITE),
  on('batch', ['cronjobs', 'jobs'], WRITE),
  on('extensions', ['daemonsets', ...SCALABLE, 'ingresses', 'networkpolicies', ...REPLICA_SETS, 'replicationcontrollers/scale'], WRITE),
  on('policy', ['poddisruptionbudgets'], WRITE),
  on('networking.k8s.io', ['ingresses', 'networkpolicies'], WRITE),
  on('coordination.k8s.io', ['leases'], ALL),
  on('resource.k8s.io', ['resourceclaims', 'resourceclaimtemplates'], WRITE),
]

const toAdmin: readonly PolicyRule[] = [
  on('authorization.k8s.io', ['localsubjectaccessreviews'], CREATE),
  on(RBAC_GROUP, ['rolebindings', 'roles'], ALL),
]

const people: readonly RoleSpec[] = [
  { name: 'cluster-admin', rules: [on('*', ['*'], ['*']), { nonResourceURLs: ['*'], verbs: ['*'] }] },
  { name: 'system:aggregate-to-admin', rules: toAdmin, labels: { [aggregateTo('admin')]: 'true' } },
  { name: 'system:aggregate-to-edit', rules: toEdit, labels: { [aggregateTo('edit')]: 'true' } },
  { name: 'system:aggregate-to-view', rules: toView, labels: { [aggregateTo('view')]: 'true' } },
  { name: 'admin', rules: [...toEdit, ...toView, ...toAdmin], aggregates: 'admin' },
  { name: 'edit', rules: [...toEdit, ...toView], aggregates: 'edit', labels: { [aggregateTo('admin')]: 'true' } },
  { name: 'view', rules: toView, aggregates: 'view', labels: { [aggregateTo('edit')]: 'true' } },
]

const discovery: readonly RoleSpec[] = [
  { name: 'system:discovery', rules: [urls(DISCOVERY)] },
  { name: 'system:public-info-viewer', rules: [urls(['/healthz', '/livez', '/readyz', '/version', '/version/'])] },
  {
    name: 'system:monitoring',
    rules: [
      urls(['/flagz', '/healthz', '/healthz/*', '/livez', '/livez/*', '/metrics', '/metrics/slis', '/readyz', '/readyz/*', '/statusz']),
    ],
  },
  {
    name: 'system:basic-user',
    rules: [
      on('authorization.k8s.io', ['selfsubjectaccessreviews', 'selfsubjectrulesreviews'], CREATE),
      on('authentication.k8s.io', ['selfsubjectreviews'], CREATE),
    ],
  },
  {
    name: 'system:service-account-issuer-discovery',
    rules: [urls(['/.well-known/openid-configuration', '/.well-known/openid-configuration/', '/openid/v1/jwks', '/openid/v1/jwks/'])],
  },
]

/** Whoever may approve the certificates of a signer. */
const approver = (signer: string): RoleSpec => ({
  name: `system:certificates.k8s.io:${signer}-approver`,
  rules: [on('certificates.k8s.io', ['signers'], ['approve'], [`kubernetes.io/${signer}`])],
})
const DELEGATE = [on('authentication.k8s.io', ['tokenreviews'], CREATE), on('authorization.k8s.io', ['subjectaccessreviews'], CREATE)]
const CERTIFICATE_REQUESTS = on('certificates.k8s.io', ['certificatesigningrequests'], ['create', ...READ])

const components: readonly RoleSpec[] = [
  { name: 'system:auth-delegator', rules: DELEGATE },
  ...['nodeclient', 'selfnodeclient'].map((whose) => ({
    name: `system:certificates.k8s.io:certificatesigningrequests:${whose}`,
    rules: [on('certificates.k8s.io', [`certificatesigningrequests/${whose}`], CREATE)],
  })),
  ...['kube-apiserver-client', 'kube-apiserver-client-kubelet', 'kubelet-serving', 'legacy-unknown'].map(approver),
  { name: 'system:heapster', rules: [on('', ['events', 'namespaces', 'nodes', 'pods'], READ), on('extensions', ['deployments'], READ)] },
  { name: 'system:kube-aggregator', rules: [on('', ['endpoints', 'services'], READ)] },
  { name: 'system:kube-dns', rules: [on('', ['endpoints', 'services'], ['list', 'watch'])] },
  {
    name: 'system:kubelet-api-admin',
    rules: [
      on('', ['nodes'], READ),
      on('', ['nodes'], ['proxy']),
      on('', ['nodes/log', 'nodes/metrics', 'nodes/proxy', 'nodes/stats'], ['*']),
      on('', ['nodes/configz', 'nodes/healthz', 'nodes/pods'], ['*']),
    ],
  },
  { name: 'system:node-bootstrapper', rules: [CERTIFICATE_REQUESTS] },
  { name: 'system:node-problem-detector', rules: [on('', ['nodes'], ['get']), on('', ['nodes/status'], ['patch']), EVENTS] },
  {
    name: 'system:node-proxier',
    rules: [
      on('', ['endpoints', 'services'], ['list', 'watch']),
      on('', ['nodes'], READ),
      EVENTS,
      on('networking.k8s.io', ['servicecidrs'], ['list', 'watch']),
      on('discovery.k8s.io', ['endpointslices'], ['list', 'watch']),
    ],
  },
  {
    name: 'system:persistent-volume-provisioner',
    rules: [
      on('', ['persistentvolumes'], ['create', 'delete', ...READ]),
      on('', ['persistentvolumeclaims'], ['get', 'list', 'update', 'watch']),
      on('storage.k8s.io', ['storageclasses'], READ),
      on('', ['events'], ['watch']),
      EVENTS,
    ],
  },
  {
    name: 'system:volume-scheduler',
    rules: [
      on('', ['persistentvolumes'], ['get', 'list', 'patch', 'update', 'watch']),
      on('storage.k8s.io', ['storageclasses'], READ),
      on('', ['persistentvolumeclaims'], ['get', 'list', 'patch', 'update', 'watch']),
    ],
  },
  {
    name: 'system:kube-scheduler',
    rules: [
      EVENTS,
      on('coordination.k8s.io', ['leases'], CREATE),
      on('coordination.k8s.io', ['leases'], ['get', 'list', 'update', 'watch'], ['kube-scheduler']),
      on('', ['nodes'], READ),
      on('', ['pods'], ['delete', ...READ]),
      on('', ['bindings', 'pods/binding'], CREATE),
      on('', ['pods/status'], CHANGE),
      on('', ['replicationcontrollers', 'services'], READ),
      on(['apps', 'extensions'], ['replicasets'], READ),
      on('apps', ['statefulsets'], READ),
      on('policy', ['poddisruptionbudgets'], READ),
      on('', ['persistentvolumeclaims', 'persistentvolumes'], READ),
      ...DELEGATE,
      on('storage.k8s.io', ['csinodes'], READ),
      on('storage.k8s.io', ['volumeattachments'], READ),
      on('', ['namespaces'], READ),
      on('storage.k8s.io', ['csidrivers'], READ),
      on('storage.k8s.io', ['csistoragecapacities'], READ),
      on('resource.k8s.io', ['deviceclasses'], READ),
      on('resource.k8s.io', ['resourceclaims'], ['get', 'list', 'patch', 'update', 'watch']),
      on('resource.k8s.io', ['resourceclaims/status'], ['get', 'list', 'patch', 'update', 'watch']),
      on('', ['pods/finalizers'], ['get', 'list', 'patch', 'update', 'watch']),
      on('resource.k8s.io', ['resourceslices'], READ),
      // For those of extended resources.
      on('resource.k8s.io', ['resourceclaims'], ['create', 'delete']),
    ],
  },
  {
    name: 'system:node',
    rules: [
      on('authentication.k8s.io', ['tokenreviews'], CREATE),
      on('authorization.k8s.io', ['localsubjectaccessreviews', 'subjectaccessreviews'], CREATE),
      on('', ['services'], READ),
      on('', ['nodes'], ['create', ...READ]),
      on('', ['nodes/status'], CHANGE),
      on('', ['nodes'], CHANGE),
      on('', ['events'], ['create', ...CHANGE]),
      on('', ['pods'], READ),
      on('', ['pods'], ['create', 'delete']),
      on('', ['pods/status'], CHANGE),
      on('', ['pods/eviction'], CREATE),
      on('', ['configmaps', 'secrets'], READ),
      on('', ['persistentvolumeclaims', 'persistentvolumes'], ['get']),
      on('', ['endpoints'], ['get']),
      CERTIFICATE_REQUESTS,
      on('coordination.k8s.io', ['leases'], ['create', 'delete', 'get', ...CHANGE]),
      on('storage.k8s.io', ['volumeattachments'], ['get']),
      on('', ['serviceaccounts/token'], CREATE),
      on('', ['persistentvolumeclaims/status'], ['get', ...CHANGE]),
      on('storage.k8s.io', ['csidrivers'], READ),
      on('storage.k8s.io', ['csinodes'], ['create', 'delete', 'get', ...CHANGE]),
      on('node.k8s.io', ['runtimeclasses'], READ),
      on('resource.k8s.io', ['resourceclaims'], ['get']),
      on('resource.k8s.io', ['resourceslices'], ['deletecollection']),
      on('', ['serviceaccounts'], ['get']),
    ],
  },
]

/**
 * In a real cluster each controller acts as a service account with a role of its own, and this one is little more than
 * what starts them. Here all of them act as the manager, which has the sum.
 */
const controllerManager: RoleSpec = {
  name: 'system:kube-controller-manager',
  rules: [
    EVENTS,
    on('*', ['*'], READ),
    on('', ['pods', 'replicationcontrollers', 'services', 'endpoints', 'serviceaccounts', 'secrets', 'configmaps', 'nodes'], WRITE),
    on('', ['namespaces', 'persistentvolumes', 'persistentvolumeclaims', 'resourcequotas'], WRITE),
    on('', ['pods/status', 'replicationcontrollers/status', 'services/status', 'nodes/status', 'namespaces/status'], CHANGE),
    on('', ['namespaces/finalize', 'persistentvolumes/status', 'persistentvolumeclaims/status', 'resourcequotas/status'], CHANGE),
    on('', ['pods/eviction', 'serviceaccounts/token'], CREATE),
    on('*', ['*/scale', '*/finalizers'], ['get', ...CHANGE]),
    on('*', ['*'], ['delete', 'deletecollection', ...CHANGE]),
    on('apps', ['*'], WRITE),
    on('batch', ['*'], WRITE),
    on('autoscaling', ['*'], WRITE),
    on('policy', ['*'], WRITE),
    on('discovery.k8s.io', ['endpointslices'], WRITE),
    on('coordination.k8s.io', ['leases'], WRITE),
    on('storage.k8s.io', ['volumeattachments'], WRITE),
    on('resource.k8s.io', ['resourceclaims'], WRITE),
    ...DELEGATE,
    on('certificates.k8s.io', ['signers'], ['approve', 'sign']),
    // Aggregated roles are put together of rules that the manager need not have itself.
    on(RBAC_GROUP, ['clusterroles'], ['escalate']),
  ],
}

const controllers: readonly RoleSpec[] = Object.entries(CONTROLLER_ROLES).map(([name, rules]) => ({
  name: `system:controller:${name}`,
  rules,
}))

export const DEFAULT_CLUSTER_ROLES: readonly RoleSpec[] = [...people, ...discovery, ...components, controllerManager, ...controllers]
