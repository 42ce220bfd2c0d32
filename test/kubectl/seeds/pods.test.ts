import path from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { TestCluster } from '../support/cluster.js'

/** The study notes' chapter on pods: ports, annotations, deletion, their files. The clock runs 20 times as fast. */

const file = (name: string): string => path.resolve(import.meta.dirname, '../../data/seeds', name)
let cluster: TestCluster
const ok = (args: string[] | string, input?: string): string => cluster.ok(args, input)

beforeAll(async () => {
  cluster = await TestCluster.start({ args: ['--speed', '20'] })
  expect(ok('run kubia --image=luksa/kubia --port=8080')).toBe('pod/kubia created\n')
  ok(`create -f ${file('kubia-manual.yaml')} -f ${file('kubia-manual-with-labels.yaml')}`)
  ok('wait --for=condition=Ready pod --all --timeout=30s')
})
afterAll(() => cluster.stop())

it('a port of this machine is forwarded to a pod', async () => {
  const forward = cluster.start('port-forward kubia-manual :8080')
  await forward.until(/^Forwarding from 127\.0\.0\.1:(\d+) -> 8080\n/m)
  const [, port] = /127\.0\.0\.1:(\d+)/.exec(forward.output())!
  expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe("You've hit kubia-manual\n")
  expect(ok('logs kubia-manual -c kubia --tail=1')).toMatch(/^Received request from /)
  await forward.stop()
})

it('an annotation is written and read back', () => {
  expect(ok(['annotate', 'pod', 'kubia-manual', 'mycompany.com/someannotation=foo bar'])).toBe('pod/kubia-manual annotated\n')
  expect(ok('get pods kubia-manual -o yaml').split('\n').slice(0, 5).join('\n')).toBe(
    'apiVersion: v1\nkind: Pod\nmetadata:\n  annotations:\n    mycompany.com/someannotation: foo bar',
  )
})

it('pods are deleted by name, by label and all together', () => {
  expect(ok('delete po -l creation_method=manual --now')).toBe('pod "kubia-manual-with-labels" deleted from default namespace\n')
  expect(ok('delete po kubia-manual --now')).toBe('pod "kubia-manual" deleted from default namespace\n')
  expect(ok('delete po --all --now')).toBe('pod "kubia" deleted from default namespace\n')
  expect(cluster.kubectl('get pods')).toEqual({ code: 0, stdout: '', stderr: 'No resources found in default namespace.\n' })
})

it('the cat of a pod with host aliases shows its hosts file; two pods come from stdin', () => {
  ok(`create -f ${file('hostaliases-pod.yaml')}`)
  ok(['wait', 'pod/hostaliases-pod', '--for=jsonpath={.status.containerStatuses[0].restartCount}', '--timeout=30s'])
  ok([
    'wait',
    'pod/hostaliases-pod',
    '--for=jsonpath={.status.containerStatuses[0].lastState.terminated.reason}=Completed',
    '--timeout=30s',
  ])
  const ip = ok('get pod hostaliases-pod -o jsonpath={.status.podIP}')
  expect(ok('logs hostaliases-pod')).toBe(
    [
      '# Kubernetes-managed hosts file.',
      '127.0.0.1\tlocalhost',
      '::1\tlocalhost ip6-localhost ip6-loopback',
      'fe00::0\tip6-localnet',
      'fe00::0\tip6-mcastprefix',
      'fe00::1\tip6-allnodes',
      'fe00::2\tip6-allrouters',
      `${ip}\thostaliases-pod`,
      '',
      '# Entries added by HostAliases.',
      '127.0.0.1\tfoo.local\tbar.local',
      '10.1.2.3\tfoo.remote\tbar.remote',
      '',
    ].join('\n'),
  )
  const pod = (name: string): string =>
    `apiVersion: v1\nkind: Pod\nmetadata: {name: ${name}}\nspec: {containers: [{name: busybox, image: busybox, args: [sleep, "1000"]}]}\n`
  expect(ok('create -f -', `${pod('busybox-sleep')}---\n${pod('busybox-sleep-less')}`)).toBe(
    'pod/busybox-sleep created\npod/busybox-sleep-less created\n',
  )
})
