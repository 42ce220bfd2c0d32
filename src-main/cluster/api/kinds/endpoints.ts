import type { Kind } from './kind.js'
import type { Endpoints } from '../object.js'
import { ageColumn, column, firstAndMore, nameColumn } from './rules/columns.js'
import { items } from './rules/sent.js'

/** https://kubernetes.io/docs/reference/kubernetes-api/service-resources/endpoints-v1/ */
export const endpoints: Kind<Endpoints> = {
  group: '',
  version: 'v1',
  kind: 'Endpoints',
  plural: 'endpoints',
  singular: 'endpoints',
  shortNames: ['ep'],
  namespaced: true,
  model: 'V1Endpoints',
  createOnUpdate: true,

  setDefaults(object) {
    for (const subset of object.subsets ?? []) for (const port of subset?.ports ?? []) if (port) port.protocol ||= 'TCP'
  },

  columns: [nameColumn(), column('Endpoints', '@subsets', (o) => addresses(o)), ageColumn()],
}

function addresses(o: Endpoints): string {
  if (!o.subsets?.length) return '<none>'
  const list: string[] = []
  for (const subset of items(o.subsets)) {
    const ips = items(subset.addresses).map((a) => a.ip)
    const ports = items(subset.ports)
    // Headless services may have no ports.
    if (ports.length === 0) list.push(...ips)
    for (const p of ports) list.push(...ips.map((ip) => (ip.includes(':') ? `[${ip}]:${p.port}` : `${ip}:${p.port}`)))
  }
  return firstAndMore(list, 3, '')
}
