/** Looks at how a client begins before it is decided who serves it. */
import type { Connection } from './network.js'

/**
 * Calls `seen` once with the first `count` bytes that a client sends: fewer when it sends no more than these, none when it
 * ends without a word. The bytes stay in the connection, for whoever serves it. A silent client is waited for.
 */
export function onFirstBytes(connection: Connection, count: number, seen: (bytes: Buffer) => void): void {
  const settle = (bytes: Buffer): void => {
    connection.off('readable', look)
    connection.off('end', none)
    if (bytes.length > 0) connection.unshift(bytes)
    seen(bytes)
  }
  const look = (): void => {
    const bytes = connection.read(count) as Buffer | null
    if (bytes) settle(bytes)
  }
  const none = (): void => settle(Buffer.alloc(0))
  connection.on('readable', look)
  connection.on('end', none)
}
