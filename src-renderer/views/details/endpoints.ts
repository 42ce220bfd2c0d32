import type { KubeObject } from '../../stores/object.js'

/** An address behind a Service, and whether traffic goes there. */
export interface EndpointLine {
  address: string
  pod?: string
  node?: string
  state: 'ready' | 'terminating' | 'notReady'
  /** Why it is not ready, in the words of the pod's status. */
  why?: string
}

/** The addresses of a Service's EndpointSlices, ready ones first, and why the others take no traffic. */
export function endpointLines(slices: readonly KubeObject[], pods: readonly KubeObject[]): EndpointLine[] {
  const byName = new Map(pods.map((p) => [p.metadata.name, p]))
  const lines = slices.flatMap((slice) =>
    (slice.endpoints ?? []).map((e: KubeObject['spec']): EndpointLine => {
      const { ready, terminating } = e.conditions ?? {}
      const pod = e.targetRef?.kind === 'Pod' ? (e.targetRef.name as string) : undefined
      // A missing condition is to be read as ready, as the API says.
      const state = terminating ? 'terminating' : ready === false ? 'notReady' : 'ready'
      const why = state === 'ready' || !pod ? undefined : whyNotReady(byName.get(pod))
      return {
        address: (e.addresses ?? []).join(', '),
        ...(pod ? { pod } : {}),
        ...(e.nodeName ? { node: e.nodeName } : {}),
        state,
        ...(why ? { why } : {}),
      }
    }),
  )
  const order = ['ready', 'notReady', 'terminating']
  return lines.sort((a, b) => order.indexOf(a.state) - order.indexOf(b.state) || a.address.localeCompare(b.address))
}

/** What keeps a pod from being ready: a container's state first, then the Ready condition's own words. */
export function whyNotReady(pod: KubeObject | undefined): string | undefined {
  if (!pod) return undefined
  for (const s of [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])]) {
    const bad = s.state?.waiting ?? (s.state?.terminated?.exitCode ? s.state.terminated : undefined)
    if (bad?.reason && bad.reason !== 'PodInitializing') return `${s.name}: ${[bad.reason, bad.message].filter(Boolean).join(': ')}`
  }
  const conditions: { type: string; status: string; reason?: string; message?: string }[] = pod.status?.conditions ?? []
  const failed = ['PodScheduled', 'Initialized', 'ContainersReady', 'Ready']
    .map((type) => conditions.find((c) => c.type === type))
    .find((c) => c && c.status !== 'True')
  return failed?.message || failed?.reason
}
