/** ping, telnet, traceroute: is somebody there. */
import type { EchoAnswer, EchoRequest } from '../../../network/echo.js'
import { isIPv6 } from '../../../network/addresses.js'
import { DnsError, NetworkError, type Connection } from '../../../network/network.js'
import { errorText } from '../../errors.js'
import type { Program } from '../../process.js'
import { command, Fail, type Command, type Flavour } from '../command.js'
import { external, isAddress, relay, within } from './connection.js'
import { dummies } from './ip-links.js'

/** The address of a name; ends the program with `message` when it has none. */
export async function resolve(c: Command, name: string, message: string, status = 1): Promise<string> {
  try {
    return (await external(c.task, c.task.net.resolve(name)))[0]!
  } catch (error) {
    if (!(error instanceof DnsError)) throw error
    throw new Fail(message, status)
  }
}

/** What came back of one echo request; undefined when nothing did within `ms`. */
export async function echo(c: Command, address: string, request: EchoRequest, ms: number): Promise<EchoAnswer | undefined> {
  try {
    return await within(c.task, ms, (signal) => c.task.net.echo!(address, request, signal))
  } catch (error) {
    c.task.check()
    if (!(error instanceof NetworkError)) throw error
    return undefined
  }
}

/** The number that tells the echo requests of one process from those of others. */
export const echoId = (c: Command): number => c.task.pid & 0xffff

/** What ping shows of the interface or address that -I names; ends it for one that is not there. */
function sourceOf(c: Command, named: string | undefined): string {
  if (named === undefined) return ''
  const { ip } = c.task.net
  const addresses: Readonly<Record<string, string>> = { eth0: ip, lo: '127.0.0.1' }
  if (isAddress(named)) {
    if (!Object.values(addresses).includes(named))
      throw c.busybox ? new Fail("ping: can't set multicast source interface") : new Fail('ping: bind: Cannot assign requested address', 2)
    return c.busybox ? ` from ${named}` : ` from ${named} :`
  }
  const address = addresses[named] ?? dummies(c).find(({ name }) => name === named)?.addresses[0]
  if (address === undefined)
    throw c.busybox ? new Fail(`ping: bad address '${named}'`) : new Fail(`ping: SO_BINDTODEVICE ${named}: No such device`, 2)
  return c.busybox ? '' : ` from ${address.split('/')[0]} ${named}:`
}

export function ping(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const spec = { short: '46c:i:w:W:s:qt:I:An', usage: '[OPTIONS] HOST\n\nSend ICMP ECHO_REQUESTs to HOST' }
    const o = await c.options(spec)
    const host = o.operands[0]
    if (host === undefined)
      throw new Fail(c.busybox ? c.usageError(spec).message : 'ping: usage error: Destination address required', c.busybox ? 1 : 2)
    const address = await resolve(
      c,
      host,
      c.busybox ? `ping: bad address '${host}'` : `ping: ${host}: Name or service not known`,
      c.busybox ? 1 : 2,
    )
    const size = Number(o.get('s') ?? 56)
    const count = Number(o.get('c') ?? Infinity)
    const interval = Number(o.get('i') ?? 1) * 1000
    const wait = Number(o.get('W') ?? 1) * 1000
    const deadline = o.has('w') ? c.task.clock.now() + Number(o.get('w')) * 1000 : Infinity
    const from = sourceOf(c, o.get('I'))
    await c.print(
      c.busybox
        ? `PING ${host} (${address})${from}: ${size} data bytes\n`
        : isIPv6(address)
          ? `PING ${host}(${address})${from} ${size} data bytes\n`
          : `PING ${host} (${address})${from} ${size}(${size + 28}) bytes of data.\n`,
    )
    const started = c.task.clock.now()
    const times: number[] = []
    let sent = 0
    /** When something was last sent or heard. */
    let last = started
    const summary = (): Promise<void> => {
      const loss = sent === 0 ? 0 : Math.round(((sent - times.length) / sent) * 100)
      const [min, max] = [Math.min(...times), Math.max(...times)]
      const average = times.reduce((a, b) => a + b, 0) / times.length
      const head = c.busybox
        ? `\n--- ${host} ping statistics ---\n${sent} packets transmitted, ${times.length} packets received, ${loss}% packet loss\n`
        : `\n--- ${host} ping statistics ---\n${sent} packets transmitted, ${times.length} received, ${loss}% packet loss, time ${Math.round(last - started)}ms\n`
      const tail =
        times.length === 0
          ? ''
          : c.busybox
            ? `round-trip min/avg/max = ${min.toFixed(3)}/${average.toFixed(3)}/${max.toFixed(3)} ms\n`
            : `rtt min/avg/max/mdev = ${min.toFixed(3)}/${average.toFixed(3)}/${max.toFixed(3)}/0.010 ms\n`
      return c.print(head + tail)
    }
    let interrupted = false
    c.task.onSignal('INT', () => {
      interrupted = true
      void summary()
        .then(
          () => c.task.exit(times.length > 0 ? 0 : 1),
          () => undefined,
        )
        .catch(() => undefined)
    })
    for (let i = 0; i < count && !interrupted && c.task.clock.now() < deadline; i++) {
      sent++
      last = c.task.clock.now()
      const ttl = o.has('t') ? Number(o.get('t')) : 64
      const back = await echo(c, address, { id: echoId(c), sequence: c.busybox ? i : i + 1, size, ttl }, wait)
      if (back?.kind === 'time exceeded' && !c.busybox) await c.print(`From ${back.address} icmp_seq=${i + 1} Time to live exceeded\n`)
      if (back?.kind === 'reply') {
        last = c.task.clock.now()
        const ms = 0.04 + c.task.random.next() * 0.06
        times.push(ms)
        if (!o.has('q'))
          await c.print(
            c.busybox
              ? `${size + 8} bytes from ${address}: seq=${i} ttl=${back.ttl} time=${ms.toFixed(3)} ms\n`
              : `${size + 8} bytes from ${address}: icmp_seq=${i + 1} ttl=${back.ttl} time=${ms.toFixed(3)} ms\n`,
          )
      }
      if (i + 1 < count) await c.task.sleep(interval)
    }
    await summary()
    return times.length > 0 ? 0 : 1
  })
}

export function telnet(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const spec = { short: 'al:468EKLce:b:n:x', usage: '[-a] [-l USER] HOST [PORT]\n\nConnect to telnet server' }
    const [host, port = '23'] = (await c.options(spec)).operands
    if (host === undefined) throw new Fail(c.busybox ? c.usageError(spec).message : 'telnet> ')
    const address = await resolve(
      c,
      host,
      c.busybox ? `telnet: bad address '${host}'` : `telnet: could not resolve ${host}/${port}: Name or service not known`,
    )
    if (!c.busybox) await c.print(`Trying ${address}...\n`)
    let connection: Connection
    try {
      connection = (await within(c.task, undefined, (signal) => c.task.net.connect(address, Number(port), signal)))!
    } catch (error) {
      c.task.check()
      throw new Fail(
        c.busybox
          ? `telnet: can't connect to remote host (${address}): ${errorText(error)}`
          : `telnet: Unable to connect to remote host: ${errorText(error)}`,
      )
    }
    await c.print(c.busybox ? `Connected to ${host}\n` : `Connected to ${host}.\nEscape character is '^]'.\n`)
    await relay(c, connection, false)
    await c.task.writeError('Connection closed by foreign host\n')
    return 1
  })
}

const TRACEROUTE = {
  short: '46FIlnrdvf:m:q:p:t:w:s:i:z:g:N:T',
  usage:
    '[-46FIlnrv] [-f 1ST_TTL] [-m MAXTTL] [-q PROBES] [-p PORT]\n\t[-t TOS] [-w WAIT_SEC] [-s SRC_IP] [-i IFACE]\n\t[-z PAUSE_MSEC] HOST [BYTES]',
}

export function traceroute(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const o = await c.options(TRACEROUTE)
    const host = o.operands[0]
    if (host === undefined) throw c.usageError(TRACEROUTE)
    const address = await resolve(c, host, `traceroute: bad address '${host}'`)
    await c.print(`traceroute to ${host} (${address}), ${Number(o.get('m') ?? 30)} hops max, ${c.busybox ? 46 : 60} byte packets\n`)
    const probes = Math.max(1, Number(o.get('q') ?? 3))
    const shown = (at: string, name = at): string => (o.has('n') ? at : `${name} (${at})`)
    const times = (): string => Array.from({ length: probes }, () => `  ${(0.004 + c.task.random.next() * 0.01).toFixed(3)} ms`).join('')
    const hops = Number(o.get('m') ?? 30)
    const wait = Number(o.get('w') ?? 5) * 1000
    for (let ttl = Number(o.get('f') ?? 1); ttl <= hops; ttl++) {
      const at = String(ttl).padStart(2)
      let back: EchoAnswer | undefined
      for (let probe = 0; probe < probes; probe++)
        back = await echo(c, address, { id: echoId(c), sequence: ttl * probes + probe, size: c.busybox ? 18 : 32, ttl }, wait)
      if (!back) await c.print(c.busybox ? `${at}${'  *'.repeat(probes)}\n` : `${at} ${' *'.repeat(probes)}\n`)
      else if (back.kind === 'reply') return c.print(`${at}  ${shown(address, host)}${times()}\n`)
      else await c.print(`${at}  ${shown(back.address)}${times()}\n`)
    }
  })
}
