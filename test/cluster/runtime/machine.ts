/** A simulated machine for tests: a runtime with one busybox-like image on a clock that stands still. */
import { text } from 'node:stream/consumers'
import { VirtualClock } from '../../../src-main/cluster/clock.js'
import type { Session } from '../../../src-main/cluster/kubelet/endpoint.js'
import { createNetwork } from '../../../src-main/cluster/network/fabric.js'
import { Random } from '../../../src-main/cluster/random.js'
import type { ContainerConfig } from '../../../src-main/cluster/runtime/cri.js'
import type { Image, ImageFile } from '../../../src-main/cluster/runtime/images/image.js'
import { busyboxPrograms, coreutilsPrograms } from '../../../src-main/cluster/runtime/programs/catalogue.js'
import { createRuntime, type Runtime, type RuntimeOptions } from '../../../src-main/cluster/runtime/runtime.js'
import type { Program } from '../../../src-main/cluster/runtime/process.js'

export const START = Date.parse('2026-11-21T09:17:00Z')

export function programFiles(programs: Readonly<Record<string, Program>>, dir = '/bin'): Record<string, ImageFile> {
  return Object.fromEntries(Object.entries(programs).map(([name, program]) => [`${dir}/${name}`, { program }]))
}

const PASSWD = 'root:x:0:0:root:/root:/bin/sh\ndaemon:x:1:1:daemon:/usr/sbin:/bin/false\nnobody:x:65534:65534:nobody:/home:/bin/false\n'
const GROUP = 'root:x:0:\ndaemon:x:1:\nnogroup:x:65534:\n'

export const busyboxImage: Image = {
  cmd: ['sh'],
  size: 2_000_000,
  files: () => ({ ...programFiles(busyboxPrograms), '/etc/passwd': PASSWD, '/etc/group': GROUP, '/home': { directory: true } }),
}

export const debianImage: Image = {
  cmd: ['bash'],
  size: 50_000_000,
  files: () => ({ ...programFiles(coreutilsPrograms), '/etc/passwd': PASSWD, '/etc/group': GROUP, '/home': { directory: true } }),
}

export interface Machine {
  clock: VirtualClock
  runtime: Runtime
  sandboxId: string
  ip: string
  /** Makes and starts a container in the machine's sandbox; returns its id. */
  start(config?: Partial<ContainerConfig>): Promise<string>
  /** Runs a command by exec and waits for it, moving the clock `ms` if it does not end by itself. */
  exec(
    id: string,
    command: readonly string[],
    options?: { stdin?: string; ms?: number },
  ): Promise<{ stdout: string; stderr: string; code: number }>
  log(id: string): Promise<string>
}

export async function makeMachine(
  options: Partial<RuntimeOptions> & {
    images?: Record<string, Image>
    hostname?: string
    shareProcessNamespace?: boolean
    sysctls?: Record<string, string>
  } = {},
): Promise<Machine> {
  const clock = new VirtualClock({ start: START, speed: 0 })
  const random = new Random('machine')
  const network = createNetwork({ clock, random })
  network.addNode('minikube', '192.168.49.2', '10.244.0.0/24')
  const images: Record<string, Image> = { busybox: busyboxImage, debian: debianImage, ...options.images }
  const runtime = createRuntime({
    clock,
    random,
    network,
    resolveImage: (reference) => ({ reference: `docker.io/library/${reference}:latest`, image: images[reference]!, placeholder: false }),
    pullBytesPerSecond: 0,
    ...options,
  })
  const sandbox = await runtime.runPodSandbox({
    namespace: 'default',
    name: 'web',
    uid: 'u',
    node: 'minikube',
    hostname: options.hostname ?? 'web',
    hosts: '127.0.0.1\tlocalhost\n10.244.0.2\tweb\n',
    resolvConf: 'search default.svc.cluster.local svc.cluster.local cluster.local\nnameserver 10.96.0.10\noptions ndots:5\n',
    hostNetwork: false,
    ...(options.shareProcessNamespace ? { shareProcessNamespace: true } : {}),
    ...(options.sysctls ? { sysctls: options.sysctls } : {}),
  })
  return {
    clock,
    runtime,
    sandboxId: sandbox.id,
    ip: sandbox.ip,
    async start(config = {}) {
      const id = await runtime.createContainer(sandbox.id, containerConfig(config))
      await runtime.startContainer(id)
      await clock.settle()
      return id
    },
    async exec(id, command, { stdin, ms = 0 } = {}) {
      const session = await runtime.exec(id, { command, stdin: stdin !== undefined, stdout: true, stderr: true, tty: false })
      session.stdin?.end(stdin)
      const done = Promise.all([text(session.stdout!), text(session.stderr!), session.status])
      const [stdout, stderr, status] = await Promise.race([done, clock.advance(ms).then(() => done)])
      return { stdout, stderr, code: status.code }
    },
    async log(id) {
      return text(runtime.logs(id, {}))
    },
  }
}

export function containerConfig(config: Partial<ContainerConfig> = {}): ContainerConfig {
  return {
    name: 'main',
    image: 'busybox',
    command: ['sleep', '1000000'],
    env: [],
    mounts: [],
    ports: [],
    stdin: false,
    stdinOnce: false,
    tty: false,
    terminationMessagePath: '/dev/termination-log',
    terminationMessagePolicy: 'File',
    ...config,
  }
}

/** A terminal session driven as a person types. */
export class Terminal {
  /** Everything the screen has received. */
  output = ''
  private seen = 0

  constructor(
    private readonly clock: VirtualClock,
    readonly session: Session,
  ) {
    session.stdout!.on('data', (d: Buffer) => {
      this.output += d.toString('utf8')
    })
  }

  /** Types, lets everything settle, and returns what appeared since the last call. */
  async type(text: string, ms = 0): Promise<string> {
    this.session.stdin!.write(Buffer.from(text))
    await this.clock.advance(ms)
    return this.take()
  }

  /** What appeared, without the marks by which bash asks for pastes to be marked: nobody sees these. */
  take(): string {
    return this.takeAll().replaceAll('\x1b[?2004h', '').replaceAll('\x1b[?2004l\r', '')
  }

  /** What appeared, to the byte. */
  takeAll(): string {
    const text = this.output.slice(this.seen)
    this.seen = this.output.length
    return text
  }
}

export async function openTerminal(machine: Machine, id: string, command: readonly string[] = ['sh']): Promise<Terminal> {
  const session = await machine.runtime.exec(id, { command, stdin: true, stdout: true, stderr: false, tty: true })
  const terminal = new Terminal(machine.clock, session)
  await machine.clock.settle()
  return terminal
}
