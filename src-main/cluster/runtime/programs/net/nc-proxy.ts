/** The ways of nc through a proxy: HTTP CONNECT (RFC 9110), SOCKS 4 and SOCKS 5 (RFC 1928). */
import type { Connection } from '../../../network/network.js'
import { Fail, type Command } from '../command.js'
import { chunks, send } from './connection.js'
import { resolve } from './probe.js'
import { askSocks4, askSocks5 } from './socks.js'

/** As -X names them. */
export type ProxyProtocol = 'connect' | '4' | '5'

const SOCKS4_GRANTED = 90

/**
 * Asks the proxy at the other end of a connection for a host and port.
 *
 * @returns what came behind the proxy's answer
 * @throws Fail in nc's words when it refuses
 */
export async function throughProxy(
  c: Command,
  connection: Connection,
  protocol: ProxyProtocol,
  host: string,
  port: number,
): Promise<Buffer> {
  const stream = chunks(c.task, connection, true)
  let held: Buffer = Buffer.alloc(0)
  const more = async (): Promise<void> => {
    const next = await stream.next()
    if (next.done) throw new Fail(`${c.name}: ${protocol === 'connect' ? 'proxy read' : 'read failed (0/3)'}: Broken pipe`)
    held = Buffer.concat([held, next.value])
  }
  const take = async (count: number): Promise<Buffer> => {
    while (held.length < count) await more()
    const taken = held.subarray(0, count)
    held = held.subarray(count)
    return taken
  }
  const line = async (): Promise<string> => {
    while (!held.includes(10)) await more()
    return (await take(held.indexOf(10) + 1)).toString('latin1').trimEnd()
  }
  const socks = { take, say: (bytes: Uint8Array): Promise<void> => send(c.task, connection, bytes) }
  if (protocol === 'connect') {
    const target = host.includes(':') ? `[${host}]` : host
    await send(c.task, connection, Buffer.from(`CONNECT ${target}:${port} HTTP/1.0\r\n\r\n`))
    const status = await line()
    if (!/^HTTP\/1\.[01] 200\b/.test(status)) throw new Fail(`${c.name}: Proxy error: "${status}"`)
    while ((await line()) !== '');
  } else if (protocol === '5') {
    const answer = await askSocks5(socks, host, port)
    if ('refused' in answer) throw new Fail(`${c.name}: authentication method negotiation failed`)
    if (answer.status !== 0) throw new Fail(`${c.name}: connection failed, SOCKSv5 error: ${SOCKS5_ERRORS[answer.status] ?? 'Unknown'}`)
  } else {
    const address = await resolve(c, host, `${c.name}: getaddrinfo for host "${host}" port ${port}: Name or service not known`)
    if ((await askSocks4(socks, address, port)) !== SOCKS4_GRANTED)
      throw new Fail(`${c.name}: connection failed, SOCKSv4 error: Request rejected or failed`)
  }
  return held
}

/** What RFC 1928 calls the answers of a proxy. */
const SOCKS5_ERRORS: Readonly<Record<number, string>> = {
  1: 'General SOCKS server failure',
  2: 'Connection not allowed by ruleset',
  3: 'Network unreachable',
  4: 'Host unreachable',
  5: 'Connection refused',
  6: 'TTL expired',
  7: 'Command not supported',
  8: 'Address type not supported',
}
