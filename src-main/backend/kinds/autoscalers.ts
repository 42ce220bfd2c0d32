/** HorizontalPodAutoscalers, with targets as `kubectl get hpa` prints them. */
import type { Cell } from '../rpc/contract.js'
import { ageColumn, born, nameColumn, namespaceColumn, type Json, type ListKind } from './kind.js'

/** Value and target of a metric source: the field that each type of metric keeps them in. */
const fieldOf: Record<string, string> = {
  Resource: 'resource',
  ContainerResource: 'containerResource',
  Pods: 'pods',
  Object: 'object',
  External: 'external',
}

function metricName(source: Json): string {
  return source?.name ?? source?.metric?.name ?? ''
}

/** `cpu: 23%/80%` for each metric, `<unknown>` for one that could not be read. */
function targets(o: Json): string {
  const current: Json[] = o.status?.currentMetrics ?? []
  return ((o.spec?.metrics ?? []) as Json[])
    .map((m, i) => {
      const field = fieldOf[m.type] ?? ''
      const target = m[field]?.target ?? {}
      const value = current[i]?.[field]?.current ?? {}
      const percent = target.averageUtilization !== undefined
      const wanted = percent ? `${target.averageUtilization}%` : (target.averageValue ?? target.value ?? '')
      const is = percent ? value.averageUtilization : target.averageValue ? value.averageValue : value.value
      const avg = !percent && target.averageValue && m.type !== 'Resource' && m.type !== 'ContainerResource' ? ' (avg)' : ''
      return `${metricName(m[field])}: ${is === undefined ? '<unknown>' : percent ? `${is}%` : is}/${wanted}${avg}`
    })
    .join(', ')
}

function conditions(o: Json): Cell {
  const list: Json[] = o.status?.conditions ?? []
  const bad = list.find((c) => (c.type === 'AbleToScale' || c.type === 'ScalingActive') && c.status === 'False')
  const limited = list.find((c) => c.type === 'ScalingLimited' && c.status === 'True')
  const told = bad ?? limited
  return {
    text: list
      .filter((c) => c.status === 'True')
      .map((c) => c.type)
      .join(', '),
    ...(told ? { tone: bad ? ('bad' as const) : ('warn' as const), title: `${told.reason}: ${told.message}` } : {}),
  }
}

export const horizontalPodAutoscalers: ListKind = {
  group: 'autoscaling',
  resource: 'horizontalpodautoscalers',
  columns: [
    nameColumn,
    namespaceColumn,
    { id: 'reference', title: 'Reference', type: 'text', width: 180 },
    { id: 'targets', title: 'Targets', type: 'text', width: 160, stays: 'long' },
    { id: 'min', title: 'Min', type: 'number', width: 56, align: 'right' },
    { id: 'max', title: 'Max', type: 'number', width: 56, align: 'right' },
    { id: 'replicas', title: 'Replicas', type: 'number', width: 76, align: 'right' },
    { id: 'conditions', title: 'Conditions', type: 'text', width: 170 },
    { id: 'lastScale', title: 'Last scaled', type: 'age', width: 92, align: 'right', wide: true },
    ageColumn,
  ],
  cells: (o) => {
    const ref = o.spec?.scaleTargetRef
    const scaled = o.status?.lastScaleTime
    return [
      o.metadata?.name ?? '',
      o.metadata?.namespace ?? '',
      ref ? `${ref.kind}/${ref.name}` : '',
      targets(o),
      o.spec?.minReplicas ?? 1,
      o.spec?.maxReplicas ?? 0,
      o.status?.currentReplicas ?? 0,
      conditions(o),
      scaled ? Date.parse(scaled) : null,
      born(o),
    ]
  },
}
