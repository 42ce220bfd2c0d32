/** The `logs` stream: one container's log, followed through reconnects, in chunks that a window can keep up with. */
import { isConnectionError, toRpcError } from '../errors.js'
import type { LogParams } from '../rpc/contract.js'
import type { StreamContext } from '../rpc/serve.js'
import { objectPath, query } from '../session/paths.js'
import type { Session } from '../session/session.js'

/** Text is gathered for this long before it is sent, ms: a busy log crosses as a few large events. */
const GATHER = 30
const MAX_CHUNK = 256 * 1024

export async function streamLogs(session: Session, params: LogParams, stream: StreamContext<'logs'>): Promise<void> {
  const path = objectPath({ group: '', version: 'v1', resource: 'pods', namespace: params.namespace, name: params.pod }, 'log')
  let sinceTime: string | undefined
  let first = true
  while (!stream.signal.aborted) {
    try {
      const api = await session.api()
      const began = new Date().toISOString()
      const answer = await api.open(
        path +
          query({
            container: params.container,
            follow: params.follow || undefined,
            previous: params.previous || undefined,
            timestamps: params.timestamps || undefined,
            tailLines: first ? params.tailLines : undefined,
            sinceSeconds: first ? params.sinceSeconds : undefined,
            // After a lost connection: go on from about where it broke, rather than show everything again.
            sinceTime: first ? undefined : sinceTime,
          }),
        { timeout: 0, signal: stream.signal, accept: '*/*' },
      )
      first = false
      const decoder = new TextDecoder()
      let gathered = ''
      let timer: NodeJS.Timeout | undefined
      const flush = (): void => {
        clearTimeout(timer)
        timer = undefined
        if (gathered) stream.emit({ type: 'data', text: gathered })
        gathered = ''
      }
      try {
        for await (const part of answer) {
          sinceTime = new Date().toISOString()
          gathered += decoder.decode(part as Uint8Array, { stream: true })
          if (gathered.length > MAX_CHUNK) {
            flush()
            await stream.drained()
          } else timer ??= setTimeout(flush, GATHER)
        }
      } finally {
        flush()
      }
      sinceTime ??= began
      stream.emit({ type: 'end', reason: 'eof' })
      return stream.end()
    } catch (error) {
      if (stream.signal.aborted) return
      session.report(error)
      const rpc = toRpcError(error)
      if (!params.follow || !isConnectionError(error)) {
        stream.emit({ type: 'end', reason: 'error', error: rpc })
        return stream.end()
      }
      stream.emit({ type: 'end', reason: 'reconnecting', error: rpc })
      await new Promise((resolve) => setTimeout(resolve, 500))
      await session.whenLive(stream.signal).catch(() => undefined)
    }
  }
}
