import type { Kind } from './kind.js'
import type { Service } from '../object.js'
import { collect } from './rules/checks.js'
import { ageColumn, column, nameColumn } from './rules/columns.js'
import { ipWarnings } from './rules/ip-warnings.js'
import { dns1123Label } from './rules/names.js'
import { formatLabels } from './rules/selectors.js'
import { items } from './rules/sent.js'
import { allocate, settle } from './rules/service-allocation.js'
import { validateLoadBalancerStatus, validateService, validateServiceUpdate } from './rules/service-rules.js'
import { carryAllocations, mirrorClusterIPs, setServiceDefaults } from './rules/service-shape.js'
import { serviceWarnings } from './rules/service-warnings.js'
import { keepStatus, statusSubresource } from './rules/subresources.js'

/** https://kubernetes.io/docs/reference/kubernetes-api/service-resources/service-v1/ */
export const service: Kind<Service> = {
  group: '',
  version: 'v1',
  kind: 'Service',
  plural: 'services',
  singular: 'service',
  createOnUpdate: true,
  shortNames: ['svc'],
  categories: ['all'],
  namespaced: true,
  model: 'V1Service',
  metadataOnUpdate: 1,
  changesGeneration: () => false,

  setDefaults: setServiceDefaults,
  prepareForCreate(object, ctx) {
    object.status = { loadBalancer: {} }
    if (object.spec) mirrorClusterIPs(object.spec)
    allocate(object, undefined, ctx)
  },
  prepareForUpdate(object, old, ctx) {
    keepStatus(object, old)
    carryAllocations((object.spec ??= {}), old.spec ?? {})
    // Its load balancer goes in its own time, which nobody need know of.
    if (object.status && object.spec.type !== 'LoadBalancer') object.status = { ...object.status, loadBalancer: {} }
    allocate(object, old, ctx)
  },
  prepareForDelete: settle,
  // Since 1.36 a name may begin with a digit.
  validateName: dns1123Label,
  validateCreate: (object) => collect((errors) => validateService(object, errors)),
  validateUpdate: (object, old) =>
    collect((errors) => {
      validateServiceUpdate(object, old, errors)
      validateService(object, errors)
    }),
  warnings: serviceWarnings,

  columns: [
    nameColumn(),
    column('Type', '@spec.type', (o) => o.spec?.type ?? ''),
    column('Cluster-IP', '@spec.clusterIP', (o) => o.spec?.clusterIPs?.[0] ?? '<none>'),
    column('External-IP', '@spec.externalIPs', externalAddress),
    column('Port(s)', '@spec.ports', ports),
    ageColumn(),
    column('Selector', '@spec.selector', (o) => formatLabels(o.spec?.selector), { wide: true }),
  ],
  fields: {
    'spec.clusterIP': (o) => o.spec?.clusterIP ?? '',
    'spec.type': (o) => o.spec?.type ?? '',
  },
  subresources: {
    proxy: { type: 'connect', verbs: ['create', 'delete', 'get', 'patch', 'update'], kind: 'ServiceProxyOptions' },
    status: {
      ...statusSubresource<Service>({
        validateUpdate: (object) => collect((errors) => validateLoadBalancerStatus(object, errors)),
      }),
      warnings: ({ status }) =>
        items(status?.loadBalancer?.ingress).flatMap(({ ip }, i) => ipWarnings(ip, `status.loadBalancer.ingress[${i}]`)),
    },
  },
}

function externalAddress(o: Service): string {
  const own = o.spec?.externalIPs ?? []
  switch (o.spec?.type) {
    case 'ClusterIP':
    case 'NodePort':
      return own.join(',') || '<none>'
    case 'LoadBalancer': {
      const given = items(o.status?.loadBalancer?.ingress).map((i) => i.ip || i.hostname || '')
      return [...[...new Set(given.filter(Boolean))].sort(), ...own].join(',') || '<pending>'
    }
    case 'ExternalName':
      return o.spec.externalName ?? ''
    default:
      return '<unknown>'
  }
}

function ports(o: Service): string {
  return (
    items(o.spec?.ports)
      .map((p) => (p.nodePort ? `${p.port}:${p.nodePort}/${p.protocol}` : `${p.port}/${p.protocol}`))
      .join(',') || '<none>'
  )
}
