/**
 * Opens what people ask for with Tunnel objects, and closes it when they are deleted: ports of 127.0.0.1 that lead to a
 * Service, an Ingress or a node port. A Service of type LoadBalancer gets the address for as long as one is open.
 */
import { jsonText } from '../../exact-json.js'
import { resources, type Client, type GroupVersionResource, type Informers } from '../api/client.js'
import { isReason } from '../api/errors.js'
import type { Ingress } from '../api/kinds/ingress.js'
import type { Tunnel, TunnelCondition, TunnelPort } from '../api/kinds/tunnel.js'
import { keyOf, type Service } from '../api/object.js'
import { rfc3339, type Clock } from '../clock.js'
import { hostTimeout } from '../host.js'
import type { Connection, NetworkNamespace } from './network.js'
import { LOCAL_ADDRESS, openTunnelPort, type TunnelListener } from './tunnel-port.js'
import { targetsOf, type TunnelTarget } from './tunnel-target.js'

export const TUNNELS: GroupVersionResource = { group: 'drydock.dev', version: 'v1', resource: 'tunnels' }
const INGRESSES: GroupVersionResource = { group: 'networking.k8s.io', version: 'v1', resource: 'ingresses' }
/** Counters are written down at most this often, wall ms. */
const REPORT_EVERY = 1_000
/** Wall ms after which a port that was refused is tried again. */
const RETRY_AFTER = 5_000

export interface TunnelsOptions {
  client: Client
  informers: Informers
  clock: Clock
  /** Where connections come from in the cluster: the node of the control plane. */
  from(): NetworkNamespace | undefined
  log(message: string, error: unknown): void
}

/** Follows Tunnels. Returns a function that closes everything that is open. */
export function startTunnels(options: TunnelsOptions): () => void {
  const { informers } = options
  const open = new Map<string, OpenTunnel>()
  const services = informers.for<Service>(resources.services)
  const ingresses = informers.for<Ingress>(INGRESSES)
  const tunnels = informers.for<Tunnel>(TUNNELS)
  let stopped = false
  const look = (namespace: string | undefined, what: 'service' | 'ingress', name: string | undefined): void => {
    for (const t of open.values()) if (t.tunnel.metadata.namespace === namespace && t.tunnel.spec[what] === name) t.sync()
  }
  const put = (tunnel: Tunnel): void => {
    const key = keyOf(tunnel)
    let known = open.get(key)
    if (!known) open.set(key, (known = new OpenTunnel(options, tunnel)))
    const changed = known.tunnel.metadata.generation !== tunnel.metadata.generation || known.isNew
    known.tunnel = tunnel
    if (changed) known.sync()
  }
  const stops: (() => void)[] = []
  void Promise.all([services.synced, ingresses.synced]).then(() => {
    if (stopped) return
    stops.push(
      tunnels.on({
        add: put,
        update: (old, tunnel) => {
          if (old.metadata.uid !== tunnel.metadata.uid) open.get(keyOf(old))?.close(true)
          put(tunnel)
        },
        delete: (tunnel) => {
          open.get(keyOf(tunnel))?.close(true)
          open.delete(keyOf(tunnel))
        },
      }),
      services.on({
        add: (s) => look(s.metadata.namespace, 'service', s.metadata.name),
        update: (old, s) => {
          // What is written into its status here is no news.
          if (old.spec !== s.spec && jsonText(old.spec) !== jsonText(s.spec)) look(s.metadata.namespace, 'service', s.metadata.name)
        },
        delete: (s) => look(s.metadata.namespace, 'service', s.metadata.name),
      }),
      ingresses.on({
        add: (i) => look(i.metadata.namespace, 'ingress', i.metadata.name),
        update: (_, i) => look(i.metadata.namespace, 'ingress', i.metadata.name),
        delete: (i) => look(i.metadata.namespace, 'ingress', i.metadata.name),
      }),
    )
  })
  return () => {
    stopped = true
    for (const stop of stops) stop()
    for (const tunnel of open.values()) tunnel.close(false)
    open.clear()
  }
}

interface OpenPort {
  target: TunnelTarget
  listener: TunnelListener
}

/** The ports of one Tunnel. */
class OpenTunnel {
  isNew = true
  private ports: OpenPort[] = []
  private working: Promise<void> | undefined
  private again = false
  private closed = false
  private cancelTimer: (() => void) | undefined
  /** The Service that shows the tunnel's address as its load balancer's. */
  private balanced: string | undefined

  constructor(
    private readonly options: TunnelsOptions,
    public tunnel: Tunnel,
  ) {}

  /** Opens, closes and reports as the Tunnel and its target say now. */
  sync(): void {
    this.isNew = false
    if (this.closed) return
    if (this.working) {
      this.again = true
      return
    }
    this.working = this.open()
      .catch((error: unknown) => this.options.log(`the tunnel ${keyOf(this.tunnel)} cannot be opened`, error))
      .finally(() => {
        this.working = undefined
        if (!this.again) return
        this.again = false
        this.sync()
      })
  }

  close(takeAddress: boolean): void {
    this.closed = true
    this.cancelTimer?.()
    for (const { listener } of this.ports) listener.close()
    this.ports = []
    if (takeAddress && this.balanced) void this.balance(this.balanced, undefined)
  }

  private async open(): Promise<void> {
    const { tunnel, options } = this
    const { informers } = options
    const found = targetsOf(tunnel, {
      service: (name) => informers.for<Service>(resources.services).get(tunnel.metadata.namespace!, name),
      ingress: (name) => informers.for<Ingress>(INGRESSES).get(tunnel.metadata.namespace!, name),
      node: options.from()?.ip,
    })
    const wanted = 'targets' in found ? found.targets : []
    const kept = this.ports.filter((p) => wanted.some((t) => samePort(t, p.target) && this.fits(p.listener)))
    for (const p of this.ports) if (!kept.includes(p)) p.listener.close()
    this.ports = kept
    if ('missing' in found) return this.report(false, found.missing, found.message)
    let refused: { reason: string; message: string } | undefined
    for (const target of found.targets) {
      const there = this.ports.find((p) => samePort(p.target, target))
      if (there) {
        there.target = target
        continue
      }
      const opened = await this.openPort(target)
      if (this.closed) {
        if ('port' in opened) opened.port.close()
        return
      }
      if ('port' in opened) this.ports.push(opened.entry)
      else refused ??= { reason: opened.refused, message: opened.message }
    }
    if (refused) this.later(RETRY_AFTER, () => this.sync())
    const ports = this.ports.map((p) => `${LOCAL_ADDRESS}:${p.listener.localPort} leads to port ${p.target.port} of ${p.target.label}`)
    await this.report(!refused, refused?.reason ?? 'Listening', refused?.message ?? ports.join('; '))
    await this.shareAddress()
  }

  /** Whether an open port is where the spec wants it. */
  private fits(listener: TunnelListener): boolean {
    const { localPort } = this.tunnel.spec
    return localPort === undefined || localPort === listener.localPort
  }

  private async openPort(target: TunnelTarget): Promise<{ port: TunnelListener; entry: OpenPort } | { refused: string; message: string }> {
    const { spec, status } = this.tunnel
    const entry = { target } as OpenPort
    const dial = (): Promise<Connection> => {
      const from = this.options.from()
      if (!from) return Promise.reject(new Error('the cluster has no node to connect from'))
      return from.connect(entry.target.address, entry.target.port)
    }
    // The port that was asked for; or the one it had before a restart, the same number as in the cluster, any.
    const before = status?.ports?.find((p) => p.port === target.port)?.localPort
    const tries = spec.localPort === undefined ? [...new Set([before ?? target.port, target.port, 0])] : [spec.localPort]
    for (const port of tries) {
      const opened = await openTunnelPort(port, dial)
      if ('port' in opened) {
        entry.listener = opened.port
        opened.port.onChange = () => this.later(REPORT_EVERY, () => void this.reportTraffic())
        return { port: opened.port, entry }
      }
      if (port === tries.at(-1)) return opened
    }
    throw new Error('there is always a last try')
  }

  /** Calls once after a while; a call that waits already stays. */
  private later(ms: number, fn: () => void): void {
    this.cancelTimer ??= hostTimeout(ms, () => {
      this.cancelTimer = undefined
      if (!this.closed) fn()
    })
  }

  private traffic(): { connections: number; bytesSent: number; bytesReceived: number } {
    const sum = { connections: 0, bytesSent: 0, bytesReceived: 0 }
    for (const { listener } of this.ports) {
      const { sent, received } = listener.traffic()
      sum.connections += listener.connections
      sum.bytesSent += sent
      sum.bytesReceived += received
    }
    return sum
  }

  private async reportTraffic(): Promise<void> {
    await this.write(this.traffic())
    if (this.traffic().connections > 0) this.later(REPORT_EVERY, () => void this.reportTraffic())
  }

  private report(ready: boolean, reason: string, message: string): Promise<void> {
    const { tunnel } = this
    const status = ready ? 'True' : 'False'
    const old = tunnel.status?.conditions?.find((c) => c.type === 'Ready')
    const { generation } = tunnel.metadata
    const lastTransitionTime = old?.status === status ? old.lastTransitionTime : rfc3339(this.options.clock.now())
    const condition: TunnelCondition = { type: 'Ready', status, reason, message, lastTransitionTime, observedGeneration: generation }
    const ports = this.ports.map(({ target, listener }): TunnelPort => {
      const standard = listener.localPort === (target.scheme === 'https' ? 443 : 80)
      const url = `${target.scheme}://${target.host ?? LOCAL_ADDRESS}${standard ? '' : `:${listener.localPort}`}`
      return { ...(target.name ? { name: target.name } : {}), port: target.port, localPort: listener.localPort, url }
    })
    return this.write({
      observedGeneration: generation,
      address: ports.length > 0 ? LOCAL_ADDRESS : null,
      url: ports[0]?.url ?? null,
      ports: ports.length > 0 ? ports : null,
      ...this.traffic(),
      conditions: [condition],
    })
  }

  private async write(status: object): Promise<void> {
    const { metadata } = this.tunnel
    try {
      const written = await this.options.client
        .resource<Tunnel>(TUNNELS)
        .patch(metadata.namespace!, metadata.name!, { metadata: { uid: metadata.uid }, status }, { type: 'merge', subresource: 'status' })
      if (written.metadata.generation === this.tunnel.metadata.generation) this.tunnel = written
    } catch (error) {
      // Deleted meanwhile, or made anew under the same name.
      if (!isReason(error, 'NotFound') && !isReason(error, 'Conflict'))
        this.options.log(`writing the status of the tunnel ${keyOf(this.tunnel)} failed`, error)
    }
  }

  /** A Service of type LoadBalancer shows this machine's address while a tunnel to it is open. */
  private async shareAddress(): Promise<void> {
    const { namespace } = this.tunnel.metadata
    const service = this.tunnel.spec.service
      ? this.options.informers.for<Service>(resources.services).get(namespace!, this.tunnel.spec.service)
      : undefined
    const wanted = service?.spec?.type === 'LoadBalancer' && this.ports.length > 0 ? service.metadata.name : undefined
    if (this.balanced && this.balanced !== wanted) await this.balance(this.balanced, undefined)
    this.balanced = wanted
    if (wanted) await this.balance(wanted, { ip: LOCAL_ADDRESS, ipMode: 'Proxy' })
  }

  private async balance(service: string, ingress: object | undefined): Promise<void> {
    const { namespace } = this.tunnel.metadata
    try {
      const status = { loadBalancer: { ingress: ingress ? [ingress] : null } }
      await this.options.client
        .resource(resources.services)
        .patch(namespace!, service, { status }, { type: 'merge', subresource: 'status' })
    } catch (error) {
      if (!isReason(error, 'NotFound')) this.options.log(`writing the address of the load balancer ${namespace}/${service} failed`, error)
    }
  }
}

function samePort(a: TunnelTarget, b: TunnelTarget): boolean {
  return a.port === b.port && a.label === b.label
}
