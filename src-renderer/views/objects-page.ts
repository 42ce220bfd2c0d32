import { computed, type ComputedRef } from 'vue'
import { useRoute } from 'vue-router'
import { changeQuery } from '../app/navigation.js'
import { useNamespaces } from '../stores/namespaces.js'

/** A page on the objects of the chosen namespaces: whose they are, and what of them is looked for, as in the address. */
export function useObjectsPage(): {
  context: ComputedRef<string>
  /** The chosen namespaces; none for all. */
  chosen: ComputedRef<string[]>
  /** What a backend call on those objects takes. */
  params: () => { context: string; namespaces?: string[] }
  /** The text that is searched for, in small letters; empty for none. */
  word: ComputedRef<string>
  /** Changes the address in some parts. */
  query: (change: Record<string, string | undefined>) => void
} {
  const route = useRoute()
  const namespaces = useNamespaces()
  const context = computed(() => String(route.params.context))
  const chosen = computed(() => namespaces.chosen(context.value))
  return {
    context,
    chosen,
    params: () => ({ context: context.value, ...(chosen.value.length ? { namespaces: chosen.value } : {}) }),
    word: computed(() =>
      String(route.query.q ?? '')
        .trim()
        .toLowerCase(),
    ),
    query: (change) => void changeQuery((q) => ({ ...q, ...change })),
  }
}
