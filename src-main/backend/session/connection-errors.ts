/** Why there is no connection to an API server, as exactly as can be known: in the kubeconfig, on the way, at the server. */
import { createPrivateKey, X509Certificate } from 'node:crypto'
import fs from 'node:fs'
import type { KubeconfigCluster, KubeconfigUser } from '../contexts/kubeconfig.js'
import { BackendError, problem } from '../errors.js'
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

/** The address of a URL with its port. */
export function addressOf(url: URL): string {
  return `${url.hostname}:${url.port || (url.protocol === 'https:' ? 443 : 80)}`
}

/** Whether a text has a certificate in PEM. */
export const holdsCertificate = (pem: Buffer): boolean => /-----BEGIN [A-Z ]*CERTIFICATE-----/.test(pem.toString('latin1'))

/** Throws what makes a context unusable before anything is sent; gives the proxy that leads to its server. */
export function checkConfig(cluster: KubeconfigCluster, server: URL): NamedProxy | undefined {
  if (!['https:', 'http:'].includes(server.protocol))
    throw problem('Kubeconfig', 'serverScheme', { server: cluster.server ?? '', scheme: server.protocol.slice(0, -1) })
  const authority = cluster['certificate-authority-data']
  if (authority && !holdsCertificate(Buffer.from(authority, 'base64'))) throw problem('Kubeconfig', 'authorityNoPem')
  if ((authority || cluster['certificate-authority']) && cluster['insecure-skip-tls-verify'])
    throw problem('Kubeconfig', 'insecureWithAuthority')
  const proxy = cluster['proxy-url'] ? { url: cluster['proxy-url'], from: 'proxy-url' } : environmentProxy(server)
  if (!proxy) return undefined
  let scheme: string
  try {
    scheme = new URL(proxy.url).protocol.slice(0, -1)
  } catch {
    throw problem('Kubeconfig', 'proxyNoUrl', { from: proxy.from, url: proxy.url })
  }
  if (!['http', 'https', 'socks5', 'socks5h'].includes(scheme)) throw problem('Kubeconfig', 'proxyScheme', { from: proxy.from, scheme })
  return proxy
}

/** What went wrong when the credentials of a context were made. */
export function credentialError(error: unknown): unknown {
  if (error instanceof BackendError) return error
  const { path } = error as { path?: string }
  if (path && /^E(NOENT|ACCES|ISDIR)$/.test(codeOf(error)))
    return problem('Kubeconfig', codeOf(error) === 'ENOENT' ? 'fileMissing' : 'fileUnreadable', { file: path })
  return keyError(error) ?? error
}

/** An error of OpenSSL about what was to be its key or certificate. */
function keyError(error: unknown): BackendError | undefined {
  if (!codeOf(error).startsWith('ERR_OSSL_')) return undefined
  return problem('Kubeconfig', codeOf(error) === 'ERR_OSSL_X509_KEY_VALUES_MISMATCH' ? 'keyOfAnother' : 'keyUnreadable')
}

/**
 * Throws when a client key belongs to another certificate. OpenSSL tells so only where both are of one kind (RSA, EC): else it would send
 * no certificate, and the server would know nobody. What cannot be read is told when the connection is made.
 */
export function checkKeyPair(cert: Buffer | string, key: Buffer | string): void {
  let belongs: boolean
  try {
    belongs = new X509Certificate(cert).checkPrivateKey(createPrivateKey(key))
  } catch {
    return
  }
  if (!belongs) throw problem('Kubeconfig', 'keyOfAnother')
}

/** What ended a request that got no answer. */
export function requestError(error: unknown, { server, proxy, connected, secured }: RequestProgress): unknown {
  const code = codeOf(error)
  const text = messageOf(error)
  if (proxy) {
    // Nobody wrote a proxy of the environment into the kubeconfig: where it comes from is told.
    const named = `${addressOf(new URL(proxy.url))}${proxy.from === 'proxy-url' ? '' : `, which ${proxy.from} names,`}`
    const told = proxyProblem(code, text, named, addressOf(server))
    if (told) return told
  } else if (code === 'ETIMEDOUT' && !connected) return problem('Unreachable', 'nothingAnswers', { server: addressOf(server) })
  else if (code === 'ETIMEDOUT' && !secured && server.protocol === 'https:')
    return problem('Timeout', 'noHandshake', { server: addressOf(server) })
  // OpenSSL and the BoringSSL of Electron name the same errors `wrong version number` and `WRONG_VERSION_NUMBER`.
  const tls = text.toLowerCase().replaceAll('_', ' ')
  if (/wrong version number|packet length too long/.test(tls)) return problem('Refused', 'noTls', { server: addressOf(server) })
  if (/alert (certificate expired|number 45)/.test(tls)) return problem('Unauthorized', 'clientCertificateExpired')
  if (/alert (certificate required|number 116)/.test(tls)) return problem('Unauthorized', 'clientCertificateMissing')
  if (/alert (bad certificate|unknown ca|number (42|48))/.test(tls)) return problem('Unauthorized', 'clientCertificateRefused')
  return keyError(error) ?? error
}

function proxyProblem(code: string, text: string, proxy: string, server: string): BackendError | undefined {
  const answered = /^Bad response: (\d+)$/.exec(text)?.[1]
  if (answered === '407') return problem('Proxy', 'proxyPassword', { proxy })
  if (answered === '403') return problem('Proxy', 'proxyForbids', { proxy, server })
  if (answered) return problem('Proxy', 'proxyAnswered', { proxy, server, code: answered })
  if (code === 'ECONNREFUSED' || /ECONNREFUSED/.test(text)) return problem('Proxy', 'proxyRefused', { proxy })
  if (/ENOTFOUND|EAI_AGAIN/.test(code + text)) return problem('Proxy', 'proxyUnknown', { proxy })
  if (code === 'ETIMEDOUT' || text === 'Proxy timeout') return problem('Proxy', 'proxySilent', { proxy })
  if (/^E(HOST|NET)UNREACH$/.test(code)) return problem('Proxy', 'proxyNoRoute', { proxy })
  if (/Socks5 (Authentication|proxy rejected)|Proxy connection|SOCKS/i.test(text))
    return problem('Proxy', 'proxyFailed', { proxy, server, words: text })
  return undefined
}

/**
 * Throws when the client certificate of a user has expired, which is why a server does not know the user: it answers no more than
 * `Unauthorized`. What cannot be read says nothing.
 */
export function checkCertificate(user: KubeconfigUser, now = Date.now()): void {
  const { 'client-certificate-data': data, 'client-certificate': file } = user
  let until: number
  try {
    const pem = data ? Buffer.from(data, 'base64') : file ? fs.readFileSync(file) : undefined
    if (!pem) return
    until = Date.parse(new X509Certificate(pem).validTo)
  } catch {
    return
  }
  if (until < now)
    throw problem('Unauthorized', 'clientCertificateOver', { date: new Date(until).toISOString().slice(0, 10) }, { code: 401 })
}
