/**
 * What is asked of an OpenID Connect identity provider: where its endpoints are, and tokens.
 * https://openid.net/specs/openid-connect-core-1_0.html
 */
import fs from 'node:fs'
import type https from 'node:https'
import { type BackendError, problem } from '../errors.js'
import { webRequest, type WebAnswer } from './web-request.js'

/** `auth-provider.config` of a kubeconfig user. */
export type ProviderConfig = Record<string, string>

/** What a provider says of itself, as far as it is needed. */
export interface ProviderMetadata {
  token_endpoint: string
  authorization_endpoint?: string
  scopes_supported?: string[]
}

export interface ProviderTokens {
  id_token: string
  refresh_token?: string
}

/** A provider that did not give what it was asked for, in its words. */
export const providerFailed = (words: string, reason = 'ExecPlugin'): BackendError =>
  problem(reason, 'providerFailed', { name: 'oidc', words })

/** A login that came to nothing, in the provider's words. */
export const loginFailed = (words: string): BackendError => problem('Login', 'loginFailed', { words })

/** The provider's endpoints. Rejects with what is wrong there. */
export async function providerMetadata(config: ProviderConfig): Promise<ProviderMetadata> {
  const discovery = `${(config['idp-issuer-url'] ?? '').replace(/\/$/, '')}/.well-known/openid-configuration`
  const answer = await ask(discovery, trust(config))
  if (answer.status !== 200) throw providerFailed(`failed to query metadata endpoint ${answer.status}: ${answer.text.slice(0, 80)}`)
  const metadata = parsed(answer.text) as Partial<ProviderMetadata>
  if (!metadata.token_endpoint) throw providerFailed("discovery object doesn't contain a token_endpoint")
  return metadata as ProviderMetadata
}

/**
 * Gets tokens for a grant: a refresh token, or the code of a login. Rejects with the provider's own words.
 * @param failed the error for its words
 */
export async function providerTokens(
  config: ProviderConfig,
  endpoint: string,
  grant: Record<string, string>,
  failed: (words: string, reason?: string) => BackendError,
): Promise<ProviderTokens> {
  const tls = trust(config)
  const { 'client-id': client = '', 'client-secret': secret } = config
  const inForm = new URLSearchParams({ ...grant, client_id: client, ...(secret ? { client_secret: secret } : {}) })
  // Who the client is goes in a header first and then in the form, as not every provider takes both.
  const basic = `Basic ${Buffer.from(`${encodeURIComponent(client)}:${encodeURIComponent(secret ?? '')}`).toString('base64')}`
  let answer = secret ? await ask(endpoint, tls, new URLSearchParams(grant), basic) : undefined
  if (!answer || answer.status < 200 || answer.status > 299) answer = await ask(endpoint, tls, inForm)
  if (answer.status < 200 || answer.status > 299) {
    const words = refusal(answer.text) || `the provider answered ${answer.status}`
    // It knows the client and takes its grant no more: a login gets another.
    throw failed(words, ...(/"invalid_grant"/.test(answer.text) ? ['Login'] : []))
  }
  const tokens = parsed(answer.text) as Partial<ProviderTokens>
  if (!tokens.id_token) throw failed('token response did not contain an id_token')
  return tokens as ProviderTokens
}

function trust(config: ProviderConfig): https.AgentOptions {
  const { 'idp-certificate-authority-data': data, 'idp-certificate-authority': file } = config
  const ca = data ? Buffer.from(data, 'base64') : file ? fs.readFileSync(file) : undefined
  return ca ? { ca } : {}
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
    throw providerFailed('what the provider answered is no JSON')
  }
}

/** One request to the identity provider: a GET, or a POST of a form. */
async function ask(address: string, tls: https.AgentOptions, form?: URLSearchParams, authorization?: string): Promise<WebAnswer> {
  const more = { ...(form ? { form } : {}), ...(authorization ? { authorization } : {}) }
  try {
    return await webRequest(address, { who: 'the provider', tls, ...more })
  } catch (error) {
    throw providerFailed((error as Error).message)
  }
}
