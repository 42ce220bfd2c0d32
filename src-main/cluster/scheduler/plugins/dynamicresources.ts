/**
 * Pods that ask for devices by claims
 * (https://kubernetes.io/docs/concepts/scheduling-eviction/dynamic-resource-allocation/): they wait until their claims
 * are there and allocated, and go where the allocated devices are. No node here has a driver that would offer devices,
 * so that nothing is allocated by the scheduler itself.
 */
import type { Informer, Informers } from '../../api/client.js'
import type { KubeObject, Pod } from '../../api/object.js'
import { controllerOf } from '../../api/object.js'
import type { ResourceClaim } from '../../api/kinds/resourceclaim.js'
import type { ClusterEvent, NodeFilter, Plugin, Rejection } from '../framework.js'
import { reject } from '../framework.js'
import type { PodInfo } from '../podinfo.js'
import { nodeSelectorMatcher } from './nodeaffinity.js'

type NodeSelector = Parameters<typeof nodeSelectorMatcher>[0]

const notAllocated = reject('cannot allocate all claims', true)
const elsewhere = reject('resourceclaim not available on the node', true)

export class DynamicResources implements Plugin {
  readonly name = 'DynamicResources'
  readonly synced: Promise<unknown>
  /** Stops following claims and device classes. */
  readonly stop: () => void
  private readonly claims: Informer<ResourceClaim>
  private readonly classes: Informer<KubeObject>

  /** @param changed called when a claim or a class of devices has changed */
  constructor(informers: Informers, changed: () => void) {
    this.claims = informers.for<ResourceClaim>({ group: 'resource.k8s.io', version: 'v1', resource: 'resourceclaims' })
    this.classes = informers.for<KubeObject>({ group: 'resource.k8s.io', version: 'v1', resource: 'deviceclasses' })
    this.synced = Promise.all([this.claims.synced, this.classes.synced])
    const stops = [this.claims, this.classes].map((i) => i.on({ add: changed, update: changed, delete: changed }))
    this.stop = () => stops.forEach((stop) => stop())
  }

  holdsBack(pod: Pod): Rejection | undefined {
    const claims = this.claimsOf(pod)
    return typeof claims === 'string' ? reject(claims, true) : undefined
  }

  filter({ pod }: PodInfo): NodeFilter | Rejection | undefined {
    if (!pod.spec!.resourceClaims?.length) return undefined
    const claims = this.claimsOf(pod)
    if (typeof claims === 'string') return reject(claims, true)
    const waiting = claims.filter((c) => !c.status?.allocation)
    for (const { spec } of waiting)
      for (const request of spec.devices?.requests ?? []) {
        const wanted = request.exactly?.deviceClassName
        if (wanted && !this.classes.get('', wanted)) return reject(`request ${request.name}: device class ${wanted} does not exist`, true)
      }
    const places = claims.flatMap(({ status }) => {
      const terms = status?.allocation?.nodeSelector?.nodeSelectorTerms
      return terms ? [nodeSelectorMatcher(terms as NodeSelector)] : []
    })
    return {
      check({ name, labels }) {
        if (!places.every((matches) => matches(name, labels))) return elsewhere
        return waiting.length ? notAllocated : undefined
      },
    }
  }

  helps(event: ClusterEvent, { pod }: PodInfo): boolean {
    const { type } = event
    return type === 'ClaimChange' || type === 'NodeAdd' || type === 'NodeUpdate' || (type === 'PodUpdate' && event.pod === pod)
  }

  /** The claims of a pod, or why it has to wait for them. */
  private claimsOf({ metadata, spec, status }: Pod): ResourceClaim[] | string {
    const found: ResourceClaim[] = []
    for (const { name, resourceClaimName, resourceClaimTemplateName } of spec!.resourceClaims ?? []) {
      const made = status?.resourceClaimStatuses?.find((s) => s.name === name)
      if (!resourceClaimName && !made) return `pod "${metadata.namespace}/${metadata.name}": ResourceClaim not created yet`
      const wanted = resourceClaimName ?? made!.resourceClaimName
      // Who makes claims may decide that none is needed.
      if (!wanted) continue
      const claim = this.claims.get(metadata.namespace!, wanted)
      if (!claim) return `resourceclaim.resource.k8s.io ${JSON.stringify(wanted)} not found`
      if (claim.metadata.deletionTimestamp !== undefined) return `resourceclaim ${JSON.stringify(wanted)} is being deleted`
      if (resourceClaimTemplateName && controllerOf(claim)?.uid !== metadata.uid)
        return `ResourceClaim ${metadata.namespace}/${wanted} was not created for Pod ${metadata.namespace}/${metadata.name} (Pod is not owner)`
      found.push(claim)
    }
    return found
  }
}
