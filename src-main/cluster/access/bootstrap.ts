/**
 * The roles and bindings a cluster starts with. Follows "Default roles and role bindings" of the Kubernetes RBAC page.
 * Like in a real cluster they are objects that an administrator may change.
 */
import type { KubeObject } from '../api/object.js'
import { rfc3339, type Clock } from '../clock.js'
import type { Random } from '../random.js'
import type { Store } from '../store/store.js'
import type { PolicyRule } from './authorizer.js'
import { CONTROLLER_ROLES } from './controllerroles.js'
import { aggregateTo, DEFAULT_CLUSTER_ROLES } from './defaultroles.js'
import { AUTO_UPDATE, completed, leadsElsewhere } from './reconcile.js'
import { EVENTS, on, RBAC_GROUP as GROUP, READ } from './rules.js'

const API_VERSION = `${GROUP}/v1`

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
  // What nodes may do is not bound: their own authorizer goes by which pods are on them.
  { name: 'system:node', role: 'system:node', subjects: [] },
  { name: 'system:node-proxier', role: 'system:node-proxier', subjects: [user('system:kube-proxy')] },
  { name: 'system:kube-dns', role: 'system:kube-dns', subjects: [serviceAccount('kube-dns')] },
  ...Object.keys(CONTROLLER_ROLES).map((name) => {
    const role = `system:controller:${name}`
    return { name: role, role, subjects: [serviceAccount(name)] }
  }),
]

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
    rules: [on('', ['secrets'], ['delete', ...READ]), EVENTS],
    subjects: [serviceAccount('token-cleaner')],
  },
  {
    namespace: 'kube-public',
    name: 'system:controller:bootstrap-signer',
    rules: [on('', ['configmaps'], READ), on('', ['configmaps'], ['update'], ['cluster-info']), EVENTS],
    subjects: [serviceAccount('bootstrap-signer')],
  },
]

/** Writes the roles and bindings that are not there yet, and what stored ones lack. They are visible at once; resolves when they are on disk. */
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
    const metadata = {
      name,
      ...(namespace ? { namespace } : {}),
      uid: random.uuid(),
      creationTimestamp: rfc3339(clock.now()),
      labels: { 'kubernetes.io/bootstrapping': 'rbac-defaults', ...labels },
      annotations: { [AUTO_UPDATE]: 'true' },
    }
    const wanted = { kind, apiVersion: API_VERSION, metadata, ...body } as KubeObject
    const updated = stored && completed(stored.object, wanted)
    const anew = stored && leadsElsewhere(stored.object, wanted)
    if (anew) writes.push(store.delete(key, stored.modRevision))
    if (!stored || anew) writes.push(store.put(key, wanted, 0))
    else if (updated) writes.push(store.put(key, updated, stored.modRevision))
  }
  for (const { name, rules, labels = {}, aggregates } of DEFAULT_CLUSTER_ROLES) {
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
        ...(subjects.length > 0 ? { subjects: structuredClone(subjects) } : {}),
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
