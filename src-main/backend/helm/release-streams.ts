/** The `list` and `object` streams of releases, and one release when it is asked for: as if they were objects of a kind of their own. */
import { customColumns } from '../kinds/custom-columns.js'
import { nameColumn, namespaceColumn } from '../kinds/kind.js'
import { BackendError } from '../errors.js'
import type { Cell, ColumnInfo, HelmRelease, ListParams, ObjectEvent, ObjectRef, ResourceRef, Row, RpcError } from '../rpc/contract.js'
import type { StreamContext } from '../rpc/serve.js'
import type { Session } from '../session/session.js'
import { releaseKey, releaseOf } from './release-record.js'
import { followReleases, type KnownReleases } from './release-watch.js'

/** Whether a resource is that of releases, which no server has. */
export const isReleases = (r: Pick<ResourceRef, 'group' | 'resource'>): boolean => r.group === 'helm.sh' && r.resource === 'releases'

const columns: ColumnInfo[] = [
  nameColumn,
  namespaceColumn,
  { id: 'revision', title: 'Revision', type: 'number', width: 84, align: 'right' },
  { id: 'status', title: 'Status', type: 'status', width: 130 },
  { id: 'chart', title: 'Chart', type: 'text', width: 200 },
  { id: 'appVersion', title: 'App version', type: 'text', width: 110 },
  { id: 'updated', title: 'Updated', type: 'age', width: 84, align: 'right' },
]

const tones: Record<string, Exclude<Cell, string | number | null>['tone']> = {
  deployed: 'ok',
  failed: 'bad',
  unknown: 'warn',
  uninstalling: 'busy',
  'pending-install': 'busy',
  'pending-upgrade': 'busy',
  'pending-rollback': 'busy',
}

/** The name of a chart with its version, as `helm list` writes it. */
export const chartName = (r: { chart: string; chartVersion: string }): string => [r.chart, r.chartVersion].filter(Boolean).join('-')

function rowOfRelease(release: HelmRelease, custom: ReturnType<typeof customColumns>): Row {
  const { metadata, revision, status, appVersion, updated, description } = release
  return {
    id: metadata.uid,
    name: metadata.name,
    namespace: metadata.namespace,
    cells: [
      metadata.name,
      metadata.namespace,
      revision,
      { text: status, tone: tones[status] ?? 'off', ...(description ? { title: description } : {}) },
      chartName(release),
      appVersion,
      updated,
      ...custom.cells(release),
    ],
    ...(metadata.labels ? { labels: metadata.labels } : {}),
  }
}

/** The `list` stream of releases: of each the newest revision, as `helm list --all` has them. */
export function streamReleases(session: Session, params: ListParams, stream: StreamContext<'list'>): void {
  const custom = customColumns(params.custom ?? [])
  stream.emit({ type: 'columns', columns: [...columns, ...custom.columns] })
  const stop = followReleases(
    session,
    { ...(params.namespaces ? { namespaces: params.namespaces } : {}), labelSelector: params.labelSelector },
    {
      listed: (releases) => {
        const rows = [...releases.values()].map((records) => rowOfRelease(releaseOf(records), custom))
        stream.emit({ type: 'snapshot', rows, complete: true, total: rows.length })
      },
      changed: (keys, releases) => {
        const upserts: Row[] = []
        const removes: string[] = []
        for (const key of keys) {
          const records = releases.get(key)
          if (records) upserts.push(rowOfRelease(releaseOf(records), custom))
          else removes.push(key)
        }
        stream.emit({ type: 'changes', upserts, removes })
      },
      state: (phase, error) => stream.emit({ type: 'state', phase, ...(error ? { error } : {}) }),
    },
  )
  stream.signal.addEventListener('abort', stop, { once: true })
}

/** Follows one release; gives a function that ends it. */
function followRelease(
  session: Session,
  ref: ObjectRef,
  tell: (release: HelmRelease | undefined) => void,
  state: (phase: Extract<ObjectEvent, { type: 'state' }>['phase'], error?: RpcError) => void,
): () => void {
  const key = releaseKey({ namespace: ref.namespace ?? '', name: ref.name })
  const now = (releases: KnownReleases): void => {
    const records = releases.get(key)
    tell(records && releaseOf(records))
  }
  return followReleases(
    session,
    { ...(ref.namespace ? { namespaces: [ref.namespace] } : {}), labelSelector: `name=${ref.name}` },
    { listed: now, changed: (_keys, releases) => now(releases), state },
  )
}

/** The `object` stream of a release. */
export function streamRelease(session: Session, ref: ObjectRef, stream: StreamContext<'object'>): void {
  let seen = false
  const stop = followRelease(
    session,
    ref,
    (release) => {
      if (release) stream.emit({ type: 'object', object: release as unknown as Record<string, unknown> })
      else stream.emit(seen ? { type: 'deleted' } : { type: 'state', phase: 'missing' })
      seen ||= release !== undefined
    },
    (phase, error) => {
      if (seen || phase !== 'live') stream.emit({ type: 'state', phase, ...(error ? { error } : {}) })
    },
  )
  stream.signal.addEventListener('abort', stop, { once: true })
}

/** A release as it is now. Rejects with `NotFound`, or with why its records cannot be read. */
export function getRelease(session: Session, ref: ObjectRef): Promise<HelmRelease> {
  return new Promise<HelmRelease>((resolve, reject) => {
    let stop: (() => void) | undefined
    const fail = (error: RpcError): void => {
      reject(new BackendError(error))
      queueMicrotask(() => stop?.())
    }
    stop = followRelease(
      session,
      ref,
      (release) => {
        if (!release) return fail({ reason: 'NotFound', code: 404, message: 'release: not found' })
        resolve(release)
        queueMicrotask(() => stop?.())
      },
      (phase, error) => {
        if (error && (phase === 'forbidden' || phase === 'failed')) fail(error)
      },
    )
  })
}
