/** HTTP probes and HTTP lifecycle hooks: node:http (or TLS) over a connection of the simulated network. */
import http from 'node:http'
import tls from 'node:tls'
import type { Duplex } from 'node:stream'
import type { Clock } from '../../clock.js'
import type { NetworkNamespace } from '../../network/network.js'
import { dial, hostPort, TimedOut } from './dial.js'
import type { ProbeOutcome } from './outcome.js'

/** The kubelet looks at this much of an answer, bytes. */
const MAX_BODY = 10 * 1024
const MAX_REDIRECTS = 10

/** What Go says of a server that answers a TLS handshake with something else; undefined when it did answer in TLS. */
function notTls(answer: Buffer | undefined): string | undefined {
  const type = answer?.[0]
  // The types of TLS records, from change_cipher_spec to application_data.
  if (answer === undefined || type === undefined || (type >= 20 && type <= 23)) return undefined
  if (answer.toString('latin1', 0, 5) === 'HTTP/') return 'http: server gave HTTP response to HTTPS client'
  return 'tls: first record does not look like a TLS handshake'
}

export interface HttpCall {
  host: string
  port: number
  scheme: 'http' | 'https'
  path: string
  headers: readonly { name: string; value: string }[]
  timeoutMs: number
  userAgent: string
}

interface Answer {
  status: number
  location?: string
  body: string
}

/** One GET. Rejects with an Error in the wording of Go's http client. */
export async function httpGet(from: NetworkNamespace, clock: Clock, call: HttpCall): Promise<Answer> {
  const url = `${call.scheme}://${hostPort(call.host, call.port)}${call.path}`
  const deadline = clock.now() + call.timeoutMs
  let socket: Duplex
  try {
    socket = await dial(from, call.host, call.port, clock, call.timeoutMs)
  } catch (error) {
    // Go's client tells of its own time-out rather than of the dialler's.
    const why = error instanceof TimedOut ? 'context deadline exceeded' : (error as Error).message
    throw new Error(`Get ${JSON.stringify(url)}: ${why}`, { cause: error })
  }
  let answer: Buffer | undefined
  if (call.scheme === 'https') {
    socket.once('data', (bytes: Buffer) => (answer = bytes))
    socket = tls.connect({ socket, rejectUnauthorized: false })
  }
  let timer: { cancel(): void } | undefined
  try {
    return await new Promise<Answer>((resolve, reject) => {
      const headers: Record<string, string> = { 'user-agent': call.userAgent, accept: '*/*', connection: 'close' }
      for (const { name, value } of call.headers) {
        if (value === '' && /^(accept|user-agent)$/i.test(name)) delete headers[name.toLowerCase()]
        else headers[name.toLowerCase()] = value
      }
      headers.host ??= hostPort(call.host, call.port)
      // No `agent` at all: with `agent: false` Node would ignore createConnection and use the host's own network.
      const request = http.request({ createConnection: () => socket as never, path: call.path, headers }, (response) => {
        const chunks: Buffer[] = []
        let size = 0
        const done = (): void => {
          const { location } = response.headers
          resolve({
            status: response.statusCode ?? 0,
            body: Buffer.concat(chunks).toString('utf8').slice(0, MAX_BODY),
            ...(location ? { location } : {}),
          })
        }
        response.on('data', (chunk: Buffer) => {
          chunks.push(chunk)
          size += chunk.length
          if (size >= MAX_BODY) done()
        })
        response.on('end', done)
        response.on('error', reject)
      })
      timer = clock.after(deadline - clock.now(), () =>
        reject(new TimedOut('context deadline exceeded (Client.Timeout exceeded while awaiting headers)')),
      )
      request.on('error', (error: Error & { code?: string }) => {
        const wrong = notTls(answer) ?? (error.code === 'ECONNRESET' && error.message === 'socket hang up' ? 'EOF' : undefined)
        reject(wrong === undefined ? error : new Error(wrong))
      })
      request.end()
    })
  } catch (error) {
    throw new Error(`Get ${JSON.stringify(url)}: ${(error as Error).message}`, { cause: error })
  } finally {
    timer?.cancel()
    socket.destroy()
  }
}

/** An HTTP probe: any status from 200 to 399 is a success; redirects on the same host are followed, ten at most. */
export async function probeHttp(from: NetworkNamespace, clock: Clock, call: HttpCall): Promise<ProbeOutcome> {
  try {
    let { path } = call
    for (let hops = 0; ; hops++) {
      const answer = await httpGet(from, clock, { ...call, path })
      if (answer.status < 200 || answer.status >= 400)
        return { result: 'failure', output: `HTTP probe failed with statuscode: ${answer.status}` }
      if (answer.status < 300) return { result: 'success', output: answer.body }
      const asked = `${call.scheme}://${hostPort(call.host, call.port)}${path}`
      const target = answer.location ? new URL(answer.location, asked) : undefined
      // Nobody else is asked in the container's place: an answer that leads away counts, and is warned of.
      if (!target || target.hostname !== call.host)
        return { result: 'success', output: `Probe terminated redirects, Response body: ${answer.body}`, warning: true }
      if (hops + 1 >= MAX_REDIRECTS) throw new Error(`Get ${JSON.stringify(asked)}: stopped after ${MAX_REDIRECTS} redirects`)
      path = target.pathname + target.search
    }
  } catch (error) {
    return { result: 'failure', output: (error as Error).message }
  }
}
