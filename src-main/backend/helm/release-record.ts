/**
 * Helm's records of releases: one Secret or ConfigMap per revision, `sh.helm.release.v1.NAME.vREVISION`, whose `release` is JSON, zipped
 * and in base64 (a Secret's once more, as all its data). https://helm.sh/docs/topics/kubernetes_apis/ and
 * https://helm.sh/docs/topics/advanced/#storage-backends
 */
import { gunzipSync } from 'node:zlib'
import { isMap } from '../apply/fields.js'
import { problem } from '../errors.js'
import type { Json } from '../kinds/kind.js'
import type { HelmRelease, HelmRevision } from '../rpc/contract.js'

export const RECORD_TYPE = 'helm.sh/release.v1'

/** What is kept of a record: all but its texts. */
export interface ReleaseRecord extends HelmRevision {
  /** The uid of the object that holds it. */
  id: string
  namespace: string
  name: string
  /** ms since the epoch. */
  firstDeployed: number | null
  labels: Record<string, string>
  resourceVersion: string
  notes: string
  about: HelmRelease['about']
  storage: HelmRelease['storage']
}

/** Names a release within a cluster. */
export const releaseKey = (r: { namespace: string; name: string }): string => `${r.namespace}/${r.name}`

/** The name of the object that holds a revision. */
export const recordName = (name: string, revision: number): string => `sh.helm.release.v1.${name}.v${revision}`

/** A release as Helm wrote it. Throws `Invalid` when the object holds none that can be read. */
export function decodeRelease(object: Json): Json {
  const name = object.metadata?.name ?? ''
  try {
    const data = String(object.data.release)
    const packed = Buffer.from(object.kind === 'ConfigMap' ? data : Buffer.from(data, 'base64').toString('latin1'), 'base64')
    // Those of early versions of Helm are not zipped.
    const text = packed[0] === 0x1f && packed[1] === 0x8b ? gunzipSync(packed) : packed
    const release: unknown = JSON.parse(text.toString('utf8'))
    if (isMap(release)) return release
  } catch {
    // Told below, without what it holds.
  }
  throw problem('Invalid', 'releaseUnreadable', { name })
}

/** A time of Helm, ms since the epoch; null for none, which Go writes as the year 1. */
function time(text: unknown): number | null {
  const ms = typeof text === 'string' ? Date.parse(text) : NaN
  return ms > 0 ? ms : null
}

/** What is kept of a record. One that cannot be read has what its labels tell. */
export function recordOf(object: Json, storage: HelmRelease['storage']): ReleaseRecord {
  const meta = object.metadata ?? {}
  const { owner: _, name = '', version, status = 'unknown', createdAt, modifiedAt, ...labels } = meta.labels ?? {}
  const known: ReleaseRecord = {
    id: meta.uid ?? `${storage}/${meta.namespace}/${meta.name}`,
    namespace: meta.namespace ?? '',
    name,
    revision: Number(version) || 0,
    status,
    updated: Number(modifiedAt ?? createdAt) * 1000 || null,
    firstDeployed: null,
    chart: '',
    chartVersion: '',
    appVersion: '',
    description: '',
    labels,
    resourceVersion: meta.resourceVersion ?? '',
    notes: '',
    about: {},
    storage,
  }
  let release: Json
  try {
    release = decodeRelease({ kind: storage, ...object })
  } catch (error) {
    return { ...known, status: 'unknown', description: (error as Error).message }
  }
  const { info = {}, chart } = release
  const {
    name: chartName = '',
    version: chartVersion = '',
    appVersion = '',
    description,
    home,
    deprecated,
    dependencies,
  } = chart?.metadata ?? {}
  return {
    ...known,
    name: release.name ?? known.name,
    revision: release.version ?? known.revision,
    status: info.status ?? known.status,
    updated: time(info.last_deployed) ?? known.updated,
    firstDeployed: time(info.first_deployed),
    chart: chartName,
    chartVersion,
    appVersion,
    description: info.description ?? '',
    notes: info.notes ?? '',
    about: {
      ...(description ? { description } : {}),
      ...(home ? { home } : {}),
      ...(deprecated ? { deprecated } : {}),
      ...(dependencies?.length ? { dependencies: dependencies.map((d: Json) => ({ name: d.name, version: d.version })) } : {}),
    },
  }
}

/** The release of its records, the newest of which comes first. */
export function releaseOf(records: readonly ReleaseRecord[]): HelmRelease {
  const [newest] = records
  const { id: _, namespace, name, firstDeployed, labels, resourceVersion, ...rest } = newest!
  return {
    apiVersion: 'helm.sh/v1',
    kind: 'Release',
    metadata: {
      name,
      namespace,
      uid: releaseKey(newest!),
      resourceVersion,
      ...(firstDeployed === null ? {} : { creationTimestamp: new Date(firstDeployed).toISOString().replace(/\.\d+Z$/, 'Z') }),
      labels,
    },
    ...rest,
    history: records.map(({ revision, status, updated, chart, chartVersion, appVersion, description }) => ({
      revision,
      status,
      updated,
      chart,
      chartVersion,
      appVersion,
      description,
    })),
  }
}

/**
 * The values that templates see: the chart's own, with what the person gave over them. Maps are merged, a null takes a value away, all
 * else replaces. https://helm.sh/docs/chart_template_guide/values_files/
 */
export function computedValues(chart: Json, given: Json): Json {
  if (!isMap(chart) || !isMap(given)) return given
  const out: Record<string, Json> = { ...chart }
  for (const [key, value] of Object.entries(given)) {
    if (value === null) delete out[key]
    else out[key] = isMap(value) && isMap(out[key]) ? computedValues(out[key], value) : value
  }
  return out
}
