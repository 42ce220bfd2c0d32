/** The master process and its workers: listening sockets, signals, reload, logs. */
import { ServerResponse, type IncomingMessage } from 'node:http'
import { httpDate, serveHttp, type HttpListener } from '../../../network/http.js'
import { NetworkError, type Connection } from '../../../network/network.js'
import { Killed, type Process, type Signal } from '../../process.js'
import { taskOf, type Task } from '../../task.js'
import { untilKilled } from '../server-process.js'
import { ConfigError } from './conf.js'
import { logLine, openLog, type Log } from './log.js'
import type { HttpConfig, Listen, Server } from './model.js'
import { chooseServer, Request } from './request.js'
import { fail, respond, type Context } from './respond.js'
import { accessLogPaths, makeFolders, processors, userOf } from './surroundings.js'
import { certificateOf, loadCertificates, type Certificates } from './tls.js'
import { Streams } from './stream.js'
import { emerg, load, timestamp, type NginxVersion, type Options } from './startup.js'

/** One worker process, with the requests it is at. */
interface Worker {
  task: Task
  generation: number
  active: number
  retiring: boolean
  finish: () => void
}

/** The master process: owns the listening sockets, starts workers, obeys signals. */
export class Master implements Context {
  private readonly task: Task
  private readonly listeners = new Map<string, HttpListener>()
  private workers: Worker[] = []
  private generation = 0
  private nextWorker = 0
  private readonly connections = new Map<Connection, { number: number; worker: Worker }>()
  private connectionCount = 0
  private requestCount = 0
  private errorLog!: Log
  private readonly accessLogs = new Map<string, Log>()
  private streams: Streams | undefined
  private events: Signal[] = []
  private wake: () => void = () => undefined

  constructor(
    private readonly process: Process,
    private readonly about: NginxVersion,
    private readonly options: Options,
    private config: HttpConfig,
    private certificates: Certificates,
  ) {
    this.task = taskOf(process)
  }

  /** Runs until the last worker is gone. @param onListening called once its ports are open, and not when they cannot be */
  async run(onListening?: () => void): Promise<number> {
    const { process, config } = this
    this.openLogs()
    makeFolders(process, config)
    if (!(await this.bind(config))) return 1
    onListening?.()
    this.task.argv = [`nginx: master process ${process.argv.join(' ')}`]
    process.fs.mkdir('/run', { recursive: true })
    process.fs.writeFile(config.pid, `${process.pid}\n`)
    process.setMemory(6 * 1024 * 1024)
    await this.notice('using the "epoll" event method')
    await this.notice(`nginx/${this.about.version}`)
    await this.notice(`built by ${this.about.compiler} `)
    await this.notice('OS: Linux 6.8.0')
    await this.notice('getrlimit(RLIMIT_NOFILE): 1048576:1048576')
    for (const signal of ['TERM', 'INT', 'QUIT', 'HUP', 'USR1', 'CHLD'] as const) {
      process.onSignal(signal, () => {
        this.events.push(signal)
        this.wake()
      })
    }
    await this.startWorkers()
    return this.obey()
  }

  /** Handles signals until the last worker is gone. */
  private async obey(): Promise<number> {
    let stopping = false
    for (;;) {
      await this.nextEvent()
      for (let signal = this.events.shift(); signal; signal = this.events.shift()) {
        if (signal === 'CHLD') {
          for (const worker of this.workers.filter((w) => w.task.ended)) await this.reap(worker, stopping)
        } else if (signal === 'HUP') {
          await this.notice(`signal 1 (SIGHUP) received, reconfiguring`)
          if (!stopping) await this.reload()
        } else if (signal === 'USR1') {
          await this.notice('signal 10 (SIGUSR1) received, reopening logs')
          this.openLogs()
        } else {
          const graceful = signal === 'QUIT'
          const names = { TERM: '15 (SIGTERM)', INT: '2 (SIGINT)', QUIT: '3 (SIGQUIT)' }
          await this.notice(`signal ${names[signal as 'TERM']} received, ${graceful ? 'shutting down' : 'exiting'}`)
          stopping = true
          this.streams?.close()
          for (const listener of this.listeners.values()) {
            if (graceful) listener.close()
            else listener.destroy()
          }
          for (const worker of this.workers) await this.retire(worker, graceful)
        }
      }
      if (stopping && this.workers.length === 0) {
        await this.notice('exit')
        this.removePid()
        return 0
      }
    }
  }

  private async nextEvent(): Promise<void> {
    if (this.events.length > 0) return
    const event = new Promise<void>((resolve) => {
      this.wake = resolve
    })
    await Promise.race([event, untilKilled(this.process)])
  }

  private async reap(worker: Worker, stopping: boolean): Promise<void> {
    this.task.reap(worker.task)
    this.workers = this.workers.filter((w) => w !== worker)
    await this.notice(`signal 17 (SIGCHLD) received from ${worker.task.pid}`)
    const reason = worker.task.reason!
    if ('signal' in reason) {
      await this.log('alert', `worker process ${worker.task.pid} exited on signal ${{ KILL: 9, TERM: 15 }[reason.signal as 'KILL'] ?? 9}`)
    } else await this.notice(`worker process ${worker.task.pid} exited with code ${reason.code}`)
    // One that died on its own is replaced.
    if (!stopping && !worker.retiring) await this.startWorker()
    else if (!stopping) await this.notice('signal 29 (SIGIO) received')
  }

  private async reload(): Promise<void> {
    let next: HttpConfig
    let certificates: Certificates
    try {
      next = await load(this.process, this.options)
      certificates = loadCertificates(this.process, next)
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error
      return this.log('emerg', error.message)
    }
    await this.notice('reconfiguring')
    makeFolders(this.process, next)
    if (!(await this.bind(next))) return
    this.config = next
    this.certificates = certificates
    this.openLogs()
    await this.notice('using the "epoll" event method')
    const old = [...this.workers]
    await this.startWorkers()
    for (const worker of old) await this.retire(worker, true)
  }

  private async startWorkers(): Promise<void> {
    this.generation++
    await this.notice('start worker processes')
    const count = this.config.workers === 'auto' ? processors(this.process) : this.config.workers
    for (let i = 0; i < count; i++) await this.startWorker()
  }

  private async startWorker(): Promise<void> {
    let finish!: () => void
    const over = new Promise<void>((resolve) => {
      finish = resolve
    })
    const owner = userOf(this.process, this.config.user)
    const task = this.task.fork(async (child) => {
      child.argv = ['nginx: worker process']
      if (this.process.uid === 0 && owner) {
        child.uid = owner.uid
        child.gid = owner.gid
      }
      child.setMemory(3 * 1024 * 1024)
      for (const signal of ['HUP', 'USR1', 'CHLD'] as const) child.onSignal(signal, 'ignore')
      child.onSignal('TERM', finish)
      child.onSignal('QUIT', finish)
      await Promise.race([over, untilKilled(child)])
      return 0
    })
    const worker: Worker = { task, generation: this.generation, active: 0, retiring: false, finish }
    // Connections of a worker that is gone are gone with it.
    task.onExit(() => {
      for (const [connection, at] of this.connections) if (at.worker === worker) connection.destroy()
    })
    this.workers.push(worker)
    await this.notice(`start worker process ${task.pid}`)
  }

  /** Lets a worker go: at once, or when its requests are answered. */
  private async retire(worker: Worker, graceful: boolean): Promise<void> {
    if (worker.retiring && graceful) return
    worker.retiring = true
    const say = (message: string): Promise<void> => this.errorLog.write(this.line('notice', message, worker.task.pid), 'notice')
    if (graceful) {
      await say('gracefully shutting down')
      for (const [connection, owner] of this.connections) if (owner.worker === worker && worker.active === 0) connection.end()
    }
    if (worker.active === 0 || !graceful) {
      await say('exiting')
      await say('exit')
      worker.finish()
    }
  }

  /** Opens what the configuration listens on and closes what it no longer does. */
  private async bind(config: HttpConfig): Promise<boolean> {
    const wanted = new Map<string, Listen>()
    for (const server of config.servers) for (const l of server.listens) wanted.set(`${l.address}:${l.port}${l.ssl ? ' ssl' : ''}`, l)
    // A wildcard hears for its port's other addresses, too.
    for (const [key, l] of wanted) if (l.address !== '0.0.0.0' && wanted.has(`0.0.0.0:${l.port}${l.ssl ? ' ssl' : ''}`)) wanted.delete(key)
    for (const [key, listen] of wanted) {
      if (this.listeners.has(key)) continue
      if (!(await this.listen(key, listen))) return false
    }
    for (const [key, listener] of this.listeners) {
      if (wanted.has(key)) continue
      listener.close()
      this.listeners.delete(key)
    }
    return this.bindStreams(config)
  }

  /** Opens the ports of the block `stream` in place of those that are open. */
  private async bindStreams({ stream }: HttpConfig): Promise<boolean> {
    this.streams?.close()
    this.streams = undefined
    if (!stream) return true
    const streams = new Streams(this.process, stream, {
      access: (path, line) => void this.accessLog(path).write(line, 'access'),
      error: (level, message) => void this.log(level, message),
    })
    try {
      streams.listen()
    } catch (error) {
      if (!(error instanceof NetworkError)) throw error
      const { where } = error as NetworkError & { where?: string }
      await emerg(this.process, `bind() to ${where} failed (98: Address already in use)`)
      return false
    }
    this.process.aborted.addEventListener('abort', () => streams.close(), { once: true })
    this.streams = streams
    return true
  }

  private accessLog(path: string): Log {
    let log = this.accessLogs.get(path)
    if (!log) this.accessLogs.set(path, (log = openLog(this.process, path)))
    return log
  }

  /** As nginx does: five attempts, half a second apart. */
  private async listen(key: string, { address, port, ssl }: Listen): Promise<boolean> {
    for (let attempt = 1; ; attempt++) {
      try {
        const listener = serveHttp(this.process.net, port, (req, res) => this.request(req, res), {
          clock: this.process.clock,
          address,
          owner: this.process,
          keepAliveTimeout: 65_000,
          ...(ssl ? { tls: { contextOf: (name) => certificateOf(this.config, this.certificates, port, name) } } : {}),
        })
        listener.server.on('connection', (socket) => this.connect(socket as never))
        listener.server.on('clientError', (_error, socket) => this.badRequest(socket as never))
        listener.server.on('upgrade', (req: IncomingMessage, socket, head: Buffer) => this.upgrade(req, socket as Connection, head))
        this.process.aborted.addEventListener('abort', () => listener.destroy(), { once: true })
        this.listeners.set(key, listener)
        return true
      } catch (error) {
        if (!(error instanceof NetworkError)) throw error
        const reason = error.code === 'EADDRINUSE' ? '98: Address already in use' : '99: Cannot assign requested address'
        const message = `bind() to ${address}:${port} failed (${reason})`
        await emerg(this.process, message)
        if (error.code !== 'EADDRINUSE') return false
        if (attempt === 5) {
          await emerg(this.process, 'still could not bind()')
          return false
        }
        await this.process.sleep(500)
      }
    }
  }

  private connect(connection: Connection): void {
    const serving = this.workers.filter((w) => !w.retiring)
    const worker = serving[this.nextWorker++ % Math.max(1, serving.length)]
    if (!worker) {
      connection.destroy()
      return
    }
    this.connections.set(connection, { number: ++this.connectionCount, worker })
    connection.once('close', () => this.connections.delete(connection))
  }

  /** node hands over upgrades apart, on a bare socket; to nginx they are requests that a proxy may answer. */
  private upgrade(req: IncomingMessage, socket: Connection, head: Buffer): void {
    if (head.length > 0) socket.unshift(head)
    const res = new ServerResponse(req)
    res.assignSocket(socket as never)
    res.sendDate = false
    res.setHeader('Date', httpDate(this.process.clock.now()))
    res.setHeader('Connection', 'close')
    res.once('finish', () => socket.end())
    this.request(req, res)
  }

  private badRequest(socket: Connection): void {
    if (!socket.writable) return
    const server = `nginx/${this.about.version}`
    const body = `<html>\r\n<head><title>400 Bad Request</title></head>\r\n<body>\r\n<center><h1>400 Bad Request</h1></center>\r\n<hr><center>${server}</center>\r\n</body>\r\n</html>\r\n`
    socket.end(
      `HTTP/1.1 400 Bad Request\r\nServer: ${server}\r\nContent-Type: text/html\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`,
    )
  }

  private request(req: IncomingMessage, res: ServerResponse): void {
    const { worker, number } = this.connections.get(req.socket as never) ?? {}
    const servers = this.serversOn(req.socket.localPort ?? 80, req.socket.localAddress ?? '')
    if (!worker || servers.length === 0) {
      res.destroy()
      return
    }
    worker.active++
    this.requestCount++
    const server = chooseServer(servers, req.socket.localPort ?? 80, req.headers.host ?? '')
    const request = new Request(this.config, server, worker.task, req, res, number ?? 0, this.about.version)
    void this.answer(request, worker)
  }

  private async answer(request: Request, worker: Worker): Promise<void> {
    try {
      await respond(request, this)
      if (request.res.destroyed && !request.res.writableFinished) request.res.statusCode = 499
      await this.logAccess(request)
    } catch (error) {
      if (error instanceof Killed || request.res.headersSent) request.res.destroy()
      else await fail(request, this, 500).catch(() => request.res.destroy())
    } finally {
      worker.active--
      if (worker.retiring && worker.active === 0 && !worker.task.ended) await this.retire(worker, false).catch(() => undefined)
    }
  }

  private serversOn(port: number, address: string): Server[] {
    const all = this.config.servers.filter((s) => s.listens.some((l) => l.port === port))
    const exact = all.filter((s) => s.listens.some((l) => l.port === port && l.address === address))
    return exact.length > 0 ? exact : all
  }

  status(): string {
    const busy = this.workers.reduce((n, w) => n + w.active, 0)
    return `Active connections: ${this.connections.size} \nserver accepts handled requests\n ${this.connectionCount} ${this.connectionCount} ${this.requestCount} \nReading: 0 Writing: ${busy} Waiting: ${Math.max(0, this.connections.size - busy)} \n`
  }

  async logError(request: Request, level: string, message: string, upstream?: string): Promise<void> {
    const { req, connectionNumber, worker } = request
    const parts = [
      `*${connectionNumber} ${message}`,
      `client: ${req.socket.remoteAddress}`,
      `server: ${request.serverName}`,
      `request: "${req.method} ${req.url} HTTP/${req.httpVersion}"`,
      ...(upstream ? [`upstream: "${upstream}"`] : []),
      ...(req.headers.host ? [`host: "${req.headers.host}"`] : []),
      ...(req.headers.referer ? [`referrer: "${req.headers.referer}"`] : []),
    ]
    await this.errorLog.write(this.line(level, parts.join(', '), worker.pid), level)
  }

  private async logAccess(request: Request): Promise<void> {
    for (const { path, format, condition } of request.settings.accessLogs) {
      if (condition !== undefined && ['', '0'].includes(request.expand(condition))) continue
      await this.accessLog(path).write(
        `${logLine(request, this.config.formats.get(format) ?? this.config.formats.get('combined')!)}\n`,
        'access',
      )
    }
  }

  private openLogs(): void {
    this.accessLogs.clear()
    for (const path of accessLogPaths(this.config)) this.accessLogs.set(path, openLog(this.process, path))
    this.errorLog = openLog(this.process, this.config.errorLog.path, this.config.errorLog.level)
  }

  private line(level: string, message: string, pid: number): string {
    return `${timestamp(this.process)} [${level}] ${pid}#${pid}: ${message}\n`
  }

  private log(level: string, message: string): Promise<void> {
    return this.errorLog.write(this.line(level, message, this.process.pid), level)
  }

  private notice(message: string): Promise<void> {
    return this.log('notice', message)
  }

  private removePid(): void {
    try {
      this.process.fs.remove(this.config.pid)
    } catch {
      // Somebody was faster.
    }
  }
}
