/** How the objects of namespaces hang together: what owns, routes to, scales, guards and uses what. */
import type { KindInfo, ObjectRef } from './resources.js'

/** An object of a map. */
export interface RelatedObject {
  /** Names it within the graph, as addresses do: `deployments.apps/shop/web`. */
  id: string
  kind: KindInfo
  ref: ObjectRef
  /** A word or two on how it is: `Running`, `3/4`; empty when there is nothing to say. */
  status: string
  tone?: 'ok' | 'warn' | 'bad' | 'busy' | 'off'
  /** Something refers to it, but it is not there. */
  missing?: boolean
}

/**
 * One line of a map, from what acts to what is acted on: an owner to its child, an Ingress to a Service, a Service to the workload
 * whose pods it selects, an autoscaler or a disruption budget to its workload, a workload or pod to what it reads or mounts.
 */
export interface Relation {
  from: string
  to: string
  type: 'owns' | 'routes' | 'selects' | 'scales' | 'guards' | 'uses'
}

export interface RelationGraph {
  objects: RelatedObject[]
  relations: Relation[]
  /** Kinds of which there are more than were read. */
  cut: string[]
  /** Kinds that the user may not list. */
  forbidden: string[]
}
