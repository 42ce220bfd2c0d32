/** Why there is no connection to an API server, as exactly as can be known: in the kubeconfig, on the way, at the server. */
import type { KubeconfigCluster } from '../contexts/kubeconfig.js'
import { BackendError } from '../errors.js'
import { environmentProxy, type NamedProxy } from './proxy.js'

/** How far a request had come when it ended. */
export interface RequestProgress {
  server: URL
  /** The proxy on the way, which then is all that is connected to. */
  proxy: NamedProxy | undefined
  connected: boolean
  secured: boolean
}

const codeOf = (error: unknown): string => String((error as { code?: unknown })?.code ?? '')
const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error)).trim()
const invalid = (message: string): BackendError => new BackendError({ reason: 'Kubeconfig', message })

/** The address of a URL with its port. */
export function addressOf(url: URL): string {
  return `${url.hostname}:${url.port || (url.protocol === 'https:' ? 443 : 80)}`
}

/** Throws what makes a context unusable before anything is sent; gives the proxy that leads to its server. */
export function checkConfig(cluster: KubeconfigCluster, server: URL): NamedProxy | undefined {
  const authority = cluster['certificate-authority-data']
  if (authority && !/-----BEGIN [A-Z ]*CERTIFICATE-----/.test(Buffer.from(authority, 'base64').toString('latin1')))
    throw invalid('certificate-authority-data of the cluster holds no certificate in PEM.')
  const proxy = cluster['proxy-url'] ? { url: cluster['proxy-url'], from: 'proxy-url' } : environmentProxy(server)
  if (!proxy) return undefined
  let scheme: string
  try {
    scheme = new URL(proxy.url).protocol.slice(0, -1)
  } catch {
    throw invalid(`${proxy.from} "${proxy.url}" is not a URL.`)
  }
  if (!['http', 'https', 'socks5', 'socks5h'].includes(scheme))
    throw invalid(`${proxy.from} has the scheme "${scheme}"; it must be http, https or socks5.`)
  return proxy
}

/** What went wrong when the credentials of a context were made. */
export function credentialError(error: unknown): unknown {
  if (error instanceof BackendError) return error
  const { path } = error as { path?: string }
  if (path && /^E(NOENT|ACCES|ISDIR)$/.test(codeOf(error)))
    return invalid(`${path}, which the kubeconfig names, ${codeOf(error) === 'ENOENT' ? 'is not there' : 'cannot be read'}.`)
  return keyError(error) ?? error
}

/** An error of OpenSSL about what was to be its key or certificate. */
function keyError(error: unknown): BackendError | undefined {
  if (!codeOf(error).startsWith('ERR_OSSL_')) return undefined
  return invalid(
    codeOf(error) === 'ERR_OSSL_X509_KEY_VALUES_MISMATCH'
      ? 'The client key in the kubeconfig does not belong to the client certificate.'
      : 'The client certificate or key in the kubeconfig cannot be read as PEM.',
  )
}

/** What ended a request that got no answer. */
export function requestError(error: unknown, { server, proxy, connected, secured }: RequestProgress): unknown {
  const code = codeOf(error)
  const text = messageOf(error)
  if (proxy) {
    // Nobody wrote a proxy of the environment into the kubeconfig: where it comes from is told.
    const named = `${addressOf(new URL(proxy.url))}${proxy.from === 'proxy-url' ? '' : `, which ${proxy.from} names,`}`
    const told = proxyProblem(code, text, named, addressOf(server))
    if (told) return new BackendError({ reason: 'Proxy', message: told })
  } else if (code === 'ETIMEDOUT' && !connected)
    return new BackendError({
      reason: 'Unreachable',
      message: `No connection to ${addressOf(server)} came about: nothing answers there, and nothing refuses.`,
    })
  else if (code === 'ETIMEDOUT' && !secured && server.protocol === 'https:')
    return new BackendError({
      reason: 'Timeout',
      message: `The server did not answer in time. ${addressOf(server)} took the connection, but not the TLS handshake.`,
    })
  // OpenSSL and the BoringSSL of Electron name the same errors `wrong version number` and `WRONG_VERSION_NUMBER`.
  const tls = text.toLowerCase().replaceAll('_', ' ')
  if (/wrong version number|packet length too long/.test(tls))
    return new BackendError({ reason: 'Refused', message: `What answers at ${addressOf(server)} does not speak TLS.` })
  if (/alert (certificate expired|number 45)/.test(tls))
    return new BackendError({ reason: 'Unauthorized', message: 'The server says that the client certificate has expired.' })
  if (/alert (certificate required|number 116)/.test(tls))
    return new BackendError({ reason: 'Unauthorized', message: 'The server wants a client certificate, and was given none.' })
  if (/alert (bad certificate|unknown ca|number (42|48))/.test(tls))
    return new BackendError({ reason: 'Unauthorized', message: 'The server does not accept the client certificate.' })
  return keyError(error) ?? error
}

function proxyProblem(code: string, text: string, proxy: string, server: string): string | undefined {
  const answered = /^Bad response: (\d+)$/.exec(text)?.[1]
  if (answered === '407') return `The proxy ${proxy} wants a user name and a password (407).`
  if (answered === '403') return `The proxy ${proxy} does not allow connections to ${server} (403).`
  if (answered) return `The proxy ${proxy} could not connect to ${server}: it answered ${answered}.`
  if (code === 'ECONNREFUSED' || /ECONNREFUSED/.test(text)) return `The proxy ${proxy} refused the connection: nothing listens there.`
  if (/ENOTFOUND|EAI_AGAIN/.test(code + text)) return `The name of the proxy ${proxy} cannot be resolved.`
  if (code === 'ETIMEDOUT' || text === 'Proxy timeout') return `The proxy ${proxy}, or the server behind it, did not answer in time.`
  if (/^E(HOST|NET)UNREACH$/.test(code)) return `There is no route to the proxy ${proxy}.`
  if (/Socks5 (Authentication|proxy rejected)|Proxy connection|SOCKS/i.test(text))
    return `The proxy ${proxy} could not connect to ${server}: ${text}`
  return undefined
}
