/** Services, with ports as `kubectl get services` prints them. */
import type { Cell } from '../rpc/contract.js'
import { ageColumn, born, nameColumn, namespaceColumn, selectorText, type Json, type ListKind } from './kind.js'

function externalIP(o: Json): string {
  const spec = o.spec ?? {}
  const ingress: string[] = (o.status?.loadBalancer?.ingress ?? []).map((i: Json) => i.ip ?? i.hostname)
  if (spec.type === 'ExternalName') return spec.externalName ?? ''
  const all = [...ingress, ...(spec.externalIPs ?? [])]
  if (all.length) return all.join(', ')
  return spec.type === 'LoadBalancer' ? '<pending>' : ''
}

/** Whether a Service can be reached where it says: a load balancer that has no address yet is awaited. */
function status(o: Json): Cell {
  if (o.metadata?.deletionTimestamp) return { text: 'Terminating', tone: 'busy' }
  const awaited = o.spec?.type === 'LoadBalancer' && !o.status?.loadBalancer?.ingress?.length
  return awaited ? { text: 'Pending', tone: 'busy' } : { text: 'Active', tone: 'ok' }
}

export const services: ListKind = {
  group: '',
  resource: 'services',
  columns: [
    nameColumn,
    namespaceColumn,
    { id: 'type', title: 'Type', type: 'text', width: 110, stays: 'long' },
    { id: 'clusterIP', title: 'Cluster IP', type: 'text', width: 120, whole: true },
    { id: 'externalIP', title: 'External IP', type: 'status', width: 140, whole: true },
    { id: 'ports', title: 'Ports', type: 'text', width: 170, stays: 'long' },
    { id: 'selector', title: 'Selector', type: 'text', width: 220 },
    { id: 'sessionAffinity', title: 'Session affinity', type: 'text', width: 110, wide: true },
    { id: 'status', title: 'Status', type: 'status', width: 90 },
    ageColumn,
  ],
  cells: (o) => {
    const external = externalIP(o)
    return [
      o.metadata?.name ?? '',
      o.metadata?.namespace ?? '',
      o.spec?.type ?? '',
      o.spec?.clusterIP ?? '',
      external === '<pending>' ? { text: external, tone: 'busy' } : external,
      (o.spec?.ports ?? []).map((p: Json) => `${p.port}${p.nodePort ? `:${p.nodePort}` : ''}/${p.protocol ?? 'TCP'}`).join(', '),
      selectorText(o.spec?.selector),
      o.spec?.sessionAffinity ?? '',
      status(o),
      born(o),
    ]
  },
}
