/**
 * The tokens of an OpenID Connect user (`auth-provider` oidc), renewed with their refresh token as kubectl does, and written back to the
 * kubeconfig: an identity provider may give another refresh token each time and take the one before only once.
 * https://kubernetes.io/docs/reference/access-authn-authz/authentication/#openid-connect-tokens
 */
import { readKubeconfig } from '../contexts/kubeconfig.js'
import { writeProviderConfig } from '../contexts/write-tokens.js'
import { type BackendError, problem } from '../errors.js'
import { logIn } from './oidc-login.js'
import { type ProviderConfig, providerFailed, providerMetadata, providerTokens, type ProviderTokens } from './oidc-provider.js'

/** A user of a kubeconfig, and the file to write to, if any. */
export interface TokenOwner {
  name: string
  file: string | undefined
}

/** A token is not used any more this long before it expires, ms, as the clocks of machines differ; client-go does the same. */
const EARLY = 10_000

/** Whether an id token may still be used. Throws what it says where it is none. */
function stillValid(token: string | undefined): boolean {
  if (!token) return false
  const parts = token.split('.')
  try {
    if (parts.length !== 3) throw new Error()
    const { exp } = JSON.parse(Buffer.from(parts[1]!, 'base64url').toString('utf8')) as { exp?: number }
    return (exp ?? 0) * 1000 > Date.now() + EARLY
  } catch {
    throw providerFailed('ID Token is not a valid JWT')
  }
}

/** What was renewed. */
interface Kept {
  /** What the kubeconfig said when it was read. */
  of: string
  config: ProviderConfig
  /** What it said, as JSON, once the tokens were written to it, or could not be. */
  inFile: string
}

export class OidcTokens {
  private kept: Kept | undefined
  private renewing: Promise<Omit<Kept, 'of'>> | undefined

  /** The id token; renews it where it has expired, once for all who ask. Rejects with why it cannot be had. */
  async idToken(said: ProviderConfig, owner: TokenOwner): Promise<string> {
    const of = JSON.stringify(said)
    const kept = this.kept?.of === of ? this.kept : undefined
    const config = kept?.config ?? said
    if (stillValid(config['id-token'])) return config['id-token']!
    const renewed = await (this.renewing ??= this.renew(config, owner, kept?.inFile).finally(() => (this.renewing = undefined)))
    this.kept = { of, ...renewed }
    return renewed.config['id-token']!
  }

  /** @param inFile what the file said when `known` was kept: what was not written then is newer than that */
  private async renew(known: ProviderConfig, owner: TokenOwner, inFile?: string): Promise<Omit<Kept, 'of'>> {
    const now = written(owner)
    // kubectl may have renewed them meanwhile, and then ours are good no more.
    const config = JSON.stringify(now) === inFile ? known : { ...known, ...now }
    if (stillValid(config['id-token'])) return { config, inFile: JSON.stringify(now) }
    const { 'idp-issuer-url': issuer, 'client-id': client, 'refresh-token': refresh } = config
    if (!issuer || !client) throw problem('Unauthorized', 'tokenExpired')
    if (!refresh) throw problem('Login', 'loginNeeded', { issuer })
    const { token_endpoint: endpoint } = await providerMetadata(config)
    const grant = { grant_type: 'refresh_token', refresh_token: refresh }
    return this.keep(config, owner, await providerTokens(config, endpoint, grant, refused))
  }

  /** Has a person log in, and keeps the tokens. Rejects with why not. See {@link logIn}. */
  async logIn(said: ProviderConfig, owner: TokenOwner, tell: (url: string) => void, signal: AbortSignal): Promise<void> {
    const config = { ...said, ...written(owner) }
    const tokens = await logIn(config, tell, signal)
    this.kept = { of: JSON.stringify(said), ...(await this.keep(config, owner, tokens)) }
  }

  /** Writes tokens to the kubeconfig, where that can be done; gives the configuration with them. */
  private async keep(config: ProviderConfig, owner: TokenOwner, tokens: ProviderTokens): Promise<Omit<Kept, 'of'>> {
    const refresh = tokens.refresh_token || config['refresh-token']
    const fresh: ProviderConfig = { 'id-token': tokens.id_token, ...(refresh ? { 'refresh-token': refresh } : {}) }
    if (owner.file) await writeProviderConfig(owner.file, owner.name, fresh)
    return { config: { ...config, ...fresh }, inFile: JSON.stringify(written(owner)) }
  }
}

/** The error of a refresh token that was not taken, in the words of kubectl. */
const refused = (words: string, reason?: string): BackendError =>
  providerFailed(words.startsWith('token response') ? words : `failed to refresh token: ${words}`, reason)

/** What the file of a user says of their tokens now; nothing where it cannot be read, or is not to be written. */
function written({ name, file }: TokenOwner): ProviderConfig {
  if (!file) return {}
  try {
    const user = readKubeconfig(file).users.find((u) => u.name === name)
    return user?.value['auth-provider']?.config ?? {}
  } catch {
    // It is half written, say: what was read before counts.
    return {}
  }
}
