import { defineStore } from 'pinia'
import { useRoute, useRouter } from 'vue-router'
import { useSettings } from './settings.js'

/** Which namespaces a context's lists show: in the address (`ns=a,b`), else as last chosen. Empty: all. */
export const useNamespaces = defineStore('namespaces', () => {
  const settings = useSettings()
  const route = useRoute()
  const router = useRouter()

  function chosen(context: string): string[] {
    const q = route.query.ns
    if (typeof q === 'string') return q === '*' ? [] : q.split(',').filter(Boolean)
    const last = settings.value.places[context]?.namespaces ?? []
    // Who may not list namespaces has typed theirs once.
    return last.length ? last : (settings.value.clusters?.[context]?.namespaces ?? [])
  }

  function choose(context: string, names: string[]): void {
    settings.set({ places: { ...settings.value.places, [context]: { ...settings.value.places[context], namespaces: names } } })
    void router.replace({ query: { ...route.query, ns: names.length ? names.join(',') : undefined } })
  }

  return { chosen, choose }
})
