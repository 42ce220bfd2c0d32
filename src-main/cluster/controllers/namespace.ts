/**
 * Empties a namespace that is being deleted and then lets it go: pods first, then everything else of every kind
 * (https://kubernetes.io/docs/concepts/overview/working-with-objects/namespaces/).
 */
import type * as k8s from '@kubernetes/client-node'
import type { Informer } from '../api/client.js'
import { resources } from '../api/client.js'
import { isReason } from '../api/errors.js'
import type { KubeObject, Namespace, ObjectMeta, Wire } from '../api/object.js'
import { rfc3339 } from '../clock.js'
import type { Controller, ControllerContext } from './controller.js'
import { KeyedController } from './controller.js'
import type { DiscoveredResource, ResourceDiscovery } from './discovery.js'
import { servedInformers } from './discovery.js'
import { podInformer } from './pods.js'

type APIService = Wire<k8s.V1APIService> & { metadata: ObjectMeta }
type Condition = NonNullable<NonNullable<Namespace['status']>['conditions']>[number]

const API_SERVICES = { group: 'apiregistration.k8s.io', version: 'v1', resource: 'apiservices' }
const FINALIZER = 'kubernetes'
/** When something other than pods holds a namespace up, it is looked at again after this time. */
const RETRY_MS = 8000

export interface NamespaceControllerOptions {
  discovery: ResourceDiscovery
}

interface Remains {
  /** The group versions that somebody else serves who cannot be reached: nobody knows what there is of them. */
  stale: string[]
  /** How many objects of each resource are left, by `pods.` or `widgets.example.com`. */
  byResource: Map<string, number>
  finalizers: Map<string, number>
  failures: string[]
}

export function startNamespaceController(ctx: ControllerContext, { discovery }: NamespaceControllerOptions): Controller {
  const client = ctx.client.resource<Namespace>(resources.namespaces)
  const namespaces = ctx.informers.for<Namespace>(resources.namespaces)
  const pods = podInformer(ctx.informers)
  const services = servedInformers(ctx.informers, discovery).for<APIService>(API_SERVICES)
  const controller = new KeyedController(ctx, { name: 'namespace-controller', workers: 10, sync })

  const onNamespace = (namespace: Namespace): void => {
    if (namespace.metadata.deletionTimestamp !== undefined) controller.queue.add(namespace.metadata.name!)
  }
  controller.listen(namespaces, { add: onNamespace, update: (_old, namespace) => onNamespace(namespace) })
  controller.listen(pods, {
    delete(pod) {
      const namespace = namespaces.get('', pod.metadata.namespace!)
      if (namespace) onNamespace(namespace)
    },
  })
  return controller.startAfter(namespaces, pods, services)

  async function sync(name: string): Promise<void> {
    const known = namespaces.get('', name)
    if (known?.metadata.deletionTimestamp === undefined || !known.spec?.finalizers?.length) return
    const remains: Remains = { stale: staleVersions(services), byResource: new Map(), finalizers: new Map(), failures: [] }
    const all = discovery.resources().filter((r) => r.namespaced && r.verbs.includes('list') && r.verbs.includes('delete'))
    const isPods = (r: DiscoveredResource): boolean => r.group === '' && r.resource === 'pods'
    for (const resource of all.filter(isPods)) await empty(name, resource, remains)
    // While pods are still running, what they use must stay.
    if (remains.byResource.size === 0) for (const resource of all.filter((r) => !isPods(r))) await empty(name, resource, remains)
    await report(name, remains)
    if (remains.byResource.size + remains.failures.length + remains.stale.length === 0) return finalize(name)
    controller.queue.addAfter(name, RETRY_MS)
  }

  async function empty(namespace: string, resource: DiscoveredResource, remains: Remains): Promise<void> {
    const api = ctx.client.resource<KubeObject>(resource)
    try {
      const { items: before } = await api.list({ namespace })
      if (before.length === 0) return
      if (resource.verbs.includes('deletecollection')) await api.deleteCollection({ namespace, propagationPolicy: 'Background' })
      else for (const o of before) await api.delete(namespace, o.metadata.name!, { propagationPolicy: 'Background' })
      const { items } = await api.list({ namespace })
      if (items.length === 0) return
      remains.byResource.set(`${resource.resource}.${resource.group}`, items.length)
      for (const o of items) for (const f of o.metadata.finalizers ?? []) remains.finalizers.set(f, (remains.finalizers.get(f) ?? 0) + 1)
    } catch (error) {
      if (isReason(error, 'NotFound', 'MethodNotAllowed')) return
      remains.failures.push((error as Error).message)
    }
  }

  async function report(name: string, remains: Remains): Promise<void> {
    const wanted = conditionsOf(remains)
    const live = await client.get('', name).catch(nothingIfGone)
    if (!live) return
    const old = live.status?.conditions ?? []
    const now = rfc3339(ctx.clock.now())
    let changed = false
    const conditions = wanted.map((c): Condition => {
      const before = old.find((o) => o.type === c.type)
      if (before && before.status === c.status && before.reason === c.reason && before.message === c.message) return before
      changed = true
      return { ...c, lastTransitionTime: before?.status === c.status ? (before.lastTransitionTime ?? now) : now }
    })
    if (!changed) return
    const others = old.filter((o) => !wanted.some((c) => c.type === o.type))
    const status = { ...live.status, conditions: [...others, ...conditions] }
    await client.update({ ...live, status }, { subresource: 'status' }).catch(nothingIfGone)
  }

  async function finalize(name: string): Promise<void> {
    const live = await client.get('', name).catch(nothingIfGone)
    if (live?.metadata.deletionTimestamp === undefined || !live.spec?.finalizers?.includes(FINALIZER)) return
    const finalizers = live.spec.finalizers.filter((f) => f !== FINALIZER)
    await client.update({ ...live, spec: { ...live.spec, finalizers } }, { subresource: 'finalize' }).catch(nothingIfGone)
  }
}

function nothingIfGone(error: unknown): undefined {
  if (!isReason(error, 'NotFound')) throw error
}

/** The group versions of other servers that are not available now. */
function staleVersions(services: Informer<APIService>): string[] {
  return [...services.list()]
    .filter(({ spec, status }) => spec?.service && !status?.conditions?.some((c) => c.type === 'Available' && c.status === 'True'))
    .map(({ spec }) => `${spec!.group}/${spec!.version}`)
    .sort()
}

/** What a client says of the discovery of such versions. */
function discoveryError(stale: readonly string[]): string {
  const each = stale.map((version) => `${version}: stale GroupVersion discovery: ${version}`)
  return `unable to retrieve the complete list of server APIs: ${each.join(', ')}`
}

/** The conditions with which a namespace tells why it is not gone yet. */
function conditionsOf({ stale, byResource, finalizers, failures }: Remains): Condition[] {
  const of = (type: string, bad: boolean, reasons: [string, string], messages: [string, string]): Condition => ({
    type,
    status: bad ? 'True' : 'False',
    reason: bad ? reasons[0] : reasons[1],
    message: bad ? messages[0] : messages[1],
  })
  const listed = (counts: Map<string, number>, unit: string): string =>
    [...counts]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, n]) => `${name} ${unit.replace('%d', String(n))}`)
      .join(', ')
  return [
    of(
      'NamespaceDeletionDiscoveryFailure',
      stale.length > 0,
      ['DiscoveryFailed', 'ResourcesDiscovered'],
      [`Discovery failed for some groups, ${stale.length} failing: ${discoveryError(stale)}`, 'All resources successfully discovered'],
    ),
    of(
      'NamespaceDeletionGroupVersionParsingFailure',
      false,
      ['GroupVersionParsingFailed', 'ParsedGroupVersions'],
      ['', 'All legacy kube types successfully parsed'],
    ),
    of(
      'NamespaceDeletionContentFailure',
      failures.length > 0,
      ['ContentDeletionFailed', 'ContentDeleted'],
      [
        `Failed to delete all resource types, ${failures.length} remaining: ${failures.sort().join(', ')}`,
        'All content successfully deleted, may be waiting on finalization',
      ],
    ),
    of(
      'NamespaceContentRemaining',
      byResource.size > 0,
      ['SomeResourcesRemain', 'ContentRemoved'],
      [`Some resources are remaining: ${listed(byResource, 'has %d resource instances')}`, 'All content successfully removed'],
    ),
    of(
      'NamespaceFinalizersRemaining',
      finalizers.size > 0,
      ['SomeFinalizersRemain', 'ContentHasNoFinalizers'],
      [
        `Some content in the namespace has finalizers remaining: ${listed(finalizers, 'in %d resource instances')}`,
        'All content-preserving finalizers finished',
      ],
    ),
  ]
}
