/** The ConfigMap of CoreDNS, edited (https://kubernetes.io/docs/tasks/administer-cluster/dns-custom-nameservers/). */
import { expect, onTestFinished, test } from 'vitest'
import { resources } from '../../../src-main/cluster/api/client.js'
import type { KubeObject, Pod } from '../../../src-main/cluster/api/object.js'
import { startWholeCluster } from '../support/whole-cluster.js'

test('an edit of the ConfigMap reaches a running CoreDNS, and one that is wrong keeps a new pod from starting', async () => {
  const c = await startWholeCluster({ nodes: 1 })
  onTestFinished(() => c.stop())
  const corefile = (more: string): string => `.:53 {\n    errors\n${more}    kubernetes cluster.local\n    reload\n}\n`
  const config = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'coredns', namespace: 'default' } }
  await c.create(resources.configmaps, { ...config, data: { Corefile: corefile('') } })
  const spec = {
    volumes: [{ name: 'config-volume', configMap: { name: 'coredns' } }],
    containers: [
      {
        name: 'coredns',
        image: 'registry.k8s.io/coredns/coredns:v1.14.2',
        args: ['-conf', '/etc/coredns/Corefile'],
        volumeMounts: [{ name: 'config-volume', mountPath: '/etc/coredns', readOnly: true }],
      },
    ],
  }
  await c.pod('dns', spec)
  await c.clock.advance(10_000)
  const log = async (name: string): Promise<string[]> => (await c.logs(name, 'coredns')).trimEnd().split('\n')
  const edit = async (more: string): Promise<void> => {
    await c.admin
      .resource<KubeObject>(resources.configmaps)
      .patch('default', 'coredns', { data: { Corefile: corefile(more) } }, { type: 'merge' })
    await c.clock.advance(150_000)
  }
  const before = (await log('dns')).length
  await edit('    log\n')
  await edit('    typo\n')
  const fault = "/etc/coredns/Corefile:3 - Error during parsing: Unknown directive 'typo'"
  expect((await log('dns')).slice(before)).toEqual([
    '[INFO] Reloading',
    expect.stringContaining('[INFO] plugin/reload: Running configuration SHA512 = '),
    '[INFO] Reloading complete',
    '[INFO] Reloading',
    `[ERROR] Restart failed: ${fault}`,
    `[ERROR] plugin/reload: Corefile changed but reload failed: starting with listener file descriptors: ${fault}`,
  ])
  await c.pod('new', spec)
  await c.clock.advance(60_000)
  const { containerStatuses } = (await c.get<Pod>(resources.pods, 'default', 'new')).status!
  expect(containerStatuses![0]!.state!.waiting!.reason).toBe('CrashLoopBackOff')
  expect(await log('new')).toEqual([fault])
})
