/** The claims that a pod names, or that were made for it. */
import type { Informer } from '../../api/client.js'
import type { ResourceClaim } from '../../api/kinds/resourceclaim.js'
import type { Pod } from '../../api/object.js'
import { controllerOf } from '../../api/object.js'

/** The claims of a pod, or why it has to wait for them. */
export function claimsOf({ metadata, spec, status }: Pod, known: Informer<ResourceClaim>): ResourceClaim[] | string {
  const found: ResourceClaim[] = []
  for (const { name, resourceClaimName, resourceClaimTemplateName } of spec!.resourceClaims ?? []) {
    const made = status?.resourceClaimStatuses?.find((s) => s.name === name)
    if (!resourceClaimName && !made) return `pod "${metadata.namespace}/${metadata.name}": ResourceClaim not created yet`
    const wanted = resourceClaimName ?? made!.resourceClaimName
    // Who makes claims may decide that none is needed.
    if (!wanted) continue
    const claim = known.get(metadata.namespace!, wanted)
    if (!claim) return `resourceclaim.resource.k8s.io ${JSON.stringify(wanted)} not found`
    if (claim.metadata.deletionTimestamp !== undefined) return `resourceclaim ${JSON.stringify(wanted)} is being deleted`
    if (resourceClaimTemplateName && controllerOf(claim)?.uid !== metadata.uid)
      return `ResourceClaim ${metadata.namespace}/${wanted} was not created for Pod ${metadata.namespace}/${metadata.name} (Pod is not owner)`
    found.push(claim)
  }
  return found
}
