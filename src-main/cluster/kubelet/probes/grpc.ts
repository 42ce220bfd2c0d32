/** gRPC probes: grpc.health.v1.Health/Check over HTTP/2. Kubernetes documentation, "Define a gRPC liveness probe". */
import http2 from 'node:http2'
import type { Clock } from '../../clock.js'
import { goDuration } from '../../go-duration.js'
import type { NetworkNamespace } from '../../network/network.js'
import { dial, hostPort } from './dial.js'
import type { ProbeOutcome } from './outcome.js'

const SERVING = 1
const statusNames = ['UNKNOWN', 'SERVING', 'NOT_SERVING', 'SERVICE_UNKNOWN']
const UNIMPLEMENTED = '12'
/** The names of gRPC's status codes, as Go prints them (https://grpc.io/docs/guides/status-codes/). */
const codes = [
  'OK',
  'Canceled',
  'Unknown',
  'InvalidArgument',
  'DeadlineExceeded',
  'NotFound',
  'AlreadyExists',
  'PermissionDenied',
  'ResourceExhausted',
  'FailedPrecondition',
  'Aborted',
  'OutOfRange',
  'Unimplemented',
  'Internal',
  'Unavailable',
  'DataLoss',
  'Unauthenticated',
]

/** A length-prefixed HealthCheckRequest: field 1 is the service's name. */
function request(service: string): Buffer {
  const name = Buffer.from(service)
  const message = name.length ? Buffer.concat([Buffer.from([0x0a, name.length]), name]) : Buffer.alloc(0)
  const prefix = Buffer.alloc(5)
  prefix.writeUInt32BE(message.length, 1)
  return Buffer.concat([prefix, message])
}

/** The status of a length-prefixed HealthCheckResponse: field 1, a varint; absent means UNKNOWN. */
function servingStatus(body: Buffer): number | undefined {
  if (body.length < 5) return undefined
  return body[5] === 0x08 ? body[6] : 0
}

interface Check {
  grpcStatus: string
  grpcMessage: string
  serving: number | undefined
}

function check(session: http2.ClientHttp2Session, authority: string, service: string): Promise<Check> {
  return new Promise((resolve, reject) => {
    const stream = session.request({
      ':method': 'POST',
      ':scheme': 'http',
      ':authority': authority,
      ':path': '/grpc.health.v1.Health/Check',
      'content-type': 'application/grpc',
      'user-agent': 'kube-probe/1.36 grpc-go',
      te: 'trailers',
    })
    const chunks: Buffer[] = []
    let head: Record<string, unknown> = {}
    stream.on('response', (headers) => (head = headers))
    stream.on('trailers', (headers) => (head = { ...head, ...headers }))
    stream.on('data', (chunk: Buffer) => chunks.push(chunk))
    stream.on('error', reject)
    stream.on('end', () =>
      resolve({
        grpcStatus: String(head['grpc-status'] ?? '2'),
        grpcMessage: String(head['grpc-message'] ?? ''),
        serving: servingStatus(Buffer.concat(chunks)),
      }),
    )
    stream.end(request(service))
  })
}

export async function probeGrpc(
  from: NetworkNamespace,
  clock: Clock,
  call: { host: string; port: number; service: string; timeoutMs: number },
): Promise<ProbeOutcome> {
  const address = hostPort(call.host, call.port)
  const within = goDuration(call.timeoutMs)
  const unconnected = `timeout: failed to connect service ${JSON.stringify(address)} within ${within}: context deadline exceeded`
  const deadline = clock.now() + call.timeoutMs
  let connection
  try {
    connection = await dial(from, call.host, call.port, clock, call.timeoutMs)
  } catch {
    // gRPC goes on trying to connect for as long as it may, also when it is refused.
    await clock.sleep(Math.max(0, deadline - clock.now()))
    return { result: 'failure', output: unconnected }
  }
  const session = http2.connect(`http://${address}`, { createConnection: () => connection })
  let timer: { cancel(): void } | undefined
  // Connected is who has been greeted: a listener that says nothing is not a gRPC server.
  let greeted = false
  session.once('remoteSettings', () => (greeted = true))
  try {
    const answer = await Promise.race([
      check(session, address, call.service),
      new Promise<undefined>((resolve, reject) => {
        session.on('error', reject)
        timer = clock.after(deadline - clock.now(), () => resolve(undefined))
      }),
    ])
    if (!answer) {
      return { result: 'failure', output: greeted ? `timeout: health rpc did not complete within ${within}` : unconnected }
    }
    if (answer.grpcStatus === UNIMPLEMENTED)
      return {
        result: 'failure',
        output: `error: this server does not implement the grpc health protocol (grpc.health.v1.Health): ${answer.grpcMessage}`,
      }
    if (answer.grpcStatus !== '0')
      return {
        result: 'failure',
        output: `error: health rpc probe failed: rpc error: code = ${codes[Number(answer.grpcStatus)] ?? `Code(${answer.grpcStatus})`} desc = ${answer.grpcMessage}`,
      }
    if (answer.serving === SERVING) return { result: 'success', output: 'service healthy' }
    const name = statusNames[answer.serving ?? 0] ?? 'UNKNOWN'
    return { result: 'failure', output: `service unhealthy (responded with "${name}")` }
  } catch (error) {
    return { result: 'failure', output: `error: health rpc probe failed: ${(error as Error).message}` }
  } finally {
    timer?.cancel()
    session.destroy()
    connection.destroy()
  }
}
