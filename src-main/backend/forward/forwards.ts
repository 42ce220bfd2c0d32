/**
 * Port-forwards: a local port of this machine that leads to a port of a pod. A forward to a Service or a workload finds
 * its pod anew for every connection, so that it outlives the pod that it began with.
 */
import net from 'node:net'
import { toRpcError, problem } from '../errors.js'
import { openChannels } from '../exec/channel-socket.js'
import type { Json } from '../kinds/kind.js'
import type { Forward, ObjectRef } from '../rpc/contract.js'
import { collectionPath, objectPath, query } from '../session/paths.js'
import type { Session } from '../session/session.js'

const DATA = 0
const ERROR = 1
/** How often at most the bytes of running forwards are told, ms. */
const TRAFFIC_EVERY = 500
/** A sender waits above this many bytes. */
const HIGH_WATER = 1024 * 1024
/** How long a connection waits for a pod that runs, while one is being replaced, and how often it looks, ms. */
const WAIT_FOR_POD = 15_000
const LOOK_AGAIN = 300
/** How often it is looked which pod is behind a forward while somebody watches, ms. */
const WATCH_PODS = 3000
/**
 * How long the pod is heard that says nothing, once the program on this machine has sent its last byte, ms. It may still wait for an
 * answer, or be gone altogether: the two look the same, and the protocol has no word for the first.
 */
const HEARD_FOR = 30_000
/** The reason that nothing runs behind a Service or workload just now. */
const NO_POD = 'NoPod'

const targets: Record<string, Omit<ObjectRef, 'name'>> = {
  pod: { group: '', version: 'v1', resource: 'pods' },
  service: { group: '', version: 'v1', resource: 'services' },
  deployment: { group: 'apps', version: 'v1', resource: 'deployments' },
  replicaset: { group: 'apps', version: 'v1', resource: 'replicasets' },
  statefulset: { group: 'apps', version: 'v1', resource: 'statefulsets' },
  daemonset: { group: 'apps', version: 'v1', resource: 'daemonsets' },
  replicationcontroller: { group: '', version: 'v1', resource: 'replicationcontrollers' },
}

/** What is kept of a forward while the app does not run. */
export type KeptForward = Pick<Forward, 'context' | 'namespace' | 'target' | 'remotePort' | 'localPort'>

interface Running {
  forward: Forward
  server: net.Server
  sockets: Set<net.Socket>
}

export class Forwards {
  private readonly running = new Map<string, Running>()
  private readonly listeners = new Set<(forwards: Forward[]) => void>()
  private serial = 0

  private traffic: NodeJS.Timeout | undefined
  private watching: NodeJS.Timeout | undefined

  /**
   * @param session gives the session of a context
   * @param keep is told what to keep for the next start of the app, whenever that changes
   */
  constructor(
    private readonly session: (context: string) => Session,
    private readonly keep: (forwards: KeptForward[]) => void = () => undefined,
  ) {}

  /**
   * Listens again on the ports of an earlier run. No cluster is asked before somebody connects. A port that another program has by now
   * is told as failed.
   */
  async restore(kept: readonly KeptForward[]): Promise<void> {
    for (const k of kept) {
      const running = this.prepare(k, '', 'waiting')
      try {
        await listen(running.server, k.localPort)
      } catch (error) {
        this.update(running.forward, { state: 'failed', error: toRpcError(error) })
      }
      this.tell()
    }
  }

  list(): Forward[] {
    return [...this.running.values()].map((r) => ({ ...r.forward }))
  }

  listen(listener: (forwards: Forward[]) => void): () => void {
    this.listeners.add(listener)
    listener(this.list())
    this.watching ??= setInterval(() => void this.look(), WATCH_PODS).unref()
    return () => {
      this.listeners.delete(listener)
      if (this.listeners.size === 0) this.watching = void clearInterval(this.watching)
    }
  }

  /** Shows the pods that are behind the forwards now; asks only clusters that are open. */
  private async look(): Promise<void> {
    for (const { forward } of this.running.values()) {
      const { context, namespace, target, remotePort, pod, state } = forward
      if (target.startsWith('pod/') || !pod || state === 'failed') continue
      try {
        if (this.session(context).state.phase !== 'live') continue
        const now = await this.resolve(context, namespace, target, remotePort)
        if (now.pod !== forward.pod || forward.state === 'waiting') this.update(forward, { state: 'active', pod: now.pod })
      } catch (error) {
        // What else is wrong shows when somebody connects.
        const rpc = toRpcError(error)
        if (rpc.reason === NO_POD && forward.state !== 'waiting') this.update(forward, { state: 'waiting', error: rpc })
      }
    }
  }

  /** Listens on 127.0.0.1 and checks that the target leads to a pod. `localPort` 0 or left out picks a free one. */
  async start(params: { context: string; namespace: string; target: string; remotePort: number; localPort?: number }): Promise<Forward> {
    const { context, namespace, target, remotePort } = params
    for (const [name, port, least] of [
      ['remotePort', remotePort, 1],
      ['localPort', params.localPort ?? 0, 0],
    ] as const)
      if (!Number.isInteger(port) || port < least || port > 65535) throw problem('Invalid', 'portNumber', { name, least })
    const resolved = await this.resolve(context, namespace, target, remotePort)
    const running = this.prepare({ context, namespace, target, remotePort, localPort: params.localPort ?? 0 }, resolved.pod, 'active')
    try {
      await listen(running.server, params.localPort ?? 0)
    } catch (error) {
      this.running.delete(running.forward.id)
      throw error
    }
    running.forward.localPort = (running.server.address() as net.AddressInfo).port
    this.changed()
    return { ...running.forward }
  }

  private prepare(wanted: KeptForward, pod: string, state: Forward['state']): Running {
    const { context, namespace, target, remotePort, localPort } = wanted
    const server = net.createServer({ allowHalfOpen: true, noDelay: true }, (socket) => void this.connect(running, socket))
    const running: Running = {
      forward: {
        id: `forward-${++this.serial}`,
        context,
        namespace,
        target,
        pod,
        remotePort,
        localPort,
        state,
        connections: 0,
        received: 0,
        sent: 0,
      },
      server,
      sockets: new Set(),
    }
    this.running.set(running.forward.id, running)
    return running
  }

  stop(id: string): void {
    const r = this.running.get(id)
    if (!r) return
    this.end(r)
    this.changed()
  }

  /** Ends all, and keeps them for the next start. */
  close(): void {
    this.listeners.clear()
    clearInterval(this.watching)
    for (const r of this.running.values()) this.end(r)
    clearTimeout(this.traffic)
  }

  private end(r: Running): void {
    this.running.delete(r.forward.id)
    r.server.close()
    for (const s of r.sockets) s.destroy()
  }

  /** There are others than before: they are kept and told. */
  private changed(): void {
    this.keep(
      [...this.running.values()].map(({ forward: { context, namespace, target, remotePort, localPort } }) => ({
        context,
        namespace,
        target,
        remotePort,
        localPort,
      })),
    )
    this.tell()
  }

  private async connect(r: Running, socket: net.Socket): Promise<void> {
    const { forward } = r
    r.sockets.add(socket)
    forward.connections++
    this.tell()
    socket.on('error', () => undefined)
    const ended = (): void => {
      socket.off('end', ended).off('close', ended)
      forward.connections--
      this.tell()
    }
    socket.on('end', ended).on('close', ended)
    socket.once('close', () => r.sockets.delete(socket))
    try {
      const { pod, port } = await this.untilPod(forward, socket)
      const api = await this.session(forward.context).api()
      const path = objectPath({ ...targets.pod!, namespace: forward.namespace, name: pod }, 'portforward') + query({ ports: port })
      const channels = await openChannels(api, path, ['v4.channel.k8s.io'])
      const started = new Set<number>()
      let silence: NodeJS.Timeout | undefined
      const hear = (): void => {
        clearTimeout(silence)
        silence = setTimeout(() => channels.close(), HEARD_FOR)
      }
      socket.once('end', hear)
      channels.onData((channel, data) => {
        if (silence) hear()
        let body = data
        if (!started.has(channel)) {
          // The first frame of a channel begins with the port, two bytes.
          started.add(channel)
          body = data.subarray(2)
        }
        if (!body.length) return
        if (channel === ERROR) {
          this.update(forward, { state: 'failed', error: { reason: 'Internal', message: body.toString('utf8') } })
          return channels.close()
        }
        if (channel === DATA) this.count(forward, 'received', body.length)
        if (channel === DATA && !socket.write(body)) {
          channels.pause()
          socket.once('drain', () => channels.resume())
        }
      })
      channels.onClose(() => (clearTimeout(silence), socket.end()))
      socket.on('data', (data) => {
        this.count(forward, 'sent', data.length)
        channels.send(DATA, data)
        if (channels.buffered > HIGH_WATER) {
          socket.pause()
          const timer = setInterval(() => {
            if (channels.buffered > HIGH_WATER / 2) return
            clearInterval(timer)
            socket.resume()
          }, 5)
        }
      })
      socket.once('close', () => channels.close())
      this.update(forward, { state: 'active', pod, error: undefined })
    } catch (error) {
      const rpc = toRpcError(error)
      this.update(forward, { state: rpc.reason === NO_POD ? 'waiting' : 'failed', error: rpc })
      socket.destroy()
    }
  }

  /** The pod behind a forward; waits a while for one that comes in place of another. */
  private async untilPod(forward: Forward, socket: net.Socket): Promise<{ pod: string; port: number }> {
    const giveUp = Date.now() + WAIT_FOR_POD
    for (;;) {
      try {
        return await this.resolve(forward.context, forward.namespace, forward.target, forward.remotePort)
      } catch (error) {
        const rpc = toRpcError(error)
        if (rpc.reason !== NO_POD || Date.now() > giveUp || socket.destroyed) throw error
        if (forward.state !== 'waiting') this.update(forward, { state: 'waiting', error: rpc })
        await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN))
      }
    }
  }

  /** The pod and its port behind `pod/x`, `service/y`, `deployment/z`. */
  private async resolve(context: string, namespace: string, target: string, port: number): Promise<{ pod: string; port: number }> {
    const [kind = '', name = ''] = target.split('/')
    const ref = targets[kind]
    if (!ref || !name) throw problem('Invalid', 'forwardTarget', { kinds: Object.keys(targets).join(', ') })
    const api = await this.session(context).api()
    const object = await api.json<Json>(objectPath({ ...ref, namespace, name }))
    if (kind === 'pod') return { pod: name, port }
    const labels: Record<string, string> =
      (kind === 'service' || kind === 'replicationcontroller' ? object.spec?.selector : object.spec?.selector?.matchLabels) ?? {}
    if (!Object.keys(labels).length) throw problem('Invalid', 'selectsNothing', { target })
    const selector = Object.entries(labels)
      .map(([k, v]) => `${k}=${v}`)
      .join(',')
    const pods = await api.json<Json>(collectionPath(targets.pod as ObjectRef, namespace) + query({ labelSelector: selector }))
    const running = (pods.items as Json[]).filter((p) => p.status?.phase === 'Running' && !p.metadata.deletionTimestamp)
    const ready = running.find((p) => (p.status.conditions ?? []).some((c: Json) => c.type === 'Ready' && c.status === 'True'))
    const pod = ready ?? running[0]
    if (!pod) throw problem(NO_POD, 'noPodRunning', { target })
    if (kind !== 'service') return { pod: pod.metadata.name, port }
    const servicePort = (object.spec?.ports ?? []).find((p: Json) => p.port === port)
    if (!servicePort) throw problem('Invalid', 'noServicePort', { target, port })
    const wanted = servicePort.targetPort ?? port
    const number =
      typeof wanted === 'number'
        ? wanted
        : pod.spec.containers.flatMap((c: Json) => c.ports ?? []).find((p: Json) => p.name === wanted)?.containerPort
    if (!number) throw problem('Invalid', 'noNamedPort', { pod: pod.metadata.name, port: String(wanted) })
    return { pod: pod.metadata.name, port: number }
  }

  private update(forward: Forward, change: { state: Forward['state']; pod?: string; error?: Forward['error'] | undefined }): void {
    const { error, ...rest } = change
    Object.assign(forward, rest)
    if (error) forward.error = error
    else delete forward.error
    this.tell()
  }

  private count(forward: Forward, way: 'received' | 'sent', bytes: number): void {
    forward[way] += bytes
    this.traffic ??= setTimeout(() => {
      this.traffic = undefined
      this.tell()
    }, TRAFFIC_EVERY)
  }

  private tell(): void {
    for (const l of this.listeners) l(this.list())
  }
}

/** Listens on a port of 127.0.0.1; 0 is any free one. Rejects with what to do where the port cannot be had. */
function listen(server: net.Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(
        error.code === 'EADDRINUSE'
          ? problem('Conflict', 'portInUse', { port })
          : error.code === 'EACCES'
            ? problem('Forbidden', 'portDenied', { port })
            : error,
      ),
    )
    server.listen(port, '127.0.0.1', resolve)
  })
}
