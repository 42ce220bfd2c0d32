/**
 * What client-go's in-cluster configuration gives a program: the API server at KUBERNETES_SERVICE_HOST, over TLS in the
 * simulated network, with the token and the CA that the pod's service account mounts.
 */
import { setMaxListeners } from 'node:events'
import type { IncomingMessage } from 'node:http'
import type { KubeList, KubeObject } from '../../api/object.js'
import { httpRequestOver } from '../../network/http.js'
import type { Connection } from '../../network/network.js'
import { Killed, type Process } from '../process.js'
import { secure } from '../programs/net/http-client.js'
import { readBody } from './server-process.js'
import { connectAs } from '../own-sockets.js'

const ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount'
/** Cluster ms between two tries of a list or watch that failed. */
const RETRY_AFTER = 1_000

/** An answer that is an error: the message of its Status. */
export class ApiError extends Error {
  constructor(
    readonly code: number,
    message: string,
  ) {
    super(message)
    this.name = 'ApiError'
  }
}

/** The API server as a pod reaches it. */
export class InClusterApi {
  private readonly host: string
  private readonly port: number

  /** Throws an Error in client-go's words outside of a cluster. */
  constructor(private readonly process: Process) {
    this.host = process.env['KUBERNETES_SERVICE_HOST'] ?? ''
    this.port = Number(process.env['KUBERNETES_SERVICE_PORT'] ?? 0)
    if (!this.host || !this.port || !process.fs.exists(`${ACCOUNT}/token`))
      throw new Error('unable to load in-cluster configuration, KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT must be defined')
    // One listener a watch: more than node takes for a leak.
    setMaxListeners(0, process.aborted)
  }

  /** Sends a request and reads its answer. Rejects with {@link ApiError} for an answer that is an error. */
  async request<T = KubeObject>(method: string, path: string, body?: object, type = 'application/json'): Promise<T> {
    const answer = await this.send(method, path, body, type)
    const json = JSON.parse(await readBody(answer)) as T & { message?: string }
    if (answer.statusCode! >= 400) throw new ApiError(answer.statusCode!, json.message ?? answer.statusMessage ?? '')
    return json
  }

  /** What a path that is no resource says, such as /healthz. Rejects with {@link ApiError} for an answer that is an error. */
  async text(path: string): Promise<string> {
    const answer = await this.send('GET', path, undefined, '')
    const body = await readBody(answer)
    if (answer.statusCode! >= 400) throw new ApiError(answer.statusCode!, body)
    return body
  }

  /** Keeps a copy of everything under a path, until the process ends. */
  follow<T extends KubeObject>(path: string): Followed<T> {
    return new Followed<T>(this, this.process, path)
  }

  /** Opens a watch: a stream of JSON lines. */
  watch(path: string, resourceVersion: string): Promise<IncomingMessage> {
    const query = `watch=1&allowWatchBookmarks=true&resourceVersion=${resourceVersion}`
    return this.send('GET', `${path}?${query}`, undefined, '')
  }

  private async send(method: string, path: string, body: object | undefined, type: string): Promise<IncomingMessage> {
    const { process } = this
    const plain = await connectAs(process, this.host, this.port, process.aborted)
    const connection = (await secure(plain, this.host, {
      insecure: false,
      ca: process.fs.readText(`${ACCOUNT}/ca.crt`),
    })) as unknown as Connection
    // A token is renewed in its file; it is read each time, as client-go does.
    const token = process.fs.readText(`${ACCOUNT}/token`).trim()
    const data = body === undefined ? undefined : Buffer.from(JSON.stringify(body))
    return httpRequestOver(connection, {
      host: this.host,
      port: this.port,
      method,
      path,
      headers: {
        Authorization: `Bearer ${token}`,
        Accept: 'application/json',
        ...(data ? { 'Content-Type': type, 'Content-Length': String(data.length) } : {}),
      },
      ...(data ? { body: data } : {}),
      signal: process.aborted,
    })
  }
}

interface Event<T> {
  type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR'
  object: T
}

/** A copy of a list that a watch keeps. */
export class Followed<T extends KubeObject> {
  /** By `namespace/name`. */
  readonly objects = new Map<string, T>()
  /** Resolves once the first list is there. */
  readonly synced: Promise<void>
  onChange: (object: T, deleted: boolean) => void = () => undefined

  constructor(
    private readonly api: InClusterApi,
    private readonly process: Process,
    private readonly path: string,
  ) {
    this.synced = new Promise((resolve) => {
      // A process that is killed just stops.
      void this.run(resolve).catch(() => undefined)
    })
  }

  private async run(onSynced: () => void): Promise<never> {
    for (;;) {
      try {
        const list = await this.api.request<KubeList<T>>('GET', this.path)
        this.replace(list.items)
        onSynced()
        await this.watch(list.metadata.resourceVersion ?? '')
      } catch (error) {
        if (error instanceof Killed) throw error
        await this.process.writeError(`failed to list ${this.path}: ${error instanceof Error ? error.message : String(error)}\n`)
      }
      await this.process.sleep(RETRY_AFTER)
    }
  }

  private async watch(resourceVersion: string): Promise<void> {
    const stream = await this.api.watch(this.path, resourceVersion)
    if (stream.statusCode! >= 400) return void stream.destroy()
    const end = (): void => void stream.destroy()
    this.process.aborted.addEventListener('abort', end, { once: true })
    let rest = ''
    stream.setEncoding('utf8')
    try {
      for await (const part of stream) {
        const lines = (rest + String(part)).split('\n')
        rest = lines.pop()!
        for (const line of lines) {
          const event = JSON.parse(line) as Event<T>
          if (event.type === 'ERROR') return
          if (event.type !== 'BOOKMARK') this.put(event.object, event.type === 'DELETED')
        }
      }
    } finally {
      this.process.aborted.removeEventListener('abort', end)
      stream.destroy()
    }
  }

  private put(object: T, deleted: boolean): void {
    const key = `${object.metadata.namespace ?? ''}/${object.metadata.name}`
    if (deleted) this.objects.delete(key)
    else this.objects.set(key, object)
    this.onChange(object, deleted)
  }

  private replace(items: readonly T[]): void {
    const gone = new Map(this.objects)
    for (const object of items) {
      gone.delete(`${object.metadata.namespace ?? ''}/${object.metadata.name}`)
      this.put(object, false)
    }
    for (const object of gone.values()) this.put(object, true)
  }
}
