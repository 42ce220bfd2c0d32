import { describe, expect, it } from 'vitest'
import { candidates, proxyPath } from '../../../src-main/backend/metrics/prometheus/find-prometheus.js'
import { stepValues } from '../../../src-main/backend/metrics/prometheus/history.js'
import { chartQueries } from '../../../src-main/backend/metrics/prometheus/queries.js'
import type { ObjectRef } from '../../../src-main/backend/rpc/contract.js'
import { type FakeApiServer } from '../support/api-server.js'
import { eachOnFakeServer, type TestWindow } from '../support/window.js'

const pod: ObjectRef = { group: '', version: 'v1', resource: 'pods', namespace: 'shop', name: 'web-0' }
const service = (name: string, namespace: string, ports: object[], more: object = {}) => ({
  metadata: { name, namespace },
  spec: { clusterIP: '10.0.0.1', ports, ...more },
})
const refused = { code: 403, body: { kind: 'Status', reason: 'Forbidden', code: 403, message: 'services is forbidden' } }
let server: FakeApiServer
let window: TestWindow

eachOnFakeServer((on) => ({ server, window } = on))

/** A Prometheus behind the proxy of a place; tells what it answers a query over time. */
function prometheusAt(place: string, range: (query: string, start: number, step: number) => object[] = () => []): void {
  const path = `${proxyPath(place)}/api/v1`
  server.on('GET', new RegExp(`^${path}/query$`), () => ({
    body: { status: 'success', data: { resultType: 'scalar', result: [1, String(Date.now() / 1000 + 3600)] } },
  }))
  server.on('GET', new RegExp(`^${path}/query_range$`), ({ query }) => ({
    body: {
      status: 'success',
      data: { resultType: 'matrix', result: range(query.get('query')!, Number(query.get('start')), Number(query.get('step'))) },
    },
  }))
}
const services = (...items: object[]): void =>
  server.on('GET', /^\/api\/v1\/services$/, ({ query }) => ({
    body: { items: query.get('labelSelector')?.startsWith('app in') ? items : [] },
  }))
const history = (ref = pod, range: '1h' | '7d' = '1h') => window.call('metrics.history', { context: 'fake', ref, range })

describe('the Prometheus of a cluster', () => {
  it('is asked through the proxy to its service', () => {
    expect(proxyPath('monitoring/prometheus-server:80')).toBe('/api/v1/namespaces/monitoring/services/prometheus-server:80/proxy')
    expect(proxyPath(' mon/https:prom:web/select/0/prometheus/ ')).toBe(
      '/api/v1/namespaces/mon/services/https:prom:web/proxy/select/0/prometheus',
    )
    for (const wrong of ['prometheus', 'a/b/c?x', '../x', 'a/b:c:d:e'])
      expect(() => proxyPath(wrong)).toThrow('is not a place of Prometheus')
  })

  it('is one of the services with its labels: at the port for its pages, no headless one if there is another', () => {
    expect(
      candidates([
        service('prometheus-operated', 'monitoring', [{ name: 'http-web', port: 9090 }], { clusterIP: 'None' }),
        service('stack-alertmanager', 'monitoring', [{ port: 9093 }]),
        service('stack-prometheus', 'monitoring', [
          { name: 'reloader-web', port: 8080 },
          { name: 'http-web', port: 9090 },
        ]),
        service('vm', 'metrics', [{ name: 'graphite', port: 2003 }, { port: 8428 }]),
        service('none', 'x', []),
      ]),
    ).toEqual(['monitoring/stack-prometheus:9090', 'metrics/vm:8428', 'monitoring/prometheus-operated:9090'])
  })

  it('may be of the Prometheus Operator, of a Helm chart, Thanos, VictoriaMetrics or Mimir, each with the path of its API', () => {
    expect(
      candidates([
        service('prometheus-operator-prometheus', 'monitoring', [{ name: 'web', port: 9090 }]),
        service('prometheus-operator-operator', 'monitoring', [{ name: 'http', port: 8080 }]),
        service('prometheus', 'lens-metrics', [{ name: 'web', port: 80 }]),
        service('thanos-querier', 'openshift-monitoring', [
          { name: 'web', port: 9091 },
          { name: 'tenancy', port: 9092 },
        ]),
        service('vmselect-main', 'vm', [{ name: 'http', port: 8481 }]),
        service('vminsert-main', 'vm', [{ name: 'http', port: 8480 }]),
        service('mimir-nginx', 'mimir', [{ name: 'http-metric', port: 80 }]),
        service('mimir-ingester', 'mimir', [{ name: 'http-metrics', port: 8080 }]),
      ]),
    ).toEqual([
      'monitoring/prometheus-operator-prometheus:9090',
      'lens-metrics/prometheus:80',
      'openshift-monitoring/thanos-querier:9091',
      'vm/vmselect-main:8481/select/0/prometheus',
      'mimir/mimir-nginx:80/prometheus',
    ])
    expect(proxyPath('vm/vmselect-main:8481/select/0/prometheus')).toBe(
      '/api/v1/namespaces/vm/services/vmselect-main:8481/proxy/select/0/prometheus',
    )
  })

  it('is the first that answers, and is looked for once', async () => {
    services(service('dead', 'a', [{ port: 80 }]), service('prom', 'b', [{ port: 9090 }]))
    prometheusAt('b/prom:9090')
    expect(await history()).toMatchObject({ source: 'b/prom:9090', charts: [] })
    const asked = server.requests.filter((r) => r.path === '/api/v1/services').length
    await history()
    expect(server.requests.filter((r) => r.path === '/api/v1/services')).toHaveLength(asked)
  })

  it('is looked for in the usual places by whoever may not list services, and is none where it is nowhere', async () => {
    server.on('GET', /^\/api\/v1\/services$/, () => refused)
    expect(await history()).toBeNull()
    prometheusAt('prometheus/prometheus-server:80')
    expect(await window.call('metrics.prometheus', { context: 'fake' })).toBe('prometheus/prometheus-server:80')
    expect(await history()).toMatchObject({ source: 'prometheus/prometheus-server:80' })
  })

  it('is the one that was set for the context, and one that does not answer is told as such', async () => {
    services(service('prom', 'b', [{ port: 9090 }]))
    prometheusAt('b/prom:9090')
    prometheusAt('team/own:9090/prometheus')
    await window.call('settings.set', { change: { clusters: { fake: { prometheus: 'team/own:9090/prometheus' } } } })
    expect(await history()).toMatchObject({ source: 'team/own:9090/prometheus' })
    await window.call('settings.set', { change: { clusters: { fake: { prometheus: 'team/gone:9090' } } } })
    await expect(history()).rejects.toMatchObject({ reason: 'Prometheus', code: 404 })
    await expect(window.call('metrics.prometheus', { context: 'fake', place: 'nonsense' })).rejects.toMatchObject({ reason: 'Invalid' })
  })

  it('that refuses a query is told in its own words', async () => {
    services(service('prom', 'b', [{ port: 9090 }]))
    prometheusAt('b/prom:9090')
    server.on('GET', /query_range$/, () => ({
      code: 422,
      body: { status: 'error', errorType: 'execution', error: 'query timed out in "expression"' },
    }))
    await expect(history()).rejects.toMatchObject({ reason: 'Prometheus', message: expect.stringContaining('query timed out') })
  })
})

describe('the history of an object', () => {
  it('is by the clock of Prometheus, has one value for each step, gaps where there is none, and no chart without samples', async () => {
    services(service('prom', 'b', [{ port: 9090 }]))
    prometheusAt('b/prom:9090', (query, start, step) =>
      query.includes('container_cpu_usage_seconds_total')
        ? [{ metric: {}, values: [[start, '0.25'], [start + 2 * step, 'NaN'], [start + 120 * step, '0.5']] }] // prettier-ignore
        : query.includes('kube_pod_container_resource_limits')
          ? [{ metric: {}, values: [[start, '1']] }]
          : [],
    )
    const told = (await history())!
    expect(told.charts.map((c) => [c.id, c.unit, c.series.map((s) => s.id)])).toEqual([['cpu', 'cores', ['usage', 'limit']]])
    const { values } = told.charts[0]!.series[0]!
    expect([values.length, values[0], values[1], values[2], values[120]]).toEqual([121, 0.25, null, null, 0.5])
    expect([told.stepSeconds, told.end - told.start]).toEqual([30, 3_600_000])
    const ahead = told.end - Date.now()
    expect(ahead > 3_500_000 && ahead < 3_700_000).toBe(true)
    expect((await history(pod, '7d'))!.stepSeconds).toBe(5040)
  })

  it('takes values that come between two steps to the nearer one, and none from outside', () => {
    const data = { result: [{ values: [[90, '9'], [101, '1'], [129, '2'], [999, '3']] }] } // prettier-ignore
    expect(stepValues(data, 100, 30, 3)).toEqual([1, 2, null])
    expect(stepValues({ result: [] }, 100, 30, 2)).toEqual([null, null])
  })
})

describe('the queries', () => {
  const ref = (group: string, resource: string, name: string, namespace = 'shop'): ObjectRef => ({
    group,
    version: 'v1',
    resource,
    name,
    namespace,
  })
  const first = (r: ObjectRef): string => chartQueries(r, 30)[0]!.lines[0]!.query

  it('of workloads find the pods that they had, too', () => {
    const pods = (r: ObjectRef): RegExp => new RegExp(`^(?:${/pod=~"([^"]+)"/.exec(first(r))![1]!.replaceAll('\\\\', '\\')})$`)
    for (const [r, yes, no] of [
      [ref('apps', 'deployments', 'web'), 'web-6f7b9c5d8-x2x4z', 'web-api-6f7b9c5d8-x2x4z'],
      [ref('apps', 'statefulsets', 'db'), 'db-12', 'db-x-1'],
      [ref('apps', 'daemonsets', 'agent.v2'), 'agent.v2-abcde', 'agentxv2-abcde'],
      [ref('batch', 'jobs', 'import'), 'import-3-abcde', 'import-x-3-abcde'],
      [ref('batch', 'cronjobs', 'nightly'), 'nightly-29384750-abcde', 'nightly-abcde'],
    ] as const)
      expect([pods(r).test(yes), pods(r).test(no)]).toEqual([true, false])
  })

  it('know the labels that other installations give', () => {
    expect(first(pod)).toBe(
      'sum(rate(container_cpu_usage_seconds_total{namespace="shop",pod="web-0",container!="",container!="POD"}[300s])) or ' +
        'sum(rate(container_cpu_usage_seconds_total{namespace="shop",pod_name="web-0",container_name!="",container_name!="POD"}[300s]))',
    )
    const node = first(ref('', 'nodes', 'node.a', ''))
    expect(node).toContain('{id="/",node="node.a"}')
    expect(node).toContain('{id="/",instance=~"node\\\\.a(:[0-9]+)?"}')
    expect(node).toContain('node_uname_info{nodename="node.a"}')
    const ingress = chartQueries(ref('networking.k8s.io', 'ingresses', 'shop'), 5040)
    expect(ingress.map((c) => c.id)).toEqual(['requests', 'latency', 'network'])
    expect(ingress[0]!.lines[1]!.query).toBe(
      'sum(rate(nginx_ingress_controller_requests{exported_namespace="shop",ingress="shop",status=~"5.."}[5040s])) or ' +
        'sum(rate(nginx_ingress_controller_requests{namespace="shop",ingress="shop",status=~"5.."}[5040s]))',
    )
  })

  it('are those of the kind: of a namespace all its pods, of a claim what it holds, of others none', () => {
    expect(first(ref('', 'namespaces', 'shop', ''))).toContain('{namespace="shop",container!=""')
    expect(chartQueries(ref('', 'persistentvolumeclaims', 'data'), 30).map((c) => [c.id, c.lines.map((l) => l.id)])).toEqual([
      ['filesystem', ['used', 'capacity']],
      ['inodes', ['used', 'capacity']],
    ])
    expect(chartQueries(ref('', 'configmaps', 'x'), 30)).toEqual([])
  })
})
