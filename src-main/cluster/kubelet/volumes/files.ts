/**
 * The files of configMap, secret, downwardAPI and projected volumes. Kubernetes documentation, "ConfigMap", "Secret",
 * "Downward API", "Projected Volumes": keys become files, `items` chooses and renames them, modes are per volume or file.
 */
import type { ConfigMap, Pod, Secret } from '../../api/object.js'
import { isReason } from '../../api/errors.js'
import type { NodeFacts } from '../downward-api.js'
import { fieldValue, resourceValue } from '../downward-api.js'
import type { FileOfVolume } from '../../runtime/cri.js'
import type { ReferencedObjects } from '../env.js'

/** By path; `uid` where a file is not root's. */
export type VolumeFiles = Record<string, FileOfVolume>

type PodVolume = NonNullable<NonNullable<Pod['spec']>['volumes']>[number]
type Projection = NonNullable<NonNullable<PodVolume['projected']>['sources']>[number]
type KeyToPath = { key: string; path: string; mode?: number }
type DownwardItem = NonNullable<NonNullable<PodVolume['downwardAPI']>['items']>[number]
export type TokenProjection = NonNullable<Projection['serviceAccountToken']>

/** What making files needs to know and read. */
export interface FileSources {
  node: NodeFacts
  podIP: string
  objects: ReferencedObjects
  /** A token for the pod's service account. */
  token(pod: Pod, projection: TokenProjection): Promise<() => string>
}

const DEFAULT_MODE = 0o644

/** Whether a volume's files come from the API and may change while the pod runs. */
export function hasGeneratedFiles(volume: PodVolume): boolean {
  return Boolean(volume.configMap || volume.secret || volume.downwardAPI || volume.projected)
}

/** The API objects that a volume's files come from, as `configmaps/NAME` and `secrets/NAME`. */
export function volumeReferences(volume: PodVolume): string[] {
  const sources = volume.projected?.sources ?? []
  const maps = [volume.configMap?.name, ...sources.map((s) => s.configMap?.name)]
  const secrets = [volume.secret?.secretName, ...sources.map((s) => s.secret?.name)]
  return [
    ...maps.filter((n) => n !== undefined).map((n) => `configmaps/${n}`),
    ...secrets.filter((n) => n !== undefined).map((n) => `secrets/${n}`),
  ]
}

/** Whether a volume shows fields of the pod itself. */
export function showsPodFields(volume: PodVolume): boolean {
  return Boolean(volume.downwardAPI || volume.projected?.sources?.some((s) => s.downwardAPI))
}

function pick(
  all: Readonly<Record<string, Uint8Array | string>>,
  items: readonly KeyToPath[] | undefined,
  mode: number,
  optional: boolean | undefined,
  missing: (key: string) => string,
): VolumeFiles {
  const files: VolumeFiles = {}
  if (!items) {
    for (const [key, data] of Object.entries(all)) files[key] = { data, mode }
    return files
  }
  for (const item of items) {
    const data = all[item.key]
    if (data !== undefined) files[item.path] = { data, mode: item.mode ?? mode }
    else if (!optional) throw new Error(missing(item.key))
  }
  return files
}

/** All values of a ConfigMap: its texts as they are, which all pods that mount it share. */
function configMapValues(object: ConfigMap | undefined): Record<string, Uint8Array | string> {
  const out: Record<string, Uint8Array | string> = { ...object?.data }
  for (const [k, v] of Object.entries(object?.binaryData ?? {})) out[k] = Buffer.from(v, 'base64')
  return out
}

function secretBytes(object: Secret | undefined): Record<string, Uint8Array> {
  return Object.fromEntries(Object.entries(object?.data ?? {}).map(([k, v]) => [k, Buffer.from(v, 'base64')]))
}

async function orNone<T>(optional: boolean | undefined, read: Promise<T>): Promise<T | undefined> {
  try {
    return await read
  } catch (error) {
    if (optional && isReason(error, 'NotFound')) return undefined
    throw error
  }
}

type ObjectSource = { name?: string; items?: KeyToPath[]; optional?: boolean }

async function fromConfigMap(source: ObjectSource, mode: number, pod: Pod, from: FileSources): Promise<VolumeFiles> {
  const object = await orNone(source.optional, from.objects.configMap(pod.metadata.namespace!, source.name ?? ''))
  return pick(configMapValues(object), source.items, mode, source.optional, (k) => `configmap references non-existent config key: ${k}`)
}

async function fromSecret(source: ObjectSource, mode: number, pod: Pod, from: FileSources): Promise<VolumeFiles> {
  const object = await orNone(source.optional, from.objects.secret(pod.metadata.namespace!, source.name ?? ''))
  return pick(secretBytes(object), source.items, mode, source.optional, (k) => `references non-existent secret key: ${k}`)
}

function fromPodFields(items: readonly DownwardItem[] | undefined, mode: number, pod: Pod, from: FileSources): VolumeFiles {
  const files: VolumeFiles = {}
  for (const item of items ?? []) {
    const value = item.fieldRef
      ? fieldValue(item.fieldRef.fieldPath, pod, from.node, from.podIP)
      : resourceValue(item.resourceFieldRef!, pod, undefined, from.node)
    files[item.path] = { data: value, mode: item.mode ?? mode }
  }
  return files
}

/** A token is for the user alone that all containers run as, and for the group of the pod's files ("Projected Volumes", SecurityContext interactions). */
function tokenAccess(pod: Pod): { mode?: number; uid?: number } {
  const { containers, initContainers = [], ephemeralContainers = [], securityContext } = pod.spec!
  const users = new Set(
    [...containers, ...initContainers, ...ephemeralContainers].map((c) => c.securityContext?.runAsUser ?? securityContext?.runAsUser),
  )
  const [uid] = users.size === 1 ? users : []
  if (uid === undefined && securityContext?.fsGroup === undefined) return {}
  return { mode: 0o600, ...(uid === undefined ? {} : { uid }) }
}

async function fromProjection(source: Projection, mode: number, pod: Pod, from: FileSources): Promise<VolumeFiles> {
  if (source.configMap) return fromConfigMap(source.configMap, mode, pod, from)
  if (source.secret) return fromSecret(source.secret, mode, pod, from)
  if (source.downwardAPI) return fromPodFields(source.downwardAPI.items, mode, pod, from)
  if (source.serviceAccountToken) {
    const data = await from.token(pod, source.serviceAccountToken)
    return { [source.serviceAccountToken.path]: { data, mode, ...tokenAccess(pod) } }
  }
  // A source whose feature is off has lost its field: nothing comes of it.
  return {}
}

/**
 * The files of a generated volume.
 * Rejects with an Error (or StatusError) whose message the FailedMount event shows.
 */
export async function volumeFiles(volume: PodVolume, pod: Pod, from: FileSources): Promise<VolumeFiles> {
  let files: VolumeFiles
  if (volume.configMap) files = await fromConfigMap(volume.configMap, volume.configMap.defaultMode ?? DEFAULT_MODE, pod, from)
  else if (volume.secret) {
    const { secretName: name, items, optional, defaultMode } = volume.secret
    files = await fromSecret(
      { ...(name ? { name } : {}), ...(items ? { items } : {}), ...(optional ? { optional } : {}) },
      defaultMode ?? DEFAULT_MODE,
      pod,
      from,
    )
  } else if (volume.downwardAPI) files = fromPodFields(volume.downwardAPI.items, volume.downwardAPI.defaultMode ?? DEFAULT_MODE, pod, from)
  else {
    const { sources, defaultMode } = volume.projected!
    files = {}
    const failures: unknown[] = []
    for (const source of sources ?? []) {
      try {
        Object.assign(files, await fromProjection(source, defaultMode ?? DEFAULT_MODE, pod, from))
      } catch (error) {
        failures.push(error)
      }
    }
    if (failures.length === 1) throw failures[0]
    if (failures.length) throw new Error(`[${failures.map((f) => (f instanceof Error ? f.message : String(f))).join(', ')}]`)
  }
  // A group that owns the volume can read all of it.
  if (pod.spec!.securityContext?.fsGroup !== undefined) for (const f of Object.values(files)) f.mode |= 0o440
  return files
}
