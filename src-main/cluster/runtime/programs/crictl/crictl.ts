/**
 * crictl: the containers, sandboxes and images of a node as its container runtime has them, past the kubelet
 * (https://kubernetes.io/docs/tasks/debug/debug-cluster/crictl/). It reaches the runtime of the node on whose disk it lies.
 */
import { VERSION } from '../../../api/http/version.js'
import { ImageError, RUNTIME_VERSION } from '../../cri.js'
import type { NodeCri } from '../../node-cri.js'
import type { Program } from '../../process.js'
import { command } from '../command.js'
import { chunks, external, within } from '../net/connection.js'
import { rm, rmi, rmp, stop, stopp } from './actions.js'
import { containerOf, fatal, help, numberOf, optionsOf, sandboxOf, type Client, type Subcommand } from './client.js'
import { imageNamed, images, pods, ps } from './lists.js'
import { containerStatus, digestOf, imageObject, printObject, sandboxStatus } from './objects.js'
import { stats } from './stats.js'

/** Where containerd listens, and the same through the link. */
const SOCKETS: readonly string[] = ['/run/containerd/containerd.sock', '/var/run/containerd/containerd.sock']

const exec: Subcommand = {
  names: ['exec'],
  about: 'Run a command in a running container',
  async run(client, argv) {
    const { c, cri } = client
    const long = { interactive: 'i', tty: 't', sync: 's', 'timeout=': 'T' }
    const o = await optionsOf(client, 'itsT:', long, argv)
    const [given, ...words] = o.operands
    if (given === undefined || words.length === 0) return help(client)
    const failed = `execing command in container ${given}: `
    const { id, state } = containerOf(client, given, failed)
    if (state !== 'running') {
      const why = `failed to exec in container: container is in CONTAINER_${state.toUpperCase()} state`
      throw fatal(c, `${failed}rpc error: code = Unknown desc = ${why}`)
    }
    const [stdin, tty] = [o.has('i'), o.has('t')]
    const { terminal } = c.task
    if (tty && !stdin) throw fatal(c, `${failed}tty=true must be specified with interactive=true`)
    if (tty && (c.task.fd(0)?.kind !== 'tty' || !terminal)) throw fatal(c, `${failed}input is not a terminal`)
    const session = await external(c.task, cri.exec(id, { command: words, stdin, stdout: true, stderr: !tty, tty }))
    const modes = terminal?.modes
    if (tty && terminal) {
      session.resize(terminal.columns, terminal.rows)
      terminal.setModes({ icanon: false, echo: false, isig: false, icrnl: false, ixon: false, opost: false })
    }
    const failure = session.status.then(
      ({ code }) => (code === 0 ? undefined : `command terminated with exit code ${code}`),
      (error: Error) => `Internal error occurred: error executing command in container: ${error.message}`,
    )
    try {
      // What comes after the end is for nobody: the read ends with the process.
      if (stdin) type(client, session.stdin!).catch(() => session.close())
      await Promise.all([show(client, session.stdout, 1), show(client, session.stderr, 2)])
      const message = await external(c.task, failure)
      if (message === undefined) return 0
      throw fatal(c, `${failed}${message}`)
    } finally {
      session.close()
      if (tty && modes && !c.task.ended) terminal!.setModes(modes)
    }
  },
}

/** Passes on what a session writes. */
async function show({ c }: Client, stream: NodeJS.ReadableStream | undefined, descriptor: number): Promise<void> {
  if (stream) for await (const data of chunks(c.task, stream)) await c.task.fd(descriptor)?.write(data)
}

/** Passes on standard input until it ends. */
async function type({ c }: Client, stdin: NodeJS.WritableStream): Promise<void> {
  const input = c.task.fd(0)
  for (;;) {
    const data = await input?.read(65_536)
    if (!data?.length) break
    stdin.write(data)
  }
  stdin.end()
}

const logs: Subcommand = {
  names: ['logs'],
  about: 'Fetch the logs of a container',
  async run(client, argv) {
    const { c, cri } = client
    const long = { follow: 'f', 'tail=': 'n', 'limit-bytes=': 'b', 'since=': 's', timestamps: 't' }
    const o = await optionsOf(client, 'fn:b:s:t', long, argv)
    const given = o.operands[0]
    if (given === undefined) throw fatal(c, 'ID cannot be empty')
    const { id } = containerOf(client, given, '')
    const [tail, limit] = [numberOf(client, o, 'n', 'tail') ?? -1, numberOf(client, o, 'b', 'limit-bytes') ?? -1]
    const stream = cri.logs(id, {
      follow: o.has('f'),
      timestamps: o.has('t'),
      ...(tail >= 0 ? { tailLines: tail } : {}),
      ...(limit >= 0 ? { limitBytes: limit } : {}),
      ...(o.has('s') ? since(client, o.get('s')!) : {}),
    })
    for await (const data of chunks(c.task, stream)) await c.print(data)
    return 0
  },
}

const UNITS: Readonly<Record<string, number>> = { h: 3600, m: 60, s: 1 }

/** A time (RFC 3339), or how long ago in hours, minutes and seconds. */
function since({ c }: Client, text: string): { sinceSeconds: number } | { sinceTime: string } {
  if (/^(\d+[hms])+$/.test(text)) {
    const parts = [...text.matchAll(/(\d+)([hms])/g)]
    return { sinceSeconds: parts.reduce((sum, [, n, unit]) => sum + Number(n) * UNITS[unit!]!, 0) }
  }
  const time = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(/(Z|[+-]\d\d:\d\d)$/.test(text) ? text : `${text}Z`) : NaN
  if (Number.isNaN(time)) throw fatal(c, `failed to parse value as time or duration: "${text}"`)
  return { sinceTime: new Date(time).toISOString() }
}

const pull: Subcommand = {
  names: ['pull'],
  about: 'Pull an image from a registry',
  async run(client, argv) {
    const { c, cri } = client
    const o = await optionsOf(client, '', {}, argv)
    const name = o.operands[0]
    if (!name) throw fatal(c, 'Image name cannot be empty')
    try {
      const image = await within(c.task, undefined, (signal) => cri.pull(name, signal))
      await c.print(`Image is up to date for ${digestOf(image)}\n`)
      return 0
    } catch (error) {
      if (!(error instanceof ImageError)) throw error
      throw fatal(c, `pulling image: ${error.message}`)
    }
  },
}

/** `inspect` and its like: the status of each that is named, as one object or a list of them. */
function inspecting(names: readonly string[], about: string, look: (client: Client, given: string) => object): Subcommand {
  return {
    names,
    about,
    async run(client, argv) {
      const o = await optionsOf(client, 'o:q', { 'output=': 'o', quiet: 'q' }, argv)
      if (o.operands.length === 0) return help(client)
      const found = o.operands.map((given) => look(client, given))
      return printObject(client, found.length === 1 ? found[0]! : found, o.get('o') ?? 'json')
    },
  }
}

const inspect = inspecting(['inspect'], 'Display the status of one or more containers', (client, given) =>
  containerStatus(containerOf(client, given, `getting the status of the container "${given}": `)),
)

const inspectp = inspecting(['inspectp'], 'Display the status of one or more pods', (client, given) =>
  sandboxStatus(sandboxOf(client, given, `getting the pod sandbox status for "${given}": `)),
)

const inspecti = inspecting(['inspecti'], 'Return the status of one or more images', (client, given) => {
  const found = imageNamed(client, given)
  if (!found) throw fatal(client.c, `no such image "${given}" present`)
  return { status: imageObject(found), info: {} }
})

const version: Subcommand = {
  names: ['version'],
  about: 'Display runtime version information',
  async run({ c }) {
    const runtime = RUNTIME_VERSION.split('://')
    await c.print(`Version:  0.1.0\nRuntimeName:  ${runtime[0]}\nRuntimeVersion:  v${runtime[1]}\nRuntimeApiVersion:  v1\n`)
    return 0
  },
}

const COMMANDS: readonly Subcommand[] = [
  exec,
  images,
  inspect,
  inspecti,
  inspectp,
  logs,
  pods,
  ps,
  pull,
  rm,
  rmi,
  rmp,
  stats,
  stop,
  stopp,
  version,
]

/** crictl of a node. */
export function crictl(cri: NodeCri): Program {
  return command('coreutils', async (c) => {
    const client: Client = { c, cri, commands: COMMANDS }
    const long = { 'config=': 'c', debug: 'D', help: 'h', 'image-endpoint=': 'i', 'runtime-endpoint=': 'r', 'timeout=': 't', version: 'v' }
    const o = await optionsOf(client, 'c:Dhi:r:t:v', long, c.task.argv)
    if (o.has('v')) {
      await c.print(`crictl version v${VERSION.major}.${VERSION.minor}.0\n`)
      return 0
    }
    const [name] = o.operands
    if (name === undefined || name === 'help' || o.has('h')) return help(client)
    const found = COMMANDS.find(({ names }) => names.includes(name))
    if (!found) throw fatal(c, `command "${name}" not found`)
    if (o.operands.slice(1).some((word) => word === '--help' || word === '-h') && name !== 'exec') return help(client)
    const endpoint = o.get('r') ?? c.task.env['CONTAINER_RUNTIME_ENDPOINT'] ?? `unix://${SOCKETS[0]}`
    const path = endpoint.replace(/^unix:\/\//, '')
    const why = !SOCKETS.includes(path) ? 'no such file or directory' : c.task.uid !== 0 ? 'permission denied' : undefined
    if (why) {
      const dialing = `connection error: desc = "transport: Error while dialing: dial unix ${path}: connect: ${why}"`
      const invalid = `validate service connection: validate CRI v1 runtime API for endpoint "${endpoint}": rpc error: code = Unavailable desc = `
      throw fatal(c, `${invalid}${dialing}`)
    }
    return found.run(client, o.operands)
  })
}
