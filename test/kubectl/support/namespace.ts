/** A namespace of its own on a test cluster, and what a program does in it with plain requests. */
import { WebSocket } from 'ws'
import { Api, PATIENCE, type Json, type WatchEvent } from './api.js'
import { credentials, requester, type Answer, type Request } from './requests.js'

/** How a command in a container ended. */
export interface Ended {
  code: number
  stdout: string
  stderr: string
}

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
  private readonly api: Api
  constructor(private readonly kubeconfig: string) {
    this.request = requester(kubeconfig, { connections: 32 })
    this.api = new Api(kubeconfig)
  }

  /** Sends a request and gives the parsed body; throws what the server says when it is no success. */
  async ok(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Json> {
    const answer = await this.request(method, path, body, headers)
    if (answer.code >= 300) throw new Error(`${method} ${path} was answered with ${answer.code}: ${answer.text}`)
    return answer.json ?? answer.text
  }

  /** A merge patch; `type` names another one: `strategic-merge-patch+json`, `json-patch+json`. */
  patch(path: string, body: unknown, type = 'merge-patch+json'): Promise<Json> {
    return this.ok('PATCH', path, body, { 'content-type': `application/${type}` })
  }

  /** Reads a collection, or what a query leaves of it, as it changes until `found` says so, and gives that event; rejects after a minute with what came instead. */
  async watch(path: string, found: (event: WatchEvent) => boolean, what = 'what was waited for'): Promise<WatchEvent> {
    const watching = await this.api.watch(path)
    try {
      return await watching.until(found)
    } catch (cause) {
      throw new Error(`${what} did not come about`, { cause })
    } finally {
      watching.close()
    }
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
    this.api.close()
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

  /** The collection of an object such as `pods/web`, narrowed to it. */
  private only(resource: string): string {
    const cut = resource.lastIndexOf('/')
    return `${this.path(resource.slice(0, cut))}?fieldSelector=metadata.name=${resource.slice(cut + 1)}`
  }

  create(object: Json): Promise<Json> {
    return this.client.ok('POST', `${groupPath(object.apiVersion)}/namespaces/${this.name}/${resourceOf(object.kind)}`, object)
  }

  get(resource: string): Promise<Json> {
    return this.client.ok('GET', this.path(resource))
  }

  patch(resource: string, body: unknown, type?: string): Promise<Json> {
    return this.client.patch(this.path(resource), body, type)
  }

  delete(resource: string, options?: unknown): Promise<Json> {
    return this.client.ok('DELETE', this.path(resource), options)
  }

  /** What the server answers, whatever it is. */
  answer(method: string, resource: string, body?: unknown, headers?: Record<string, string>): Promise<Answer> {
    return this.client.request(method, this.path(resource), body, headers)
  }

  /** Waits until an object of this namespace, such as `pods/web`, is as wanted, and gives it. */
  async until(resource: string, wanted: (object: Json) => boolean, what?: string): Promise<Json> {
    const isWanted = ({ type, object }: WatchEvent): boolean => type !== 'DELETED' && wanted(object)
    return (await this.client.watch(this.only(resource), isWanted, what ?? resource)).object
  }

  /** Waits until an object is no more. */
  async gone(resource: string): Promise<void> {
    const { code, json } = await this.client.request('GET', this.path(resource))
    if (code === 404) return
    const since = `${this.only(resource)}&resourceVersion=${json.metadata.resourceVersion}`
    await this.client.watch(since, ({ type }) => type === 'DELETED', `the end of ${resource}`)
  }

  /** Makes a pod and waits until it is Running and its containers are ready. */
  async running(pod: Json): Promise<Json> {
    await this.create(pod)
    return this.until(`pods/${pod.metadata.name}`, isReady, `readiness of ${pod.metadata.name}`)
  }

  /** Makes a pod, waits until it has ended, and gives its log; throws when it did not succeed. */
  async output(pod: Json, container?: string): Promise<string> {
    const ended = await this.ended(pod)
    const log = await this.logs(pod.metadata.name, container)
    if (ended.status.phase !== 'Succeeded') throw new Error(`${pod.metadata.name} failed: ${log}${JSON.stringify(ended.status)}`)
    return log
  }

  /** Makes a pod and waits until it has succeeded or failed. */
  async ended(pod: Json): Promise<Json> {
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
      let refusal = ''
      const text = await this.logs(pod, container).catch((error: unknown) => {
        refusal = String(error)
        return ''
      })
      if (typeof wanted === 'string' ? text.includes(wanted) : wanted.test(text)) return text
      if (Date.now() > until) throw new Error(`the log of ${pod} never held ${String(wanted)}: ${(text || refusal).slice(-500)}`)
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

  remove(): Promise<Json> {
    return this.client.ok('DELETE', `/api/v1/namespaces/${this.name}`)
  }
}

/** Whether a pod is Running and Ready. */
export function isReady(pod: Json): boolean {
  return pod.status?.phase === 'Running' && conditionOf(pod, 'Ready')?.status === 'True'
}

/** A condition of an object, by its type. */
export function conditionOf(object: Json, type: string): Json {
  return object.status?.conditions?.find((condition: Json) => condition.type === type)
}

/** A pod of one container, or of those in `spec`. */
export function pod(name: string, container: Record<string, unknown>, spec: Record<string, unknown> = {}, metadata: object = {}): Json {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, ...metadata },
    spec: { restartPolicy: 'Never', terminationGracePeriodSeconds: 1, containers: [{ name: 'main', ...container }], ...spec },
  }
}
