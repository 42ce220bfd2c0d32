/** agnhost audit-proxy: takes the audit events that an API server sends, and prints them. https://kubernetes.io/docs/tasks/debug/debug-cluster/audit/ */
import type { Process } from '../../process.js'
import { goLogTime } from '../http-echo/family.js'
import { isAddressInUse, readBody, serveInProcess, untilTerminated } from '../server-process.js'

const VERSION = 'audit.k8s.io/v1'

/** The events of an EventList; undefined when the text is none. */
function eventsOf(text: string): object[] | undefined {
  try {
    const list = JSON.parse(text) as { apiVersion?: string; kind?: string; items?: object[] | null }
    if (list.apiVersion !== VERSION || list.kind !== 'EventList') return undefined
    return list.items ?? []
  } catch {
    return undefined
  }
}

/** Listens on port 8080, at any path, and prints each event as a line of JSON. */
export async function auditProxy(process: Process): Promise<number> {
  const say = (text: string): Promise<void> => process.writeError(`${goLogTime(process)} ${text}\n`)
  process.setMemory(12 * 1024 * 1024)
  try {
    serveInProcess(process, 8080, async (req, res) => {
      await process.compute(0.1)
      const body = await readBody(req)
      const events = eventsOf(body)
      if (!events) {
        const bits = [...Buffer.from(body)].map((byte) => byte.toString(2)).join(' ')
        await say(`failed decoding buf: [${bits}], apiVersion: ${VERSION}`)
        return void res.writeHead(500).end()
      }
      for (const event of events) await process.write(`${JSON.stringify({ kind: 'Event', apiVersion: VERSION, ...event })}\n`)
      res.end()
    })
  } catch (error) {
    if (!isAddressInUse(error)) throw error
    await say('listen tcp :8080: bind: address already in use')
    return 1
  }
  return untilTerminated(process)
}
