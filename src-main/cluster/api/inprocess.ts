/**
 * The client of the cluster's own components: the same verbs with the same access checks, admission and validation as
 * over HTTPS, but objects pass as they are: nothing is parsed or copied on the way out.
 */
import { refusal, type Authorizer } from '../access/authorizer.js'
import type {
  Client,
  DeleteOptions,
  GroupVersionResource,
  ListOptions,
  PatchType,
  ResourceClient,
  UserInfo,
  Watch,
  WatchEvent,
  WriteOptions,
} from './client.js'
import type { ConnectHandlers } from './connect.js'
import { copySharingSpec, copyJson, copyObject } from './copy.js'
import { methodNotSupported, notFound } from './errors.js'
import type { Kind } from './kinds/kind.js'
import type { KubeList, KubeObject } from './object.js'
import { applyJsonPatch } from './patch/json.js'
import { applyMergePatch } from './patch/merge.js'
import { create } from './verbs/create.js'
import { remove, removeAll } from './verbs/delete.js'
import type { Call, Machinery } from './verbs/machinery.js'
import { patch } from './verbs/patch.js'
import { get, list } from './verbs/read.js'
import { getScale, updateScale, type Scale } from './verbs/scale.js'
import { sharesSpec, update } from './verbs/update.js'
import { watch } from './verbs/watch.js'

/** What a client needs of the server. */
export interface ClientBackend {
  readonly machinery: Machinery
  readonly authorizer: Authorizer
  readonly connect: ConnectHandlers
}

/** Makes a client that acts as one user. */
export function inProcessClient(backend: ClientBackend, user: UserInfo): Client {
  const manager = componentOf(user)
  return {
    user,
    resource<T extends { metadata: object } = KubeObject>(gvr: GroupVersionResource): ResourceClient<T> {
      return new InProcessResource(backend, user, manager, gvr) as unknown as ResourceClient<T>
    },
  }
}

/** How a component of the control plane signs its writes in managedFields. */
function componentOf(user: UserInfo): string {
  if (user.username.startsWith('system:node:')) return 'kubelet'
  if (user.username.startsWith('system:serviceaccount:kube-system:')) return 'kube-controller-manager'
  return user.username.split(':').at(-1) || 'unknown'
}

class InProcessResource implements ResourceClient {
  constructor(
    private readonly backend: ClientBackend,
    private readonly user: UserInfo,
    private readonly manager: string,
    private readonly gvr: GroupVersionResource,
  ) {}

  async get(namespace: string, name: string): Promise<KubeObject> {
    const kind = this.allowed('get', namespace, name)
    return (await get(this.backend.machinery, kind, namespace, name)).object
  }

  async list(options: ListOptions = {}): Promise<KubeList<KubeObject>> {
    const kind = this.allowed('list', options.namespace ?? '', '', '', options.fieldSelector)
    const { items, ...metadata } = await list(this.backend.machinery, kind, options)
    return { kind: kind.listKind ?? `${kind.kind}List`, metadata, items: items.map((view) => view.object) }
  }

  watch(options: ListOptions, onEvent: (event: WatchEvent<KubeObject>) => void, onEnd: (error?: unknown) => void): Watch {
    try {
      const kind = this.allowed('watch', options.namespace ?? '', '', '', options.fieldSelector)
      return watch(this.backend.machinery, kind, options, {
        changes(changes) {
          for (const { type, view } of changes) onEvent({ type, object: view.object })
        },
      })
    } catch (error) {
      queueMicrotask(() => onEnd(error))
      return { stop: () => undefined }
    }
  }

  async create(namespace: string, object: KubeObject, options: WriteOptions = {}): Promise<KubeObject> {
    const { subresource = '' } = options
    const name = subresource ? (object.metadata?.name ?? '') : ''
    const kind = this.allowed('create', namespace, name, subresource)
    const call = this.call(kind, namespace, options)
    const body = copyJson(object)
    if (subresource || kind.virtual) return this.connect(kind, 'create', call, name, subresource, body)
    return (await create(this.backend.machinery, kind, call, body)).object
  }

  async update(object: KubeObject, options: WriteOptions = {}): Promise<KubeObject> {
    const { namespace = '', name = '' } = object.metadata
    const { subresource = '' } = options
    const kind = this.allowed('update', namespace, name, subresource)
    const call = this.call(kind, namespace, options)
    const part = kind.subresources?.[subresource]
    if (part?.type === 'scale') return updateScale(this.backend.machinery, kind, part, call, name, () => copyJson(object) as Scale)
    if (part?.type === 'connect') return this.connect(kind, 'update', call, name, subresource, copyJson(object))
    const copy = sharesSpec(kind, subresource, object) ? copySharingSpec(object) : copyObject(object)
    return (await update(this.backend.machinery, kind, call, name, copy, subresource)).object
  }

  async patch(
    namespace: string,
    name: string,
    body: unknown,
    options: WriteOptions & { type: PatchType; force?: boolean },
  ): Promise<KubeObject> {
    const { subresource = '', type } = options
    const kind = this.allowed('patch', namespace, name, subresource)
    const call = this.call(kind, namespace, options)
    const part = kind.subresources?.[subresource]
    if (part?.type === 'scale') {
      if (type === 'apply') {
        const config = copyJson(body) as KubeObject
        return updateScale(this.backend.machinery, kind, part, call, name, { config, force: options.force ?? false })
      }
      return updateScale(this.backend.machinery, kind, part, call, name, (present) =>
        type === 'json' ? (applyJsonPatch(present, body) as Scale) : (applyMergePatch(present, body) as Scale),
      )
    }
    const request = { type, patch: copyJson(body), subresource, ...(options.force ? { force: true } : {}) }
    return (await patch(this.backend.machinery, kind, call, name, request)).object
  }

  async delete(namespace: string, name: string, options: DeleteOptions = {}): Promise<void> {
    const kind = this.allowed('delete', namespace, name)
    await remove(this.backend.machinery, kind, this.call(kind, namespace, options), name, options)
  }

  async deleteCollection(options: ListOptions & DeleteOptions): Promise<void> {
    const namespace = options.namespace ?? ''
    const kind = this.allowed('deletecollection', namespace, '', '', options.fieldSelector)
    const { items } = await list(this.backend.machinery, kind, options)
    await removeAll(this.backend.machinery, kind, this.call(kind, namespace, options), items, options)
  }

  /** Reads the Scale of an object; not part of the contract, but what a HorizontalPodAutoscaler needs. */
  async getScale(namespace: string, name: string): Promise<Scale> {
    const kind = this.allowed('get', namespace, name, 'scale')
    const part = kind.subresources?.['scale']
    if (part?.type !== 'scale') throw methodNotSupported({ group: kind.group, resource: `${kind.plural}/scale` }, 'get')
    return getScale(this.backend.machinery, kind, part, namespace, name)
  }

  private async connect(kind: Kind, verb: string, call: Call, name: string, subresource: string, body: KubeObject): Promise<KubeObject> {
    const handler = this.backend.connect.find(kind.plural, subresource)
    if (!handler)
      throw methodNotSupported({ group: kind.group, resource: subresource ? `${kind.plural}/${subresource}` : kind.plural }, verb)
    const { namespace, user } = call
    const query = new URLSearchParams()
    const answer = await handler({ verb, kind, subresource, namespace, name, path: '', query, body, user, call, exchange: undefined })
    return answer ?? { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success' }
  }

  private allowed(verb: string, namespace: string, name = '', subresource = '', fieldSelector = ''): Kind {
    const { group, version, resource } = this.gvr
    const access = { verb, group, version, resource, subresource, namespace, name, fieldSelector }
    const decision = this.backend.authorizer.authorize(this.user, access)
    if (!decision.allowed) throw refusal(this.user, access, decision.reason)
    const kind = this.backend.machinery.kinds.find(group, version, resource)
    if (!kind) throw notFound({ group, resource }, name)
    return kind
  }

  private call(kind: Kind, namespace: string, options: { dryRun?: boolean; fieldManager?: string }): Call {
    return {
      user: this.user,
      namespace: kind.namespaced ? namespace : '',
      dryRun: options.dryRun ?? false,
      fieldManager: options.fieldManager ?? this.manager,
      fieldValidation: 'Ignore',
      warnings: [],
    }
  }
}
