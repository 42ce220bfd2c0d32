import type { Kind } from './kind.js'
import type { EndpointSlice } from '../object.js'
import { ageColumn, column, firstAndMore, nameColumn } from './rules/columns.js'
import { items } from './rules/sent.js'

/** https://kubernetes.io/docs/reference/kubernetes-api/service-resources/endpoint-slice-v1/ */
export const endpointSlice: Kind<EndpointSlice> = {
  group: 'discovery.k8s.io',
  version: 'v1',
  kind: 'EndpointSlice',
  plural: 'endpointslices',
  singular: 'endpointslice',
  namespaced: true,
  model: 'V1EndpointSlice',
  generational: true,
  changesGeneration: () => true,

  setDefaults(object) {
    for (const port of object.ports ?? []) {
      if (!port) continue
      port.name ??= ''
      port.protocol ??= 'TCP'
    }
  },

  columns: [
    nameColumn(),
    column('AddressType', '@addressType', (o) => o.addressType ?? ''),
    column('Ports', '@ports', (o) =>
      firstAndMore(
        items(o.ports).map((p) => (p.port !== undefined && p.port !== null ? String(p.port) : (p.name ?? '*'))),
        3,
        '<unset>',
      ),
    ),
    column('Endpoints', '@endpoints', (o) =>
      firstAndMore(
        items(o.endpoints).flatMap((e) => e.addresses ?? []),
        3,
        '<unset>',
      ),
    ),
    ageColumn(),
  ],
}
