/** NetworkPolicies and EndpointSlices. */
import { ageColumn, born, nameColumn, namespaceColumn, selectorText, type Json, type ListKind } from './kind.js'

/** Whom a rule names: `app=web`, `ns team=a`, `10.0.0.0/8`; `any` when it names nobody. */
function peersText(rules: Json[] | undefined, field: 'from' | 'to'): string {
  const peer = (p: Json): string => {
    if (p.ipBlock) return p.ipBlock.cidr
    const pods = p.podSelector ? selectorText(p.podSelector) || 'all pods' : ''
    const namespaces = p.namespaceSelector ? `ns ${selectorText(p.namespaceSelector) || 'all'}` : ''
    return [namespaces, pods].filter(Boolean).join(' / ')
  }
  return (rules ?? []).flatMap((r) => ((r[field] ?? []).length ? r[field].map(peer) : ['any'])).join(', ')
}

const portsText = (rules: Json[] | undefined): string =>
  (rules ?? [])
    .flatMap((r) => (r.ports ?? []).map((p: Json) => `${p.protocol ?? 'TCP'}:${p.port ?? 'all'}${p.endPort ? `-${p.endPort}` : ''}`))
    .join(', ')

const column = (id: string, title: string, wide: boolean) => ({ id, title, type: 'text', width: 150, ...(wide ? { wide } : {}) }) as const

export const networkPolicies: ListKind = {
  group: 'networking.k8s.io',
  resource: 'networkpolicies',
  columns: [
    nameColumn,
    namespaceColumn,
    column('types', 'Types', false),
    column('podSelector', 'Pod selector', false),
    column('ingressFrom', 'Ingress from', false),
    column('ingressPorts', 'Ingress ports', true),
    column('egressTo', 'Egress to', false),
    column('egressPorts', 'Egress ports', true),
    ageColumn,
  ],
  cells: (o) => {
    const { spec = {} } = o
    const types: string[] = spec.policyTypes ?? ['Ingress', ...(spec.egress ? ['Egress'] : [])]
    return [
      o.metadata?.name ?? '',
      o.metadata?.namespace ?? '',
      types.join(', '),
      selectorText(spec.podSelector) || '<none>',
      peersText(spec.ingress, 'from'),
      portsText(spec.ingress),
      peersText(spec.egress, 'to'),
      portsText(spec.egress),
      born(o),
    ]
  },
}

export const endpointSlices: ListKind = {
  group: 'discovery.k8s.io',
  resource: 'endpointslices',
  columns: [
    nameColumn,
    namespaceColumn,
    { id: 'service', title: 'Service', type: 'text', width: 140 },
    { id: 'addressType', title: 'Address type', type: 'text', width: 96, stays: 'brief' },
    { id: 'ports', title: 'Ports', type: 'text', width: 120 },
    { id: 'ready', title: 'Ready', type: 'status', width: 76 },
    { id: 'endpoints', title: 'Endpoints', type: 'text', width: 240, stays: 'long' },
    ageColumn,
  ],
  cells: (o) => {
    const endpoints: Json[] = o.endpoints ?? []
    const ready = endpoints.filter((e) => e.conditions?.ready !== false).length
    return [
      o.metadata?.name ?? '',
      o.metadata?.namespace ?? '',
      o.metadata?.labels?.['kubernetes.io/service-name'] ?? '',
      o.addressType ?? '',
      (o.ports ?? []).map((p: Json) => p.port ?? '*').join(', '),
      {
        text: `${ready}/${endpoints.length}`,
        sort: endpoints.length ? ready / endpoints.length : 1,
        tone: endpoints.length === 0 ? 'off' : ready === endpoints.length ? 'ok' : ready === 0 ? 'bad' : 'warn',
      },
      endpoints.flatMap((e) => e.addresses ?? []).join(', '),
      born(o),
    ]
  },
}
