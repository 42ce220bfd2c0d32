/** Follows the records of releases, in Secrets and in ConfigMaps, and keeps which revisions each release has. */
import type { ListEvent, RpcError } from '../rpc/contract.js'
import type { Session } from '../session/session.js'
import { RECORD_TYPE, recordOf, releaseKey, type ReleaseRecord } from './release-record.js'

type Phase = Extract<ListEvent, { type: 'state' }>['phase']
/** The worst phase of several namespaces is what is told. */
const severity: Phase[] = ['live', 'stale', 'loading', 'failed', 'forbidden']

/** Where Helm keeps records: Secrets, unless HELM_DRIVER says ConfigMaps. */
const STORAGES = [
  { storage: 'Secret', resource: 'secrets', fieldSelector: `type=${RECORD_TYPE}` },
  { storage: 'ConfigMap', resource: 'configmaps', fieldSelector: undefined },
] as const

export interface ReleaseListener {
  /** These releases have changed, or have gone; only once {@link listed} was told. */
  changed(keys: ReadonlySet<string>, releases: KnownReleases): void
  /** All that there are at first are known. */
  listed(releases: KnownReleases): void
  state(phase: Phase, error?: RpcError): void
}

/** The releases that are known, by {@link releaseKey}: their records, the newest revision first. */
export type KnownReleases = ReadonlyMap<string, readonly ReleaseRecord[]>

/**
 * Follows the releases of namespaces, of all when there are none; gives a function that ends it. Who may not read ConfigMaps sees those in
 * Secrets; what happens to the Secrets is what is told.
 */
export function followReleases(
  session: Session,
  where: { namespaces?: readonly string[]; labelSelector?: string | undefined },
  listener: ReleaseListener,
): () => void {
  const releases = new Map<string, ReleaseRecord[]>()
  const holders = new Map<string, ReleaseRecord>()
  const namespaces = where.namespaces?.length ? where.namespaces : [undefined]
  const parts = namespaces.flatMap((namespace) => STORAGES.map((s) => ({ ...s, namespace, done: false, ids: new Set<string>() })))
  const phases = new Map<string | undefined, { phase: Phase; error?: RpcError }>(namespaces.map((n) => [n, { phase: 'loading' }]))
  let complete = false
  let told = ''

  const tell = (): void => {
    const worst = [...phases.values()].reduce((a, b) => (severity.indexOf(b.phase) > severity.indexOf(a.phase) ? b : a))
    const key = `${worst.phase} ${worst.error?.message ?? ''}`
    if (key === told || (worst.phase === 'live' && !complete)) return
    told = key
    listener.state(worst.phase, worst.error)
  }
  const completed = (): void => {
    if (complete || !parts.every((p) => p.done)) return
    complete = true
    listener.listed(releases)
    told = ''
    tell()
  }
  const arrange = (keys: ReadonlySet<string>): void => {
    for (const key of keys) {
      const left = (releases.get(key) ?? []).filter((r) => holders.get(r.id) === r).sort((a, b) => b.revision - a.revision)
      if (left.length) releases.set(key, left)
      else releases.delete(key)
    }
    if (complete && keys.size) listener.changed(keys, releases)
  }
  const forget = (part: (typeof parts)[number], ids: Iterable<string>, keys = new Set<string>()): Set<string> => {
    for (const id of ids) {
      const record = holders.get(id)
      if (!record || !part.ids.delete(id)) continue
      holders.delete(id)
      keys.add(releaseKey(record))
    }
    return keys
  }

  const stops = parts.map((part) =>
    session.watches.subscribe<ReleaseRecord>(
      {
        resource: { group: '', version: 'v1', resource: part.resource },
        ...(part.namespace ? { namespace: part.namespace } : {}),
        ...(part.fieldSelector ? { fieldSelector: part.fieldSelector } : {}),
        labelSelector: ['owner=helm', where.labelSelector].filter(Boolean).join(','),
        projection: 'helm-release',
        project: (object) => recordOf(object, part.storage),
      },
      {
        reset: () => arrange(forget(part, [...part.ids])),
        changes: (upserts, removes) => {
          const keys = forget(part, removes)
          for (const record of upserts) {
            const key = releaseKey(record)
            keys.add(key)
            part.ids.add(record.id)
            holders.set(record.id, record)
            releases.set(key, [...(releases.get(key) ?? []).filter((r) => r.id !== record.id), record])
          }
          arrange(keys)
        },
        listed: () => {
          part.done = true
          completed()
        },
        state: (phase, error) => {
          if (part.storage === 'Secret') {
            phases.set(part.namespace, { phase, ...(error ? { error } : {}) })
            tell()
          }
          if (phase === 'forbidden' || (phase === 'failed' && part.storage === 'ConfigMap')) {
            part.done = true
            completed()
          }
        },
      },
    ),
  )
  return () => stops.forEach((stop) => stop())
}
