/** A cluster in a process of its own to send requests to. It notes what the cluster complains of and whether it dies. */
import { spawn, type ChildProcess } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import readline from 'node:readline'
import { fileURLToPath } from 'node:url'
import { stopChild } from '../kubectl/support/cluster.js'

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..')

/** What a program prints when it has a bug, as against what it tells of its work. */
const BUG = /\b(TypeError|RangeError|ReferenceError|SyntaxError|URIError)\b|the API server failed|a watch of the store failed/

export class Target {
  readonly directory = fs.mkdtempSync(path.join(os.tmpdir(), 'drydock-fuzz-'))
  readonly kubeconfig = path.join(this.directory, 'kubeconfig')
  private child: ChildProcess | undefined
  private errors: string[] = []

  /** Starts it, or starts it again on the same data. */
  async start(): Promise<void> {
    const child = spawn(
      process.execPath,
      [path.join(root, 'out/main/cluster.cjs'), '--data', this.directory, '--nodes', '1', '--seed', '1'],
      {
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    )
    this.child = child
    readline.createInterface({ input: child.stderr! }).on('line', (line) => this.errors.push(line))
    await new Promise<void>((resolve, reject) => {
      const late = setTimeout(() => reject(new Error(`the cluster was not ready in a minute: ${this.errors.join('\n')}`)), 60_000)
      readline.createInterface({ input: child.stdout! }).on('line', (line) => {
        if (!line.startsWith('ready ')) return
        clearTimeout(late)
        resolve()
      })
      child.once('exit', (code) => reject(new Error(`the cluster ended with ${code}: ${this.errors.join('\n')}`)))
    })
  }

  get running(): boolean {
    return this.child !== undefined && this.child.exitCode === null && this.child.signalCode === null
  }

  /** Resident memory, bytes; 0 where the system does not tell. */
  get memory(): number {
    try {
      return Number(/VmRSS:\s+(\d+)/.exec(fs.readFileSync(`/proc/${this.child!.pid}/status`, 'utf8'))?.[1] ?? 0) * 1024
    } catch {
      return 0
    }
  }

  /** What it complained of since it was last asked, when that speaks of a bug; with the lines that follow. */
  complaints(): string {
    const lines = this.errors
    this.errors = []
    return lines.some((line) => BUG.test(line)) ? lines.join('\n') : ''
  }

  /** Ends it in the middle of whatever it does. */
  async kill(): Promise<void> {
    if (this.child) await stopChild(this.child, 'SIGKILL')
  }

  async remove(): Promise<void> {
    await this.kill()
    fs.rmSync(this.directory, { recursive: true, force: true })
  }
}
