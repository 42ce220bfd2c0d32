import { computed, type ComputedRef } from 'vue'
import { resourceRef } from '../app/routes.js'
import { backend } from '../app/rpc.js'
import { useContexts } from '../stores/contexts.js'
import type { DockTab } from '../stores/dock.js'
import { useLiveList } from '../stores/list.js'

/** A pod whose log is read. */
interface LoggedPod {
  namespace: string
  pod: string
}

const PODS = { group: '', version: 'v1', resource: 'pods' }

/** The names of a pod's containers, init containers last: what runs comes first. Throws where the pod cannot be read. */
export async function containersOf(context: string, namespace: string, pod: string): Promise<string[]> {
  const ref = { ...PODS, namespace, name: pod }
  const { spec = {} } = (await backend.call('objects.get', { context, ref })) as { spec?: Record<string, { name: string }[]> }
  return ['containers', 'initContainers', 'ephemeralContainers'].flatMap((k) => (spec[k] ?? []).map((c) => c.name))
}

/**
 * The pods of a tab of logs: the one that it is about with those that were chosen with it, or those of its workload as they come and go.
 * `merged` says that several are read as one.
 */
export function usePodsOfLog(
  context: () => string,
  content: () => Extract<DockTab['content'], { type: 'logs' | 'workload-logs' }>,
): { wantedPods: ComputedRef<LoggedPod[]>; merged: ComputedRef<boolean> } {
  const contexts = useContexts()
  const ofWorkload = useLiveList(() => {
    const c = content()
    const kind = contexts.kind(context(), 'pods')
    if (c.type !== 'workload-logs' || !kind) return null
    return {
      context: context(),
      resource: resourceRef(kind),
      labelSelector: c.labelSelector,
      ...(c.ref.namespace ? { namespaces: [c.ref.namespace] } : {}),
    }
  })
  const wantedPods = computed<LoggedPod[]>(() => {
    const c = content()
    if (c.type === 'workload-logs') return ofWorkload.model.view.value.map((r) => ({ namespace: r.namespace, pod: r.name }))
    return [{ namespace: c.namespace, pod: c.pod }, ...(c.also ?? [])]
  })
  return { wantedPods, merged: computed(() => content().type === 'workload-logs' || wantedPods.value.length > 1) }
}
