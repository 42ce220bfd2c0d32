/** Services, with ports as `kubectl get services` prints them. */
import { ageColumn, born, nameColumn, namespaceColumn, selectorText, type Json, type ListKind } from './kind.js'

function externalIP(o: Json): string {
  const spec = o.spec ?? {}
  const ingress: string[] = (o.status?.loadBalancer?.ingress ?? []).map((i: Json) => i.ip ?? i.hostname)
  if (spec.type === 'ExternalName') return spec.externalName ?? ''
  const all = [...ingress, ...(spec.externalIPs ?? [])]
  if (all.length) return all.join(', ')
  return spec.type === 'LoadBalancer' ? '<pending>' : ''
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
      born(o),
    ]
  },
}
