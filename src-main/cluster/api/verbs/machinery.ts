/** What every verb works with: the store, the kinds, admission, and the request it serves. */
import type { AdmissionAttributes, AdmissionOperation, GroupVersionKind } from '../../access/admission/plugin.js'
import type { Clock } from '../../clock.js'
import type { Random } from '../../random.js'
import { WriteConflictError, type Store } from '../../store/store.js'
import type { Admission } from '../admission.js'
import type { UserInfo } from '../client.js'
import { copyObject } from '../copy.js'
import type { KindSet } from '../kindset.js'
import { prefixOf, storageKey, viewOf } from '../kindset.js'
import type { Kind, RuleContext } from '../kinds/kind.js'
import type { KubeObject } from '../object.js'
import type { ServerMetrics } from '../server-metrics.js'
import type { FieldManagement } from './fieldmanagement.js'

/** How unknown and duplicate fields are treated. */
export type FieldValidation = 'Strict' | 'Warn' | 'Ignore'

/** The parts of an API server that verbs need. */
export interface Machinery {
  readonly store: Store
  readonly clock: Clock
  readonly random: Random
  readonly kinds: KindSet
  readonly admission: Admission
  /** Tells whether somebody may do something: the answer of the authorizer. */
  readonly decide: AdmissionAttributes['decide']
  readonly fields: FieldManagement
  /** What the server measures of its work. */
  readonly metrics: ServerMetrics
}

/** One request, past authorisation. */
export interface Call {
  readonly user: UserInfo
  /** Empty at cluster scope. */
  readonly namespace: string
  readonly dryRun: boolean
  /** Who owns the fields that are written; empty when it cannot be said. */
  readonly fieldManager: string
  readonly fieldValidation: FieldValidation
  /** Texts for Warning headers are added here. */
  readonly warnings: string[]
}

/** What a write answers: JSON bytes are at hand when it was stored. */
export interface Answer {
  readonly object: KubeObject
  readonly bytes?: Buffer | undefined
  /** Set when the object was made by this request. */
  readonly created?: boolean
}

type Lookups = Pick<RuleContext, 'lookup' | 'lookupAll'>

const lookups = new WeakMap<Machinery, Lookups>()

/** Reads for rules and admission, with no access check. */
function lookupsOf(m: Machinery): Lookups {
  let made = lookups.get(m)
  if (!made) {
    made = {
      lookup(group, resource, namespace, name) {
        const kind = m.kinds.findResource(group, resource)
        const stored = kind && m.store.get(storageKey(kind, namespace, name))
        return stored && viewOf(kind, stored).object
      },
      lookupAll(group, resource, namespace) {
        const kind = m.kinds.findResource(group, resource)
        return kind ? m.store.list(prefixOf(kind, namespace)).items.map((s) => viewOf(kind, s).object) : []
      },
    }
    lookups.set(m, made)
  }
  return made
}

/** What the rules of `kind`, the version that the client writes in, see of the world. */
export function ruleContext(m: Machinery, kind: Kind, call: Call, subresource = ''): RuleContext {
  const { lookup, lookupAll } = lookupsOf(m)
  const { user, namespace, dryRun } = call
  const warn = (text: string): void => void call.warnings.push(text)
  return { user, namespace, clock: m.clock, random: m.random, dryRun, subresource, sentGroup: kind.group, warn, lookup, lookupAll }
}

/** One write on its way through admission. */
export interface Write {
  /** The kind whose rules hold. */
  readonly kind: Kind
  /** The version that the client writes in, where it is another. */
  readonly requested?: Kind
  /** What kind the objects are of, where that is not the kind of the resource: `Scale`. */
  readonly objectKind?: GroupVersionKind
  readonly operation: AdmissionOperation
  readonly object: KubeObject | undefined
  readonly oldObject: KubeObject | undefined
  readonly name: string
  readonly subresource: string
}

/** What admission is shown of a write: made once and passed to both of its turns. */
export function attributesOf(m: Machinery, call: Call, write: Write): AdmissionAttributes {
  const { lookup, lookupAll } = lookupsOf(m)
  const requested = write.requested ?? write.kind
  return {
    kind: write.kind,
    requested,
    versions: () => m.kinds.versionsOf(requested),
    objectKind: write.objectKind ?? requested,
    operation: write.operation,
    object: write.object,
    oldObject: write.oldObject,
    name: write.name,
    subresource: write.subresource,
    namespace: call.namespace,
    user: call.user,
    dryRun: call.dryRun,
    clock: m.clock,
    random: m.random,
    decide: m.decide,
    lookup,
    lookupAll,
    resourceOf: (group, version, kind) => m.kinds.findKind(group, version, kind),
    updateStored: (group, resource, namespace, name, change) => updateStored(m, call, group, resource, namespace, name, change),
    warn: (text) => void call.warnings.push(text),
  }
}

async function updateStored(
  m: Machinery,
  call: Call,
  group: string,
  resource: string,
  namespace: string,
  name: string,
  change: (object: KubeObject) => void,
): Promise<void> {
  const kind = m.kinds.findResource(group, resource)
  if (!kind || call.dryRun) return
  const key = storageKey(kind, namespace, name)
  for (;;) {
    const stored = m.store.get(key)
    if (!stored) return
    const object = copyObject(stored.object)
    change(object)
    try {
      await m.store.put(key, object, stored.modRevision)
      return
    } catch (error) {
      if (!(error instanceof WriteConflictError)) throw error
    }
  }
}
