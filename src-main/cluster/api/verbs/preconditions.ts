/** What a client may say of the version that it means to change: its uid and its resourceVersion. */
import { conflict, OPTIMISTIC_LOCK, withoutReason, type StatusError } from '../errors.js'
import type { Kind } from '../kinds/kind.js'
import type { StoredObject } from '../../store/store.js'

/** Resources whose place in a real cluster's etcd is not their plural. */
const PLACES: Readonly<Record<string, string>> = {
  endpoints: 'services/endpoints',
  ingresses: 'ingress',
  nodes: 'minions',
  replicationcontrollers: 'controllers',
  services: 'services/specs',
}
/** Groups whose name is part of the place, besides those of custom resources. */
const WITH_GROUP = ['apiextensions.k8s.io', 'apiregistration.k8s.io']

const LARGEST_REVISION = 2n ** 64n - 1n

/** The key of an object in a real cluster's etcd, which some messages hold. */
export function etcdKey(kind: Kind, namespace: string, name: string): string {
  const grouped = typeof kind.model !== 'string' || WITH_GROUP.includes(kind.group)
  const place = grouped ? `${kind.group}/${kind.plural}` : (PLACES[kind.plural] ?? kind.plural)
  return ['/registry', place, ...(kind.namespaced && namespace ? [namespace] : []), name].join('/')
}

/** 409: the object is not the one that was meant. `is` is empty when there is none. */
export function preconditionFailed(
  kind: Kind,
  namespace: string,
  name: string,
  what: 'UID' | 'ResourceVersion',
  wanted: string,
  is: string,
): StatusError {
  const why = `Precondition failed: ${what} in precondition: ${wanted}, ${what} in object meta: ${is}`
  const told = `StorageError: invalid object, Code: 4, Key: ${etcdKey(kind, namespace, name)}, ResourceVersion: 0, AdditionalErrorMsg: ${why}`
  return conflict({ group: kind.group, resource: kind.plural }, name, told)
}

/** What is wrong with a resourceVersion, as its parser says it; nothing when it is a number. */
export function problemOfRevision(text: string): string | undefined {
  const why = !/^\d+$/.test(text) ? 'invalid syntax' : BigInt(text) > LARGEST_REVISION ? 'value out of range' : undefined
  return why && `strconv.ParseUint: parsing ${JSON.stringify(text)}: ${why}`
}

/**
 * The resourceVersion that a written object names; 0, which is that of none, when it names none. Throws a 500 without a
 * reason for what is no number, as the API server does.
 */
export function namedRevision(text: string | undefined): bigint {
  if (!text) return 0n
  const why = problemOfRevision(text)
  if (why) throw withoutReason(why)
  return BigInt(text)
}

/** Throws a 409 when a named revision is not that of the stored object; 0 stands for any. */
export function checkRevision(kind: Kind, name: string, revision: bigint, stored: StoredObject): void {
  if (revision !== 0n && revision !== BigInt(stored.modRevision))
    throw conflict({ group: kind.group, resource: kind.plural }, name, OPTIMISTIC_LOCK)
}
