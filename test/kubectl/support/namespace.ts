/** A namespace of its own on a test cluster, and what a program does in it with plain requests. */
import https from 'node:https'
import { WebSocket } from 'ws'
import { credentials, requester, type Answer, type Request } from './requests.js'

/** An object of the API, as it came over the wire. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type Anything = any

/** One event of a watch. */
export interface WatchEvent {
  type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR'
  object: Anything
}

/** How a command in a container ended. */
export interface Ended {
  code: number
  stdout: string
  stderr: string
}

/** How long a state is waited for, ms of this machine: generous, since a test waits for states only. */
const PATIENCE = 60_000

/** The resource of a kind: `Pod` is `pods`, `Ingress` is `ingresses`. */
function resourceOf(kind: string): string {
  const lower = kind.toLowerCase()
  if (lower === 'endpoints') return lower
  if (/(s|x)$/.test(lower)) return `${lower}es`
  return lower.endsWith('y') ? `${lower.slice(0, -1)}ies` : `${lower}s`
}

/** The path under which a group and version is served. */
const groupPath = (apiVersion: string): string => (apiVersion === 'v1' ? '/api/v1' : `/apis/${apiVersion}`)

/** What a client of a test cluster does: requests that must succeed, watches, commands in containers. */
export class Client {
  readonly request: Request & { close(): void }
  constructor(private readonly kubeconfig: string) {
    this.request = requester(kubeconfig, { connections: 32 })
  }

  /** Sends a request and gives the parsed body; throws what the server says when it is no success. */
  async ok(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Anything> {
    const answer = await this.request(method, path, body, headers)
    if (answer.code >= 300) throw new Error(`${method} ${path} was answered with ${answer.code}: ${answer.text}`)
    return answer.json ?? answer.text
  }

  /** A merge patch; `type` names another one: `strategic-merge-patch+json`, `json-patch+json`. */
  patch(path: string, body: unknown, type = 'merge-patch+json'): Promise<Anything> {
    return this.ok('PATCH', path, body, { 'content-type': `application/${type}` })
  }

  /** Reads a collection as it changes until `found` says so, and gives that event; rejects after a minute with the last one. */
  watch(path: string, found: (event: WatchEvent) => boolean, what = 'what was waited for'): Promise<WatchEvent> {
    const { server, ca, cert, key } = credentials(this.kubeconfig)
    return new Promise((resolve, reject) => {
      let last: WatchEvent | undefined
      const request = https.get({
        host: server.hostname,
        port: server.port,
        ca,
        cert,
        key,
        agent: false,
        path: `${path}${path.includes('?') ? '&' : '?'}watch=1`,
      })
      const finish = (error: Error | undefined, event?: WatchEvent): void => {
        clearTimeout(timer)
        request.destroy()
        if (event) resolve(event)
        else reject(error!)
      }
      const timer = setTimeout(() => finish(new Error(`${what} did not come about; last seen: ${JSON.stringify(last)}`)), PATIENCE)
      let rest = ''
      request.on('error', (error) => finish(error))
      request.on('response', (response) => {
        response.setEncoding('utf8')
        response.on('error', (error) => finish(error))
        response.on('end', () => finish(new Error(`the watch of ${path} ended: ${rest}`)))
        response.on('data', (data: string) => {
          const lines = (rest + data).split('\n')
          rest = lines.pop()!
          for (const line of lines) {
            last = JSON.parse(line) as WatchEvent
            if (found(last)) return finish(undefined, last)
          }
        })
      })
    })
  }

  /** Opens a WebSocket and gives its binary and text messages when the server has closed it. */
  messages(path: string, protocols: string[]): Promise<Buffer[]> {
    const { server, ca, cert, key } = credentials(this.kubeconfig)
    const socket = new WebSocket(`wss://${server.host}${path}`, protocols, { ca, cert, key })
    const messages: Buffer[] = []
    return new Promise((resolve, reject) => {
      socket.on('message', (data) => void messages.push(data as Buffer))
      socket.once('error', reject)
      socket.once('close', () => resolve(messages))
    })
  }

  close(): void {
    this.request.close()
  }
}

/** A namespace made for one test. */
export class TestNamespace {
  private constructor(
    readonly client: Client,
    readonly name: string,
  ) {}

  static async create(client: Client, name: string, labels: Record<string, string> = {}): Promise<TestNamespace> {
    await client.ok('POST', '/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } })
    // A pod is refused until its service account is there.
    await client.watch(`/api/v1/namespaces/${name}/serviceaccounts?fieldSelector=metadata.name=default`, () => true)
    return new TestNamespace(client, name)
  }

  /** The path of a collection, or of one of its objects, such as `pods/web/status` or `apps/v1/deployments`. */
  path(resource: string): string {
    const [, group, rest] = /^([^/]+\/v\d[^/]*)\/(.*)$/.exec(resource) ?? [undefined, 'v1', resource]
    return `${groupPath(group!)}/namespaces/${this.name}/${rest}`
  }

  create(object: Anything): Promise<Anything> {
    return this.client.ok('POST', `${groupPath(object.apiVersion)}/namespaces/${this.name}/${resourceOf(object.kind)}`, object)
  }

  get(resource: string): Promise<Anything> {
    return this.client.ok('GET', this.path(resource))
  }

  patch(resource: string, body: unknown, type?: string): Promise<Anything> {
    return this.client.patch(this.path(resource), body, type)
  }

  delete(resource: string, options?: unknown): Promise<Anything> {
    return this.client.ok('DELETE', this.path(resource), options)
  }

  /** What the server answers, whatever it is. */
  answer(method: string, resource: string, body?: unknown, headers?: Record<string, string>): Promise<Answer> {
    return this.client.request(method, this.path(resource), body, headers)
  }

  /** Waits until an object of this namespace, such as `pods/web`, is as wanted, and gives it. */
  async until(resource: string, wanted: (object: Anything) => boolean, what?: string): Promise<Anything> {
    const cut = resource.lastIndexOf('/')
    const collection = `${this.path(resource.slice(0, cut))}?fieldSelector=metadata.name=${resource.slice(cut + 1)}`
    const event = await this.client.watch(collection, ({ type, object }) => type !== 'DELETED' && wanted(object), what ?? resource)
    return event.object
  }

  /** Waits until an object is no more. */
  async gone(resource: string): Promise<void> {
    const { code, json } = await this.client.request('GET', this.path(resource))
    if (code === 404) return
    const cut = resource.lastIndexOf('/')
    const from = `fieldSelector=metadata.name=${resource.slice(cut + 1)}&resourceVersion=${json.metadata.resourceVersion}`
    await this.client.watch(`${this.path(resource.slice(0, cut))}?${from}`, ({ type }) => type === 'DELETED', `the end of ${resource}`)
  }

  /** Makes a pod and waits until it is Running and its containers are ready. */
  async running(pod: Anything): Promise<Anything> {
    await this.create(pod)
    return this.until(`pods/${pod.metadata.name}`, isReady, `readiness of ${pod.metadata.name}`)
  }

  /** Makes a pod, waits until it has ended, and gives its log; throws when it did not succeed. */
  async output(pod: Anything, container?: string): Promise<string> {
    const ended = await this.ended(pod)
    const log = await this.logs(pod.metadata.name, container)
    if (ended.status.phase !== 'Succeeded') throw new Error(`${pod.metadata.name} failed: ${log}${JSON.stringify(ended.status)}`)
    return log
  }

  /** Makes a pod and waits until it has succeeded or failed. */
  async ended(pod: Anything): Promise<Anything> {
    await this.create(pod)
    return this.until(
      `pods/${pod.metadata.name}`,
      ({ status }) => ['Succeeded', 'Failed'].includes(status.phase),
      `the end of ${pod.metadata.name}`,
    )
  }

  /** The log of a pod; `query` as the API has it, such as `container=web&tailLines=1`. */
  async logs(pod: string, container?: string, query = ''): Promise<string> {
    const parameters = [container ? `container=${container}` : '', query].filter(Boolean).join('&')
    const answer = await this.client.request('GET', `${this.path(`pods/${pod}/log`)}?${parameters}`)
    if (answer.code !== 200) throw new Error(`the log of ${pod} was answered with ${answer.code}: ${answer.text}`)
    return answer.text
  }

  /** Waits until the log of a container holds what is wanted, and gives all of it. */
  async logged(pod: string, wanted: string | RegExp, container?: string): Promise<string> {
    const until = Date.now() + PATIENCE
    for (;;) {
      const text = await this.logs(pod, container).catch((error: unknown) => String(error))
      if (typeof wanted === 'string' ? text.includes(wanted) : wanted.test(text)) return text
      if (Date.now() > until) throw new Error(`the log of ${pod} never held ${String(wanted)}: ${text.slice(-500)}`)
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }

  /** Runs a command in a container, without a terminal or input. */
  async exec(pod: string, command: string[] | string, container?: string): Promise<Ended> {
    const words = typeof command === 'string' ? ['/bin/sh', '-c', command] : command
    const query = new URLSearchParams([
      ...words.map((word) => ['command', word] as [string, string]),
      ['stdout', 'true'],
      ['stderr', 'true'],
    ])
    if (container) query.set('container', container)
    const messages = await this.client.messages(`${this.path(`pods/${pod}/exec`)}?${query.toString()}`, ['v5.channel.k8s.io'])
    const channel = (number: number): string => Buffer.concat(messages.filter((m) => m[0] === number).map((m) => m.subarray(1))).toString()
    const status = JSON.parse(channel(3)) as {
      status: string
      message?: string
      details?: { causes?: { reason: string; message: string }[] }
    }
    const code = status.details?.causes?.find(({ reason }) => reason === 'ExitCode')?.message
    if (status.status !== 'Success' && code === undefined) throw new Error(`${words.join(' ')} did not run: ${JSON.stringify(status)}`)
    return { code: Number(code ?? 0), stdout: channel(1), stderr: channel(2) }
  }

  /** Runs a command until it prints what is wanted, and gives that output. */
  async untilPrinted(pod: string, command: string[] | string, wanted: (stdout: string) => boolean, container?: string): Promise<string> {
    const until = Date.now() + PATIENCE
    for (;;) {
      const { stdout, stderr, code } = await this.exec(pod, command, container)
      if (wanted(stdout)) return stdout
      if (Date.now() > until) throw new Error(`never as wanted: ${code} ${stdout}${stderr}`)
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }

  remove(): Promise<Anything> {
    return this.client.ok('DELETE', `/api/v1/namespaces/${this.name}`)
  }
}

/** Whether a pod is Running and Ready. */
export function isReady(pod: Anything): boolean {
  return pod.status?.phase === 'Running' && conditionOf(pod, 'Ready')?.status === 'True'
}

/** A condition of an object, by its type. */
export function conditionOf(object: Anything, type: string): Anything {
  return object.status?.conditions?.find((condition: Anything) => condition.type === type)
}

/** A pod of one container, or of those in `spec`. */
export function pod(name: string, container: Record<string, unknown>, spec: Record<string, unknown> = {}, metadata: object = {}): Anything {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, ...metadata },
    spec: { restartPolicy: 'Never', terminationGracePeriodSeconds: 1, containers: [{ name: 'main', ...container }], ...spec },
  }
}
