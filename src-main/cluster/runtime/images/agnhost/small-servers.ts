/** agnhost's smallest servers: fake-gitserver, tcp-reset, and the two of the test that nobody changes a pod's address. */
import { isIP } from 'node:net'
import { httpRequest } from '../../../network/http.js'
import { errorText } from '../../errors.js'
import type { Process } from '../../process.js'
import { goFlag } from '../http-echo/family.js'
import { listenInProcess, readBody, serveInProcess, untilTerminated } from '../server-process.js'
import { log } from './golog.js'

const MEMORY = 8 * 1024 * 1024

/** Answers everything with one sentence. */
export function fakeGitserver(process: Process): Promise<number> {
  process.setMemory(MEMORY)
  serveInProcess(
    process,
    8000,
    (_req, res) => void res.setHeader('Content-Type', 'text/plain; charset=utf-8').end('I am a fake git server'),
  )
  return untilTerminated(process)
}

/** Reads one byte of each connection and closes it: over unread bytes TCP sends a reset. */
export async function tcpReset(process: Process, args: readonly string[]): Promise<number> {
  const port = Number(goFlag(args, 'port') ?? 8080)
  process.setMemory(MEMORY)
  listenInProcess(process, port, (connection) => {
    connection.on('error', () => undefined)
    const readOne = (): void => {
      if (connection.read(1) === null && !connection.readableEnded) return void connection.once('readable', readOne)
      connection.destroy()
    }
    readOne()
  })
  await log(process, `Server listening on port ${port}`)
  return untilTerminated(process)
}

/** Tells who asks, and asks others whether they see this pod under its own address. */
export async function noSnatTest(process: Process, args: readonly string[]): Promise<number> {
  const addresses: string[] = []
  for (const name of ['POD_IP', 'NODE_IP']) {
    const value = process.env[name]
    const problem =
      value === undefined ? 'was not present in the environment' : `contained ${JSON.stringify(value)}, which is not an IP address`
    if (value === undefined || isIP(value) === 0) return process.writeError(`${name} env var ${problem}\n`).then(() => 1)
    addresses.push(value)
  }
  const [pod, node] = addresses as [string, string]
  process.setMemory(MEMORY)
  serveInProcess(process, Number(goFlag(args, 'port') ?? 8080), async (req, res) => {
    const url = new URL(req.url!, 'http://pod')
    if (url.pathname === '/whoami') return void res.end(`${req.socket.remoteAddress}:${req.socket.remotePort}`)
    if (url.pathname !== '/checknosnat')
      return void res.writeHead(404, { 'Content-Type': 'text/plain; charset=utf-8' }).end('404 page not found\n')
    const asked = (url.searchParams.get('ips') ?? '').split(',').map((target) => seenBy(process, target, pod, node))
    const problems = (await Promise.all(asked)).filter((problem) => problem !== undefined)
    res.writeHead(problems.length > 0 ? 500 : 200).end(problems.join(', '))
  })
  return untilTerminated(process)
}

/** What is wrong with the address that `target`, an address with or without a port, sees a request of this pod come from. */
async function seenBy(process: Process, target: string, pod: string, node: string): Promise<string | undefined> {
  const url = `http://${target}/whoami`
  let seen: string
  try {
    seen = (await readBody(await ask(process, target, '/whoami'))).split(':')[0]!
  } catch (error) {
    return `Get ${JSON.stringify(url)}: ${errorText(error)}`
  }
  if (seen === pod) return undefined
  const told = `Returned ip ${JSON.stringify(seen)} != my Pod ip ${JSON.stringify(pod)}`
  return seen === node
    ? `${told}, == my Node ip ${JSON.stringify(node)} - SNAT`
    : `${told} or my Node ip ${JSON.stringify(node)} - SNAT to unexpected ip (possible SNAT through unexpected interface on the way into another node)`
}

/** Hands `/checknosnat` on to the pod named by `target`. */
export function noSnatTestProxy(process: Process, args: readonly string[]): Promise<number> {
  process.setMemory(MEMORY)
  serveInProcess(process, Number(goFlag(args, 'port') ?? 31_235), async (req, res) => {
    const query = new URL(req.url!, 'http://pod').searchParams
    try {
      const answer = await ask(process, query.get('target') ?? '', `/checknosnat?ips=${query.get('ips') ?? ''}`)
      res.writeHead(answer.statusCode!).end(await readBody(answer))
    } catch (error) {
      res.writeHead(500).end(errorText(error))
    }
  })
  return untilTerminated(process)
}

function ask(process: Process, target: string, path: string): ReturnType<typeof httpRequest> {
  const { hostname, port } = new URL(`http://${target}`)
  return httpRequest(process.net, { host: hostname, port: Number(port) || 80, path, signal: process.aborted })
}
