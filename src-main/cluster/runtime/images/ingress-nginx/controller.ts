/**
 * ingress-nginx' controller as a program: follows Ingresses and what they name through the API server, serves HTTP and
 * HTTPS by them, writes their addresses and records events, with the service account that its pod has.
 */
import { ServerResponse, type IncomingMessage } from 'node:http'
import tls from 'node:tls'
import type { Duplex } from 'node:stream'
import type { Ingress } from '../../../api/kinds/ingress.js'
import type { IngressClass } from '../../../api/kinds/ingressclass.js'
import type { EndpointSlice, KubeObject, Pod, Secret, Service } from '../../../api/object.js'
import { rfc3339, type Timer } from '../../../clock.js'
import { Killed, type Process, type Program } from '../../process.js'
import { ApiError, InClusterApi, type Followed } from '../in-cluster-api.js'
import { klogLine } from '../klog.js'
import { Latch, isAddressInUse, serveInProcess } from '../server-process.js'
import { buildServers, ownIngresses, type ClassOptions, type World } from './configuration.js'
import { fakeCertificate } from './fake-certificate.js'
import { matchServer } from './match.js'
import { IngressServer, type Serving } from './serve.js'
import { addressesOf } from './status.js'

/** The controller gathers changes for this long before it configures nginx, cluster ms. */
const GATHER = 100
/** Addresses of Ingresses are looked at again after this long, cluster ms. */
const STATUS_EVERY = 60_000

/** The value of `--name=value` or `--name value`. */
function argument(argv: readonly string[], name: string): string | undefined {
  const at = argv.findIndex((a) => a === `--${name}` || a.startsWith(`--${name}=`))
  if (at < 0) return undefined
  const text = argv[at]!
  return text.includes('=') ? text.slice(text.indexOf('=') + 1) : argv[at + 1]
}

/** The `/nginx-ingress-controller` of the image. */
export const ingressController =
  (version: string): Program =>
  async (process) => {
    await process.write(banner(version))
    let api: InClusterApi
    try {
      api = new InClusterApi(process)
    } catch (error) {
      await process.writeError(`${klog(process, 'F', 'main.go:67', (error as Error).message)}\n`)
      return 255
    }
    const stop = new Latch<number>()
    for (const signal of ['TERM', 'INT', 'QUIT'] as const) process.onSignal(signal, () => stop.open(0))
    process.setMemory(90 * 1024 * 1024)
    const controller = new Controller(process, api)
    try {
      await controller.start()
    } catch (error) {
      if (!isAddressInUse(error)) throw error
      const port = /:(\d+)$/.exec((error as Error).message)?.[1] ?? ''
      await process.writeError(`${klog(process, 'F', 'main.go:57', `Port ${port} is already in use. Please check the flag --http-port`)}\n`)
      return 255
    }
    const code = await stop.wait(process)
    await process.writeError(`${klog(process, 'I', 'sigterm.go:36', '"Received SIGTERM, shutting down"')}\n`)
    await controller.clearStatus()
    return code
  }

function banner(version: string): string {
  const line = '-'.repeat(79)
  return `${line}\nNGINX Ingress controller\n  Release:       v${version}\n  Build:         drydock\n  Repository:    https://github.com/kubernetes/ingress-nginx\n  nginx version: nginx/1.27.1\n\n${line}\n\n`
}

/** A line of the controller, which runs behind the image's init process. */
function klog(p: Process, level: string, where: string, text: string): string {
  return klogLine(p, where, text, level, 7)
}

class Controller {
  private readonly world: { [K in keyof World]: Followed<World[K] extends ReadonlyMap<string, infer T extends KubeObject> ? T : never> }
  private readonly options: ClassOptions
  private readonly server: IngressServer
  private serving: Serving
  private contexts = new Map<string, tls.SecureContext>()
  private gathering: Timer | undefined
  private known = new Map<string, string>()
  private loaded = ''
  private events = 0

  constructor(
    private readonly process: Process,
    private readonly api: InClusterApi,
  ) {
    const { argv } = process
    this.options = {
      ingressClass: argument(argv, 'ingress-class') ?? 'nginx',
      controllerClass: argument(argv, 'controller-class') ?? 'k8s.io/ingress-nginx',
      withoutClass: argument(argv, 'watch-ingress-without-class') === 'true',
    }
    this.serving = { servers: buildServers([], emptyWorld()), passwords: (secret, map) => this.passwords(secret, map) }
    this.server = new IngressServer(process, () => this.serving)
    this.world = {
      ingresses: api.follow<Ingress>('/apis/networking.k8s.io/v1/ingresses'),
      classes: api.follow<IngressClass>('/apis/networking.k8s.io/v1/ingressclasses'),
      services: api.follow<Service>('/api/v1/services'),
      slices: api.follow<EndpointSlice>('/apis/discovery.k8s.io/v1/endpointslices'),
      secrets: api.follow<Secret>('/api/v1/secrets'),
    }
  }

  async start(): Promise<void> {
    const { process } = this
    this.listen(80, false)
    this.contexts.set('', tls.createSecureContext(await fakeCertificate(process.clock.now())))
    this.listen(443, true)
    let ready = false
    serveInProcess(process, 10_254, (req, res) => {
      res.statusCode = req.url === '/healthz' ? (ready ? 200 : 500) : 404
      res.end(ready ? 'ok' : 'not ready')
    })
    const followed = Object.values(this.world)
    await Promise.all(followed.map((f) => f.synced))
    for (const f of followed) f.onChange = () => this.changed()
    await this.configure()
    ready = true
    const again = (): void => {
      void this.writeStatus().catch((error: unknown) => this.complain(error))
      if (!process.aborted.aborted) process.clock.after(STATUS_EVERY, again)
    }
    process.clock.after(STATUS_EVERY, again)
  }

  private listen(port: number, secure: boolean): void {
    const listener = serveInProcess(this.process, port, (req, res) => this.server.handle(req, res, secure), {
      keepAliveTimeout: 75_000,
      ...(secure ? { tls: { contextOf: (name) => this.context(name) } } : {}),
    })
    listener.server.on('upgrade', (req: IncomingMessage, socket: Duplex, head: Buffer) => {
      const res = new ServerResponse(req)
      res.assignSocket(socket as never)
      // Another protocol than HTTP from here on: what fails ends the connection.
      void this.server.upgrade(req, socket, head, res, secure).catch(() => socket.destroy())
    })
  }

  /** The certificate of a name. */
  private context(name: string | undefined): tls.SecureContext {
    const standard = this.contexts.get('')!
    const { host, certificate } = matchServer(this.serving.servers, name ?? '')
    if (name === undefined || !certificate) return standard
    const key = `${host} ${certificate.cert}`
    let context = this.contexts.get(key)
    if (context) return context
    try {
      context = tls.createSecureContext(certificate)
    } catch {
      context = standard
    }
    this.contexts.set(key, context)
    return context
  }

  private passwords(secret: string, map: boolean): ReadonlyMap<string, string> | undefined {
    const data = this.world.secrets.objects.get(secret)?.data
    if (!data) return undefined
    const decode = (value: string): string => Buffer.from(value, 'base64').toString()
    if (map) return new Map(Object.entries(data).map(([user, hash]) => [user, decode(hash).trim()]))
    const lines = decode(data['auth'] ?? '').split('\n')
    return new Map(lines.filter((l) => l.includes(':')).map((l) => [l.slice(0, l.indexOf(':')), l.slice(l.indexOf(':') + 1).trim()]))
  }

  private changed(): void {
    this.gathering ??= this.process.clock.after(GATHER, () => {
      this.gathering = undefined
      void this.configure().catch((error: unknown) => this.complain(error))
    })
  }

  /** Takes the world as it is now into use. */
  private async configure(): Promise<void> {
    const world = snapshot(this.world)
    const own = ownIngresses(world, this.options)
    this.serving = { ...this.serving, servers: buildServers(own, world) }
    // Endpoints change without a reload; hosts, paths and annotations need one.
    const shape = JSON.stringify(own.map((i) => [i.spec, i.metadata.annotations]))
    const reload = shape !== this.loaded
    this.loaded = shape
    if (reload) {
      for (const key of this.contexts.keys()) if (key !== '') this.contexts.delete(key)
      await this.say('I', 'controller.go:196', '"Configuration changes detected, backend reload required"')
      await this.say('I', 'controller.go:216', '"Backend successfully reloaded"')
      await this.reloaded()
    }
    for (const ingress of own) {
      const key = `${ingress.metadata.namespace}/${ingress.metadata.name}`
      const seen = `${ingress.metadata.uid} ${ingress.metadata.generation} ${JSON.stringify(ingress.metadata.annotations ?? {})}`
      if (this.known.get(key) === seen) continue
      this.known.set(key, seen)
      await this.event(ingress, 'networking.k8s.io/v1', 'Ingress', 'Sync', 'Scheduled for sync')
    }
    const keys = new Set(own.map((i) => `${i.metadata.namespace}/${i.metadata.name}`))
    for (const key of this.known.keys()) if (!keys.has(key)) this.known.delete(key)
    await this.writeStatus()
  }

  /** Writes the controller's addresses into every Ingress that does not have them. */
  private async writeStatus(): Promise<void> {
    const own = ownIngresses(snapshot(this.world), this.options)
    if (own.length === 0 || argument(this.process.argv, 'update-status') === 'false') return
    const addresses = await addressesOf(this.process, this.api, {
      publishService: argument(this.process.argv, 'publish-service'),
      publishAddress: argument(this.process.argv, 'publish-status-address'),
      internalAddress: this.process.argv.some((a) => /^--report-node-internal-ip-address(=true)?$/.test(a)),
    })
    await this.setStatus(own, addresses)
  }

  /** Takes the addresses away when the last controller ends. */
  async clearStatus(): Promise<void> {
    if (argument(this.process.argv, 'update-status-on-shutdown') === 'false') return
    try {
      const others = await this.otherControllers()
      if (!others) await this.setStatus(ownIngresses(snapshot(this.world), this.options), [])
    } catch (error) {
      this.complain(error)
    }
  }

  private async otherControllers(): Promise<boolean> {
    const { POD_NAME: name, POD_NAMESPACE: namespace } = this.process.env
    if (!name || !namespace) return false
    const pod = await this.api.request<Pod>('GET', `/api/v1/namespaces/${namespace}/pods/${name}`)
    const labels = Object.entries(pod.metadata.labels ?? {}).filter(([key]) => key !== 'pod-template-hash')
    const selector = encodeURIComponent(labels.map(([key, value]) => `${key}=${value}`).join(','))
    const list = await this.api.request<{ items: Pod[] }>('GET', `/api/v1/namespaces/${namespace}/pods?labelSelector=${selector}`)
    return list.items.some((p) => p.metadata.name !== name && p.status?.phase === 'Running')
  }

  private async setStatus(own: readonly Ingress[], addresses: readonly { ip?: string; hostname?: string }[]): Promise<void> {
    const named = (list: readonly { ip?: string; hostname?: string }[]): string => list.map(({ ip, hostname }) => ip || hostname).join()
    for (const { metadata, status } of own) {
      if (named(status?.loadBalancer?.ingress ?? []) === named(addresses)) continue
      const path = `/apis/networking.k8s.io/v1/namespaces/${metadata.namespace}/ingresses/${metadata.name}`
      try {
        // Its role may update the status, not patch it.
        const now = await this.api.request<Ingress>('GET', path)
        await this.api.request('PUT', `${path}/status`, {
          ...now,
          status: { loadBalancer: addresses.length > 0 ? { ingress: addresses } : {} },
        })
      } catch (error) {
        // Gone, or changed by somebody: the change brings it here again.
        if (!(error instanceof ApiError && (error.code === 404 || error.code === 409))) throw error
      }
    }
  }

  /** The event of a reload, on the controller's own pod. */
  private async reloaded(): Promise<void> {
    const { POD_NAME: name, POD_NAMESPACE: namespace } = this.process.env
    if (!name || !namespace) return
    const message = 'NGINX reload triggered due to a change in configuration'
    await this.event({ metadata: { name, namespace } }, 'v1', 'Pod', 'RELOAD', message)
  }

  private async event(about: KubeObject, apiVersion: string, kind: string, reason: string, message: string): Promise<void> {
    const { name, namespace, uid, resourceVersion } = about.metadata
    const time = rfc3339(this.process.clock.now())
    const event = {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name: `${name}.${this.process.random.hex(8)}${(this.events++).toString(16)}`, namespace },
      involvedObject: { apiVersion, kind, name, namespace, uid, resourceVersion },
      reason,
      message,
      type: 'Normal',
      source: { component: 'nginx-ingress-controller' },
      firstTimestamp: time,
      lastTimestamp: time,
      count: 1,
    }
    await this.api.request('POST', `/api/v1/namespaces/${namespace}/events`, event).catch((error: unknown) => this.complain(error))
  }

  private say(level: string, where: string, text: string): Promise<void> {
    return this.process.writeError(`${klog(this.process, level, where, text)}\n`)
  }

  private complain(error: unknown): void {
    if (error instanceof Killed) return
    const message = error instanceof Error ? error.message : String(error)
    void this.say('W', 'controller.go:240', message).catch(() => undefined)
  }
}

function emptyWorld(): World {
  return { ingresses: new Map(), classes: new Map(), services: new Map(), slices: new Map(), secrets: new Map() }
}

function snapshot(world: { [K in keyof World]: { objects: World[K] } }): World {
  const { ingresses, classes, services, slices, secrets } = world
  return {
    ingresses: ingresses.objects,
    classes: classes.objects,
    services: services.objects,
    slices: slices.objects,
    secrets: secrets.objects,
  }
}
