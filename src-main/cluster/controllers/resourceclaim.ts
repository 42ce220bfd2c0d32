/**
 * Makes the ResourceClaims of pods that name templates, notes in the pods what they are called, and takes from claims
 * what pods that have ended held (https://kubernetes.io/docs/concepts/scheduling-eviction/dynamic-resource-allocation/).
 */
import { resources } from '../api/client.js'
import type { KubeObject, Pod } from '../api/object.js'
import { controllerOf, keyOf, splitKey } from '../api/object.js'
import type { ResourceClaim } from '../api/kinds/resourceclaim.js'
import type { Controller, ControllerContext } from './controller.js'
import { KeyedController } from './controller.js'
import { referenceTo } from './events.js'
import { isPodFinished, podInformer } from './pods.js'

export const RESOURCE_CLAIMS = { group: 'resource.k8s.io', version: 'v1', resource: 'resourceclaims' }
const TEMPLATES = { group: 'resource.k8s.io', version: 'v1', resource: 'resourceclaimtemplates' }
/** Which of the claims that a pod names a ResourceClaim was made for. */
const POD_CLAIM_NAME = 'resource.kubernetes.io/pod-claim-name'

type Template = KubeObject & { spec?: { metadata?: KubeObject['metadata']; spec: ResourceClaim['spec'] } }
type PodClaim = NonNullable<NonNullable<Pod['spec']>['resourceClaims']>[number]

export function startResourceClaimController(ctx: ControllerContext): Controller {
  const client = ctx.client.resource<ResourceClaim>(RESOURCE_CLAIMS)
  const claims = ctx.informers.for<ResourceClaim>(RESOURCE_CLAIMS)
  const templates = ctx.informers.for<Template>(TEMPLATES)
  const pods = podInformer(ctx.informers)
  const onPods = ctx.client.resource<Pod>(resources.pods)
  const controller = new KeyedController(ctx, { name: 'resource-claim-controller', sync })

  const enqueue = (pod: Pod): void => {
    if (pod.spec?.resourceClaims?.length) controller.queue.add(keyOf(pod))
  }
  controller.listen(pods, { add: enqueue, update: (_old, pod) => enqueue(pod), delete: enqueue })
  controller.listen(templates, {
    add({ metadata: { namespace, name } }) {
      for (const pod of pods.list())
        if (pod.metadata.namespace === namespace && podClaims(pod).some((c) => c.resourceClaimTemplateName === name)) enqueue(pod)
    },
  })
  controller.listen(claims, {
    // A claim that is deleted while its pod needs it comes back.
    delete(claim) {
      const owner = controllerOf(claim)
      if (owner?.kind === 'Pod') controller.queue.add(`${claim.metadata.namespace}/${owner.name}`)
    },
  })
  return controller.startAfter(pods, claims, templates)

  async function sync(key: string): Promise<void> {
    const { namespace, name } = splitKey(key)
    const pod = pods.get(namespace, name)
    if (!pod || isPodFinished(pod)) return release(namespace, name, pod)
    if (pod.metadata.deletionTimestamp !== undefined) return
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

  /** Takes a pod that has ended from the claims that were reserved for it, and deletes those that were made for it. */
  async function release(namespace: string, name: string, pod: Pod | undefined): Promise<void> {
    for (const claim of claims.list()) {
      if (claim.metadata.namespace !== namespace) continue
      const reservedFor = claim.status?.reservedFor ?? []
      const left = reservedFor.filter((r) => r.resource !== 'pods' || r.name !== name || (pod && r.uid !== pod.metadata.uid))
      if (left.length < reservedFor.length)
        await client.patch(namespace, claim.metadata.name!, { status: { reservedFor: left } }, { type: 'merge', subresource: 'status' })
      const owner = controllerOf(claim)
      const isOwn = owner?.kind === 'Pod' && owner.name === name && (!pod || owner.uid === pod.metadata.uid)
      if (isOwn && left.length === 0 && claim.metadata.deletionTimestamp === undefined) await client.delete(namespace, claim.metadata.name!)
    }
  }
}

function podClaims(pod: Pod): readonly PodClaim[] {
  return pod.spec?.resourceClaims ?? []
}
