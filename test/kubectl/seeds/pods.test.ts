import path from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { TestCluster } from '../support/cluster.js'

/** The study notes' chapter on pods: labels, nodes, annotations, namespaces, deletion. The clock runs 20 times as fast. */

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

it('labels are shown, as a column each on request, and select', () => {
  const columns = (args: string): string[][] =>
    ok(args)
      .trim()
      .split('\n')
      .slice(1)
      .map((line) => [line.split(/\s+/)[0]!, ...line.split(/\s+/).slice(5)])
  expect(columns('get po --show-labels')).toEqual([
    ['kubia', 'run=kubia'],
    ['kubia-manual', '<none>'],
    ['kubia-manual-with-labels', 'creation_method=manual,env=prod'],
  ])
  expect(ok('label po kubia-manual creation_method=manual')).toBe('pod/kubia-manual labeled\n')
  const kept = cluster.kubectl('label po kubia-manual-with-labels env=debug')
  expect(kept).toMatchObject({ code: 1, stderr: "error: 'env' already has a value (prod), and --overwrite is false\n" })
  ok('label po kubia-manual-with-labels env=debug --overwrite')
  expect(columns('get pods -l env=debug -L creation_method,env')).toEqual([['kubia-manual-with-labels', 'manual', 'debug']])
  expect(ok(['get', 'po', '-l', '!env', '-o', 'name'])).toBe('pod/kubia\npod/kubia-manual\n')
  expect(ok(['get', 'po', '-l', 'env in (debug, prod)', '-o', 'name'])).toBe('pod/kubia-manual-with-labels\n')
  expect(ok(['get', 'po', '-l', 'env notin (debug)', '-o', 'name'])).toBe('pod/kubia\npod/kubia-manual\n')
  expect(ok('get po -l creation_method=manual,env=debug -o name')).toBe('pod/kubia-manual-with-labels\n')
})

it('a port of this machine is forwarded to a pod', async () => {
  const forward = cluster.start('port-forward kubia-manual :8080')
  await forward.until(/^Forwarding from 127\.0\.0\.1:(\d+) -> 8080\n/m)
  const [, port] = /127\.0\.0\.1:(\d+)/.exec(forward.output())!
  expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe("You've hit kubia-manual\n")
  expect(ok('logs kubia-manual -c kubia --tail=1')).toMatch(/^Received request from /)
  await forward.stop()
})

it('a pod with a node selector waits until a node has the label', () => {
  ok(`create -f ${file('kubia-gpu.yaml')}`)
  ok('wait --for=condition=PodScheduled=false pod/kubia-gpu --timeout=30s')
  expect(ok('get pod kubia-gpu -o jsonpath={.status.conditions[?(@.type=="PodScheduled")].message}')).toBe(
    "0/3 nodes are available: 3 node(s) didn't match Pod's node affinity/selector. no new claims to deallocate, preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling.",
  )
  expect(ok('label node drydock-m02 gpu=true')).toBe('node/drydock-m02 labeled\n')
  expect(ok('get nodes -l gpu=true -o name')).toBe('node/drydock-m02\n')
  ok('wait --for=condition=Ready pod/kubia-gpu --timeout=30s')
  expect(ok('get pod kubia-gpu -o jsonpath={.spec.nodeName}')).toBe('drydock-m02')
  expect(ok('delete pods kubia-gpu --now')).toBe('pod "kubia-gpu" deleted from default namespace\n')
})

it('an annotation is written and read back', () => {
  expect(ok(['annotate', 'pod', 'kubia-manual', 'mycompany.com/someannotation=foo bar'])).toBe('pod/kubia-manual annotated\n')
  expect(ok('get pods kubia-manual -o yaml').split('\n').slice(0, 5).join('\n')).toBe(
    'apiVersion: v1\nkind: Pod\nmetadata:\n  annotations:\n    mycompany.com/someannotation: foo bar',
  )
})

it('a pod of another namespace answers curl in a shell of this one', () => {
  expect(ok(`create -f ${file('custom-namespace.yaml')}`)).toBe('namespace/custom-namespace created\n')
  ok(`create -f ${file('kubia-manual.yaml')} --namespace custom-namespace`)
  ok('wait --for=condition=Ready pod --all -n custom-namespace --timeout=30s')
  const ip = ok('get pod kubia-manual -n custom-namespace -o jsonpath={.status.podIP}')
  expect(ok('exec -i kubia -- /bin/bash', `curl -s http://${ip}:8080\n`)).toBe("You've hit kubia-manual\n")
})

it('pods are deleted by label, by namespace and all together', () => {
  expect(ok('delete po -l creation_method=manual --now')).toBe(
    'pod "kubia-manual" deleted from default namespace\npod "kubia-manual-with-labels" deleted from default namespace\n',
  )
  expect(ok('get pods -n custom-namespace -o name')).toBe('pod/kubia-manual\n')
  expect(ok('delete ns custom-namespace')).toBe('namespace "custom-namespace" deleted\n')
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
