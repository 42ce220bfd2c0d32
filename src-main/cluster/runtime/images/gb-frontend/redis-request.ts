/** One command to a redis server over a connection of its own, as the PHP pages of the tutorials do. */
import type { Process } from '../../process.js'
import { encode, Failure, RespReader, type Reply } from '../redis/resp.js'
import { connectAs } from '../../own-sockets.js'

/**
 * Asks a redis server on port 6379. Rejects with DnsError or NetworkError when it cannot be reached, and with an Error
 * that says what the server refused.
 */
export async function redisRequest(process: Process, host: string, command: readonly string[]): Promise<Reply> {
  const [address] = await process.net.resolve(host)
  const connection = await connectAs(process, address!, 6379, process.aborted)
  const reader = new RespReader()
  try {
    connection.write(encode(command))
    for await (const chunk of connection.iterator({ destroyOnReturn: false })) {
      reader.push(chunk as Buffer)
      const answer = reader.reply()
      if (!answer) continue
      if (answer.reply instanceof Failure) throw new Error(answer.reply.text)
      return answer.reply
    }
    throw new Error('Connection closed')
  } finally {
    connection.destroy()
  }
}
