/** What the status of a pod says of the claims of devices that were made for it. https://kubernetes.io/docs/concepts/scheduling-eviction/dynamic-resource-allocation/ */
import { field, type FieldError } from '../../errors.js'
import { checkName, checkRequired } from './checks.js'
import { dns1123Label, dns1123Subdomain } from './names.js'
import type { SentPodSpec } from './pod-defaults.js'
import { isEmpty, items, type Sent } from './sent.js'
import type * as k8s from '@kubernetes/client-node'

/** Which claim was made for which entry of the spec: each entry once. */
export function validateClaimStatuses(
  statuses: (Sent<k8s.V1PodResourceClaimStatus> | null)[] | null | undefined,
  spec: SentPodSpec,
  path: string,
  errors: FieldError[],
): void {
  const claims = new Set(items(spec.resourceClaims).map((c) => c.name ?? ''))
  const seen = new Set<string>()
  items(statuses).forEach((s, i) => {
    const at = `${path}[${i}]`
    const name = s.name ?? ''
    if (!claims.has(name)) errors.push(field.invalid(`${at}.name`, name, 'must match the name of an entry in `spec.resourceClaims`'))
    if (seen.has(name)) errors.push(field.duplicate(`${at}.name`, name))
    seen.add(name)
    if (typeof s.resourceClaimName === 'string') checkName(dns1123Subdomain, s.resourceClaimName, `${at}.resourceClaimName`, errors)
  })
}

/** The claim that was made for extended resources, and which request of it stands for what of which container. */
export function validateExtendedResourceClaim(
  status: Sent<k8s.V1PodExtendedResourceClaimStatus> | null | undefined,
  spec: SentPodSpec,
  path: string,
  errors: FieldError[],
): void {
  if (!status) return
  const mappings = `${path}.requestMappings`
  if (isEmpty(status.requestMappings)) errors.push(field.required(mappings, 'at least one request mapping is required'))
  const containers = new Map([...items(spec.initContainers), ...items(spec.containers)].map((c) => [c.name ?? '', c]))
  const seen = new Set<string>()
  items(status.requestMappings).forEach(({ containerName = '', resourceName = '', requestName = '' }, i) => {
    const at = `${mappings}[${i}]`
    const container = containers.get(containerName ?? '')
    if (!container) {
      const text = 'must match the name of an entry in spec.initContainers.name or spec.containers.name'
      errors.push(field.invalid(`${at}.containerName`, containerName, text))
    } else if (container.resources?.requests?.[resourceName ?? ''] === undefined) {
      const entry = 'spec.initContainers.resources.requests or spec.containers.resources.requests'
      errors.push(field.invalid(`${at}.resourceName`, resourceName, `must match the extended resource name of an entry in ${entry}`))
    }
    // The path is the API server's own.
    checkName(dns1123Label, requestName ?? '', `${path}.requestName`, errors)
    const key = JSON.stringify([containerName, resourceName, requestName])
    if (seen.has(key)) {
      errors.push(field.duplicate(`${at}.containerName`, containerName))
      errors.push(field.duplicate(`${at}.resourceName`, resourceName))
      errors.push(field.duplicate(`${at}.requestName`, requestName))
    }
    seen.add(key)
  })
  if (checkRequired(status.resourceClaimName, `${path}.resourceClaimName`, errors))
    checkName(dns1123Subdomain, status.resourceClaimName!, `${path}.resourceClaimName`, errors)
}
