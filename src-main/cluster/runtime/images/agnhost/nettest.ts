/** agnhost nettest: servers of one Service that write to each other and count who heard from whom. */
import type { Endpoints } from '../../../api/object.js'
import { httpRequest } from '../../../network/http.js'
import type { Process } from '../../process.js'
import { goFlag } from '../http-echo/family.js'
import { InClusterApi } from '../in-cluster-api.js'
import { endAsGoDoes, isAddressInUse, Latch, readBody, serveInProcess } from '../server-process.js'
import { fatal, httpError, log } from './golog.js'

/** Cluster ms between two rounds, how long peers are waited for, and how often they are all written to. */
const PAUSE = 5_000
const PATIENCE = 300_000
const ROUNDS = 15

/** What /read shows; what nobody wrote yet is null, as Go prints it. */
interface State {
  Hostname: string
  Sent: Record<string, number> | null
  Received: Record<string, number> | null
  Errors: string[] | null
  Log: string[] | null
  StillContactingPeers: boolean
}

/** The flags: `--port`, and which Service in which namespace has the peers, of whom there are to be so many. */
interface Settings {
  readonly port: number
  readonly peers: number
  readonly service: string
  readonly namespace: string
}

const counted = (counts: Record<string, number> | null, name: string): Record<string, number> => ({
  ...counts,
  [name]: (counts?.[name] ?? 0) + 1,
})

/** Serves /read, /write, /status and /quit, and writes to its peers, until it is told to quit. */
export async function nettest(process: Process, args: readonly string[]): Promise<number> {
  const settings: Settings = {
    port: Number(goFlag(args, 'port') ?? 8080),
    peers: Number(goFlag(args, 'peers') ?? 8),
    service: goFlag(args, 'service') ?? 'nettest',
    namespace: goFlag(args, 'namespace') ?? 'default',
  }
  const state: State = {
    Hostname: process.hostname,
    Sent: null,
    Received: null,
    Errors: null,
    Log: null,
    StillContactingPeers: true,
  }
  const end = new Latch<number>()
  endAsGoDoes(process, end)
  try {
    serveInProcess(process, settings.port, async (req, res) => {
      const { pathname } = new URL(req.url ?? '/', 'http://x')
      if (pathname === '/write') return void res.end(`${JSON.stringify(heard(state, await readBody(req)))}\n`)
      req.resume()
      if (pathname === '/read') return void res.end(JSON.stringify(state, null, '\t'))
      if (pathname === '/status') return void res.end(verdict(state, settings))
      if (pathname === '/quit') return end.open(0)
      httpError(res, 404, '404 page not found')
    })
  } catch (error) {
    if (isAddressInUse(error)) return fatal(process, `listen tcp :${settings.port}: bind: address already in use`)
    throw error
  }
  // What it does beside serving ends with the process.
  void contactPeers(process, state, settings).catch(() => undefined)
  return end.wait(process)
}

/** Counts who wrote, and gives the answer. */
function heard(state: State, body: string): { Hostname: string } {
  let source: unknown
  try {
    source = (JSON.parse(body) as { Source?: unknown }).Source
  } catch (error) {
    state.Errors = [...(state.Errors ?? []), (error as Error).message]
  }
  if (typeof source === 'string' && source !== '') state.Received = counted(state.Received, source)
  else state.Errors = [...(state.Errors ?? []), `${state.Hostname}: Got request with no source`]
  return { Hostname: state.Hostname }
}

function verdict(state: State, { peers, namespace, service }: Settings): string {
  const [sent, received] = [state.Sent, state.Received].map((counts) => Object.keys(counts ?? {}).length)
  if (sent! >= peers && received! >= peers) return 'pass'
  if (state.StillContactingPeers) return 'running'
  note(state, `Declaring failure for ${namespace}/${service} with ${sent} sent and ${received} received and ${peers} peers`)
  return 'fail'
}

function note(state: State, message: string): void {
  state.Log = [...(state.Log ?? []), message].slice(-500)
}

/** Waits until the Service has its peers, and writes to all of them again and again. */
async function contactPeers(process: Process, state: State, settings: Settings): Promise<void> {
  const { namespace, service, peers } = settings
  let api: InClusterApi
  try {
    api = new InClusterApi(process)
  } catch (error) {
    await log(process, `Unable to create config; error: ${(error as Error).message}`)
    return
  }
  const find = async (): Promise<string[]> => {
    try {
      const { subsets } = await api.request<Endpoints>('GET', `/api/v1/namespaces/${namespace}/endpoints/${service}`)
      return (subsets ?? []).flatMap((s) => (s.addresses ?? []).flatMap((a) => (s.ports ?? []).map((p) => `http://${a.ip}:${p.port}`)))
    } catch (error) {
      note(state, `Unable to read the endpoints for ${namespace}/${service}: ${(error as Error).message}.`)
      return []
    }
  }
  for (const until = process.clock.now() + PATIENCE; process.clock.now() < until; await process.sleep(PAUSE)) {
    const found = await find()
    if (found.length >= peers) break
    const few = `has ${found.length} endpoints ([${found.join(' ')}]), which is less than ${peers} as expected`
    note(state, `${namespace}/${service} ${few}. Waiting for all endpoints to come up.`)
  }
  for (let round = 0; round < ROUNDS; round++, await process.sleep(PAUSE)) {
    for (const endpoint of await find()) {
      note(state, `Attempting to contact ${endpoint}`)
      await contact(process, state, endpoint)
    }
  }
  state.StillContactingPeers = false
}

async function contact(process: Process, state: State, endpoint: string): Promise<void> {
  const { hostname, port } = new URL(endpoint)
  try {
    const body = JSON.stringify({ Source: state.Hostname, Dest: endpoint })
    const request = { host: hostname, port: Number(port || 80), path: '/write', method: 'POST', body, signal: process.aborted }
    const answer = JSON.parse(await readBody(await httpRequest(process.net, request))) as { Hostname: string }
    state.Sent = counted(state.Sent, answer.Hostname)
  } catch (error) {
    note(state, `Warning: unable to contact the endpoint ${JSON.stringify(endpoint)}: ${(error as Error).message}`)
  }
}
