/** agnhost's subcommands that take and hand on: audit-proxy, resource-consumer-controller, net, podcertificatesigner. */
import { beforeEach, describe, expect, test } from 'vitest'
import { listProblem } from '../../../src-main/cluster/runtime/images/agnhost/pod-certificate-signer.js'
import { ApiError } from '../../../src-main/cluster/runtime/images/in-cluster-api.js'
import { Machine, type Box } from './machine.js'

const AGNHOST = 'registry.k8s.io/e2e-test-images/agnhost:2.53'

let machine: Machine
beforeEach(() => {
  machine = new Machine()
})

const agnhost = (...args: string[]): Promise<Box> => machine.run(AGNHOST, { args })

test('agnhost audit-proxy prints each event as a line, and what it cannot read in bits', async () => {
  const box = await agnhost('audit-proxy')
  const post = async (body: string): Promise<number> => (await box.get('/any', { port: 8080, method: 'POST', body })).status
  const items = [{ level: 'Metadata', auditID: 'a' }, { level: 'Request' }]
  expect(await post(JSON.stringify({ kind: 'EventList', apiVersion: 'audit.k8s.io/v1', metadata: {}, items }))).toBe(200)
  expect(await box.log('Stdout')).toBe(
    '{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":"a"}\n' +
      '{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Request"}\n',
  )
  expect(await post('hi')).toBe(500)
  expect(await box.log('Stderr')).toMatch(
    /^2026\/11\/21 09:17:0\d failed decoding buf: \[1101000 1101001\], apiVersion: audit\.k8s\.io\/v1\n$/,
  )
})

describe('agnhost resource-consumer-controller', () => {
  test('splits what is to be consumed over the consumers of a Service', async () => {
    const consumer = await agnhost('resource-consumer', '--port=8088')
    const hosts = { 'eaters.shop.svc.cluster.local': consumer.ip }
    const flags = ['--consumer-service-name=eaters', '--consumer-service-namespace=shop', '--consumer-port=8088']
    const conf = { resolvConf: 'search shop.svc.cluster.local svc.cluster.local\n' }
    const box = await machine.run(AGNHOST, { args: ['resource-consumer-controller', ...flags] }, hosts, conf)
    const post = async (path: string): Promise<[number, string]> => {
      const { status, body } = await box.get(path, { port: 8080, method: 'POST' })
      return [status, body]
    }
    const before = machine.runtime.containerStats(consumer.id)!.memoryBytes
    expect(await post('/ConsumeMem?megabytes=50&durationSec=60&requestSizeMegabytes=20')).toEqual([
      200,
      'RC manager: sending 2 requests to consume 20 MB each and 1 request to consume 10 MB\n' +
        'Consumed 20 megabytes\n'.repeat(2) +
        'Consumed 10 megabytes\n',
    ])
    expect((machine.runtime.containerStats(consumer.id)!.memoryBytes - before) / 2 ** 20).toBe(50)
    expect(await post('/BumpMetric?metric=qps&delta=3&durationSec=1&requestSizeMetrics=3')).toEqual([
      200,
      'RC manager: sending 1 requests to bump custom metric by 3 each and 1 request to bump by 0\nBumped metric qps by 3\n',
    ])
    expect(await post('/ConsumeCPU?millicores=1')).toEqual([400, 'not given function argument\n'])
    expect(await post('/ConsumeCPU?millicores=x&durationSec=1&requestSizeMillicores=1')).toEqual([400, 'incorrect function argument\n'])
    expect(await post('/toString')).toEqual([404, 'unknown function\n'])
    expect((await box.get('/ConsumeCPU', { port: 8080 })).body).toBe('Bad request. Not a POST request\n')
  })
})

describe('agnhost net', () => {
  test('leaves a connection in CLOSE_WAIT for as long as it is told', async () => {
    const box = await agnhost('net', '--serve', ':8889')
    const run = `/agnhost net --runner nat-closewait-client --options '{"RemoteAddr":"127.0.0.1:9999","PostFinTimeoutSeconds":4}'`
    const server = box.get('/run/nat-closewait-server', {
      port: 8889,
      method: 'POST',
      body: '{"LocalAddr":"127.0.0.1:9999","PostFinTimeoutSeconds":9}',
    })
    server.catch(() => undefined)
    await machine.clock.advance(1_000)
    const client = await box.exec('sh', '-c', `${run} & sleep 1; ss -tn; wait`)
    expect(client.stdout).toMatch(/CLOSE-WAIT.*127\.0\.0\.1:9999/)
    expect(client.stdout).toContain(`output:

# closewait.go:151: Run &{127.0.0.1:9999 0 4 false}
# closewait.go:166: Connected to server
# closewait.go:184: Server has half-closed the connection, waiting 4 seconds
# closewait.go:195: Done
`)
    expect(await box.log()).toContain('main.go:140: Options: &{LocalAddr:127.0.0.1:9999 PostFinTimeoutSeconds:9}\n')
    await machine.clock.advance(10_000)
    expect((await server).body).toBe(`ok
output:

# closewait.go:75: Run &{127.0.0.1:9999 9}
# closewait.go:88: Server listening on 127.0.0.1:9999
# closewait.go:96: Client connected
# closewait.go:105: Server sent FIN, waiting 9 seconds
# closewait.go:110: Done
`)
  })

  test('says why a runner fails, and when there is none', async () => {
    const box = await agnhost('pause')
    const net = async (...args: string[]): Promise<[number, string]> => {
      const { code, stderr } = await box.exec('/agnhost', 'net', ...args)
      return [code, stderr.split('\n').at(-2)!.slice(20)]
    }
    expect(await net()).toEqual([1, 'Must set either --runner or --serve, see --help'])
    expect(await net('--runner=toString')).toEqual([1, "main.go:113: Error: Invalid runner: '<nil>', see --help"])
    expect(await net('--runner=nat-closewait-client')).toEqual([
      1,
      'main.go:113: Error: Invalid options JSON: unexpected end of JSON input',
    ])
    expect(await net('--runner=nat-closewait-client', '--options={"RemoteAddr":"127.0.0.1:1"}')).toEqual([
      1,
      'main.go:113: Error: dial tcp 127.0.0.1:1: connect: connection refused',
    ])
  })
})

test('agnhost podcertificatesigner ends at once outside of a cluster', async () => {
  const box = await agnhost('podcertificatesigner', '--signer-name=a/b')
  expect(machine.runtime.containerInfo(box.id)!.exitCode).toBe(1)
  expect(await box.log()).toBe(
    'Error: while building client config: unable to load in-cluster configuration, KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT must be defined\n',
  )
})

test('agnhost podcertificatesigner says in the words of client-go why there is nothing to sign', () => {
  expect(listProblem(new ApiError(404, '404 page not found\n'))).toBe(
    'the server could not find the requested resource (get podcertificaterequests.certificates.k8s.io)',
  )
  const forbidden = { kind: 'Status', message: 'podcertificaterequests.certificates.k8s.io is forbidden', code: 403 }
  expect(listProblem(new ApiError(403, JSON.stringify(forbidden)))).toBe('podcertificaterequests.certificates.k8s.io is forbidden')
})
