/** A node with a network and the real runtime and catalogue, on a clock that stands still, for tests of images. */
import { VirtualClock } from '../../../src-main/cluster/clock.js'
import { createNetwork, type Fabric } from '../../../src-main/cluster/network/fabric.js'
import { httpRequest, type HttpRequestOptions } from '../../../src-main/cluster/network/http.js'
import type { NetworkNamespace } from '../../../src-main/cluster/network/network.js'
import { Random } from '../../../src-main/cluster/random.js'
import type { ContainerConfig } from '../../../src-main/cluster/runtime/cri.js'
import { resolveImage } from '../../../src-main/cluster/runtime/images/catalogue.js'
import { createRuntime, type Runtime } from '../../../src-main/cluster/runtime/runtime.js'

export interface Answer {
  status: number
  headers: Record<string, string | string[] | undefined>
  body: string
}

export interface Ended {
  stdout: string
  stderr: string
  code: number
}

/** One running container in a pod of its own. */
export interface Box {
  id: string
  ip: string
  net: NetworkNamespace
  /** Its log so far. */
  log(stream?: 'Stdout' | 'Stderr'): Promise<string>
  exec(...command: string[]): Promise<Ended>
  /** Asks it over HTTP from another pod. */
  get(path: string, options?: Partial<HttpRequestOptions>): Promise<Answer>
  stop(graceSeconds?: number): Promise<number>
}

export class Machine {
  readonly clock = new VirtualClock({ start: Date.UTC(2026, 10, 21, 9, 17), speed: 0 })
  readonly network: Fabric = createNetwork({ clock: this.clock, random: new Random(1) })
  readonly runtime: Runtime = createRuntime({
    clock: this.clock,
    random: new Random(2),
    network: this.network,
    resolveImage,
    pullBytesPerSecond: 0,
  })
  readonly client: NetworkNamespace
  private count = 0

  constructor() {
    this.network.addNode('n1', '192.168.49.2', '10.244.1.0/24')
    this.client = this.network.addPod({ node: 'n1', namespace: 'default', name: 'client' })
  }

  /** Runs a container of an image; settles before it resolves. @param hosts names in /etc/hosts besides localhost */
  async run(
    image: string,
    config: Partial<ContainerConfig> = {},
    hosts: Readonly<Record<string, string>> = {},
    { resolvConf = '' } = {},
  ): Promise<Box> {
    const name = `pod-${++this.count}`
    const { runtime, clock } = this
    await runtime.pullImage('n1', image)
    const sandbox = await runtime.runPodSandbox({
      namespace: 'default',
      name,
      uid: name,
      node: 'n1',
      hostname: name,
      hosts: Object.entries({ localhost: '127.0.0.1', ...hosts })
        .map(([host, ip]) => `${ip}\t${host}\n`)
        .join(''),
      resolvConf,
      hostNetwork: false,
    })
    const id = await runtime.createContainer(sandbox.id, {
      name: 'main',
      image,
      env: [],
      mounts: [],
      ports: [],
      stdin: false,
      stdinOnce: false,
      tty: false,
      terminationMessagePath: '/dev/termination-log',
      terminationMessagePolicy: 'File',
      ...config,
    })
    await runtime.startContainer(id)
    await clock.advance(1000)
    return {
      id,
      ip: sandbox.ip,
      net: sandbox.network,
      log: async (stream) => {
        await clock.settle()
        let all = ''
        for await (const part of runtime.logs(id, stream ? { stream } : {})) all += part
        return all
      },
      exec: async (...command) => {
        const session = await runtime.exec(id, { command, stdin: false, stdout: true, stderr: true, tty: false })
        let [stdout, stderr] = ['', '']
        session.stdout!.on('data', (data) => (stdout += data))
        session.stderr!.on('data', (data) => (stderr += data))
        const ended: number[] = []
        void session.status.then(({ code }) => ended.push(code))
        for (let i = 0; i < 400 && ended.length === 0; i++) await clock.advance(100)
        await clock.settle()
        if (ended[0] === undefined) throw new Error(`${command.join(' ')} does not end`)
        return { stdout, stderr, code: ended[0] }
      },
      get: async (path, options = {}) => {
        const asking = httpRequest(this.client, { host: sandbox.ip, port: 80, path, ...options })
        asking.catch(() => undefined)
        await clock.advance(100)
        const res = await asking
        let body = ''
        res.setEncoding('utf8')
        res.on('data', (part) => (body += part))
        await clock.advance(100)
        return { status: res.statusCode!, headers: res.headers, body }
      },
      stop: async (graceSeconds = 30) => {
        const stopping = runtime.stopContainer(id, graceSeconds)
        await clock.advance(graceSeconds * 1000 + 1000)
        await stopping
        return runtime.containerInfo(id)!.exitCode!
      },
    }
  }
}
