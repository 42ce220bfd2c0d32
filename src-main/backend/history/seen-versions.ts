/**
 * The versions of objects that came by while their details were open: a bounded ring for each, in memory alone. Of Secrets it keeps which
 * values were the same, and none of the values.
 */
import { createHmac, randomBytes } from 'node:crypto'
import { isMap } from '../apply/fields.js'
import { toYaml } from '../apply/yaml.js'
import { problem } from '../errors.js'
import type { Json } from '../kinds/kind.js'
import type { ObjectRef, SeenVersion } from '../rpc/contract.js'
import { changedFields, walkFields } from './managed-fields.js'

/** Versions kept of one object, and how much text they may have together. */
const MOST_VERSIONS = 50
const MOST_TEXT = 4 * 1024 * 1024
/** Objects of which versions are kept; the one that was not looked at for the longest goes first. */
const MOST_OBJECTS = 200

const APPLIED = 'kubectl.kubernetes.io/last-applied-configuration'
/** What changes with every version and says nothing. */
const COUNTERS = ['resourceVersion', 'generation', 'managedFields']

interface Kept {
  seen: SeenVersion
  /** The object without managedFields, as JSON. */
  text: string
}

interface Ring {
  versions: Kept[]
  /** The last version's, to tell who made the next one. */
  managedFields: Json[]
  /** Digests of the values that each key of a Secret had, by which they are numbered. */
  values: Map<string, string[]>
}

const isSecret = (ref: ObjectRef): boolean => ref.group === '' && ref.resource === 'secrets'
const keyOf = (context: string, ref: ObjectRef): string => [context, ref.group, ref.resource, ref.namespace ?? '', ref.name].join('|')

/** An object as it may be shown and kept: values of Secrets are `mask(field, value)`. */
export function masked(ref: ObjectRef, object: Json, mask: (field: string, value: string) => string = () => '***'): Json {
  const { managedFields: _, ...metadata } = object.metadata ?? {}
  const out = { ...object, metadata }
  if (!isSecret(ref)) return out
  for (const part of ['data', 'stringData'])
    if (isMap(out[part])) out[part] = Object.fromEntries(Object.entries(out[part]).map(([k, v]) => [k, mask(`${part}.${k}`, String(v))]))
  // It holds the whole Secret once more.
  if (metadata.annotations?.[APPLIED]) out.metadata = { ...metadata, annotations: { ...metadata.annotations, [APPLIED]: '***' } }
  return out
}

export class SeenVersions {
  private readonly rings = new Map<string, Ring>()
  private readonly secret = randomBytes(32)
  private serial = 0

  /** @param now the machine's time, ms */
  constructor(private readonly now: () => number = Date.now) {}

  /** Keeps a version, unless it is the one that was kept last. */
  record(context: string, ref: ObjectRef, object: Json): void {
    const ring = this.ring(context, ref)
    const resourceVersion: string = object.metadata?.resourceVersion ?? ''
    const last = ring.versions.at(-1)
    if (last?.seen.resourceVersion === resourceVersion && !last.seen.deleted) return
    const { metadata, ...rest } = masked(ref, object, (field, value) => `*** (value ${this.number(ring, field, value)})`)
    // It is told beside each version, and is no difference.
    const { resourceVersion: _, ...named } = metadata
    const kept = { ...rest, metadata: named }
    const before = last && !last.seen.deleted ? (JSON.parse(last.text) as Json) : undefined
    const managedFields = (object.metadata?.managedFields ?? []) as Json[]
    const makers = before ? whoChanged(ring.managedFields, managedFields, before, kept) : []
    const times = makers.map((m) => Date.parse(m.time ?? '')).filter((t) => t > 0)
    this.push(ring, {
      seen: {
        id: ++this.serial,
        time: times.length ? Math.max(...times) : this.now(),
        resourceVersion,
        by: makers.map(({ manager = '', operation = '', subresource }) => ({
          manager,
          operation,
          ...(subresource ? { subresource } : {}),
        })),
        changed: before ? changedFields(withoutCounters(before), withoutCounters(kept)) : [],
      },
      text: JSON.stringify(kept),
    })
    ring.managedFields = managedFields
  }

  /** Keeps that an object was deleted. */
  recordDeleted(context: string, ref: ObjectRef): void {
    const ring = this.ring(context, ref)
    const last = ring.versions.at(-1)
    if (!last || last.seen.deleted) return
    const { resourceVersion } = last.seen
    this.push(ring, { seen: { id: ++this.serial, time: this.now(), resourceVersion, by: [], changed: [], deleted: true }, text: '{}' })
  }

  /** What was seen of an object, the newest first. */
  of(context: string, ref: ObjectRef): SeenVersion[] {
    return (this.rings.get(keyOf(context, ref))?.versions ?? []).map((v) => v.seen).reverse()
  }

  /** Two versions as YAML. Throws `NotFound` when one is not kept any more. */
  compare(context: string, ref: ObjectRef, from: number, to: number): { from: string; to: string } {
    const versions = this.rings.get(keyOf(context, ref))?.versions ?? []
    const yaml = (id: number): string => {
      const kept = versions.find((v) => v.seen.id === id)
      if (!kept) throw problem('NotFound', 'versionGone')
      return kept.seen.deleted ? '' : toYaml(JSON.parse(kept.text))
    }
    return { from: yaml(from), to: yaml(to) }
  }

  /** Forgets all of a context. */
  forget(context: string): void {
    for (const key of this.rings.keys()) if (key.startsWith(`${context}|`)) this.rings.delete(key)
  }

  private ring(context: string, ref: ObjectRef): Ring {
    const key = keyOf(context, ref)
    const ring = this.rings.get(key) ?? { versions: [], managedFields: [], values: new Map<string, string[]>() }
    this.rings.delete(key)
    this.rings.set(key, ring)
    if (this.rings.size > MOST_OBJECTS) this.rings.delete(this.rings.keys().next().value!)
    return ring
  }

  private push(ring: Ring, kept: Kept): void {
    ring.versions.push(kept)
    let size = ring.versions.reduce((n, v) => n + v.text.length, 0)
    while (ring.versions.length > MOST_VERSIONS || (ring.versions.length > 2 && size > MOST_TEXT))
      size -= ring.versions.shift()!.text.length
  }

  /** Which of the values that a key had this is, from 1. */
  private number(ring: Ring, field: string, value: string): number {
    const digest = createHmac('sha256', this.secret).update(value).digest('base64')
    const known = ring.values.get(field) ?? []
    if (!known.includes(digest)) known.push(digest)
    ring.values.set(field, known)
    return known.indexOf(digest) + 1
  }
}

function withoutCounters(object: Json): Json {
  const metadata = Object.fromEntries(Object.entries(object.metadata ?? {}).filter(([k]) => !COUNTERS.includes(k)))
  return { ...object, metadata }
}

/** The paths of the fields that an entry of managedFields owns. */
function pathsOf(entry: Json): string[] {
  const paths: string[] = []
  walkFields(entry.fieldsV1, undefined, (path) => void paths.push(path))
  return paths
}

/**
 * The managers that made one version of another: those whose entry is new, tells another time or has a field more, and else those who own
 * what has changed, as two changes within a second leave the times alone.
 */
function whoChanged(previous: readonly Json[], now: readonly Json[], before: Json, after: Json): Json[] {
  const same = (e: Json): Json =>
    previous.find((p) => p.manager === e.manager && p.operation === e.operation && p.subresource === e.subresource)
  const touched = now.filter((e) => {
    const old = same(e)
    if (!old || old.time !== e.time) return true
    // Who only lost a field to another manager changed nothing.
    const owned = new Set(pathsOf(old))
    return pathsOf(e).some((path) => !owned.has(path))
  })
  if (touched.length) return touched
  return now.filter((e) => {
    const values = (object: Json): string => {
      const found: Json[] = []
      walkFields(e.fieldsV1, object, (path, value) => void (path && found.push([path, value ?? null])))
      return JSON.stringify(found)
    }
    return values(before) !== values(after)
  })
}
