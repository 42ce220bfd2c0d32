/** ping as busybox prints it. Service addresses do not answer, as in a real cluster: they exist only for their ports. */
import { DnsError } from '../../../network/network.js'
import type { Program } from '../../process.js'
import { BadOption, parseArguments, type Parsed, type Takes } from './arguments.js'

const spec: Record<string, Takes> = {
  c: 'value',
  i: 'value',
  W: 'value',
  w: 'value',
  s: 'value',
  q: 'flag',
  4: 'flag',
  6: 'flag',
  n: 'flag',
  t: 'value',
  I: 'value',
}

export const ping: Program = async (p) => {
  let args: Parsed
  try {
    args = parseArguments(p.argv.slice(1), spec)
  } catch (error) {
    if (!(error instanceof BadOption)) throw error
    await p.writeError(`ping: ${error.missingValue ? 'option requires an argument' : 'invalid option'} -- '${error.option.slice(1)}'\n`)
    return 1
  }
  const host = args.operands[0]
  if (!host) {
    await p.writeError('Usage: ping [OPTIONS] HOST\n')
    return 1
  }
  let address: string
  try {
    address = (await p.net.resolve(host))[0]!
  } catch (error) {
    if (!(error instanceof DnsError)) throw error
    await p.writeError(`ping: bad address '${host}'\n`)
    return 1
  }
  const size = Number(args.values.get('s') ?? 56)
  const count = Number(args.values.get('c') ?? Infinity)
  const interval = Number(args.values.get('i') ?? 1) * 1000
  const wait = Number(args.values.get('W') ?? 10) * 1000
  let sent = 0
  let received = 0
  const times: number[] = []
  let interrupted = false
  const abort = new AbortController()
  p.onSignal('INT', () => {
    interrupted = true
    abort.abort(new Error('interrupted'))
  })
  const pause = async (ms: number): Promise<void> => {
    const ended = new Promise<void>((resolve) => abort.signal.addEventListener('abort', () => resolve(), { once: true }))
    await Promise.race([p.sleep(ms), ended])
  }
  await p.write(`PING ${host} (${address}): ${size} data bytes\n`)
  while (sent < count && !interrupted) {
    const answers = await answersEcho(p.net, address)
    sent++
    if (answers) {
      received++
      const ms = 0.04 + p.random.next() * 0.09
      times.push(ms)
      if (!args.flags.has('q')) await p.write(`${size + 8} bytes from ${address}: seq=${sent - 1} ttl=64 time=${ms.toFixed(3)} ms\n`)
    }
    if (sent >= count) {
      if (!answers) await pause(wait)
      break
    }
    await pause(interval)
  }
  await p.write(
    `\n--- ${host} ping statistics ---\n${sent} packets transmitted, ${received} packets received, ${sent ? Math.round(((sent - received) / sent) * 100) : 0}% packet loss\n`,
  )
  if (times.length)
    await p.write(
      `round-trip min/avg/max = ${Math.min(...times).toFixed(3)}/${(times.reduce((a, b) => a + b, 0) / times.length).toFixed(3)}/${Math.max(...times).toFixed(3)} ms\n`,
    )
  return received ? 0 : 1
}

/** Whether a machine is at an address: a port that nobody uses is refused by a machine, and by nobody else. */
async function answersEcho(
  net: { ip: string; connect(address: string, port: number): Promise<{ destroy(): void }> },
  address: string,
): Promise<boolean> {
  if (address.startsWith('127.') || address === net.ip) return true
  // The service range is virtual: no interface has these addresses.
  if (address.startsWith('10.96.')) return false
  try {
    ;(await net.connect(address, 1)).destroy()
    return true
  } catch (error) {
    return (error as { code?: string }).code === 'ECONNREFUSED'
  }
}
