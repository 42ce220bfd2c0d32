/** Logs as a kubelet gives them itself, at `/containerLogs/NAMESPACE/POD/CONTAINER` of its port. */
import type { ServerResponse } from 'node:http'
import type { KubeletEndpoint } from '../../kubelet/endpoint.js'
import { StatusError } from '../errors.js'
import type { Pod } from '../object.js'
import type { AnyRequest, AnyResponse } from '../streaming/contract.js'
import { handleLog } from '../streaming/log.js'
import { text, type KubeletAnswer } from './kubelet.js'
import type { KubeletView } from './kubelet-view.js'

const CONTAINER_LOGS = /^\/containerLogs\/([^/]+)\/([^/]+)\/([^/]+)\/?$/

/** Whether a path is of a log. */
export const isContainerLog = (path: string): boolean => CONTAINER_LOGS.test(path)

/**
 * Writes the log of a container of this node to the response. Gives what is to be answered instead, in the kubelet's
 * words, when there is no such container or no log of it.
 */
export async function containerLog(
  view: KubeletView,
  kubelet: KubeletEndpoint | undefined,
  call: { readonly request: AnyRequest; readonly response: AnyResponse; readonly path: string },
): Promise<KubeletAnswer | undefined> {
  const { pathname, searchParams: query } = new URL(call.path, 'https://kubelet')
  const [, namespace = '', name = '', container = ''] = CONTAINER_LOGS.exec(pathname)!.map(decodeURIComponent)
  const object = view.store.get(`/registry/core/pods/${namespace}/${name}`)?.object as Pod | undefined
  if (!kubelet || object?.spec?.nodeName !== view.node) return text(404, `pod ${JSON.stringify(name)} does not exist\n`)
  query.set('container', container)
  try {
    await handleLog(call.request, call.response, { namespace, pod: name, subresource: 'log', query, object, kubelet })
    return undefined
  } catch (error) {
    if (!(error instanceof StatusError) || (call.response as ServerResponse).headersSent) throw error
    const { code, message = '' } = error.status
    if (code === 422) return text(422, '{"message": "Invalid request."}')
    const missing = message.startsWith(`container ${container} is not valid`)
    if (missing) return text(404, `container ${JSON.stringify(container)} not found in pod ${JSON.stringify(name)}\n`)
    return text(400, message)
  }
}
