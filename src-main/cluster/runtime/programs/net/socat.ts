/** socat 1.8: two addresses, and what one gives the other takes. */
import { DnsError, NetworkError, type Connection, type DatagramSocket } from '../../../network/network.js'
import { errorText } from '../../errors.js'
import { SystemError, type OpenFile, type Program } from '../../process.js'
import { connectAt } from '../../unix-sockets.js'
import { Command, command, Fail } from '../command.js'
import { arrivals, arrivalsAt, chunks, external, relay, runOver, send, within, type Arrivals } from './connection.js'
import { secure } from './http-client.js'
import { argvOf, parse, type Address } from './socat-address.js'
import { connectAs } from '../../own-sockets.js'

const USAGE = 'use option "-h" for help'
const HELP = `socat by Gerhard Rieger and contributors - see www.dest-unreach.org
Usage:
socat [options] <bi-address> <bi-address>
   options (general command line options):
      -V     print version and feature information to stdout, and exit
      -h|-?  print a help text describing command line options and addresses
      -d[ddd]        increase verbosity (use up to 4 times; 2 are recommended)
      -v     verbose text dump of data traffic
      -u     unidirectional mode (left to right)
      -U     unidirectional mode (right to left)
      -t<timeout>    wait seconds before closing second channel
      -T<timeout>    total inactivity timeout in seconds
   some address options:
      STDIO  TCP4:host:port  TCP4-LISTEN:port,fork,reuseaddr  UDP4:host:port  UDP4-LISTEN:port  EXEC:command  SYSTEM:command  OPEN:file  OPENSSL:host:port  UNIX-CONNECT:path  UNIX-LISTEN:path,fork
`

class Socat {
  constructor(
    private readonly c: Command,
    private readonly verbosity: number,
    private readonly oneWay: boolean,
  ) {}

  /** What is to be done when all is carried. */
  readonly atEnd: (() => void)[] = []

  private line(level: string, text: string, c = this.c): string {
    const time = new Date(c.task.clock.now()).toISOString().slice(0, 19).replaceAll('-', '/').replace('T', ' ')
    return `${time} socat[${c.task.pid}] ${level} ${text}`
  }

  async notice(text: string, c = this.c): Promise<void> {
    if (this.verbosity >= 2) await c.task.writeError(`${this.line('N', text, c)}\n`)
  }

  fail(text: string): Fail {
    return new Fail(this.line('E', text))
  }

  async run(first: Address, second: Address): Promise<number> {
    if (first.kind === 'UDP-LISTEN') return this.listenUdp(first, second)
    if (first.kind.endsWith('-LISTEN')) return this.listen(first, (c, connection) => this.join(c, connection, second))
    const left = await this.open(this.c, first)
    if (second.kind === 'UDP-LISTEN') return this.listenUdp(second, first)
    if (second.kind.endsWith('-LISTEN')) return this.listen(second, (c, connection) => this.between(c, left, { connection }))
    return this.between(this.c, left, await this.open(this.c, second))
  }

  private async join(c: Command, connection: Connection, second: Address): Promise<number> {
    if (second.kind === 'EXEC' || second.kind === 'SYSTEM' || second.kind === 'SHELL') return runOver(c, connection, argvOf(second))
    if (second.kind === 'PIPE' && second.args.length === 0) {
      for await (const data of chunks(c.task, connection, true)) await send(c.task, connection, data)
      connection.end()
      return 0
    }
    return this.between(c, { connection }, await this.open(c, second))
  }

  private async listen(address: Address, serve: (c: Command, connection: Connection) => Promise<number>): Promise<number> {
    const { c } = this
    const own = address.kind === 'UNIX-LISTEN' ? `AF=1 "${address.args[0]}"` : `AF=2 0.0.0.0:${this.port(address.args[0])}`
    const arriving = address.kind === 'UNIX-LISTEN' ? this.atFile(address) : this.atPort(address, own)
    await this.notice(`listening on ${own}`)
    const fork = address.options.has('fork')
    do {
      const connection = await arriving.next()
      if (!fork) arriving.close()
      await this.notice(
        arriving.port === 0
          ? `accepting connection from AF=1 "<anon>" on ${own}`
          : `accepting connection from AF=2 ${connection.remoteAddress}:${connection.remotePort} on AF=2 ${connection.localAddress}:${connection.localPort}`,
      )
      c.task.aborted.addEventListener('abort', () => connection.destroy())
      if (!fork) return serve(c, connection)
      c.task.fork(async (child) => serve(new Command(child, c.flavour), connection))
    } while (fork)
    return 0
  }

  private atPort(address: Address, own: string): Arrivals {
    const { c } = this
    try {
      return arrivals(c.task, this.port(address.args[0]), address.options.get('bind') ?? '0.0.0.0')
    } catch (error) {
      if (!(error instanceof NetworkError)) throw error
      const why = c.fs.exists('/etc/alpine-release') && error.code === 'EADDRINUSE' ? 'Address in use' : errorText(error)
      throw this.fail(`bind(5, {${own}}, 16): ${why}`)
    }
  }

  /** At the file of a socket, which goes with the process unless it is told not to. */
  private atFile(address: Address): Arrivals {
    const { c } = this
    const [path = ''] = address.args
    const abstract = path.startsWith('@')
    if (!abstract && c.fs.exists(path)) {
      if (!address.options.has('unlink-early')) throw this.fail(`"${path}" exists`)
      c.fs.remove(path)
    }
    try {
      const arriving = arrivalsAt(c.task, path)
      const mode = address.options.get('mode')
      if (mode !== undefined && !abstract) c.fs.chmod(path, parseInt(mode, 8))
      if (!abstract && address.options.get('unlink-close') !== '0') this.removeAtEnd(path)
      return arriving
    } catch (error) {
      if (!(error instanceof SystemError)) throw error
      throw this.fail(`bind(5, {AF=1 "${path}"}, ${path.length + 3}): ${error.message}`)
    }
  }

  /** A file that goes with the process, but for one that is killed outright. */
  private removeAtEnd(path: string): void {
    const { task } = this.c
    const remove = (): void => { if (task.fs.exists(path)) task.fs.remove(path) } // prettier-ignore
    this.atEnd.push(remove)
    const statuses = { TERM: 143, INT: 130, HUP: 129 }
    for (const signal of ['TERM', 'INT', 'HUP'] as const)
      task.onSignal(signal, () => {
        remove()
        void (async () => task.exit(statuses[signal]))().catch(() => undefined)
      })
  }

  /** Joins whoever sends first with another address. */
  private async listenUdp(address: Address, other: Address): Promise<number> {
    const { c } = this
    const port = this.port(address.args[0])
    let peer: { address: string; port: number } | undefined
    const queue: Uint8Array[] = []
    let wake: () => void = () => undefined
    const socket = c.task.net.bindUdp(port, (data, from) => {
      peer ??= from
      queue.push(data)
      wake()
    })
    socket.owner = c.task
    c.task.aborted.addEventListener('abort', () => socket.close(), { once: true })
    return this.datagrams(
      socket,
      () => peer,
      queue,
      (w) => (wake = w),
      other,
    )
  }

  private async datagrams(
    socket: DatagramSocket,
    peer: () => { address: string; port: number } | undefined,
    queue: Uint8Array[],
    onData: (wake: () => void) => void,
    other: Address,
  ): Promise<number> {
    const { c } = this
    const echoes = other.kind === 'PIPE' || (other.kind === 'EXEC' && /^(\/bin\/)?cat$/.test(other.args[0]!.trim()))
    const answer = (data: Uint8Array): void => {
      const to = peer()
      if (to) socket.send(data, to.port, to.address)
    }
    if (other.kind === 'STDIO') {
      const input = (async (): Promise<void> => {
        for (let data = await c.task.read(); data.length > 0; data = await c.task.read()) answer(data)
      })()
      input.catch(() => undefined)
    } else if (!echoes) throw this.fail(`address ${other.kind} cannot take datagrams here`)
    for (;;) {
      const data = queue.shift()
      if (data) {
        if (echoes) answer(data)
        else await c.print(data)
        continue
      }
      await c.task.block((w) => {
        onData(w)
        return () => undefined
      })
    }
  }

  private port(text: string | undefined): number {
    const port = Number(text)
    if (text === undefined || text === '') throw this.fail('wrong number of parameters (0 instead of 1); usage: TCP-LISTEN:<port>')
    if (!Number.isInteger(port) || port < 0 || port > 65_535)
      throw this.fail(`getaddrinfo("", "${text}"): Servname not supported for ai_socktype`)
    return port
  }

  private async address(host: string): Promise<string> {
    try {
      return (await external(this.c.task, this.c.task.net.resolve(host.replace(/^\[(.*)\]$/, '$1'))))[0]!
    } catch (error) {
      if (!(error instanceof DnsError)) throw error
      const why = this.c.fs.exists('/etc/alpine-release') ? 'Name does not resolve' : 'Name or service not known'
      throw this.fail(`getaddrinfo("${host}", "NULL", {1,2,1,6}, {}): ${why}`)
    }
  }

  private async open(c: Command, address: Address): Promise<Side> {
    const [host = '', port] = address.args
    switch (address.kind) {
      case 'STDIO':
      case 'STDIN':
      case 'STDOUT':
        return { stdio: true }
      case 'TCP':
      case 'OPENSSL': {
        if (address.args.length !== 2) throw this.fail(`wrong number of parameters (${address.args.length} instead of 2)`)
        const ip = await this.address(host)
        try {
          const limit = address.options.get('connect-timeout')
          const plain = await within(c.task, limit === undefined ? undefined : Number(limit) * 1000, (signal) =>
            connectAs(c.task, ip, Number(port), signal),
          )
          if (!plain) throw new NetworkError('ETIMEDOUT', 'timed out')
          await this.notice(`successfully connected from local address AF=2 ${plain.localAddress}:${plain.localPort}`, c)
          if (address.kind === 'TCP') return { connection: plain }
          const ca = address.options.get('cafile')
          const insecure = address.options.get('verify') === '0'
          return {
            connection: (await external(c.task, secure(plain, host, { insecure, ...(ca ? { ca: c.fs.readText(ca) } : {}) }))) as never,
          }
        } catch (error) {
          c.task.check()
          if (error instanceof NetworkError) throw this.fail(`connect(5, AF=2 ${ip}:${port}, 16): ${errorText(error)}`)
          throw this.fail(`SSL_connect(): error:0A000086:SSL routines::certificate verify failed`)
        }
      }
      case 'EXEC':
      case 'SYSTEM':
      case 'SHELL':
        return { argv: argvOf(address) }
      case 'OPEN':
      case 'FILE':
      case 'CREATE':
      case 'GOPEN': {
        const path = address.args.join(':')
        try {
          const flags = address.kind === 'CREATE' || address.options.has('trunc') ? 'w' : address.options.has('append') ? 'a' : 'r'
          return {
            file: c.fs.open(path, address.options.has('creat') && flags === 'r' ? 'w' : flags),
            writes: flags !== 'r' || address.options.has('creat'),
          }
        } catch (error) {
          if (!(error instanceof SystemError)) throw error
          throw this.fail(`open("${path}", 0${address.kind === 'CREATE' ? '1101' : '2'}, 0666): ${error.message}`)
        }
      }
      case 'UDP':
      case 'UDP-SENDTO':
      case 'UDP-DATAGRAM':
        return { peer: { address: await this.address(host), port: Number(port) } }
      case 'UNIX':
      case 'UNIX-CLIENT':
        try {
          return { connection: connectAt(c.task, host) }
        } catch (error) {
          if (!(error instanceof SystemError)) throw error
          throw this.fail(`connect(5, AF=1 "${host}", ${host.length + 3}): ${error.message}`)
        }
      default:
        throw this.fail(`unknown device/address "${address.kind}"`)
    }
  }

  /** Carries both ways until one side has ended. */
  private async between(c: Command, left: Side, right: Side): Promise<number> {
    const [a, b] = 'stdio' in left || ('file' in left && !('stdio' in right)) ? [right, left] : [left, right]
    if ('peer' in a) return this.toPeer(c, a.peer, b)
    if ('connection' in a) {
      if ('stdio' in b) await relay(c, a.connection, false)
      else if ('argv' in b) return runOver(c, a.connection, b.argv)
      else if ('connection' in b) await this.both(c, a.connection, b.connection)
      else if ('file' in b) {
        if (b.writes) for await (const data of chunks(c.task, a.connection)) await b.file.write(data)
        else {
          for (let data = await b.file.read(65_536); data.length > 0; data = await b.file.read(65_536))
            await send(c.task, a.connection, data)
          a.connection.end()
          if (!this.oneWay) for await (const data of chunks(c.task, a.connection)) void data
        }
      }
      return 0
    }
    if ('argv' in a) {
      const child = await c.task.spawn({ argv: a.argv })
      return child.wait()
    }
    if ('file' in a) {
      if (a.writes) for (let data = await c.task.read(); data.length > 0; data = await c.task.read()) await a.file.write(data)
      else for (let data = await a.file.read(65_536); data.length > 0; data = await a.file.read(65_536)) await c.print(data)
      return 0
    }
    for (let data = await c.task.read(); data.length > 0; data = await c.task.read()) await c.print(data)
    return 0
  }

  private async toPeer(c: Command, peer: { address: string; port: number }, other: Side): Promise<number> {
    if (!('stdio' in other)) throw this.fail('address UDP cannot be joined with this one here')
    const queue: Uint8Array[] = []
    let refused = false
    let wake: () => void = () => undefined
    const socket = c.task.net.bindUdp(0, (data) => {
      queue.push(data)
      wake()
    })
    socket.onUnreachable = () => {
      refused = true
      wake()
    }
    c.task.aborted.addEventListener('abort', () => socket.close(), { once: true })
    let ended = false
    const input = (async (): Promise<void> => {
      for (let data = await c.task.read(); data.length > 0; data = await c.task.read()) socket.send(data, peer.port, peer.address)
      ended = true
      wake()
    })()
    input.catch(() => undefined)
    try {
      for (;;) {
        const data = queue.shift()
        if (data) {
          await c.print(data)
          continue
        }
        if (refused) throw this.fail(`read(5, 0x7f00, 8192): Connection refused`)
        let over = false
        await c.task.block((w) => {
          wake = w
          // Half a second after the end of what is sent, as -t says by itself.
          const timer = ended ? c.task.clock.after(500, () => { over = true; w() }) : undefined // prettier-ignore
          return () => timer?.cancel()
        })
        wake = () => undefined
        if (over) return 0
      }
    } finally {
      socket.close()
    }
  }

  private async both(c: Command, a: Connection, b: Connection): Promise<void> {
    const carry = async (from: Connection, to: Connection): Promise<void> => {
      for await (const data of chunks(c.task, from, true)) await send(c.task, to, data)
      to.end()
    }
    await Promise.all([carry(a, b), carry(b, a)]).catch((error: unknown) => c.task.check() ?? error)
    a.destroy()
    b.destroy()
  }
}

type Side =
  | { stdio: true }
  | { connection: Connection }
  | { argv: readonly string[] }
  | { file: OpenFile; writes: boolean }
  | { peer: { address: string; port: number } }

export function socat(): Program {
  return command('coreutils', async (c) => {
    const args = c.task.argv.slice(1)
    let [verbosity, oneWay] = [0, false]
    while (args[0]?.startsWith('-') && args[0] !== '-' && !args[0].startsWith('-,')) {
      const option = args.shift()!
      if (option === '-V')
        return void (await c.print(
          'socat by Gerhard Rieger and contributors - see www.dest-unreach.org\nsocat version 1.8.0.3 on Jun 13 2025 09:17:00\n   running on Linux version #1 SMP, release 6.8.0, machine x86_64\n',
        ))
      if (option === '-h' || option === '-?') return void (await c.print(HELP))
      if (/^-d+$/.test(option)) verbosity += option.length - 1
      else if (/^-d\d$/.test(option)) verbosity = Number(option[2])
      else if (option === '-u' || option === '-U') oneWay = true
      else if (/^-[tTblL]$/.test(option)) args.shift()
      else if (!/^-(v|x|s|g|S|ly.*|lf.*|ls|lh|[tTbL].+|4|6|0|D)$/.test(option))
        throw new Socat(c, 0, false).fail(`unknown option "${option}"; ${USAGE}`)
    }
    const socat = new Socat(c, verbosity, oneWay)
    if (args.length !== 2) throw socat.fail(`exactly 2 addresses required (there are ${args.length}); ${USAGE}`)
    const [first, second] = args.map(parse) as [Address, Address]
    const status = await socat.run(first, second)
    for (const last of socat.atEnd) last()
    await socat.notice(`exiting with status ${status}`)
    return status
  })
}
