import { effectScope, onScopeDispose, watch, type EffectScope } from 'vue'
import { clusterClock, clusterJump, otherClocks, type ClockJump, type ClockReading } from '../components/time.js'
import { useContexts } from './contexts.js'
import type { KubeObject } from './object.js'
import { AGAIN, useObjects } from './objects.js'

/** Clocks that are this close to the machine's are the machine's, ms: what is left is the time that reading takes. */
const SAME = 1500

/** How often a clock is read while it is moved ahead, ms. */
const AGAIN_IN_JUMP = 500

const timeOf = (clock: KubeObject | undefined): number => Date.parse(clock?.status?.time ?? '')
const goalOf = (clock: KubeObject | undefined): number => Date.parse(String(clock?.spec?.jumpTo ?? ''))
const startOf = (clock: KubeObject | undefined): number => Date.parse(clock?.status?.jumpFrom ?? '')
const isJumping = (clock: KubeObject | undefined): boolean => goalOf(clock) > timeOf(clock)

/**
 * Tells what the clock of a context says, again whenever it has been read; null where it is the machine's. And the way ahead that it is
 * on; null when it is on none.
 * @returns reads it now
 */
function followClock(context: () => string, tell: (reading: ClockReading | null, jump: ClockJump | null) => void): () => void {
  const contexts = useContexts()
  const clocks = useObjects(
    () => (contexts.kind(context(), 'clocks.drydock.dev') ? { context: context(), key: 'clocks.drydock.dev' } : null),
    (items) => (isJumping(items?.[0]) ? AGAIN_IN_JUMP : AGAIN),
  )
  watch(
    () => clocks.items.value?.[0],
    (clock) => {
      const at = Date.now()
      const time = timeOf(clock)
      const speed = Number(clock?.spec?.speed ?? 1)
      const own = Number.isFinite(time) && (speed !== 1 || Math.abs(time - at) > SAME)
      const from = startOf(clock)
      const jump = isJumping(clock) && from <= time ? { from, to: goalOf(clock), time } : null
      tell(own ? { at, time, speed } : null, jump)
    },
    { immediate: true },
  )
  return clocks.refresh
}

let readNow = (): void => {}

/** Reads the clock of the cluster in sight, after a change. */
export const readClusterClock = (): void => readNow()

/** Follows the clock of a cluster that has one of its own, for the ages of its objects. */
export function useClusterClock(context: () => string): void {
  const tell = (reading: ClockReading | null, jump: ClockJump | null): void => {
    clusterClock.value = reading
    clusterJump.value = jump
  }
  readNow = followClock(context, tell)
  onScopeDispose(() => {
    tell(null, null)
    readNow = () => {}
  })
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
