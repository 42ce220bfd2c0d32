/** Which Secrets, ConfigMaps, claims and service accounts a pod needs: what its node may read for it. */
import type { PersistentVolume } from '../api/kinds/persistentvolume.js'
import type { Container, Pod } from '../api/object.js'

/** What a pod may refer to, by the plural of its resource. */
export type Referred = 'secrets' | 'configmaps' | 'persistentvolumeclaims' | 'serviceaccounts' | 'resourceclaims'

type Volume = NonNullable<NonNullable<Pod['spec']>['volumes']>[number]

const MIRROR = 'kubernetes.io/config.mirror'

/** The names in the pod's namespace that it refers to, with repetitions. A mirror of a static pod refers to nothing. */
export function referencesOf(pod: Pod, what: Referred): string[] {
  const { spec, status, metadata } = pod
  if (!spec || metadata.annotations?.[MIRROR] !== undefined) return []
  const names: (string | undefined)[] = []
  switch (what) {
    case 'serviceaccounts':
      names.push(spec.serviceAccountName)
      break
    case 'persistentvolumeclaims':
      for (const v of spec.volumes ?? [])
        names.push(v.persistentVolumeClaim?.claimName, v.ephemeral ? `${metadata.name}-${v.name}` : undefined)
      break
    case 'resourceclaims':
      for (const c of spec.resourceClaims ?? []) names.push(c.resourceClaimName)
      for (const c of status?.resourceClaimStatuses ?? []) names.push(c.resourceClaimName)
      break
    default:
      if (what === 'secrets') for (const s of spec.imagePullSecrets ?? []) names.push(s.name)
      for (const c of containersOf(spec)) names.push(...inEnvironment(c, what))
      for (const v of spec.volumes ?? []) names.push(...inVolume(v, what))
  }
  return names.filter((name): name is string => name !== undefined && name !== '')
}

function containersOf(spec: NonNullable<Pod['spec']>): Container[] {
  return [...(spec.initContainers ?? []), ...(spec.containers ?? []), ...((spec.ephemeralContainers ?? []) as Container[])]
}

function inEnvironment(container: Container, what: 'secrets' | 'configmaps'): (string | undefined)[] {
  const secret = what === 'secrets'
  return [
    ...(container.env ?? []).map((e) => (secret ? e.valueFrom?.secretKeyRef?.name : e.valueFrom?.configMapKeyRef?.name)),
    ...(container.envFrom ?? []).map((e) => (secret ? e.secretRef?.name : e.configMapRef?.name)),
  ]
}

function inVolume(v: Volume, what: 'secrets' | 'configmaps'): (string | undefined)[] {
  const sources = v.projected?.sources ?? []
  if (what === 'configmaps') return [v.configMap?.name, ...sources.map((s) => s.configMap?.name)]
  return [
    v.secret?.secretName,
    ...sources.map((s) => s.secret?.name),
    v.azureFile?.secretName,
    ...[v.cephfs, v.cinder, v.flexVolume, v.rbd, v.scaleIO, v.iscsi, v.storageos].map((source) => source?.secretRef?.name),
    v.csi?.nodePublishSecretRef?.name,
  ]
}

/**
 * The Secrets that a node reads to mount a persistent volume. Where the volume names no namespace they are in that of its
 * claim; what only controllers use of a CSI volume is not among them.
 */
export function secretsOfVolume(spec: NonNullable<PersistentVolume['spec']>): { namespace: string; name: string }[] {
  const claimed = spec.claimRef?.namespace
  const own = [spec.cephfs, spec.cinder, spec.flexVolume, spec.rbd, spec.scaleIO, spec.iscsi, spec.storageos]
  const csi = [spec.csi?.nodePublishSecretRef, spec.csi?.nodeStageSecretRef, spec.csi?.nodeExpandSecretRef]
  const named = [
    spec.azureFile && { namespace: spec.azureFile.secretNamespace, name: spec.azureFile.secretName },
    ...own.map((source) => source?.secretRef),
    ...csi,
  ]
  return named.flatMap((secret) => {
    const namespace = secret?.namespace || claimed
    return secret?.name && namespace ? [{ namespace, name: secret.name }] : []
  })
}
