/**
 * The API server of an embedded cluster: the verbs over the store, the client for the cluster's own components, and
 * the HTTPS front for everybody else.
 */
import type { Duplex } from 'node:stream'
import type { AdmissionPlugin } from '../access/admission/plugin.js'
import { seedAccess } from '../access/bootstrap.js'
import { certificateRequestCheck } from '../access/csradmission.js'
import { escalationCheck } from '../access/escalation.js'
import type { ClusterCertificates } from '../access/certificates.js'
import { noteLegacyTokenUse } from '../access/legacytokenuse.js'
import { isResourceAccess, type Authorizer } from '../access/authorizer.js'
import { NodeAuthorizer } from '../access/node-authorizer.js'
import { RbacAuthorizer } from '../access/rbac.js'
import { serverConfigMaps } from '../access/server-configmaps.js'
import { tokenChecker, type TokenChecker } from '../access/bootstraptokens.js'
import { selfSubjectAccessReview, selfSubjectReview, selfSubjectRulesReview, subjectAccessReview, tokenReview } from '../access/reviews.js'
import { ServiceAccountTokens, type ObjectLookup } from '../access/tokens.js'
import { IDLE, type Clock, type Idle } from '../clock.js'
import type { Random } from '../random.js'
import type { Store } from '../store/store.js'
import { Admission } from './admission.js'
import { seedCluster, watchSeeded, type ControlPlaneAddress } from './bootstrap.js'
import { fieldManagement } from './apply/field-management.js'
import type { Client, Informers, UserInfo } from './client.js'
import { serveCustomResources } from './crd/definitions.js'
import { ConnectHandlers, type ConnectHandler } from './connect.js'
import { RequestFlows } from './flowcontrol/classify.js'
import { keepFlowControl } from './flowcontrol/keeper.js'
import { inProcessClient } from './inprocess.js'
import { sharedInformers } from './informer.js'
import { Front } from './http/front.js'
import { defaultLimits, type Limits } from './http/limits.js'
import { KindSet, storageKey, viewOf } from './kindset.js'
import type { Kind } from './kinds/kind.js'
import { builtinKinds } from './kinds/registry.js'
import { serverFlags } from './server-flags.js'
import { ServerMetrics } from './server-metrics.js'
import { keepServiceAddresses } from './serviceaddresses.js'
import type { KubeletLookup, Streaming } from './streaming/contract.js'
import { keepApiServices } from './apiservices.js'
import { bindingHandler } from './subresources/binding.js'
import { evictionHandler } from './subresources/eviction.js'
import { tokenHandler } from './subresources/token.js'
import type { FieldManagement } from './verbs/fieldmanagement.js'
import type { Machinery } from './verbs/machinery.js'

/** How often the API server looks whether its own objects are still there, ms: the interval of kube-apiserver. */
const RESEED_MS = 10_000
/** As whom the server writes what it notes itself. */
const SERVER: UserInfo = { username: 'system:apiserver', groups: ['system:masters', 'system:authenticated'] }

export interface ApiServerOptions {
  store: Store
  clock: Clock
  random: Random
  /** What is served from the start; the built-in kinds by default. */
  kinds?: readonly Kind[]
  /** Admission plugins in their order; none by default. */
  admission?: readonly AdmissionPlugin[]
  /** What keeps managedFields; by default `api/apply`. */
  fields?: FieldManagement
  /** Where pods reach this server: makes the Endpoints of `default/kubernetes`. */
  controlPlane?: ControlPlaneAddress
  /** Certificates and keys, from `loadCertificates`; needed to listen and for service-account tokens. */
  certificates?: ClusterCertificates
  /** What speaks the protocols of exec, attach, port-forward and logs. */
  streaming?: Streaming
  /** What one client may take; those of kube-apiserver by default. */
  limits?: Partial<Limits>
  /** How much disk the store takes, bytes; left out when it is in memory. */
  bytesOnDisk?: () => number
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
  /** Says which kubelet has a pod; from then on logs, exec, attach and port-forward work. */
  setKubelet(lookup: KubeletLookup): void
  /** The tokens of service accounts; undefined without certificates. */
  readonly tokens: ServiceAccountTokens | undefined
  /** Listens on HTTPS; port 0 picks a free one. Resolves with the port. Needs certificates. */
  listen(options: { port: number; host?: string }): Promise<number>
  /** Serves one connection that does not come through a port, such as a pod's: TLS over any duplex stream. */
  handleConnection(connection: Duplex): void
  /** Ends all connections and informers. The store stays open. */
  close(): Promise<void>
}

/** Makes an API server over a store. Nothing listens until `listen`. */
export function createApiServer(options: ApiServerOptions): ApiServer {
  const { clock, random } = options
  const metrics = new ServerMetrics(options.bytesOnDisk)
  const store = metrics.storage.measured(options.store)
  const kinds = new KindSet(options.kinds ?? builtinKinds)
  const rbac = new RbacAuthorizer(store)
  const authorizer = new NodeAuthorizer(store, rbac)
  const machinery: Machinery = {
    store,
    clock,
    random,
    kinds,
    // Quota stays last: whatever refuses comes before it.
    admission: new Admission(
      [escalationCheck(authorizer), certificateRequestCheck(authorizer), ...(options.admission ?? [])],
      metrics.admission,
    ),
    decide: (user, access) => (isResourceAccess(access) ? authorizer.authorize(user, access) : authorizer.authorizePath(user, access)),
    fields: options.fields ?? fieldManagement,
    metrics,
  }
  const customResources = serveCustomResources(machinery)
  const connect = new ConnectHandlers()
  const backend = { machinery, authorizer, connect }
  const informers = new Map<string, Informers>()
  const flowControl = keepFlowControl(machinery)
  const flows = new RequestFlows(store)
  const seed = async (): Promise<void> => {
    const configMaps = options.controlPlane && options.certificates && serverConfigMaps(options.certificates, clock.now())
    await seedCluster(store, kinds, clock, random, options.controlPlane, configMaps)
    if (options.controlPlane) await flowControl.maintain()
  }
  const seeded = Promise.all([seedAccess(store, clock, random), seed()])
  // What a user deletes of it, such as the Service `kubernetes`, is there again at the next round.
  let isTouched = true
  const reseed = (): Idle | void => {
    if (!isTouched) return IDLE
    isTouched = false
    void clock.track(seed()).catch(() => (isTouched = true))
  }
  const reseeding = options.controlPlane && clock.every(RESEED_MS, reseed)
  const unwatchSeeded = options.controlPlane && watchSeeded(store, () => (isTouched = true))
  const serviceAddresses = keepServiceAddresses(machinery)
  // Registered with the aggregation layer, which only whole clusters have.
  const apiServices = options.controlPlane && keepApiServices(machinery)
  const { certificates, streaming } = options
  const tokens =
    certificates &&
    new ServiceAccountTokens(certificates.serviceAccounts, clock, random, lookupIn(machinery), (secret) =>
      noteLegacyTokenUse(inProcessClient(backend, SERVER), clock, secret),
    )
  const checker = tokens && tokenChecker(tokens, lookupIn(machinery), clock)
  registerBuiltin(machinery, authorizer, connect, tokens, checker)
  let kubelet: KubeletLookup | undefined
  let jwks: object = { keys: [] }
  void tokens?.jwks().then((keys) => (jwks = keys))
  const front =
    certificates &&
    new Front({
      machinery,
      authorizer,
      flows,
      connect,
      identity: { ...certificates.server, ca: certificates.ca.cert },
      checkToken: async (token) =>
        checker!.check(token, [checker!.issuer]).then(
          (checked) => checked.user,
          () => undefined,
        ),
      streaming,
      kubelet: () => kubelet,
      keys: tokens && {
        issuer: tokens.issuer,
        address: options.controlPlane && `${options.controlPlane.ip}:${options.controlPlane.port}`,
        jwks: () => jwks,
      },
      flags: serverFlags(options.controlPlane?.ip ?? '127.0.0.1'),
      limits: { ...defaultLimits, ...options.limits },
    })
  const needed = (): Front => {
    if (!front) throw new Error('an API server without certificates cannot be reached over HTTPS')
    return front
  }
  return {
    machinery,
    kinds,
    tokens,
    seeded: seeded.then(() => apiServices?.ready),
    client: (user) => inProcessClient(backend, user),
    informers(user) {
      const key = JSON.stringify([user.username, user.groups])
      let shared = informers.get(key)
      if (!shared) informers.set(key, (shared = sharedInformers(inProcessClient(backend, user), clock)))
      return shared
    },
    registerConnect: (plural, subresource, handler) => connect.register(plural, subresource, handler),
    setKubelet: (lookup) => (kubelet = lookup),
    listen: async ({ port, host = '127.0.0.1' }) => needed().listen(port, host),
    handleConnection: (connection) => needed().handleConnection(connection),
    async close() {
      reseeding?.cancel()
      unwatchSeeded?.()
      for (const shared of informers.values()) shared.stop()
      await front?.close()
      customResources.stop()
      serviceAddresses.stop()
      apiServices?.stop()
      flowControl.stop()
      flows.close()
      authorizer.close()
      rbac.close()
      await seeded
    },
  }
}

function lookupIn(m: Machinery): ObjectLookup {
  return (group, resource, namespace, name) => {
    const kind = m.kinds.findResource(group, resource)
    const stored = kind && m.store.get(storageKey(kind, namespace, name))
    return stored && viewOf(kind, stored).object
  }
}

/** What the server answers itself among the connect subresources and virtual resources. */
function registerBuiltin(
  m: Machinery,
  authorizer: Authorizer,
  connect: ConnectHandlers,
  tokens: ServiceAccountTokens | undefined,
  checker: TokenChecker | undefined,
): void {
  connect.register('pods', 'binding', bindingHandler(m))
  connect.register('bindings', '', bindingHandler(m))
  connect.register('pods', 'eviction', evictionHandler(m))
  connect.register('selfsubjectaccessreviews', '', selfSubjectAccessReview(m, authorizer))
  connect.register('subjectaccessreviews', '', subjectAccessReview(m, authorizer))
  connect.register('localsubjectaccessreviews', '', subjectAccessReview(m, authorizer))
  connect.register('selfsubjectrulesreviews', '', selfSubjectRulesReview(authorizer))
  connect.register('selfsubjectreviews', '', selfSubjectReview(m.clock))
  if (!tokens || !checker) return
  connect.register('serviceaccounts', 'token', tokenHandler(m, tokens))
  connect.register('tokenreviews', '', tokenReview(checker))
}
