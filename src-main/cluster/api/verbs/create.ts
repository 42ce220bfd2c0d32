/** The verb create. */
import { alreadyExists, badRequest, invalid, withoutReason, type FieldError } from '../errors.js'
import { rfc3339 } from '../../clock.js'
import { WriteConflictError } from '../../store/store.js'
import { deepFreeze } from '../../store/version.js'
import { copyJson } from '../copy.js'
import { apiVersionOf, arranged, storageKey, viewOf } from '../kindset.js'
import type { Kind, RuleContext } from '../kinds/kind.js'
import { validateMetadata } from '../metadata.js'
import type { KubeObject } from '../object.js'
import { dropRepeatedOwners } from './ownerreferences.js'
import { resetFields } from './resetfields.js'
import { store } from './storing.js'
import type { Tracking } from './update.js'
import { attributesOf, ruleContext, type Answer, type Call, type Machinery } from './machinery.js'

/** A generated name is at most 63 characters long: 58 of the prefix and a suffix of five. */
const LONGEST_PREFIX = 58
const SUFFIX = 5
/** How often a generated name that is taken is drawn again. */
const NAME_ATTEMPTS = 8

/**
 * Creates an object. It is changed on the way and must not be shared. Throws the API's refusals; WriteConflictError
 * never comes out.
 */
export function create(m: Machinery, kind: Kind, call: Call, sent: KubeObject): Promise<Answer> {
  dropRepeatedOwners(sent, call, 'client')
  return createTracked(m, kind, call, sent, 'update')
}

/** Creates what a server-side apply made: its managedFields are there already. */
export function createApplied(m: Machinery, kind: Kind, call: Call, sent: KubeObject): Promise<Answer> {
  return createTracked(m, kind, call, sent, 'applied')
}

/** Refuses what is created with another namespace than that of the URL. */
export function checkNamespace(metadata: KubeObject['metadata'], namespace: string): void {
  if (!metadata.namespace || metadata.namespace === namespace) return
  throw badRequest('the namespace of the provided object does not match the namespace sent on the request')
}

async function createTracked(m: Machinery, kind: Kind, call: Call, sent: KubeObject, tracking: Tracking): Promise<Answer> {
  const metadata = (sent.metadata ??= {})
  if (kind.namespaced) {
    checkNamespace(metadata, call.namespace)
    if (!call.namespace) throw badRequest('an empty namespace may not be set during creation')
    metadata.namespace = call.namespace
  } else delete metadata.namespace
  const generated = !metadata.name && metadata.generateName ? metadata.generateName.slice(0, LONGEST_PREFIX) : undefined
  for (let attempt = 1; ; attempt++) {
    // A name that was taken is drawn again, and with it the whole write: admission may have looked at the name.
    const object = attempt === 1 && generated === undefined ? sent : copyJson(sent)
    try {
      return await createNamed(m, kind, call, object, tracking, generated)
    } catch (error) {
      if (!(error instanceof WriteConflictError)) throw error
      if (generated !== undefined && attempt < NAME_ATTEMPTS) continue
      throw alreadyExists({ group: kind.group, resource: kind.plural }, object.metadata.name ?? generated ?? '', {
        leaving: error.actual?.object.metadata.deletionTimestamp !== undefined,
        drawn: Boolean(metadata.generateName),
      })
    }
  }
}

/**
 * Throws WriteConflictError when the name is taken.
 * @param generated what a name is drawn for that the object does not have, once it may be changed no more
 */
async function createNamed(
  m: Machinery,
  kind: Kind,
  call: Call,
  sent: KubeObject,
  tracking: Tracking,
  generated: string | undefined,
): Promise<Answer> {
  const rules = m.kinds.rulesOf(kind)
  const context = ruleContext(m, kind, call)
  kind.setDefaults?.(sent)
  const object = kind.storedAs ? kind.storedAs.toStored(sent) : sent
  const write = {
    kind: rules,
    requested: kind,
    operation: 'CREATE',
    object,
    oldObject: undefined,
    name: object.metadata.name ?? '',
    subresource: '',
  } as const
  const { metadata } = object
  // What admission adds, such as the token volume of a pod, nobody owns: it was not the client who asked for it.
  if (tracking === 'update') track(m, kind, call, undefined, object, '')
  const attributes = attributesOf(m, call, write)
  await m.admission.admit(attributes)
  dropRepeatedOwners(object, call, 'admission')

  if (generated !== undefined) metadata.name ||= generated + m.random.suffix(SUFFIX)
  delete metadata.deletionTimestamp
  delete metadata.deletionGracePeriodSeconds
  delete metadata.selfLink
  metadata.uid = m.random.uuid()
  metadata.creationTimestamp = rfc3339(m.clock.now())
  if (rules.generational) metadata.generation = 1
  else delete metadata.generation
  rules.prepareForCreate?.(object, context)
  const name = metadata.name ?? ''
  const errors = creationFaults(kind, rules, object, context)
  if (errors.length > 0) throw invalid(kind, name, errors)
  await m.admission.validate(generated === undefined ? attributes : { ...attributes, name })
  call.warnings.push(...(rules.warnings?.(object, undefined) ?? []))

  // What is no number says nothing. It is the store that refuses one, so that a dry run does not.
  const hasRevision = /^0*[1-9]\d*$/.test(metadata.resourceVersion ?? '')
  // Only holds its place among the metadata: the store says which it is.
  if (!call.dryRun) metadata.resourceVersion = '0'
  const final = arranged(rules, object)
  const key = storageKey(rules, metadata.namespace ?? '', name)
  if (call.dryRun) {
    const present = m.store.get(key)
    if (present) throw new WriteConflictError(key, present)
    return { object: deepFreeze(kind.storedAs ? arranged(kind, kind.storedAs.fromStored(final)) : final), created: true }
  }
  if (hasRevision) throw withoutReason('resourceVersion should not be set on objects to be created')
  const view = viewOf(kind, await store(m, key, final, 0, tracking))
  return { object: view.object, bytes: view.bytes, created: true }
}

/** What is wrong with an object that is to be created, in the order in which the API server tells it. */
export function creationFaults(kind: Kind, rules: Kind, object: KubeObject, context: RuleContext): FieldError[] {
  const metadata = validateMetadata(object, rules)
  const others = [
    ...(rules.validate?.(object, context) ?? []),
    ...(rules.validateCreate?.(object, context) ?? []),
    ...(kind.storedAs?.validateCreate?.(object) ?? []),
  ]
  return rules.metadataApart && others.length > 0 ? others : [...metadata, ...others]
}

/**
 * Records in managedFields which fields this write sets, as they are called in the version that the client writes in.
 * The objects are as they are stored.
 */
export function track(m: Machinery, kind: Kind, call: Call, old: KubeObject | undefined, object: KubeObject, subresource: string): void {
  if (!call.fieldManager) {
    if (old?.metadata.managedFields) object.metadata.managedFields = old.metadata.managedFields
    return
  }
  const rules = m.kinds.rulesOf(kind)
  const seen = (o: KubeObject): KubeObject => (rules === kind ? o : kind.storedAs!.fromStored(o))
  const written = seen(object)
  m.fields.trackUpdate({
    old: old && seen(old),
    new: written,
    manager: call.fieldManager,
    operation: 'Update',
    subresource,
    resets: resetFields(rules, subresource),
    model: kind.model,
    apiVersion: apiVersionOf(kind),
    apiVersions: kind.storedAs?.apiVersions,
    time: rfc3339(m.clock.now()),
  })
  const { managedFields } = written.metadata
  if (managedFields) object.metadata.managedFields = managedFields
  else delete object.metadata.managedFields
}
