/** What the kubelet of a node answers on its port to `nodes/NAME/proxy/…`. */
import type { Pod } from '../object.js'
import type { Store } from '../../store/store.js'

/** One answer of a kubelet's server. */
export interface KubeletAnswer {
  readonly code: number
  readonly type: string
  readonly body: string
}

const text = (code: number, body: string): KubeletAnswer => ({ code, type: 'text/plain; charset=utf-8', body })

/** Answers `/healthz` and `/pods`; anything else is 404 as from Go's server. */
export function kubeletAnswer(store: Store, node: string, method: string, path: string): KubeletAnswer {
  const asked = path.replace(/\/$/, '')
  if (asked === '/healthz' || asked === '/healthz/ping' || asked === '/healthz/syncloop') return text(200, 'ok')
  if (asked === '/pods') {
    if (method !== 'GET' && method !== 'HEAD') return text(405, '405: Method Not Allowed')
    const items = []
    for (const { object } of store.list('/registry/core/pods/').items) {
      if ((object as unknown as Pod).spec?.nodeName === node) items.push({ ...object, kind: undefined, apiVersion: undefined })
    }
    return { code: 200, type: 'application/json', body: JSON.stringify({ kind: 'PodList', apiVersion: 'v1', metadata: {}, items }) }
  }
  return text(404, '404 page not found\n')
}
