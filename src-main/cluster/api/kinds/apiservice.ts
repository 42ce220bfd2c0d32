import type { Kind } from './kind.js'
import { rfc3339 } from '../../clock.js'
import { field } from '../errors.js'
import type { ObjectMeta, Wire } from '../object.js'
import { checkName, checkRequired, collect } from './rules/checks.js'
import { ageColumn, column, nameColumn } from './rules/columns.js'
import { dns1035Label, dns1123Subdomain, pathSegmentName } from './rules/names.js'
import { checkPortNumber } from './rules/ports.js'
import { items } from './rules/sent.js'
import { keepStatus, OWN_METADATA, statusSubresource } from './rules/subresources.js'
import type * as k8s from '@kubernetes/client-node'

export type APIService = Wire<k8s.V1APIService> & { metadata: ObjectMeta }

/** https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/api-service-v1/ */
export const apiService: Kind<APIService> = {
  group: 'apiregistration.k8s.io',
  version: 'v1',
  kind: 'APIService',
  plural: 'apiservices',
  singular: 'apiservice',
  unconditionalUpdate: false,
  categories: ['api-extensions'],
  namespaced: false,
  model: 'V1APIService',
  metadataOnUpdate: 1,
  // The name of the core group's ends in a full stop.
  validateName: pathSegmentName,

  setDefaults({ spec }) {
    if (spec?.service) spec.service.port ??= 443
  },
  prepareForCreate(object, { clock }) {
    object.status = {}
    // A group version that the server answers itself is there from the start.
    if (object.spec?.service) return
    const message = 'Local APIServices are always available'
    const lastTransitionTime = rfc3339(clock.now())
    object.status = { conditions: [{ type: 'Available', status: 'True', lastTransitionTime, reason: 'Local', message }] }
  },
  prepareForUpdate: keepStatus,
  validate: ({ metadata, spec }) =>
    collect((errors) => {
      const { service, groupPriorityMinimum: groupPriority = 0, versionPriority = 0 } = spec ?? {}
      const group = spec?.group ?? ''
      const version = spec?.version ?? ''
      const name = `${version}.${group}`
      const why = `must be \`spec.version+"."+spec.group\`: ${JSON.stringify(name)}`
      for (const said of ['name', 'generateName'] as const) {
        const value = metadata[said]
        if (value && value !== name && pathSegmentName(value).length === 0) errors.push(field.invalid(`metadata.${said}`, value, why))
      }
      if (!group && version !== 'v1')
        errors.push(field.required('spec.group', 'only v1 may have an empty group and it better be legacy kube'))
      if (group) checkName(dns1123Subdomain, group, 'spec.group', errors)
      checkName(dns1035Label, version, 'spec.version', errors)
      if (groupPriority <= 0 || groupPriority > 20000)
        errors.push(field.invalid('spec.groupPriorityMinimum', groupPriority, 'must be positive and less than 20000'))
      if (versionPriority <= 0 || versionPriority > 1000)
        errors.push(field.invalid('spec.versionPriority', versionPriority, 'must be positive and less than 1000'))
      if (!service) {
        if (spec?.caBundle)
          errors.push(
            field.invalid(
              'spec.caBundle',
              `${Buffer.from(spec.caBundle, 'base64').length} bytes`,
              'local APIServices may not have a caBundle',
            ),
          )
        if (spec?.insecureSkipTLSVerify)
          errors.push(field.invalid('spec.insecureSkipTLSVerify', true, 'local APIServices may not have insecureSkipTLSVerify'))
        return
      }
      checkRequired(service.namespace, 'spec.service.namespace', errors)
      checkRequired(service.name, 'spec.service.name', errors)
      checkPortNumber(service.port ?? 443, 'spec.service.port', errors)
      if (spec?.insecureSkipTLSVerify && spec.caBundle)
        errors.push(field.invalid('spec.insecureSkipTLSVerify', true, 'may not be true if caBundle is present'))
    }),

  columns: [
    nameColumn(),
    column('Service', 'The reference to the service that hosts this API endpoint.', ({ spec }) =>
      spec?.service ? `${spec.service.namespace}/${spec.service.name}` : 'Local',
    ),
    column('Available', 'Whether this service is available.', available),
    ageColumn(),
  ],
  subresources: { status: statusSubresource<APIService>({ keep: OWN_METADATA }) },
}

function available({ status }: APIService): string {
  const condition = items(status?.conditions).find((c) => c.type === 'Available')
  if (!condition) return 'Unknown'
  return condition.status === 'True' ? 'True' : `${condition.status} (${condition.reason ?? ''})`
}
