/** What is amiss with objects, from the objects themselves and how they hang together. */
import type { Json } from '../kinds/kind.js'
import { relate, type Listed } from '../relations/relate.js'
import { matches } from '../relations/selector.js'
import { stateOf } from '../relations/state.js'
import type { CheckRule, CheckSeverity, Finding, KindInfo } from '../rpc/contract.js'
import { resourceKey } from '../session/paths.js'
import { templateFindings } from './template.js'

const SEVERITIES: Record<CheckRule, CheckSeverity> = {
  podFailing: 'bad',
  missingReference: 'bad',
  missingBackend: 'bad',
  missingTarget: 'bad',
  serviceNoPods: 'warn',
  serviceNoneReady: 'bad',
  servicePort: 'bad',
  claimPending: 'warn',
  jobFailed: 'bad',
  scalerInactive: 'warn',
  restarts: 'warn',
  budgetBlocks: 'warn',
  noReadinessProbe: 'warn',
  imageLatest: 'warn',
  privileged: 'warn',
  hostAccess: 'info',
  noRequests: 'warn',
  noMemoryLimit: 'info',
  nakedPod: 'info',
  unused: 'info',
  // As grave as what is in the image.
  vulnerable: 'bad',
}
const ORDER: readonly CheckSeverity[] = ['bad', 'warn', 'info']

/** As many restarts of a container are no accident any more. */
const MANY_RESTARTS = 5

/** What somebody else than a person keeps there, or what is used by what cannot be seen here. */
const KEPT_BY_OTHERS =
  /^(kube-root-ca\.crt|sh\.helm\.release\.|default-token-|bootstrap-token-|istio-ca-|extension-apiserver-authentication)/

/**
 * What is amiss, in no order.
 * @param kinds all kinds of the cluster
 */
export function check(lists: readonly Listed[], kinds: readonly KindInfo[]): Finding[] {
  const findings: Finding[] = []
  const graph = relate(lists, kinds)
  const objects = new Map(graph.objects.map((o) => [o.id, o]))
  const found = (rule: CheckRule, kind: KindInfo, object: Json, values: Record<string, string> = {}): void => {
    const { name, namespace } = object.metadata ?? {}
    const { group, version, resource } = kind
    const ref = { group, version, resource, name: String(name), ...(kind.namespaced && namespace ? { namespace: String(namespace) } : {}) }
    findings.push({ rule, severity: SEVERITIES[rule], kind, ref, values })
  }
  const listOf = (key: string): Listed | undefined => lists.find((l) => resourceKey(l.kind) === key)
  const each = (key: string, look: (object: Json, kind: KindInfo) => void): void => {
    const list = listOf(key)
    for (const object of list?.objects ?? []) look(object, list!.kind)
  }
  const pods = listOf('pods')?.objects ?? []
  const podsOf = (o: Json, selector: Json): Json[] =>
    pods.filter((p) => p.metadata?.namespace === o.metadata?.namespace && matches(selector, p.metadata?.labels))

  // What refers to something that is not there.
  const missingRules = { uses: 'missingReference', routes: 'missingBackend', scales: 'missingTarget' } as const
  for (const { from, to, type } of graph.relations) {
    const [user, what] = [objects.get(from), objects.get(to)]
    if (!user || !what?.missing || !(type in missingRules)) continue
    found(
      missingRules[type as keyof typeof missingRules],
      user.kind,
      { metadata: user.ref },
      { what: `${what.kind.kind} ${what.ref.name}` },
    )
  }

  each('services', (o, kind) => {
    const { selector, type, ports = [] } = o.spec ?? {}
    if (!selector || Object.keys(selector).length === 0 || type === 'ExternalName') return
    const selected = podsOf(o, selector).filter((p) => !/^(Succeeded|Failed)$/.test(p.status?.phase ?? ''))
    if (!listOf('pods')?.whole) return
    if (selected.length === 0) return found('serviceNoPods', kind, o)
    const ready = selected.some((p) => (p.status?.conditions ?? []).some((c: Json) => c.type === 'Ready' && c.status === 'True'))
    if (!ready && !o.spec.publishNotReadyAddresses) found('serviceNoneReady', kind, o, { n: String(selected.length) })
    const named = new Set(
      selected.flatMap((p) => (p.spec?.containers ?? []).flatMap((c: Json) => (c.ports ?? []).map((x: Json) => x.name))),
    )
    for (const port of ports)
      if (typeof port.targetPort === 'string' && !/^\d+$/.test(port.targetPort) && !named.has(port.targetPort))
        found('servicePort', kind, o, { port: port.targetPort })
  })
  each('persistentvolumeclaims', (o, kind) => {
    if (o.status?.phase === 'Pending') found('claimPending', kind, o)
  })
  each('jobs.batch', (o, kind) => {
    const failed = (o.status?.conditions ?? []).find((c: Json) => c.type === 'Failed' && c.status === 'True')
    if (failed) found('jobFailed', kind, o, { why: failed.message || failed.reason || '' })
  })
  each('horizontalpodautoscalers.autoscaling', (o, kind) => {
    const idle = (o.status?.conditions ?? []).find(
      (c: Json) => /^(ScalingActive|AbleToScale)$/.test(c.type) && c.status === 'False' && c.reason !== 'ScalingDisabled',
    )
    if (idle) found('scalerInactive', kind, o, { why: idle.message || idle.reason || '' })
  })
  each('poddisruptionbudgets.policy', (o, kind) => {
    const { disruptionsAllowed, expectedPods = 0 } = o.status ?? {}
    if (disruptionsAllowed === 0 && expectedPods > 0) found('budgetBlocks', kind, o, { n: String(expectedPods) })
  })
  each('pods', (o, kind) => {
    const { status, tone } = stateOf(kind, o)
    if (tone === 'bad' && o.status?.phase !== 'Succeeded') found('podFailing', kind, o, { status })
    const restarted = (o.status?.containerStatuses ?? []).find((c: Json) => (c.restartCount ?? 0) >= MANY_RESTARTS)
    if (restarted) found('restarts', kind, o, { n: String(restarted.restartCount), containers: restarted.name })
    const owned = (o.metadata?.ownerReferences ?? []).length > 0
    // The kubelet's own, made of files of its node.
    if (!owned && !o.metadata?.annotations?.['kubernetes.io/config.mirror']) found('nakedPod', kind, o)
  })

  const services = listOf('services')?.objects ?? []
  const isServed = (o: Json, labels: Json): boolean =>
    services.some(
      (s) =>
        s.metadata?.namespace === o.metadata?.namespace &&
        Object.keys(s.spec?.selector ?? {}).length > 0 &&
        matches(s.spec.selector, labels),
    )
  for (const { kind, objects: all } of lists)
    for (const o of all) {
      if (o.metadata?.annotations?.['kubernetes.io/config.mirror'] || (o.metadata?.ownerReferences ?? []).length > 0) continue
      for (const { rule, values } of templateFindings(kind, o, isServed)) found(rule, kind, o, values)
    }

  const used = new Set(graph.relations.filter((r) => r.type === 'uses').map((r) => r.to))
  for (const key of ['configmaps', 'secrets', 'persistentvolumeclaims'])
    each(key, (o, kind) => {
      const { name = '', namespace = '', annotations = {}, ownerReferences = [] } = o.metadata ?? {}
      const others = KEPT_BY_OTHERS.test(name) || ownerReferences.length > 0 || annotations['kubernetes.io/service-account.name']
      if (others || namespace.startsWith('kube-') || used.has(`${key}/${namespace}/${name}`)) return
      // Whoever uses it may be of a kind that could not be read.
      if (!lists.some((l) => !l.whole)) found('unused', kind, o)
    })

  return findings
}

/** The gravest first, then rule by rule. */
export function sortFindings(findings: readonly Finding[]): Finding[] {
  const at = (f: Finding): string => `${f.ref.namespace ?? ''}/${f.ref.name}`
  return [...findings].sort(
    (a, b) =>
      ORDER.indexOf(a.severity) - ORDER.indexOf(b.severity) ||
      RULES.indexOf(a.rule) - RULES.indexOf(b.rule) ||
      (at(a) < at(b) ? -1 : at(a) > at(b) ? 1 : 0),
  )
}

const RULES = Object.keys(SEVERITIES) as CheckRule[]
