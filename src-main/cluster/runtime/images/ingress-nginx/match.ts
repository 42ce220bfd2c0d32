/** How nginx finds what answers a request: server by host, location by path, and the path that the backend sees. */
import { boundedRegExp } from '../../programs/guarded-regexp.js'
import { hostMatches, type Location, type Server } from './configuration.js'

/** The server of a Host header: its own name, then wildcards, then the default server, which is the first. */
export function matchServer(servers: readonly Server[], host: string): Server {
  const name = host.replace(/:\d+$/, '').replace(/\.$/, '').toLowerCase()
  return (
    servers.find((s) => s.host.toLowerCase() === name) ??
    servers.find((s) => s.host.startsWith('*.') && hostMatches(s.host, name)) ??
    servers[0]!
  )
}

/** The location of a decoded path: an exact one, else the first expression, else the longest prefix. Locations are sorted. */
export function matchLocation(server: Server, path: string): Location | undefined {
  return (
    server.locations.find((l) => l.kind === 'exact' && l.path === path) ??
    server.locations.find((l) => l.kind === 'regex' && l.pattern!.test(path)) ??
    server.locations.find((l) => l.kind === 'prefix' && path.startsWith(l.path))
  )
}

/** The URI for the backend: `rewrite "(?i)PATH" TARGET break` where there is a rewrite-target, as it came where not. */
export function rewrittenUri(location: Location, uri: string): string {
  const { rewriteTarget } = location.settings
  if (rewriteTarget === undefined) return uri
  const mark = uri.indexOf('?')
  const path = decodePath(mark < 0 ? uri : uri.slice(0, mark))
  const query = mark < 0 ? '' : uri.slice(mark)
  const match = expression(location.path)?.exec(path)
  if (!match) return uri
  const target = rewriteTarget.replace(/\$(\d)/g, (_, n: string) => match[Number(n)] ?? '')
  const absolute = target.startsWith('/') ? target : `/${target}`
  if (absolute.endsWith('?')) return encodeURI(absolute.slice(0, -1))
  if (!query) return encodeURI(absolute)
  return encodeURI(absolute) + (absolute.includes('?') ? `&${query.slice(1)}` : query)
}

function expression(path: string): RegExp | undefined {
  try {
    return boundedRegExp(path, 'i')
  } catch {
    return undefined
  }
}

/** The path without its escapes, and with `.`, `..` and doubled slashes resolved, as nginx matches it. */
export function decodePath(path: string): string {
  let text = path
  try {
    text = decodeURIComponent(path)
  } catch {
    // What is no UTF-8 is matched as it stands.
  }
  const parts: string[] = []
  for (const part of text.replace(/\/{2,}/g, '/').split('/')) {
    if (part === '..') parts.pop()
    else if (part !== '.') parts.push(part)
  }
  const joined = parts.join('/')
  return joined.startsWith('/') ? joined : `/${joined}`
}
