/** agnhost's ways to ask others: connect, netexec's /dial and its UDP port, and what the pod knows of its resolver. */
import { httpRequest } from '../../../network/http.js'
import { DnsError, NetworkError } from '../../../network/network.js'
import { parseResolvConf } from '../../../network/resolver.js'
import type { Process } from '../../process.js'
import { goFlag } from '../http-echo/family.js'
import { readBody } from '../server-process.js'
import { parseGoDuration } from '../../../go-duration.js'

/** How long a connection is tried when nobody says, cluster ms. */
const PATIENCE = 5_000

/** Opens a connection to HOST:PORT, or exchanges a datagram, and says in a word why it cannot: TIMEOUT, REFUSED, DNS, OTHER. */
export async function connect(process: Process, args: readonly string[]): Promise<number> {
  const target = args.find((a) => !a.startsWith('-')) ?? ''
  const at = target.lastIndexOf(':')
  if (at < 0) {
    await process.writeError('Error: accepts 1 arg(s), received 0\n')
    return 1
  }
  const [host, port] = [target.slice(0, at), Number(target.slice(at + 1))]
  const patience = parseGoDuration(goFlag(args, 'timeout') ?? '0') || PATIENCE
  const abort = new AbortController()
  const timer = process.clock.after(patience, () => abort.abort(new NetworkError('ETIMEDOUT', 'i/o timeout')))
  try {
    const [address] = await process.net.resolve(host)
    if (goFlag(args, 'protocol') === 'udp') await ask(process, address!, port, 'hostname', patience)
    else (await process.net.connect(address!, port, abort.signal)).destroy()
    return 0
  } catch (error) {
    const code = (error as { code?: string }).code
    const word =
      error instanceof DnsError
        ? `DNS: lookup ${host}: no such host`
        : code === 'ETIMEDOUT'
          ? 'TIMEOUT'
          : code === 'ECONNREFUSED'
            ? 'REFUSED'
            : `OTHER: dial tcp ${target}: ${(error as Error).message}`
    await process.writeError(`${word}\n`)
    return 1
  } finally {
    timer.cancel()
  }
}

/** Sends a datagram and resolves with the answer. Rejects with {@link NetworkError} ETIMEDOUT or ECONNREFUSED. */
function ask(process: Process, address: string, port: number, text: string, patience: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const over = (): void => {
      timer.cancel()
      socket.close()
    }
    const socket = process.net.bindUdp(0, (data) => {
      over()
      resolve(Buffer.from(data).toString())
    })
    socket.onUnreachable = () => {
      over()
      reject(new NetworkError('ECONNREFUSED', 'connection refused'))
    }
    const timer = process.clock.after(patience, () => {
      over()
      reject(new NetworkError('ETIMEDOUT', 'i/o timeout'))
    })
    socket.send(Buffer.from(text), port, address)
  })
}

/** netexec's UDP port: answers `hostname`, `clientip` and `echo TEXT`. */
export function answerDatagrams(process: Process, port: number): void {
  const socket = process.net.bindUdp(port, (data, from) => {
    const [word = '', ...rest] = Buffer.from(data).toString().trim().split(' ')
    const answers: Readonly<Record<string, string>> = {
      hostname: process.hostname,
      clientip: `${from.address}:${from.port}`,
      // The whole of what came is read in small letters.
      echo: rest.join(' ').toLowerCase(),
    }
    const answer = answers[word.toLowerCase()]
    if (answer !== undefined) socket.send(Buffer.from(answer), from.port, from.address)
  })
  process.aborted.addEventListener('abort', () => socket.close(), { once: true })
}

/** `/dial`: asks another netexec, `tries` times, over HTTP or UDP. */
export async function dialOthers(process: Process, query: URLSearchParams): Promise<{ responses?: string[]; errors?: string[] }> {
  const host = query.get('host') ?? ''
  const port = Number(query.get('port') ?? 0)
  const request = query.get('request') ?? 'hostname'
  const responses: string[] = []
  const errors: string[] = []
  for (let i = 0; i < Number(query.get('tries') ?? 1); i++) {
    try {
      if (query.get('protocol') === 'udp') {
        const [address] = await process.net.resolve(host)
        responses.push(await ask(process, address!, port, request, 5_000))
        continue
      }
      const answer = await httpRequest(process.net, { host, port, path: `/${request}`, signal: process.aborted })
      responses.push(await readBody(answer))
    } catch (error) {
      errors.push((error as Error).message)
    }
  }
  return { ...(responses.length > 0 ? { responses } : {}), ...(errors.length > 0 ? { errors } : {}) }
}

/** The search domains or name servers of resolv.conf, or /etc/hosts, as the subcommands of these names print them. */
export async function resolverFacts(process: Process, what: 'dns-suffix' | 'dns-server-list' | 'etc-hosts'): Promise<number> {
  const { search, nameservers } = parseResolvConf(process.net.resolvConf)
  if (what === 'etc-hosts') await process.write(process.fs.readText('/etc/hosts'))
  else await process.write(`${(what === 'dns-suffix' ? search : nameservers).join(',')}\n`)
  return 0
}
