/** Logs: a plain-text answer that ends with the log, or with `follow` goes on until either side leaves. */
import type { ServerResponse } from 'node:http'
import { pipeline } from 'node:stream/promises'
import type { AnyRequest, AnyResponse, StreamingTarget } from './contract.js'
import { containerOf, logOptions } from './target.js'

/** Writes the log of one container. Rejects with a `StatusError` before anything is sent, never after. */
export async function handleLog(_req: AnyRequest, res: AnyResponse, target: StreamingTarget): Promise<void> {
  const container = containerOf(target.object, target.query)
  const options = logOptions(target.object, target.query)
  const log = await target.kubelet.logs({ namespace: target.namespace, pod: target.pod, container }, options)
  if (res.destroyed) {
    log.destroy()
    return
  }
  const answer = res as ServerResponse
  answer.statusCode = 200
  answer.setHeader('Content-Type', 'text/plain')
  answer.setHeader('Cache-Control', 'no-cache, private')
  // A quiet log that is followed must still show the client that it is open.
  answer.flushHeaders()
  // A log that breaks off, and a client that leaves, both just end the answer.
  await pipeline(log, answer).catch(() => undefined)
}
