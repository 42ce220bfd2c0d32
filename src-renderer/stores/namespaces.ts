import { defineStore } from 'pinia'
import { useRoute } from 'vue-router'
import { changeQuery } from '../app/navigation.js'
import { resourceRef } from '../app/routes.js'
import { useAccess } from './access.js'
import { useContexts } from './contexts.js'
import { useSettings } from './settings.js'

/** As many as there are keys. */
const MOST_RECENT = 9

/** Which namespaces a context's lists show: in the address (`ns=a,b`), else as last chosen. Empty: all. */
export const useNamespaces = defineStore('namespaces', () => {
  const settings = useSettings()
  const route = useRoute()
  const contexts = useContexts()
  const access = useAccess()

  /** The namespace of the kubeconfig, for who may list pods there and not everywhere: all namespaces would be nothing but a refusal. */
  function home(context: string): string | undefined {
    const namespace = contexts.get(context)?.namespace
    const kind = contexts.connection(context)?.phase === 'live' ? contexts.kind(context, 'pods') : undefined
    if (!namespace || !kind) return undefined
    const ref = { ...resourceRef(kind), name: '' }
    const everywhere = access.check({ context, kind, ref }, { verb: 'list' })
    const there = access.check({ context, kind, ref: { ...ref, namespace } }, { verb: 'list' })
    return everywhere?.allowed === false && there?.allowed ? namespace : undefined
  }

  /** What a cluster's lists begin with where nobody has chosen: the namespaces that were typed for it, else {@link home}. */
  function first(context: string): string[] {
    const typed = settings.value.clusters?.[context]?.namespaces ?? []
    if (typed.length) return typed
    const own = home(context)
    return own ? [own] : []
  }

  function chosen(context: string): string[] {
    const q = route.query.ns
    if (typeof q === 'string') return q === '*' ? [] : q.split(',').filter(Boolean)
    const last = settings.value.places[context]?.namespaces ?? []
    // Who may not list namespaces has typed theirs once.
    return last.length ? last : first(context)
  }

  /** Which namespaces of a cluster a list shows that is on another one's page: those in the address, else those that it begins with. */
  function beside(context: string, page: string): string[] {
    const shown = chosen(page)
    // What the page's cluster begins with is what its user may list; it says nothing of this one.
    return shown.length === 0 || (route.query.ns === undefined && shown.join() === first(page).join()) ? first(context) : shown
  }

  function choose(context: string, names: string[]): void {
    settings.set({
      places: { ...settings.value.places, [context]: { ...settings.value.places[context], namespaces: names } },
      ...(names.length === 1
        ? { recentNamespaces: { ...settings.value.recentNamespaces, [context]: remembered(context, names[0]!) } }
        : {}),
    })
    // Who wants to see all namespaces, of which the cluster shows only some from the start, says so.
    const all = first(context).length ? '*' : undefined
    void changeQuery((q) => ({ ...q, ns: names.length ? names.join(',') : all }), { onward: true })
  }

  const recent = (context: string): string[] => settings.value.recentNamespaces?.[context] ?? []
  /** A name that is new comes last, so that the others keep their numbers; the oldest goes. */
  const remembered = (context: string, name: string): string[] => {
    const before = recent(context)
    return before.includes(name) ? before : [...before, name].slice(-MOST_RECENT)
  }

  /** Shows all namespaces (0), or the nth recent one; false when there are not that many. */
  function chooseRecent(context: string, n: number): boolean {
    const name = recent(context)[n - 1]
    if (n > 0 && name === undefined) return false
    choose(context, name === undefined ? [] : [name])
    return true
  }

  /** Namespaces that a person who may not list all of them is likely to see: those that were typed, the kubeconfig's own, the recent ones. */
  function likely(context: string, own: string | undefined): string[] {
    return [...new Set([...(settings.value.clusters?.[context]?.namespaces ?? []), ...(own ? [own] : []), ...recent(context)])]
  }

  return { chosen, beside, choose, recent, chooseRecent, likely }
})
