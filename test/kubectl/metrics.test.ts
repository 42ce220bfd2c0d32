import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { TestCluster } from './support/cluster.js'
import { narrowed, table, withoutIdentity } from './support/text.js'

/** kubectl top, autoscaling under load, and the clock that both are driven with. */

let cluster: TestCluster
const ok = (args: string[] | string, input?: string): string => cluster.ok(args, input)
const speed = (n: number): string => ok(['patch', 'clock', 'cluster', '--type=merge', '-p', JSON.stringify({ spec: { speed: n } })])
const replicas = (): number => Number(ok(['get', 'deployment', 'web', '-o', 'jsonpath={.spec.replicas}']))

/** Waits for something that the cluster comes to by itself. */
async function eventually(what: () => boolean): Promise<void> {
  await expect.poll(what, { timeout: 60_000, interval: 300 }).toBe(true)
}

/** Lets time pass until something holds, so many seconds at once: all that belongs in them is done, however busy this machine is. */
async function passes(what: () => boolean, seconds = 15): Promise<void> {
  speed(0)
  for (let turns = 0; !what(); turns++) {
    if (turns === 60) expect(what()).toBe(true)
    await cluster.jump(seconds)
  }
  speed(20)
}

beforeAll(async () => {
  cluster = await TestCluster.start({ args: ['--seed', '1', '--speed', '20'] })
  ok('create deployment web --image=registry.k8s.io/hpa-example')
  ok('set resources deployment web --requests=cpu=50m')
  ok('expose deployment web --port=80')
  ok('rollout status deployment/web --timeout=60s')
})
afterAll(async () => {
  await cluster?.stop()
})

describe('kubectl top', () => {
  it('shows what pods, their containers and nodes use', async () => {
    await eventually(() => /^web-\S+ +\d+m +\d+Mi *$/m.test(cluster.kubectl('top pods').stdout))
    expect(ok('top pods --containers')).toMatch(/^POD +NAME +CPU\(cores\) +MEMORY\(bytes\) *\nweb-\S+ +hpa-example +\d+m +\d+Mi *\n$/)
    expect(ok('top pods -A --sort-by=memory').split('\n')[0]).toMatch(/^NAMESPACE +NAME +CPU\(cores\) +MEMORY\(bytes\)/)
    expect(ok('top pods -l app=web --no-headers')).toMatch(/^web-/)
    expect(cluster.kubectl('top pods -l app=other').stderr).toBe('No resources found in default namespace.\n')
    expect(ok('top nodes')).toMatch(
      /^NAME +CPU\(cores\) +CPU\(%\) +MEMORY\(bytes\) +MEMORY\(%\) *\ndrydock +\d+m +\d+% +\d+Mi +\d+% *\ndrydock-m02 .*\ndrydock-m03 .*\n$/,
    )
    expect(cluster.kubectl('top pod nope').stderr).toBe('Error from server (NotFound): pods "nope" not found\n')
  })

  it('sums, sorts and lists containers, and refuses to sort by anything else', () => {
    const rows = (args: string): string[][] => table(ok(args))
    const milli = (cell: string): number => parseInt(cell, 10)
    const summed = rows('top pods -n kube-system --sum')
    const [heading, pods, [, line], [, ...sum]] = [summed[0]!, summed.slice(1, -2), summed.at(-2)!, summed.at(-1)!]
    expect(heading).toEqual(['NAME', 'CPU(cores)', 'MEMORY(bytes)'])
    expect([line, sum.length]).toEqual(['________', 2])
    // Each is shown in whole Mi, while what is behind them is added too.
    const whole = pods.map((row) => milli(row[2]!)).reduce((a, b) => a + b)
    expect(milli(sum[1]!) - whole).toBeGreaterThanOrEqual(0)
    expect(milli(sum[1]!) - whole).toBeLessThan(pods.length)
    for (const [by, column] of [
      ['cpu', 1],
      ['memory', 2],
    ] as const) {
      const amounts = rows(`top pods -n kube-system --sort-by=${by} --no-headers`).map((row) => milli(row[column]!))
      expect(amounts).toEqual([...amounts].sort((a, b) => b - a))
    }
    const containers = rows('top pods -n kube-system --containers --no-headers')
    expect(new Set(containers.map((row) => row[1]))).toEqual(
      new Set(['coredns', 'etcd', 'kindnet-cni', 'kube-apiserver', 'kube-controller-manager', 'kube-proxy', 'kube-scheduler']),
    )
    expect(containers.map((row) => row[0])).toEqual(containers.map((row) => row[0]).sort())
    const nodes = rows('top nodes --sort-by=memory --no-headers').map((row) => milli(row[3]!))
    expect(nodes).toEqual([...nodes].sort((a, b) => b - a))
    expect(cluster.kubectl('top pods --sort-by=age')).toMatchObject({ code: 1, stderr: 'error: --sort-by accepts only cpu or memory\n' })
    expect(rows('top node drydock --show-swap')[0]).toEqual([
      'NAME',
      'CPU(cores)',
      'CPU(%)',
      'MEMORY(bytes)',
      'MEMORY(%)',
      'SWAP(bytes)',
      'SWAP(%)',
    ])
  })

  it('the resources themselves have the columns of metrics-server', () => {
    expect(ok('get pods.metrics.k8s.io')).toMatch(/^NAME +CPU +MEMORY +WINDOW\nweb-\S+ +\S+ +\S+ +[\d.]+s\n$/)
    expect(ok('get nodes.metrics.k8s.io -o name')).toBe(
      'nodemetrics.metrics.k8s.io/drydock\nnodemetrics.metrics.k8s.io/drydock-m02\nnodemetrics.metrics.k8s.io/drydock-m03\n',
    )
    const list = JSON.parse(ok('get --raw /apis/metrics.k8s.io/v1beta1/nodes')) as { kind: string; metadata: object; items: object[] }
    expect([list.kind, list.metadata, list.items.map((i) => Object.keys(i))[0]]).toEqual([
      'NodeMetricsList',
      {},
      ['metadata', 'timestamp', 'window', 'usage'],
    ])
  })
})

describe('kubectl autoscale', () => {
  it('scales a Deployment up under load, and down when the load has ended', async () => {
    ok('autoscale deployment web --cpu-percent=50 --min=1 --max=5')
    ok([
      'run',
      'load',
      '--image=busybox:1.28',
      '--restart=Never',
      '--',
      '/bin/sh',
      '-c',
      'while sleep 0.2; do wget -q -O- http://web; done',
    ])
    await passes(() => replicas() === 5)
    await passes(() => /^web +Deployment\/web +cpu: \d+%\/50% +1 +5 +5 /m.test(ok('get hpa web')))
    expect(
      narrowed(withoutIdentity(ok('describe hpa web')))
        .replace(/\d+% \(\d+m\)/, 'N% (Nm)')
        .split('\n  AbleToScale')[0],
    ).toBe(`Name:  web
Namespace:  default
Labels:  <none>
Annotations:  <none>
CreationTimestamp:  TIME
Reference:  Deployment/web
Metrics:  ( current / target )
  resource cpu on pods  (as a percentage of request):  N% (Nm) / 50%
Min replicas:  1
Max replicas:  5
Deployment pods:  5 current / 5 desired
Conditions:
  Type  Status  Reason  Message
  ----  ------  ------  -------`)
    ok('delete pod load --now')
    await passes(() => replicas() === 1, 60)
    expect(ok('describe hpa web')).toMatch(/SuccessfulRescale .* New size: 1; reason: All metrics below target/)
  })
})

describe('the clock', () => {
  it('stands still, and is moved ahead once by jumpSeconds', async () => {
    speed(0)
    await eventually(() => /^cluster +0 +\S+Z/m.test(ok('get clock')))
    const time = (): number => Date.parse(ok(['get', 'clock', 'cluster', '-o', 'jsonpath={.status.time}']))
    const before = time()
    expect(time()).toBe(before)
    ok(['patch', 'clock', 'cluster', '--type=merge', '-p', '{"spec":{"jumpSeconds":600}}'])
    await eventually(() => time() >= before + 600_000)
    expect(time()).toBeLessThanOrEqual(before + 601_000)
    expect(JSON.parse(ok(['get', 'clock', 'cluster', '-o', 'jsonpath={.spec}']))).not.toHaveProperty('jumpSeconds')
  })

  it('stands where it stood after a restart of a paused cluster', async () => {
    const before = ok(['get', 'clock', 'cluster', '-o', 'jsonpath={.status.time}'])
    const { directory } = cluster
    await cluster.stop({ keep: true })
    cluster = await TestCluster.start({ directory })
    await eventually(() => /^cluster +0 +\S+Z/m.test(ok('get clock')))
    const after = Date.parse(ok(['get', 'clock', 'cluster', '-o', 'jsonpath={.status.time}'])) - Date.parse(before)
    expect(after).toBeGreaterThanOrEqual(0)
    expect(after).toBeLessThan(30_000)
  })

  it('cannot be deleted, and refuses a speed below zero', () => {
    expect(cluster.kubectl('delete clock cluster').stderr).toBe(
      'Error from server (MethodNotAllowed): delete is not supported on resources of kind "clocks.drydock.dev"\n',
    )
    expect(cluster.kubectl(['patch', 'clock', 'cluster', '--type=merge', '-p', '{"spec":{"speed":-1}}']).stderr).toBe(
      'The Clock "cluster" is invalid: spec.speed: Invalid value: -1: spec.speed in body should be greater than or equal to 0\n',
    )
  })
})
