/**
 * The tags of an image, asked of its registry as https://distribution.github.io/distribution/spec/api/#listing-image-tags has it, without a
 * login: with a token where the registry gives one to anybody.
 */
import { BackendError, problem } from '../errors.js'
import { webRequest, type WebAnswer } from '../session/web-request.js'
import { readImage } from './reference.js'

/** As many pages of tags are read. */
const MOST_PAGES = 20

/** The tags, the highest version first and those without a number last. Rejects with the registry's own words. */
export async function registryTags(name: string): Promise<string[]> {
  const image = readImage(name)
  if (!image) throw problem('Invalid', 'imageName', { name })
  const { registry, repository } = image
  const origin = `${isLocal(registry) ? 'http' : 'https'}://${registry === 'docker.io' ? 'registry-1.docker.io' : registry}`
  const get = async (url: string, authorization?: string): Promise<WebAnswer> => {
    try {
      return await webRequest(url, { who: registry, ...(authorization ? { authorization } : {}) })
    } catch (error) {
      throw new BackendError({ reason: 'Registry', message: `${registry}: ${(error as Error).message}` })
    }
  }
  const tags = new Set<string>()
  let authorization: string | undefined
  let next: string | undefined = `${origin}/v2/${repository}/tags/list?n=1000`
  for (let page = 0; next && page < MOST_PAGES; page++) {
    let answer = await get(next, authorization)
    if (answer.status === 401 && !authorization) {
      authorization = await anonymous(answer.headers['www-authenticate'] ?? '', get)
      if (authorization) answer = await get(next, authorization)
    }
    if (answer.status !== 200) throw refusal(answer, registry)
    for (const tag of (json(answer.text) as { tags?: string[] | null }).tags ?? []) tags.add(String(tag))
    const link: string | undefined = /<([^>]+)>;\s*rel="?next"?/.exec(String(answer.headers.link ?? ''))?.[1]
    const following: URL | undefined = link === undefined ? undefined : new URL(link, next)
    // A token is for the registry alone.
    next = following?.origin === origin ? following.href : undefined
  }
  const numbered = (tag: string): number => (/^v?\d/.test(tag) ? 1 : 0)
  return [...tags].sort((a, b) => numbered(b) - numbered(a) || b.localeCompare(a, 'en', { numeric: true }))
}

/** A registry of this machine speaks no TLS, as container runtimes assume too. */
const isLocal = (registry: string): boolean => /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?$/.test(registry)

/** The token that the registry's token service gives to anybody: https://distribution.github.io/distribution/spec/auth/token/ */
async function anonymous(challenge: string, get: (url: string) => Promise<WebAnswer>): Promise<string | undefined> {
  const said = Object.fromEntries([...challenge.matchAll(/(\w+)="([^"]*)"/g)].map(([, key, value]) => [key!.toLowerCase(), value!]))
  if (!/^bearer /i.test(challenge) || !said.realm) return undefined
  const url = new URL(said.realm)
  for (const key of ['service', 'scope']) if (said[key]) url.searchParams.set(key, said[key])
  const answer = await get(url.href)
  const { token, access_token: access } = json(answer.text) as { token?: string; access_token?: string }
  const found = token ?? access
  return answer.status === 200 && found ? `Bearer ${found}` : undefined
}

function json(text: string): unknown {
  try {
    return JSON.parse(text) ?? {}
  } catch {
    return {}
  }
}

function refusal({ status, text }: WebAnswer, registry: string): BackendError {
  const { errors } = json(text) as { errors?: { message?: string }[] }
  const words = errors?.[0]?.message
  return words
    ? new BackendError({ reason: 'Registry', message: `${registry}: ${words}`, code: status })
    : problem('Registry', 'registryAnswered', { registry, code: status })
}
