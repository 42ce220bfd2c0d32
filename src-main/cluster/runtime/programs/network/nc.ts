/** nc: a TCP client and listener, in the words of OpenBSD's and busybox's. */
import { DnsError, NetworkError, type Connection } from '../../../network/network.js'
import type { Process, Program } from '../../process.js'
import { BadOption, parseArguments, type Parsed, type Takes } from './arguments.js'

const spec: Record<string, Takes> = {
  l: 'flag',
  v: 'flag',
  z: 'flag',
  n: 'flag',
  k: 'flag',
  u: 'flag',
  N: 'flag',
  w: 'value',
  p: 'value',
  q: 'value',
  e: 'value',
  s: 'value',
}
const USAGE = 'usage: nc [-klNnuvz] [-p source_port] [-w timeout] [destination] [port]\n'

export const nc: Program = async (p) => {
  let args: Parsed
  try {
    args = parseArguments(p.argv.slice(1), spec)
  } catch (error) {
    if (!(error instanceof BadOption)) throw error
    await p.writeError(
      `nc: ${error.missingValue ? 'option requires an argument' : 'invalid option'} -- '${error.option.slice(1)}'\n${USAGE}`,
    )
    return 1
  }
  const { flags, values, operands } = args
  if (flags.has('l')) return listen(p, args, Number(values.get('p') ?? operands.at(-1)))
  const [host, ports] = operands
  if (!host || !ports) {
    await p.writeError(USAGE)
    return 1
  }
  const verbose = flags.has('v')
  const wait = values.has('w') ? Number(values.get('w')) * 1000 : undefined
  const [first = 0, last = first] = ports.split('-').map(Number)
  let code = 1
  for (let port = first; port <= last; port++) {
    if (!(port >= 1 && port <= 65535)) {
      await p.writeError(`nc: port number invalid: ${ports}\n`)
      return 1
    }
    const connection = await dial(p, host, port, wait, verbose)
    if (!connection) continue
    code = 0
    if (verbose) await p.writeError(`Connection to ${host} ${port} port [tcp/*] succeeded!\n`)
    if (flags.has('z')) connection.destroy()
    else await pipe(p, connection)
  }
  return code
}

async function dial(p: Process, host: string, port: number, wait: number | undefined, verbose: boolean): Promise<Connection | undefined> {
  const say = async (text: string): Promise<undefined> => {
    if (verbose) await p.writeError(`nc: ${text}\n`)
    return undefined
  }
  let address: string
  try {
    address = (await p.net.resolve(host))[0]!
  } catch (error) {
    if (!(error instanceof DnsError)) throw error
    await p.writeError(
      `nc: getaddrinfo for host "${host}" port ${port}: ${error.code === 'NXDOMAIN' ? 'Name or service not known' : 'Temporary failure in name resolution'}\n`,
    )
    return undefined
  }
  const abort = new AbortController()
  const onAbort = (): void => abort.abort(p.aborted.reason)
  p.aborted.addEventListener('abort', onAbort, { once: true })
  const timer = wait === undefined ? undefined : p.clock.after(wait, () => abort.abort(new NetworkError('ETIMEDOUT', 'timed out')))
  try {
    return await p.net.connect(address, port, abort.signal)
  } catch (error) {
    if (!(error instanceof NetworkError)) throw error
    const why =
      { ECONNREFUSED: 'Connection refused', EHOSTUNREACH: 'No route to host', ENETUNREACH: 'Network is unreachable' }[error.code] ??
      'Operation now in progress'
    return await say(`connect to ${host} port ${port} (tcp) ${error.code === 'ETIMEDOUT' ? 'timed out' : 'failed'}: ${why}`)
  } finally {
    timer?.cancel()
    p.aborted.removeEventListener('abort', onAbort)
  }
}

async function listen(p: Process, { flags, operands }: Parsed, port: number): Promise<number> {
  if (!(port >= 1 && port <= 65535)) {
    await p.writeError(USAGE)
    return 1
  }
  const address = operands.length > 1 ? operands[0] : undefined
  const waiting: Connection[] = []
  let wake: (() => void) | undefined
  let listener
  try {
    listener = p.net.listen(
      port,
      (connection) => {
        waiting.push(connection)
        wake?.()
      },
      address,
    )
  } catch (error) {
    if (!(error instanceof NetworkError)) throw error
    await p.writeError(`nc: ${error.code === 'EADDRINUSE' ? 'Address already in use' : error.message}\n`)
    return 1
  }
  const onAbort = (): void => {
    listener.close()
    wake?.()
  }
  p.aborted.addEventListener('abort', onAbort, { once: true })
  if (flags.has('v')) await p.writeError(`Listening on ${address ?? '0.0.0.0'} ${port}\n`)
  try {
    do {
      if (!waiting.length) await new Promise<void>((resolve) => (wake = resolve))
      const connection = waiting.shift()
      if (!connection) break
      if (!flags.has('k')) listener.close()
      if (flags.has('v')) await p.writeError(`Connection received on ${connection.remoteAddress} ${connection.remotePort}\n`)
      await pipe(p, connection)
    } while (flags.has('k') && !p.aborted.aborted)
    return 0
  } finally {
    listener.close()
  }
}

/** Standard input to the connection, the connection to standard output, until the other side ends. */
async function pipe(p: Process, connection: Connection): Promise<void> {
  connection.on('error', () => undefined)
  const input = (async () => {
    for (let part = await p.read(); part.length; part = await p.read()) {
      if (connection.destroyed) return
      if (!connection.write(part)) await new Promise((resolve) => connection.once('drain', resolve))
    }
    connection.end()
  })()
  input.catch(() => connection.destroy())
  const onAbort = (): void => void connection.destroy()
  p.aborted.addEventListener('abort', onAbort, { once: true })
  try {
    for await (const part of connection) await p.write(part as Uint8Array)
  } catch (error) {
    if (p.aborted.aborted) throw error
  } finally {
    p.aborted.removeEventListener('abort', onAbort)
    connection.destroy()
  }
}
