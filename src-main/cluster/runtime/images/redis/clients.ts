/** The clients of a Redis server: what CLIENT tells of them, what they subscribe to, and who watches what they ask. */
import type { Connection } from '../../../network/network.js'
import { globOf } from './keyspace.js'
import { encode, Failure, OK, type Reply } from './resp.js'

export interface Client {
  readonly connection: Connection
  readonly id: number
  /** When it connected, cluster ms. */
  readonly since: number
  authenticated: boolean
  /** The database that SELECT chose. */
  db: number
  name: string
  /** What it asked last, as CLIENT LIST has it, and when. */
  last: string
  lastAt: number
  /** It is told what all others ask. */
  monitors: boolean
  readonly channels: Set<string>
  readonly patterns: Set<string>
  /** The commands since MULTI. */
  queue?: { commands: string[][]; spoiled: boolean } | undefined
  /** The keys of WATCH, and whether one was written since. */
  watched?: { keys: Set<string>; written: boolean } | undefined
}

export function newClient(connection: Connection, id: number, since: number, authenticated: boolean): Client {
  return {
    connection,
    id,
    since,
    authenticated,
    db: 0,
    name: '',
    last: 'NULL',
    lastAt: since,
    monitors: false,
    channels: new Set(),
    patterns: new Set(),
  }
}

/** A client in a line of CLIENT LIST. */
function lineOf(client: Client, now: number): string {
  const { connection, id, since, db, name, last, lastAt, channels, patterns, queue, monitors } = client
  const { remoteAddress, remotePort, localAddress, localPort } = connection
  const flags = monitors ? 'O' : channels.size + patterns.size > 0 ? 'P' : queue ? 'x' : 'N'
  const seconds = (from: number): number => Math.floor((now - from) / 1000)
  return `id=${id} addr=${remoteAddress}:${remotePort} laddr=${localAddress}:${localPort} fd=${id + 7} name=${name} age=${seconds(since)} idle=${seconds(lastAt)} flags=${flags} db=${db} sub=${channels.size} psub=${patterns.size} ssub=0 multi=${queue ? queue.commands.length : -1} watch=${client.watched?.keys.size ?? 0} qbuf=26 qbuf-free=20448 argv-mem=10 multi-mem=0 rbs=1024 rbp=0 obl=0 oll=0 omem=0 tot-mem=22426 events=r cmd=${last} user=default redir=-1 resp=2 lib-name= lib-ver=\n`
}

/** CLIENT and its subcommands. */
export function clientCommand(
  clients: ReadonlySet<Client>,
  own: Client,
  [action = '', first = '', second = '']: readonly string[],
  now: number,
): Reply {
  switch (action.toLowerCase()) {
    case 'list':
      return [...clients].map((client) => lineOf(client, now)).join('')
    case 'info':
      return lineOf(own, now)
    case 'id':
      return own.id
    case 'getname':
      return own.name === '' ? null : own.name
    case 'setname':
      if (/[\s]/.test(first)) return new Failure('ERR Client names cannot contain spaces, newlines or special characters.')
      own.name = first
      return OK
    case 'kill': {
      const address = second === '' ? first : first.toLowerCase() === 'addr' ? second : undefined
      const found = [...clients].filter(({ id, connection }) =>
        address === undefined
          ? first.toLowerCase() === 'id' && String(id) === second
          : `${connection.remoteAddress}:${connection.remotePort}` === address,
      )
      for (const { connection } of found) connection.destroy()
      if (second === '') return found.length > 0 ? OK : new Failure('ERR No such client')
      return found.length
    }
    case 'setinfo':
    case 'no-evict':
    case 'no-touch':
    case 'reply':
    case 'tracking':
    case 'pause':
    case 'unpause':
      return OK
    default:
      return new Failure(`ERR unknown subcommand '${action}'. Try CLIENT HELP.`)
  }
}

/** SUBSCRIBE, PSUBSCRIBE and their opposites: each channel is confirmed by itself. */
export function subscription(client: Client, name: string, args: readonly string[]): void {
  const set = name.startsWith('p') ? client.patterns : client.channels
  const ends = name.includes('unsubscribe')
  const wanted: readonly (string | null)[] = ends && args.length === 0 ? (set.size > 0 ? [...set] : [null]) : args
  for (const channel of wanted) {
    if (channel !== null) set[ends ? 'delete' : 'add'](channel)
    client.connection.write(encode([name, channel, client.channels.size + client.patterns.size]))
  }
}

/** Gives a message to who has subscribed, and tells how many have. */
export function publish(clients: ReadonlySet<Client>, channel: string, message: string): number {
  let heard = 0
  for (const { connection, channels, patterns } of clients) {
    if (channels.has(channel)) {
      connection.write(encode(['message', channel, message]))
      heard++
    }
    for (const pattern of patterns) {
      if (!globOf(pattern).test(channel)) continue
      connection.write(encode(['pmessage', pattern, channel, message]))
      heard++
    }
  }
  return heard
}

/** PUBSUB: which channels somebody has subscribed to. */
export function pubsub(clients: ReadonlySet<Client>, [action = '', ...args]: readonly string[]): Reply {
  const all = [...clients].flatMap(({ channels }) => [...channels])
  switch (action.toLowerCase()) {
    case 'channels':
      return [...new Set(all)].filter((channel) => globOf(args[0] ?? '*').test(channel))
    case 'numsub':
      return args.flatMap((channel) => [channel, all.filter((each) => each === channel).length])
    case 'numpat':
      return new Set([...clients].flatMap(({ patterns }) => [...patterns])).size
    default:
      return new Failure(`ERR unknown subcommand '${action}'. Try PUBSUB HELP.`)
  }
}

/** Tells who monitors what another client asks: `1339518083.107412 [0 127.0.0.1:60866] "keys" "*"`. */
export function showMonitors(clients: ReadonlySet<Client>, asking: Client, command: readonly string[], now: number): void {
  for (const { connection, monitors } of clients) {
    if (!monitors) continue
    const { remoteAddress, remotePort } = asking.connection
    const words = command.map((word) => quoted(word)).join(' ')
    connection.write(
      `+${Math.floor(now / 1000)}.${String(now % 1000).padStart(3, '0')}000 [${asking.db} ${remoteAddress}:${remotePort}] ${words}\r\n`,
    )
  }
}

/** A text as Redis shows one: in quotes, with all that is not printable ASCII escaped. */
export function quoted(text: string): string {
  const named: Readonly<Record<string, string>> = {
    '\\': '\\\\',
    '"': '\\"',
    '\n': '\\n',
    '\r': '\\r',
    '\t': '\\t',
    '\x07': '\\a',
    '\b': '\\b',
  }
  const shown = Array.from(Buffer.from(text), (byte) => {
    const char = String.fromCharCode(byte)
    return named[char] ?? (byte >= 0x20 && byte < 0x7f ? char : `\\x${byte.toString(16).padStart(2, '0')}`)
  })
  return `"${shown.join('')}"`
}

/** ACL: there is one user, who may do anything. */
export function acl([action = '']: readonly string[], password: boolean): Reply {
  switch (action.toLowerCase()) {
    case 'whoami':
      return 'default'
    case 'users':
      return ['default']
    case 'list':
      return [`user default on ${password ? '' : 'nopass '}sanitize-payload ~* &* +@all`]
    default:
      return new Failure(`ERR unknown subcommand '${action}'. Try ACL HELP.`)
  }
}
