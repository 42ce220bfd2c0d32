/**
 * The API server of an embedded cluster: the verbs over the store, the client for the cluster's own components, and
 * the HTTPS front for everybody else.
 */
import type { AdmissionPlugin } from '../access/admission/plugin.js'
import { seedAccess } from '../access/bootstrap.js'
import { RbacAuthorizer } from '../access/rbac.js'
import type { Clock } from '../clock.js'
import type { Random } from '../random.js'
import type { Store } from '../store/store.js'
import { seedCluster, type ControlPlaneAddress } from './bootstrap.js'
import type { Client, Informers, UserInfo } from './client.js'
import { ConnectHandlers, type ConnectHandler } from './connect.js'
import { inProcessClient } from './inprocess.js'
import { sharedInformers } from './informer.js'
import { KindSet } from './kindset.js'
import type { Kind } from './kinds/kind.js'
import { builtinKinds } from './kinds/registry.js'
import { noFieldManagement, type FieldManagement } from './verbs/fieldmanagement.js'
import type { Machinery } from './verbs/machinery.js'

export interface ApiServerOptions {
  store: Store
  clock: Clock
  random: Random
  /** What is served from the start; the built-in kinds by default. */
  kinds?: readonly Kind[]
  /** Admission plugins in their order; none by default. */
  admission?: readonly AdmissionPlugin[]
  /** What keeps managedFields; by default nothing does. */
  fields?: FieldManagement
  /** Where pods reach this server: makes the Endpoints of `default/kubernetes`. */
  controlPlane?: ControlPlaneAddress
}

export interface ApiServer {
  readonly machinery: Machinery
  readonly kinds: KindSet
  /** Resolves when what every cluster starts with is on disk. It is visible from the start. */
  readonly seeded: Promise<void>
  /** A client that acts as a user, with its rights. */
  client(user: UserInfo): Client
  /** The informers shared by all that act as this user. */
  informers(user: UserInfo): Informers
  /** Answers a connect subresource of a resource of any group, or with `subresource` '' a virtual resource. */
  registerConnect(plural: string, subresource: string, handler: ConnectHandler): void
  close(): Promise<void>
}

/** Makes an API server over a store. Nothing listens until `listen`. */
export function createApiServer(options: ApiServerOptions): ApiServer {
  const { store, clock, random } = options
  const kinds = new KindSet(options.kinds ?? builtinKinds)
  const machinery: Machinery = {
    store,
    clock,
    random,
    kinds,
    admission: options.admission ?? [],
    fields: options.fields ?? noFieldManagement,
  }
  const authorizer = new RbacAuthorizer(store)
  const connect = new ConnectHandlers()
  const backend = { machinery, authorizer, connect }
  const informers = new Map<string, Informers>()
  const seeded = Promise.all([seedAccess(store, clock, random), seedCluster(store, kinds, clock, random, options.controlPlane)])
  return {
    machinery,
    kinds,
    seeded: seeded.then(() => undefined),
    client: (user) => inProcessClient(backend, user),
    informers(user) {
      const key = JSON.stringify([user.username, user.groups])
      let shared = informers.get(key)
      if (!shared) informers.set(key, (shared = sharedInformers(inProcessClient(backend, user), clock)))
      return shared
    },
    registerConnect: (plural, subresource, handler) => connect.register(plural, subresource, handler),
    async close() {
      for (const shared of informers.values()) shared.stop()
      authorizer.close()
      await seeded
    },
  }
}
