/**
 * The proxy subresources of pods, services and nodes: any HTTP method, passed on from where the API server stands in the
 * cluster's network.
 */
import { posix } from 'node:path'
import type { KubeletEndpoint } from '../../kubelet/endpoint.js'
import type { KubeletConfiguration } from '../../kubelet/kubelet-configuration.js'
import type { PodStats } from '../../kubelet/pod-stats.js'
import type { NetworkNamespace, Traffic } from '../../network/network.js'
import type { Random } from '../../random.js'
import type { ConnectHandler, ConnectRequest, UpgradedConnection } from '../connect.js'
import { badRequest } from '../errors.js'
import type { ApiServer } from '../server.js'
import { forward } from './forward.js'
import { forwardUpgrade } from './upgrade.js'
import { isLogDirectory, logDirectory } from './kubelet-files.js'
import { containerLog, isContainerLog } from './kubelet-logs.js'
import { kubeletAnswer } from './kubelet.js'
import type { CpuRates } from './kubelet-view.js'
import { ProxyTargets, unavailable, type ProxyTarget } from './target.js'

export interface ProxyOptions {
  readonly api: ApiServer
  readonly random: Random
  /** Where the API server's own connections begin: the network of the control plane's node. */
  readonly network: () => NetworkNamespace | undefined
  /** Whether the kubelet of a node answers; says with an Error why not. */
  readonly reachKubelet?: (node: string) => void
  /** The kubelet of a node, for the logs of its containers. */
  readonly kubelet?: (node: string) => KubeletEndpoint | undefined
  /** What the pods that run on a node use. */
  readonly usage?: (node: string) => readonly PodStats[]
  /** What a node's own network interface has carried. */
  readonly traffic?: (node: string) => Traffic | undefined
  readonly rates?: CpuRates
  /** What the machine of a node says of its kubelet. */
  readonly configuration?: (node: string) => KubeletConfiguration | undefined
}

/** Registers `pods/proxy`, `services/proxy` and `nodes/proxy`. */
export function serveProxies({ api, random, network, reachKubelet, kubelet, usage, traffic, rates, configuration }: ProxyOptions): void {
  const { store, clock } = api.machinery
  const targets = new ProxyTargets(store, random)
  const pass = async (call: RawCall, target: ProxyTarget): Promise<undefined> => {
    const namespace = network()
    if (!namespace) throw unavailable('error trying to reach service: the network of the control plane is down')
    await (call.upgrade ? forwardUpgrade(namespace, target, { ...call, upgrade: call.upgrade }) : forward(namespace, target, call))
    return undefined
  }
  const through =
    (find: (request: ConnectRequest) => ProxyTarget): ConnectHandler =>
    async (request) => {
      const target = find(request)
      const call = rawCall(request)
      return call && pass(call, target)
    }
  api.registerConnect(
    'pods',
    'proxy',
    through(({ namespace, name }) => targets.pod(namespace, name)),
  )
  api.registerConnect(
    'services',
    'proxy',
    through(({ namespace, name }) => targets.service(namespace, name)),
  )
  api.registerConnect('nodes', 'proxy', async (request) => {
    const { name, target } = targets.node(request.name)
    const call = rawCall(request)
    if (!call) return undefined
    if (target) return pass(call, target)
    if (call.upgrade) throw badRequest('the kubelet upgrades connections to its containers only through the subresources of pods')
    try {
      reachKubelet?.(name)
    } catch (error) {
      throw unavailable(`error trying to reach service: ${(error as Error).message}`)
    }
    const view = {
      store,
      clock,
      node: name,
      usage: usage?.(name) ?? [],
      traffic: traffic?.(name),
      rates,
      configuration: configuration?.(name),
    }
    const { request: asked, response } = call
    const path = call.path.replace(/\?.*/, '')
    const answer =
      asked.method === 'GET' && isContainerLog(path)
        ? await containerLog(view, kubelet?.(name), call)
        : asked.method === 'GET' && isLogDirectory(path)
          ? await logDirectory(view, kubelet?.(name), path)
          : kubeletAnswer(view, asked.method ?? 'GET', call.path)
    if (!answer) return undefined
    const { code, type, body } = answer
    response.statusCode = code
    response.setHeader('cache-control', 'no-cache, private')
    response.setHeader('content-type', type)
    response.setHeader('content-length', String(Buffer.byteLength(body)))
    if (call.request.method === 'HEAD') response.end()
    else (response as { end(text: string): void }).end(body)
    return undefined
  })
}

/** The URL of a proxy: what is of the API, what is of the target, the query. */
const PROXY_URL = /^(\/+api\/+v1\/+(?:namespaces\/+[^/?]+\/+)?(?:pods|services|nodes)\/+[^/?]+\/+proxy)(?=[/?]|$)([^?]*)(\?.*)?$/

type RawCall = NonNullable<ConnectRequest['exchange']> & {
  readonly prefix: string
  readonly path: string
  readonly upgrade?: UpgradedConnection
}

/**
 * The path of a target as a proxy asks for it: percent-encoding is undone and the path cleaned on the way, so that an
 * encoded slash arrives as a slash, and then encoded again where it must be.
 */
function targetPath(rest: string): string {
  return posix
    .normalize(decodeURIComponent(rest))
    .replaceAll(/[^\w.~$&+,/:;=@-]/gu, (c) =>
      [...Buffer.from(c)].map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join(''),
    )
}

/**
 * A request as it is passed on, with the path behind the subresource. Undefined when the client was sent to the same path
 * with a slash at its end, as is done for those who could not follow the links of the answer otherwise.
 */
function rawCall({ exchange, upgrade }: ConnectRequest): RawCall | undefined {
  if (!exchange) throw badRequest('a proxy needs a connection')
  const { request, response } = exchange
  const [, prefix = '', rest = '', query = ''] = PROXY_URL.exec(request.url ?? '') ?? []
  if (!rest && !upgrade && (request.method === 'GET' || request.method === 'HEAD')) {
    response.statusCode = 301
    response.setHeader('location', `${prefix}/${query}`)
    response.end()
    return undefined
  }
  return { request, response, prefix, path: targetPath(rest || '/') + query, ...(upgrade ? { upgrade } : {}) }
}
