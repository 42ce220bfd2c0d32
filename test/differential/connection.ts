/** Plain HTTP requests to the API server of a kubeconfig. */
import http from 'node:http'
import https from 'node:https'
import { KubeConfig } from '@kubernetes/client-node'

export interface Sent {
  method: string
  path: string
  headers: Record<string, string>
  body?: string
}

export interface Received {
  /** 0 when there was no answer; `text` tells why. */
  status: number
  type?: string
  warning?: string
  text: string
}

export interface Connection {
  send(request: Sent): Promise<Received>
  close(): void
}

/** A request that is not answered for so long has failed. */
const SILENCE_MS = 30_000

/** Connects as the current context of a kubeconfig says. */
export async function connect(kubeconfig: string): Promise<Connection> {
  const config = new KubeConfig()
  config.loadFromFile(kubeconfig)
  const cluster = config.getCurrentCluster()
  if (!cluster) throw new Error(`${kubeconfig} has no current cluster`)
  const credentials: https.RequestOptions = { headers: {} }
  await config.applyToHTTPSOptions(credentials)
  const { ca, cert, key, pfx, passphrase, rejectUnauthorized, headers: authorization } = credentials
  const server = new URL(cluster.server)
  const secure = server.protocol === 'https:'
  const agent = secure
    ? new https.Agent({ keepAlive: true, ca, cert, key, pfx, passphrase, rejectUnauthorized })
    : new http.Agent({ keepAlive: true })
  const base = server.pathname.replace(/\/$/, '')

  return {
    send: ({ method, path, headers, body }) =>
      new Promise((resolve) => {
        const request = (secure ? https : http).request(
          {
            agent,
            host: server.hostname,
            port: server.port,
            method,
            path: base + escapePath(path),
            headers: { ...(authorization as http.OutgoingHttpHeaders), ...headers },
            timeout: SILENCE_MS,
          },
          (response) => {
            const chunks: Buffer[] = []
            const finish = (): void =>
              resolve({
                status: response.statusCode ?? 0,
                type: response.headers['content-type'],
                warning: response.headers.warning,
                text: Buffer.concat(chunks).toString(),
              })
            response.on('data', (chunk: Buffer) => chunks.push(chunk))
            response.once('end', finish)
            response.once('error', finish)
          },
        )
        request.once('timeout', () => request.destroy(new Error(`no answer for ${SILENCE_MS} ms`)))
        request.on('error', (error) => resolve({ status: 0, text: error.message }))
        request.end(body)
      }),
    close: () => agent.destroy(),
  }
}

/** Cases are written as people read them; what a request line may not hold is escaped here. */
function escapePath(path: string): string {
  return path.replace(/[^\x21-\x7e]+/g, encodeURIComponent)
}
