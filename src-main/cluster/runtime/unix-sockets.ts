/**
 * Sockets that are files (unix(7)): streams between processes that see the same file, be it in one container or on a volume that
 * several have; and those with an abstract name, which the containers of a pod share. Bytes take no time on the way.
 */
import { ConnectionEnd, Wire, type Home } from '../network/connection.js'
import type { Connection, NetworkNamespace } from '../network/network.js'
import { systemError } from './errors.js'
import type { Task } from './task.js'

const ENDS = { localAddress: '', localPort: 0, remoteAddress: '', remotePort: 0 }

/** One socket, as ss and /proc/net/unix list it. */
export interface UnixSocket {
  readonly inode: number
  readonly state: 'LISTEN' | 'ESTAB'
  /** As it was bound, `@NAME` for an abstract one; empty for the end that dialled. */
  readonly path: string
  /** The inode of the other end; 0 for none. */
  readonly peer: number
}

interface Registry {
  readonly sockets: Map<number, UnixSocket>
  /** Those who listen at abstract names. */
  readonly abstract: Map<string, (connection: Connection) => void>
  /** The inode of the latest. */
  last: number
}

const registries = new WeakMap<NetworkNamespace, Registry>()
/** The inodes that sockets begin with. */
const FIRST_INODE = 20_000

function registryOf(net: NetworkNamespace): Registry {
  let registry = registries.get(net)
  if (!registry) registries.set(net, (registry = { sockets: new Map(), abstract: new Map(), last: FIRST_INODE }))
  return registry
}

/** The sockets of a network that were bound or have been dialled, by age. */
export function unixSockets(net: NetworkNamespace): readonly UnixSocket[] {
  return [...(registries.get(net)?.sockets.values() ?? [])]
}

/** Counts a socket until the returned function is called. */
function enter(net: NetworkNamespace, socket: UnixSocket): () => void {
  const { sockets } = registryOf(net)
  sockets.set(socket.inode, socket)
  return () => void sockets.delete(socket.inode)
}

/** No interface carries them. */
const nowhere = (left: () => void): Home => ({ left, watched: false, sees: () => undefined, counts: () => undefined })

/** Makes the two ends of a stream: of whoever dials, and of whoever listens at `path` in another or the same network. */
function joined(task: Task, there: NetworkNamespace, path: string): [ConnectionEnd, ConnectionEnd] {
  const wire = new Wire(task.clock, 0)
  const carry = (deliver: () => void): void => wire.carry(0, deliver)
  const [own, other] = [++registryOf(task.net).last, ++registryOf(there).last] as const
  const client = new ConnectionEnd(
    task.clock,
    carry,
    ENDS,
    nowhere(enter(task.net, { inode: own, state: 'ESTAB', path: '', peer: other })),
    'client',
  )
  const server = new ConnectionEnd(
    task.clock,
    carry,
    ENDS,
    nowhere(enter(there, { inode: other, state: 'ESTAB', path, peer: own })),
    'server',
  )
  client.join(server)
  server.join(client)
  return [client, server]
}

/** The network of whoever listens at a file, by the function that takes its connections. */
const owners = new WeakMap<(connection: Connection) => void, { net: NetworkNamespace; path: string }>()

/**
 * Makes the file of a socket, or takes an abstract name (`@NAME`), and listens at it until `close`; the file stays.
 *
 * @throws SystemError EADDRINUSE where there is a file already, and what making a file throws
 */
export function listenAt(task: Task, path: string, onConnection: (connection: Connection) => void): { close(): void } {
  const { net } = task
  const { abstract } = registryOf(net)
  if (path.startsWith('@') && abstract.has(path)) throw systemError('EADDRINUSE')
  const node = path.startsWith('@') ? undefined : task.fs.bindSocket(path)
  const take = (connection: Connection): void => onConnection(connection)
  owners.set(take, { net, path })
  if (node) node.take = take
  else abstract.set(path, take)
  const leave = enter(net, { inode: ++registryOf(net).last, state: 'LISTEN', path, peer: 0 })
  return {
    close: () => {
      leave()
      if (node) node.take = undefined
      else abstract.delete(path)
    },
  }
}

/**
 * Connects to whoever listens at a file or an abstract name.
 *
 * @throws SystemError ENOENT, EACCES, ECONNREFUSED where nobody listens
 */
export function connectAt(task: Task, path: string): Connection {
  const take = path.startsWith('@') ? registryOf(task.net).abstract.get(path) : task.fs.socketAt(path).take
  if (!take) throw systemError('ECONNREFUSED')
  const owner = owners.get(take)
  const [client, server] = joined(task, owner?.net ?? task.net, owner?.path ?? path)
  take(server)
  return client
}
