import { afterAll, beforeAll, expect, it } from 'vitest'
import { TestCluster } from '../support/cluster.js'

/** The study notes on nodes: taken out of service and back, and static pods, which only their node's disk knows. The clock runs 20 times as fast. */

let cluster: TestCluster
const ok = (args: string[] | string, input?: string): string => cluster.ok(args, input)

beforeAll(async () => {
  cluster = await TestCluster.start({ args: ['--nodes', '2', '--speed', '20'] })
})
afterAll(() => cluster.stop())

it('the parts of the control plane are healthy, though nobody asks this way any more', () => {
  expect(cluster.kubectl('get componentstatuses')).toEqual({
    code: 0,
    stdout:
      'NAME                 STATUS    MESSAGE   ERROR\ncontroller-manager   Healthy   ok        \netcd-0               Healthy   ok        \nscheduler            Healthy   ok        \n',
    stderr: 'Warning: v1 ComponentStatus is deprecated in v1.19+\n',
  })
})

it('a drained node cannot be scheduled on until it is uncordoned', () => {
  ok('create deployment web --image=nginx --replicas=3')
  ok('rollout status deployment/web --timeout=60s')
  const drained = ok('drain drydock-m02 --ignore-daemonsets --delete-emptydir-data')
  expect(drained).toMatch(/^node\/drydock-m02 cordoned\n/)
  expect(drained).toMatch(/\nnode\/drydock-m02 drained\n$/)
  expect(ok('get node drydock-m02 --no-headers')).toMatch(/^drydock-m02 +Ready,SchedulingDisabled +<none> /)
  expect(ok('get pods -l app=web --field-selector spec.nodeName=drydock-m02 -o name')).toBe('')
  expect(ok('uncordon drydock-m02')).toBe('node/drydock-m02 uncordoned\n')
  ok('scale deployment web --replicas=6')
  ok('rollout status deployment/web --timeout=60s')
  expect(ok('get pods -l app=web --field-selector spec.nodeName=drydock-m02 -o name').trim().split('\n').length).toBeGreaterThanOrEqual(2)
  ok('delete deployment web')
})

it('a manifest on the disk of a node is a pod there, which deleting does not end', async () => {
  const manifest =
    'apiVersion: v1\nkind: Pod\nmetadata: {name: static-web, labels: {role: myrole}}\nspec: {containers: [{name: web, image: nginx, ports: [{containerPort: 80}]}]}\n'
  ok('debug node/drydock-m02 --image=busybox -- sleep 3600')
  const shell = ok('get pods -o jsonpath={.items[?(@.spec.nodeName=="drydock-m02")].metadata.name}')
  expect(shell).toMatch(/^node-debugger-drydock-m02-[a-z0-9]{5}$/)
  ok(`wait --for=condition=Ready pod/${shell} --timeout=30s`)
  const target = '/host/etc/kubernetes/manifests'
  ok(['exec', '-i', shell, '--', 'sh', '-c', `mkdir -p ${target}; cat > ${target}/static-web.yaml`], manifest)
  ok('wait --for=create pod/static-web-drydock-m02 --timeout=30s')
  ok('wait --for=condition=Ready pod/static-web-drydock-m02 --timeout=30s')
  const described = ok('describe pod static-web-drydock-m02')
  expect(described).toContain('Controlled By:  Node/drydock-m02\n')
  expect(described).toMatch(/kubernetes\.io\/config\.source: file\n/)
  const started = ok('get pod static-web-drydock-m02 -o jsonpath={.status.containerStatuses[0].state.running.startedAt}')
  ok('delete pod static-web-drydock-m02 --wait=false')
  await expect
    .poll(() => cluster.kubectl('get pod static-web-drydock-m02 -o jsonpath={.metadata.deletionTimestamp}{.status.phase}').stdout, {
      timeout: 20_000,
    })
    .toBe('Running')
  expect(ok('get pod static-web-drydock-m02 -o jsonpath={.status.containerStatuses[0].state.running.startedAt}')).toBe(started)
  ok(`exec ${shell} -- rm /host/etc/kubernetes/manifests/static-web.yaml`)
  ok('wait --for=delete pod/static-web-drydock-m02 --timeout=30s')
})
