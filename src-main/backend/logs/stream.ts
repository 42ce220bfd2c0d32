/**
 * The `logs` stream: one container's log in whole lines, in chunks that a window can keep up with. While it is followed it goes on where
 * it was after a lost connection, and with the container's next run after a restart.
 */
import { BackendError, isConnectionError, toRpcError } from '../errors.js'
import type { Json } from '../kinds/kind.js'
import type { LogParams, RpcError } from '../rpc/contract.js'
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
/** How often a server may refuse the log of a container that has begun: its kubelet may learn of that later than the pod tells it. */
const MOST_REFUSALS = 3
/** How long it is given for that each time, ms. */
const REFUSED_AGAIN = 300

/** What a pod says of one of its containers. */
function statusOf(pod: Json, container: string): Json | undefined {
  const { containerStatuses = [], initContainerStatuses = [], ephemeralContainerStatuses = [] } = pod.status ?? {}
  return [...containerStatuses, ...initContainerStatuses, ...ephemeralContainerStatuses].find((c: Json) => c.name === container)
}

/** The pod; null where it is gone. */
async function podAt(api: ApiConnection, path: string, signal: AbortSignal): Promise<Json | null> {
  try {
    return await api.json<Json>(path, { signal })
  } catch (error) {
    if (error instanceof BackendError && error.rpc.code === 404) return null
    throw error
  }
}
const isOver = (pod: Json): boolean => /^(Succeeded|Failed)$/.test(pod.status?.phase ?? '') || pod.metadata.deletionTimestamp !== undefined
/** Containers of each kind, of which a pod says the state in lists of their own. */
const containersOf = ({ spec = {} }: Json): Json[] => ['containers', 'initContainers', 'ephemeralContainers'].flatMap((k) => spec[k] ?? [])

/**
 * Waits until a container has something to say: a server refuses the log of one that waits for its node, its image or its volumes.
 * @param onWait told once that it has to be waited for
 * @returns false when it never will: there is no such container, or its pod is over or gone
 */
async function begins(api: ApiConnection, path: string, container: string, onWait: () => void, signal: AbortSignal): Promise<boolean> {
  for (let waits = false; !signal.aborted;) {
    const pod = await podAt(api, path, signal)
    if (!pod || !containersOf(pod).some((c) => c.name === container)) return false
    const { state = {}, lastState = {} } = statusOf(pod, container) ?? {}
    if (state.running || state.terminated || lastState.terminated) return true
    if (isOver(pod)) return false
    if (!waits) onWait()
    waits = true
    await pause(LOOK_AGAIN, signal)
  }
  return false
}

/** Waits until a container that ended runs again; false when it will not: the pod is over, or gone. */
async function runsAgain(api: ApiConnection, path: string, container: string, signal: AbortSignal): Promise<boolean> {
  for (;;) {
    const pod = await podAt(api, path, signal)
    if (!pod) return false
    const status = statusOf(pod, container)
    const { state = {} } = status ?? {}
    // An ended log whose container runs: it was the run before, or the server had enough of the connection.
    if (state.running) return true
    const init = (pod.spec?.initContainers ?? []).some((c: Json) => c.name === container && c.restartPolicy !== 'Always')
    const ephemeral = (pod.spec?.ephemeralContainers ?? []).some((c: Json) => c.name === container)
    const policy = pod.spec?.restartPolicy ?? 'Always'
    const done =
      state.terminated && (init || ephemeral || policy === 'Never' || (policy === 'OnFailure' && state.terminated.exitCode === 0))
    // The log of a pod that has no node yet is empty.
    const unknown = !status && pod.status?.phase !== 'Pending'
    if (isOver(pod) || done || unknown) return false
    await pause(LOOK_AGAIN, signal)
    if (signal.aborted) return false
  }
}

export async function streamLogs(session: Session, params: LogParams, stream: StreamContext<'logs'>): Promise<void> {
  const pod = { group: '', version: 'v1', resource: 'pods', namespace: params.namespace, name: params.pod }
  const { signal } = stream
  const place = new LogPlace(params.after)
  let first = true
  /** What the server said when it refused the log: the container may not have begun yet. */
  let refused: RpcError | undefined
  let refusals = 0
  while (!signal.aborted) {
    try {
      const api = await session.api()
      if (refused) {
        const error = refused
        const tell = (): void => {
          refusals = 0
          stream.emit({ type: 'end', reason: 'starting', error })
        }
        const begun = await begins(api, objectPath(pod), params.container, tell, signal)
        if (signal.aborted) return
        if (!begun) return fail(stream, error)
        // It was told to have begun at once: its kubelet is about to know.
        if (refusals > 0) await pause(REFUSED_AGAIN, signal)
        refused = undefined
      }
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
      if (params.follow && !params.previous && rpc.code === 400 && refusals++ < MOST_REFUSALS) {
        refused = rpc
        continue
      }
      if (!params.follow || !isConnectionError(error)) return fail(stream, rpc)
      first = false
      stream.emit({ type: 'end', reason: 'reconnecting', error: rpc })
      await pause(500, signal)
      await session.whenLive(signal).catch(() => undefined)
    }
  }
}

function fail(stream: StreamContext<'logs'>, error: RpcError): void {
  stream.emit({ type: 'end', reason: 'error', error })
  stream.end()
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
