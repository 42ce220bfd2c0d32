/** Pseudo-terminals of this machine. The native part is prebuilt and not there for every system: it is loaded when it is first needed. */
import { problem } from '../errors.js'

/** A process with a pseudo-terminal, as node-pty gives it. */
export interface Pty {
  readonly pid: number
  write(data: string | Buffer): void
  resize(columns: number, rows: number): void
  pause(): void
  resume(): void
  kill(): void
  onData(listener: (data: string | Uint8Array) => void): void
  onExit(listener: (exit: { exitCode: number; signal?: number }) => void): void
}

export interface PtyOptions {
  cols: number
  rows: number
  cwd: string
  env: Record<string, string>
  name: string
  /** Null: output as bytes. Windows always gives text. */
  encoding: null
}

export type SpawnPty = (file: string, args: string[], options: PtyOptions) => Pty

/** Gives the function that starts a process with a terminal; rejects with reason `Unavailable` where there is none for this system. */
export async function loadPty(): Promise<SpawnPty> {
  try {
    const loaded = (await import('@lydell/node-pty')) as unknown as { spawn?: SpawnPty; default?: { spawn: SpawnPty } }
    return (loaded.spawn ?? loaded.default?.spawn)!
  } catch (error) {
    throw problem('Unavailable', 'noPty', {
      platform: `${process.platform}-${process.arch}`,
      words: (error as Error).message.split('\n')[0]!,
    })
  }
}
