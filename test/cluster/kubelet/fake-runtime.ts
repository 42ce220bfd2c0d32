/** A container runtime and network for kubelet tests: containers do what a table of behaviours by image says. */
import { Duplex, PassThrough } from 'node:stream'
import type { Readable } from 'node:stream'
import type { Clock } from '../../../src-main/cluster/clock.js'
import type { ExecOptions, LogOptions, Session } from '../../../src-main/cluster/kubelet/endpoint.js'
import type { Connection, Listener, Network, NetworkNamespace } from '../../../src-main/cluster/network/network.js'
import { NetworkError } from '../../../src-main/cluster/network/network.js'
import type {
  FileOfVolume,
  ContainerConfig,
  ContainerInfo,
  ContainerRuntime,
  PodSandbox,
  PodSandboxConfig,
  PulledImage,
  Volume,
} from '../../../src-main/cluster/runtime/cri.js'
import { ImageError } from '../../../src-main/cluster/runtime/cri.js'

/** How the containers of an image behave. All times in ms of cluster time. */
export interface Behaviour {
  pullMs?: number
  size?: number
  placeholder?: boolean
  missing?: boolean
  present?: boolean
  /** Exits by itself after this long, with this code. */
  exit?: { afterMs: number; code: number }
  /** How long it takes to end after SIGTERM; never by default, so that it is killed with 137. */
  stopMs?: number
  startError?: string
  exec?(command: readonly string[]): { code: number; output?: string; afterMs?: number }
  /** Serves on a port once started. */
  listen?: { port: number; onConnection(connection: Duplex): void }
  user?: string
}

export class FakeVolume implements Volume {
  files: Record<string, string> = {}
  modes: Record<string, number> = {}
  replacements = 0
  constructor(readonly what: string) {}
  replaceFiles(files: Readonly<Record<string, FileOfVolume>>): void {
    this.replacements++
    const text = ({ data }: FileOfVolume): string => Buffer.from(typeof data === 'function' ? data() : data).toString()
    this.files = Object.fromEntries(Object.entries(files).map(([k, f]) => [k, text(f)]))
    this.modes = Object.fromEntries(Object.entries(files).map(([k, f]) => [k, f.mode]))
  }
  usage(): number {
    return 0
  }
}

class FakeNamespace implements NetworkNamespace {
  resolvConf = ''
  hosts = ''
  readonly listening = new Map<number, (connection: Connection) => void>()
  constructor(
    readonly ip: string,
    readonly node: string,
    private readonly all: Map<string, FakeNamespace>,
  ) {
    all.set(ip, this)
  }
  listen(port: number, onConnection: (connection: Connection) => void): Listener {
    this.listening.set(port, onConnection)
    return { address: this.ip, port, close: () => this.listening.delete(port) }
  }
  async connect(address: string, port: number): Promise<Connection> {
    const target = address === '127.0.0.1' ? this : this.all.get(address)
    const accept = target?.listening.get(port)
    if (!target) throw new NetworkError('EHOSTUNREACH', 'no route')
    if (!accept) throw new NetworkError('ECONNREFUSED', 'refused')
    const [here, there] = pair()
    accept(there as unknown as Connection)
    return here as unknown as Connection
  }
  async resolve(): Promise<string[]> {
    return []
  }
  listeners(): readonly { address: string; port: number }[] {
    return [...this.listening.keys()].map((port) => ({ address: this.ip, port }))
  }
  bindUdp(): never {
    throw new NetworkError('EPROTONOSUPPORT', 'no datagrams here')
  }
  sockets(): [] {
    return []
  }
  close(): void {
    this.all.delete(this.ip)
  }
}

class End extends Duplex {
  other!: End
  override _read(): void {}
  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    if (!this.other.destroyed) this.other.push(chunk)
    done()
  }
  override _final(done: (error?: Error | null) => void): void {
    if (!this.other.destroyed) this.other.push(null)
    done()
  }
  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    if (!this.other.destroyed && !this.other.readableEnded) this.other.push(null)
    done(error)
  }
}

/** Two ends of one byte stream. */
export function pair(): [Duplex, Duplex] {
  const [a, b] = [new End(), new End()]
  a.other = b
  b.other = a
  return [a, b]
}

interface FakeContainer {
  info: ContainerInfo
  config: ContainerConfig
  behaviour: Behaviour
  sandbox: string
  timers: { cancel(): void }[]
  exited(): Promise<void>
  resolveExit(): void
}

export class FakeRuntime implements ContainerRuntime {
  readonly behaviours: Record<string, Behaviour> = {}
  readonly containers = new Map<string, FakeContainer>()
  readonly sandboxes = new Map<string, PodSandboxConfig & { ip: string; stopped: boolean }>()
  readonly pulled = new Map<string, PulledImage>()
  readonly calls: string[] = []
  readonly namespaces = new Map<string, FakeNamespace>()
  readonly network: Network
  private readonly listeners = new Set<(info: ContainerInfo) => void>()
  private readonly sandboxNetworks = new Map<string, FakeNamespace>()
  private serial = 0
  private hosts = new Map<string, FakeNamespace>()
  private readonly addresses = new Map<string, number>()

  constructor(private readonly clock: Clock) {
    this.network = {
      addNode: (name, address) => {
        const ns = new FakeNamespace(address, name, this.namespaces)
        this.hosts.set(name, ns)
        return ns
      },
      removeNode: (name) => void this.hosts.delete(name),
      node: (name) => this.hosts.get(name),
      addPod: () => {
        throw new Error('not used')
      },
    }
  }

  behaviour(image: string): Behaviour {
    return this.behaviours[image] ?? {}
  }

  private image(image: string): PulledImage {
    const b = this.behaviour(image)
    return {
      reference: `docker.io/library/${image}`,
      id: `docker.io/library/${image.split(':')[0]}@sha256:${'0'.repeat(64)}`,
      size: b.size ?? 1000,
      placeholder: b.placeholder ?? false,
      ...(b.user ? { user: b.user } : {}),
    } as PulledImage
  }

  async pullImage(node: string, image: string, signal?: AbortSignal): Promise<PulledImage> {
    const b = this.behaviour(image)
    this.calls.push(`pull ${image}`)
    if (b.pullMs) await this.clock.sleep(b.pullMs, signal)
    if (b.missing)
      throw new ImageError(
        'ErrImagePull',
        `failed to resolve reference "docker.io/library/${image}": docker.io/library/${image}: not found`,
      )
    this.pulled.set(`${node}/${image}`, this.image(image))
    return this.image(image)
  }

  imageStatus(node: string, image: string): PulledImage | undefined {
    return this.behaviour(image).present ? this.image(image) : this.pulled.get(`${node}/${image}`)
  }

  listImages(node: string): readonly { names: string[]; sizeBytes: number }[] {
    return [...this.pulled].filter(([k]) => k.startsWith(`${node}/`)).map(([, i]) => ({ names: [i.reference], sizeBytes: i.size }))
  }

  createVolume(options: { sizeLimit?: number; medium?: 'Memory' | '' } = {}): Volume {
    return new FakeVolume(`volume${options.medium ? ` ${options.medium}` : ''}${options.sizeLimit ? ` ${options.sizeLimit}` : ''}`)
  }

  hostPathVolume(node: string, path: string, type: string): Volume {
    return new FakeVolume(`${node}:${path}:${type}`)
  }

  async runPodSandbox(config: PodSandboxConfig): Promise<PodSandbox> {
    const id = `sandbox-${++this.serial}`
    const n = (this.addresses.get(config.node) ?? 1) + 1
    this.addresses.set(config.node, n)
    const ip = config.ip ?? `10.244.0.${n}`
    this.calls.push(`sandbox ${config.name}`)
    this.sandboxes.set(id, Object.assign(config, { ip, stopped: false }))
    const network = new FakeNamespace(ip, config.node, this.namespaces)
    this.sandboxNetworks.set(id, network)
    return { id, ip, network }
  }

  async stopPodSandbox(id: string): Promise<void> {
    this.calls.push(`stop sandbox ${this.sandboxes.get(id)?.name}`)
    for (const c of this.containers.values()) if (c.sandbox === id && c.info.state === 'running') this.exit(c, 137, 'Error')
    this.sandboxNetworks.get(id)?.close()
    const s = this.sandboxes.get(id)
    if (s) s.stopped = true
  }

  sandboxReady(id: string): boolean {
    return this.sandboxes.get(id)?.stopped === false
  }

  async removePodSandbox(id: string): Promise<void> {
    this.calls.push(`remove sandbox ${this.sandboxes.get(id)?.name}`)
    this.sandboxes.delete(id)
  }

  async createContainer(sandboxId: string, config: ContainerConfig): Promise<string> {
    const id = config.id ?? `container-${++this.serial}`
    this.calls.push(`create ${config.name}`)
    let resolveExit = (): void => undefined
    const exit = new Promise<void>((resolve) => (resolveExit = resolve))
    this.containers.set(id, {
      info: { id, sandboxId, name: config.name, state: 'created', createdAt: this.clock.now() },
      config,
      behaviour: this.behaviour(config.image),
      sandbox: sandboxId,
      timers: [],
      exited: () => exit,
      resolveExit,
    })
    return id
  }

  async startContainer(id: string): Promise<void> {
    const c = this.containers.get(id)!
    if (c.behaviour.startError) throw new Error(c.behaviour.startError)
    this.calls.push(`start ${c.config.name}`)
    c.info = { ...c.info, state: 'running', startedAt: this.clock.now() }
    const { listen, exit } = c.behaviour
    if (listen) this.sandboxNetworks.get(c.sandbox)!.listen(listen.port, listen.onConnection)
    this.tell(c.info)
    if (exit) c.timers.push(this.clock.after(exit.afterMs, () => this.exit(c, exit.code)))
  }

  /** Ends a container from outside. */
  exit(container: FakeContainer | string, code: number, reason?: string): void {
    const c = typeof container === 'string' ? [...this.containers.values()].filter((x) => x.config.name === container).at(-1)! : container
    if (c.info.state !== 'running') return
    for (const t of c.timers) t.cancel()
    this.calls.push(`exit ${c.config.name} ${code}`)
    const { listen } = c.behaviour
    if (listen) this.sandboxNetworks.get(c.sandbox)!.listening.delete(listen.port)
    c.info = {
      ...c.info,
      state: 'exited',
      finishedAt: this.clock.now(),
      exitCode: code,
      reason: reason ?? (code === 0 ? 'Completed' : 'Error'),
    }
    this.tell(c.info)
    c.resolveExit()
  }

  async stopContainer(id: string, graceSeconds: number): Promise<void> {
    const c = this.containers.get(id)
    if (!c) throw new Error(`container ${id} not found`)
    if (c.info.state !== 'running') return
    this.calls.push(`stop ${c.config.name} ${graceSeconds}`)
    const { stopMs } = c.behaviour
    const soft = stopMs !== undefined && stopMs <= graceSeconds * 1000
    c.timers.push(this.clock.after(soft ? stopMs : graceSeconds * 1000, () => this.exit(c, soft ? 0 : 137)))
    await c.exited()
  }

  async removeContainer(id: string): Promise<void> {
    this.containers.delete(id)
  }

  containerInfo(id: string): ContainerInfo | undefined {
    return this.containers.get(id)?.info
  }

  containerStats(): { cpuNanos: number; memoryBytes: number } {
    return { cpuNanos: 5_000_000, memoryBytes: 1_048_576 }
  }

  async exec(id: string, options: ExecOptions): Promise<Session> {
    const c = this.containers.get(id)
    if (c?.info.state !== 'running') throw new Error('container is not running')
    this.calls.push(`exec ${c.config.name} ${options.command.join(' ')}`)
    const { code, output, afterMs } = c.behaviour.exec?.(options.command) ?? { code: 0 }
    const stdout = new PassThrough()
    const stderr = new PassThrough()
    const status = (async () => {
      if (afterMs) await this.clock.sleep(afterMs)
      stdout.end(output ?? '')
      stderr.end()
      return { code }
    })()
    return { stdout, stderr, status, resize: () => undefined, close: () => undefined }
  }

  attach(id: string, options: Omit<ExecOptions, 'command'>): Promise<Session> {
    return this.exec(id, { ...options, command: ['attach'] })
  }

  logs(id: string, options: LogOptions): Readable {
    const out = new PassThrough()
    out.end(`log of ${id}${options.tailLines === undefined ? '' : ` tail ${options.tailLines}`}\n`)
    return out
  }

  onChange(listener: (info: ContainerInfo) => void): () => void {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  private tell(info: ContainerInfo): void {
    for (const l of this.listeners) l(info)
  }
}
