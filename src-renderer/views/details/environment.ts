import { parseQuantity } from '../../components/bytes.js'
import type { KubeObject } from '../../stores/object.js'

/** One line of a container's environment. */
export interface EnvEntry {
  /** The variable, or for all keys of an object its prefix and `*`. */
  name: string
  value?: string
  /** The ConfigMap or Secret that it comes from; without a key: all of its keys. */
  source?: { kind: 'ConfigMap' | 'Secret'; name: string; key?: string; optional?: boolean }
  /** A field of the pod or a resource of a container. */
  field?: string
}

/** A container's environment in the order in which later entries win. Fields are resolved where the pod is known. */
export function environmentOf(container: KubeObject['spec'], pod?: KubeObject): EnvEntry[] {
  const entries: EnvEntry[] = []
  for (const f of container.envFrom ?? []) {
    const source = f.configMapRef ?? f.secretRef
    entries.push({
      name: `${f.prefix ?? ''}*`,
      source: { kind: f.configMapRef ? 'ConfigMap' : 'Secret', name: source?.name ?? '', optional: source?.optional },
    })
  }
  for (const e of container.env ?? []) {
    const from = e.valueFrom
    if (from?.configMapKeyRef) entries.push({ name: e.name, source: { kind: 'ConfigMap', ...from.configMapKeyRef } })
    else if (from?.secretKeyRef) entries.push({ name: e.name, source: { kind: 'Secret', ...from.secretKeyRef } })
    else if (from?.fieldRef) entries.push(withValue(e.name, from.fieldRef.fieldPath, pod && podField(pod, from.fieldRef.fieldPath)))
    else if (from?.resourceFieldRef) {
      const { resource, divisor, containerName } = from.resourceFieldRef
      const of = containerName ? (pod?.spec?.containers ?? []).find((c: { name: string }) => c.name === containerName) : container
      entries.push(withValue(e.name, resource, containerResource(of, resource, divisor)))
    } else entries.push({ name: e.name, value: e.value ?? '' })
  }
  return entries
}

function withValue(name: string, field: string, value: string | undefined): EnvEntry {
  return { name, field, ...(value === undefined ? {} : { value }) }
}

/** A field of a pod as the downward API gives it; undefined where it is not known. */
export function podField(pod: KubeObject, path: string): string | undefined {
  const keyed = /^metadata\.(labels|annotations)\['(.+)'\]$/.exec(path)
  if (keyed) return pod.metadata[keyed[1] as 'labels' | 'annotations']?.[keyed[2]!] ?? ''
  if (path === 'status.podIPs') return pod.status?.podIPs?.map((p: { ip: string }) => p.ip).join(',')
  if (path === 'status.hostIPs') return pod.status?.hostIPs?.map((p: { ip: string }) => p.ip).join(',')
  const value: unknown = path.split('.').reduce((o: KubeObject['spec'], k) => o?.[k], pod)
  return typeof value === 'string' ? value : undefined
}

/** `limits.cpu` and the like, in units of the divisor, rounded up; undefined where it falls back to the node. */
function containerResource(container: KubeObject['spec'], path: string, divisor: string | undefined): string | undefined {
  const [list, ...rest] = path.split('.')
  const quantity = container?.resources?.[list!]?.[rest.join('.')]
  if (quantity === undefined) return undefined
  const by = parseQuantity(divisor && divisor !== '0' ? divisor : '1')
  return String(Math.ceil(Math.round((parseQuantity(quantity) / by) * 1e6) / 1e6))
}
