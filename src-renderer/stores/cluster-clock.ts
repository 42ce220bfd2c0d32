import { onScopeDispose, watch } from 'vue'
import { clusterClock } from '../components/time.js'
import { useContexts } from './contexts.js'
import { useObjects } from './objects.js'

/** Clocks that are this close to the machine's are the machine's, ms: what is left is the time that reading takes. */
const SAME = 1500

/** Follows the clock of a cluster that has one of its own, for the ages of its objects. */
export function useClusterClock(context: () => string): void {
  const contexts = useContexts()
  const clocks = useObjects(() =>
    contexts.kind(context(), 'clocks.drydock.dev') ? { context: context(), key: 'clocks.drydock.dev' } : null,
  )
  watch(
    () => clocks.items.value?.[0],
    (clock) => {
      const at = Date.now()
      const time = Date.parse(clock?.status?.time ?? '')
      const speed = Number(clock?.spec?.speed ?? 1)
      const own = Number.isFinite(time) && (speed !== 1 || Math.abs(time - at) > SAME)
      clusterClock.value = own ? { at, time, speed } : null
    },
    { immediate: true },
  )
  onScopeDispose(() => (clusterClock.value = null))
}
