/** redis-cli: one command from its arguments, commands from a pipe, or a prompt. */
import type { Connection } from '../../../network/network.js'
import type { Program } from '../../process.js'
import { encode, Failure, RespReader, Simple, type Reply } from './resp.js'

/** A reply as redis-cli prints it for a person. */
export function formatted(reply: Reply, indent = ''): string {
  if (reply === null) return '(nil)\n'
  if (typeof reply === 'number') return `(integer) ${reply}\n`
  if (reply instanceof Simple) return `${reply.text}\n`
  if (reply instanceof Failure) return `(error) ${reply.text}\n`
  if (typeof reply === 'string') return `${JSON.stringify(reply)}\n`
  if (reply.length === 0) return '(empty array)\n'
  const width = String(reply.length).length
  return reply
    .map((item, i) => `${i === 0 ? '' : indent}${String(i + 1).padStart(width)}) ${formatted(item, `${indent}${' '.repeat(width + 2)}`)}`)
    .join('')
}

/** As for a pipe: bare texts, one a line. */
function raw(reply: Reply): string {
  if (reply === null) return '\n'
  if (reply instanceof Failure) return `${reply.text}\n\n`
  if (reply instanceof Simple) return `${reply.text}\n`
  if (typeof reply === 'object') return reply.map(raw).join('')
  return `${reply}\n`
}

/** Words of a line, with quotes. */
function words(line: string): string[] {
  return [...line.matchAll(/"((?:[^"\\]|\\.)*)"|'([^']*)'|(\S+)/g)].map((m) => m[1]?.replace(/\\(.)/g, '$1') ?? m[2] ?? m[3]!)
}

export const redisCli =
  (version: string): Program =>
  async (process) => {
    const args = process.argv.slice(1)
    let [host, port, password] = ['127.0.0.1', 6379, process.env['REDISCLI_AUTH']]
    let plain = process.fd(1)?.kind !== 'tty'
    while (args[0]?.startsWith('-')) {
      const option = args.shift()!
      if (option === '-h') host = args.shift() ?? host
      else if (option === '-p') port = Number(args.shift())
      else if (option === '-a') password = args.shift()
      else if (option === '-n') args.shift()
      else if (option === '--raw') plain = true
      else if (option === '--no-raw') plain = false
      else if (option === '--version' || option === '-v') {
        await process.write(`redis-cli ${version}\n`)
        return 0
      }
    }
    let connection: Connection
    try {
      const [address] = await process.net.resolve(host)
      connection = await process.net.connect(address!, port, process.aborted)
    } catch (error) {
      const code = (error as { code?: string }).code
      const why =
        code === 'ECONNREFUSED' ? 'Connection refused' : code === 'NXDOMAIN' ? 'Name or service not known' : 'Connection timed out'
      await process.writeError(`Could not connect to Redis at ${host}:${port}: ${why}\n`)
      return 1
    }
    process.aborted.addEventListener('abort', () => connection.destroy(), { once: true })
    const reader = new RespReader()
    const chunks = connection[Symbol.asyncIterator]() as AsyncIterator<Buffer>
    const next = async (): Promise<Reply | undefined> => {
      for (;;) {
        const found = reader.reply()
        if (found) return found.reply
        const { value, done } = await chunks.next().catch(() => ({ value: undefined, done: true as const }))
        if (done) return undefined
        reader.push(value)
      }
    }
    const ask = async (command: readonly string[]): Promise<Reply | undefined> => {
      connection.write(encode(command))
      return next()
    }
    const show = (reply: Reply): Promise<void> => process.write(plain ? raw(reply) : formatted(reply))
    if (password) await ask(['AUTH', password])
    if (args.length > 0) {
      let reply = await ask(args)
      if (reply === undefined) return args[0]!.toLowerCase() === 'shutdown' ? 0 : 1
      await show(reply)
      while (args[0]!.toLowerCase() === 'subscribe' && (reply = await next()) !== undefined) await show(reply)
      connection.end()
      return reply instanceof Failure ? 1 : 0
    }
    const interactive = process.fd(0)?.kind === 'tty'
    for (;;) {
      if (interactive) await process.write(`${host}:${port}> `)
      const line = await process.readLine()
      if (line === undefined) break
      const command = words(line)
      if (command.length === 0) continue
      if (['exit', 'quit'].includes(command[0]!.toLowerCase())) break
      const reply = await ask(command)
      if (reply === undefined) {
        await process.writeError('Error: Server closed the connection\n')
        return 1
      }
      await show(reply)
    }
    connection.end()
    return 0
  }
