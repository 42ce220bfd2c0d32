/** Kinds of the Gateway API: GatewayClasses, Gateways and routes. https://gateway-api.sigs.k8s.io/reference/spec/ */
import type { Cell } from '../rpc/contract.js'
import { conditionCell } from './conditions.js'
import { ageColumn, born, nameColumn, namespaceColumn, type Json, type ListKind } from './kind.js'

const GROUP = 'gateway.networking.k8s.io'
const text = (id: string, title: string, width: number, wide = false) =>
  ({ id, title, type: 'text', width, ...(wide ? { wide } : {}) }) as const
const statusColumn = { id: 'status', title: 'Status', type: 'status', width: 130 } as const

export const gatewayClasses: ListKind = {
  group: GROUP,
  resource: 'gatewayclasses',
  columns: [nameColumn, text('controller', 'Controller', 260), statusColumn, text('description', 'Description', 240), ageColumn],
  cells: (o) => [
    o.metadata?.name ?? '',
    o.spec?.controllerName ?? '',
    conditionCell(o.status?.conditions ?? [], ['Accepted'], 'Accepted'),
    o.spec?.description ?? '',
    born(o),
  ],
}

export const gateways: ListKind = {
  group: GROUP,
  resource: 'gateways',
  columns: [
    nameColumn,
    namespaceColumn,
    text('class', 'Class', 120),
    statusColumn,
    text('address', 'Address', 140),
    text('listeners', 'Listeners', 220),
    { id: 'attachedRoutes', title: 'Routes', type: 'number', width: 72, align: 'right' },
    ageColumn,
  ],
  cells: (o) => {
    const listeners: Json[] = o.status?.listeners ?? []
    // A listener that is refused is said before what the Gateway as a whole is.
    const refused = conditionCell(
      listeners.flatMap((l) => l.conditions ?? []),
      ['Accepted', 'ResolvedRefs'],
      '',
    )
    const own = conditionCell(o.status?.conditions ?? [], ['Programmed', 'Accepted'], 'Programmed')
    const failing = (c: Cell): boolean => typeof c === 'object' && c?.tone === 'bad'
    return [
      o.metadata?.name ?? '',
      o.metadata?.namespace ?? '',
      o.spec?.gatewayClassName ?? '',
      failing(own) || !failing(refused) ? own : refused,
      (o.status?.addresses ?? []).map((a: Json) => a.value).join(', '),
      (o.spec?.listeners ?? []).map((l: Json) => `${l.protocol}:${l.port}${l.hostname ? ` ${l.hostname}` : ''}`).join(', '),
      listeners.reduce((n, l) => n + (l.attachedRoutes ?? 0), 0),
      born(o),
    ]
  },
}

/** What a rule is for: its paths, or the methods of a gRPC service; `*` for all. */
function matchesText(rule: Json): string {
  const words = ((rule.matches ?? []) as Json[]).map((m) => {
    const { service, method } = typeof m.method === 'object' && m.method ? m.method : { service: undefined, method: undefined }
    const path = m.path?.value ?? [service ?? '', method ?? ''].filter(Boolean).join('/')
    return [typeof m.method === 'string' ? m.method : '', path].filter(Boolean).join(' ') || '*'
  })
  return words.join(', ') || '*'
}
const backendText = (b: Json): string =>
  `${b.name}${b.port === undefined ? '' : `:${b.port}`}${b.weight === undefined || b.weight === 1 ? '' : ` ×${b.weight}`}`

/** `/shop→web:80, api:80 ×9` for each rule. */
function rulesText(o: Json): string {
  return ((o.spec?.rules ?? []) as Json[])
    .map((r) => {
      const backends = ((r.backendRefs ?? []) as Json[]).map(backendText)
      const redirect = ((r.filters ?? []) as Json[]).find((f) => f.type === 'RequestRedirect')
      return `${matchesText(r)}→${backends.join(', ') || (redirect ? 'redirect' : 'nothing')}`
    })
    .join('; ')
}

function route(resource: string, hosts: boolean): ListKind {
  return {
    group: GROUP,
    resource,
    columns: [
      nameColumn,
      namespaceColumn,
      ...(hosts ? [text('hosts', 'Hosts', 180)] : []),
      text('parents', 'Parents', 150),
      statusColumn,
      text('routes', 'Paths and backends', 280),
      ageColumn,
    ],
    cells: (o) => [
      o.metadata?.name ?? '',
      o.metadata?.namespace ?? '',
      ...(hosts ? [(o.spec?.hostnames ?? []).join(', ') || '*'] : []),
      ((o.spec?.parentRefs ?? []) as Json[])
        .map((p) => `${p.namespace ? `${p.namespace}/` : ''}${p.name}${p.sectionName ? `:${p.sectionName}` : ''}`)
        .join(', '),
      conditionCell(
        ((o.status?.parents ?? []) as Json[]).flatMap((p) => p.conditions ?? []),
        ['Accepted', 'ResolvedRefs'],
        'Accepted',
      ),
      rulesText(o),
      born(o),
    ],
  }
}

export const gatewayRoutes: readonly ListKind[] = [
  route('httproutes', true),
  route('grpcroutes', true),
  route('tlsroutes', true),
  route('tcproutes', false),
  route('udproutes', false),
]
