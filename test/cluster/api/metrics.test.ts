import { expect, it } from 'vitest'
import { goFloat } from '../../../src-main/cluster/api/exposition.js'
import { configMap } from './fixture.js'
import { openWatch, startHttps } from './https.js'

const MAPS = '/api/v1/namespaces/default/configmaps'
const LINE =
  /^(?:# (?:HELP [a-z_]+ .+|TYPE [a-z_]+ (?:counter|gauge|histogram))|[a-z_]+(?:\{[a-z_]+="[^"]*"(?:,[a-z_]+="[^"]*")*\})? [0-9.e+-]+)$/

it('requests are counted by verb, resource, scope and code, in lines that Prometheus reads', async () => {
  const f = await startHttps()
  await f.send('POST', `${MAPS}?dryRun=All`, { body: configMap('a') })
  await f.send('POST', MAPS, { body: configMap('a') })
  await f.send('PUT', `${MAPS}/a`, { body: configMap('a', { b: 'c' }) })
  const apply = { 'content-type': 'application/apply-patch+yaml' }
  await f.send('PATCH', `${MAPS}/a?fieldManager=m`, { body: configMap('a', { d: 'e' }), headers: apply })
  await f.send('GET', MAPS)
  await f.send('GET', '/api/v1/configmaps')
  await f.send('GET', `${MAPS}/missing`)
  await f.send('GET', '/readyz')
  await f.send('GET', '/api/v1/namespaces/default/endpoints')
  const { text, headers } = await f.send('GET', '/metrics')
  expect(headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8; escaping=underscores')
  const lines = text.trimEnd().split('\n')
  expect(lines.filter((line) => !LINE.test(line))).toEqual([])
  const of = (rest: string): string => `component="apiserver",${rest}`
  const maps = (dryRun: string, scope: string, verb: string): string =>
    of(`dry_run="${dryRun}",group="",resource="configmaps",scope="${scope}",subresource="",verb="${verb}",version="v1"`)
  const path = (subresource: string, verb: string): string =>
    of(`dry_run="",group="",resource="",scope="",subresource="${subresource}",verb="${verb}",version=""`)
  expect(lines.filter((line) => line.startsWith('apiserver_request_total{'))).toEqual([
    `apiserver_request_total{code="200",${path('/readyz', 'GET')}} 1`,
    `apiserver_request_total{code="200",${maps('', 'cluster', 'LIST')}} 1`,
    `apiserver_request_total{code="200",${maps('', 'namespace', 'LIST')}} 1`,
    `apiserver_request_total{code="200",${maps('', 'resource', 'APPLY')}} 1`,
    `apiserver_request_total{code="200",${maps('', 'resource', 'PUT')}} 1`,
    `apiserver_request_total{code="200",${of('dry_run="",group="",resource="endpoints",scope="namespace",subresource="",verb="LIST",version="v1"')}} 1`,
    `apiserver_request_total{code="201",${maps('', 'resource', 'POST')}} 1`,
    `apiserver_request_total{code="201",${maps('All', 'resource', 'POST')}} 1`,
    `apiserver_request_total{code="404",${path('', 'OTHER')}} 1`,
  ])
  expect(lines).toContain('apiserver_current_inflight_requests{request_kind="readOnly"} 1')
  expect(lines).toContain('apiserver_storage_objects{resource="configmaps"} 1')
  expect(lines).toContain('apiserver_resource_objects{group="",resource="configmaps"} 1')
  const sizes = of('group="",resource="configmaps",scope="cluster",subresource="",verb="LIST",version="v1"')
  expect(lines.filter((line) => line.startsWith(`apiserver_response_sizes_bucket{${sizes}`)).map((line) => line.split('le=')[1])).toEqual([
    '"1000"} 1',
    '"10000"} 1',
    '"100000"} 1',
    '"1e+06"} 1',
    '"1e+07"} 1',
    '"1e+08"} 1',
    '"1e+09"} 1',
    '"+Inf"} 1',
  ])
  expect(lines).toContain(`apiserver_request_duration_seconds_count{${maps('', 'resource', 'APPLY')}} 1`)
  expect(lines.filter((line) => line.startsWith('apiserver_requested_deprecated_apis'))).toEqual([
    'apiserver_requested_deprecated_apis{group="",removed_release="",resource="endpoints",subresource="",version="v1"} 1',
  ])
  expect(lines).toContain(`process_start_time_seconds ${goFloat(performance.timeOrigin / 1000)}`)
  await f.server.close()
})

it('requests are counted by their flows, whose levels have their seats', async () => {
  const f = await startHttps({ controlPlane: { ip: '192.168.49.2', port: 8443 } })
  await f.send('GET', MAPS)
  const { text } = await f.send('GET', '/metrics')
  const flow = 'flow_schema="exempt",priority_level="exempt"'
  const lines = text.split('\n').filter((line) => /^apiserver_flowcontrol_(?!current_limit)/.test(line))
  expect(lines).toEqual([
    `apiserver_flowcontrol_current_executing_requests{${flow}} 1`,
    `apiserver_flowcontrol_dispatched_requests_total{${flow}} 2`,
    'apiserver_flowcontrol_nominal_limit_seats{priority_level="catch-all"} 13',
    'apiserver_flowcontrol_nominal_limit_seats{priority_level="exempt"} 0',
    'apiserver_flowcontrol_nominal_limit_seats{priority_level="global-default"} 49',
    'apiserver_flowcontrol_nominal_limit_seats{priority_level="leader-election"} 25',
    'apiserver_flowcontrol_nominal_limit_seats{priority_level="node-high"} 98',
    'apiserver_flowcontrol_nominal_limit_seats{priority_level="system"} 74',
    'apiserver_flowcontrol_nominal_limit_seats{priority_level="workload-high"} 98',
    'apiserver_flowcontrol_nominal_limit_seats{priority_level="workload-low"} 245',
  ])
  await f.server.close()
})

it('who asked is counted, whether they might, and how long their certificates are still good', async () => {
  const f = await startHttps()
  await f.send('GET', MAPS)
  await f.send('GET', MAPS, { anonymous: true })
  await f.send('GET', MAPS, { anonymous: true, headers: { authorization: 'Bearer none' } })
  const lines = (await f.send('GET', '/metrics')).text.split('\n')
  const counts = /^(?:authenticat|authoriz|apiserver_client)\w+?(?:_count|_requests|_attempts|_total)(?:\{|\s)/
  expect(lines.filter((line) => counts.test(line))).toEqual([
    'apiserver_client_certificate_expiration_seconds_count 2',
    'authenticated_user_requests{username="other"} 3',
    'authentication_attempts{result="failure"} 1',
    'authentication_attempts{result="success"} 3',
    'authentication_duration_seconds_count{result="failure"} 1',
    'authentication_duration_seconds_count{result="success"} 3',
    'authorization_attempts_total{result="allowed"} 2',
    'authorization_attempts_total{result="no-opinion"} 1',
    'authorization_duration_seconds_count{result="allowed"} 2',
    'authorization_duration_seconds_count{result="no-opinion"} 1',
  ])
  // The administrator's certificate is good for a year and more.
  expect(lines).toContain('apiserver_client_certificate_expiration_seconds_bucket{le="1.5552e+07"} 0')
  await f.server.close()
})

it('events that watches send are counted, and the page has its families in the order of their names', async () => {
  const f = await startHttps()
  const watch = await openWatch(f, `${MAPS}?watch=1`)
  await f.send('POST', MAPS, { body: configMap('a') })
  await watch.next()
  watch.close()
  const lines = (await f.send('GET', '/metrics')).text.split('\n')
  const labels = 'group="",resource="configmaps",version="v1"'
  expect(lines).toContain(`apiserver_watch_events_total{${labels}} 1`)
  expect(lines).toContain(`apiserver_watch_events_sizes_count{${labels}} 1`)
  const names = lines.flatMap((line) => /^# TYPE (\S+)/.exec(line)?.[1] ?? [])
  expect(names).toEqual([...new Set(names)].sort())
  await f.server.close()
})
