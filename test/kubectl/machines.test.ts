import { afterAll, beforeAll, expect, it } from 'vitest'
import { TestCluster } from './support/cluster.js'

/** Nodes that come and go while clients are connected, and the clock that is moved under them. */

let cluster: TestCluster
const ok = (args: string[] | string, input?: string): string => cluster.ok(args, input)
const patch = (what: string, spec: object): string => ok(['patch', ...what.split(' '), '--type=merge', '-p', JSON.stringify({ spec })])

beforeAll(async () => {
  cluster = await TestCluster.start({ args: ['--nodes', '2', '--seed', '1'] })
})
afterAll(() => cluster.stop())

it('a machine is made from a file, and its node registers itself', () => {
  const machine = {
    apiVersion: 'drydock.dev/v1',
    kind: 'Machine',
    metadata: { name: 'big' },
    spec: { cpu: '16', memory: '64Gi', zone: 'eu-1a' },
  }
  expect(ok('apply -f -', JSON.stringify(machine))).toBe('machine.drydock.dev/big created\n')
  ok('wait --for=create node/big --timeout=20s')
  expect(ok('wait --for=condition=Ready node/big --timeout=20s')).toBe('node/big condition met\n')
  expect(ok('get machines -o wide')).toMatch(
    /^NAME +STATUS +CPU +MEMORY +PODS +ADDRESS +ZONE +AGE\nbig +Running +16 +64Gi +110 +192\.168\.49\.4 +eu-1a +\S+\ndrydock +Running +4 /,
  )
  expect(ok('get node big -L topology.kubernetes.io/zone')).toMatch(/^big +Ready +<none> +\S+ +v1\.36\.0 +eu-1a$/m)
})

it('a shell and a watch stay connected while time stands still, jumps and a machine stops and starts', async () => {
  ok('run shell --image=busybox --restart=Never --overrides={"spec":{"nodeName":"drydock"}} -- sleep 1000000')
  ok('wait --for=condition=Ready pod/shell --timeout=30s')
  const shell = cluster.start('exec -i shell -- sh')
  const watch = cluster.start('get nodes -w')
  await watch.until(/drydock-m02 +Ready/)
  shell.type('echo one $HOSTNAME\n')
  await shell.until('one shell')
  patch('clock cluster', { speed: 0 })
  shell.type('echo paused $((2 * 21))\n')
  await shell.until('paused 42')
  patch('machine drydock-m02', { running: false })
  await expect.poll(() => ok('get machine drydock-m02 --no-headers').split(/ +/)[1], { timeout: 10_000 }).toBe('Stopped')
  patch('clock cluster', { jumpSeconds: 3600 })
  await watch.until(/drydock-m02 +NotReady/)
  shell.type('date +%s > /later; echo jumped\n')
  await shell.until('jumped')
  patch('clock cluster', { speed: 1 })
  patch('machine drydock-m02', { running: true })
  await watch.until(/drydock-m02 +NotReady[^]*drydock-m02 +Ready/)
  shell.type('exit 3\n')
  expect(await new Promise((resolve) => shell.child.once('exit', resolve))).toBe(3)
  await watch.stop()
})

it('why a pod is where it is can be read', () => {
  ok('run web --image=nginx')
  ok('wait --for=condition=Ready pod/web --timeout=30s')
  expect(ok('get schedulingdecision web')).toMatch(
    /^NAME +OUTCOME +NODE +SCORE +FEASIBLE +ATTEMPT +AGE\nweb +Scheduled +(big|drydock|drydock-m02) +\d+ +3\/3 +1 +\S+\n$/,
  )
  expect(ok('explain schedulingdecision.nodes.plugins')).toMatch(/FIELD: plugins <\[\]Object>[^]*verdict\t<string>/)
})

it('a machine that is deleted takes its node along', () => {
  expect(ok('delete machine big')).toBe('machine.drydock.dev "big" deleted\n')
  expect(ok('get nodes -o name')).toBe('node/drydock\nnode/drydock-m02\n')
  expect(cluster.kubectl('delete machine drydock').stderr).toBe(
    'Error from server (Forbidden): machines.drydock.dev "drydock" is forbidden: the control plane runs on it\n',
  )
})
