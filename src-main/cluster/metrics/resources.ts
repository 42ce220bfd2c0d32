/** The metrics of pods and nodes as resources of the API: `metrics.k8s.io/v1beta1` and the histories of `drydock.dev/v1`. */
import { resources, type Informers } from '../api/client.js'
import { notFound } from '../api/errors.js'
import type { Kind } from '../api/kinds/kind.js'
import { nodeMetrics, type NodeMetrics } from '../api/kinds/nodemetrics.js'
import { podMetrics, type PodMetrics, type Usage } from '../api/kinds/podmetrics.js'
import { canonicalQuantity } from '../api/kinds/rules/quantity.js'
import { nodeUsageHistory, podUsageHistory, type UsageHistoryObject } from '../api/kinds/usagehistory.js'
import type { Node, ObjectMeta, Pod } from '../api/object.js'
import { rfc3339, type Clock } from '../clock.js'
import { goDuration } from '../go-duration.js'
import type { MetricsCollector } from './collector.js'
import { STEP_MS, type UsagePoint } from './history.js'

/** The kinds to add to an API server. Which pods and nodes there are is told by the informers. */
export function metricsKinds(collector: MetricsCollector, informers: Informers, clock: Clock): Kind[] {
  const pods = informers.for<Pod>(resources.pods)
  const nodes = informers.for<Node>(resources.nodes)
  const { history } = collector

  /** An object is made when it is asked for, and says so. */
  const metadataOf = ({ name, namespace, labels }: ObjectMeta): ObjectMeta => ({
    name: name!,
    ...(namespace ? { namespace } : {}),
    creationTimestamp: rfc3339(clock.now()),
    ...(labels ? { labels } : {}),
  })

  const metricsOfPod = (pod: Pod): PodMetrics | undefined => {
    const { namespace, name, uid } = pod.metadata
    const measure = collector.pod(namespace!, name!)
    if (!measure || measure.uid !== uid || pod.status?.phase !== 'Running') return undefined
    return {
      kind: 'PodMetrics',
      apiVersion: 'metrics.k8s.io/v1beta1',
      metadata: metadataOf(pod.metadata),
      timestamp: rfc3339(measure.timestamp),
      window: goDuration(measure.windowMs),
      containers: measure.containers.map((c) => ({ name: c.name, usage: usageOf(c) })),
    }
  }
  const metricsOfNode = (node: Node): NodeMetrics | undefined => {
    const measure = collector.node(node.metadata.name!)
    if (!measure) return undefined
    return {
      kind: 'NodeMetrics',
      apiVersion: 'metrics.k8s.io/v1beta1',
      metadata: metadataOf(node.metadata),
      timestamp: rfc3339(measure.timestamp),
      window: goDuration(measure.windowMs),
      usage: usageOf(measure),
    }
  }
  const historyOf = (kind: string, metadata: ObjectMeta, points: readonly UsagePoint[] | undefined): UsageHistoryObject | undefined =>
    points && {
      kind,
      apiVersion: 'drydock.dev/v1',
      metadata: metadataOf(metadata),
      intervalSeconds: STEP_MS / 1000,
      times: points.map((p) => p.time / 1000),
      cpuNanoCores: points.map((p) => Math.round(p.cpuNanoCores)),
      memoryBytes: points.map((p) => p.memoryBytes),
    }
  const historyOfPod = ({ metadata }: Pod): UsageHistoryObject | undefined =>
    historyOf('PodUsageHistory', metadata, history.pod(metadata.namespace!, metadata.name!))
  const historyOfNode = ({ metadata }: Node): UsageHistoryObject | undefined =>
    historyOf('NodeUsageHistory', metadata, history.node(metadata.name!))

  const podObjects = <T extends { metadata: ObjectMeta }>(make: (pod: Pod) => T | undefined): NonNullable<Kind<T>['objects']> => ({
    get(namespace, name) {
      const pod = pods.get(namespace, name)
      if (!pod) throw notFound({ group: '', resource: 'pods' }, name)
      const made = make(pod)
      if (!made) throw notFound({ group: 'metrics.k8s.io', resource: 'podmetrics' }, `${namespace}/${name}`)
      return made
    },
    list: (namespace) => sorted(pods.list(namespace || undefined)).flatMap((pod) => make(pod) ?? []),
  })
  const nodeObjects = <T extends { metadata: ObjectMeta }>(make: (node: Node) => T | undefined): NonNullable<Kind<T>['objects']> => ({
    get(_, name) {
      const node = nodes.get('', name)
      if (!node) throw notFound({ group: '', resource: 'nodes' }, name)
      const made = make(node)
      if (!made) throw notFound({ group: 'metrics.k8s.io', resource: 'nodemetrics' }, name)
      return made
    },
    list: () => sorted(nodes.list()).flatMap((node) => make(node) ?? []),
  })
  return [
    { ...podMetrics, objects: podObjects(metricsOfPod) },
    { ...nodeMetrics, objects: nodeObjects(metricsOfNode) },
    { ...podUsageHistory, objects: podObjects(historyOfPod) },
    { ...nodeUsageHistory, objects: nodeObjects(historyOfNode) },
  ]
}

/** CPU in billionths of a core, memory in whole Ki: the forms of metrics-server, in their canonical spelling. */
function usageOf({ cpuNanoCores, memoryBytes }: { cpuNanoCores: number; memoryBytes: number }): Usage {
  return {
    cpu: canonicalQuantity(`${cpuNanoCores}n`),
    memory: canonicalQuantity(`${Math.ceil(memoryBytes / 1024)}Ki`),
  }
}

/** By namespace and name, as the API lists. */
function sorted<T extends { metadata: ObjectMeta }>(objects: Iterable<T>): T[] {
  const key = ({ metadata: { namespace = '', name = '' } }: T): string => `${namespace}/${name}`
  return [...objects].sort((a, b) => (key(a) < key(b) ? -1 : 1))
}
