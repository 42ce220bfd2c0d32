/**
 * Makes the ResourceClaims of pods that name templates, notes in the pods what they are called, and takes from claims
 * what pods that have ended held (https://kubernetes.io/docs/concepts/scheduling-eviction/dynamic-resource-allocation/).
 */
import { resources } from '../api/client.js'
import type { KubeObject, Pod } from '../api/object.js'
import { controllerOf, keyOf, splitKey } from '../api/object.js'
import { DELETE_PROTECTION, type ResourceClaim } from '../api/kinds/resourceclaim.js'
import type { Controller, ControllerContext } from './controller.js'
import { KeyedController } from './controller.js'
import { referenceTo } from './events.js'
import { isPodFinished, podInformer } from './pods.js'

/** Which of the claims that a pod names a ResourceClaim was made for. */
const POD_CLAIM_NAME = 'resource.kubernetes.io/pod-claim-name'

type Template = KubeObject & { spec?: { metadata?: KubeObject['metadata']; spec: ResourceClaim['spec'] } }
type PodClaim = NonNullable<NonNullable<Pod['spec']>['resourceClaims']>[number]

/** Claims by the uids of the pods that they were made or are reserved for. */
const BY_POD = 'resourceclaims-by-pod'

export function startResourceClaimController(ctx: ControllerContext): Controller {
  const client = ctx.client.resource<ResourceClaim>(resources.resourceclaims)
  const claims = ctx.informers.for<ResourceClaim>(resources.resourceclaims)
  const templates = ctx.informers.for<Template>(resources.resourceclaimtemplates)
  const pods = podInformer(ctx.informers)
  const onPods = ctx.client.resource<Pod>(resources.pods)
  const controller = new KeyedController(ctx, { name: 'resource-claim-controller', sync })
  claims.addIndex(BY_POD, (claim) => [controllerOf(claim)?.uid ?? '', ...(claim.status?.reservedFor ?? []).map((r) => r.uid)])

  const enqueue = (pod: Pod): void => {
    if (podClaims(pod).length === 0 && !pod.status?.extendedResourceClaimStatus) return
    if (!isPodFinished(pod)) controller.queue.add(`pod:${keyOf(pod)}`)
    else onGone(pod)
  }
  const onGone = (pod: Pod): void => {
    for (const claim of claims.byIndex(BY_POD, pod.metadata.uid!)) controller.queue.add(`claim:${keyOf(claim)}`)
  }
  const onClaim = (claim: ResourceClaim): void => controller.queue.add(`claim:${keyOf(claim)}`)
  controller.listen(pods, { add: enqueue, update: (_old, pod) => enqueue(pod), delete: onGone })
  controller.listen(templates, {
    add({ metadata: { namespace, name } }) {
      for (const pod of pods.list())
        if (pod.metadata.namespace === namespace && podClaims(pod).some((c) => c.resourceClaimTemplateName === name)) enqueue(pod)
    },
  })
  controller.listen(claims, {
    add: onClaim,
    update: (_old, claim) => onClaim(claim),
    // A claim that is deleted while its pod needs it comes back.
    delete(claim) {
      const owner = controllerOf(claim)
      if (owner?.kind === 'Pod') controller.queue.add(`pod:${claim.metadata.namespace}/${owner.name}`)
    },
  })
  return controller.startAfter(pods, claims, templates)

  async function sync(key: string): Promise<void> {
    const colon = key.indexOf(':')
    const { namespace, name } = splitKey(key.slice(colon + 1))
    if (key.startsWith('pod:')) return syncPod(namespace, name)
    const claim = claims.get(namespace, name)
    if (claim) await syncClaim(claim)
  }

  /** Makes what a pod names templates of, and notes it in the pod. */
  async function syncPod(namespace: string, name: string): Promise<void> {
    const pod = pods.get(namespace, name)
    if (!pod || isPodFinished(pod) || pod.metadata.deletionTimestamp !== undefined) return
    const made = new Map((pod.status?.resourceClaimStatuses ?? []).map((s) => [s.name, s.resourceClaimName]))
    let noted = true
    for (const wanted of podClaims(pod)) {
      if (!wanted.resourceClaimTemplateName) continue
      const known = made.get(wanted.name)
      if (known && claims.get(namespace, known)) continue
      try {
        made.set(wanted.name, await provide(pod, wanted))
        noted = false
      } catch (error) {
        const message = `PodResourceClaim ${wanted.name}: ${(error as Error).message}`
        ctx.events.event(referenceTo('v1', 'Pod', pod), 'Warning', 'FailedResourceClaimCreation', message)
        throw error
      }
    }
    if (noted) return
    const resourceClaimStatuses = [...made].map(([claim, resourceClaimName]) => ({ name: claim, resourceClaimName }))
    await onPods.patch(namespace, name, { status: { resourceClaimStatuses } }, { type: 'strategic', subresource: 'status' })
  }

  /**
   * Takes pods that have ended from a claim. Once nobody uses it, its devices are given back, it may be deleted, and one
   * that was made for a pod that has ended is.
   */
  async function syncClaim(known: ResourceClaim): Promise<void> {
    let claim = known
    const reservedFor = claim.status?.reservedFor ?? []
    const left = reservedFor.filter(({ resource, name, uid }) => resource !== 'pods' || isRunning(claim.metadata.namespace!, name, uid))
    const isProtected = claim.metadata.finalizers?.includes(DELETE_PROTECTION) ?? false
    const isFree = left.length === 0 && (reservedFor.length > 0 || claim.metadata.deletionTimestamp !== undefined)
    if (left.length < reservedFor.length || (isFree && claim.status?.allocation)) {
      const { allocation, reservedFor: _, ...status } = claim.status!
      const kept = allocation && !(isFree && isProtected) ? { allocation } : {}
      const users = left.length > 0 ? { reservedFor: left } : {}
      claim = await client.update({ ...claim, status: { ...status, ...kept, ...users } }, { subresource: 'status' })
    }
    if (isFree && isProtected) {
      const finalizers = claim.metadata.finalizers!.filter((f) => f !== DELETE_PROTECTION)
      claim = await client.update({ ...claim, metadata: { ...claim.metadata, finalizers } })
    }
    const owner = controllerOf(claim)
    if (left.length > 0 || owner?.kind !== 'Pod' || claim.metadata.deletionTimestamp !== undefined) return
    if (!isRunning(claim.metadata.namespace!, owner.name, owner.uid)) await client.delete(claim.metadata.namespace!, claim.metadata.name!)
  }

  /** Whether a pod is there and has not ended. */
  function isRunning(namespace: string, name: string, uid: string): boolean {
    const pod = pods.get(namespace, name)
    return pod?.metadata.uid === uid && !isPodFinished(pod)
  }

  /** The name of the claim that a pod has of a template, made now if there is none. */
  async function provide(pod: Pod, { name, resourceClaimTemplateName }: PodClaim): Promise<string> {
    const { namespace, name: podName, uid } = pod.metadata
    for (const { metadata } of claims.list()) {
      const isIts = metadata.namespace === namespace && controllerOf({ metadata })?.uid === uid
      if (isIts && metadata.annotations?.[POD_CLAIM_NAME] === name) return metadata.name!
    }
    const template = templates.get(namespace!, resourceClaimTemplateName!)
    if (!template?.spec) {
      const missing = `resourceclaimtemplate.resource.k8s.io ${JSON.stringify(resourceClaimTemplateName)} not found`
      throw new Error(`resource claim template ${JSON.stringify(resourceClaimTemplateName)}: ${missing}`)
    }
    const { metadata: { labels, annotations } = {}, spec } = template.spec
    const made = await client.create(namespace!, {
      apiVersion: 'resource.k8s.io/v1',
      kind: 'ResourceClaim',
      metadata: {
        generateName: `${podName}-${name}-`,
        ...(labels ? { labels } : {}),
        annotations: { ...annotations, [POD_CLAIM_NAME]: name },
        ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name: podName!, uid: uid!, controller: true, blockOwnerDeletion: true }],
      },
      spec,
    } as ResourceClaim)
    return made.metadata.name!
  }
}

function podClaims(pod: Pod): readonly PodClaim[] {
  return pod.spec?.resourceClaims ?? []
}
