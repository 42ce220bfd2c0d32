/**
 * What a kubeconfig's cluster and user mean for a request: its headers, and the agent that connects with their certificates through
 * their proxy. As client-go reads them: `…-data` comes before the file, a token before a plugin, and files are read again when they
 * were rotated. https://kubernetes.io/docs/reference/config-api/kubeconfig.v1/
 */
import fs from 'node:fs'
import type http from 'node:http'
import type https from 'node:https'
import type { ContextConfig, KubeconfigUser } from '../contexts/kubeconfig.js'
import { problem } from '../errors.js'
import { agentTo } from './agents.js'
import { checkKeyPair, holdsCertificate } from './connection-errors.js'
import { AuthProviders } from './auth-provider.js'
import { PluginCredentials, type PluginCredential, type Tell } from './credential-plugin.js'
import type { NamedProxy } from './proxy.js'

/** For how long the content of a file that holds a credential is trusted, ms; client-go does the same. */
const FILE_MAX_AGE = 60_000

/** Credentials that cost something to get, and so outlive one attempt to connect. */
export class KeptCredentials {
  readonly plugins: PluginCredentials
  readonly providers = new AuthProviders()

  /** @param tell told what a credential plugin says while it runs */
  constructor(tell?: Tell) {
    this.plugins = new PluginCredentials(tell)
  }
}

/** What a request is sent with. */
export interface RequestCredentials {
  headers: http.OutgoingHttpHeaders
  agent: http.Agent
  /** What a plugin gave for it. */
  plugin?: PluginCredential
}

interface ClientCertificate {
  cert?: Buffer | string
  key?: Buffer | string
}

export class ContextCredentials {
  private readonly files = new Map<string, { at: number; content: Buffer }>()
  private agent: { of: string; agent: http.Agent } | undefined

  constructor(
    private readonly config: ContextConfig,
    private readonly server: URL,
    private readonly proxy: NamedProxy | undefined,
    private readonly kept: KeptCredentials,
  ) {}

  /** Makes them; runs the credential plugin if need be. Rejects with what a file, a plugin or the kubeconfig lacks. */
  async forRequest(): Promise<RequestCredentials> {
    const { user, cluster } = this.config
    const headers: http.OutgoingHttpHeaders = impersonation(user)
    const token = this.token(user)
    // A static token is what is sent, whatever else there is; certificates are presented besides.
    const plugin = user.exec && !token ? await this.kept.plugins.get(user.exec, cluster) : undefined
    const bearer = token ?? plugin?.token
    if (bearer) headers.authorization = `Bearer ${bearer}`
    else if (user['auth-provider']) headers.authorization = await this.kept.providers.authorization(user['auth-provider'], this.config)
    else if (user.username) headers.authorization = `Basic ${Buffer.from(`${user.username}:${user.password ?? ''}`).toString('base64')}`
    const certificate: ClientCertificate = plugin?.clientCertificateData
      ? { cert: plugin.clientCertificateData, key: plugin.clientKeyData! }
      : this.certificate(user)
    return { headers, agent: await this.agentWith(certificate), ...(plugin ? { plugin } : {}) }
  }

  /** The server did not accept them. Whether others can be made right now. */
  refused({ plugin }: RequestCredentials): boolean {
    if (plugin) this.kept.plugins.refuse(plugin)
    return plugin !== undefined
  }

  private token(user: KubeconfigUser): string | undefined {
    if (!user.tokenFile) return user.token || undefined
    try {
      return this.content(user.tokenFile).toString('utf8').trim()
    } catch (error) {
      if (user.token) return user.token
      throw error
    }
  }

  private certificate(user: KubeconfigUser): ClientCertificate {
    const cert = this.dataOrFile(user['client-certificate-data'], user['client-certificate'])
    const key = this.dataOrFile(user['client-key-data'], user['client-key'])
    if (cert && !key) throw problem('Kubeconfig', 'certificateNoKey', { user: this.config.userName })
    return { ...(cert ? { cert } : {}), ...(key ? { key } : {}) }
  }

  private dataOrFile(data: string | undefined, file: string | undefined): Buffer | undefined {
    return data ? Buffer.from(data, 'base64') : file ? this.content(file) : undefined
  }

  /** The content of a file, read again once it is old; the last one that could be read counts. */
  private content(file: string): Buffer {
    const known = this.files.get(file)
    if (known && Date.now() - known.at < FILE_MAX_AGE) return known.content
    try {
      const content = fs.readFileSync(file)
      this.files.set(file, { at: Date.now(), content })
      return content
    } catch (error) {
      if (known) return known.content
      // Of a directory the error does not name the path.
      throw Object.assign(error as Error, { path: file })
    }
  }

  /** The agent for a certificate; another one where it was rotated. */
  private async agentWith(certificate: ClientCertificate): Promise<http.Agent> {
    const of = `${certificate.cert?.toString('latin1') ?? ''}\n${certificate.key?.toString('latin1') ?? ''}`
    if (this.agent?.of !== of) {
      if (certificate.cert && certificate.key) checkKeyPair(certificate.cert, certificate.key)
      const tls = { ...this.trust(), ...certificate }
      this.agent = { of, agent: await agentTo(this.server, this.proxy, tls) }
    }
    return this.agent.agent
  }

  private trust(): https.AgentOptions {
    const { cluster } = this.config
    const file = cluster['certificate-authority']
    const ca = this.dataOrFile(cluster['certificate-authority-data'], file)
    if (ca && file && !holdsCertificate(ca)) throw problem('Kubeconfig', 'authorityFileNoPem', { file })
    return {
      ...(ca ? { ca } : {}),
      ...(cluster['insecure-skip-tls-verify'] ? { rejectUnauthorized: false } : {}),
      ...(cluster['tls-server-name'] ? { servername: cluster['tls-server-name'] } : {}),
    }
  }
}

/** https://kubernetes.io/docs/reference/access-authn-authz/authentication/#user-impersonation */
function impersonation(user: KubeconfigUser): http.OutgoingHttpHeaders {
  const extra = Object.entries(user['as-user-extra'] ?? {})
  const groups = user['as-groups'] ?? []
  if (!user.as) {
    if (!user['as-uid'] && !groups.length && !extra.length) return {}
    throw problem('Kubeconfig', 'impersonateNobody')
  }
  return {
    'impersonate-user': user.as,
    ...(user['as-uid'] ? { 'impersonate-uid': user['as-uid'] } : {}),
    ...(groups.length ? { 'impersonate-group': groups } : {}),
    ...Object.fromEntries(extra.map(([key, values]) => [`impersonate-extra-${headerKey(key)}`, values])),
  }
}

/** A key as part of a header's name: what may not stand there is percent-encoded. */
const headerKey = (key: string): string =>
  [...Buffer.from(key)]
    .map((byte) => {
      const letter = String.fromCharCode(byte)
      return /[A-Za-z0-9!#$&'*+.^_`|~-]/.test(letter) ? letter : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
    })
    .join('')
