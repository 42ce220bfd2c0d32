/** nc: connections and listeners by hand, over TCP and UDP. */
import { NetworkError, type Connection, type DatagramSocket } from '../../../network/network.js'
import { errorText } from '../../errors.js'
import { SystemError, type Program } from '../../process.js'
import { connectAt } from '../../unix-sockets.js'
import { Command, command, Fail, parseDuration, type Flavour, type Options } from '../command.js'
import { arrivals, arrivalsAt, relay, runOver, within, type Arrivals } from './connection.js'
import { resolve } from './probe.js'
import { serviceName } from './services.js'

export function nc(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const spec = {
      // OpenBSD's has more; those of them that change nothing here are taken.
      short: c.busybox ? 'lkp:s:vnzw:i:ue:q:N4' : 'lkp:s:vnzw:i:ue:q:N46tdDCFhrSUI:O:P:T:V:X:x:b',
      usage: '[-iN] [-wN] [-l] [-p PORT] [-f FILE|IPADDR PORT] [-e PROG]\n\nOpen a pipe to IP:PORT',
    }
    // Everything behind -e is the program's.
    const at = c.task.argv.indexOf('-e')
    const program = at < 0 ? undefined : c.task.argv.slice(at + 1)
    if (program?.length === 0) throw c.usageError(spec, "option requires an argument -- 'e'")
    const o = await c.options(spec, at < 0 ? c.task.argv : c.task.argv.slice(0, at))
    const wait = o.has('w') ? (parseDuration(o.get('w')!) ?? 0) : undefined
    if (o.has('U')) return overFile(c, o)
    if (o.has('l')) {
      const port = Number(o.get('p') ?? o.operands.at(-1))
      // busybox has no -k: a second -l does it, with -e.
      const keep = c.busybox ? o.all('l').length > 1 || o.has('k') : o.has('k')
      return o.has('u') ? listenUdp(c, port, o.has('v')) : listen(c, port, keep, o.has('v'), program)
    }
    if (o.has('u')) return connectUdp(c, o, spec)
    const [host, port] = o.operands
    if (host === undefined || port === undefined) throw c.usageError(spec)
    const address = await resolve(
      c,
      host,
      c.busybox ? `nc: bad address '${host}'` : `nc: getaddrinfo for host "${host}" port ${port}: Name or service not known`,
    )
    const range = /^(\d+)(?:-(\d+))?$/.exec(port)
    if (!range) throw new Fail(c.busybox ? `nc: bad port '${port}'` : `nc: port number invalid: ${port}`)
    let status = 1
    for (let p = Number(range[1]); p <= Number(range[2] ?? range[1]); p++) {
      let connection: Connection | undefined
      try {
        connection = await within(c.task, wait, (signal) => c.task.net.connect(address, p, signal))
        if (!connection) throw new NetworkError('ETIMEDOUT', 'timed out')
      } catch (error) {
        c.task.check()
        if (!(error instanceof NetworkError)) throw error
        if (c.busybox && (o.has('v') || !o.has('z')))
          await c.task.writeError(
            error.code === 'ETIMEDOUT' && wait !== undefined ? 'nc: timed out\n' : `nc: ${host} (${address}:${p}): ${errorText(error)}\n`,
          )
        else if (o.has('v'))
          await c.task.writeError(
            `nc: connect to ${host}${host === address ? '' : ` (${address})`} port ${p} (tcp) failed: ${errorText(error)}\n`,
          )
        continue
      }
      status = 0
      if (o.has('v'))
        await c.task.writeError(
          c.busybox
            ? `${host} (${address}:${p}) open\n`
            : `Connection to ${host}${host === address ? '' : ` (${address})`} ${p} port [tcp/${serviceName(c, p, 'tcp') ?? '*'}] succeeded!\n`,
        )
      if (o.has('z')) connection.destroy()
      else if (program) status = await runOver(c, connection, program)
      else await relay(c, connection, false)
    }
    return status
  })
}

/** With -U, sockets that are files; OpenBSD's has them. */
async function overFile(c: Command, o: Options): Promise<number> {
  const [path] = o.operands
  if (path === undefined) throw new Fail('nc: missing path')
  const noted = (text: string): Promise<void> | undefined => (o.has('v') ? c.task.writeError(`${text} on ${path}\n`) : undefined)
  try {
    if (!o.has('l')) {
      const connection = connectAt(c.task, path)
      if (o.has('z')) connection.destroy()
      else await relay(c, connection, false)
      return 0
    }
    const arriving = arrivalsAt(c.task, path)
    await noted('Listening')
    do {
      const connection = await arriving.next()
      if (!o.has('k')) arriving.close()
      c.task.aborted.addEventListener('abort', () => connection.destroy())
      await noted('Connection received')
      await relay(c, connection, true)
    } while (o.has('k'))
    return 0
  } catch (error) {
    if (!(error instanceof SystemError)) throw error
    throw new Fail(o.has('l') ? `nc: ${error.message}` : `nc: ${path}: ${error.message}`)
  }
}

async function listen(c: Command, port: number, keep: boolean, verbose: boolean, program?: readonly string[]): Promise<number> {
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new Fail(c.busybox ? 'nc: bad port' : 'nc: missing port with option -l')
  let arriving: Arrivals
  try {
    arriving = arrivals(c.task, port, c.busybox ? '::' : '0.0.0.0')
  } catch (error) {
    if (!(error instanceof NetworkError)) throw error
    throw new Fail(c.busybox ? `nc: bind: ${errorText(error)}` : `nc: ${errorText(error)}`)
  }
  if (verbose) await c.task.writeError(c.busybox ? `listening on [::]:${arriving.port} ...\n` : `Listening on 0.0.0.0 ${arriving.port}\n`)
  do {
    const connection = await arriving.next()
    if (!keep) arriving.close()
    c.task.aborted.addEventListener('abort', () => connection.destroy())
    if (verbose)
      await c.task.writeError(
        c.busybox
          ? `connect to [::ffff:${connection.localAddress}]:${arriving.port} from [::ffff:${connection.remoteAddress}]:${connection.remotePort}\n`
          : `Connection received on ${connection.remoteAddress} ${connection.remotePort}\n`,
      )
    if (!program) await relay(c, connection, true)
    else if (keep) c.task.fork((child) => runOver(new Command(child, c.flavour), connection, program))
    else return runOver(c, connection, program)
  } while (keep)
  return 0
}

/** Cluster ms that nc -uz waits for word that nobody hears the port. */
const UDP_SILENCE = 1_000

/** Sends standard input in datagrams and prints the answers; with -z says whether anything objects. */
async function connectUdp(c: Command, o: Options, spec: Parameters<Command['usageError']>[0]): Promise<number> {
  const [host, text] = o.operands
  const port = Number(text)
  if (host === undefined || text === undefined) throw c.usageError(spec)
  if (!(port > 0 && port < 65_536)) throw new Fail(c.busybox ? `nc: bad port '${text}'` : `nc: port number invalid: ${text}`)
  const address = await resolve(
    c,
    host,
    c.busybox ? `nc: bad address '${host}'` : `nc: getaddrinfo for host "${host}" port ${text}: Name or service not known`,
  )
  const shown = `${host}${host === address ? '' : ` (${address})`}`
  const conversation = new UdpConversation(c)
  try {
    if (o.has('z')) {
      // A datagram that is answered by nothing, not even an error, counts as heard.
      conversation.socket.send(new Uint8Array(), port, address)
      await c.task.sleep(UDP_SILENCE)
      if (conversation.refused) {
        if (o.has('v') && !c.busybox) await c.task.writeError(`nc: connect to ${shown} port ${text} (udp) failed: Connection refused\n`)
        return 1
      }
      if (o.has('v'))
        await c.task.writeError(
          c.busybox
            ? `${host} (${address}:${text}) open\n`
            : `Connection to ${shown} ${text} port [udp/${serviceName(c, Number(text), 'udp') ?? '*'}] succeeded!\n`,
        )
      return 0
    }
    if (o.has('v') && !c.busybox)
      await c.task.writeError(`Connection to ${shown} ${text} port [udp/${serviceName(c, Number(text), 'udp') ?? '*'}] succeeded!\n`)
    const idle = o.has('w') ? parseDuration(o.get('w')!) : undefined
    return await conversation.talk((data) => conversation.socket.send(data, port, address), idle)
  } finally {
    conversation.socket.close()
  }
}

/** Hears datagrams; answers go to whoever spoke first. */
async function listenUdp(c: Command, port: number, verbose: boolean): Promise<number> {
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new Fail(c.busybox ? 'nc: bad port' : 'nc: missing port with option -l')
  let conversation: UdpConversation
  try {
    conversation = new UdpConversation(c, port)
  } catch (error) {
    if (!(error instanceof NetworkError)) throw error
    throw new Fail(c.busybox ? `nc: bind: ${errorText(error)}` : `nc: ${errorText(error)}`)
  }
  const { socket } = conversation
  if (verbose) await c.task.writeError(c.busybox ? `listening on [::]:${socket.port} ...\n` : `Bound on 0.0.0.0 ${socket.port}\n`)
  try {
    return await conversation.talk((data) => {
      if (conversation.peer) socket.send(data, conversation.peer.port, conversation.peer.address)
    }, undefined)
  } finally {
    socket.close()
  }
}

/** One UDP socket with standard input and output. */
class UdpConversation {
  readonly socket: DatagramSocket
  /** Who spoke first. */
  peer: { address: string; port: number } | undefined
  refused = false
  private readonly queue: Uint8Array[] = []
  private wake: () => void = () => undefined

  constructor(
    private readonly c: Command,
    port = 0,
  ) {
    this.socket = c.task.net.bindUdp(port, (data, from) => {
      this.peer ??= from
      this.queue.push(data)
      this.wake()
    })
    this.socket.onUnreachable = () => {
      this.refused = true
      this.wake()
    }
    c.task.aborted.addEventListener('abort', () => this.socket.close(), { once: true })
  }

  /** Sends what standard input gives and prints what comes, until the other side refuses or `idle` ms pass in silence. */
  async talk(say: (data: Uint8Array) => void, idle: number | undefined): Promise<number> {
    const { task } = this.c
    const input = (async (): Promise<void> => {
      for (let data = await task.read(); data.length > 0; data = await task.read()) say(data)
    })()
    input.catch(() => undefined)
    for (;;) {
      const data = this.queue.shift()
      if (data) {
        await this.c.print(data)
        continue
      }
      if (this.refused) return 1
      let timedOut = false
      await task.block((w) => {
        this.wake = w
        const timer =
          idle === undefined
            ? undefined
            : task.clock.after(idle, () => {
                timedOut = true
                w()
              })
        return () => timer?.cancel()
      })
      this.wake = () => undefined
      if (timedOut && this.queue.length === 0) return 0
    }
  }
}
