import { afterAll, beforeAll, expect, it } from 'vitest'
import { TestCluster } from '../support/cluster.js'

/** The study notes' chapter on what pods ask for and may use, and on claims that grow. The clock runs 20 times as fast. */

let cluster: TestCluster
const ok = (args: string[] | string, input?: string): string => cluster.ok(args, input)

beforeAll(async () => {
  cluster = await TestCluster.start({ args: ['--nodes', '1', '--speed', '20'] })
})
afterAll(() => cluster.stop())

const pod = (name: string, resources: object, command: string[] = ['sleep', '3600'], image = 'busybox'): string =>
  JSON.stringify({ apiVersion: 'v1', kind: 'Pod', metadata: { name }, spec: { containers: [{ name, image, command, resources }] } })

it('the scheduler counts what pods request, not what they use', () => {
  ok('create -f -', pod('half', { requests: { cpu: '2', memory: '1Gi' } }))
  ok('wait --for=condition=Ready pod/half --timeout=30s')
  // Asleep, it uses nothing; the other half and a little more is refused all the same.
  ok('create -f -', pod('more', { requests: { cpu: '2' } }))
  ok('wait --for=condition=PodScheduled=false pod/more --timeout=30s')
  expect(ok('get pod more -o jsonpath={.status.conditions[0].message}')).toBe(
    '0/1 nodes are available: 1 Insufficient cpu. no new claims to deallocate, preemption: 0/1 nodes are available: 1 No preemption victims found for incoming pod.',
  )
  const described = ok('describe node drydock')
  expect(described).toMatch(/\n {2}default +half +2 \(50%\) +0 \(0%\) +1Gi \(\d+%\) +0 \(0%\) +\S+\n/)
  ok('delete pod half --now')
  ok('wait --for=condition=Ready pod/more --timeout=30s')
})

it('a container above its memory limit is killed, and its last state says so in a template', () => {
  ok(
    'create -f -',
    pod(
      'simmemleak-hra99',
      { limits: { memory: '50Mi' } },
      ['stress', '--vm', '1', '--vm-bytes', '100M', '--vm-hang', '0'],
      'polinux/stress',
    ),
  )
  ok([
    'wait',
    'pod/simmemleak-hra99',
    '--for=jsonpath={.status.containerStatuses[0].lastState.terminated.reason}=OOMKilled',
    '--timeout=30s',
  ])
  // The name of a container may not be as long as the notes' has it with its pod's suffix; it is the same here.
  const template = '{{range.status.containerStatuses}}{{"Container Name: "}}{{.name}}{{"\\r\\nLastState: "}}{{.lastState}}{{end}}'
  expect(ok(['get', 'pod', '-o', `go-template=${template}`, 'simmemleak-hra99'])).toMatch(
    /^Container Name: simmemleak-hra99\r\nLastState: map\[terminated:map\[containerID:containerd:\/\/[0-9a-f]{64} exitCode:137 finishedAt:\S+ reason:OOMKilled startedAt:\S+\]\]$/,
  )
  expect(ok('get pod simmemleak-hra99 -o jsonpath={.status.qosClass}')).toBe('Burstable')
})

it('a container above its CPU limit is slowed down, which top shows', async () => {
  ok('create -f -', pod('busy', { limits: { cpu: '200m' } }, ['sh', '-c', 'while true; do :; done']))
  ok('wait --for=condition=Ready pod/busy --timeout=30s')
  // A jump measures exactly, however busy this machine is.
  const clock = (spec: object): string => ok(['patch', 'clock', 'cluster', '--type=merge', '-p', JSON.stringify({ spec })])
  clock({ speed: 0 })
  clock({ jumpSeconds: 60 })
  await expect
    .poll(() => /^busy +(\d+)m /m.exec(cluster.kubectl('top pod busy --no-headers').stdout)?.[1], { timeout: 20_000 })
    .toMatch(/^(199|20[01])$/)
  ok('delete pod busy --force --grace-period=0')
  clock({ speed: 20 })
})

it('a claim grows when its class allows it', () => {
  expect(ok('get storageclass -o name')).toContain('storageclass.storage.k8s.io/')
  ok(
    'create -f -',
    'apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: data}\nspec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}\n',
  )
  ok(
    'create -f -',
    'apiVersion: v1\nkind: Pod\nmetadata: {name: user}\nspec: {containers: [{name: main, image: busybox, command: [sleep, "3600"], volumeMounts: [{name: data, mountPath: /data}]}], volumes: [{name: data, persistentVolumeClaim: {claimName: data}}]}\n',
  )
  ok('wait --for=condition=Ready pod/user --timeout=30s')
  ok(['patch', 'pvc', 'data', '-p', '{"spec":{"resources":{"requests":{"storage":"2Gi"}}}}'])
  ok(['wait', 'pvc/data', '--for=jsonpath={.status.capacity.storage}=2Gi', '--timeout=30s'])
  const smaller = cluster.kubectl(['patch', 'pvc', 'data', '-p', '{"spec":{"resources":{"requests":{"storage":"1Gi"}}}}'])
  expect(smaller).toMatchObject({
    code: 1,
    stderr:
      'The PersistentVolumeClaim "data" is invalid: spec.resources.requests.storage: Forbidden: field can not be less than status.capacity\n',
  })
})
