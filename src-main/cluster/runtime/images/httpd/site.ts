/** What the configuration says of one request: its virtual host, where its path leads, and what holds there. */
import { isWithin } from '../../../network/addresses.js'
import type { Process } from '../../process.js'
import { wildcards } from '../../star-pattern.js'
import { boundedRegExp } from '../../programs/guarded-regexp.js'
import { checkPassword } from '../ingress-nginx/htpasswd.js'
import { isKnown, readLines, type HttpdConf, type Node } from './conf.js'

/** One request, as far as the configuration looks at it. */
export interface Asked {
  readonly path: string
  readonly query: string
  readonly method: string
  readonly host: string
  readonly port: number
  readonly client: string
  header(name: string): string
}

/** Where a request leads. */
export type Lead =
  | { kind: 'file'; file: string; root: string; uri: string; nodes: readonly Node[] }
  | { kind: 'redirect'; status: number; to: string }
  | { kind: 'proxy'; url: string; reverse: readonly (readonly [path: string, url: string])[]; keepHost: boolean; nodes: readonly Node[] }
  | { kind: 'fail'; status: number; nodes: readonly Node[]; log?: string; header?: Record<string, string> }

/** The directives of a name, last ones last. */
export const all = (nodes: readonly Node[], name: string): readonly Node[] => nodes.filter((node) => node.name === name)
/** The last directive of a name. */
export const last = (nodes: readonly Node[], name: string): Node | undefined => all(nodes, name).at(-1)

const CODES: Readonly<Record<string, number>> = { permanent: 301, temp: 302, seeother: 303, gone: 410 }

/** The directives of the server that a request is for: those of the whole, then those of its virtual host. */
export function serverNodes({ nodes }: HttpdConf, { host, port }: Pick<Asked, 'host' | 'port'>): readonly Node[] {
  const hosts = all(nodes, 'virtualhost').filter(({ args }) =>
    args.some((where) => /:\*$|^[^:]*$/.test(where) || where.endsWith(`:${port}`)),
  )
  const name = host.replace(/:\d+$/, '').toLowerCase()
  const named = hosts.find(({ children }) =>
    [...all(children!, 'servername'), ...all(children!, 'serveralias')].some(({ args }) =>
      args.some((each) => wildcards(each.toLowerCase().replace(/:\d+$/, '')).test(name)),
    ),
  )
  const chosen = named ?? hosts[0]
  return [...nodes.filter((node) => node.name !== 'virtualhost'), ...(chosen?.children ?? [])]
}

/** Follows a request through redirects, rewrites, proxies and aliases to what answers it. */
export function lead(process: Process, conf: HttpdConf, asked: Asked, depth = 0): Lead {
  const server = serverNodes(conf, asked)
  let { path, query } = asked
  if (last(server, 'rewriteengine')?.args[0]?.toLowerCase() === 'on') {
    const result = rewrite(process, server, asked, path, query, '')
    if (result && 'kind' in result) return result
    if (result) ({ path, query } = result)
  }
  for (const node of server) {
    const moved = redirectOf(node, path, query)
    if (moved) return moved
  }
  for (const { args } of all(server, 'proxypass')) {
    const [from = '', to = ''] = args
    if (!path.startsWith(from)) continue
    if (to === '!') break
    const reverse = all(server, 'proxypassreverse').map(({ args: [a = '', b = ''] }): [string, string] => [a, b])
    const keepHost = last(server, 'proxypreservehost')?.args[0]?.toLowerCase() === 'on'
    return {
      kind: 'proxy',
      url: to + path.slice(from.length) + (query && `?${query}`),
      reverse,
      keepHost,
      nodes: holding(process, conf, server, '', path).nodes,
    }
  }
  const root = (last(server, 'documentroot')?.args[0] ?? conf.documentRoot).replace(/\/$/, '')
  const file = aliased(server, path) ?? root + path
  const { groups, nodes, overrides } = holding(process, conf, server, file, path)
  const bad = overrides.find(({ name }) => !isKnown(name, conf.modules))
  if (bad) return { kind: 'fail', status: 500, nodes, log: `${bad.file}: Invalid command '${bad.written}', perhaps misspelled or defined by a module not included in the server configuration` } // prettier-ignore
  const refused = admission(process, groups, asked, file)
  if (refused) return { ...refused, nodes }
  for (const node of overrides) {
    const moved = redirectOf(node, path, query)
    if (moved) return moved
  }
  if (last(overrides, 'rewriteengine')?.args[0]?.toLowerCase() === 'on' && depth < 10) {
    const folder = path.slice(0, path.lastIndexOf('/') + 1)
    const result = rewrite(process, overrides, asked, path.slice(folder.length), query, last(overrides, 'rewritebase')?.args[0] ?? folder)
    if (result && 'kind' in result) return result
    if (result && (result.path !== path || result.query !== query))
      return lead(process, conf, { ...asked, path: result.path, query: result.query }, depth + 1)
  }
  return { kind: 'file', file, root, uri: path, nodes }
}

/** Where Redirect and RedirectMatch send a path. */
function redirectOf({ name, args }: Node, path: string, query: string): Lead | undefined {
  if (!name.startsWith('redirect')) return undefined
  const words = [...args]
  const status =
    name === 'redirectpermanent'
      ? 301
      : name === 'redirecttemp'
        ? 302
        : (CODES[words[0]!] ?? (/^\d{3}$/.test(words[0]!) ? Number(words[0]) : 302))
  if (words[0]! in CODES || /^\d{3}$/.test(words[0]!)) words.shift()
  const [from = '', to] = words
  const tail = query && `?${query}`
  if (name === 'redirectmatch') {
    const match = boundedRegExp(from).exec(path)
    if (!match) return undefined
    return to === undefined ? { kind: 'fail', status, nodes: [] } : { kind: 'redirect', status, to: filled(to, match) + tail }
  }
  if (path !== from && !path.startsWith(from.endsWith('/') ? from : `${from}/`)) return undefined
  return to === undefined ? { kind: 'fail', status, nodes: [] } : { kind: 'redirect', status, to: to + path.slice(from.length) + tail }
}

const filled = (text: string, match: RegExpMatchArray): string => text.replace(/\$(\d)/g, (_, n: string) => match[Number(n)] ?? '')

function aliased(server: readonly Node[], path: string): string | undefined {
  for (const { name, args: [from = '', to = ''] } of server) {
    if (name === 'alias' && (path === from || path.startsWith(from.endsWith('/') ? from : `${from}/`))) return to + path.slice(from.length)
    const match = name === 'aliasmatch' ? boundedRegExp(from).exec(path) : null
    if (match) return filled(to, match)
  }
  return undefined
} // prettier-ignore

/** All directives that hold for a file and a path, the stronger ones later, and those of .htaccess files apart. */
function holding(
  process: Process,
  conf: HttpdConf,
  server: readonly Node[],
  file: string,
  path: string,
): { groups: Node[][]; nodes: Node[]; overrides: Node[] } {
  const fits = ({ name, args }: Node): boolean => {
    const regex = name.endsWith('match') || args[0] === '~'
    const pattern = (args[0] === '~' ? args[1] : args[0]) ?? ''
    const target = name.startsWith('directory') ? `${file}/` : name.startsWith('files') ? file.slice(file.lastIndexOf('/') + 1) : path
    if (regex) return boundedRegExp(pattern).test(name.startsWith('directory') ? file : target)
    if (name === 'files') return wildcards(pattern).test(target)
    const start = pattern.endsWith('/') ? pattern : `${pattern}/`
    return pattern.includes('*') ? wildcards(`${start}*`).test(`${target}/`) : `${target}/`.startsWith(start) || target === pattern
  }
  const sections = (kind: string): Node[] => server.filter((node) => (node.name === kind || node.name === `${kind}match`) && fits(node))
  const plain = server.filter(({ children }) => children === undefined)
  const directories = file === '' ? [] : sections('directory').sort((a, b) => (a.args[0]?.length ?? 0) - (b.args[0]?.length ?? 0))
  const inside = directories.flatMap(({ children }) => children!)
  const allowed = last(inside, 'allowoverride')?.args ?? ['none']
  const overrides: Node[] = []
  if (file !== '' && !/^none$/i.test(allowed[0] ?? 'none')) {
    const folders = file.split('/').slice(1)
    let folder = ''
    for (const each of folders) {
      folder += `/${each}`
      const at = `${folder.endsWith('/') ? folder : `${folder}/`}.htaccess`
      if (process.fs.exists(at) && process.fs.stat(at).type === 'file') overrides.push(...readLines(process.fs.readText(at), at))
    }
  }
  const contents = (found: readonly Node[]): Node[][] => found.map(({ children }) => children!)
  const groups = [plain, ...contents(directories), overrides, ...contents(sections('files')), ...contents(sections('location'))]
  return { groups, nodes: groups.flat(), overrides }
}

/** Why a request is kept out, by Require and passwords. */
function admission(
  process: Process,
  groups: readonly (readonly Node[])[],
  asked: Asked,
  file: string,
): { kind: 'fail'; status: number; log?: string; header?: Record<string, string> } | undefined {
  // Requirements of the strongest section count alone.
  const requires = all(groups.findLast((group) => group.some(({ name }) => name === 'require')) ?? [], 'require')
  const nodes = groups.flat()
  const user = (): string | undefined => userOf(process, nodes, asked)
  const met = requires.map(({ args: [first = '', ...rest] }) => {
    if (first === 'all') return rest[0] === 'granted'
    if (first === 'ip')
      return rest.some(
        (each) => each === asked.client || (each.includes('/') ? isWithin(each, asked.client) : asked.client.startsWith(`${each}.`)),
      )
    if (first === 'not') return false
    if (first === 'local') return asked.client === '127.0.0.1'
    if (first === 'method') return rest.includes(asked.method)
    if (first === 'valid-user') return user() !== undefined
    if (first === 'user') return rest.includes(user() ?? '')
    return first === 'host' ? rest.includes(asked.client) : false
  })
  if (met.length === 0 || met.some(Boolean)) return undefined
  const asks = requires.some(({ args }) => args[0] === 'valid-user' || args[0] === 'user')
  if (asks && last(nodes, 'authtype'))
    return { kind: 'fail', status: 401, header: { 'WWW-Authenticate': `Basic realm="${last(nodes, 'authname')?.args[0] ?? ''}"` } }
  return { kind: 'fail', status: 403, log: `AH01630: client denied by server configuration: ${file}` }
}

function userOf(process: Process, nodes: readonly Node[], asked: Asked): string | undefined {
  const sent = /^Basic\s+(\S+)/i.exec(asked.header('authorization'))?.[1]
  const [, user, password = ''] = /^([^:]+):(.*)$/s.exec(Buffer.from(sent ?? '', 'base64').toString()) ?? []
  const file = last(nodes, 'authuserfile')?.args[0]
  if (user === undefined || file === undefined || !process.fs.exists(file)) return undefined
  const line = process.fs
    .readText(file)
    .split('\n')
    .find((each) => each.startsWith(`${user}:`))
  return line !== undefined && checkPassword(password, line.trimEnd().split(':')[1] ?? '') ? user : undefined
}

/** Runs RewriteRule with its RewriteConds; undefined where none fits. */
function rewrite(process: Process, nodes: readonly Node[], asked: Asked, path: string, query: string, base: string): Lead | { path: string; query: string } | undefined {
  let [current, args, changed] = [path, query, false]
  let conditions: Node[] = []
  for (const node of nodes) {
    if (node.name === 'rewritecond') conditions.push(node)
    if (node.name !== 'rewriterule') continue
    const own = conditions
    conditions = []
    const [pattern = '', to = '', options = ''] = node.args
    const flags = options.replace(/^\[|\]$/g, '').split(',').map((flag) => flag.trim())
    const has = (...names: string[]): string | undefined => flags.find((flag) => names.includes(flag.split('=')[0]!.toUpperCase()))
    const match = boundedRegExp(pattern.replace(/^!/, ''), has('NC') ? 'i' : '').exec(current)
    if ((match === null) === !pattern.startsWith('!')) continue
    const file = `${serverRoot(nodes)}${base}${current}`
    const seen = holds(process, own, asked, base + current, args, file, match)
    if (!seen) continue
    if (has('F')) return { kind: 'fail', status: 403, nodes: [] }
    if (has('G')) return { kind: 'fail', status: 410, nodes: [] }
    if (to !== '-') {
      const text = valued(to, asked, base + current, args, file, match, seen.match)
      const [next = '', own2] = text.split('?', 2)
      args = own2 === undefined ? args : own2 === '' ? '' : has('QSA') && args ? `${own2}&${args}` : own2
      changed = true
      const absolute = /^https?:\/\//.test(next)
      current = absolute || next.startsWith('/') ? next : base + next
      const redirect = has('R')
      if (redirect || absolute) {
        const status = Number(CODES[redirect?.split('=')[1] ?? ''] ?? redirect?.split('=')[1] ?? 302)
        return { kind: 'redirect', status, to: current + (args && `?${args}`) }
      }
      if (base !== '') current = current.startsWith(base) ? current.slice(base.length) : current
    }
    if (has('L', 'END', 'PT')) break
  }
  return changed ? { path: current.startsWith('/') ? current : base + current, query: args } : undefined
} // prettier-ignore

const serverRoot = (nodes: readonly Node[]): string => last(nodes, 'documentroot')?.args[0] ?? '/usr/local/apache2/htdocs'

function valued(text: string, asked: Asked, path: string, query: string, file: string, match: RegExpMatchArray | null, condition?: RegExpMatchArray): string {
  const variables: Readonly<Record<string, string>> = {
    REQUEST_URI: path, QUERY_STRING: query, HTTP_HOST: asked.host, SERVER_NAME: asked.host.replace(/:\d+$/, ''), REQUEST_METHOD: asked.method,
    REMOTE_ADDR: asked.client, REQUEST_FILENAME: file, SERVER_PORT: String(asked.port), HTTPS: 'off', REQUEST_SCHEME: 'http', DOCUMENT_ROOT: '/usr/local/apache2/htdocs',
  } // prettier-ignore
  return text
    .replace(/%\{HTTP:([^}]+)\}/g, (_, name: string) => asked.header(name.toLowerCase()))
    .replace(/%\{(\w+)\}/g, (_, name: string) => variables[name] ?? (name.startsWith('HTTP_') ? asked.header(name.slice(5).toLowerCase().replaceAll('_', '-')) : ''))
    .replace(/\$(\d)/g, (_, n: string) => match?.[Number(n)] ?? '')
    .replace(/%(\d)/g, (_, n: string) => condition?.[Number(n)] ?? '')
} // prettier-ignore

/** Whether the conditions of a rule hold, with what the last one matched. */
function holds(process: Process, conditions: readonly Node[], asked: Asked, path: string, query: string, file: string, match: RegExpMatchArray | null): { match: RegExpMatchArray | undefined } | undefined {
  let found: RegExpMatchArray | undefined
  let [already, or] = [false, false]
  for (const { args: [subject = '', test = '', options = ''] } of conditions) {
    const text = valued(subject, asked, path, query, file, match, found)
    const wanted = test.replace(/^!/, '')
    let holding: boolean
    if (/^-[fdesl]$/.test(wanted)) {
      const stat = process.fs.exists(text) ? process.fs.stat(text) : undefined
      holding = stat !== undefined && (wanted === '-e' || (wanted === '-d' ? stat.type === 'directory' : stat.type === 'file'))
    } else if (wanted.startsWith('=')) holding = text === wanted.slice(1).replace(/^"|"$/g, '')
    else {
      const result = boundedRegExp(wanted, /NC/i.test(options) ? 'i' : '').exec(text)
      holding = result !== null
      if (result) found = result
    }
    if (test.startsWith('!')) holding = !holding
    const passed = or ? already || holding : holding
    or = /\bOR\b|ornext/i.test(options)
    already = passed
    if (!passed && !or) return undefined
  }
  return already || conditions.length === 0 ? { match: found } : undefined
} // prettier-ignore
