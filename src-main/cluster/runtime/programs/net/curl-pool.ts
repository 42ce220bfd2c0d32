/** The connections that curl keeps for its next request to the same place. */
import type { Connection } from '../../../network/network.js'
import type { Request } from './http-client.js'

/** An open connection, its number as -v tells it, and the address of its other end. */
export interface Pooled {
  readonly connection: Connection
  readonly address: string
  readonly number: number
  readonly path?: string
}

/** Where a request goes: two of the same may share a connection. */
export function placeOf({ url, tls, version }: Request, way: string): string {
  return [way, url.scheme, url.host.toLowerCase(), url.port, version ?? '', url.scheme === 'https' ? JSON.stringify(tls) : ''].join(' ')
}

export class Pool {
  private readonly kept = new Map<string, Pooled>()
  private count = 0

  /** The number of the next connection that is made. */
  get next(): number {
    return this.count
  }

  /** Counts one that was made. */
  made(): number {
    return this.count++
  }

  /** Takes a connection to a place that is still open. */
  take(place: string): Pooled | undefined {
    const found = this.kept.get(place)
    this.kept.delete(place)
    return found && !found.connection.destroyed && !found.connection.readableEnded && found.connection.writable ? found : undefined
  }

  keep(place: string, pooled: Pooled): void {
    const other = this.kept.get(place)
    if (other) pooled.connection.end()
    else this.kept.set(place, pooled)
  }

  /** Closes all that are kept. */
  close(): void {
    for (const { connection } of this.kept.values()) connection.end()
    this.kept.clear()
  }
}
