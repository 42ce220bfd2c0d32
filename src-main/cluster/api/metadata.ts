/**
 * The rules of ObjectMeta, the same for all kinds. Follows "Object Names and IDs", "Labels and Selectors", "Annotations",
 * "Finalizers" and "Owners and Dependents" of the Kubernetes documentation, with the messages of the API server.
 */
import { field, type FieldError } from './errors.js'
import { checkFieldManager } from './fieldmanager.js'
import type { Kind } from './kinds/kind.js'
import { dns1123Label, dns1123Subdomain, labelValue, pathSegmentName, qualifiedName, withoutTrailingDash } from './kinds/rules/names.js'
import type { KubeObject, ManagedFieldsEntry, ObjectMeta, OwnerReference } from './object.js'

const LARGEST_ANNOTATIONS = 256 * 1024
const LONGEST_SUBRESOURCE = 256

/** What a finalizer without a domain may be. */
const STANDARD_FINALIZERS = new Set(['kubernetes', 'orphan', 'foregroundDeletion'])

/** Groups whose finalizers need not say whose they are. */
const PLAIN_FINALIZERS = new Set([
  'admissionregistration.k8s.io',
  'apiextensions.k8s.io',
  'apiregistration.k8s.io',
  'coordination.k8s.io',
  'node.k8s.io',
])

/** Checks the metadata of an object that is about to be created, and as the rules of its kind do it when it is updated. */
export function validateMetadata(object: KubeObject, kind: Kind): FieldError[] {
  const errors = validateAll(object, kind, kind.validateName ?? dns1123Subdomain)
  validateFinalizerNames(object.metadata.finalizers, kind, errors)
  return errors
}

/**
 * Checks the metadata of an object that is about to be written over `old`, once it has been through
 * {@link keepSystemFields}. The API server looks at what changed twice, once for all kinds and once in each, and tells both;
 * the rules of many kinds look at all of it again besides.
 * @param part whether only a subresource is written
 */
export function validateMetadataUpdate(object: KubeObject, old: KubeObject, kind: Kind, part: boolean): FieldError[] {
  const changes = validateChanges(object.metadata, old.metadata)
  // The name is that of the stored object, whose kind accepted it.
  const errors = [...validateAll(object, kind, pathSegmentName), ...changes]
  if (kind.metadataApart) return errors
  errors.push(...changes)
  validateFinalizerNames(object.metadata.finalizers, kind, errors)
  const again = part ? 0 : (kind.metadataOnUpdate ?? 0)
  for (let i = 0; i < again; i++) errors.push(...validateMetadata(object, kind))
  return errors
}

/** What is asked of the metadata of every kind. */
function validateAll(object: KubeObject, kind: Kind, checkName: (name: string) => string[]): FieldError[] {
  const errors: FieldError[] = []
  const metadata = object.metadata
  if (metadata.generateName) {
    for (const m of withoutTrailingDash(checkName, metadata.generateName)) {
      errors.push(field.invalid('metadata.generateName', metadata.generateName, m))
    }
  }
  if (!metadata.name) errors.push(field.required('metadata.name', 'name or generateName is required'))
  else for (const m of checkName(metadata.name)) errors.push(field.invalid('metadata.name', metadata.name, m))
  if (kind.namespaced) {
    if (!metadata.namespace) errors.push(field.required('metadata.namespace'))
    else for (const m of dns1123Label(metadata.namespace)) errors.push(field.invalid('metadata.namespace', metadata.namespace, m))
  } else if (metadata.namespace) errors.push(field.forbidden('metadata.namespace', 'not allowed on this type'))
  if ((metadata.generation ?? 0) < 0)
    errors.push(field.invalid('metadata.generation', metadata.generation, 'must be greater than or equal to 0'))
  validateLabels(metadata.labels, 'metadata.labels', errors)
  validateAnnotations(metadata.annotations, 'metadata.annotations', errors)
  validateOwners(metadata.ownerReferences, errors)
  validateFinalizers(metadata.finalizers, errors)
  validateManagedFields(metadata.managedFields, errors)
  return errors
}

/** The keys of a map in the order in which the API server tells what is wrong with them. */
function sortedKeys(map: Record<string, string> | undefined): readonly string[] {
  return Object.keys(map ?? {}).sort()
}

/** Checks a map of labels at a path. */
export function validateLabels(labels: Record<string, string> | undefined, path: string, errors: FieldError[]): void {
  for (const key of sortedKeys(labels)) {
    const value = labels![key]
    for (const m of qualifiedName(key)) errors.push(field.invalid(path, key, m))
    for (const m of labelValue(value ?? '')) errors.push(field.invalid(path, value, m))
  }
}

function validateAnnotations(annotations: Record<string, string> | undefined, path: string, errors: FieldError[]): void {
  let size = 0
  for (const key of sortedKeys(annotations)) {
    // Annotation keys may have capitals in their prefix, for compatibility.
    for (const m of qualifiedName(key.toLowerCase())) errors.push(field.invalid(path, key, m))
    size += Buffer.byteLength(key) + Buffer.byteLength(annotations![key] ?? '')
  }
  if (size > LARGEST_ANNOTATIONS) errors.push(field.tooLong(path, LARGEST_ANNOTATIONS))
}

function validateOwners(owners: readonly OwnerReference[] | undefined, errors: FieldError[]): void {
  const path = 'metadata.ownerReferences'
  const controllers: OwnerReference[] = []
  for (const owner of owners ?? []) {
    const parts = (owner.apiVersion ?? '').split('/')
    const version = parts.length === 2 ? parts[1] : parts[0]
    if (!version || parts.length > 2) errors.push(field.invalid(`${path}.apiVersion`, owner.apiVersion ?? '', 'version must not be empty'))
    if (!owner.kind) errors.push(field.invalid(`${path}.kind`, owner.kind ?? '', 'must not be empty'))
    if (!owner.name) errors.push(field.invalid(`${path}.name`, owner.name ?? '', 'must not be empty'))
    if (!owner.uid) errors.push(field.invalid(`${path}.uid`, owner.uid ?? '', 'must not be empty'))
    if (owner.kind === 'Event' && owner.apiVersion === 'v1')
      errors.push(field.invalid(path, shownOwner(owner), '/v1, Kind=Event is disallowed from being an owner'))
    if (!owner.controller) continue
    controllers.push(owner)
    const [first] = controllers
    if (controllers.length === 1) continue
    const both = `${first!.kind}/${first!.name} and ${owner.kind}/${owner.name}`
    const why = `Only one reference can have Controller set to true. Found "true" in references for ${both}`
    errors.push(field.invalid(path, (owners ?? []).map(shownOwner), why))
  }
}

/** An owner as messages print it: what every one has to have is always there. */
function shownOwner({ apiVersion = '', kind = '', name = '', uid = '', controller, blockOwnerDeletion }: OwnerReference): unknown {
  return { apiVersion, kind, name, uid, controller: controller ?? undefined, blockOwnerDeletion: blockOwnerDeletion ?? undefined }
}

function validateFinalizers(finalizers: readonly string[] | undefined, errors: FieldError[]): void {
  const path = 'metadata.finalizers'
  for (const finalizer of finalizers ?? []) for (const m of qualifiedName(finalizer)) errors.push(field.invalid(path, finalizer, m))
  if (finalizers?.includes('orphan') && finalizers.includes('foregroundDeletion')) {
    errors.push(field.invalid(path, finalizers, 'finalizer orphan and foregroundDeletion cannot be both set'))
  }
}

/** Checks that finalizers say whose they are, which the rules of the kind ask for. */
function validateFinalizerNames(finalizers: readonly string[] | undefined, kind: Kind, errors: FieldError[]): void {
  // Of those of custom resources their server only warns.
  if (typeof kind.model !== 'string' || kind.metadataApart || PLAIN_FINALIZERS.has(kind.group)) return
  ;(finalizers ?? []).forEach((finalizer, i) => {
    if (finalizer.includes('/') || STANDARD_FINALIZERS.has(finalizer)) return
    const why = 'name is neither a standard finalizer name nor is it fully qualified'
    errors.push(field.invalid(`metadata.finalizers[${i}]`, finalizer, why))
  })
}

/** Checks the entries that are to be stored. What a client sent malformed is not among them: it was not taken over. */
function validateManagedFields(entries: readonly ManagedFieldsEntry[] | undefined, errors: FieldError[]): void {
  for (const [i, { manager, subresource }] of (entries ?? []).entries()) {
    const at = `metadata.managedFields[${i}]`
    checkFieldManager(manager ?? '', `${at}.manager`, errors)
    if (Buffer.byteLength(subresource ?? '') > LONGEST_SUBRESOURCE) errors.push(field.tooLong(`${at}.subresource`, LONGEST_SUBRESOURCE))
  }
}

/**
 * Takes over from the stored object what an update may leave out or not say, in place: uid, creationTimestamp,
 * deletion times, generation.
 */
export function keepSystemFields(metadata: ObjectMeta, old: ObjectMeta): void {
  const to = metadata as Record<string, unknown>
  const from = old as Record<string, unknown>
  for (const name of ['creationTimestamp', 'generation', 'selfLink']) {
    if (from[name] === undefined) delete to[name]
    else to[name] = from[name]
  }
  if (!metadata.uid && old.uid) metadata.uid = old.uid
  // A deletion that has begun is neither taken back nor moved: what an update says of it is not looked at.
  if (old.deletionTimestamp) metadata.deletionTimestamp = old.deletionTimestamp
  if (old.deletionGracePeriodSeconds !== undefined && (metadata.deletionGracePeriodSeconds ?? null) === null) {
    metadata.deletionGracePeriodSeconds = old.deletionGracePeriodSeconds
  }
}

/** Checks what an update may not change, and what an update is asked besides. */
function validateChanges(metadata: ObjectMeta, old: ObjectMeta): FieldError[] {
  const errors: FieldError[] = []
  if (old.deletionTimestamp) {
    const added = (metadata.finalizers ?? []).filter((f) => !old.finalizers?.includes(f))
    if (added.length > 0) {
      const text = `no new finalizers can be added if the object is being deleted, found new finalizers ${goStrings(added)}`
      errors.push(field.forbidden('metadata.finalizers', text))
    }
  }
  const immutable = (name: keyof ObjectMeta): void => {
    if ((metadata[name] ?? '') !== (old[name] ?? ''))
      errors.push(field.invalid(`metadata.${name}`, metadata[name] ?? null, 'field is immutable'))
  }
  immutable('name')
  immutable('namespace')
  immutable('uid')
  immutable('creationTimestamp')
  immutable('deletionTimestamp')
  immutable('deletionGracePeriodSeconds')
  validateLabels(metadata.labels, 'metadata.labels', errors)
  validateAnnotations(metadata.annotations, 'metadata.annotations', errors)
  validateOwners(metadata.ownerReferences, errors)
  validateManagedFields(metadata.managedFields, errors)
  return errors
}

/** A list of strings as Go's `%#v` prints it, which some messages of the API hold. */
export function goStrings(list: readonly string[]): string {
  return `[]string{${list.map((s) => JSON.stringify(s)).join(', ')}}`
}
