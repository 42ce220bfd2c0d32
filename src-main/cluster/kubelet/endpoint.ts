/**
 * What the API server asks of the node a pod runs on: logs, exec, attach, port-forward. In a real cluster this is the
 * kubelet's HTTPS endpoint on port 10250; here it is a call. The kubelet implements it; `api/streaming/` speaks the
 * clients' protocols (WebSocket, SPDY) in front of it.
 */
import type { Duplex, Readable, Writable } from 'node:stream'

/** Names one container of one pod. */
export interface ContainerRef {
  namespace: string
  pod: string
  /** Container name: main, init or ephemeral. */
  container: string
}

/** `v1.PodLogOptions`. */
export interface LogOptions {
  follow?: boolean
  previous?: boolean
  timestamps?: boolean
  sinceSeconds?: number
  /** RFC 3339. */
  sinceTime?: string
  tailLines?: number
  limitBytes?: number
  stream?: 'All' | 'Stdout' | 'Stderr'
}

export interface ExecOptions {
  command: readonly string[]
  stdin: boolean
  stdout: boolean
  stderr: boolean
  tty: boolean
}

/** How a process ended, as exec and attach report it. */
export interface ExitStatus {
  /** 0..255; 128+n when killed by signal n. */
  code: number
}

/** A process (or an attachment to one) with its streams. Streams that were not asked for are undefined. */
export interface Session {
  /** End it to send end-of-file. */
  stdin?: Writable
  stdout?: Readable
  /** Never there with a terminal: it goes to stdout. */
  stderr?: Readable
  /** Tells the terminal its size, in characters. */
  resize(columns: number, rows: number): void
  /** Resolves when the process has ended; rejects with an Error whose message is shown to the client. */
  readonly status: Promise<ExitStatus>
  /** The client has gone: hangs up (SIGHUP) an exec; detaches an attach. */
  close(): void
}

/** Rejections are `StatusError`s with the kubelet's wording, such as `container "x" in pod "y" is waiting to start: ContainerCreating`. */
export interface KubeletEndpoint {
  /** The log as text lines; ends when the log ends, or never with `follow` until destroyed or the container is gone. */
  logs(ref: ContainerRef, options: LogOptions): Promise<Readable>
  exec(ref: ContainerRef, options: ExecOptions): Promise<Session>
  attach(ref: ContainerRef, options: Omit<ExecOptions, 'command'>): Promise<Session>
  /** A connection to a TCP port on the pod's loopback. */
  portForward(namespace: string, pod: string, port: number): Promise<Duplex>
}
