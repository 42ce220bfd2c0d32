import { computed, watch, type ComputedRef } from 'vue'
import { useI18n } from 'vue-i18n'
import { useRoute } from 'vue-router'
import type { CustomColumn, KindInfo } from '../../../src-main/backend/rpc/contract.js'
import { changeQuery } from '../../app/navigation.js'
import { resourceKey, resourceRef } from '../../app/routes.js'
import type { ClusterSource } from '../../stores/clusters-list.js'
import { useContexts } from '../../stores/contexts.js'
import { useNamespaces } from '../../stores/namespaces.js'

/** The clusters that are in the address beside the one of the page: `with=a&with=b`. */
export function withOf(query: Record<string, unknown>): string[] {
  const q = query.with
  return (Array.isArray(q) ? q : [q]).filter((x): x is string => typeof x === 'string' && x !== '')
}

/** What narrows a list on the servers. */
export interface Selection {
  namespaces: readonly string[]
  labelSelector: string
  fieldSelector: string
  custom: CustomColumn[]
  pods: boolean
  /** Of all workloads: those too that another one controls. */
  controlled: boolean
}

/** The clusters whose objects one list shows. */
export interface ListClusters {
  /** Contexts, that of the page first. */
  all: ComputedRef<string[]>
  sources: ComputedRef<ClusterSource[]>
  /** Shows these clusters beside that of the page. */
  choose(others: readonly string[]): void
  /** The kind as a context has it: groups are the same, versions may differ. */
  kindOf(context: string): KindInfo | undefined
}

/** The clusters of a list: that of the page, and those that the address adds, which are opened if need be. */
export function useListClusters(context: () => string, kind: () => KindInfo, selection: () => Selection): ListClusters {
  const route = useRoute()
  const contexts = useContexts()
  const namespaces = useNamespaces()
  const { t } = useI18n()
  const key = computed(() => resourceKey(kind()))
  const others = computed(() => [...new Set(withOf(route.query))].filter((c) => c !== context() && contexts.get(c) !== undefined))
  const all = computed(() => [context(), ...others.value])
  const kindOf = (c: string) => (c === context() ? kind() : contexts.kind(c, key.value))
  watch(others, (ids) => ids.forEach((id) => void contexts.enter(id, true)), { immediate: true })

  function source(c: string): ClusterSource {
    const one = { context: c, title: contexts.title(c) }
    const found = kindOf(c)
    if (!found) {
      const { error } = contexts.connection(c)
      const reason =
        error ?? (contexts.kinds(c).length > 0 ? { reason: 'NotFound', message: t('list.unknownKind', { kind: key.value }) } : undefined)
      return { ...one, params: null, ...(reason ? { problem: reason } : {}) }
    }
    const { labelSelector, fieldSelector, custom, pods, controlled } = selection()
    const chosen = !found.namespaced ? [] : c === context() ? selection().namespaces : namespaces.beside(c, context())
    return {
      ...one,
      params: {
        context: c,
        resource: resourceRef(found),
        ...(chosen.length ? { namespaces: [...chosen] } : {}),
        ...(labelSelector ? { labelSelector } : {}),
        ...(fieldSelector ? { fieldSelector } : {}),
        ...(custom.length ? { custom } : {}),
        ...(pods ? { pods } : {}),
        ...(controlled ? { controlled } : {}),
      },
    }
  }

  return {
    all,
    sources: computed(() => all.value.map(source)),
    choose: (ids) => void changeQuery((q) => ({ ...q, with: ids.length ? [...ids] : undefined })),
    kindOf,
  }
}
