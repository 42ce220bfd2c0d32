/**
 * agnhost test-service-account-issuer-discovery: proves a service account's token by the keys of which its issuer tells
 * (https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/#service-account-issuer-discovery).
 */
import { createPublicKey, verify, type JsonWebKey } from 'node:crypto'
import type { Process } from '../../process.js'
import { goFlag } from '../http-echo/family.js'
import { InClusterApi } from '../in-cluster-api.js'
import { fatal, log } from './golog.js'

interface Claims {
  iss: string
  sub: string
  aud: string[]
  exp: number
  iat: number
  nbf: number
}

const decoded = <T>(part: string): T => JSON.parse(Buffer.from(part, 'base64url').toString()) as T
const shown = ({ iss, sub, aud, exp, iat, nbf }: Claims): string => JSON.stringify({ iss, sub, aud, exp, iat, nbf })

/** Reads the token at `--token-path` and ends with 0 when the cluster's own issuer vouches for it to `--audience`. */
export async function issuerDiscovery(process: Process, args: readonly string[]): Promise<number> {
  const path = goFlag(args, 'token-path') ?? ''
  const audience = goFlag(args, 'audience') ?? ''
  let token: string
  try {
    token = process.fs.readText(path).trim()
  } catch (error) {
    return fatal(process, (error as Error).message)
  }
  await log(process, 'OK: Got token')
  await log(process, 'validating with in-cluster discovery')
  try {
    await validate(process, token, audience)
    return 0
  } catch (error) {
    return fatal(process, `failed to validate with in-cluster discovery: ${(error as Error).message}`)
  }
}

/** Throws an Error for a token that is not what it says. */
async function validate(process: Process, token: string, audience: string): Promise<void> {
  const [head = '', body = '', signature = ''] = token.split('.')
  const claims = decoded<Claims>(body)
  await log(process, `OK: got issuer ${claims.iss}`)
  await log(process, `Full, not-validated claims: \n${shown(claims)}`)
  const api = new InClusterApi(process)
  const discovery = JSON.parse(await api.text('/.well-known/openid-configuration')) as { issuer: string; jwks_uri: string }
  if (discovery.issuer !== claims.iss)
    throw new Error(`oidc: issuer did not match the issuer returned by provider, expected "${claims.iss}" got "${discovery.issuer}"`)
  await log(process, `OK: Constructed OIDC provider for issuer ${claims.iss}`)
  // The address is the one outside of the simulated network; the path is the same within it.
  const { keys } = JSON.parse(await api.text(new URL(discovery.jwks_uri).pathname)) as { keys: (JsonWebKey & { kid: string })[] }
  const { kid, alg } = decoded<{ kid: string; alg: string }>(head)
  const jwk = keys.find((key) => key.kid === kid)
  const data = Buffer.from(`${head}.${body}`)
  const key = jwk && {
    key: createPublicKey({ key: jwk, format: 'jwk' }),
    ...(alg.startsWith('ES') ? { dsaEncoding: 'ieee-p1363' as const } : {}),
  }
  if (!key || !verify('sha256', data, key, Buffer.from(signature, 'base64url')))
    throw new Error('failed to verify signature: failed to verify id token signature')
  if (!claims.aud.includes(audience)) throw new Error(`oidc: expected audience "${audience}" got ${JSON.stringify(claims.aud)}`)
  if (claims.exp * 1000 < process.clock.now()) throw new Error('oidc: token is expired')
  await log(process, 'OK: Validated signature on JWT')
  await log(process, 'OK: Got valid claims from token!')
  await log(process, `Full, validated claims: \n${shown(claims)}`)
}
