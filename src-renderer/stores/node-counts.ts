import { onScopeDispose, shallowReactive, watch } from 'vue'
import { backend, type StreamHandle } from '../app/rpc.js'
import { resourceRef } from '../app/routes.js'
import { useContexts } from './contexts.js'

/** How many nodes each open cluster has, live; null where its user may not list them. */
export function useNodeCounts(): ReadonlyMap<string, number | null> {
  const contexts = useContexts()
  const counts = shallowReactive(new Map<string, number | null>())
  const streams = new Map<string, StreamHandle<'counts'>>()
  const close = (context: string): void => {
    streams.get(context)?.close()
    streams.delete(context)
    counts.delete(context)
  }
  watch(
    () => [...contexts.open.keys()].filter((id) => contexts.kind(id, 'nodes')).join('\n'),
    (text) => {
      const wanted = new Set(text ? text.split('\n') : [])
      for (const context of streams.keys()) if (!wanted.has(context)) close(context)
      for (const context of wanted) {
        if (streams.has(context)) continue
        const resources = [resourceRef(contexts.kind(context, 'nodes')!)]
        streams.set(
          context,
          backend.open('counts', { context, resources }, (c) => void counts.set(context, c['/nodes'] ?? null)),
        )
      }
    },
    { immediate: true },
  )
  onScopeDispose(() => [...streams.keys()].forEach(close))
  return counts
}
