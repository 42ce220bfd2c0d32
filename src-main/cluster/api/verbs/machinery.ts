/** What every verb works with: the store, the kinds, admission, and the request it serves. */
import type { AdmissionAttributes, AdmissionOperation, AdmissionPlugin } from '../../access/admission/plugin.js'
import type { Clock } from '../../clock.js'
import type { Random } from '../../random.js'
import { WriteConflictError, type Store } from '../../store/store.js'
import type { UserInfo } from '../client.js'
import { copyJson } from '../copy.js'
import type { KindSet } from '../kindset.js'
import { prefixOf, storageKey, viewOf } from '../kindset.js'
import type { Kind, RuleContext } from '../kinds/kind.js'
import type { KubeObject } from '../object.js'
import type { FieldManagement } from './fieldmanagement.js'

/** How unknown and duplicate fields are treated. */
export type FieldValidation = 'Strict' | 'Warn' | 'Ignore'

/** The parts of an API server that verbs need. */
export interface Machinery {
  readonly store: Store
  readonly clock: Clock
  readonly random: Random
  readonly kinds: KindSet
  readonly admission: readonly AdmissionPlugin[]
  readonly fields: FieldManagement
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

/** Reads for rules and admission, with no access check. */
function lookups(m: Machinery): Pick<RuleContext, 'lookup' | 'lookupAll'> {
  return {
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
}

export function ruleContext(m: Machinery, call: Call, subresource = ''): RuleContext {
  return { user: call.user, namespace: call.namespace, clock: m.clock, random: m.random, dryRun: call.dryRun, subresource, ...lookups(m) }
}

/** One write on its way through admission. */
export interface Write {
  readonly kind: Kind
  readonly operation: AdmissionOperation
  readonly object: KubeObject | undefined
  readonly oldObject: KubeObject | undefined
  readonly name: string
  readonly subresource: string
}

function attributes(m: Machinery, call: Call, write: Write): AdmissionAttributes {
  return {
    ...write,
    namespace: call.namespace,
    user: call.user,
    dryRun: call.dryRun,
    clock: m.clock,
    random: m.random,
    ...lookups(m),
    updateStored: (group, resource, namespace, name, change) => updateStored(m, call, group, resource, namespace, name, change),
    warn: (text) => void call.warnings.push(text),
  }
}

/** Lets admission change the object, in place. */
export async function admitMutating(m: Machinery, call: Call, write: Write): Promise<void> {
  const a = attributes(m, call, write)
  for (const plugin of m.admission) await plugin.mutate?.(a)
}

/** Lets admission refuse the object as it is about to be stored. */
export async function admitValidating(m: Machinery, call: Call, write: Write): Promise<void> {
  const a = attributes(m, call, write)
  for (const plugin of m.admission) await plugin.validate?.(a)
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
    const object = copyJson(stored.object)
    change(object)
    try {
      await m.store.put(key, object, stored.modRevision)
      return
    } catch (error) {
      if (!(error instanceof WriteConflictError)) throw error
    }
  }
}
