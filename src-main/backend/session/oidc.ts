/**
 * The tokens of an OpenID Connect user (`auth-provider` oidc), renewed with their refresh token as kubectl does, and written back to the
 * kubeconfig: an identity provider may give another refresh token each time and take the one before only once.
 * https://kubernetes.io/docs/reference/access-authn-authz/authentication/#openid-connect-tokens
 */
import fs from 'node:fs'
import type https from 'node:https'
import { readKubeconfig } from '../contexts/kubeconfig.js'
import { writeProviderConfig } from '../contexts/write-tokens.js'
import { BackendError, problem } from '../errors.js'
import { webRequest, type WebAnswer } from './web-request.js'

type ProviderConfig = Record<string, string>

/** A user of a kubeconfig, and the file to write to, if any. */
interface TokenOwner {
  name: string
  file: string | undefined
}

/** A token is not used any more this long before it expires, ms, as the clocks of machines differ; client-go does the same. */
const EARLY = 10_000

const failed = (words: string): BackendError => problem('ExecPlugin', 'providerFailed', { name: 'oidc', words })

/** Whether an id token may still be used. Throws what it says where it is none. */
function stillValid(token: string | undefined): boolean {
  if (!token) return false
  const parts = token.split('.')
  try {
    if (parts.length !== 3) throw new Error()
    const { exp } = JSON.parse(Buffer.from(parts[1]!, 'base64url').toString('utf8')) as { exp?: number }
    return (exp ?? 0) * 1000 > Date.now() + EARLY
  } catch {
    throw failed('ID Token is not a valid JWT')
  }
}

export class OidcTokens {
  /** What was renewed, and what the kubeconfig said then. */
  private kept: { of: string; config: ProviderConfig } | undefined
  private renewing: Promise<ProviderConfig> | undefined

  /** The id token; renews it where it has expired, once for all who ask. Rejects with why it cannot be had. */
  async idToken(said: ProviderConfig, owner: TokenOwner): Promise<string> {
    const of = JSON.stringify(said)
    let config = this.kept?.of === of ? this.kept.config : said
    if (!stillValid(config['id-token'])) {
      const before = config
      config = await (this.renewing ??= this.renew(before, owner).finally(() => (this.renewing = undefined)))
      this.kept = { of, config }
    }
    return config['id-token']!
  }

  private async renew(known: ProviderConfig, owner: TokenOwner): Promise<ProviderConfig> {
    // kubectl may have renewed them meanwhile, and then ours are good no more.
    const config = { ...known, ...written(owner) }
    if (stillValid(config['id-token'])) return config
    const { 'idp-issuer-url': issuer, 'client-id': client, 'refresh-token': refresh } = config
    if (!issuer || !client || !refresh) throw problem('Unauthorized', 'tokenExpired')
    const tokens = await refreshed(config, issuer, client, refresh)
    const fresh = { 'id-token': tokens.id_token, 'refresh-token': tokens.refresh_token || refresh }
    if (owner.file) await writeProviderConfig(owner.file, owner.name, fresh)
    return { ...config, ...fresh }
  }
}

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

/** Asks the identity provider for new tokens. */
async function refreshed(
  config: ProviderConfig,
  issuer: string,
  client: string,
  refresh: string,
): Promise<{ id_token: string; refresh_token?: string }> {
  const ca = config['idp-certificate-authority-data']
    ? Buffer.from(config['idp-certificate-authority-data'], 'base64')
    : config['idp-certificate-authority']
      ? fs.readFileSync(config['idp-certificate-authority'])
      : undefined
  const tls = ca ? { ca } : {}
  const discovery = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`
  const metadata = await ask(discovery, tls)
  if (metadata.status !== 200) throw failed(`failed to query metadata endpoint ${metadata.status}: ${metadata.text.slice(0, 80)}`)
  const endpoint = (parsed(metadata.text) as { token_endpoint?: string }).token_endpoint
  if (!endpoint) throw failed("discovery object doesn't contain a token_endpoint")
  const form = new URLSearchParams({ grant_type: 'refresh_token', refresh_token: refresh })
  const secret = config['client-secret']
  const inForm = new URLSearchParams({ ...Object.fromEntries(form), client_id: client, ...(secret ? { client_secret: secret } : {}) })
  // Who the client is goes in a header first and then in the form, as not every provider takes both.
  const basic = `Basic ${Buffer.from(`${encodeURIComponent(client)}:${encodeURIComponent(secret ?? '')}`).toString('base64')}`
  let answer = secret ? await ask(endpoint, tls, form, basic) : undefined
  if (!answer || answer.status < 200 || answer.status > 299) answer = await ask(endpoint, tls, inForm)
  if (answer.status < 200 || answer.status > 299)
    throw failed(`failed to refresh token: ${refusal(answer.text) || `the provider answered ${answer.status}`}`)
  const tokens = parsed(answer.text) as { id_token?: string; refresh_token?: string }
  if (!tokens.id_token) throw failed('token response did not contain an id_token')
  return { ...tokens, id_token: tokens.id_token }
}

/** The error of an OAuth 2 answer in its own words; nothing where it is none. Never the whole answer, which may hold a token. */
function refusal(text: string): string {
  try {
    const { error, error_description: description } = JSON.parse(text) as { error?: string; error_description?: string }
    return [error, description].filter(Boolean).join(': ')
  } catch {
    return ''
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) ?? {}
  } catch {
    throw failed('what the provider answered is no JSON')
  }
}

/** One request to the identity provider: a GET, or a POST of a form. */
async function ask(address: string, tls: https.AgentOptions, form?: URLSearchParams, authorization?: string): Promise<WebAnswer> {
  const more = { ...(form ? { form } : {}), ...(authorization ? { authorization } : {}) }
  try {
    return await webRequest(address, { who: 'the provider', tls, ...more })
  } catch (error) {
    throw failed((error as Error).message)
  }
}
