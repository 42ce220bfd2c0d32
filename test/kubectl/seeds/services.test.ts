import path from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { TestCluster } from '../support/cluster.js'

/** The study notes' chapter on services. The clock runs 20 times as fast. */

const file = (name: string): string => path.resolve(import.meta.dirname, '../../data/seeds', name)
let cluster: TestCluster
const ok = (args: string[] | string, input?: string): string => cluster.ok(args, input)
const until = (what: string, path: string, value: string): string => ok(['wait', what, `--for=jsonpath=${path}=${value}`, '--timeout=30s'])

beforeAll(async () => {
  cluster = await TestCluster.start({ args: ['--speed', '20'] })
  ok(`create -f ${file('kubia-svc-two-ports.yaml')} -f ${file('kubia-svc-nodeport.yaml')} -f ${file('kubia-replicaset.yaml')}`)
  until('rs/kubia', '{.status.readyReplicas}', '3')
  // The addresses follow the readiness of the pods.
  ok(['wait', 'endpoints/kubia', '--for=jsonpath={.subsets[0].addresses[2].ip}', '--timeout=30s'])
})
afterAll(() => cluster.stop())

it('pods find a service of two ports in their environment, by name, and on a port of each node', () => {
  const address = ok('get svc kubia -o jsonpath={.spec.clusterIP}')
  const env = ok('exec rs/kubia -- env').split('\n')
  expect(env.filter((l) => l.startsWith('KUBIA_SERVICE_')).sort()).toEqual([
    `KUBIA_SERVICE_HOST=${address}`,
    'KUBIA_SERVICE_PORT=80',
    'KUBIA_SERVICE_PORT_HTTP=80',
    'KUBIA_SERVICE_PORT_HTTPS=443',
  ])
  for (const url of [`http://${address}`, 'http://kubia', 'http://kubia.default.svc.cluster.local', 'http://192.168.49.3:30123'])
    expect(ok(`exec rs/kubia -- curl -s ${url}`)).toMatch(/^You've hit kubia-[a-z0-9]{5}\n$/)
  expect(ok('exec rs/kubia -- cat /etc/resolv.conf')).toBe(
    'search default.svc.cluster.local svc.cluster.local cluster.local\nnameserver 10.96.0.10\noptions ndots:5\n',
  )
  // Nothing listens on 8443.
  expect(cluster.kubectl('exec rs/kubia -- curl -s https://kubia').stderr).toBe('command terminated with exit code 7\n')
})

it('a service finds a port by its name in the pods, whatever number it has there', () => {
  const pod = (name: string, port: number): object => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, labels: { app: 'named' } },
    spec: {
      containers: [
        {
          name: 'main',
          image: 'registry.k8s.io/e2e-test-images/agnhost:2.40',
          args: ['netexec', `--http-port=${port}`],
          ports: [{ name: 'http', containerPort: port }],
        },
      ],
    },
  })
  const service = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'named' },
    spec: { ports: [{ name: 'web', port: 80, targetPort: 'http' }], selector: { app: 'named' } },
  }
  ok('create -f -', JSON.stringify({ apiVersion: 'v1', kind: 'List', items: [pod('named-a', 8080), pod('named-b', 9090), service] }))
  ok('wait --for=condition=Ready pod -l app=named --timeout=30s')
  const asks = 'for i in $(seq 40); do curl -s http://named/hostname; echo; done | sort -u'
  expect(ok(['exec', 'rs/kubia', '--', 'sh', '-c', asks])).toBe('named-a\nnamed-b\n')
  expect(ok('get endpointslices -l kubernetes.io/service-name=named -o jsonpath={.items[*].ports[*].port}').split(' ').sort()).toEqual([
    '8080',
    '9090',
  ])
  ok('delete svc/named pod/named-a pod/named-b --now')
})

it('a load balancer stays pending without a cloud', () => {
  expect(ok('expose rs kubia --type=LoadBalancer --name kubia-http --port=8080')).toBe('service/kubia-http exposed\n')
  expect(ok('get services kubia-http --no-headers')).toMatch(/^kubia-http +LoadBalancer +10\.96\.\S+ +<pending> +8080:3\d{4}\/TCP +\S+\n$/)
})

it('a service without selector leads to the endpoints written by hand', () => {
  const ip = ok('get pods -l app=kubia -o jsonpath={.items[0].status.podIP}')
  const pod = ok('get pods -l app=kubia -o jsonpath={.items[0].metadata.name}')
  ok(
    'apply -f -',
    `apiVersion: v1
kind: Service
metadata: {name: external-service}
spec: {ports: [{port: 80}]}
---
apiVersion: v1
kind: Endpoints
metadata: {name: external-service}
subsets: [{addresses: [{ip: ${ip}}], ports: [{port: 8080}]}]
`,
  )
  ok('wait --for=create endpointslice -l kubernetes.io/service-name=external-service --timeout=30s')
  expect(ok('exec rs/kubia -- curl -s http://external-service')).toBe(`You've hit ${pod}\n`)
})

it('a client with affinity stays with one pod; a service without an address is its pods, one outside is an alias', () => {
  const service = (name: string, spec: object): object => ({ apiVersion: 'v1', kind: 'Service', metadata: { name }, spec })
  const ports = [{ name: 'http', port: 80, targetPort: 8080 }]
  const selector = { app: 'kubia' }
  const items = [
    service('sticky', { sessionAffinity: 'ClientIP', ports, selector }),
    service('kubia-headless', { clusterIP: 'None', ports, selector }),
    service('external', { type: 'ExternalName', externalName: 'api.somecompany.com', ports: [{ port: 80 }] }),
  ]
  ok('create -f -', JSON.stringify({ apiVersion: 'v1', kind: 'List', items }))
  ok('run tools --image=nicolaka/netshoot -- sleep 100000')
  ok('wait --for=condition=Ready pod/tools --timeout=30s')
  const tool = (command: string): string => ok(['exec', 'tools', '--', 'sh', '-c', command])
  const lines = (command: string): string[] => tool(command).trim().split('\n').sort()
  expect(lines('for i in 1 2 3 4 5 6; do curl -s sticky; done | sort -u')).toHaveLength(1)
  expect(lines('for i in $(seq 40); do curl -s kubia; done | sort -u').length).toBeGreaterThan(1)
  const addresses = ok('get pods -l app=kubia -o jsonpath={.items[*].status.podIP}').split(' ')
  expect(lines('dig +short kubia-headless.default.svc.cluster.local')).toEqual([...addresses].sort())
  expect(lines('dig +short SRV _http._tcp.kubia-headless.default.svc.cluster.local')).toEqual(
    addresses.map((ip) => `0 33 8080 ${ip.replaceAll('.', '-')}.kubia-headless.default.svc.cluster.local.`).sort(),
  )
  expect(tool('dig +short SRV _http._tcp.kubia.default.svc.cluster.local')).toBe('0 100 80 kubia.default.svc.cluster.local.\n')
  expect(tool('dig +short external.default.svc.cluster.local')).toBe('api.somecompany.com.\n')
  // The address of a service is no machine that could answer.
  expect(tool('ping -c 1 -W 1 kubia || true')).toContain('\n1 packets transmitted, 0 received, 100% packet loss, ')
})

it('a pod is an endpoint while its readiness probe succeeds', () => {
  // Time runs fast, and a busy machine is slow: an answer has a minute.
  const probe = { exec: { command: ['ls', '/var/ready'] }, periodSeconds: 1, timeoutSeconds: 60, failureThreshold: 1 }
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'probed', labels: { app: 'probed' } },
    spec: { containers: [{ name: 'kubia', image: 'luksa/kubia', ports: [{ containerPort: 8080 }], readinessProbe: probe }] },
  }
  ok('create -f -', JSON.stringify(pod))
  ok('expose pod probed --port=80 --target-port=8080')
  until('pod/probed', '{.status.phase}', 'Running')
  ok(['wait', 'endpoints/probed', '--for=jsonpath={.subsets[0].notReadyAddresses[0].ip}', '--timeout=30s'])
  expect(ok('get endpoints probed --no-headers')).toMatch(/^probed +[\dms]+\n$/)
  ok('exec probed -- touch /var/ready')
  ok('wait --for=condition=Ready pod/probed --timeout=30s')
  ok(['wait', 'endpoints/probed', '--for=jsonpath={.subsets[0].addresses[0].ip}', '--timeout=30s'])
  expect(ok('exec tools -- curl -s probed')).toBe("You've hit probed\n")
  ok('exec probed -- rm /var/ready')
  ok('wait --for=condition=Ready=False pod/probed --timeout=30s')
  expect(ok('get pod probed -o jsonpath={.status.containerStatuses[0].restartCount}')).toBe('0')
  ok(['wait', 'endpoints/probed', '--for=jsonpath={.subsets[0].notReadyAddresses[0].ip}', '--timeout=30s'])
  expect(cluster.kubectl('exec tools -- curl -s probed')).toEqual({ code: 7, stdout: '', stderr: 'command terminated with exit code 7\n' })
})

it('everything is deleted; the API makes its own service again', () => {
  expect(ok('delete all --all --now')).toContain('service "kubernetes" deleted from default namespace\n')
  ok('wait --for=create service/kubernetes --timeout=30s')
  expect(ok('get services -o name')).toBe('service/kubernetes\n')
  ok('wait --for=create endpoints/kubernetes --timeout=30s')
  expect(ok('get endpoints kubernetes --no-headers')).toMatch(/^kubernetes +192\.168\.49\.2:8443 /)
})
