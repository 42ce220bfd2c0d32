/** The order of kinds in which a set of objects can be applied: what others need comes first. It is kustomize's own ("legacy"). */
import type { Json } from '../../kinds/kind.js'
import { gvkOf } from './resource.js'

const first = (
  'Namespace ResourceQuota StorageClass CustomResourceDefinition ServiceAccount PodSecurityPolicy Role ClusterRole RoleBinding ' +
  'ClusterRoleBinding ConfigMap Secret Endpoints Service LimitRange PriorityClass PersistentVolume PersistentVolumeClaim Deployment ' +
  'StatefulSet CronJob PodDisruptionBudget'
).split(' ')
const last = ['MutatingWebhookConfiguration', 'ValidatingWebhookConfiguration']

function rank(kind: string): number {
  const i = first.indexOf(kind)
  if (i >= 0) return i - first.length
  return last.indexOf(kind) + 1
}

const less = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** Compares two objects by kind, then by group, version, namespace and name. */
export function compareResources(a: Json, b: Json): number {
  const [x, y] = [gvkOf(a), gvkOf(b)]
  const text = (g: typeof x): string => `${g.group || '~G'}_${g.version || '~V'}_${g.kind || '~K'}`
  const id = (o: Json): string => `${o.metadata?.namespace || '~X'}|${o.metadata?.name || '~N'}`
  return rank(x.kind) - rank(y.kind) || less(text(x), text(y)) || less(id(a), id(b))
}
