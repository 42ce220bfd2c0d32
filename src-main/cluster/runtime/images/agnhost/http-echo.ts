/** agnhost http-echo: tells each request what it was, as JSON. */
import type { Process } from '../../process.js'
import { goFlag, goLogTime } from '../http-echo/family.js'
import { isAddressInUse, Latch, serveInProcess } from '../server-process.js'

/** How long it goes on after it was told to end, cluster ms: its pod goes before. */
const AFTER_TERM = 60_000

/** Serves `--port`. The pod and its namespace are told from POD_NAME and NAMESPACE. */
export async function httpEchoServer(process: Process, args: readonly string[]): Promise<number> {
  const port = Number(goFlag(args, 'port') ?? 8080)
  const say = (text: string): Promise<void> => process.writeError(`${goLogTime(process)} ${text}\n`)
  process.setMemory(8 * 1024 * 1024)
  try {
    serveInProcess(process, port, async (req, res) => {
      req.resume()
      await say(`Echoing back request made to ${req.url} to client (${req.socket.remoteAddress}:${req.socket.remotePort})`)
      const headers: Record<string, string[]> = {}
      for (let i = 0; i < req.rawHeaders.length; i += 2) {
        const name = canonicalName(req.rawHeaders[i]!)
        if (name !== 'Host') (headers[name] ??= []).push(req.rawHeaders[i + 1]!)
      }
      const told = {
        path: req.url,
        host: req.headers.host ?? '',
        method: req.method,
        proto: `HTTP/${req.httpVersion}`,
        headers: Object.fromEntries(Object.entries(headers).sort(([a], [b]) => (a < b ? -1 : 1))),
        httpPort: String(port),
        namespace: process.env['NAMESPACE'] ?? '',
        pod: process.env['POD_NAME'] ?? '',
      }
      res.writeHead(200, { 'Content-Type': 'application/json', 'X-Content-Type-Options': 'nosniff' })
      res.end(JSON.stringify(told, undefined, 1))
    })
  } catch (error) {
    if (!isAddressInUse(error)) throw error
    await say(`listen tcp :${port}: bind: address already in use`)
    return 1
  }
  await say(`Serving on port ${port}.`)
  const end = new Latch<number>()
  process.onSignal('TERM', () => {
    void say('Shutting down after receiving signal: terminated.').then(() => say('Awaiting pod deletion.'))
    process.clock.after(AFTER_TERM, () => end.open(0))
  })
  return end.wait(process)
}

/** A header's name as Go keeps it: `x-request-id` is `X-Request-Id`. */
function canonicalName(name: string): string {
  return name.toLowerCase().replace(/(^|-)[a-z]/g, (start) => start.toUpperCase())
}
