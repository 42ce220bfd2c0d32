import type { Json } from '../kinds/kind.js'

/** An object of its own namespace that a pod refers to by name. */
export interface Used {
  key: 'configmaps' | 'secrets' | 'persistentvolumeclaims'
  name: string
  /** The pod starts without it. */
  optional: boolean
}

/** What each namespace has for every pod: it says nothing of any. */
const ROOT_CA = 'kube-root-ca.crt'

/** The ConfigMaps, Secrets and claims of a pod, or of what makes pods; each once. */
export function usedBy(object: Json): Used[] {
  const spec = object.spec?.jobTemplate?.spec?.template?.spec ?? object.spec?.template?.spec ?? object.spec ?? {}
  const found = new Map<string, Used>()
  const add = (key: Used['key'], name: unknown, optional: unknown): void => {
    if (typeof name !== 'string' || !name || name === ROOT_CA) return
    const id = `${key}/${name}`
    found.set(id, { key, name, optional: optional === true && (found.get(id)?.optional ?? true) })
  }
  for (const s of spec.imagePullSecrets ?? []) add('secrets', s.name, true)
  for (const container of [...(spec.initContainers ?? []), ...(spec.containers ?? [])]) {
    for (const from of container.envFrom ?? []) {
      add('configmaps', from.configMapRef?.name, from.configMapRef?.optional)
      add('secrets', from.secretRef?.name, from.secretRef?.optional)
    }
    for (const { valueFrom } of container.env ?? []) {
      add('configmaps', valueFrom?.configMapKeyRef?.name, valueFrom?.configMapKeyRef?.optional)
      add('secrets', valueFrom?.secretKeyRef?.name, valueFrom?.secretKeyRef?.optional)
    }
  }
  for (const volume of spec.volumes ?? []) {
    add('persistentvolumeclaims', volume.persistentVolumeClaim?.claimName, false)
    for (const source of [volume, ...(volume.projected?.sources ?? [])]) {
      add('configmaps', source.configMap?.name, source.configMap?.optional)
      add('secrets', source.secret?.secretName ?? source.secret?.name, source.secret?.optional)
    }
  }
  return [...found.values()]
}
