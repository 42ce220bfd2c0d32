/** Resources and objects of a cluster: how they are named, and what is sent of one that is open. */
import type { RpcError } from './errors.js'

/** Names a resource of a context. */
export interface ResourceRef {
  group: string
  version: string
  /** The plural. */
  resource: string
}

/** Names an object. */
export interface ObjectRef extends ResourceRef {
  namespace?: string
  name: string
}

/** A kind that a context's cluster has, from discovery. */
export interface KindInfo extends ResourceRef {
  kind: string
  namespaced: boolean
  verbs: string[]
  shortNames: string[]
  categories: string[]
  /** It has the subresource `scale`, as what keeps pods has. */
  scale?: true
}

/** What an object stream sends: the whole object, without managedFields, each time it changes. */
export type ObjectEvent =
  | { type: 'object'; object: Record<string, unknown> }
  | { type: 'deleted' }
  | { type: 'state'; phase: 'loading' | 'live' | 'stale' | 'forbidden' | 'missing' | 'failed'; error?: RpcError }

/** An event of an object, for its details. */
export interface EventRow {
  id: string
  type: string
  reason: string
  message: string
  source: string
  count: number
  /** ms since the epoch. */
  first: number
  last: number
}

/** A schema of OpenAPI v3, as far as the window reads it. */
export interface OpenApiSchema {
  $ref?: string
  allOf?: OpenApiSchema[]
  oneOf?: OpenApiSchema[]
  type?: string
  format?: string
  description?: string
  properties?: Record<string, OpenApiSchema>
  additionalProperties?: boolean | OpenApiSchema
  items?: OpenApiSchema
  required?: string[]
  enum?: unknown[]
  default?: unknown
  'x-kubernetes-preserve-unknown-fields'?: boolean
  'x-kubernetes-group-version-kind'?: { group: string; version: string; kind: string }[]
}
