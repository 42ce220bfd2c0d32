/**
 * Replication of redis: a primary that sends its data and then every write, and a replica that takes them
 * (https://redis.io/docs/latest/operate/oss_and_stack/management/replication/).
 */
import { DnsError, NetworkError, type Connection } from '../../../network/network.js'
import type { Process } from '../../process.js'
import type { Database } from './database.js'
import { encode, Failure, RespReader, Simple } from './resp.js'
import { connectAs } from '../../own-sockets.js'

/** Milliseconds between two tries of a replica to reach its primary. */
const RETRY = 1000

type Log = (level: string, message: string) => Promise<void>

/** The replicas of a server. */
export class Replicas {
  private readonly online = new Map<Connection, string>()

  constructor(private readonly database: Database) {}

  /** Sends a client all data; from then on it gets every write. */
  add(connection: Connection, id: string): void {
    connection.once('close', () => this.online.delete(connection))
    connection.write(encode(new Simple(`FULLRESYNC ${id} 0`)))
    connection.write(encode(this.database.dump()))
    this.online.set(connection, '6379')
  }

  /** Whether the connection is that of a replica. */
  /** How many there are. */
  get count(): number {
    return this.online.size
  }

  has(connection: Connection): boolean {
    return this.online.has(connection)
  }

  /** Passes a write on. */
  feed(command: readonly string[]): void {
    const bytes = encode(command)
    for (const connection of this.online.keys()) connection.write(bytes)
  }

  /** Lines of INFO. */
  info(): string[] {
    const lines = [...this.online].map(
      ([connection, port], i) => `slave${i}:ip=${connection.remoteAddress},port=${port},state=online,offset=0,lag=0`,
    )
    return ['role:master', `connected_slaves:${lines.length}`, ...lines]
  }
}

/** Makes a server the replica of another one for as long as it is not stopped. */
export class Replica {
  private connection: Connection | undefined
  private stopped = false
  private up = false

  constructor(
    private readonly process: Process,
    private readonly database: Database,
    private readonly log: Log,
    readonly host: string,
    readonly port: number,
  ) {}

  /** Lines of INFO. */
  info(): string[] {
    const { host, port, up } = this
    return [
      'role:slave',
      `master_host:${host}`,
      `master_port:${port}`,
      `master_link_status:${up ? 'up' : 'down'}`,
      'slave_read_only:1',
      'connected_slaves:0',
    ]
  }

  get state(): 'connected' | 'connect' {
    return this.up ? 'connected' : 'connect'
  }

  stop(): void {
    this.stopped = true
    this.connection?.destroy()
  }

  /** Follows the primary, again and again when the connection ends. Rejects when the process is killed. */
  async follow(): Promise<void> {
    const { process, host, port } = this
    for (; !this.stopped; await process.sleep(RETRY)) {
      try {
        await this.log('*', `Connecting to MASTER ${host}:${port}`)
        const [address] = await process.net.resolve(host)
        await this.log('*', 'MASTER <-> REPLICA sync started')
        this.connection = await connectAs(process, address!, port, process.aborted)
        await this.log('*', 'Non blocking connect for SYNC fired the event.')
        await this.take(this.connection)
        if (!this.stopped) await this.log('*', 'Connection with master lost.')
      } catch (error) {
        if (error instanceof DnsError) await this.log('#', 'Unable to connect to MASTER: Success')
        else if (error instanceof NetworkError) await this.log('#', 'Error condition on socket for SYNC: Connection refused')
        else throw error
      } finally {
        this.up = false
        this.connection?.destroy()
      }
    }
  }

  private async take(connection: Connection): Promise<void> {
    const reader = new RespReader()
    let greeted = false
    connection.write(encode(['PSYNC', '?', '-1']))
    for await (const chunk of connection.iterator({ destroyOnReturn: false })) {
      reader.push(chunk as Buffer)
      for (let next = reader.reply(); next; next = reader.reply()) {
        const { reply } = next
        if (reply instanceof Failure) return this.log('#', `Unexpected reply to PSYNC from master: -${reply.text}`)
        if (reply instanceof Simple) {
          greeted = true
          await this.log('*', `Full resync from master: ${reply.text.split(' ').slice(1).join(':')}`)
        } else if (greeted && typeof reply === 'string') {
          await this.log('*', `MASTER <-> REPLICA sync: receiving ${reply.length} bytes from master to disk`)
          this.database.run('flushall', [])
          this.database.load(reply)
          this.up = true
          await this.log('*', 'MASTER <-> REPLICA sync: Finished with success')
        } else if (Array.isArray(reply)) {
          const [name = '', ...args] = reply.map(String)
          this.database.run(name.toLowerCase(), args)
        }
      }
    }
  }
}
