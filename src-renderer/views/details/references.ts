import type { KubeObject } from '../../stores/object.js'

/** What pods refer to by name in their own namespace. */
export type UsableKind = 'ConfigMap' | 'Secret' | 'PersistentVolumeClaim' | 'ServiceAccount'

/** How a pod uses an object: by environment, as files, for pulling images, or as its identity. */
export type Use = 'environment' | 'volume' | 'imagePull' | 'identity'

type Spec = KubeObject['spec']

/** How a pod spec uses the object, each way once; empty when it does not. */
export function usesOf(spec: Spec, kind: UsableKind, name: string): Use[] {
  const found = new Set<Use>()
  if (kind === 'ServiceAccount' && (spec?.serviceAccountName ?? 'default') === name) found.add('identity')
  if (kind === 'Secret') for (const s of spec?.imagePullSecrets ?? []) if (s.name === name) found.add('imagePull')
  for (const container of [...(spec?.initContainers ?? []), ...(spec?.containers ?? []), ...(spec?.ephemeralContainers ?? [])]) {
    const from = kind === 'ConfigMap' ? 'configMapRef' : kind === 'Secret' ? 'secretRef' : undefined
    const key = kind === 'ConfigMap' ? 'configMapKeyRef' : 'secretKeyRef'
    if (!from) continue
    if ((container.envFrom ?? []).some((e: Spec) => e[from]?.name === name)) found.add('environment')
    if ((container.env ?? []).some((e: Spec) => e.valueFrom?.[key]?.name === name)) found.add('environment')
  }
  for (const volume of spec?.volumes ?? []) if (volumeUses(volume, kind, name)) found.add('volume')
  return [...found]
}

function volumeUses(volume: Spec, kind: UsableKind, name: string): boolean {
  const sources: Spec[] = volume.projected?.sources ?? []
  if (kind === 'PersistentVolumeClaim') return volume.persistentVolumeClaim?.claimName === name
  if (kind === 'ConfigMap') return volume.configMap?.name === name || sources.some((s) => s.configMap?.name === name)
  if (kind === 'Secret') return volume.secret?.secretName === name || sources.some((s) => s.secret?.name === name)
  return false
}

/** The pod spec in an object that makes pods, or is one. */
export function podSpecOf(object: KubeObject): Spec {
  return object.spec?.jobTemplate?.spec?.template?.spec ?? object.spec?.template?.spec ?? object.spec
}
