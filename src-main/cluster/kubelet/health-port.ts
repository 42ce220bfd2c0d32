/** The kubelet's `healthzPort`: whoever is on the node asks there, without a certificate, whether the kubelet lives. */
import type { Clock } from '../clock.js'
import { serveHttp } from '../network/http.js'
import type { NetworkNamespace } from '../network/network.js'

/** `healthzPort` and `healthzBindAddress` of a kubelet's configuration where they are not set. */
const PORT = 10_248
const ADDRESS = '127.0.0.1'

const ANSWERS: Readonly<Record<string, string>> = {
  '/healthz': 'ok',
  '/healthz/ping': 'ok',
  '/healthz?verbose': '[+]ping ok\nhealthz check passed\n',
}

/** Answers on a node's loopback for as long as the node has its network. */
export function serveHealthPort(namespace: NetworkNamespace, clock: Clock): void {
  serveHttp(
    namespace,
    PORT,
    (request, response) => {
      const found = ANSWERS[request.url ?? '']
      response.writeHead(found === undefined ? 404 : 200, {
        'Content-Type': 'text/plain; charset=utf-8',
        'X-Content-Type-Options': 'nosniff',
      })
      response.end(found ?? '404 page not found\n')
    },
    { clock, address: ADDRESS, steady: true },
  )
}
