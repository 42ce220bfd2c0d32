/** Fields that name another object, which follow it when it is renamed. The table is kustomize's default. */
import type { Json } from '../../kinds/kind.js'
import { eachAt, podSpecs, type FieldSpec } from './field-path.js'
import { isMap } from '../fields.js'
import { gvkOf, isClusterScoped, type KustomizeResource } from './resource.js'
import { applies } from './transformers.js'

/** Objects that may be named, and where. */
export interface Reference {
  /** The kinds that may be named. */
  to: readonly string[]
  fields: readonly FieldSpec[]
}

const inContainers = (rest: string): FieldSpec[] => [...podSpecs(`containers[]/${rest}`), ...podSpecs(`initContainers[]/${rest}`)]
const scaled = ['Deployment', 'ReplicaSet', 'StatefulSet', 'ReplicationController']
/** A slash inside of a key. */
const escaped = (key: string): string => key.replaceAll('/', '\u0000')

const references: Reference[] = [
  {
    to: ['ConfigMap'],
    fields: [
      ...podSpecs('volumes[]/configMap/name'),
      ...podSpecs('volumes[]/projected/sources[]/configMap/name'),
      ...inContainers('env[]/valueFrom/configMapKeyRef/name'),
      ...inContainers('envFrom[]/configMapRef/name'),
      { path: 'spec/configSource/configMap/name', kinds: ['Node'] },
    ],
  },
  {
    to: ['Secret'],
    fields: [
      ...podSpecs('volumes[]/secret/secretName'),
      ...podSpecs('volumes[]/projected/sources[]/secret/name'),
      ...podSpecs('imagePullSecrets[]/name'),
      ...inContainers('env[]/valueFrom/secretKeyRef/name'),
      ...inContainers('envFrom[]/secretRef/name'),
      { path: 'imagePullSecrets[]/name', kinds: ['ServiceAccount'] },
      { path: 'spec/tls[]/secretName', kinds: ['Ingress'] },
      ...[
        'ingress.kubernetes.io/auth-secret',
        'nginx.ingress.kubernetes.io/auth-secret',
        'nginx.ingress.kubernetes.io/auth-tls-secret',
      ].map((key) => ({ path: `metadata/annotations/${escaped(key)}`, kinds: ['Ingress'] })),
      { path: 'parameters/secretName', kinds: ['StorageClass'] },
      { path: 'spec/rbd/secretRef/name', kinds: ['PersistentVolume'] },
      { path: 'spec/cephfs/secretRef/name', kinds: ['PersistentVolume'] },
      { path: 'spec/azureFile/secretName', kinds: ['PersistentVolume'] },
    ],
  },
  {
    to: ['Service'],
    fields: [
      { path: 'spec/serviceName', kinds: ['StatefulSet'] },
      { path: 'spec/rules[]/http/paths[]/backend/service/name', kinds: ['Ingress'] },
      { path: 'spec/rules[]/http/paths[]/backend/serviceName', kinds: ['Ingress'] },
      { path: 'spec/defaultBackend/service/name', kinds: ['Ingress'] },
      { path: 'spec/backend/serviceName', kinds: ['Ingress'] },
      { path: 'spec/service/name', kinds: ['APIService'] },
      { path: 'webhooks[]/clientConfig/service/name', kinds: ['ValidatingWebhookConfiguration', 'MutatingWebhookConfiguration'] },
    ],
  },
  { to: ['PersistentVolumeClaim'], fields: podSpecs('volumes[]/persistentVolumeClaim/claimName') },
  { to: ['PersistentVolume'], fields: [{ path: 'spec/volumeName', kinds: ['PersistentVolumeClaim'] }] },
  {
    to: ['StorageClass'],
    fields: [
      { path: 'spec/storageClassName', kinds: ['PersistentVolume', 'PersistentVolumeClaim'] },
      { path: 'spec/volumeClaimTemplates[]/spec/storageClassName', kinds: ['StatefulSet'] },
    ],
  },
  { to: ['ServiceAccount'], fields: podSpecs('serviceAccountName') },
  { to: ['PriorityClass'], fields: podSpecs('priorityClassName') },
  { to: ['IngressClass'], fields: [{ path: 'spec/ingressClassName', kinds: ['Ingress'] }] },
]

/** Fields whose sibling `kind` says what they name. */
const kinded: FieldSpec[] = [
  { path: 'spec/scaleTargetRef', kinds: ['HorizontalPodAutoscaler'] },
  { path: 'roleRef', kinds: ['RoleBinding', 'ClusterRoleBinding'] },
]

/** What a name stood for: the object that has or had it, in the same namespace; undefined when none or several do. */
function find(
  resources: readonly KustomizeResource[],
  kinds: readonly string[],
  name: Json,
  from: KustomizeResource,
): KustomizeResource | undefined {
  if (typeof name !== 'string') return undefined
  const place = (r: KustomizeResource): string => r.object.metadata?.namespace || 'default'
  const found = resources.filter(
    (r) =>
      kinds.includes(gvkOf(r.object).kind) &&
      r.names.includes(name) &&
      (isClusterScoped(r.object) || isClusterScoped(from.object) || place(r) === place(from)),
  )
  return found.find((r) => r.object.metadata.name === name) ?? (found.length === 1 ? found[0] : undefined)
}

/** Turns every reference to an earlier name into the present one; `more` are those that a kustomization configures. */
export function fixReferences(resources: readonly KustomizeResource[], more: readonly Reference[]): void {
  for (const from of resources) {
    const point = (holder: Record<string, Json>, key: string, kinds: readonly string[]): void => {
      const target = find(resources, kinds, holder[key], from)
      if (target) holder[key] = target.object.metadata.name
    }
    for (const { to, fields } of [...references, ...more])
      for (const field of fields) if (applies(field, from.object)) eachAt(from.object, field.path, (h, k) => point(h, k, to))
    for (const field of kinded)
      if (applies(field, from.object))
        eachAt(from.object, field.path, (h, k) => {
          const ref = h[k]
          if (isMap(ref) && (field.path === 'roleRef' || scaled.includes(ref.kind))) point(ref, 'name', [ref.kind])
        })
    if (/^(Cluster)?RoleBinding$/.test(gvkOf(from.object).kind))
      for (const s of (from.object.subjects ?? []) as Json[]) followAccount(resources, s)
    if (/^(Cluster)?Role$/.test(gvkOf(from.object).kind)) followResourceNames(resources, from)
  }
}

/** A subject follows its ServiceAccount into its new name and namespace. */
function followAccount(resources: readonly KustomizeResource[], subject: Json): void {
  if (subject.kind !== 'ServiceAccount') return
  const account = resources.find(
    (r) =>
      gvkOf(r.object).kind === 'ServiceAccount' &&
      r.names.includes(subject.name) &&
      (subject.namespace === undefined || r.namespaces.includes(subject.namespace) || r.namespaces[0] === ''),
  )
  if (!account) return
  subject.name = account.object.metadata.name
  if (account.object.metadata.namespace) subject.namespace = account.object.metadata.namespace
}

/** `resourceNames` of rules about ConfigMaps and Secrets. */
function followResourceNames(resources: readonly KustomizeResource[], role: KustomizeResource): void {
  for (const rule of (role.object.rules ?? []) as Json[]) {
    if (!Array.isArray(rule.resourceNames)) continue
    rule.resourceNames = rule.resourceNames.map(
      (name: Json) => find(resources, ['ConfigMap', 'Secret'], name, role)?.object.metadata.name ?? name,
    )
  }
}
