/**
 * CoreDNS: serves the names of its Corefile, follows changes of that file, and says in its log what it does
 * (https://coredns.io/manual/toc/, https://kubernetes.io/docs/tasks/administer-cluster/dns-custom-nameservers/).
 */
import { IDLE, type Timer } from '../../../clock.js'
import { goDuration, parseGoDuration } from '../../../go-duration.js'
import { answerMessage, describeMessages, questionMessage } from '../../../network/dns-message.js'
import { DnsError, type DnsAnswer, type DnsType } from '../../../network/network.js'
import type { Resolver } from '../../../network/resolver.js'
import type { Process, Program } from '../../process.js'
import { goFlag } from '../http-echo/family.js'
import { isAddressInUse, Latch, serveInProcess, type ProcessHandler } from '../server-process.js'
import { parseCorefile, type ServerBlock } from './corefile.js'
import { outerPlugins } from './dns-cache.js'
import { DnsMetrics } from './dns-metrics.js'
import { chainOf, inZone, UpstreamError, type Ask } from './dns-plugins.js'
import { serveDns } from './dns-server.js'

/** What is served when there is no Corefile. */
const WITHOUT_FILE = '.:53 {\n    whoami\n    log\n}\n'
const INTERVAL = 30_000
const JITTER = 15_000
/** Where `health`, `ready` and `prometheus` listen when they are not told. */
const PORTS: Readonly<Record<string, { port: number; path: string }>> = {
  health: { port: 8080, path: '/health' },
  ready: { port: 8181, path: '/ready' },
  prometheus: { port: 9153, path: '/metrics' },
}

/** One zone and what answers for it. */
interface Zone {
  name: string
  ask: Ask
  /** Names of which queries are logged, and the classes of answers that are. */
  logged: { zones: string[]; classes: string[] }[]
  logsErrors: boolean
}

/** A Corefile that is being served. */
interface Running {
  text: string
  digest: string
  zones: Zone[]
  /** The paths of each port that is served over HTTP. */
  ports: Map<number, Set<string>>
  /** How long it goes on after it was told to end, ms. */
  lameduck: number
  /** ms between looks at the file; undefined without the reload plugin. */
  reload: { interval: number; jitter: number } | undefined
}

class Server {
  private running!: Running
  private readonly listening = new Map<number, { destroy(): void }>()
  private timer: Timer | undefined
  /** The text that was looked at last, whether or not it could be served. */
  private seen = ''
  private readonly metrics = new DnsMetrics()
  private ending = false

  constructor(
    private readonly process: Process,
    private readonly file: string | undefined,
  ) {}

  /** Begins to serve. Throws what is wrong with the Corefile, and NetworkError when a port is taken. */
  async start(): Promise<void> {
    const { process } = this
    const running = this.configure(this.read())
    this.listen(running.ports)
    serveDns(process, (message, stream, from) => this.answer(message, stream, from))
    process.net.nameServer = { query: (name, type, client) => this.query(name, type, client) }
    process.aborted.addEventListener('abort', () => (process.net.nameServer = undefined), { once: true })
    await process.write(
      running.zones
        .map(({ name }) => `${name}:53\n`)
        .sort()
        .join(''),
    )
    await this.adopt(running)
    await process.write('CoreDNS-1.14.2\nlinux/amd64, go1.26.1\n')
  }

  private read(): string {
    if (this.file === undefined) return WITHOUT_FILE
    try {
      return this.process.fs.readText(this.file)
    } catch {
      throw new Error(`open ${this.file}: no such file or directory`)
    }
  }

  private configure(text: string): Running {
    const file = this.file ?? 'Corefile'
    const { blocks, digest } = parseCorefile(text, file, (pattern) => this.imported(pattern))
    const zones: Zone[] = []
    this.metrics.caches = []
    for (const block of blocks)
      for (const name of block.keys.map(zoneOf)) {
        if (zones.some((z) => z.name === name)) throw new Error(`cannot serve dns://${name}:53 - it is already defined`)
        zones.push(this.zone(name, block, file))
      }
    const directives = blocks.flatMap((b) => b.directives)
    const ports = new Map<number, Set<string>>()
    for (const { name, args } of directives) {
      const usual = PORTS[name]
      if (!usual) continue
      const port = Number(args[0]?.replace(/^.*:/, '') ?? usual.port)
      ports.set(port, (ports.get(port) ?? new Set()).add(usual.path))
    }
    const words = directives.find((d) => d.name === 'health')?.body.find((line) => line.words[0] === 'lameduck')?.words
    const lameduck = parseGoDuration(words?.[1] ?? '') ?? 0
    const reload = directives.find((d) => d.name === 'reload')
    const interval = parseGoDuration(reload?.args[0] ?? '') ?? INTERVAL
    const jitter = Math.min(parseGoDuration(reload?.args[1] ?? '') ?? JITTER, interval / 2)
    return { text, digest, zones, ports, lameduck, reload: reload && { interval, jitter } }
  }

  private zone(name: string, block: ServerBlock, file: string): Zone {
    const logged = block.directives
      .filter((d) => d.name === 'log')
      .map(({ args, body }) => {
        const zones = args.filter((a) => !/[{}]/.test(a)).map((a) => a.toLowerCase().replace(/\.?$/, '.'))
        const classes = body.flatMap(({ words }) => (words[0] === 'class' ? words.slice(1) : []))
        return { zones: zones.length > 0 ? zones : ['.'], classes: classes.length > 0 ? classes : ['all'] }
      })
    const zones = block.keys.map(zoneOf)
    const before = outerPlugins(block, zones, file, this.process, (counts) => this.metrics.caches.push({ zone: name, counts }))
    return {
      name,
      ask: chainOf(block, zones, file, this.process, before),
      logged,
      logsErrors: block.directives.some((d) => d.name === 'errors'),
    }
  }

  /** The texts of the files of an `import`, whose last part may hold one `*`. */
  private imported(pattern: string): string[] | undefined {
    const { fs } = this.process
    const path = pattern.startsWith('/') ? pattern : `${(this.file ?? '').replace(/[^/]*$/, '')}${pattern}`
    const [, directory = '/', last = ''] = /^(.*\/)([^/]*)$/.exec(path) ?? []
    const [before, after] = last.split('*')
    try {
      if (after === undefined) return [fs.readText(path)]
      const names = fs.readdir(directory).filter((n) => n.startsWith(before!) && n.endsWith(after))
      return names.sort().map((n) => fs.readText(directory + n))
    } catch {
      return after === undefined ? undefined : []
    }
  }

  private async adopt(running: Running): Promise<void> {
    this.running = running
    this.seen = running.text
    this.timer?.cancel()
    const { reload } = running
    if (!reload) return
    await this.process.write(`[INFO] plugin/reload: Running configuration SHA512 = ${running.digest}\n`)
    const period = Math.round(reload.interval + (this.process.random.next() - 0.5) * reload.jitter)
    this.timer = this.process.clock.every(period, () => this.look())
    this.process.aborted.addEventListener('abort', () => this.timer?.cancel(), { once: true })
  }

  private look(): unknown {
    let text: string
    try {
      text = this.read()
    } catch {
      return IDLE
    }
    if (text === this.seen) return IDLE
    this.seen = text
    return this.process.clock.track(this.restart(text).catch(() => undefined))
  }

  private async restart(text: string): Promise<void> {
    const { process } = this
    await process.write('[INFO] Reloading\n')
    try {
      const running = this.configure(text)
      this.listen(running.ports)
      await this.adopt(running)
      await process.write('[INFO] Reloading complete\n')
    } catch (error) {
      if (process.aborted.aborted) return
      const { message } = error as Error
      await process.write(`[ERROR] Restart failed: ${message}\n`)
      await process.write(
        `[ERROR] plugin/reload: Corefile changed but reload failed: starting with listener file descriptors: ${message}\n`,
      )
    }
  }

  private listen(ports: ReadonlyMap<number, ReadonlySet<string>>): void {
    for (const [port, paths] of ports) {
      const answer: ProcessHandler = (req, res) => {
        const path = (req.url ?? '/').split('?')[0]!
        res.setHeader('Content-Type', 'text/plain; charset=utf-8')
        if (!paths.has(path)) res.writeHead(404).end('404 page not found\n')
        else if (path === '/metrics') res.end(this.metrics.text())
        else if (path === '/ready' && this.ending) res.writeHead(503).end('Shutting down')
        else res.end('OK')
      }
      // What counts, and what is going to end, is not the same each time.
      const steady = !paths.has('/metrics') && !this.ending
      if (!this.listening.has(port)) this.listening.set(port, serveInProcess(this.process, port, answer, { steady }))
    }
    for (const [port, listener] of this.listening) {
      if (ports.has(port)) continue
      listener.destroy()
      this.listening.delete(port)
    }
  }

  /** Whether it was told to end. */
  get isEnding(): boolean {
    return this.ending
  }

  /** Is told to end: says so, and goes on answering for the time of `lameduck`, ms. */
  async end(signal: string): Promise<number> {
    const { process, running } = this
    this.ending = true
    await process.write(`[INFO] ${signal}: Shutting down servers then terminating\n`)
    if (running.lameduck <= 0) return 0
    this.listen(new Map())
    this.listen(running.ports)
    await process.write(`[INFO] plugin/health: Going into lameduck mode for ${goDuration(running.lameduck)}\n`)
    return running.lameduck
  }

  /** The zone that a name is in: the longest. */
  private zoneFor(name: string): Zone | undefined {
    const found = this.running.zones.filter((zone) => inZone(name, zone.name))
    return found.sort((a, b) => b.name.length - a.name.length)[0]
  }

  private async ask(asked: string, type: DnsType): Promise<DnsAnswer[]> {
    const name = asked.toLowerCase().replace(/\.?$/, '.')
    const zone = this.zoneFor(name)
    if (!zone) throw new DnsError('SERVFAIL', name)
    try {
      const answers = await zone.ask(name, type)
      this.metrics.count(zone.name, type, 'udp', 'NOERROR')
      return answers
    } catch (error) {
      if (error instanceof DnsError) this.metrics.count(zone.name, type, 'udp', error.code)
      if (zone.logsErrors && error instanceof UpstreamError)
        await this.process.write(`[ERROR] plugin/errors: 2 ${name} ${type}: ${error.reason}\n`)
      throw error
    }
  }

  /** A question of a resolver that does not write a message. */
  private async query(name: string, type: DnsType, client: string): Promise<DnsAnswer[]> {
    const asking = this.ask(name, type)
    const zone = this.zoneFor(name.toLowerCase().replace(/\.?$/, '.'))
    if (!zone || zone.logged.length === 0) return asking
    await asking.catch(() => undefined)
    const { random } = this.process
    const message = questionMessage(name, type, random.int(65_536))
    const again: Resolver = { query: (n, t) => (n === name.toLowerCase() && t === type ? asking : this.ask(n, t)) }
    const answer = await answerMessage(again, message, false)
    if (answer) await this.log(message, answer, 'udp', { address: client, port: 32_768 + random.int(28_000) })
    return asking
  }

  /** A message on the wire. */
  private async answer(message: Uint8Array, stream: boolean, from: { address: string; port: number }): Promise<Buffer | undefined> {
    const answer = await answerMessage({ query: (n, t) => this.ask(n, t) }, message, stream)
    if (answer) await this.log(message, answer, stream ? 'tcp' : 'udp', from)
    return answer
  }

  private async log(message: Uint8Array, answer: Buffer, protocol: string, from: { address: string; port: number }): Promise<void> {
    const told = describeMessages(message, answer)
    const zone = told && this.zoneFor(told.asked.toLowerCase())
    if (!zone || zone.logged.length === 0) return
    const answers = answer.readUInt16BE(6)
    const kind =
      told.code === 'NXDOMAIN' || (told.code === 'NOERROR' && answers === 0) ? 'denial' : told.code === 'NOERROR' ? 'success' : 'error'
    const wanted = zone.logged.some(
      ({ zones, classes }) => zones.some((z) => inZone(told.asked, z)) && (classes.includes('all') || classes.includes(kind)),
    )
    if (!wanted) return
    const id = Buffer.from(message).readUInt16BE(0)
    const seconds = (60_000 + this.process.random.int(300_000)) / 1e9
    const question = `"${told.type} IN ${told.asked} ${protocol} ${message.length} false ${protocol === 'tcp' ? 65_535 : told.room}"`
    await this.process.write(
      `[INFO] ${from.address}:${from.port} - ${id} ${question} ${told.code} ${told.flags} ${answer.length} ${seconds.toFixed(9).replace(/0+$/, '')}s\n`,
    )
  }
}

/** `.:53` is the zone `.`, `Example.local` is `example.local.` */
function zoneOf(key: string): string {
  const [name = ''] = key.replace(/^dns:\/\//, '').split(':')
  return name.toLowerCase().replace(/\.?$/, '.')
}

export const coredns: Program = async (process) => {
  const stop = new Latch<number>()
  const server = new Server(process, goFlag(process.argv.slice(1), 'conf'))
  const end = (signal: string) => (): void => {
    // A second signal does not wait.
    if (server.isEnding) return stop.open(0)
    void server.end(signal).then((left) => (left > 0 ? process.clock.after(left, () => stop.open(0)) : stop.open(0)))
  }
  for (const signal of ['TERM', 'INT'] as const) process.onSignal(signal, end(`SIG${signal}`))
  process.setMemory(24 * 1024 * 1024)
  try {
    await server.start()
  } catch (error) {
    if (process.aborted.aborted) throw error
    const message = isAddressInUse(error) ? 'listen tcp :53: bind: address already in use' : (error as Error).message
    await process.writeError(`${message}\n`)
    return 1
  }
  return stop.wait(process)
}
