/** Containers under profiles that their node has, or has not, with the real runtime. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { resources } from '../../../src-main/cluster/api/client.js'
import type { Container, Pod } from '../../../src-main/cluster/api/object.js'
import { startWholeCluster, type WholeCluster } from '../support/whole-cluster.js'

let c: WholeCluster

beforeAll(async () => void (c = await startWholeCluster({ nodes: 1 })))
afterAll(() => c.stop())

const shell = (extra: Partial<Container>): Container => ({
  name: 'main',
  image: 'busybox',
  command: ['sh', '-c', 'grep ^Seccomp: /proc/self/status; sleep 1000'],
  ...extra,
})
const waiting = async (name: string): Promise<unknown> =>
  ((await c.admin.resource(resources.pods).get('default', name)) as Pod).status!.containerStatuses![0]!.state!.waiting

test('an AppArmor profile that no kernel has loaded keeps the container from being made', async () => {
  const localhostProfile = 'k8s-apparmor-example-deny-write'
  const securityContext = { appArmorProfile: { type: 'Localhost', localhostProfile } }
  await c.pod('hello-apparmor', {
    securityContext,
    containers: [shell({}), shell({ name: 'free', securityContext: { appArmorProfile: { type: 'Unconfined' } } })],
  })
  await c.clock.advance(10_000)
  expect(await c.logs('hello-apparmor', 'free')).toBe('Seccomp:\t0\n')
  const pod = (await c.admin.resource(resources.pods).get('default', 'hello-apparmor')) as Pod
  expect(pod.status!.containerStatuses!.find(({ name }) => name === 'main')!.state).toEqual({
    waiting: {
      reason: 'CreateContainerError',
      message: `failed to get container spec opts: failed to generate apparmor spec opts: apparmor profile not found ${localhostProfile}`,
    },
  })
})

test('a seccomp profile is a file below the directory of the kubelet, which the container waits for', async () => {
  const file = '/var/lib/kubelet/seccomp/profiles/audit.json'
  const securityContext = { seccompProfile: { type: 'Localhost', localhostProfile: 'profiles/audit.json' } }
  await c.pod('audit-pod', { securityContext, containers: [shell({})] })
  await c.clock.advance(5000)
  expect(await waiting('audit-pod')).toEqual({
    reason: 'CreateContainerError',
    message: `failed to create containerd container: cannot load seccomp profile "${file}": open ${file}: no such file or directory`,
  })
  const volumes = [{ name: 'profiles', hostPath: { path: '/var/lib/kubelet/seccomp/profiles', type: 'DirectoryOrCreate' } }]
  const write = `echo '{"defaultAction":"SCMP_ACT_LOG"}' > /profiles/audit.json; sleep 1000`
  await c.pod('writer', {
    containers: [shell({ command: ['sh', '-c', write], volumeMounts: [{ name: 'profiles', mountPath: '/profiles' }] })],
    volumes,
  })
  await c.clock.advance(20_000)
  expect(await c.logs('audit-pod', 'main')).toBe('Seccomp:\t2\n')
})
