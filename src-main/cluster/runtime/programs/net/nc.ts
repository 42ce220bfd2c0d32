/** busybox' nc: connections and listeners by hand, over TCP and UDP. OpenBSD's is {@link openbsdNc}. */
import { NetworkError, type Connection } from '../../../network/network.js'
import { errorText } from '../../errors.js'
import type { Program } from '../../process.js'
import { Command, command, Fail, type Options } from '../command.js'
import { parseDuration } from '../sizes.js'
import { arrivals, relay, runOver, within, type Arrivals } from './connection.js'
import type { RelayRules } from './nc-relay.js'
import { UdpConversation } from './nc-udp.js'
import { resolve } from './probe.js'
import { connectAs } from '../../own-sockets.js'

const SPEC = {
  short: 'lkp:s:vnzw:i:ue:q:N4',
  usage: '[-iN] [-wN] [-l] [-p PORT] [-f FILE|IPADDR PORT] [-e PROG]\n\nOpen a pipe to IP:PORT',
}

export const busyboxNc = (): Program =>
  command('busybox', async (c) => {
    // Everything behind -e is the program's.
    const at = c.task.argv.indexOf('-e')
    const program = at < 0 ? undefined : c.task.argv.slice(at + 1)
    if (program?.length === 0) throw c.usageError(SPEC, "option requires an argument -- 'e'")
    const o = await c.options(SPEC, at < 0 ? c.task.argv : c.task.argv.slice(0, at))
    const wait = o.has('w') ? (parseDuration(o.get('w')!) ?? 0) : undefined
    const verbose = o.has('v')
    if (o.has('l')) {
      const port = Number(o.get('p') ?? o.operands.at(-1))
      if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new Fail('nc: bad port')
      // There is no -k: a second -l does it, with -e.
      const keep = o.all('l').length > 1 || o.has('k')
      return o.has('u') ? listenUdp(c, port, verbose) : listen(c, port, keep, verbose, program)
    }
    if (o.has('u')) return connectUdp(c, o)
    const [host, port] = o.operands
    if (host === undefined || port === undefined) throw c.usageError(SPEC)
    const address = await resolve(c, host, `nc: bad address '${host}'`)
    const range = /^(\d+)(?:-(\d+))?$/.exec(port)
    if (!range) throw new Fail(`nc: bad port '${port}'`)
    let status = 1
    for (let p = Number(range[1]); p <= Number(range[2] ?? range[1]); p++) {
      let connection: Connection | undefined
      try {
        connection = await within(c.task, wait, (signal) => connectAs(c.task, address, p, signal))
        if (!connection) throw new NetworkError('ETIMEDOUT', 'timed out')
      } catch (error) {
        c.task.check()
        if (!(error instanceof NetworkError)) throw error
        if (verbose || !o.has('z'))
          await c.task.writeError(
            error.code === 'ETIMEDOUT' && wait !== undefined ? 'nc: timed out\n' : `nc: ${host} (${address}:${p}): ${errorText(error)}\n`,
          )
        continue
      }
      status = 0
      if (verbose) await c.task.writeError(`${host} (${address}:${p}) open\n`)
      if (o.has('z')) connection.destroy()
      else if (program) status = await runOver(c, connection, program)
      else await relay(c, connection, false)
    }
    return status
  })

async function listen(c: Command, port: number, keep: boolean, verbose: boolean, program?: readonly string[]): Promise<number> {
  let arriving: Arrivals
  try {
    arriving = arrivals(c.task, port, '::')
  } catch (error) {
    if (!(error instanceof NetworkError)) throw error
    throw new Fail(`nc: bind: ${errorText(error)}`)
  }
  if (verbose) await c.task.writeError(`listening on [::]:${arriving.port} ...\n`)
  do {
    const connection = await arriving.next()
    if (!keep) arriving.close()
    c.task.aborted.addEventListener('abort', () => connection.destroy())
    if (verbose)
      await c.task.writeError(
        `connect to [::ffff:${connection.localAddress}]:${arriving.port} from [::ffff:${connection.remoteAddress}]:${connection.remotePort}\n`,
      )
    if (!program) await relay(c, connection, true)
    else if (keep) c.task.fork((child) => runOver(new Command(child, c.flavour), connection, program))
    else return runOver(c, connection, program)
  } while (keep)
  return 0
}

/** Cluster ms that nc -uz waits for word that nobody hears the port. */
const UDP_SILENCE = 1_000

/** How datagrams are carried until `idle` cluster ms pass in silence. */
const untilSilent = (idle: number | undefined): RelayRules => ({
  reads: true,
  shutsDown: false,
  quitAfter: undefined,
  idle,
  interval: 0,
  crlf: false,
  telnet: false,
  limit: undefined,
  listens: false,
})

/** Sends standard input in datagrams and prints the answers; with -z says whether anything objects. */
async function connectUdp(c: Command, o: Options): Promise<number> {
  const [host, text] = o.operands
  const port = Number(text)
  if (host === undefined || text === undefined) throw c.usageError(SPEC)
  if (!(port > 0 && port < 65_536)) throw new Fail(`nc: bad port '${text}'`)
  const address = await resolve(c, host, `nc: bad address '${host}'`)
  const conversation = new UdpConversation(c)
  try {
    if (o.has('z')) {
      // A datagram that is answered by nothing, not even an error, counts as heard.
      conversation.socket.send(new Uint8Array(), port, address)
      await c.task.sleep(UDP_SILENCE)
      if (conversation.refused) return 1
      if (o.has('v')) await c.task.writeError(`${host} (${address}:${text}) open\n`)
      return 0
    }
    const idle = o.has('w') ? parseDuration(o.get('w')!) : undefined
    return await conversation.talk((data) => conversation.socket.send(data, port, address), untilSilent(idle))
  } finally {
    conversation.socket.close()
  }
}

/** Hears datagrams; answers go to whoever spoke first. */
async function listenUdp(c: Command, port: number, verbose: boolean): Promise<number> {
  let conversation: UdpConversation
  try {
    conversation = new UdpConversation(c, port)
  } catch (error) {
    if (!(error instanceof NetworkError)) throw error
    throw new Fail(`nc: bind: ${errorText(error)}`)
  }
  const { socket } = conversation
  if (verbose) await c.task.writeError(`listening on [::]:${socket.port} ...\n`)
  try {
    return await conversation.talk((data) => {
      if (conversation.peer) socket.send(data, conversation.peer.port, conversation.peer.address)
    }, untilSilent(undefined))
  } finally {
    socket.close()
  }
}
