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

it('the whole definition of a running pod has what the kubelet saw of it, and who wrote which field', () => {
  const pod = ok('get po kubia -o yaml --show-managed-fields').replaceAll(/^( +)(lastTransitionTime|time): .*/gm, '$1$2: …')
  // Kubernetes of today adds the generation that was seen, and the condition that the sandbox is there.
  for (const type of ['PodReadyToStartContainers', 'Initialized', 'Ready', 'ContainersReady', 'PodScheduled']) {
    expect(pod).toContain(
      `  - lastProbeTime: null\n    lastTransitionTime: …\n    observedGeneration: 1\n    status: "True"\n    type: ${type}\n`,
    )
  }
  for (const type of ['ContainersReady', 'Initialized', 'Ready']) {
    const fields = ['.: {}', 'f:lastProbeTime: {}', 'f:lastTransitionTime: {}', 'f:observedGeneration: {}', 'f:status: {}', 'f:type: {}']
    expect(pod).toContain(`          k:{"type":"${type}"}:\n${fields.map((field) => `            ${field}\n`).join('')}`)
  }
  expect(pod).toContain('    manager: kubectl-run\n    operation: Update\n    time: …\n')
  expect(pod).toContain('    manager: kubelet\n    operation: Update\n    subresource: status\n    time: …\n')
  expect(ok('get events --field-selector involvedObject.name=kubia,reason=Started -o jsonpath={.items[0]}')).toContain('"eventTime":null')
})

it('its fields are explained', () => {
  const explained = ok('explain pods')
  // The notes' kubectl says <Object> for what has a name today, and indents by one more.
  expect(explained).toContain(
    'KIND:       Pod\nVERSION:    v1\n\nDESCRIPTION:\n    Pod is a collection of containers that can run on a host. This resource is\n    created by clients and scheduled onto hosts.\n',
  )
  const conventions = 'https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md'
  expect(explained.slice(explained.indexOf('  metadata\t'))).toBe(`  metadata\t<ObjectMeta>
    Standard object's metadata. More info:
    ${conventions}#metadata

  spec\t<PodSpec>
    Specification of the desired behavior of the pod. More info:
    ${conventions}#spec-and-status

  status\t<PodStatus>
    Most recently observed status of the pod. This data may not be up to date.
    Populated by the system. Read-only. More info:
    ${conventions}#spec-and-status


`)
})

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

it('a shell runs in an image that a registry of the users keeps', () => {
  const image = '10.226.57.149:8080/tsf_100000000/ubuntu:16.04'
  const shell = cluster.kubectl(
    ['run', '-i', `--image=${image}`, '--restart=Never', '--rm', 'bash'],
    'hostname; grep ^VERSION= /etc/os-release\n',
  )
  expect(shell.stdout).toContain('bash\nVERSION="16.04.7 LTS (Xenial Xerus)"\n')
  // Typed where there is no terminal, it is left again and goes on.
  expect(cluster.kubectl(['run', '-it', `--image=${image}`, 'bash'], '').code).toBe(0)
  expect(ok('delete pod bash --now')).toBe('pod "bash" deleted from default namespace\n')
})

it('two containers of a pod cannot have the same port, though they have files of their own', () => {
  const container = (name: string): object => ({ name, image: 'luksa/kubia' })
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'two' }, spec: { containers: [container('a'), container('b')] } }
  ok('create -f -', JSON.stringify(pod))
  ok(['wait', 'pod/two', '--for=jsonpath={.status.containerStatuses[1].lastState.terminated.exitCode}=1', '--timeout=30s'])
  expect(ok('logs two -c b --previous')).toContain('\nError: listen EADDRINUSE :::8080\n')
  expect(ok('exec two -c a -- curl -s localhost:8080')).toBe("You've hit two\n")
  ok('delete pod two --now')
})

it('what kubectl could then and cannot now', () => {
  const refused = (args: string): string => cluster.kubectl(args).stderr.split('\n')[0]!
  expect(refused('run kubia --image=luksa/kubia --port=8080 --generator=run/v1')).toBe('error: unknown flag: --generator')
  expect(refused('exec kubia env')).toBe('error: exec [POD] [COMMAND] is not supported anymore. Use exec [POD] -- [COMMAND] instead')
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
