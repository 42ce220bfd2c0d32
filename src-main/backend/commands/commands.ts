/**
 * Runs a person's own commands. A window names a command of the settings and an object; what is run is put together here, shown, and run
 * as it was shown. Programs are started without a shell: whatever an object is called, its name is one argument.
 */
import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import os from 'node:os'
import path from 'node:path'
import type { ContextConfig } from '../contexts/kubeconfig.js'
import { problem, toRpcError } from '../errors.js'
import { environmentOn, terminalKubeconfig } from '../exec/local-terminals.js'
import { OwnFolders, ownFile, removeFolder } from '../exec/own-folders.js'
import { loginPath, programOn } from '../exec/own-program.js'
import { connectPty, keepPace, startPty } from '../exec/pty-stream.js'
import { loadPty, type Pty, type SpawnPty } from '../exec/pty.js'
import type { Calls, CommandParams, ContextSummary, OwnCommand, PreparedRun, Settings } from '../rpc/contract.js'
import type { StreamContext } from '../rpc/serve.js'
import type { Session } from '../session/session.js'
import { commandProblems } from './check.js'
import { columnValues, containersOf, placeValues } from './values.js'
import { addressFor, argumentsFor, environmentName, shellWord, variablesIn } from './variables.js'

/** Command lines that are kept to be run, or run again. */
const MOST_PREPARED = 200
/** Between asking a program to end and ending it, ms. */
const GRACE = 10_000
/** A column that a script reads from its environment. */
const COLUMN_IN_SCRIPT = /DRYDOCK_COL_(\w+)/g

/** What the commands need of the rest of the backend. */
export interface CommandPlace {
  settings(): Settings
  context(id: string): ContextSummary
  /** Cluster and user of a context, whole. */
  config(id: string): Promise<ContextConfig>
  session(id: string): Session
}

interface Prepared {
  context: string
  command: OwnCommand
  namespace: string
  args: readonly string[]
  environment: Readonly<Record<string, string>>
  /** A folder for this run alone. */
  folder: string
  /** The arguments name the file of `$KUBECONFIG`. */
  ownKubeconfig: boolean
}

/** All variables of a command, those of columns that its scripts read from the environment among them. */
function wantedBy({ url, args = [] }: OwnCommand): Set<string> {
  const texts = url === undefined ? args : [url]
  const columns = texts.flatMap((text) => [...text.matchAll(COLUMN_IN_SCRIPT)].map((m) => `COL-${m[1]!}`))
  const containers = texts.some((text) => text.includes(environmentName('CONTAINER'))) ? ['CONTAINER'] : []
  return new Set([...texts.flatMap(variablesIn), ...columns, ...containers])
}

export class Commands {
  private readonly folders: OwnFolders
  private readonly prepared = new Map<string, Prepared>()
  private readonly open = new Set<() => void>()

  /**
   * @param data the app's data directory; what an earlier run left of its commands is removed
   * @param load gives the means to start a terminal
   */
  constructor(
    data: string,
    private readonly place: CommandPlace,
    private readonly load: () => Promise<SpawnPty> = loadPty,
  ) {
    this.folders = new OwnFolders(data, 'commands')
  }

  /** Puts an object into a command. Rejects with `NotFound` for one that is not kept, `Invalid`, and what the server says of the object. */
  async prepare({ context: id, name, ref, kind, container }: Parameters<Calls['commands.prepare']>[0]): Promise<PreparedRun> {
    const command = this.named(name)
    const context = this.place.context(id)
    const run = randomUUID()
    const folder = this.folders.planned()
    const wanted = wantedBy(command)
    const values = placeValues(context, { ref, kind }, path.join(folder, 'config'))
    const containers = wanted.has('CONTAINER') ? await containersOf(this.place.session(id), ref) : []
    values.set('CONTAINER', container && containers.includes(container) ? container : (containers[0] ?? ''))
    const custom = this.place.settings().columns[`${ref.group}/${ref.resource}`]?.custom ?? []
    const columns = [...wanted].filter((v) => v.startsWith('COL-'))
    for (const [k, v] of await columnValues(this.place.session(id), ref, columns, custom)) values.set(k, v)
    if (command.url !== undefined) return { run, line: '', url: addressFor(command.url, values) }
    const { command: program = '', args = [] } = command
    const words = argumentsFor(program, args, values)
    const environment = Object.fromEntries(
      [...values].filter(([variable]) => variable !== 'KUBECONFIG').map(([variable, value]) => [environmentName(variable), value]),
    )
    const namespace = ref.namespace ?? context.namespace
    this.keep(run, { context: id, command, namespace, args: words, environment, folder, ownKubeconfig: wanted.has('KUBECONFIG') })
    return {
      run,
      line: [program, ...words].map(shellWord).join(' '),
      ...(containers.length > 1 ? { containers, container: values.get('CONTAINER')! } : {}),
    }
  }

  /** The `command` stream: what was prepared, from its start to its end. Closing it ends the program. */
  async stream({ run, ...size }: CommandParams, stream: StreamContext<'command'>): Promise<void> {
    let forget = (): void => undefined
    try {
      const prepared = this.prepared.get(run)
      if (!prepared) throw problem('NotFound', 'commandGone')
      const { context, command, args, folder } = prepared
      if (command.dangerous && this.place.settings().clusters?.[context]?.protection === 'read-only')
        throw problem('ReadOnly', 'readOnly', { context })
      const searched = await loginPath()
      const file = await programOn(searched, command.command!)
      if (!file) throw problem('NotFound', 'commandNotThere', { command: command.command! })
      if (stream.signal.aborted) return
      forget = () => removeFolder(folder)
      const env = { ...(await this.environmentOf(prepared)), PATH: searched }
      if (command.background) return this.inBackground(file, args, { env, cwd: os.homedir() }, stream, forget)
      this.inTerminal(startPty(await this.load(), file, args, size, env), stream, forget)
    } catch (error) {
      forget()
      stream.emit({ type: 'exit', code: null, error: toRpcError(error) })
      stream.end()
    }
  }

  /** Ends all. */
  close(): void {
    for (const end of this.open) end()
    this.folders.removeAll()
  }

  private named(name: string): OwnCommand {
    const command = this.place.settings().commands?.find((c) => c.name === name)
    if (!command) throw problem('NotFound', 'commandUnknown', { name })
    const [wrong] = commandProblems(command)
    if (wrong) throw problem('Invalid', 'commandWrong', { name, field: wrong.field, words: wrong.problem.message })
    return command
  }

  private keep(run: string, prepared: Prepared): void {
    const [oldest] = this.prepared.keys()
    if (oldest !== undefined && this.prepared.size >= MOST_PREPARED) this.prepared.delete(oldest)
    this.prepared.set(run, prepared)
  }

  /** KUBECONFIG leads to the context of the object; what `$KUBECONFIG` names in arguments is one file, as `--kubeconfig` takes it. */
  private async environmentOf({ context: id, namespace, folder, environment, ownKubeconfig }: Prepared): Promise<Record<string, string>> {
    const context = this.place.context(id)
    this.folders.make(folder)
    const overlay = ownFile(folder, 'kubeconfig', terminalKubeconfig(context, namespace))
    if (ownKubeconfig) {
      const { clusterName, cluster, userName, user } = await this.place.config(id)
      ownFile(
        folder,
        'config',
        JSON.stringify({
          ...(JSON.parse(terminalKubeconfig(context, namespace)) as object),
          clusters: [{ name: clusterName, cluster }],
          ...(userName ? { users: [{ name: userName, user }] } : {}),
        }),
      )
    }
    return { ...environmentOn(context), ...environment, KUBECONFIG: [overlay, ...context.files].join(path.delimiter) }
  }

  private inTerminal(pty: Pty, stream: StreamContext<'command'>, forget: () => void): void {
    const end = (): void => pty.kill()
    this.open.add(end)
    stream.emit({ type: 'open' })
    connectPty(pty, stream, (code) => {
      this.open.delete(end)
      forget()
      stream.emit({ type: 'exit', code })
      stream.end()
    })
  }

  private inBackground(
    file: string,
    args: readonly string[],
    options: { env: Record<string, string>; cwd: string },
    stream: StreamContext<'command'>,
    forget: () => void,
  ): void {
    const child = spawn(file, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'], windowsHide: true })
    let kill: NodeJS.Timeout | undefined
    const end = (): void => {
      child.kill('SIGTERM')
      kill ??= setTimeout(() => child.kill('SIGKILL'), GRACE)
    }
    const over = (code: number | null, error?: unknown): void => {
      clearTimeout(kill)
      this.open.delete(end)
      forget()
      stream.emit({ type: 'exit', code, ...(error ? { error: toRpcError(error) } : {}) })
      stream.end()
    }
    this.open.add(end)
    stream.signal.addEventListener('abort', end, { once: true })
    for (const from of [child.stdout, child.stderr])
      from.on('data', (data: Buffer) => {
        stream.emit({ type: 'data', data: new Uint8Array(data) })
        keepPace(stream, from)
      })
    child.on('error', (error) => over(null, error))
    child.on('close', (code, signal) => over(signal ? 128 + (os.constants.signals[signal] ?? 0) : code))
    if (child.pid !== undefined) stream.emit({ type: 'open' })
  }
}
