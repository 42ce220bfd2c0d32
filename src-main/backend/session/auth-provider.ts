/**
 * The `auth-provider` of a kubeconfig user (oidc, gcp, azure), which came before credential plugins. client-node knows how to renew the
 * tokens of gcp and azure; what it renewed is kept here and not written to the kubeconfig. Those of oidc are renewed as kubectl does.
 */
import type { KubeConfig } from '@kubernetes/client-node'
import type { ContextConfig, KubeconfigUser } from '../contexts/kubeconfig.js'
import { problem } from '../errors.js'
import { OidcTokens } from './oidc.js'

type AuthProvider = NonNullable<KubeconfigUser['auth-provider']>
const KNOWN = ['oidc', 'gcp', 'azure']
/** What came in the place of providers that client-go has dropped in 1.26. */
const SUCCESSORS: Readonly<Record<string, string>> = { gcp: 'gke-gcloud-auth-plugin', azure: 'kubelogin' }

export class AuthProviders {
  private kept: { of: string; config: KubeConfig } | undefined
  private readonly oidc = new OidcTokens()

  /** The Authorization header; renews the token where it has expired. Rejects with why it cannot be had. */
  async authorization(provider: AuthProvider, { userName, userFile }: Pick<ContextConfig, 'userName' | 'userFile'>): Promise<string> {
    const { name = '' } = provider
    if (!KNOWN.includes(name)) throw problem('Kubeconfig', 'providerUnknown', { name })
    if (name === 'oidc') return `Bearer ${await this.oidc.idToken(provider.config ?? {}, { name: userName, file: userFile })}`
    const options: { headers?: Record<string, string> } = {}
    try {
      await (await this.configOf(provider)).applyToHTTPSOptions(options)
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error)
      if (/Token is expired/.test(text)) throw gone(name)
      throw problem('ExecPlugin', 'providerFailed', { name, words: text })
    }
    const header = options.headers?.Authorization
    if (!header) throw gone(name)
    return header
  }

  /** Has a person log in at the provider. Rejects where it is none of oidc, and with why not. See {@link OidcTokens.logIn}. */
  logIn(
    provider: AuthProvider | undefined,
    { userName, userFile }: Pick<ContextConfig, 'userName' | 'userFile'>,
    tell: (url: string) => void,
    signal: AbortSignal,
  ): Promise<void> {
    if (provider?.name !== 'oidc') return Promise.reject(problem('Invalid', 'loginNowhere'))
    return this.oidc.logIn(provider.config ?? {}, { name: userName, file: userFile }, tell, signal)
  }

  private async configOf(provider: AuthProvider): Promise<KubeConfig> {
    const of = JSON.stringify(provider)
    if (this.kept?.of === of) return this.kept.config
    const { KubeConfig: Config } = await import('@kubernetes/client-node')
    const config = new Config()
    // client-node writes what it renews into the provider's configuration.
    const user = { name: 'user', authProvider: { name: provider.name, config: { ...provider.config } } }
    config.loadFromClusterAndUser({ name: 'cluster', server: 'https://localhost', skipTLSVerify: false }, user as never)
    this.kept = { of, config }
    return config
  }
}

const gone = (name: string) => problem('Unauthorized', 'providerGone', { name, plugin: SUCCESSORS[name] ?? '' })
