/** What a client says to a SOCKS proxy: versions 4 and 4a, and 5 (RFC 1928) with names and passwords (RFC 1929). */
import { isAddress } from './connection.js'

const CONNECT = 1

const portBytes = (port: number): number[] => [port >> 8, port & 0xff]
const v4Bytes = (address: string): number[] => address.split('.').map(Number)

/** How bytes are sent to a proxy, and a number of them read from it. */
export interface SocksLine {
  say(bytes: Uint8Array): Promise<void>
  take(count: number): Promise<Uint8Array>
}

/**
 * Asks a proxy of version 4 for an address, or by 4a for a name.
 *
 * @returns the proxy's answer: 90 where it has granted it
 */
export async function askSocks4({ say, take }: SocksLine, host: string, port: number, user = ''): Promise<number> {
  const named = !isAddress(host)
  const address = named ? [0, 0, 0, 1] : v4Bytes(host)
  await say(Buffer.from([4, CONNECT, ...portBytes(port), ...address, ...Buffer.from(user), 0, ...(named ? [...Buffer.from(host), 0] : [])]))
  const answer = await take(8)
  return answer[1]!
}

/** What a proxy of version 5 answered: a method that is not known, a password that it does not take, or a number of RFC 1928. */
export type Socks5Answer = { refused: 'version' | 'method' | 'password' } | { status: number }

/** Asks a proxy of version 5 for a host. @param login name and password, where it may ask for them */
export async function askSocks5(
  { say, take }: SocksLine,
  host: string,
  port: number,
  login?: { user: string; password: string },
): Promise<Socks5Answer> {
  await say(Uint8Array.from(login ? [5, 2, 0, 2] : [5, 1, 0]))
  const [version, method] = await take(2)
  if (version !== 5) return { refused: 'version' }
  if (method === 2 && login) {
    const { user, password } = login
    await say(Buffer.from([1, user.length, ...Buffer.from(user), password.length, ...Buffer.from(password)]))
    if ((await take(2))[1] !== 0) return { refused: 'password' }
  } else if (method !== 0) return { refused: 'method' }
  const bare = host.replace(/^\[(.*)\]$/, '$1')
  const name = Buffer.from(bare)
  const target = isAddress(bare) ? [1, ...v4Bytes(bare)] : [3, name.length, ...name]
  await say(Uint8Array.from([5, CONNECT, 0, ...target, ...portBytes(port)]))
  const answer = await take(4)
  if (answer[1] === 0) {
    const [length = 0] = answer[3] === 3 ? await take(1) : [answer[3] === 4 ? 16 : 4]
    await take(length + 2)
  }
  return { status: answer[1]! }
}
