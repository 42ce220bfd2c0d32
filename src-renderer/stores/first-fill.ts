/** A panel whose parts come from several places shows them together, so that nothing that is being read moves when the next part comes. */
import {
  hasInjectionContext,
  inject,
  onScopeDispose,
  provide,
  ref,
  shallowReactive,
  watch,
  watchPostEffect,
  type InjectionKey,
  type Ref,
} from 'vue'

/** Longer than this a panel does not wait for its parts, ms: what comes later than that is told to be on its way. */
export const PATIENCE = 400

/** Whether each part of the panel around has what it shows. */
const PARTS: InjectionKey<Set<() => boolean>> = Symbol('parts')

/**
 * Makes what a component contains one panel.
 * @param of what the panel shows; it waits anew when that is another one, and does not while it is empty
 * @returns whether the parts are to be seen
 */
export function useFirstFill(of: () => string): Ref<boolean> {
  const parts = shallowReactive(new Set<() => boolean>())
  provide(PARTS, parts)
  const shown = ref(false)
  let timer: ReturnType<typeof setTimeout> | undefined
  watch(
    of,
    (now) => {
      clearTimeout(timer)
      shown.value = false
      if (now) timer = setTimeout(() => (shown.value = true), PATIENCE)
    },
    { immediate: true },
  )
  // The parts are there, and wait, as soon as what they belong to has been drawn.
  watchPostEffect(() => {
    if (!shown.value && of() && [...parts].every((has) => has())) shown.value = true
  })
  onScopeDispose(() => clearTimeout(timer))
  return shown
}

/** Lets the panel around, if there is one, wait for a part. @param has whether the part has what it shows */
export function joinFirstFill(has: () => boolean): void {
  const parts = hasInjectionContext() ? inject(PARTS, undefined) : undefined
  if (!parts) return
  parts.add(has)
  onScopeDispose(() => parts.delete(has))
}
