/**
 * Exec and attach, whatever the protocol: moves bytes between a client's streams and a {@link Session} of the kubelet,
 * and tells how it ended.
 */
import { finished, type Readable, type Writable } from 'node:stream'
import { StatusError, internalError, type Status } from '../errors.js'
import type { Session } from '../../kubelet/endpoint.js'
import type { EarlyOutput } from './early-output.js'

/** The client's end of an exec or attach. */
export interface ClientStreams {
  stdin?: Readable
  stdout?: Writable
  stderr?: Writable
  /** JSON objects with `Width` and `Height`, one after the other. */
  resize?: Readable
  /** Reports the end on the error stream and closes the connection once everything has been sent. */
  finish(outcome: Outcome): void
  /** Calls back when the client has gone. */
  onGone(listener: () => void): void
}

/** How a session ended: the exit code of its process, or why there was none. */
export type Outcome = { exitCode: number } | { error: Error }

/** The Status that versions 4 and 5 of the protocol send, as JSON without what is empty, `metadata` excepted. */
export function outcomeStatus(outcome: Outcome, wording: (exitCode: number) => string): Partial<Status> {
  if ('error' in outcome) {
    const { status } = outcome.error instanceof StatusError ? outcome.error : internalError(outcome.error.message)
    const { metadata, message, reason, details, code } = status
    return { metadata, status: 'Failure', message: message!, reason: reason!, ...(details ? { details } : {}), code }
  }
  if (outcome.exitCode === 0) return { metadata: {}, status: 'Success' }
  return {
    metadata: {},
    status: 'Failure',
    message: `command terminated with non-zero exit code: ${wording(outcome.exitCode)}`,
    reason: 'NonZeroExitCode',
    details: { causes: [{ reason: 'ExitCode', message: String(outcome.exitCode) }] },
  }
}

/** What versions before 4 send on the error stream: a text for a failure, nothing for success. */
export function outcomeText(outcome: Outcome, wording: (exitCode: number) => string): string {
  return outcomeStatus(outcome, wording).message ?? ''
}

/**
 * Runs a session to its end. Never rejects.
 * @param early what the session has put out so far
 * @param doing what failed if the session fails, as in `error executing command in container`
 */
export async function runSession(session: Session, early: EarlyOutput, client: ClientStreams, doing: string): Promise<void> {
  let state: 'running' | 'gone' | 'over' = 'running'
  client.onGone(() => {
    if (state !== 'running') return
    state = 'gone'
    session.close()
  })
  if (client.stdin) forwardStdin(client.stdin, session.stdin)
  if (client.resize) readResizes(client.resize, (columns, rows) => session.resize(columns, rows))
  early.handOn(client)
  const outputs = Promise.all([forwardOutput(session.stdout, client.stdout), forwardOutput(session.stderr, client.stderr)])
  let outcome: Outcome
  try {
    outcome = { exitCode: (await session.status).code }
  } catch (error) {
    outcome = { error: failed(doing, error as Error) }
  }
  // All output goes before the status: clients stop reading when they have seen it.
  await outputs
  if (state !== 'running') return
  state = 'over'
  client.finish(outcome)
}

/** The error as the client is told: the kubelet says what it was doing, once. */
export function failed(doing: string, error: Error): Error {
  return error instanceof StatusError || error.message.startsWith(doing) ? error : new Error(`${doing}: ${error.message}`)
}

function forwardStdin(from: Readable, to: Writable | undefined): void {
  from.on('error', () => to?.end())
  if (!to) {
    from.resume()
    return
  }
  // A process that has closed its stdin does not keep the client from being heard: the rest is read and dropped.
  const drop = (): void => {
    from.unpipe(to)
    from.resume()
  }
  to.on('error', drop)
  to.on('close', drop)
  from.pipe(to)
}

/** Resolves when all output has been handed to the client's stream, or one of the two is gone. */
function forwardOutput(from: Readable | undefined, to: Writable | undefined): Promise<void> {
  return new Promise((resolve) => {
    if (!from) {
      to?.end()
      return resolve()
    }
    if (!to) {
      from.resume()
      finished(from, () => resolve())
      return
    }
    from.on('error', () => to.end())
    if (from.destroyed && !from.readableEnded) to.end()
    // When the client's stream breaks, the process sees a closed pipe.
    finished(to, { readable: false }, (error) => {
      if (error) from.destroy()
      resolve()
    })
    from.pipe(to)
  })
}

const LONGEST_RESIZE = 4096

/** Cuts a stream of JSON objects; what is no size is skipped, as the kubelet's decoder would end there. */
export function readResizes(from: Readable, onSize: (columns: number, rows: number) => void): void {
  let text = ''
  from.on('error', () => undefined)
  from.on('data', (chunk: Buffer | string) => {
    text += chunk.toString()
    for (let end = text.indexOf('}'); end >= 0; end = text.indexOf('}')) {
      const object = text.slice(0, end + 1)
      text = text.slice(end + 1)
      try {
        const { Width, Height } = JSON.parse(object) as { Width?: unknown; Height?: unknown }
        if (isSize(Width) && isSize(Height)) onSize(Width, Height)
      } catch {
        // Not JSON: there may be a good one behind it.
      }
    }
    if (text.length > LONGEST_RESIZE) text = ''
  })
}

function isSize(n: unknown): n is number {
  return typeof n === 'number' && Number.isInteger(n) && n > 0 && n <= 0xffff
}
