import { defineStore } from 'pinia'
import { computed, shallowReactive, shallowRef } from 'vue'
import type { ClusterSettings, ConnectionState, ContextSummary, KindInfo, RpcError } from '../../src-main/backend/rpc/contract.js'
import { asRpcError, backend, type StreamHandle } from '../app/rpc.js'
import { releaseKind } from '../app/release-kind.js'
import { resourceKey } from '../app/routes.js'
import { workloadsKind } from '../app/workloads-kind.js'
import { useSettings } from './settings.js'

/** Colours for contexts that were given none; far apart, readable under white initials in both themes. */
export const palette = ['#2f6fdb', '#15803d', '#b45309', '#7c3aed', '#be185d', '#0f766e', '#9f1239', '#4d5b6a']

/** Kinds of the window's own, which no server has. */
const ownKinds = [releaseKind, workloadsKind]

/** What is known of a context that is open. */
interface OpenContext {
  connection: ConnectionState
  kinds: KindInfo[]
  watch: StreamHandle<'connection'>
  kindsWatch: StreamHandle<'kinds'>
}

/** A place of its own on a cluster that is open; a cluster can have several. */
export interface ClusterTab {
  /** The context's id; `#2` and so on after it for the second and further ones. */
  id: string
  context: ContextSummary
  /** From 1, by age. */
  number: number
}

/** The contexts of all kubeconfig files, which of them are open, and how their connections are. */
export const useContexts = defineStore('contexts', () => {
  const settings = useSettings()
  /** Those of the kubeconfig files as they are now. */
  const listed = shallowRef<readonly ContextSummary[]>([])
  /** Open ones that no file has any more: what shows them goes on as long as its connection, and says so. */
  const gone = shallowRef<readonly ContextSummary[]>([])
  const all = computed(() => [...listed.value, ...gone.value.filter((c) => open.has(c.id))])
  const loaded = shallowRef(false)
  const open = shallowReactive(new Map<string, OpenContext>())
  /** The tabs on the rail: those open now or remembered. */
  const tabs = computed<ClusterTab[]>(() =>
    (settings.value.open ?? []).flatMap((id) => {
      const context = get(contextOf(id))
      return context ? [{ id, context, number: Number(id.slice(context.id.length + 1)) || 1 }] : []
    }),
  )
  /** Contexts on the rail. */
  const rail = computed(() => [...new Set(tabs.value.map((tab) => tab.context))])
  /** The tab that is in front. A page that is loaded again is the tab that it was. */
  const front = shallowRef(String((history.state as { tab?: string } | null)?.tab ?? ''))
  const opened = () => settings.value.open ?? []

  /** The context that a tab is on. */
  function contextOf(tab: string): string {
    return get(tab) ? tab : tab.replace(/#\d+$/, '')
  }

  /** The tab that shows a context: the one in front when it is on it, else its first. */
  function tabOf(context: string): string {
    if (front.value && contextOf(front.value) === context) return front.value
    return opened().find((tab) => contextOf(tab) === context) ?? context
  }

  /** Opens another tab on a context that is open; gives its id. */
  function addTab(context: string): string {
    let number = 2
    while (opened().includes(`${context}#${number}`)) number++
    const tab = opened().includes(context) ? `${context}#${number}` : context
    const last = opened()
      .map((other) => contextOf(other))
      .lastIndexOf(context)
    settings.set({ open: [...opened().slice(0, last + 1), tab, ...opened().slice(last + 1)] })
    return tab
  }

  /** Closes a tab; the last one of a context closes its connection too. */
  async function closeTab(tab: string): Promise<void> {
    const context = contextOf(tab)
    if (front.value === tab) front.value = ''
    settings.set({ open: opened().filter((other) => other !== tab) })
    if (!opened().some((other) => contextOf(other) === context)) await leave(context)
  }

  /** Takes what the files have now; open contexts that they have no more stay, with the reason. */
  function lose(before: readonly ContextSummary[], now: readonly ContextSummary[]): void {
    const has = new Set(now.map((c) => c.id))
    gone.value = before
      .filter((c) => !has.has(c.id) && open.has(c.id) && !c.embedded)
      .map((c) => ({ ...c, problem: now.find((x) => x.id === c.source)?.problem ?? goneFrom(c) }))
    listed.value = now
  }

  function load(): Promise<void> {
    return new Promise((resolve) => {
      backend.open('contexts', {}, (list) => {
        lose(all.value, list)
        loaded.value = true
        resolve()
      })
    })
  }

  function get(id: string): ContextSummary | undefined {
    return all.value.find((c) => c.id === id)
  }

  function connection(id: string): ConnectionState {
    return open.get(id)?.connection ?? { context: id, phase: 'idle', since: 0 }
  }

  function kinds(id: string): KindInfo[] {
    return open.get(id)?.kinds ?? []
  }

  function kind(id: string, key: string): KindInfo | undefined {
    return [...kinds(id), ...ownKinds].find((k) => resourceKey(k) === key)
  }

  function update(id: string, change: Partial<OpenContext>): void {
    const o = open.get(id)
    if (o) open.set(id, { ...o, ...change })
  }

  /** Opens a context: connects and learns its kinds. Does nothing when it is open. `beside`: the one in front stays the last one used. */
  async function enter(id: string, beside = false): Promise<void> {
    const has = opened().some((tab) => contextOf(tab) === id)
    settings.set({ ...(has ? {} : { open: [...opened(), id] }), ...(beside ? {} : { lastContext: id }) })
    if (open.has(id)) return
    const watch = backend.open('connection', { context: id }, (connection) => {
      const before = open.get(id)?.connection.phase
      update(id, { connection })
      // A server that came back may have other kinds than before; one that failed at first has none yet.
      if (connection.phase === 'live' && before !== 'live')
        learnKinds(id).catch((e: unknown) => update(id, { connection: { ...connection, error: asRpcError(e) } }))
    })
    const kindsWatch = backend.open('kinds', { context: id }, (now) => setKinds(id, now))
    open.set(id, { connection: { context: id, phase: 'connecting', since: Date.now() }, kinds: [], watch, kindsWatch })
    await connect(id)
  }

  /** Connects, or tries again now. What goes wrong is in the connection's state. */
  async function connect(id: string): Promise<void> {
    try {
      const connection = await backend.call('contexts.connect', { context: id })
      update(id, { connection })
      if (kinds(id).length === 0) await learnKinds(id)
    } catch (e) {
      const error = asRpcError(e)
      const known = open.get(id)?.connection
      if (known?.phase !== 'failed') update(id, { connection: { context: id, phase: 'failed', since: Date.now(), error } })
    }
  }

  /** Reads of kinds under way: whoever asks meanwhile waits for the same. */
  const learning = new Map<string, Promise<void>>()

  function learnKinds(id: string): Promise<void> {
    const known = learning.get(id)
    if (known) return known
    const read = readKinds(id).finally(() => learning.delete(id))
    learning.set(id, read)
    return read
  }

  async function readKinds(id: string): Promise<void> {
    const kindsNow = await backend.call('kinds.list', { context: id })
    setKinds(id, kindsNow)
  }

  /** Nothing that hangs on the kinds begins anew while they are the same. */
  function setKinds(id: string, now: readonly KindInfo[]): void {
    const kindsNow = listable(now)
    if (JSON.stringify(kindsNow) !== JSON.stringify(kinds(id))) update(id, { kinds: kindsNow })
  }

  /** Closes a context and takes its tabs off the rail. */
  async function leave(id: string): Promise<void> {
    open.get(id)?.watch.close()
    open.get(id)?.kindsWatch.close()
    open.delete(id)
    settings.set({ open: opened().filter((tab) => contextOf(tab) !== id) })
    await backend.call('contexts.disconnect', { context: id })
  }

  function colour(id: string): string {
    const chosen = settings.value.clusters?.[id]?.colour
    if (chosen) return chosen
    if (id === 'drydock') return palette[0]!
    let h = 0
    for (let i = 0; i < id.length; i++) h = (h * 31 + id.charCodeAt(i)) | 0
    // The first is that of the cluster which the app brings.
    return palette[1 + (Math.abs(h) % (palette.length - 1))]!
  }

  /** What a context is called: the name that a person gave it, or its own. */
  function title(id: string): string {
    return settings.value.clusters?.[id]?.title ?? get(id)?.name ?? id
  }

  const railLetters = computed(() => initialsOf(rail.value.map((c) => title(c.id))))
  /** Two letters that stand for a context, on the rail others than those of its neighbours where the names allow it. */
  function letters(id: string): string {
    const name = title(id)
    return railLetters.value.get(name) ?? initials(name)
  }

  /** Changes what a person chose for a context; undefined takes a choice back. */
  function choose(id: string, change: { [K in keyof ClusterSettings]?: ClusterSettings[K] | undefined }): void {
    const next = { ...settings.value.clusters?.[id], ...change }
    const kept = Object.fromEntries(Object.entries(next).filter(([, v]) => v !== undefined && v !== '' && v !== false))
    settings.set({ clusters: { ...settings.value.clusters, [id]: kept } })
    // What comes next to this cluster is already under its proxy and its protection.
    void settings.save()
  }

  return {
    title,
    letters,
    choose,
    all,
    loaded,
    open,
    rail,
    tabs,
    front,
    contextOf,
    tabOf,
    addTab,
    closeTab,
    load,
    get,
    connection,
    kinds,
    kind,
    enter,
    connect,
    leave,
    colour,
  }
})

/** What is told of a context that its file has no more. */
const goneFrom = ({ name, source }: ContextSummary): RpcError => ({
  reason: 'NotFound',
  message: `There is no context "${name}" in ${source} any more.`,
  sentence: { code: 'contextGone', values: { context: name, file: source } },
})

/** Kinds that cannot be listed (bindings, reviews) have no place in a window. */
const listable = (kinds: readonly KindInfo[]): KindInfo[] => kinds.filter((k) => k.verbs.includes('list'))

/** The name that a cluster has with its provider: the last part of an ARN of EKS, of `gke_PROJECT_ZONE_NAME`, and of `USER@NAME`. */
const ownName = (name: string): string => /[^/@]+$/.exec(name.replace(/^gke_[^_]+_[^_]+_/, ''))?.[0] ?? name

/** Two letters that stand for a context: `kind-staging` → `KS`, `drydock` → `DR`, `edge-041` → `E1`. */
export function initials(name: string): string {
  return pairsOf(name)[0]!
}

/**
 * Two letters for each of several contexts, different ones where the names allow it: beside `prod-east` (`PE`), `prod-europe` is `PU`.
 * A name that stands there twice has the same letters twice; earlier names choose first.
 */
export function initialsOf(names: readonly string[]): Map<string, string> {
  const chosen = new Map<string, string>()
  const taken = new Set<string>()
  for (const name of names) {
    if (chosen.has(name)) continue
    const pairs = pairsOf(name)
    const text = pairs.find((pair) => !taken.has(pair)) ?? pairs[0]!
    chosen.set(name, text)
    taken.add(text)
  }
  return chosen
}

/** What may stand for a name, the best first: of its first word and its last, then with the letters in which such names differ. */
function pairsOf(name: string): string[] {
  const words = ownName(name)
    .split(/[^\p{L}\p{N}]+/u)
    .filter(Boolean)
    .map((word) => [...word.toUpperCase()])
  const [head = ['?']] = words
  const last = words.length > 1 ? words.at(-1)! : head.slice(1)
  // Numbers differ at their end, and so do names that end in one.
  const ends = last.every((c) => /\d/.test(c)) ? [...last].reverse() : last
  const middles = words.slice(1, -1)
  const seconds = [...ends.slice(0, 1), ...middles.map((word) => word[0]!), ...ends, ...middles.flat(), ...head.slice(1)]
  const firsts = [head[0]!, ...words.slice(1).map((word) => word[0]!)]
  return [...new Set(firsts.flatMap((a) => (seconds.length ? seconds.map((b) => a + b) : [a])))]
}
