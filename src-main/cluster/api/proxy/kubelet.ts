/** What the kubelet of a node answers on its port to `nodes/NAME/proxy/…`. */
import { jsonText } from '../../../exact-json.js'
import type { PodStats } from '../../kubelet/pod-stats.js'
import { EXPOSITION } from '../exposition.js'
import { flagz, statusz } from '../http/zpages.js'
import { printedFlags } from '../server-flags.js'
import { cadvisorMetrics } from './cadvisor-metrics.js'
import { kubeletConfiguration } from './kubelet-configuration.js'
import { kubeletFlags } from './kubelet-flags.js'
import { kubeletMetrics, probeMetrics, resourceMetrics } from './kubelet-metrics.js'
import { briefSummary, summary } from './kubelet-summary.js'
import { bootedAt, podsOf, type KubeletView } from './kubelet-view.js'

/** One answer of a kubelet's server. */
export interface KubeletAnswer {
  readonly code: number
  readonly type: string
  readonly body: string
}

/** A plain answer. */
export const text = (code: number, body: string): KubeletAnswer => ({ code, type: 'text/plain; charset=utf-8', body })
const json = (value: unknown): KubeletAnswer => ({ code: 200, type: 'application/json', body: jsonText(value) })
const exposition = (body: string): KubeletAnswer => ({ code: 200, type: EXPOSITION, body })

type Page = (view: KubeletView, query: URLSearchParams) => KubeletAnswer

const PAGES: Readonly<Record<string, Page>> = {
  '/healthz': () => text(200, 'ok'),
  '/healthz/ping': () => text(200, 'ok'),
  '/healthz/log': () => text(200, 'ok'),
  '/healthz/syncloop': () => text(200, 'ok'),
  '/pods': (view) => json(listed(podsOf(view))),
  '/runningpods': (view) => json(listed(view.usage.map(runningPod))),
  '/configz': ({ configuration }) => json({ kubeletconfig: kubeletConfiguration(configuration) }),
  '/statusz': (view) => text(200, kubeletStatus(view)),
  '/flagz': ({ node }) => text(200, flagz('kubelet', printedFlags(kubeletFlags(node))).text),
  '/stats/summary': (view, query) => json(query.get('only_cpu_and_memory') === 'true' ? briefSummary(view) : summary(view)),
  '/metrics': (view) => exposition(kubeletMetrics(view)),
  '/metrics/resource': (view) => exposition(resourceMetrics(view)),
  '/metrics/cadvisor': (view) => exposition(cadvisorMetrics(view)),
  '/metrics/probes': (view) => exposition(probeMetrics(view)),
}

/**
 * Answers what a kubelet has a page for; anything else is 404 as from Go's server.
 * @param url the path, with its query
 */
export function kubeletAnswer(view: KubeletView, method: string, url: string): KubeletAnswer {
  const [path = '', query] = url.split('?', 2)
  const asked = path.replace(/\/$/, '')
  const page = Object.hasOwn(PAGES, asked) ? PAGES[asked] : undefined
  if (!page) return text(404, '404 page not found\n')
  if (method !== 'GET' && method !== 'HEAD') return text(405, '405: Method Not Allowed')
  return page(view, new URLSearchParams(query))
}

/** The first parts of the paths that a kubelet has pages under. */
const PATHS = ['/configz', '/debug', '/healthz', '/metrics']

const kubeletStatus = (view: KubeletView): string =>
  statusz({ component: 'kubelet', started: bootedAt(view), now: view.clock.now(), paths: PATHS }).text

/** Pods as the kubelet's list has them: without kind and version of their own. */
const listed = (pods: readonly object[]): object => ({
  kind: 'PodList',
  apiVersion: 'v1',
  metadata: {},
  items: pods.map((pod) => ({ ...pod, kind: undefined, apiVersion: undefined })),
})

/** A pod as the container runtime knows it. */
function runningPod({ namespace, name, uid, containers }: PodStats): object {
  return {
    metadata: { name, namespace, uid },
    spec: { containers: containers.map((c) => ({ name: c.name, resources: {} })) },
    status: {},
  }
}
