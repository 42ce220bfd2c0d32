/** The scheduler's records as resources of the API: `schedulingdecisions.drydock.dev`, named like their pods. */
import { resources, type Informers } from '../api/client.js'
import { notFound } from '../api/errors.js'
import type { Kind } from '../api/kinds/kind.js'
import { schedulingDecision, type NodeVerdict, type PluginVerdict, type SchedulingDecisionObject } from '../api/kinds/schedulingdecision.js'
import type { Pod } from '../api/object.js'
import { keyOf } from '../api/object.js'
import { rfc3339 } from '../clock.js'
import type { SchedulingRecord } from './explain.js'

/** The kind to add to an API server. Which pods there are is told by the informers. */
export function schedulingDecisions(explain: (podKey: string) => SchedulingRecord | undefined, informers: Informers): Kind {
  const pods = informers.for<Pod>(resources.pods)
  const decisionOf = (pod: Pod): SchedulingDecisionObject | undefined => {
    const record = explain(keyOf(pod))
    return record?.uid === pod.metadata.uid ? decision(record!, pod) : undefined
  }
  return {
    ...schedulingDecision,
    objects: {
      get(namespace, name) {
        const pod = pods.get(namespace, name)
        const found = pod && decisionOf(pod)
        if (!found) throw notFound({ group: schedulingDecision.group, resource: schedulingDecision.plural }, name)
        return found
      },
      list: (namespace) =>
        [...pods.list(namespace || undefined)].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1)).flatMap((pod) => decisionOf(pod) ?? []),
    },
  }
}

function decision(record: SchedulingRecord, pod: Pod): SchedulingDecisionObject {
  const { name, namespace, labels } = pod.metadata
  return {
    kind: schedulingDecision.kind,
    apiVersion: `${schedulingDecision.group}/${schedulingDecision.version}`,
    metadata: {
      name: name!,
      namespace: namespace!,
      creationTimestamp: rfc3339(record.at),
      ...(labels ? { labels } : {}),
      ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name: name!, uid: record.uid }],
    },
    outcome: record.outcome,
    ...(record.node ? { nodeName: record.node } : {}),
    ...(record.nominatedNode ? { nominatedNodeName: record.nominatedNode } : {}),
    message: record.message,
    attempt: record.attempt,
    totalNodes: record.nodes.total,
    evaluatedNodes: record.nodes.evaluated,
    feasibleNodes: record.nodes.feasible,
    nodes: nodeVerdicts(record),
  }
}

function nodeVerdicts(record: SchedulingRecord): NodeVerdict[] {
  const { filters, node: chosen, scores, rejections } = record
  const passed = (name: string): PluginVerdict => ({ name, verdict: 'Passed' })
  const feasible = scores.map(({ node, total, plugins }): NodeVerdict => {
    const scoreOf = new Map(plugins.map((p) => [p.plugin, { score: p.score, weight: p.weight }]))
    const filtered = filters.map((name) => ({ ...passed(name), ...scoreOf.get(name) }))
    const scoring = plugins.filter((p) => !filters.includes(p.plugin)).map((p) => ({ name: p.plugin, score: p.score, weight: p.weight }))
    return { name: node, verdict: node === chosen ? 'Chosen' : 'Feasible', score: total, plugins: [...filtered, ...scoring] }
  })
  const refused = rejections.map(({ node, plugin, reasons }): NodeVerdict => {
    const before = filters.slice(0, Math.max(0, filters.indexOf(plugin)))
    return { name: node, verdict: 'Rejected', plugins: [...before.map(passed), { name: plugin, verdict: 'Rejected', reasons }] }
  })
  return [...feasible, ...refused]
}
