/** What the kubelet of a node answers on its port to `nodes/NAME/proxy/…`. */
import type { Clock } from '../../clock.js'
import { rfc3339 } from '../../clock.js'
import type { Store } from '../../store/store.js'
import type { Pod } from '../object.js'
import { flagz } from '../http/zpages.js'
import { printedFlags } from '../server-flags.js'
import { KUBELET_CONFIGURATION } from './kubelet-configuration.js'
import { kubeletFlags } from './kubelet-flags.js'
import { cadvisorMetrics, kubeletMetrics, resourceMetrics, type PodCounters } from './kubelet-metrics.js'

/** One answer of a kubelet's server. */
export interface KubeletAnswer {
  readonly code: number
  readonly type: string
  readonly body: string
}

/** What a kubelet's server looks at. */
export interface KubeletView {
  readonly store: Store
  readonly clock: Clock
  readonly node: string
  /** The counters of the node's running containers. */
  readonly usage: readonly PodCounters[]
}

/** A plain answer. */
export const text = (code: number, body: string): KubeletAnswer => ({ code, type: 'text/plain; charset=utf-8', body })
const json = (value: unknown): KubeletAnswer => ({ code: 200, type: 'application/json', body: JSON.stringify(value) })
const exposition = (body: string): KubeletAnswer => ({
  code: 200,
  type: 'text/plain; version=0.0.4; charset=utf-8; escaping=underscores',
  body,
})

type Page = (view: KubeletView) => KubeletAnswer

const PAGES: Readonly<Record<string, Page>> = {
  '/healthz': () => text(200, 'ok'),
  '/healthz/ping': () => text(200, 'ok'),
  '/healthz/log': () => text(200, 'ok'),
  '/healthz/syncloop': () => text(200, 'ok'),
  '/pods': (view) => json({ kind: 'PodList', apiVersion: 'v1', metadata: {}, items: podsOf(view) }),
  '/runningpods': (view) => json({ kind: 'PodList', apiVersion: 'v1', metadata: {}, items: view.usage.map(runningPod) }),
  '/configz': () => json({ kubeletconfig: KUBELET_CONFIGURATION }),
  '/flagz': ({ node }) => text(200, flagz('kubelet', printedFlags(kubeletFlags(node))).text),
  '/stats/summary': (view) => json(summary(view)),
  '/metrics': ({ node, usage }) => exposition(kubeletMetrics(node, usage)),
  '/metrics/resource': ({ clock, usage }) => exposition(resourceMetrics(usage, clock.now())),
  '/metrics/cadvisor': (view) =>
    exposition(cadvisorMetrics(view.usage, (namespace, name) => podOf(view, namespace, name), view.clock.now())),
  '/metrics/probes': () => exposition(''),
}

/** Answers what a kubelet has a page for; anything else is 404 as from Go's server. */
export function kubeletAnswer(view: KubeletView, method: string, path: string): KubeletAnswer {
  const asked = path.replace(/\/$/, '')
  const page = Object.hasOwn(PAGES, asked) ? PAGES[asked] : undefined
  if (!page) return text(404, '404 page not found\n')
  if (method !== 'GET' && method !== 'HEAD') return text(405, '405: Method Not Allowed')
  return page(view)
}

function podsOf({ store, node }: KubeletView): object[] {
  return store
    .list('/registry/core/pods/')
    .items.filter(({ object }) => (object as unknown as Pod).spec?.nodeName === node)
    .map(({ object }) => ({ ...object, kind: undefined, apiVersion: undefined }))
}

const podOf = ({ store }: KubeletView, namespace: string, name: string): Pod | undefined =>
  store.get(`/registry/core/pods/${namespace}/${name}`)?.object as Pod | undefined

/** A pod as the container runtime knows it. */
function runningPod({ namespace, name, uid, containers }: PodCounters): object {
  return {
    metadata: { name, namespace, uid },
    spec: { containers: containers.map((c) => ({ name: c.name, resources: {} })) },
    status: {},
  }
}

/** https://kubernetes.io/docs/reference/instrumentation/node-metrics/#summary-api-source */
function summary({ clock, node, usage }: KubeletView): object {
  const time = rfc3339(clock.now())
  const counted = (containers: PodCounters['containers']): object => {
    const memory = containers.reduce((sum, c) => sum + c.memoryBytes, 0)
    return {
      cpu: { time, usageCoreNanoSeconds: Math.round(containers.reduce((sum, c) => sum + c.cpuNanos, 0)) },
      memory: { time, usageBytes: memory, workingSetBytes: memory, rssBytes: memory },
    }
  }
  return {
    node: { nodeName: node, ...counted(usage.flatMap((p) => p.containers)) },
    pods: usage.map(({ namespace, name, uid, containers }) => ({
      podRef: { name, namespace, uid },
      containers: containers.map((c) => ({ name: c.name, ...counted([c]) })),
      ...counted(containers),
    })),
  }
}
