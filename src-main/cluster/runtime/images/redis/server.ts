/** redis-server: the commands over connections, its log, its data on disk. */
import type { Connection } from '../../../network/network.js'
import type { Process, Program } from '../../process.js'
import { wildcards } from '../../star-pattern.js'
import { taskOf } from '../../task.js'
import { isAddressInUse, Latch, listenInProcess } from '../server-process.js'
import { MONTHS, twoDigits } from '../nginx/pages.js'
import { ListWaiters } from './blocking.js'
import { acl, clientCommand, newClient, publish, pubsub, showMonitors, subscription, type Client } from './clients.js'
import { Database } from './database.js'
import { info } from './info.js'
import { Replica, Replicas } from './replication.js'
import { setSetting, settingsOf } from './settings.js'
import { encode, Failure, OK, ProtocolError, RespReader, Simple, type Reply } from './resp.js'

export function redisServer(version: string): Program {
  return async (process) => {
    if (process.argv.some((a) => a === '-v' || a === '--version')) {
      await process.write(`Redis server v=${version} sha=00000000:0 malloc=jemalloc-5.3.0 bits=64 build=0\n`)
      return 0
    }
    const settings = settingsOf(process, version)
    if (typeof settings === 'string') {
      await process.writeError(settings)
      return 1
    }
    return new Server(process, version, settings).run()
  }
}

class Server {
  /** The databases of SELECT; replicas follow the first. */
  private readonly databases: readonly Database[]
  private readonly clients = new Set<Client>()
  private readonly lists: ListWaiters
  /** Over when DEBUG SLEEP is. */
  private asleep: Promise<void> = Promise.resolve()
  private readonly startedAt: number
  private readonly stop = new Latch<string>()
  private commands = 0
  private connections = 0
  private lastSave: number
  private readonly replicas: Replicas
  /** Set while this server follows another one. */
  private replica: Replica | undefined
  /** The id of this server's data, 40 hex digits. */
  private readonly replicationId: string

  constructor(
    private readonly process: Process,
    private readonly version: string,
    private readonly settings: Map<string, string>,
  ) {
    this.databases = Array.from({ length: Number(settings.get('databases')) || 16 }, () => new Database(() => process.clock.now()))
    this.startedAt = process.clock.now()
    this.lastSave = this.startedAt
    this.lists = new ListWaiters(process.clock, (client, name, args) => this.runOnData(client, name, args))
    this.replicas = new Replicas(this.database)
    this.replicationId = Array.from({ length: 40 }, () => process.random.int(16).toString(16)).join('')
  }

  async run(): Promise<number> {
    const { process, version } = this
    const port = Number(this.settings.get('port'))
    for (const signal of ['TERM', 'INT'] as const) process.onSignal(signal, () => this.stop.open(`SIG${signal}`))
    await this.log('*', 'oO0OoO0OoO0Oo Redis is starting oO0OoO0OoO0Oo', 'C')
    await this.log('*', `Redis version=${version}, bits=64, commit=00000000, modified=0, pid=${process.pid}, just started`, 'C')
    const configured = process.argv.length > 1
    await this.log(
      configured ? '*' : '#',
      configured
        ? 'Configuration loaded'
        : 'Warning: no config file specified, using the default config. In order to specify a config file use redis-server /path/to/redis.conf',
      'C',
    )
    await this.log('*', 'monotonic clock: POSIX clock_gettime')
    try {
      listenInProcess(process, port, (connection) => this.connect(connection))
    } catch (error) {
      if (!isAddressInUse(error)) throw error
      await this.log('#', `Warning: Could not create server TCP listening socket *:${port}: bind: Address already in use`)
      await this.log('#', 'Failed listening on port ' + port + ' (tcp), aborting.')
      return 1
    }
    taskOf(process).argv = [`redis-server ${this.settings.get('bind')!.split(' ')[0]}:${port}`]
    await this.log('*', `Running mode=standalone, port=${port}.`)
    await this.log('*', 'Server initialized')
    await this.loadData()
    await this.log('*', 'Ready to accept connections tcp')
    process.setMemory(6 * 1024 * 1024)
    const primary = (this.settings.get('replicaof') ?? this.settings.get('slaveof'))?.split(' ')
    if (primary?.length === 2) this.follow(primary[0]!, Number(primary[1]))
    const reason = await this.stop.wait(process)
    if (reason.startsWith('SIG')) await this.log('*', `Received ${reason} scheduling shutdown...`, 'S')
    await this.log('*', 'User requested shutdown...')
    if (reason !== 'nosave') {
      await this.log('*', 'Saving the final RDB snapshot before exiting.')
      if (this.save()) await this.log('*', 'DB saved on disk')
    }
    await this.log('#', 'Redis is now ready to exit, bye bye...')
    return 0
  }

  private get database(): Database {
    return this.databases[0]!
  }

  private get file(): string {
    return `${this.settings.get('dir')!.replace(/\/$/, '')}/${this.settings.get('dbfilename')}`
  }

  private async loadData(): Promise<void> {
    if (!this.process.fs.exists(this.file)) return
    const dumps = this.process.fs.readText(this.file).slice('REDIS0011'.length).split('\n')
    for (const [i, dump] of dumps.entries()) if (dump !== '') this.databases[i]?.load(dump)
    await this.log('*', `Done loading RDB, keys loaded: ${this.databases.reduce((sum, { size }) => sum + size, 0)}, keys expired: 0.`)
    await this.log('*', 'DB loaded from disk: 0.000 seconds')
  }

  private save(): boolean {
    try {
      this.process.fs.writeFile(
        `${this.file}.tmp`,
        `REDIS0011${this.databases
          .map((each) => (each.size > 0 ? each.dump() : ''))
          .join('\n')
          .trimEnd()}`,
      )
      this.process.fs.rename(`${this.file}.tmp`, this.file)
      for (const each of this.databases) each.dirty = 0
      this.lastSave = this.process.clock.now()
      return true
    } catch {
      return false
    }
  }

  /** `1:M 21 Nov 2026 09:17:00.000 * Ready to accept connections tcp`. */
  private log(level: string, message: string, role = this.replica ? 'S' : 'M'): Promise<void> {
    const d = new Date(this.process.clock.now())
    const time = `${twoDigits(d.getUTCHours())}:${twoDigits(d.getUTCMinutes())}:${twoDigits(d.getUTCSeconds())}.${String(d.getUTCMilliseconds()).padStart(3, '0')}`
    return this.process.write(
      `${this.process.pid}:${role} ${twoDigits(d.getUTCDate())} ${MONTHS[d.getUTCMonth()]} ${d.getUTCFullYear()} ${time} ${level} ${message}\n`,
    )
  }

  private connect(connection: Connection): void {
    const client = newClient(connection, ++this.connections, this.process.clock.now(), this.settings.get('requirepass') === '')
    this.clients.add(client)
    connection.once('close', () => this.clients.delete(client))
    void this.serve(client)
      .then(() => this.clients.delete(client) && !this.replicas.has(connection) && connection.end())
      .catch(() => connection.destroy())
  }

  private async serve(client: Client): Promise<void> {
    const { connection } = client
    const reader = new RespReader()
    try {
      // What was said last still goes out when this loop is left.
      for await (const chunk of connection.iterator({ destroyOnReturn: false })) {
        reader.push(chunk as Buffer)
        for (let command = reader.command(); command; command = reader.command()) {
          const [name, ...args] = command
          if (name === undefined) continue
          await this.process.compute(0.01)
          this.commands++
          await this.asleep
          const now = Math.floor(this.process.clock.now())
          if (client.authenticated && !UNSHOWN.has(name.toLowerCase())) showMonitors(this.clients, client, command, now)
          Object.assign(client, {
            last: [name, ...(SUBCOMMANDS.has(name.toLowerCase()) ? args.slice(0, 1) : [])].join('|').toLowerCase(),
            lastAt: now,
          })
          const reply = await this.answer(client, name.toLowerCase(), args)
          if (reply !== undefined && !connection.write(encode(reply))) await new Promise((resolve) => connection.once('drain', resolve))
          if (name.toLowerCase() === 'quit') return void connection.end()
        }
      }
    } catch (error) {
      if (error instanceof ProtocolError) connection.end(encode(new Failure(`ERR ${error.message}`)))
      else throw error
    }
  }

  /** Undefined when the command has answered by itself. */
  private answer(client: Client, name: string, args: readonly string[]): Reply | undefined | Promise<Reply | undefined> {
    if (name === 'auth') return this.authenticate(client, args)
    if (name === 'quit') return OK
    if (name === 'hello')
      return args[0] === '3'
        ? new Failure('NOPROTO unsupported protocol version')
        : ['server', 'redis', 'version', this.version, 'proto', 2, 'mode', 'standalone', 'role', 'master']
    if (!client.authenticated) return new Failure('NOAUTH Authentication required.')
    const queued = this.transaction(client, name, args)
    if (queued !== undefined) return queued
    if (Database.knows(name)) return this.runOnData(client, name, args)
    if (ListWaiters.knows(name)) return this.lists.answer(client, name, args)
    switch (name) {
      case 'ping':
        return args[0] ?? new Simple('PONG')
      case 'echo':
        return args[0] ?? ''
      case 'select':
        if (!/^-?\d+$/.test(args[0] ?? '')) return new Failure('ERR value is not an integer or out of range')
        if (!this.databases[Number(args[0])]) return new Failure('ERR DB index is out of range')
        client.db = Number(args[0])
        return OK
      case 'time':
        return [String(Math.floor(this.process.clock.now() / 1000)), '0']
      case 'info':
        return this.info(args)
      case 'config':
        return this.config(args)
      case 'command':
        return args[0]?.toLowerCase() === 'count' ? Database.count : []
      case 'client':
        return clientCommand(this.clients, client, args, this.process.clock.now())
      case 'monitor':
        client.monitors = true
        return OK
      case 'debug':
        return this.debug(args)
      case 'slowlog':
        return args[0]?.toLowerCase() === 'len' ? 0 : args[0]?.toLowerCase() === 'reset' ? OK : []
      case 'latency':
        return args[0]?.toLowerCase() === 'reset' ? 0 : []
      case 'acl':
        return acl(args, this.settings.get('requirepass') !== '')
      case 'wait':
        return this.replicas.count
      case 'lolwut':
        return `Redis ver. ${this.version}\n`
      case 'reset':
        Object.assign(client, { db: 0, queue: undefined, watched: undefined, monitors: false, name: '' })
        return new Simple('RESET')
      case 'bgrewriteaof':
        return new Simple('Background append only file rewriting started')
      case 'role':
        return this.replica ? ['slave', this.replica.host, this.replica.port, this.replica.state, 0] : ['master', 0, []]
      case 'replconf':
        return OK
      case 'psync':
        this.replicas.add(client.connection, this.replicationId)
        return undefined
      case 'replicaof':
      case 'slaveof':
        return this.changePrimary(args)
      case 'save':
        return this.save() ? OK : new Failure('ERR')
      case 'bgsave':
        this.save()
        return new Simple('Background saving started')
      case 'lastsave':
        return Math.floor(this.lastSave / 1000)
      case 'publish':
        return publish(this.clients, args[0] ?? '', args[1] ?? '')
      case 'pubsub':
        return pubsub(this.clients, args)
      case 'subscribe':
      case 'psubscribe':
      case 'unsubscribe':
      case 'punsubscribe':
        if (args.length === 0 && !name.includes('un')) return new Failure(`ERR wrong number of arguments for '${name}' command`)
        subscription(client, name, args)
        return undefined
      case 'shutdown':
        this.stop.open(args[0]?.toLowerCase() ?? 'save')
        return undefined
      default:
        return unknownCommand(name, args)
    }
  }

  private follow(host: string, port: number): void {
    this.replica = new Replica(this.process, this.database, (level, message) => this.log(level, message), host, port)
    // It ends with the process.
    void this.replica.follow().catch(() => undefined)
  }

  private changePrimary([host = '', port = '']: readonly string[]): Reply {
    if (!/^(\d+|one)$/i.test(port)) return new Failure('ERR value is not an integer or out of range')
    this.replica?.stop()
    this.replica = undefined
    if (port.toLowerCase() !== 'one') this.follow(host, Number(port))
    return OK
  }

  private authenticate(client: Client, args: readonly string[]): Reply {
    const password = this.settings.get('requirepass')
    if (!password)
      return new Failure(
        'ERR AUTH <password> called without any password configured for the default user. Are you sure your configuration is correct?',
      )
    if (args.at(-1) !== password) return new Failure('WRONGPASS invalid username-password pair or user is disabled.')
    client.authenticated = true
    return OK
  }

  /** A command over the data of the client's database. */
  private runOnData(client: Client, name: string, args: readonly string[]): Reply {
    const writes = Database.writes(name)
    if (this.replica && writes) return new Failure("READONLY You can't write against a read only replica.")
    const database = this.databases[client.db]!
    const reply = database.run(name, args)
    if (name === 'flushall') for (const each of this.databases) each.run('flushdb', [])
    if (!writes) return reply
    if (!(reply instanceof Failure)) {
      if (client.db === 0) this.replicas.feed([name, ...args])
      for (const { watched, db } of this.clients)
        if (watched && db === client.db && args.some((arg) => watched.keys.has(arg))) watched.written = true
      if (reply !== null) this.lists.retry()
    }
    if (this.settings.get('appendonly') === 'yes') this.save()
    return reply
  }

  /** DEBUG, which version 7 and later allow only where a setting says so; SLEEP keeps all clients waiting. */
  private debug([action = '', seconds = '']: readonly string[]): Reply | Promise<Reply> {
    const allowed = Number.parseInt(this.version, 10) < 7 || /^(yes|local)$/.test(this.settings.get('enable-debug-command') ?? 'no')
    if (!allowed) return new Failure(DEBUG_REFUSED)
    if (action.toLowerCase() !== 'sleep')
      return new Failure(`ERR unknown subcommand or wrong number of arguments for '${action}'. Try DEBUG HELP.`)
    this.asleep = new Promise((resolve) => this.process.clock.after(Number(seconds) * 1000, resolve))
    return this.asleep.then(() => OK)
  }

  private config(args: readonly string[]): Reply {
    const [action = '', ...rest] = args
    if (action.toLowerCase() === 'set') {
      const names = rest.filter((_, i) => i % 2 === 0)
      const unknown = names.find((name, i) => !this.settings.has(name.toLowerCase()) || rest[i * 2 + 1] === undefined)
      if (unknown !== undefined || rest.length === 0)
        return new Failure(`ERR Unknown option or number of arguments for CONFIG SET - '${unknown ?? ''}'`)
      for (const [i, name] of names.entries()) setSetting(this.settings, name, rest[i * 2 + 1]!)
      return OK
    }
    if (action.toLowerCase() !== 'get') return OK
    const globs = rest.map((name) => wildcards(name, { flags: 'is' }))
    return [...this.settings].filter(([key]) => globs.some((glob) => glob.test(key))).flat()
  }

  /** About the bytes that all keys take, and what an empty server does. */
  private get memory(): number {
    return 1024 ** 2 + this.databases.reduce((sum, database) => sum + database.bytes, 0)
  }

  private info(sections: readonly string[]): string {
    const { process, settings } = this
    return info(
      {
        version: this.version,
        pid: process.pid,
        port: settings.get('port')!,
        runId: this.replicationId,
        config: process.argv[1]?.startsWith('/') ? process.argv[1] : '',
        startedAt: this.startedAt,
        now: process.clock.now(),
        clients: this.clients.size,
        commands: this.commands,
        connections: this.connections,
        dirty: this.databases.reduce((sum, { dirty }) => sum + dirty, 0),
        lastSave: this.lastSave,
        memory: this.memory,
        maxMemory: settings.get('maxmemory')!,
        maxMemoryPolicy: settings.get('maxmemory-policy') ?? 'noeviction',
        appendOnly: settings.get('appendonly') === 'yes',
        replication: (this.replica ?? this.replicas).info(),
        databases: this.databases.map(({ size, expiring }) => ({ keys: size, expiring })),
        blocked: this.lists.count,
      },
      sections,
    )
  }

  /** MULTI, EXEC, DISCARD and WATCH; what comes between is put by. Undefined for a command that is to run now. */
  private transaction(client: Client, name: string, args: readonly string[]): Reply | undefined {
    const { queue } = client
    switch (name) {
      case 'multi':
        if (queue) return new Failure('ERR MULTI calls can not be nested')
        client.queue = { commands: [], spoiled: false }
        return OK
      case 'discard':
        if (!queue) return new Failure('ERR DISCARD without MULTI')
        client.queue = client.watched = undefined
        return OK
      case 'exec': {
        if (!queue) return new Failure('ERR EXEC without MULTI')
        const written = client.watched?.written ?? false
        client.queue = client.watched = undefined
        if (queue.spoiled) return new Failure('EXECABORT Transaction discarded because of previous errors.')
        if (written) return null
        return queue.commands.map(([first, ...rest]) => (this.answer(client, first!, rest) as Reply | undefined) ?? null)
      }
      case 'watch':
        if (queue) return new Failure('ERR WATCH inside MULTI is not allowed')
        if (args.length === 0) return new Failure("ERR wrong number of arguments for 'watch' command")
        client.watched = { keys: new Set([...(client.watched?.keys ?? []), ...args]), written: client.watched?.written ?? false }
        return OK
      case 'unwatch':
        client.watched = undefined
        return OK
      default:
        if (!queue) return undefined
        if (!Database.knows(name) && !SIMPLE.has(name)) {
          queue.spoiled = true
          return unknownCommand(name, args)
        }
        queue.commands.push([name, ...args])
        return new Simple('QUEUED')
    }
  }
}

/** Commands that a transaction may hold besides those of the data. */
const SIMPLE = new Set(['ping', 'echo', 'time', 'info', 'publish', 'config', 'select', 'lastsave', 'role'])

const DEBUG_REFUSED =
  'ERR DEBUG command not allowed. If the enable-debug-command option is set to "local", you can run it from a local connection, otherwise you need to set this option in the configuration file, and then restart the server.'

/** Commands that MONITOR does not tell of. */
const UNSHOWN = new Set(['auth', 'monitor', 'hello', 'replconf', 'psync', 'debug'])
/** Commands whose first word is part of their name. */
const SUBCOMMANDS = new Set(['acl', 'client', 'config', 'latency', 'memory', 'object', 'pubsub', 'slowlog'])

const unknownCommand = (name: string, args: readonly string[]): Failure =>
  new Failure(`ERR unknown command '${name}', with args beginning with: ${args.map((a) => `'${a}' `).join('')}`)
