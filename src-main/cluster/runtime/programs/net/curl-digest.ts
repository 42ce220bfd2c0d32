/** Digest authentication (RFC 7616), as --digest and --anyauth do it. */
import { createHash } from 'node:crypto'
import type { Request } from './http-client.js'

/** The parameters of a challenge, as in `Digest realm="x", nonce="y", qop="auth"`. */
function parametersOf(challenge: string): Map<string, string> {
  const found = challenge.matchAll(/(\w+)=(?:"((?:[^"\\]|\\.)*)"|([^\s,]+))/g)
  return new Map([...found].map(([, name = '', quoted, bare]) => [name.toLowerCase(), quoted ?? bare ?? '']))
}

/** The challenge among those of an answer that asks for a digest. */
export function digestChallenge(header: string | undefined): string | undefined {
  return /(?:^|,\s*)(Digest\s.*)$/i.exec(header ?? '')?.[1]
}

/**
 * The value of `Authorization` that answers a challenge; undefined where it asks for what is not known.
 *
 * @param user as in `name:password`
 * @param cnonce what the client makes the digest its own with
 */
export function digestAnswer(challenge: string, { method, url }: Request, user: string, cnonce: string): string | undefined {
  const asked = parametersOf(challenge)
  const algorithm = asked.get('algorithm') ?? 'MD5'
  const [, name = '', session = ''] = /^(MD5|SHA-256)(-sess)?$/i.exec(algorithm) ?? []
  if (name === '') return undefined
  const hash = (text: string): string => createHash(name.replace('-', '').toLowerCase()).update(text).digest('hex')
  const [, login = user, password = ''] = /^([^:]*):(.*)$/s.exec(user) ?? []
  const [realm, nonce, opaque] = [asked.get('realm') ?? '', asked.get('nonce') ?? '', asked.get('opaque')]
  const qop = asked.get('qop')?.split(/,\s*/).includes('auth') ? 'auth' : undefined
  const count = '00000001'
  const whose = hash(`${login}:${realm}:${password}`)
  const secret = session === '' ? whose : hash(`${whose}:${nonce}:${cnonce}`)
  const what = hash(`${method}:${url.path}`)
  const response = hash(qop ? [secret, nonce, count, cnonce, qop, what].join(':') : `${secret}:${nonce}:${what}`)
  const told = [
    `username="${login.replaceAll(/["\\]/g, '\\$&')}"`,
    `realm="${realm}"`,
    `nonce="${nonce}"`,
    `uri="${url.path}"`,
    ...(qop ? [`cnonce="${cnonce}"`, `nc=${count}`, `qop=${qop}`] : []),
    `response="${response}"`,
    ...(opaque === undefined ? [] : [`opaque="${opaque}"`]),
    ...(asked.has('algorithm') ? [`algorithm=${algorithm}`] : []),
  ]
  return `Digest ${told.join(', ')}`
}
