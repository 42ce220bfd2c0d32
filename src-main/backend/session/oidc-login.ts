/**
 * A login with a person's browser: the authorization code flow with a proof key, back to a port of this machine.
 * https://openid.net/specs/openid-connect-core-1_0.html#CodeFlowAuth, https://www.rfc-editor.org/rfc/rfc7636, https://www.rfc-editor.org/rfc/rfc8252
 */
import { createHash, randomBytes } from 'node:crypto'
import http from 'node:http'
import { problem } from '../errors.js'
import { loginFailed, type ProviderConfig, providerMetadata, providerTokens, type ProviderTokens } from './oidc-provider.js'

/** Ports that the browser comes back to, the first one that is free: clients of providers are registered with those of kubelogin. */
const PORTS = [8000, 18000]
/** What the browser shows then. */
const DONE = 'Logged in. This page can be closed.'

/**
 * Has a person log in; gives the tokens. Rejects with the provider's words, or as cancelled when `signal` aborts.
 * @param tell told the address of the page to log in at
 */
export async function logIn(config: ProviderConfig, tell: (url: string) => void, signal: AbortSignal): Promise<ProviderTokens> {
  const metadata = await providerMetadata(config)
  const page = metadata.authorization_endpoint
  if (!page) throw loginFailed("discovery object doesn't contain an authorization_endpoint")
  // What a browser is sent to is a page of the web, whatever the provider says.
  if (!URL.canParse(page) || !/^https?:$/.test(new URL(page).protocol))
    throw loginFailed(`the authorization_endpoint is no web address: ${page}`)
  const random = (): string => randomBytes(32).toString('base64url')
  const [state, nonce, verifier] = [random(), random(), random()]
  const back = await listen()
  try {
    const redirect = `http://localhost:${back.port}`
    const url = new URL(page)
    const asked = {
      response_type: 'code',
      client_id: config['client-id'] ?? '',
      redirect_uri: redirect,
      scope: scopes(config, metadata.scopes_supported).join(' '),
      state,
      nonce,
      code_challenge: createHash('sha256').update(verifier).digest('base64url'),
      code_challenge_method: 'S256',
    }
    for (const [name, value] of Object.entries(asked)) url.searchParams.set(name, value)
    const answered = back.answer(state, signal)
    tell(url.href)
    const grant = { grant_type: 'authorization_code', code: await answered, redirect_uri: redirect, code_verifier: verifier }
    const tokens = await providerTokens(config, metadata.token_endpoint, grant, loginFailed)
    if (nonceOf(tokens.id_token) !== nonce) throw loginFailed('the id_token is not that of this login')
    return tokens
  } finally {
    back.close()
  }
}

/** What is asked for: who it is, what the kubeconfig wants besides, and a token to renew it with where the provider says that it has such. */
function scopes(config: ProviderConfig, supported: string[] = []): string[] {
  const extra = (config['extra-scopes'] ?? '').split(',').map((s) => s.trim())
  return [...new Set(['openid', ...(supported.includes('offline_access') ? ['offline_access'] : []), ...extra])].filter(Boolean)
}

function nonceOf(token: string): unknown {
  try {
    return (JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8')) as { nonce?: unknown }).nonce
  } catch {
    throw loginFailed('ID Token is not a valid JWT')
  }
}

interface WayBack {
  port: number
  /** Resolves with the code that the browser brings for `state`. */
  answer(state: string, signal: AbortSignal): Promise<string>
  close(): void
}

/** Listens where the browser comes back to. */
async function listen(): Promise<WayBack> {
  const server = http.createServer()
  for (const port of PORTS) {
    const took = await new Promise<boolean>((resolve, reject) => {
      server.once('error', (error: NodeJS.ErrnoException) => (error.code === 'EADDRINUSE' ? resolve(false) : reject(error)))
      server.listen(port, '127.0.0.1', () => resolve(true))
    })
    server.removeAllListeners('error')
    if (took) return { port, answer: (state, signal) => codeFrom(server, state, signal), close: () => shut(server) }
  }
  throw problem('Invalid', 'loginPorts', { ports: PORTS.join(', ') })
}

function shut(server: http.Server): void {
  server.close()
  server.closeIdleConnections()
}

function codeFrom(server: http.Server, state: string, signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    const cancel = (): void => reject(problem('Timeout', 'cancelled'))
    if (signal.aborted) return cancel()
    signal.addEventListener('abort', cancel, { once: true })
    server.on('request', (request, response) => {
      const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost')
      const say = (code: number, text: string): void =>
        void response.writeHead(code, { 'content-type': 'text/plain; charset=utf-8', connection: 'close' }).end(text)
      // Whoever does not know the state was not sent by the provider: another page, or a browser that asks for an icon.
      if (pathname !== '/' || searchParams.get('state') !== state) return say(404, 'Nothing is here.')
      const [code, error] = [searchParams.get('code'), searchParams.get('error')]
      if (code) {
        say(200, DONE)
        return resolve(code)
      }
      const words = [error, searchParams.get('error_description')].filter(Boolean).join(': ')
      say(400, `Not logged in. ${words}`)
      reject(loginFailed(words))
    })
  })
}
