/**
 * The `logs` stream: one container's log in whole lines, in chunks that a window can keep up with. While it is followed it goes on where
 * it was after a lost connection, and with the container's next run after a restart.
 */
import { BackendError, isConnectionError, toRpcError } from '../errors.js'
import type { Json } from '../kinds/kind.js'
import type { LogParams } from '../rpc/contract.js'
import type { StreamContext } from '../rpc/serve.js'
import type { ApiConnection } from '../session/connection.js'
import { objectPath, query } from '../session/paths.js'
import { pause } from '../session/retry.js'
import type { Session } from '../session/session.js'
import { linesUntil, LogPlace } from './log-place.js'

/** Text is gathered for this long before it is sent, ms: a busy log crosses as a few large events. */
const GATHER = 30
const MAX_CHUNK = 256 * 1024
/** How often a container that ended is looked at, ms: it may run again. */
const LOOK_AGAIN = 1000

/** What a pod says of one of its containers. */
function statusOf(pod: Json, container: string): Json | undefined {
  const { containerStatuses = [], initContainerStatuses = [], ephemeralContainerStatuses = [] } = pod.status ?? {}
  return [...containerStatuses, ...initContainerStatuses, ...ephemeralContainerStatuses].find((c: Json) => c.name === container)
}

/** Waits until a container that ended runs again; false when it will not: the pod is over, or gone. */
async function runsAgain(api: ApiConnection, path: string, container: string, signal: AbortSignal): Promise<boolean> {
  for (;;) {
    let pod: Json
    try {
      pod = await api.json<Json>(path, { signal })
    } catch (error) {
      if (error instanceof BackendError && error.rpc.code === 404) return false
      throw error
    }
    const status = statusOf(pod, container)
    const { state = {} } = status ?? {}
    // An ended log whose container runs: it was the run before, or the server had enough of the connection.
    if (state.running) return true
    const last = /^(Succeeded|Failed)$/.test(pod.status?.phase ?? '') || pod.metadata.deletionTimestamp
    const init = (pod.spec?.initContainers ?? []).some((c: Json) => c.name === container && c.restartPolicy !== 'Always')
    const ephemeral = (pod.spec?.ephemeralContainers ?? []).some((c: Json) => c.name === container)
    const policy = pod.spec?.restartPolicy ?? 'Always'
    const done =
      state.terminated && (init || ephemeral || policy === 'Never' || (policy === 'OnFailure' && state.terminated.exitCode === 0))
    if (last || done || !status) return false
    await pause(LOOK_AGAIN, signal)
    if (signal.aborted) return false
  }
}

export async function streamLogs(session: Session, params: LogParams, stream: StreamContext<'logs'>): Promise<void> {
  const pod = { group: '', version: 'v1', resource: 'pods', namespace: params.namespace, name: params.pod }
  const { signal } = stream
  const place = new LogPlace(params.after)
  let first = true
  while (!signal.aborted) {
    try {
      const api = await session.api()
      const resumed = place.stamp !== ''
      place.again()
      const answer = await api.open(
        objectPath(pod, 'log') +
          query({
            container: params.container,
            follow: params.follow || undefined,
            previous: params.previous || undefined,
            timestamps: params.timestamps || undefined,
            tailLines: first && !resumed ? params.tailLines : undefined,
            sinceSeconds: first && !resumed ? params.sinceSeconds : undefined,
            sinceTime: resumed ? place.stamp : params.sinceTime,
          }),
        { timeout: 0, signal, accept: '*/*' },
      )
      first = false
      const over = await pass(answer, place, stream, params.until)
      if (over || !params.follow || params.previous) return end(stream)
      stream.emit({ type: 'end', reason: 'restarting' })
      if (!(await runsAgain(api, objectPath(pod), params.container, signal))) return end(stream)
    } catch (error) {
      if (signal.aborted) return
      session.report(error)
      const rpc = toRpcError(error)
      if (!params.follow || !isConnectionError(error)) {
        stream.emit({ type: 'end', reason: 'error', error: rpc })
        return stream.end()
      }
      first = false
      stream.emit({ type: 'end', reason: 'reconnecting', error: rpc })
      await pause(500, signal)
      await session.whenLive(signal).catch(() => undefined)
    }
  }
}

function end(stream: StreamContext<'logs'>): void {
  stream.emit({ type: 'end', reason: 'eof' })
  stream.end()
}

/**
 * Passes an answer on to its end, by lines. What a broken connection leaves of a line is dropped: it comes again, whole. The answer is left,
 * and true given, once a line is later than `until`.
 */
async function pass(answer: AsyncIterable<unknown>, place: LogPlace, stream: StreamContext<'logs'>, until?: number): Promise<boolean> {
  const decoder = new TextDecoder()
  let gathered = ''
  let over = false
  let timer: NodeJS.Timeout | undefined
  const flush = (whole: boolean): void => {
    clearTimeout(timer)
    timer = undefined
    // A line that never ends goes in pieces.
    const cut = whole || gathered.length > MAX_CHUNK * 4 ? gathered.length : gathered.lastIndexOf('\n') + 1
    if (!cut) return
    const fresh = place.take(gathered.slice(0, cut))
    gathered = gathered.slice(cut)
    const text = until === undefined ? fresh : linesUntil(fresh, until)
    over ||= text.length < fresh.length
    if (text) stream.emit({ type: 'data', text })
  }
  let complete = false
  try {
    for await (const part of answer) {
      if (over) break
      gathered += decoder.decode(part as Uint8Array, { stream: true })
      if (gathered.length > MAX_CHUNK) {
        flush(false)
        await stream.drained()
      } else timer ??= setTimeout(() => flush(false), GATHER)
    }
    complete = !over
  } finally {
    if (!over) flush(complete)
    clearTimeout(timer)
  }
  return over
}
