/** agnhost h2c-server: HTTP/2 without TLS, spoken by both sides from the first byte on (RFC 9113, 3.3). */
import http2 from 'node:http2'
import { httpDate } from '../../../network/http.js'
import type { Process } from '../../process.js'
import { goFlag, goLogTime } from '../http-echo/family.js'
import { isAddressInUse, listenInProcess, untilTerminated } from '../server-process.js'

/** Answers every request on `--port` with `ok`. A client of HTTP/1.1 is cut off. */
export async function h2cServer(process: Process, args: readonly string[]): Promise<number> {
  const port = Number(goFlag(args, 'port') ?? 80)
  process.setMemory(8 * 1024 * 1024)
  const server = http2.createServer()
  server.on('stream', (stream) => {
    // A client that is gone needs no answer.
    stream.on('error', () => stream.destroy())
    stream.respond({ ':status': 200, 'content-type': 'text/plain', date: httpDate(process.clock.now()) })
    stream.end('ok')
  })
  server.on('sessionError', () => undefined)
  try {
    listenInProcess(process, port, (connection) => void server.emit('connection', connection))
  } catch (error) {
    if (!isAddressInUse(error)) throw error
    await process.writeError(`${goLogTime(process)} Error from net.Listen(): listen tcp :${port}: bind: address already in use\n`)
    return 1
  }
  await process.writeError(`${goLogTime(process)} Serving h2c on port ${port}.\n`)
  return untilTerminated(process)
}
