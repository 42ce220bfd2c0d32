/**
 * Runs the embedded cluster's process and keeps it running: it tells what it prints, restarts it after a crash with a
 * growing pause, and stops it cleanly. How a process is spawned is given in: a utility process in Electron, a child
 * process elsewhere.
 */
import type { EmbeddedState } from '../rpc/contract.js'

/** A spawned process, as much of it as the supervisor needs. */
export interface SpawnedProcess {
  onLine(listener: (line: string, stream: 'stdout' | 'stderr') => void): void
  onExit(listener: (code: number | null) => void): void
  /** Asks it to stop; it writes what it has and exits. */
  stop(): void
  /** Ends it at once. */
  kill(): void
}

const FIRST_PAUSE = 500
const LAST_PAUSE = 30_000
/** A process that ran this long was not a failed start: the pause begins anew. */
const STABLE_AFTER = 60_000
const STOP_TIMEOUT = 8_000

export class ClusterSupervisor {
  private current: EmbeddedState
  private readonly listeners = new Set<(state: EmbeddedState) => void>()
  private process: SpawnedProcess | undefined
  private pause = FIRST_PAUSE
  private startedAt = 0
  private stopping = false
  private lastErrors: string[] = []
  private timer: NodeJS.Timeout | undefined

  /** @param spawn starts `cluster` with the arguments for this embedded cluster */
  constructor(
    name: string,
    private readonly spawn: () => SpawnedProcess,
  ) {
    this.current = { name, phase: 'stopped' }
  }

  state(): EmbeddedState {
    return this.current
  }

  listen(listener: (state: EmbeddedState) => void): () => void {
    this.listeners.add(listener)
    return () => void this.listeners.delete(listener)
  }

  start(): void {
    clearTimeout(this.timer)
    if (this.process) return
    this.stopping = false
    this.startedAt = Date.now()
    this.lastErrors = []
    this.set({ name: this.current.name, phase: 'starting' })
    const process = this.spawn()
    this.process = process
    process.onLine((line, stream) => {
      const ready = stream === 'stdout' ? /^ready (\S+) kubeconfig (.+)$/.exec(line) : null
      if (ready) return this.set({ name: this.current.name, phase: 'ready', server: ready[1]!, kubeconfig: ready[2]! })
      if (stream === 'stderr') this.lastErrors = [...this.lastErrors.slice(-29), line]
    })
    process.onExit((code) => {
      if (this.process !== process) return
      this.process = undefined
      if (this.stopping) return this.set({ name: this.current.name, phase: 'stopped' })
      if (Date.now() - this.startedAt > STABLE_AFTER) this.pause = FIRST_PAUSE
      this.set({
        name: this.current.name,
        phase: 'crashed',
        error: tellingLine(this.lastErrors) ?? `the cluster's process ended with code ${code}`,
      })
      this.timer = setTimeout(() => this.start(), this.pause)
      this.pause = Math.min(LAST_PAUSE, this.pause * 2)
    })
  }

  restart(): void {
    void this.stop().then(() => this.start())
  }

  /** Resolves when the process has ended. */
  stop(): Promise<void> {
    clearTimeout(this.timer)
    this.stopping = true
    const process = this.process
    if (!process) return Promise.resolve()
    return new Promise((resolve) => {
      const timer = setTimeout(() => process.kill(), STOP_TIMEOUT)
      process.onExit(() => {
        clearTimeout(timer)
        resolve()
      })
      process.stop()
    })
  }

  private set(state: EmbeddedState): void {
    this.current = state
    for (const l of this.listeners) l(state)
  }
}

/** The line of what a process wrote last that says most: an error's own, rather than the stack below it. */
function tellingLine(lines: readonly string[]): string | undefined {
  return [...lines].reverse().find((l) => /^\w*Error\b|^error\b/i.test(l)) ?? lines.at(-1)
}
