/**
 * Finds the Prometheus of a cluster, and asks it through the API server's proxy to services: no port is opened, and the user's own rights
 * decide. https://kubernetes.io/docs/tasks/access-application-cluster/access-cluster-services/#manually-constructing-apiserver-proxy-urls
 */
import { BackendError, toRpcError, problem } from '../../errors.js'
import type { Json } from '../../kinds/kind.js'
import { collectionPath, query } from '../../session/paths.js'
import type { Session } from '../../session/session.js'

/** How long what was found is believed, and until it is looked for again where there was none, ms. */
const KEEP_FOUND = 10 * 60_000
const KEEP_NONE = 5 * 60_000
/** How long Prometheus may take to answer, and to say that it is one, ms. */
const TIMEOUT = 20_000
const LOOK_TIMEOUT = 5_000

/** A Prometheus that has answered. */
export interface Prometheus {
  /** `monitoring/prometheus-server:80`, with a path if it has one. */
  place: string
  /** By how much its clock is ahead of this machine's, ms. */
  skew: number
  /** The `data` of an answer of its HTTP API, https://prometheus.io/docs/prometheus/latest/querying/api/. */
  get(path: string, params: Record<string, string | number>): Promise<Json>
}

/** Labels that the usual installations give the Service of their Prometheus, or of what speaks its language. */
const LABELS = [
  'app.kubernetes.io/name in (prometheus,vmsingle,victoria-metrics-single,vmselect,victoria-metrics-cluster,thanos-query,thanos-querier,mimir)',
  'app in (prometheus,kube-prometheus-stack-prometheus,rancher-monitoring-prometheus,prometheus-operator-prometheus)',
  'operated-prometheus=true',
]
/** Names that are given to it where nobody gave labels. */
const NAMES = ['prometheus', 'prometheus-server', 'prometheus-service', 'prometheus-k8s', 'thanos-querier', 'mimir-nginx', 'mimir-gateway']
/** Services with these labels that are not it. */
const OTHERS =
  /alertmanager|node-exporter|operator(?!-prometheus)|pushgateway|kube-state|grafana|adapter|blackbox|kubelet|thanos-(sidecar|discovery)|vminsert|vmstorage|vmagent|vmalert|distributor|ingester|compactor|store-gateway|ruler|memcached|gossip/
/** Where the usual installations put it, for whoever may not list the services of all namespaces. */
const USUAL = [
  'monitoring/prometheus-k8s:9090',
  'monitoring/prometheus-server:80',
  'monitoring/prometheus-operated:9090',
  'monitoring/kube-prometheus-stack-prometheus:9090',
  'prometheus/prometheus-server:80',
  'cattle-monitoring-system/rancher-monitoring-prometheus:9090',
  'istio-system/prometheus:9090',
  'lens-metrics/prometheus:80',
  'default/prometheus-server:80',
  'victoria-metrics/vmsingle:8428',
  'mimir/mimir-nginx:80/prometheus',
  'mimir/mimir-gateway:80/prometheus',
]
const PORT_NAMES = ['http-web', 'web', 'http', 'http-query', 'http-metric', 'prometheus']
const PORTS = [9090, 8428, 8481, 80]
/** Where the API is not at the root: that of a VictoriaMetrics cluster has the tenant in its path, Mimir's is beside its own. */
const PATHS: [service: RegExp, path: string][] = [
  [/vmselect/, '/select/0/prometheus'],
  [/mimir/, '/prometheus'],
]

/** The path of the proxy to a place. Throws `Invalid` for what names none. */
export function proxyPath(place: string): string {
  const match = /^([a-z0-9-]+)\/((?:https?:)?[a-z0-9.-]+(?::[a-z0-9-]*)?)(\/[^?#]*)?$/.exec(place.trim())
  if (!match) throw problem('Invalid', 'prometheusPlace', { place })
  const [, namespace, service, path = ''] = match
  return `/api/v1/namespaces/${namespace}/services/${service}/proxy${path.replace(/\/+$/, '')}`
}

/** Asks the Prometheus at a place for its time. Rejects when nothing there speaks its language. */
async function ask(session: Session, place: string, patience = TIMEOUT): Promise<Prometheus> {
  const base = proxyPath(place)
  const get = async (path: string, params: Record<string, string | number>, timeout = TIMEOUT): Promise<Json> => {
    const api = await session.api()
    let answer: Json
    try {
      answer = await api.json(`${base}/api/v1/${path}${query(params)}`, { timeout })
    } catch (error) {
      throw asProxyError(error)
    }
    if (answer.status !== 'success')
      throw answer.error
        ? new BackendError({ reason: 'Prometheus', message: answer.error })
        : problem('Prometheus', 'prometheusNone', { place })
    return answer.data
  }
  const asked = Date.now()
  const data = await get('query', { query: 'time()' }, patience)
  const now = Number(data?.result?.[1]) * 1000
  return { place, skew: now > 0 ? now - (asked + Date.now()) / 2 : 0, get }
}

/** What Prometheus says of a query comes as JSON within an error of the proxy. */
function asProxyError(error: unknown): BackendError {
  const rpc = toRpcError(error)
  const inner = /"error":"((?:[^"\\]|\\.)*)"/.exec(rpc.message)
  // The session is as well as ever when a service in the cluster is not.
  return new BackendError({ ...rpc, reason: rpc.code === 403 ? 'Forbidden' : 'Prometheus', message: inner?.[1] ?? rpc.message })
}

function portOf(service: Json): string | undefined {
  const ports = ((service.spec?.ports ?? []) as Json[]).filter((p) => (p.protocol ?? 'TCP') === 'TCP')
  const port =
    PORT_NAMES.map((name) => ports.find((p) => p.name === name)).find(Boolean) ??
    PORTS.map((n) => ports.find((p) => p.port === n)).find(Boolean) ??
    ports[0]
  return port && String(port.port)
}

/** Where Prometheus may be, of the services that have one of its labels: those with an address of their own first. */
export function candidates(services: readonly Json[]): string[] {
  return services
    .filter((s) => !OTHERS.test(`${s.metadata?.name} ${s.metadata?.labels?.['app.kubernetes.io/component'] ?? ''}`))
    .sort((a, b) => Number(a.spec?.clusterIP === 'None') - Number(b.spec?.clusterIP === 'None'))
    .flatMap((s) => {
      const port = portOf(s)
      const { namespace, name, labels = {} } = s.metadata
      const what = `${name} ${labels['app.kubernetes.io/name'] ?? ''} ${labels.app ?? ''}`
      const path = PATHS.find(([service]) => service.test(what))?.[1] ?? ''
      return port ? [`${namespace}/${name}:${port}${path}`] : []
    })
}

/** The services that have a label or a name of Prometheus, of all namespaces. Rejects when these may not be listed. */
async function knownServices(session: Session): Promise<Json[]> {
  const api = await session.api()
  const selections = [...LABELS.map((labelSelector) => ({ labelSelector })), ...NAMES.map((n) => ({ fieldSelector: `metadata.name=${n}` }))]
  const lists = await Promise.all(
    selections.map((selection) =>
      api.json<{ items?: Json[] }>(
        collectionPath({ group: '', version: 'v1', resource: 'services' }) + query({ ...selection, limit: 100 }),
      ),
    ),
  )
  return lists.flatMap((list) => list.items ?? [])
}

/** The first place that answers as Prometheus does. */
async function look(session: Session): Promise<Prometheus | undefined> {
  const places = await knownServices(session).then(candidates, () => USUAL)
  for (const place of new Set(places)) {
    const found = await ask(session, place, LOOK_TIMEOUT).catch(() => undefined)
    if (found) return found
  }
  return undefined
}

/** The Prometheuses of all contexts, found when they are needed and kept for a while. */
export class PrometheusFinder {
  private readonly found = new Map<string, { at: number; set: string; prometheus: Promise<Prometheus | undefined> }>()

  /** @param set where the Prometheus of a context is, if a person has said so */
  constructor(private readonly set: (context: string) => string | undefined) {}

  /** The Prometheus of a context; undefined when there is none. Rejects when the one that was set does not answer. */
  async of(session: Session): Promise<Prometheus | undefined> {
    const set = this.set(session.context)?.trim() ?? ''
    const kept = this.found.get(session.context)
    if (kept && kept.set === set) {
      const prometheus = await kept.prometheus.catch(() => undefined)
      if (Date.now() - kept.at < (prometheus ? KEEP_FOUND : KEEP_NONE)) return kept.prometheus
    }
    const prometheus = set ? ask(session, set) : look(session)
    this.found.set(session.context, { at: Date.now(), set, prometheus })
    return prometheus
  }

  /** Asks the one at a place now, or looks for one; gives where it is. Rejects when the place does not answer. */
  async try(session: Session, place?: string): Promise<string | null> {
    this.forget(session.context)
    return (place?.trim() ? await ask(session, place) : await look(session))?.place ?? null
  }

  forget(context: string): void {
    this.found.delete(context)
  }
}
