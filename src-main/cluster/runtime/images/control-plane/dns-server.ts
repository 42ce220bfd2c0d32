/** CoreDNS' ports: the names of the cluster by UDP and TCP, for programs that speak DNS themselves. */
import { answerMessage } from '../../../network/dns-message.js'
import type { Connection } from '../../../network/network.js'
import type { Process } from '../../process.js'
import { listenInProcess } from '../server-process.js'

const PORT = 53
/** The most that one connection may have sent without a whole message. */
const LONGEST = 65_537

/** Answers for as long as the process lives. Throws NetworkError when the port is taken. */
export function serveDns(process: Process): void {
  const { net } = process
  const socket = net.bindUdp(PORT, (data, from) => {
    const answer = net.names && answerMessage(net.names, data, false)
    if (answer) socket.send(answer, from.port, from.address)
  })
  process.aborted.addEventListener('abort', () => socket.close(), { once: true })
  listenInProcess(process, PORT, (connection) => serveStream(process, connection))
}

/** By TCP each message has its length in front, two bytes. */
function serveStream({ net }: Process, connection: Connection): void {
  let rest: Buffer = Buffer.alloc(0)
  connection.on('error', () => connection.destroy())
  connection.on('data', (data: Buffer) => {
    rest = Buffer.concat([rest, data])
    while (rest.length >= 2 && rest.length >= 2 + rest.readUInt16BE(0)) {
      const end = 2 + rest.readUInt16BE(0)
      const answer = net.names && answerMessage(net.names, rest.subarray(2, end), true)
      rest = rest.subarray(end)
      if (!answer) return void connection.destroy()
      const length = Buffer.alloc(2)
      length.writeUInt16BE(answer.length)
      connection.write(Buffer.concat([length, answer]))
    }
    if (rest.length > LONGEST) connection.destroy()
  })
  connection.on('end', () => connection.end())
}
