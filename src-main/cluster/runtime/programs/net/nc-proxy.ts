/** The ways of nc through a proxy: HTTP CONNECT (RFC 9110), SOCKS 4 and SOCKS 5 (RFC 1928). */
import type { Connection } from '../../../network/network.js'
import { Fail, type Command } from '../command.js'
import { chunks, isAddress, send } from './connection.js'
import { resolve } from './probe.js'

/** As -X names them. */
export type ProxyProtocol = 'connect' | '4' | '5'

const SOCKS_CONNECT = 1
const SOCKS4_GRANTED = 90

/** Bytes of an address as SOCKS has them. */
const bytesOf = (address: string): number[] => address.split('.').map(Number)
const portBytes = (port: number): number[] => [port >> 8, port & 0xff]

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
  const say = (...bytes: number[]): Promise<void> => send(c.task, connection, Uint8Array.from(bytes))
  if (protocol === 'connect') {
    const target = host.includes(':') ? `[${host}]` : host
    await send(c.task, connection, Buffer.from(`CONNECT ${target}:${port} HTTP/1.0\r\n\r\n`))
    const status = await line()
    if (!/^HTTP\/1\.[01] 200\b/.test(status)) throw new Fail(`${c.name}: Proxy error: "${status}"`)
    while ((await line()) !== '');
  } else if (protocol === '5') {
    await say(5, 1, 0)
    if ((await take(2))[1] !== 0) throw new Fail(`${c.name}: authentication method negotiation failed`)
    await say(
      5,
      SOCKS_CONNECT,
      0,
      ...(isAddress(host) ? [1, ...bytesOf(host)] : [3, host.length, ...Buffer.from(host)]),
      ...portBytes(port),
    )
    const answer = await take(4)
    if (answer[1] !== 0) throw new Fail(`${c.name}: connection failed, SOCKSv5 error: ${SOCKS5_ERRORS[answer[1]!] ?? 'Unknown'}`)
    await take(answer[3] === 4 ? 18 : 6)
  } else {
    const address = await resolve(c, host, `${c.name}: getaddrinfo for host "${host}" port ${port}: Name or service not known`)
    await say(4, SOCKS_CONNECT, ...portBytes(port), ...bytesOf(address), 0)
    const answer = await take(8)
    if (answer[1] !== SOCKS4_GRANTED) throw new Fail(`${c.name}: connection failed, SOCKSv4 error: Request rejected or failed`)
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
