/** CoreDNS' ports: the names of the cluster by UDP and TCP, for programs that speak DNS themselves. */
import type { Connection } from '../../../network/network.js'
import type { Process } from '../../process.js'
import { listenInProcess } from '../server-process.js'

const PORT = 53
/** The most that one connection may have sent without a whole message. */
const LONGEST = 65_537

/** What a message is answered with; nothing for what is no question. */
type Answer = (message: Uint8Array, stream: boolean, from: { address: string; port: number }) => Promise<Buffer | undefined>

/** Answers for as long as the process lives. Throws NetworkError when the port is taken. */
export function serveDns(process: Process, answer: Answer): void {
  const { net } = process
  const socket = net.bindUdp(PORT, (data, from) => {
    const answering = answer(data, false, from).then((message) => message && socket.send(message, from.port, from.address))
    void process.clock.track(answering).catch(() => undefined)
  })
  process.aborted.addEventListener('abort', () => socket.close(), { once: true })
  listenInProcess(process, PORT, (connection) => void serveStream(answer, connection))
}

/** By TCP each message has its length in front, two bytes. */
async function serveStream(answer: Answer, connection: Connection): Promise<void> {
  const from = { address: connection.remoteAddress, port: connection.remotePort }
  let rest: Buffer = Buffer.alloc(0)
  connection.on('error', () => connection.destroy())
  try {
    for await (const data of connection) {
      rest = Buffer.concat([rest, data as Buffer])
      while (rest.length >= 2 && rest.length >= 2 + rest.readUInt16BE(0)) {
        const end = 2 + rest.readUInt16BE(0)
        const message = await answer(rest.subarray(2, end), true, from)
        rest = rest.subarray(end)
        if (!message) return void connection.destroy()
        const length = Buffer.alloc(2)
        length.writeUInt16BE(message.length)
        connection.write(Buffer.concat([length, message]))
      }
      if (rest.length > LONGEST) return void connection.destroy()
    }
    connection.end()
  } catch {
    connection.destroy()
  }
}
