/**
 * The authorizer for kubelets: a node reads what the pods on it need, and nothing that it has no relation to. Follows
 * "Using Node Authorization" of the Kubernetes documentation; what it has no opinion on goes to the next authorizer.
 */
import type { UserInfo } from '../api/client.js'
import type { PersistentVolume } from '../api/kinds/persistentvolume.js'
import type { KubeObject, Pod } from '../api/object.js'
import { equalityIn } from '../api/selectors/fields.js'
import type { Store } from '../store/store.js'
import type { Authorizer, Decision, PathAccess, PolicyRule, ResourceAccess, UserRules } from './authorizer.js'
import { DEFAULT_CLUSTER_ROLES } from './defaultroles.js'
import { referencesOf, secretsOfVolume, type Referred } from './pod-references.js'
import { ruleAllows, ruleAllowsPath } from './rbac.js'

const PREFIX = 'system:node:'
export const NODES_GROUP = 'system:nodes'
const LEASES = 'kube-node-lease'
const PODS = '/registry/core/pods/'

const ALLOWED: Decision = { allowed: true, reason: '' }
const no = (reason: string): Decision => ({ allowed: false, reason })

/** The node that a user is; '' for somebody of the group who names none, undefined for everybody else. */
export function nodeOf(user: UserInfo): string | undefined {
  if (!user.username.startsWith(PREFIX) || !user.groups.includes(NODES_GROUP)) return undefined
  return user.username.slice(PREFIX.length)
}

/** Asks about kubelets first, then another authorizer. */
export class NodeAuthorizer implements Authorizer {
  private readonly rules: readonly PolicyRule[]
  private readonly pods: PodsByNode

  constructor(
    private readonly store: Store,
    private readonly next: Authorizer,
  ) {
    this.rules = DEFAULT_CLUSTER_ROLES.find(({ name }) => name === 'system:node')?.rules ?? []
    this.pods = new PodsByNode(store)
  }

  authorize(user: UserInfo, access: ResourceAccess): Decision {
    const node = nodeOf(user)
    if (node === undefined) return this.next.authorize(user, access)
    const own = node === '' ? no(`unknown node for user ${JSON.stringify(user.username)}`) : this.decide(node, access)
    if (own.allowed) return own
    const other = this.next.authorize(user, access)
    return other.allowed ? other : no([own.reason, other.reason].filter((r) => r !== '').join('\n'))
  }

  authorizePath(user: UserInfo, access: PathAccess): Decision {
    if (nodeOf(user) && this.rules.some((rule) => ruleAllowsPath(rule, access))) return ALLOWED
    return this.next.authorizePath(user, access)
  }

  rulesFor(user: UserInfo, namespace: string): UserRules {
    return this.next.rulesFor(user, namespace)
  }

  unresolved(user: UserInfo): string | undefined {
    return nodeOf(user) === undefined ? undefined : 'node authorizer does not support user rule resolution'
  }

  close(): void {
    this.pods.stop()
  }

  private decide(node: string, access: ResourceAccess): Decision {
    switch (access.group ? `${access.resource}.${access.group}` : access.resource) {
      case 'secrets':
      case 'configmaps':
        return this.read(node, access)
      case 'persistentvolumeclaims':
        return access.subresource === 'status' ? this.writeStatus(node, access) : this.get(node, access)
      case 'persistentvolumes':
      case 'resourceclaims.resource.k8s.io':
      case 'volumeattachments.storage.k8s.io':
        return this.get(node, access)
      case 'serviceaccounts':
        return this.serviceAccount(node, access)
      case 'leases.coordination.k8s.io':
        return lease(node, access)
      case 'csinodes.storage.k8s.io':
        return csiNode(node, access)
      case 'resourceslices.resource.k8s.io':
        return this.resourceSlice(node, access)
      case 'nodes':
        return nodes(node, access)
      case 'pods':
        return this.pod(node, access)
      default:
        return this.rules.some((rule) => ruleAllows(rule, access)) ? ALLOWED : no('')
    }
  }

  private read(node: string, access: ResourceAccess): Decision {
    if (!['get', 'list', 'watch'].includes(access.verb)) return no('can only read resources of this type')
    if (access.subresource) return no('cannot read subresource')
    if (!access.namespace) return no('can only read namespaced object of this type')
    return this.related(node, access)
  }

  private get(node: string, access: ResourceAccess): Decision {
    if (access.verb !== 'get') return no('can only get individual resources of this type')
    if (access.subresource) return no('cannot get subresource')
    return this.related(node, access)
  }

  private writeStatus(node: string, access: ResourceAccess): Decision {
    if (!['update', 'patch'].includes(access.verb)) return no('can only get/update/patch this type')
    return this.related(node, access)
  }

  private serviceAccount(node: string, access: ResourceAccess): Decision {
    if (access.verb === 'get' && !access.subresource) return this.related(node, access)
    if (access.verb !== 'create' || !access.name) return no('can only create tokens for individual service accounts')
    if (access.subresource !== 'token') return no('can only create token subresource of serviceaccount')
    return this.related(node, access)
  }

  private pod(node: string, access: ResourceAccess): Decision {
    const { verb, subresource } = access
    if (subresource === 'status') return ['update', 'patch'].includes(verb) ? ALLOWED : no('')
    if (subresource === 'eviction') return verb === 'create' ? ALLOWED : no('')
    if (subresource) return no('')
    if (verb === 'get') return this.related(node, access)
    // What they may write, NodeRestriction looks at.
    if (verb === 'create' || verb === 'delete') return ALLOWED
    if (verb !== 'list' && verb !== 'watch') return no('')
    if (equalityIn(access.fieldSelector, 'spec.nodeName') === node) return ALLOWED
    if (access.name) return this.related(node, access)
    return no('can only list/watch pods with spec.nodeName field selector')
  }

  private resourceSlice(node: string, access: ResourceAccess): Decision {
    if (access.subresource) return no('cannot authorize ResourceSlice subresources')
    switch (access.verb) {
      case 'create':
        return ALLOWED
      case 'get':
      case 'update':
      case 'patch':
      case 'delete':
        return this.related(node, access)
      case 'watch':
      case 'list':
      case 'deletecollection':
        if (equalityIn(access.fieldSelector, 'spec.nodeName') === node) return ALLOWED
        return no('can only list/watch/deletecollection resourceslices with nodeName field selector')
      default:
        return no(
          'only the following verbs are allowed for a ResourceSlice: get, watch, list, create, update, patch, delete, deletecollection',
        )
    }
  }

  private related(node: string, access: ResourceAccess): Decision {
    if (!access.name) return no('No Object name found')
    return this.isRelated(node, access) ? ALLOWED : no(`no relationship found between node '${node}' and this object`)
  }

  private isRelated(node: string, { resource, namespace, name }: ResourceAccess): boolean {
    switch (resource) {
      case 'pods':
        return (this.store.get(`${PODS}${namespace}/${name}`)?.object as Pod | undefined)?.spec?.nodeName === node
      case 'persistentvolumes':
        return this.hasVolume(node, this.spec(`/registry/core/persistentvolumes/${name}`))
      case 'volumeattachments':
        return this.spec(`/registry/storage.k8s.io/volumeattachments/${name}`)?.['nodeName'] === node
      case 'resourceslices':
        return this.spec(`/registry/resource.k8s.io/resourceslices/${name}`)?.['nodeName'] === node
      default:
        return (
          this.pods.some(node, namespace, (pod) => referencesOf(pod, resource as Referred).includes(name)) ||
          (resource === 'secrets' && this.mounts(node, namespace, name))
        )
    }
  }

  /** Whether a pod of a node has the claim of a volume that a Secret, of any namespace, is needed to mount. */
  private mounts(node: string, namespace: string, name: string): boolean {
    return this.pods.some(node, undefined, (pod) =>
      referencesOf(pod, 'persistentvolumeclaims').some((claim) => {
        const bound = this.spec(`/registry/core/persistentvolumeclaims/${pod.metadata.namespace}/${claim}`)?.['volumeName']
        const volume = this.spec(`/registry/core/persistentvolumes/${bound as string}`) as PersistentVolume['spec']
        if (volume?.claimRef?.namespace !== pod.metadata.namespace || volume?.claimRef?.name !== claim) return false
        return secretsOfVolume(volume).some((secret) => secret.namespace === namespace && secret.name === name)
      }),
    )
  }

  /** Whether a pod of a node has the claim that a volume is bound to. */
  private hasVolume(node: string, spec: Record<string, unknown> | undefined): boolean {
    const claim = spec?.['claimRef'] as { namespace?: string; name?: string } | undefined
    if (!claim?.namespace || !claim.name) return false
    return this.pods.some(node, claim.namespace, (pod) => referencesOf(pod, 'persistentvolumeclaims').includes(claim.name!))
  }

  private spec(key: string): Record<string, unknown> | undefined {
    return (this.store.get(key)?.object as (KubeObject & { spec?: Record<string, unknown> }) | undefined)?.spec
  }
}

/** Leases of kube-node-lease that have the node's name. Of a new one NodeRestriction looks at the name. */
function lease(node: string, { verb, namespace, name }: ResourceAccess): Decision {
  if (!['get', 'create', 'update', 'patch', 'delete'].includes(verb))
    return no('can only get, create, update, patch, or delete a node lease')
  if (namespace !== LEASES) return no(`can only access leases in the ${JSON.stringify(LEASES)} system namespace`)
  if (verb !== 'create' && name !== node) return no('can only access node lease with the same name as the requesting node')
  return ALLOWED
}

function csiNode(node: string, { verb, name, subresource }: ResourceAccess): Decision {
  if (!['get', 'create', 'update', 'patch', 'delete'].includes(verb)) return no('can only get, create, update, patch, or delete a CSINode')
  if (subresource) return no('cannot authorize CSINode subresources')
  if (verb !== 'create' && name !== node) return no('can only access CSINode with the same name as the requesting node')
  return ALLOWED
}

function nodes(node: string, { verb, name, subresource }: ResourceAccess): Decision {
  if (subresource === 'status') return ['update', 'patch'].includes(verb) ? ALLOWED : no('')
  if (subresource) return no('')
  if (['create', 'update', 'patch'].includes(verb)) return ALLOWED
  if (!['get', 'list', 'watch'].includes(verb)) return no('')
  if (name === node) return ALLOWED
  return no(
    name
      ? `node '${node}' cannot read '${name}', only its own Node object`
      : `node '${node}' cannot read all nodes, only its own Node object`,
  )
}

/** The keys of the pods of each node. Read when it is first asked for, and kept from then on. */
class PodsByNode {
  private byNode: Map<string, Set<string>> | undefined
  private stopWatch: () => void = () => undefined

  constructor(private readonly store: Store) {}

  /** Whether something holds for a pod that a node has in a namespace, or in any when none is named. */
  some(node: string, namespace: string | undefined, holds: (pod: Pod) => boolean): boolean {
    const start = namespace === undefined ? PODS : `${PODS}${namespace}/`
    for (const key of this.read().get(node) ?? []) {
      const pod = key.startsWith(start) ? (this.store.get(key)?.object as Pod | undefined) : undefined
      if (pod?.spec?.nodeName === node && holds(pod)) return true
    }
    return false
  }

  stop(): void {
    this.stopWatch()
  }

  private read(): Map<string, Set<string>> {
    if (this.byNode) return this.byNode
    const byNode = (this.byNode = new Map<string, Set<string>>())
    const add = (object: KubeObject): void => {
      const { spec, metadata } = object as Pod
      if (!spec?.nodeName) return
      let keys = byNode.get(spec.nodeName)
      if (!keys) byNode.set(spec.nodeName, (keys = new Set()))
      keys.add(`${PODS}${metadata.namespace}/${metadata.name}`)
    }
    const { revision } = this.store
    for (const { object } of this.store.list(PODS).items) add(object)
    this.stopWatch = this.store.watch(PODS, revision, (events) => {
      for (const { type, current, previous } of events) {
        const { spec, metadata } = (previous?.object ?? current.object) as Pod
        if (type !== 'delete') add(current.object)
        else if (spec?.nodeName) byNode.get(spec.nodeName)?.delete(`${PODS}${metadata.namespace}/${metadata.name}`)
      }
    })
    return byNode
  }
}
