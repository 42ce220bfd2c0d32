/** Is somebody there: what ping, traceroute and mtr share, and telnet. */
import type { EchoAnswer, EchoRequest } from '../../../network/echo.js'
import { DnsError, NetworkError, type Connection } from '../../../network/network.js'
import { errorText } from '../../errors.js'
import type { Program } from '../../process.js'
import { command, Fail, type Command, type Flavour } from '../command.js'
import { external, relay, within } from './connection.js'

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
