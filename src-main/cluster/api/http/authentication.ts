/** Who sends a request over HTTPS: what its connection has shown is read once, tokens with each request. */
import type { Http2ServerRequest } from 'node:http2'
import type { TLSSocket } from 'node:tls'
import { authenticate, userOfCertificate, type TokenCheck } from '../../access/authenticate.js'
import { hostNow } from '../../host.js'
import type { UserInfo } from '../client.js'
import type { AnyRequest } from '../streaming/contract.js'
import type { AccessMetrics } from './access-metrics.js'

/** What the client of a connection has shown of itself. */
interface ClientCertificate {
  /** Undefined when there is no certificate, or none that is good. */
  readonly user: UserInfo | undefined
  /** Whether there is a certificate that is not good. */
  readonly rejected: boolean
  /** When it ends, ms since the epoch. */
  readonly until: number
}

export class Authentication {
  private readonly certificates = new WeakMap<object, ClientCertificate>()

  constructor(
    private readonly checkToken: TokenCheck,
    private readonly metrics: AccessMetrics,
  ) {}

  /** The user of a request. Throws 401. */
  async userOf(request: AnyRequest): Promise<UserInfo> {
    const began = hostNow()
    const { user, rejected, until } = this.certificateOf(request)
    try {
      const authenticated = await authenticate(request.headers, user, rejected, this.checkToken)
      this.metrics.authenticated(authenticated.username, began)
      if (user) this.metrics.certificate(until)
      return authenticated
    } catch (error) {
      this.metrics.authenticated(undefined, began)
      throw error
    }
  }

  private certificateOf(request: AnyRequest): ClientCertificate {
    const session = (request as Http2ServerRequest).stream?.session
    const holder = session ?? request.socket
    let known = this.certificates.get(holder)
    if (!known) {
      const socket = (session?.socket ?? request.socket) as TLSSocket
      const certificate = socket.getPeerCertificate?.()
      const sent = certificate !== undefined && Object.keys(certificate).length > 0
      known = {
        user: sent && socket.authorized ? userOfCertificate(certificate) : undefined,
        rejected: sent && !socket.authorized,
        until: sent ? Date.parse(certificate.valid_to) : 0,
      }
      this.certificates.set(holder, known)
    }
    return known
  }
}
