/** Commands in a container, for exec probes and exec hooks. */
import type { Readable } from 'node:stream'
import type { Clock } from '../../clock.js'
import { goDuration } from '../../go-duration.js'
import type { ContainerRuntime } from '../../runtime/cri.js'
import type { ProbeOutcome } from './outcome.js'

/** The kubelet keeps this much of a command's output, bytes. */
const MAX_OUTPUT = 10 * 1024

export interface CommandResult {
  /** undefined when it did not end in time. */
  code: number | undefined
  /** Standard output and error, mixed as they came. */
  output: string
}

function collect(stream: Readable | undefined, into: Buffer[]): Promise<void> {
  if (!stream) return Promise.resolve()
  return new Promise((resolve) => {
    stream.on('data', (chunk: Buffer | string) => into.push(Buffer.from(chunk)))
    stream.on('close', resolve)
    stream.on('end', resolve)
    stream.on('error', () => resolve())
  })
}

/** What a shell ends with whose last command was not there, or could not be run. */
const NOT_THERE = [126, 127]

/**
 * Runs a command and waits for it. Rejects with the runtime's Error when it could not be started. In a placeholder a
 * command that is not there is taken for one that succeeds: it would have come with the image that nobody knows.
 */
export async function runCommand(
  runtime: ContainerRuntime,
  containerId: string,
  command: readonly string[],
  clock: Clock,
  timeoutMs: number | undefined,
): Promise<CommandResult> {
  const running = run(runtime, containerId, command, clock, timeoutMs)
  if (!runtime.containerInfo(containerId)?.placeholder) return running
  const result = await running.catch((error: unknown) => ({ code: NOT_THERE[0], output: (error as Error).message }))
  const { code, output } = result
  return code && (NOT_THERE.includes(code) || output.includes(': not found')) ? { code: 0, output } : result
}

async function run(
  runtime: ContainerRuntime,
  containerId: string,
  command: readonly string[],
  clock: Clock,
  timeoutMs: number | undefined,
): Promise<CommandResult> {
  const session = await runtime.exec(containerId, { command, stdin: false, stdout: true, stderr: true, tty: false })
  const chunks: Buffer[] = []
  const read = Promise.all([collect(session.stdout, chunks), collect(session.stderr, chunks)])
  const late = Symbol('late')
  let timer: { cancel(): void } | undefined
  const timeout =
    timeoutMs === undefined
      ? undefined
      : new Promise<typeof late>((resolve) => {
          timer = clock.after(timeoutMs, () => resolve(late))
        })
  try {
    const ended = await Promise.race([session.status, ...(timeout ? [timeout] : [])])
    if (ended === late) {
      session.status.catch(() => undefined)
      session.close()
      return { code: undefined, output: '' }
    }
    await Promise.race([read, ...(timeout ? [timeout] : [])])
    return { code: (ended as { code: number }).code, output: Buffer.concat(chunks).toString('utf8').slice(0, MAX_OUTPUT) }
  } finally {
    timer?.cancel()
  }
}

/** An exec probe: exit code 0 is a success. */
export async function probeExec(
  runtime: ContainerRuntime,
  containerId: string,
  command: readonly string[],
  clock: Clock,
  timeoutMs: number,
): Promise<ProbeOutcome> {
  try {
    const { code, output } = await runCommand(runtime, containerId, command, clock, timeoutMs)
    if (code === undefined)
      return {
        result: 'failure',
        output: `command timed out: ${JSON.stringify(command.join(' '))} timed out after ${goDuration(timeoutMs)}`,
      }
    return { result: code === 0 ? 'success' : 'failure', output }
  } catch (error) {
    return { result: 'unknown', output: (error as Error).message }
  }
}
