/** The sockets of processes: the network keeps whose each is, for ss and netstat to tell. */
import type { Connection } from '../network/network.js'
import type { Process } from './process.js'

/** Opens a connection that is a process' own. Rejects as {@link NetworkNamespace.connect} does. */
export async function connectAs(
  process: Process,
  address: string,
  port: number,
  signal?: AbortSignal,
  localPort?: number,
): Promise<Connection> {
  const connection = await process.net.connect(address, port, signal, localPort)
  connection.owner = process
  return connection
}
