/** An embedded cluster in a process of its own, as a user starts it, and the real clients on it. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import readline from 'node:readline'
import { fileURLToPath } from 'node:url'
import { KubeConfig } from '@kubernetes/client-node'

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../..')

/** What a command printed and how it ended. */
export interface Output {
  code: number
  stdout: string
  stderr: string
}

/** A command that runs on while a test types into it and reads from it. */
export interface Running {
  readonly child: ChildProcess
  /** All that it printed on stdout and stderr so far. */
  output(): string
  /** Resolves when what it printed holds `text` or matches; rejects after 30 s with what it printed instead. */
  until(text: string | RegExp): Promise<void>
  type(text: string): void
  /** Gives its terminal another size, as a window that is resized does. For one with a terminal. */
  resize(rows: number, columns: number): void
  /** Ends its stdin. */
  end(): void
  stop(signal?: NodeJS.Signals): Promise<number | null>
}

/** The pseudo-terminal that the last descendant of a process has for its input (Linux). */
function terminalOf(pid: number): string {
  const [child] = fs.readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean)
  return child === undefined ? fs.readlinkSync(`/proc/${pid}/fd/0`) : terminalOf(Number(child))
}

export class TestCluster {
  private constructor(
    readonly directory: string,
    readonly kubeconfig: string,
    readonly server: string,
    readonly child: ChildProcess,
    private readonly bin: { kubectl: string; helm: string },
  ) {}

  /** Starts one and waits until its nodes are Ready. */
  static async start(options: { directory?: string; args?: string[] } = {}): Promise<TestCluster> {
    const { clients } = (await import('../../../src-main/tools/clients.mjs' as string)) as {
      clients: () => { kubectl: string; helm: string }
    }
    const directory = options.directory ?? fs.mkdtempSync(path.join(os.tmpdir(), 'drydock-cluster-'))
    const kubeconfig = path.join(directory, 'kubeconfig')
    const child = spawn(process.execPath, [path.join(root, 'out/main/cluster.cjs'), '--data', directory, ...(options.args ?? [])], {
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let errors = ''
    child.stderr!.on('data', (d: Buffer) => (errors += d.toString()))
    const server = await new Promise<string>((resolve, reject) => {
      readline.createInterface({ input: child.stdout! }).on('line', (line) => {
        const ready = /^ready (https:\/\/\S+) kubeconfig (.+)$/.exec(line)
        if (ready) resolve(ready[1]!)
      })
      child.once('exit', (code) => reject(new Error(`the cluster ended with ${code}: ${errors}`)))
    })
    return new TestCluster(directory, kubeconfig, server, child, clients())
  }

  /** Stops it as SIGTERM does; removes its directory unless told to keep it. */
  async stop(options: { keep?: boolean; signal?: NodeJS.Signals } = {}): Promise<number | null> {
    const code = await stopChild(this.child, options.signal ?? 'SIGTERM')
    if (!options.keep) fs.rmSync(this.directory, { recursive: true, force: true })
    return code
  }

  /** Runs kubectl to its end. `input` goes to its stdin, `env` is added to its environment. */
  kubectl(args: string[] | string, input?: string, env?: NodeJS.ProcessEnv): Output {
    return this.run(this.bin.kubectl, typeof args === 'string' ? args.split(/\s+/) : args, input, env)
  }

  /** Runs kubectl with other credentials than the administrator's, such as `--token=…`, and without their kubeconfig. */
  kubectlAs(credentials: readonly string[], args: string[] | string): Output {
    const authority = path.join(this.directory, 'authority.crt')
    if (!fs.existsSync(authority)) fs.writeFileSync(authority, (this.kubeConfig().getCurrentCluster()!.caData ?? '').toString(), 'base64')
    const words = typeof args === 'string' ? args.split(/\s+/) : args
    const access = ['--kubeconfig=/dev/null', `--server=${this.server}`, `--certificate-authority=${authority}`, ...credentials]
    return this.kubectl([...access, ...words], '', { KUBECONFIG: '/dev/null' })
  }

  /** Runs kubectl without blocking this process: for commands that wait for something this process does. */
  kubectlAsync(args: string[] | string): Promise<Output> {
    const words = typeof args === 'string' ? args.split(/\s+/) : args
    const child = spawn(this.bin.kubectl, words, { env: this.env(), stdio: ['ignore', 'pipe', 'pipe'] })
    let stdout = ''
    let stderr = ''
    child.stdout.on('data', (d: Buffer) => (stdout += d.toString()))
    child.stderr.on('data', (d: Buffer) => (stderr += d.toString()))
    return new Promise((resolve) => child.once('close', (code) => resolve({ code: code ?? 1, stdout, stderr })))
  }

  /** Runs kubectl and gives what it printed; throws when it fails. */
  ok(args: string[] | string, input?: string): string {
    const out = this.kubectl(args, input)
    if (out.code !== 0)
      throw new Error(`kubectl ${typeof args === 'string' ? args : args.join(' ')} ended with ${out.code}: ${out.stderr}${out.stdout}`)
    return out.stdout
  }

  helm(args: string[] | string): Output {
    return this.run(this.bin.helm, typeof args === 'string' ? args.split(/\s+/) : args)
  }

  /** Moves the clock ahead, and waits until it is there. */
  async jump(seconds: number): Promise<void> {
    const clock = (): { spec: { jumpSeconds?: number }; status: { time: string } } => JSON.parse(this.ok('get clock cluster -o json'))
    const until = Date.parse(clock().status.time) + seconds * 1000
    this.ok(['patch', 'clock', 'cluster', '--type=merge', '-p', JSON.stringify({ spec: { jumpSeconds: seconds } })])
    for (let now = clock(); now.spec.jumpSeconds !== undefined || Date.parse(now.status.time) < until; now = clock())
      await new Promise((resolve) => setTimeout(resolve, 100))
  }

  /** Starts kubectl and leaves it running. With `tty`, on a real pseudo-terminal of this machine (util-linux' script). */
  start(args: string[] | string, options: { tty?: boolean } = {}): Running {
    const words = typeof args === 'string' ? args.split(/\s+/) : args
    const command = options.tty
      ? ['script', '-qfec', [this.bin.kubectl, ...words].map((w) => `'${w.replaceAll("'", `'\\''`)}'`).join(' '), '/dev/null']
      : [this.bin.kubectl, ...words]
    const child = spawn(command[0]!, command.slice(1), { env: { ...this.env(), TERM: 'xterm' }, stdio: ['pipe', 'pipe', 'pipe'] })
    let text = ''
    const waiters = new Set<() => void>()
    const onData = (d: Buffer): void => {
      text += d.toString()
      for (const w of waiters) w()
    }
    child.stdout.on('data', onData)
    child.stderr.on('data', onData)
    child.stdin.on('error', () => undefined)
    let exited = false
    child.once('exit', () => {
      exited = true
      for (const w of waiters) w()
    })
    return {
      child,
      output: () => text,
      until: (wanted) =>
        new Promise((resolve, reject) => {
          const timer = setTimeout(() => finish(new Error(`waited 30 s for ${String(wanted)} in: ${JSON.stringify(text)}`)), 30_000)
          const finish = (error?: Error): void => {
            clearTimeout(timer)
            waiters.delete(look)
            if (error) reject(error)
            else resolve()
          }
          const look = (): void => {
            if (typeof wanted === 'string' ? text.includes(wanted) : wanted.test(text)) finish()
            else if (exited) finish(new Error(`ended without ${String(wanted)}: ${JSON.stringify(text)}`))
          }
          waiters.add(look)
          look()
        }),
      type: (t) => void child.stdin.write(t),
      resize: (rows, columns) => {
        const resized = spawnSync('stty', ['-F', terminalOf(child.pid!), 'rows', String(rows), 'cols', String(columns)], {
          encoding: 'utf8',
        })
        if (resized.status !== 0) throw new Error(resized.stderr)
      },
      end: () => void child.stdin.end(),
      stop: (signal = 'SIGINT') => stopChild(child, signal),
    }
  }

  /** client-node on this cluster. */
  kubeConfig(): KubeConfig {
    const config = new KubeConfig()
    config.loadFromFile(this.kubeconfig)
    return config
  }

  private env(): NodeJS.ProcessEnv {
    return { PATH: process.env.PATH, HOME: this.directory, KUBECONFIG: this.kubeconfig, LANG: 'C.UTF-8' }
  }

  private run(command: string, args: string[], input?: string, env?: NodeJS.ProcessEnv): Output {
    const result = spawnSync(command, args, {
      env: { ...this.env(), ...env },
      encoding: 'utf8',
      input: input ?? '',
      timeout: 90_000,
      maxBuffer: 64 * 1024 * 1024,
      cwd: this.directory,
    })
    return { code: result.status ?? 1, stdout: result.stdout, stderr: result.stderr + (result.error ? String(result.error) : '') }
  }
}

/** Waits until a child has ended after a signal. */
export function stopChild(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve(child.exitCode)
  return new Promise((resolve) => {
    child.once('exit', (code) => resolve(code))
    child.kill(signal)
  })
}
