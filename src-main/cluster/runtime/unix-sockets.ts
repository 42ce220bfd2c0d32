/**
 * Sockets that are files (unix(7)): streams between processes that see the same file, be it in one container or on a volume that
 * several have. Bytes take no time on the way.
 */
import { ConnectionEnd, Wire, type Home } from '../network/connection.js'
import type { Connection } from '../network/network.js'
import { systemError } from './errors.js'
import type { Task } from './task.js'

/** No interface carries them. */
const NOWHERE: Home = { left: () => undefined, watched: false, sees: () => undefined }
const ENDS = { localAddress: '', localPort: 0, remoteAddress: '', remotePort: 0 }

/**
 * Makes the file of a socket and listens at it until `close`; the file stays.
 *
 * @throws SystemError EADDRINUSE where there is a file already, and what making a file throws
 */
export function listenAt(task: Task, path: string, onConnection: (connection: Connection) => void): { close(): void } {
  const node = task.fs.bindSocket(path)
  node.take = onConnection
  return { close: () => void (node.take = undefined) }
}

/**
 * Connects to whoever listens at a file.
 *
 * @throws SystemError ENOENT, EACCES, ECONNREFUSED where nobody listens
 */
export function connectAt(task: Task, path: string): Connection {
  const { take } = task.fs.socketAt(path)
  if (!take) throw systemError('ECONNREFUSED')
  const wire = new Wire(task.clock, 0)
  const carry = (deliver: () => void): void => wire.carry(0, deliver)
  const [client, server] = (['client', 'server'] as const).map((side) => new ConnectionEnd(task.clock, carry, ENDS, NOWHERE, side)) as [
    ConnectionEnd,
    ConnectionEnd,
  ]
  client.join(server)
  server.join(client)
  take(server)
  return client
}
