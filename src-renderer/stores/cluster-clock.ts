import { effectScope, onScopeDispose, watch, type EffectScope } from 'vue'
import { clusterClock, otherClocks, type ClockReading } from '../components/time.js'
import { useContexts } from './contexts.js'
import { useObjects } from './objects.js'

/** Clocks that are this close to the machine's are the machine's, ms: what is left is the time that reading takes. */
const SAME = 1500

/** Tells what the clock of a context says, again whenever it has been read; null where it is the machine's. */
function followClock(context: () => string, tell: (reading: ClockReading | null) => void): void {
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
      tell(own ? { at, time, speed } : null)
    },
    { immediate: true },
  )
}

/** Follows the clock of a cluster that has one of its own, for the ages of its objects. */
export function useClusterClock(context: () => string): void {
  followClock(context, (reading) => (clusterClock.value = reading))
  onScopeDispose(() => (clusterClock.value = null))
}

/** Follows the clocks of clusters that are shown beside the one in sight. */
export function useOtherClocks(contexts: () => readonly string[]): void {
  const scopes = new Map<string, EffectScope>()
  const drop = (context: string): void => {
    scopes.get(context)?.stop()
    scopes.delete(context)
    otherClocks.delete(context)
  }
  watch(
    () => contexts().join('\n'),
    () => {
      const wanted = new Set(contexts())
      for (const context of scopes.keys()) if (!wanted.has(context)) drop(context)
      for (const context of wanted) {
        if (scopes.has(context)) continue
        const scope = effectScope(true)
        scopes.set(context, scope)
        const tell = (reading: ClockReading | null) => (reading ? otherClocks.set(context, reading) : otherClocks.delete(context))
        scope.run(() => followClock(() => context, tell))
      }
    },
    { immediate: true },
  )
  onScopeDispose(() => [...scopes.keys()].forEach(drop))
}
