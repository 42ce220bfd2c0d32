/**
 * The shapes of Kubernetes objects as they are on the wire, for the whole cluster. `@kubernetes/client-node` ships a
 * type declaration for every model of the stable API; {@link Wire} turns them into what JSON really holds (times are
 * strings). Only types are taken from there: nothing of that package runs inside the cluster.
 */
import type * as k8s from '@kubernetes/client-node'
import { copyJson } from './copy.js'

/** A client model as it is in JSON: a Date is an RFC 3339 string. */
export type Wire<T> = T extends Date ? string : T extends (infer E)[] ? Wire<E>[] : T extends object ? { [K in keyof T]: Wire<T[K]> } : T

export type ObjectMeta = Wire<k8s.V1ObjectMeta>
export type OwnerReference = Wire<k8s.V1OwnerReference>
export type ManagedFieldsEntry = Wire<k8s.V1ManagedFieldsEntry>
export type LabelSelector = Wire<k8s.V1LabelSelector>

/** Any object that can be stored. `metadata` is always there once it has passed through the API. */
export interface KubeObject {
  apiVersion?: string
  kind?: string
  metadata: ObjectMeta
  [field: string]: unknown
}

/** A stored object of a known kind: its metadata is there. */
type Stored<T> = Wire<T> & { metadata: ObjectMeta }

export type Namespace = Stored<k8s.V1Namespace>
export type Node = Stored<k8s.V1Node>
export type Pod = Stored<k8s.V1Pod>
export type PodSpec = Wire<k8s.V1PodSpec>
export type PodStatus = Wire<k8s.V1PodStatus>
export type PodCondition = Wire<k8s.V1PodCondition>
export type PodTemplateSpec = Wire<k8s.V1PodTemplateSpec>
export type Container = Wire<k8s.V1Container>
export type ContainerStatus = Wire<k8s.V1ContainerStatus>
export type Event = Stored<k8s.CoreV1Event>
export type Service = Stored<k8s.V1Service>
export type Endpoints = Stored<k8s.V1Endpoints>
export type EndpointSlice = Stored<k8s.V1EndpointSlice>
export type ConfigMap = Stored<k8s.V1ConfigMap>
export type Secret = Stored<k8s.V1Secret>
export type ServiceAccount = Stored<k8s.V1ServiceAccount>
export type ReplicationController = Stored<k8s.V1ReplicationController>
export type ReplicaSet = Stored<k8s.V1ReplicaSet>
export type Deployment = Stored<k8s.V1Deployment>
export type Lease = Stored<k8s.V1Lease>

/** A list as the API answers it. */
export interface KubeList<T> {
  apiVersion?: string
  kind?: string
  metadata: { resourceVersion?: string; continue?: string; remainingItemCount?: number }
  items: readonly T[]
}

/** `namespace/name`, or the bare name for what has no namespace: the key of caches and work queues. */
export function keyOf(object: { metadata?: { namespace?: string; name?: string } }): string {
  const { namespace, name } = object.metadata ?? {}
  return namespace ? `${namespace}/${name}` : (name ?? '')
}

/** The two halves of a {@link keyOf}; the namespace is empty for what has none. */
export function splitKey(key: string): { namespace: string; name: string } {
  const slash = key.indexOf('/')
  return slash < 0 ? { namespace: '', name: key } : { namespace: key.slice(0, slash), name: key.slice(slash + 1) }
}

/** The reference that makes `owner` control `dependent` (`controller: true`, `blockOwnerDeletion: true`). */
export function controllerRef(apiVersion: string, kind: string, owner: { metadata: ObjectMeta }): OwnerReference {
  return { apiVersion, kind, name: owner.metadata.name!, uid: owner.metadata.uid!, controller: true, blockOwnerDeletion: true }
}

/** The owner that controls an object, if one does. */
export function controllerOf(object: { metadata: ObjectMeta }): OwnerReference | undefined {
  return object.metadata.ownerReferences?.find((r) => r.controller)
}

/** A deep copy to change: objects that come from the API or a cache are frozen. */
export function mutable<T>(object: T): T {
  return copyJson(object)
}
