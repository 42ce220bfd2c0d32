import type { KubeObject } from '../../stores/object.js'
import { conditionTone } from './condition-tone.js'
import type { TableLine } from './table-line.js'

/** What is read of a Gateway's or route's fields; every one may be missing. */
interface Condition {
  type: string
  status: string
  reason?: string
  message?: string
}
interface Reference {
  group?: string
  kind?: string
  name: string
  namespace?: string
  port?: number
  weight?: number
  sectionName?: string
}
interface Listener {
  name: string
  protocol: string
  port: number
  hostname?: string
  tls?: { mode?: string; certificateRefs?: Reference[] }
}
interface Match {
  path?: { type?: string; value?: string }
  method?: string | { service?: string; method?: string }
  headers?: { name: string; value: string; type?: string }[]
  queryParams?: { name: string; value: string }[]
}
interface Rule {
  matches?: Match[]
  backendRefs?: Reference[]
  filters?: { type: string; requestRedirect?: { scheme?: string; hostname?: string; port?: number; path?: { replaceFullPath?: string } } }[]
}

/** What a route or listener is called in the words that are shown. */
export interface GatewayWords {
  everything: string
  redirect: string
  unread: string
  /** `9 (90%)` */
  share(weight: number, percent: number): string
}

/** A reference as a table shows it; a group that is left out is what the field defaults to. */
function linkTo(r: Reference, kind: string, group: string, namespace: string): TableLine[number] {
  const [k, g] = [r.kind ?? kind, r.group ?? group]
  // Versions do not matter for the way to an object.
  return { apiVersion: g ? `${g}/v1` : 'v1', kind: k, name: r.name, namespace: r.namespace ?? namespace }
}

/** The first condition that is not well, else the first of those that are told; `unread` where there are none. */
function stateOf(conditions: readonly Condition[] | undefined, unread: string): TableLine[number] {
  const all = conditions ?? []
  const wrong = all.find((c) => conditionTone(c) === 'bad') ?? all.find((c) => conditionTone(c) !== 'ok')
  const c = wrong ?? all.find((x) => x.type === 'Accepted') ?? all[0]
  if (!c) return { text: unread, tone: 'off' }
  const tone = conditionTone(c)
  return { text: tone === 'ok' ? c.type : [c.reason || `${c.type}=${c.status}`, c.message].filter(Boolean).join(': '), tone }
}

/** Each listener of a Gateway: its name, where it listens and for which host, its certificates, how many routes it has, and how it is. */
export function listenerLines(gateway: KubeObject, words: Pick<GatewayWords, 'unread'>): TableLine[] {
  const told = (gateway.status?.listeners ?? []) as { name: string; attachedRoutes?: number; conditions?: Condition[] }[]
  return ((gateway.spec?.listeners ?? []) as Listener[]).map((l) => {
    const status = told.find((s) => s.name === l.name)
    const certificates = (l.tls?.certificateRefs ?? []).map((r) => r.name).join(', ')
    return [
      l.name,
      `${l.protocol}:${l.port}`,
      l.hostname ?? '*',
      certificates || l.tls?.mode || '–',
      String(status?.attachedRoutes ?? 0),
      stateOf(status?.conditions, words.unread),
    ]
  })
}

/** Each parent of a route, and how it was taken up there. */
export function parentLines(route: KubeObject, words: Pick<GatewayWords, 'unread'>): TableLine[] {
  const namespace = route.metadata.namespace ?? ''
  const told = (route.status?.parents ?? []) as { parentRef: Reference; conditions?: Condition[] }[]
  const same = (a: Reference, b: Reference) =>
    a.name === b.name && (a.namespace ?? namespace) === (b.namespace ?? namespace) && a.sectionName === b.sectionName && a.port === b.port
  return ((route.spec?.parentRefs ?? []) as Reference[]).map((p) => [
    linkTo(p, 'Gateway', 'gateway.networking.k8s.io', namespace),
    p.sectionName ?? (p.port === undefined ? '–' : String(p.port)),
    stateOf(
      told.filter((s) => same(s.parentRef, p)).flatMap((s) => s.conditions ?? []),
      words.unread,
    ),
  ])
}

/** `GET /shop (Exact), header x-beta=1` */
function matchText(m: Match): string {
  const path = m.path?.value ? `${m.path.value}${m.path.type && m.path.type !== 'PathPrefix' ? ` (${m.path.type})` : ''}` : ''
  const method = typeof m.method === 'string' ? m.method : [m.method?.service, m.method?.method].filter(Boolean).join('/')
  const pairs = (list: { name: string; value: string }[] | undefined, word: string) =>
    (list ?? []).map((h) => `${word} ${h.name}=${h.value}`)
  const where = [method, path].filter(Boolean).join(' ')
  return [...(where ? [where] : []), ...pairs(m.headers, 'header'), ...pairs(m.queryParams, 'query')].join(', ')
}

function redirectText(rule: Rule, word: string): string {
  const to = (rule.filters ?? []).find((f) => f.type === 'RequestRedirect')?.requestRedirect
  if (!to) return '–'
  const address = [to.scheme && `${to.scheme}://`, to.hostname, to.port && `:${to.port}`, to.path?.replaceFullPath].filter(Boolean).join('')
  return address ? `${word} ${address}` : word
}

/** Each backend of each rule: what the rule is for, the backend, its port and its weight among those of the rule. */
export function ruleLines(route: KubeObject, words: Pick<GatewayWords, 'everything' | 'redirect' | 'share'>): TableLine[] {
  const namespace = route.metadata.namespace ?? ''
  return ((route.spec?.rules ?? []) as Rule[]).flatMap((rule): TableLine[] => {
    const match = (rule.matches ?? []).map(matchText).filter(Boolean).join('; ') || words.everything
    const backends = rule.backendRefs ?? []
    if (backends.length === 0) return [[match, redirectText(rule, words.redirect), '', '']]
    const total = backends.reduce((n, b) => n + (b.weight ?? 1), 0)
    return backends.map((b, i) => {
      const weight = b.weight ?? 1
      const percent = total ? Math.round((weight / total) * 100) : 0
      return [
        i === 0 ? match : '',
        linkTo(b, 'Service', '', namespace),
        b.port === undefined ? '–' : String(b.port),
        backends.length > 1 ? words.share(weight, percent) : '',
      ]
    })
  })
}

/** Whether a route names a Gateway as its parent. */
export function isAttached(route: KubeObject, gateway: { name: string; namespace: string }): boolean {
  return ((route.spec?.parentRefs ?? []) as Reference[]).some(
    (p) =>
      (p.kind ?? 'Gateway') === 'Gateway' && p.name === gateway.name && (p.namespace ?? route.metadata.namespace) === gateway.namespace,
  )
}
