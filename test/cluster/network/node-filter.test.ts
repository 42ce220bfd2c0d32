/** What a person sees of kube-proxy's work from the network of a node. */
import { afterEach, expect, test } from 'vitest'
import { resources } from '../../../src-main/cluster/api/client.js'
import { startWholeCluster, type WholeCluster } from '../support/whole-cluster.js'

let c: WholeCluster

afterEach(() => c.stop())

test('iptables on a node shows the chains of the services, and conntrack the connections of its pods as they are led on', async () => {
  c = await startWholeCluster({ nodes: 1 })
  const tolerations = [{ operator: 'Exists' }]
  const labels = { app: 'web' }
  await c.create(resources.pods, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'web', namespace: 'default', labels },
    spec: { tolerations, containers: [{ name: 'main', image: 'nginx' }] },
  })
  const spec = { clusterIP: '10.96.1.1', selector: labels, ports: [{ port: 80, protocol: 'TCP' }] }
  await c.create(resources.services, { apiVersion: 'v1', kind: 'Service', metadata: { name: 'web', namespace: 'default' }, spec })
  await c.pod('client', {
    tolerations,
    containers: [{ name: 'main', image: 'busybox', command: ['sh', '-c', 'sleep 600 | nc 10.96.1.1 80'] }],
  })
  const look = 'sleep 20; iptables -t nat -L KUBE-SERVICES; conntrack -L -p tcp --dport 80 2>/dev/null'
  await c.pod('look', {
    hostNetwork: true,
    restartPolicy: 'Never',
    tolerations,
    containers: [{ name: 'main', image: 'nicolaka/netshoot', command: ['sh', '-c', look], securityContext: { privileged: true } }],
  })
  await c.clock.advance(120_000)
  expect(
    (await c.logs('look', 'main'))
      .replaceAll(/port=\d{5}/g, 'port=P')
      .split('\n')
      .filter((line) => /web|tcp dpt|src/.test(line)),
  ).toEqual([
    'KUBE-SVC-LOLE4ISW44XBNF3G  tcp  --  anywhere             10.96.1.1            /* default/web cluster IP */ tcp dpt:http',
    'tcp      6 431999 ESTABLISHED src=10.244.0.3 dst=10.96.1.1 sport=P dport=80 src=10.244.0.2 dst=10.244.0.3 sport=80 dport=P [ASSURED] mark=0 use=1',
  ])
})
