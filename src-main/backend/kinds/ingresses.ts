/** Ingresses and IngressClasses. */
import { ageColumn, born, nameColumn, namespaceColumn, type Json, type ListKind } from './kind.js'

function backendText(backend: Json): string {
  const service = backend?.service
  if (service) return `${service.name}:${service.port?.name ?? service.port?.number ?? ''}`
  return backend?.resource ? `${String(backend.resource.kind).toLowerCase()}/${backend.resource.name}` : ''
}

/** `/shop→web:80` for each path, the default backend last. */
function routes(o: Json): string {
  const rules: Json[] = o.spec?.rules ?? []
  const paths = rules.flatMap((r) => (r.http?.paths ?? []).map((p: Json) => `${p.path || '/'}→${backendText(p.backend)}`))
  const rest = o.spec?.defaultBackend ? [`*→${backendText(o.spec.defaultBackend)}`] : []
  return [...new Set([...paths, ...rest])].join(', ')
}

export const ingresses: ListKind = {
  group: 'networking.k8s.io',
  resource: 'ingresses',
  columns: [
    nameColumn,
    namespaceColumn,
    { id: 'class', title: 'Class', type: 'text', width: 90 },
    { id: 'hosts', title: 'Hosts', type: 'text', width: 200, stays: 'long' },
    { id: 'routes', title: 'Paths and backends', type: 'text', width: 240 },
    { id: 'address', title: 'Address', type: 'text', width: 120, stays: 'long', whole: true },
    { id: 'ports', title: 'Ports', type: 'text', width: 76 },
    { id: 'tls', title: 'TLS', type: 'text', width: 140, wide: true },
    ageColumn,
  ],
  cells: (o) => {
    const hosts = (o.spec?.rules ?? []).map((r: Json) => r.host || '*')
    const balancers = (o.status?.loadBalancer?.ingress ?? []).map((i: Json) => i.ip || i.hostname)
    return [
      o.metadata?.name ?? '',
      o.metadata?.namespace ?? '',
      o.spec?.ingressClassName ?? o.metadata?.annotations?.['kubernetes.io/ingress.class'] ?? '',
      hosts.length ? hosts.join(', ') : '*',
      routes(o),
      balancers.join(', '),
      o.spec?.tls?.length ? '80, 443' : '80',
      (o.spec?.tls ?? []).map((t: Json) => t.secretName ?? '').join(', '),
      born(o),
    ]
  },
}

export const ingressClasses: ListKind = {
  group: 'networking.k8s.io',
  resource: 'ingressclasses',
  columns: [
    nameColumn,
    { id: 'default', title: 'Default', type: 'status', width: 90 },
    { id: 'controller', title: 'Controller', type: 'text', width: 240 },
    { id: 'parameters', title: 'Parameters', type: 'text', width: 200 },
    ageColumn,
  ],
  cells: (o) => {
    const p = o.spec?.parameters
    const isDefault = o.metadata?.annotations?.['ingressclass.kubernetes.io/is-default-class'] === 'true'
    return [
      o.metadata?.name ?? '',
      isDefault ? { text: 'Default', tone: 'ok' } : '',
      o.spec?.controller ?? '',
      p ? `${String(p.kind).toLowerCase()}${p.apiGroup ? `.${p.apiGroup}` : ''}/${p.name}` : '',
      born(o),
    ]
  },
}
