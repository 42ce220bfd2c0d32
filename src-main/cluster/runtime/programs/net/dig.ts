/** dig of BIND 9.18, asking the cluster's DNS: its options, its sections, and its columns. */
import { isAddress } from './connection.js'
import { targetsOf } from '../../../network/dns-message.js'
import { DnsError, type DnsAnswer, type DnsType } from '../../../network/network.js'
import { SystemError, type Program } from '../../process.js'
import { command, Fail, type Command } from '../command.js'
import { readText } from '../reading.js'
import { formatTime } from '../strftime.js'
import { messageSize, PLAIN, question, record, setStyle, type Style } from './dig-format.js'
import { ask, authority, candidates, nameserver, reverse, serverAddress, undotted } from './names.js'

const VERSION = '9.18.24'
const TYPES = /^(?:A|AAAA|CNAME|SRV|PTR|NS|SOA|TXT|ANY|MX|CAA)$/i
const CLASSES = /^(?:IN|CH|HS|ANY)$/i

/** What is printed, each of which `+NAME` and `+noNAME` set, and `+all` all. */
const SHOWN = ['cmd', 'comments', 'question', 'answer', 'authority', 'additional', 'stats', 'short'] as const
type Shown = (typeof SHOWN)[number]
/** Options that ask for what the cluster's server, and the records that it has, give no occasion to: nothing is truncated or signed, and it answers to no extension. */
const ACCEPTED =
  /^(?:ignore|aaflag|aaonly|adflag|cdflag|raflag|tcflag|zflag|crypto|rrcomments|onesoa|fail|besteffort|idnin|idnout|keepopen|keepalive|mapped|bufsize|ndots|subnet|nsid|padding|unknownformat|split|expire|ednsflags|ednsnegotiation|ednsopt|badcookie|showsearch|expandaaaa|dns64prefix|qid)(?:=.*)?$/

const USAGE = `Usage:  dig [@global-server] [domain] [q-type] [q-class] {q-opt}
            {global-d-opt} host [@local-server] {local-d-opt}
            [ host [@local-server] {local-d-opt} [...]]

Use "dig -h" (or "dig -h | more") for complete list of options
`

interface Query {
  name: string
  type: DnsType
  /** A line of -f has options of its own, and its words. */
  request?: Request
  line?: string[]
}

interface Request {
  readonly queries: Query[]
  server: string
  port: number
  search: boolean
  tcp: boolean
  /** Asks the server to ask others. */
  recurse: boolean
  yaml: boolean
  /** Follows the name from the root, or asks each server of its zone for its SOA. */
  way: 'trace' | 'nssearch' | undefined
  readonly shows: Set<Shown>
  readonly style: Style
  /** Over TLS or HTTPS, which nothing in the cluster speaks. */
  secure: '' | 'tls' | 'https'
  /** The file of -f. */
  batch?: string
}

/** Reads the command line. Throws {@link Fail} for an option that dig does not have. */
function parse(c: Command, args: readonly string[]): Request {
  const shows = new Set<Shown>(SHOWN.filter((s) => s !== 'short'))
  const request: Request = {
    queries: [],
    server: nameserver(c),
    port: 53,
    search: false,
    tcp: false,
    recurse: true,
    yaml: false,
    way: undefined,
    shows,
    style: { ...PLAIN },
    secure: '',
  }
  let type: DnsType | undefined
  const typed = (wanted: DnsType): void => {
    const last = request.queries.at(-1)
    if (last) last.type = wanted
    else type = wanted
  }
  const named = (name: string, wanted: DnsType): void => void request.queries.push({ name, type: wanted })
  for (let i = 0; i < args.length; i++) {
    const a = args[i]!
    if (a.startsWith('@')) request.server = a.slice(1)
    else if (a.startsWith('+')) set(request, a.slice(1))
    else if (a === '-x') named(reverse(args[++i] ?? ''), 'PTR')
    else if (a === '-f') request.batch = args[++i] ?? ''
    else if (a === '-t') typed((args[++i] ?? 'A').toUpperCase() as DnsType)
    else if (a === '-q') named(args[++i] ?? '', type ?? 'A')
    else if (a === '-p') request.port = Number(args[++i])
    else if (a === '-b') source(c, args[++i] ?? '')
    else if (a === '-c' && !CLASSES.test(args[++i] ?? '')) throw new Fail(`;; Warning, ignoring invalid class ${args[i]}`)
    else if (a === '-c') continue
    else if (a === '-k' || a === '-y') i++
    else if (a === '-h') throw new Fail(USAGE, 0)
    else if (a === '-v') throw new Fail(`DiG ${VERSION}`, 0)
    else if (/^-[46imru]$/.test(a)) continue
    else if (a.startsWith('-')) throw new Fail(`Invalid option: ${a}\n${USAGE}`, 1)
    else if (TYPES.test(a)) typed(a.toUpperCase() as DnsType)
    else if (!CLASSES.test(a)) named(a, type ?? 'A')
  }
  // Without a name the root is asked for its servers.
  if (request.queries.length === 0 && request.batch === undefined) named('.', type ?? 'NS')
  return request
}

/** Throws {@link Fail} for an address that the container does not have. */
function source(c: Command, given: string): void {
  const [address = ''] = given.split('#')
  if (!isAddress(address)) throw new Fail(`dig: invalid address ${given}`, 10)
  if (![c.task.net.ip, '127.0.0.1', '0.0.0.0'].includes(address)) throw new Fail('dig: isc_socket_bind: address not available', 10)
}

function set(request: Request, option: string): void {
  const off = option.startsWith('no')
  const name = off ? option.slice(2) : option
  const change = (what: Shown): void => void (off ? request.shows.delete(what) : request.shows.add(what))
  if (name === 'all') for (const what of ['comments', 'question', 'answer', 'authority', 'additional', 'stats'] as const) change(what)
  if (name === 'all' && off) change('cmd')
  else if ((SHOWN as readonly string[]).includes(name)) change(name as Shown)
  else if (name === 'search' || name === 'defname') request.search = !off
  else if (name === 'recurse' || name === 'rdflag' || name === 'rd') request.recurse = !off
  else if (name === 'yaml') request.yaml = !off
  else if (name === 'trace' || name === 'nssearch') request.way = off ? undefined : name
  else if (name === 'tcp' || name === 'vc') request.tcp = !off
  else if (/^(https|https-get|https-post|tls)(=.*)?$/.test(name)) {
    request.secure = off ? '' : name.startsWith('tls') ? 'tls' : 'https'
    request.tcp = !off
    if (request.port === 53) request.port = name.startsWith('tls') ? 853 : 443
  } else if (setStyle(request.style, option)) return
  else if (name !== 'all' && !ACCEPTED.test(name)) throw new Fail(`Invalid option: +${option}\n${USAGE}`, 1)
}

export function dig(): Program {
  return command('coreutils', async (c) => {
    const args = c.task.argv.slice(1)
    const request = parse(c, args)
    const server = await serverAddress(c, request.server)
    if (server === undefined) throw new Fail(`dig: couldn't get address for '${request.server}': not found`, 10)
    let code = 0
    const [own, batch] = [request.queries, await batched(c, request, args)]
    for (const [i, query] of [...batch, ...own].entries()) {
      const how = query.request ?? request
      const named = how.shows.has('cmd') && !how.shows.has('short') && !how.yaml
      const banner = named && (i === 0 || query.request) ? `\n; <<>> DiG ${VERSION} <<>> ${(query.request ? query.line! : args).join(' ')}\n;; global options: +cmd\n` : '' // prettier-ignore
      const at = query.request ? ((await serverAddress(c, how.server)) ?? server) : server
      const done = how.way === 'trace' ? trace(c, how, at, banner) : how.way === 'nssearch' ? nsSearch(c, query, at) : answer(c, how, query, at, banner) // prettier-ignore
      if (!(await done)) code = 9
    }
    return code
  })
}

/** What the lines of -f ask, each with options of its own behind those of the command line. Throws Fail for a file that is not there. */
async function batched(c: Command, request: Request, args: readonly string[]): Promise<Query[]> {
  if (request.batch === undefined) return []
  const at = args.indexOf('-f')
  const common = args.filter((_, i) => i !== at && i !== at + 1)
  let text: string
  try {
    text = await readText(c, request.batch)
  } catch (error) {
    if (!(error instanceof SystemError)) throw error
    throw new Fail(`dig: couldn't open specified batch file: ${request.batch}: ${c.text(error)}`, 10)
  }
  const lines = text.split('\n').map((line) => line.trim().split(/\s+/)) // prettier-ignore
  return lines
    .filter(([first]) => first !== '' && !/^[;#]/.test(first!))
    .flatMap((line) => {
      const each = parse(c, [...common.filter((word) => /^[+@]/.test(word)), ...line])
      return each.queries.map((query) => ({ ...query, request: each, line }))
    })
}

/** +trace: asks for the servers of the root and follows what they say; nothing where nobody knows them. */
async function trace(c: Command, request: Request, server: string, banner: string): Promise<boolean> {
  const found = await ask(c, '.', 'NS', server)
  if (found instanceof DnsError && found.code === 'TIMEOUT') {
    await c.print(
      `${`;; communications error to ${server}#${request.port}: timed out\n`.repeat(3)}${banner};; no servers could be reached\n`,
    )
    return false
  }
  const roots = found instanceof DnsError ? [] : found
  const size = messageSize({ name: '.', type: 'NS' }, roots)
  await c.print(
    `${banner}${roots.map((a) => record(a)).join('')};; Received ${size} bytes from ${server}#${request.port}(${request.server}) in 0 ms\n\n`,
  )
  return true
}

/** +nssearch: the SOA of a zone, as each of its servers has it. */
async function nsSearch(c: Command, query: Query, server: string): Promise<boolean> {
  const found = await ask(c, undotted(query.name), 'NS', server)
  if (found instanceof DnsError && found.code === 'TIMEOUT') return false
  for (const ns of found instanceof DnsError ? [] : found.filter(({ type }) => type === 'NS')) {
    const addresses = await ask(c, undotted(ns.data), 'A', server)
    for (const { data: at } of addresses instanceof DnsError ? [] : addresses.filter(({ type }) => type === 'A')) {
      const soa = await ask(c, undotted(query.name), 'SOA', at)
      const [first] = soa instanceof DnsError ? [] : soa
      if (first) await c.print(`SOA ${first.data} from server ${at} in 0 ms.\n`)
    }
  }
  return true
}

/** Asks one thing and prints what came; false when nobody answered. */
async function answer(c: Command, request: Request, query: Query, server: string, banner: string): Promise<boolean> {
  const { shows } = request
  let found: DnsAnswer[] | DnsError = new DnsError('NXDOMAIN', query.name)
  let asked: Query = query
  if (request.secure !== '' || request.port !== 53) {
    // Nothing but the plain port 53 is served.
    await c.print(
      `;; ${request.tcp ? `Connection to ${server}#${request.port}(${server}) for ${undotted(query.name)} failed` : `communications error to ${server}#${request.port}`}: connection refused\n${banner}${shows.has('cmd') ? ';; no servers could be reached\n' : ''}`,
    )
    return false
  }
  const { style } = request
  const names =
    style.domain !== undefined && request.search && !query.name.endsWith('.')
      ? [`${query.name}.${style.domain}`]
      : request.search
        ? candidates(c, query.name)
        : [query.name]
  if (style.query && !shows.has('short')) await c.print(queryText(c, request, query, banner))
  for (const candidate of names) {
    asked = { name: candidate === '.' ? '.' : `${undotted(candidate)}.`, type: query.type }
    found = await ask(c, candidate, query.type, server, style.tries * style.time)
    if (!(found instanceof DnsError) && found.length > 0) break
  }
  if (found instanceof DnsError && found.code === 'TIMEOUT') {
    const at = `${server}#${request.port}`
    await c.print(
      `${`;; communications error to ${at}: timed out\n`.repeat(style.tries)}${banner}${shows.has('cmd') ? ';; no servers could be reached\n' : ''}`,
    )
    return false
  }
  const answers = found instanceof DnsError ? [] : found
  if (shows.has('short')) {
    await c.print(answers.map((a) => `${a.data}${style.identify ? ` from server ${server} in 0 ms.` : ''}\n`).join(''))
    return true
  }
  const soa = answers.length === 0 ? await authority(c, asked.name, server) : []
  const along = (await Promise.all(targetsOf(answers).map((target) => ask(c, target, 'A', server)))).flatMap((a) =>
    a instanceof DnsError ? [] : a,
  )
  if (request.yaml) {
    await c.print(yaml(c, request, { asked, server, status: found instanceof DnsError ? found.code : 'NOERROR', answers, soa, along }))
    return true
  }
  const comments = shows.has('comments')
  const section = (title: string, shown: Shown, lines: string): string =>
    shows.has(shown) && lines !== '' ? `${comments ? `;; ${title} SECTION:\n` : ''}${lines}${comments ? '\n' : ''}` : ''
  const head = `;; ->>HEADER<<- opcode: QUERY, status: ${found instanceof DnsError ? found.code : 'NOERROR'}, id: ${c.task.random.int(65_536)}
;; flags: qr aa${request.recurse ? ' rd' : ''}; QUERY: 1, ANSWER: ${answers.length}, AUTHORITY: ${soa.length}, ADDITIONAL: ${along.length + (style.edns ? 1 : 0)}
${request.recurse ? ';; WARNING: recursion requested but not available\n' : ''}
${edns(c, style, ' (echoed)')}`
  const local = asked.name.endsWith('.local.')
    ? ';; WARNING: .local is reserved for Multicast DNS\n;; You are currently testing what happens when an mDNS query is leaked to DNS\n'
    : ''
  const stats = `;; Query time: 0 msec
;; SERVER: ${server}#${request.port}(${request.server}) (${request.tcp ? 'TCP' : 'UDP'})
;; WHEN: ${formatTime('%a %b %d %H:%M:%S UTC %Y', c.task.clock.now())}
;; MSG SIZE  rcvd: ${messageSize(asked, [...answers, ...soa, ...along], style)}
`
  await c.print(
    (style.query ? '' : banner) +
      (comments ? `;; Got answer:\n${local}${head}` : '') +
      section('QUESTION', 'question', question(asked, style)) +
      section('ANSWER', 'answer', answers.map((a) => record(a, style)).join('')) +
      section('AUTHORITY', 'authority', soa.map((a) => record(a, style)).join('')) +
      section('ADDITIONAL', 'additional', along.map((a) => record(a, style)).join('')) +
      (shows.has('stats') ? `${stats}\n` : ''),
  )
  return true
}

/** The extension record, as it is sent and as it comes back. */
function edns(c: Command, { edns: on, cookie, dnssec }: Style, echoed: string): string {
  if (!on) return ''
  return `;; OPT PSEUDOSECTION:\n; EDNS: version: 0, flags:${dnssec ? ' do' : ''}; udp: 1232\n${cookie ? `; COOKIE: ${c.task.random.hex(8)}${echoed}\n` : ''}`
}

/** +qr: what is asked. */
function queryText(c: Command, { recurse, style }: Request, query: Query, banner: string): string {
  return `${banner};; Sending:\n;; ->>HEADER<<- opcode: QUERY, status: NOERROR, id: ${c.task.random.int(65_536)}\n;; flags:${recurse ? ' rd' : ''} ad; QUERY: 1, ANSWER: 0, AUTHORITY: 0, ADDITIONAL: ${style.edns ? 1 : 0}\n\n${edns(c, style, '')};; QUESTION SECTION:\n${question({ name: `${undotted(query.name)}.`, type: query.type }, style)}\n;; QUERY SIZE: ${messageSize({ name: `${undotted(query.name)}.`, type: query.type }, [], style)}\n\n`
}

interface Told {
  asked: Query
  server: string
  status: string
  answers: readonly DnsAnswer[]
  soa: readonly DnsAnswer[]
  along: readonly DnsAnswer[]
}

/** An answer as +yaml has it. */
function yaml(c: Command, request: Request, { asked, server, status, answers, soa, along }: Told): string {
  const { shows } = request
  const now = new Date(c.task.clock.now()).toISOString()
  const records = (title: string, shown: Shown, list: readonly DnsAnswer[]): string[] =>
    shows.has(shown) && list.length > 0
      ? [`      ${title}_SECTION:`, ...list.map(({ name, ttl, type, data }) => `        - ${name} ${ttl} IN ${type} ${data}`)]
      : []
  const lines = [
    '-',
    '  type: MESSAGE',
    '  message:',
    '    type: AUTH_RESPONSE',
    `    query_time: !!timestamp ${now}`,
    `    response_time: !!timestamp ${now}`,
    `    message_size: ${messageSize(asked, [...answers, ...soa, ...along])}b`,
    '    socket_family: INET',
    `    socket_protocol: ${request.tcp ? 'TCP' : 'UDP'}`,
    `    response_address: "${server}"`,
    `    response_port: ${request.port}`,
    '    query_address: "0.0.0.0"',
    '    query_port: 0',
    '    response_message_data:',
    '      opcode: QUERY',
    `      status: ${status}`,
    `      id: ${c.task.random.int(65_536)}`,
    `      flags: qr aa${request.recurse ? ' rd' : ''}`,
    '      QUESTION: 1',
    `      ANSWER: ${answers.length}`,
    `      AUTHORITY: ${soa.length}`,
    `      ADDITIONAL: ${along.length + 1}`,
    '      OPT_PSEUDOSECTION:',
    '        EDNS:',
    '          version: 0',
    '          flags:',
    '          udp: 1232',
    `          COOKIE: ${c.task.random.hex(8)}`,
    ...(shows.has('question') ? ['      QUESTION_SECTION:', `        - ${asked.name} IN ${asked.type}`] : []),
    ...records('ANSWER', 'answer', answers),
    ...records('AUTHORITY', 'authority', soa),
    ...records('ADDITIONAL', 'additional', along),
  ]
  return lines.map((line) => `${line}\n`).join('')
}
