/** What monitoring tools read of a kubelet: the summary and the metrics of a node, its pods, containers and volumes. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { kubeletAnswer } from '../../../../src-main/cluster/api/proxy/kubelet.js'
import type { KubeletView } from '../../../../src-main/cluster/api/proxy/kubelet-view.js'
import type { PodStats } from '../../../../src-main/cluster/kubelet/pod-stats.js'
import { pod } from '../fixture.js'
import { startHttps } from '../https.js'

const GIB = 2 ** 30
const MIB = 2 ** 20
const TIME = '2026-11-21T09:00:00Z'
const NOW = Date.parse(TIME)
const MERGE = { 'content-type': 'application/merge-patch+json' }
const PODS = '/api/v1/namespaces/default/pods'
const CLAIMS = '/api/v1/namespaces/default/persistentvolumeclaims'

let f: Awaited<ReturnType<typeof startHttps>>
let view: KubeletView

beforeAll(async () => {
  f = await startHttps()
  await f.send('POST', '/api/v1/nodes', { body: { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n1' } } })
  const nodeInfo = { bootID: 'b', machineID: 'm', systemUUID: 's', kernelVersion: '6.8', osImage: 'Debian' }
  await f.send('PATCH', '/api/v1/nodes/n1/status', {
    headers: MERGE,
    body: {
      status: {
        capacity: { cpu: '4', memory: '8Gi', 'ephemeral-storage': '10Gi' },
        conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: '2026-11-21T08:00:00Z' }],
        images: [{ names: ['nginx'], sizeBytes: 100 * MIB }],
        nodeInfo,
      },
    },
  })
  const claim = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } }
  await f.send('POST', CLAIMS, { body: { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name: 'data' }, spec: claim } })
  await f.send('PATCH', `${CLAIMS}/data/status`, { headers: MERGE, body: { status: { capacity: { storage: '1Gi' } } } })
  const { json } = await f.send('POST', PODS, {
    body: pod('web', {
      nodeName: 'n1',
      containers: [
        { name: 'c', image: 'nginx', resources: { limits: { cpu: '500m', memory: '64Mi' }, requests: { cpu: '250m', memory: '64Mi' } } },
      ],
      volumes: [
        { name: 'tmp', emptyDir: {} },
        { name: 'ram', emptyDir: { medium: 'Memory', sizeLimit: '16Mi' } },
        { name: 'data', persistentVolumeClaim: { claimName: 'data' } },
        { name: 'host', hostPath: { path: '/var' } },
      ],
    }),
  })
  await f.send('PATCH', `${PODS}/web/status`, {
    headers: MERGE,
    body: {
      status: {
        startTime: '2026-11-21T08:30:00Z',
        containerStatuses: [
          {
            name: 'c',
            image: 'docker.io/library/nginx:latest',
            imageID: '',
            ready: true,
            restartCount: 0,
            state: { running: { startedAt: '2026-11-21T08:30:01Z' } },
          },
        ],
      },
    },
  })
  const { uid } = json.metadata as { uid: string }
  const usage: PodStats = {
    node: 'n1',
    namespace: 'default',
    name: 'web',
    uid,
    sandbox: 'box',
    containers: [{ name: 'c', id: 'run', cpuNanos: 2.5e9, memoryBytes: 16 * MIB, diskBytes: 3 * MIB, logBytes: MIB, processes: 2 }],
    network: { receivedBytes: 1000, sentBytes: 2000, receivedPackets: 3, sentPackets: 4 },
    probes: [{ container: 'c', kind: 'readiness', result: 'failure', count: 2 }],
    volumes: [
      { name: 'tmp', usedBytes: 4 * MIB, inodes: 3 },
      { name: 'ram', usedBytes: MIB, inodes: 2 },
      { name: 'data', usedBytes: 256 * MIB, inodes: 5 },
      { name: 'host', usedBytes: 7, inodes: 1 },
    ],
  }
  view = {
    store: f.server.machinery.store,
    clock: f.clock,
    node: 'n1',
    usage: [usage],
    traffic: { receivedBytes: 30, sentBytes: 40, receivedPackets: 3, sentPackets: 4 },
    rates: {
      node: () => ({ cpuNanoCores: 2_000_000 }),
      pod: () => ({ uid, containers: [{ name: 'c', cpuNanoCores: 1_500_000 }] }),
    },
  }
})
afterAll(() => f.server.close())

const page = (path: string): string => kubeletAnswer(view, 'GET', path).body
const lines = (path: string, start: string): string[] =>
  page(path)
    .split('\n')
    .filter((line) => line.startsWith(start))
const disk = (usedBytes: number, capacityBytes: number, inodesUsed: number): object => {
  const inodes = capacityBytes / 16_384
  return {
    time: TIME,
    availableBytes: capacityBytes - usedBytes,
    capacityBytes,
    usedBytes,
    inodesFree: inodes - inodesUsed,
    inodes,
    inodesUsed,
  }
}
const never = { total: 0, avg10: 0, avg60: 0, avg300: 0 }
const psi = { full: never, some: never }
const memory = (of: number, used = 16 * MIB): object => ({
  time: TIME,
  availableBytes: of - used,
  usageBytes: used,
  workingSetBytes: used,
  rssBytes: used,
  pageFaults: 0,
  majorPageFaults: 0,
  psi,
})
const cpu = (usageNanoCores: number): object => ({ time: TIME, usageNanoCores, usageCoreNanoSeconds: 2.5e9, psi })
const network = (rxBytes: number, txBytes: number): object => {
  const eth0 = { name: 'eth0', rxBytes, rxErrors: 0, txBytes, txErrors: 0 }
  return { time: TIME, ...eth0, interfaces: [eth0] }
}

describe('the summary of a node', () => {
  it('tells what the machine uses and has', () => {
    const { node } = JSON.parse(page('/stats/summary'))
    const startTime = '2026-11-21T08:00:00Z'
    expect(node).toEqual({
      nodeName: 'n1',
      systemContainers: [{ name: 'pods', startTime, cpu: cpu(2_000_000), memory: memory(8 * GIB) }],
      startTime,
      cpu: cpu(2_000_000),
      memory: memory(8 * GIB),
      io: { time: TIME, psi },
      network: network(30, 40),
      fs: disk(107 * MIB, 10 * GIB, 3),
      runtime: { imageFs: disk(100 * MIB, 10 * GIB, 3), containerFs: disk(3 * MIB, 10 * GIB, 3) },
      rlimit: { time: TIME, maxpid: 32_768, curproc: 2 },
      swap: { time: TIME, swapAvailableBytes: 0, swapUsageBytes: 0 },
    })
  })

  it('tells the same of each pod, its containers and its volumes, with the claims that they are of', () => {
    const { pods } = JSON.parse(page('/stats/summary'))
    expect(pods).toEqual([
      {
        podRef: { name: 'web', namespace: 'default', uid: view.usage[0]!.uid },
        startTime: '2026-11-21T08:30:00Z',
        containers: [
          {
            name: 'c',
            startTime: '2026-11-21T08:30:01Z',
            cpu: cpu(1_500_000),
            memory: memory(64 * MIB),
            io: { time: TIME, psi },
            rootfs: disk(2 * MIB, 10 * GIB, 0),
            logs: disk(MIB, 10 * GIB, 1),
            swap: { time: TIME, swapUsageBytes: 0 },
          },
        ],
        cpu: cpu(1_500_000),
        memory: memory(64 * MIB),
        io: { time: TIME, psi },
        network: network(1000, 2000),
        volume: [
          { ...disk(4 * MIB, 10 * GIB, 3), name: 'tmp' },
          { ...disk(MIB, 16 * MIB, 2), name: 'ram' },
          { ...disk(256 * MIB, GIB, 5), name: 'data', pvcRef: { name: 'data', namespace: 'default' } },
        ],
        'ephemeral-storage': disk(7 * MIB, 10 * GIB, 3),
        process_stats: { process_count: 2 },
        swap: { time: TIME, swapUsageBytes: 0 },
      },
    ])
  })
})

it('the summary can be of CPU and memory alone', () => {
  const { node, pods } = JSON.parse(page('/stats/summary?only_cpu_and_memory=true'))
  expect(Object.keys(node)).toEqual(['nodeName', 'systemContainers', 'startTime', 'cpu', 'memory', 'swap'])
  expect(Object.keys(pods[0])).toEqual(['podRef', 'startTime', 'containers', 'cpu', 'memory', 'swap'])
  expect(Object.keys(pods[0].containers[0])).toEqual(['name', 'startTime', 'cpu', 'memory', 'swap'])
})

describe('the metrics of a node', () => {
  it('are those of the kubelet: pods, containers, logs, volumes', () => {
    const found = ['kubelet_', 'volume_manager_'].flatMap((start) => lines('/metrics', start))
    const claim = '{namespace="default",persistentvolumeclaim="data"}'
    expect(found).toEqual([
      'kubelet_active_pods{static=""} 1',
      'kubelet_active_pods{static="true"} 0',
      `kubelet_container_log_filesystem_used_bytes{container="c",namespace="default",pod="web",uid="${view.usage[0]!.uid}"} 1.048576e+06`,
      'kubelet_desired_pods{static=""} 1',
      'kubelet_desired_pods{static="true"} 0',
      'kubelet_managed_ephemeral_containers 0',
      'kubelet_mirror_pods 0',
      'kubelet_node_name{node="n1"} 1',
      'kubelet_running_containers{container_state="running"} 1',
      'kubelet_running_pods 1',
      `kubelet_volume_stats_available_bytes${claim} 8.05306368e+08`,
      `kubelet_volume_stats_capacity_bytes${claim} 1.073741824e+09`,
      `kubelet_volume_stats_inodes${claim} 65536`,
      `kubelet_volume_stats_inodes_free${claim} 65531`,
      `kubelet_volume_stats_inodes_used${claim} 5`,
      `kubelet_volume_stats_used_bytes${claim} 2.68435456e+08`,
      ...['empty-dir', 'host-path'].flatMap((plugin) =>
        ['actual_state_of_world', 'desired_state_of_world'].map(
          (state) => `volume_manager_total_volumes{plugin_name="kubernetes.io/${plugin}",state="${state}"} 2`,
        ),
      ),
    ])
    expect(lines('/metrics', 'process_start_time_seconds')).toEqual(['process_start_time_seconds 1.795248e+09'])
  })

  it('are those of cAdvisor: the machine, each pod and each container with their groups, limits and traffic', () => {
    const slice = `/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod${view.usage[0]!.uid.replaceAll('-', '_')}.slice`
    const group = (container: string, id: string, image: string, name: string): string =>
      `{container="${container}",id="${id}",image="${image}",name="${name}"`
    const inPod = ',namespace="default",pod="web"}'
    const outside = ',namespace="",pod=""}'
    const container = group('c', `${slice}/cri-containerd-run.scope`, 'docker.io/library/nginx:latest', 'run')
    expect(lines('/metrics/cadvisor', 'container_memory_working_set_bytes')).toEqual([
      `container_memory_working_set_bytes${group('', '/', '', '')}${outside} 1.6777216e+07 ${NOW}`,
      `container_memory_working_set_bytes${group('', slice, '', '')}${inPod} 1.6777216e+07 ${NOW}`,
      `container_memory_working_set_bytes${container}${inPod} 1.6777216e+07 ${NOW}`,
    ])
    expect(lines('/metrics/cadvisor', 'container_spec_')).toEqual([
      `container_spec_cpu_period${container}${inPod} 100000`,
      `container_spec_cpu_quota${container}${inPod} 50000`,
      `container_spec_cpu_shares${container}${inPod} 256`,
      `container_spec_memory_limit_bytes${container}${inPod} 6.7108864e+07`,
      `container_spec_memory_swap_limit_bytes${container}${inPod} 0`,
    ])
    const eth0 = (id: string, image: string, name: string, rest: string): string =>
      `{container="",id="${id}",image="${image}",interface="eth0",name="${name}"${rest}`
    const pause = eth0(`${slice}/cri-containerd-box.scope`, 'registry.k8s.io/pause:3.10.1', 'box', inPod)
    expect(lines('/metrics/cadvisor', 'container_network_receive_bytes_total')).toEqual([
      `container_network_receive_bytes_total${eth0('/', '', '', outside)} 30 ${NOW}`,
      `container_network_receive_bytes_total${pause} 1000 ${NOW}`,
    ])
    expect(lines('/metrics/cadvisor', 'container_network_transmit_packets_total')[1]).toBe(
      `container_network_transmit_packets_total${pause} 4 ${NOW}`,
    )
    const machine = '{boot_id="b",machine_id="m",system_uuid="s"}'
    expect(lines('/metrics/cadvisor', 'machine_')).toEqual([
      `machine_cpu_cores${machine} 4 ${NOW}`,
      `machine_cpu_physical_cores${machine} 4 ${NOW}`,
      `machine_cpu_sockets${machine} 1 ${NOW}`,
      `machine_memory_bytes${machine} 8.589934592e+09 ${NOW}`,
      'machine_scrape_error 0',
      `machine_swap_bytes${machine} 0 ${NOW}`,
    ])
  })

  it('are in the order of their names, each told of once', () => {
    for (const path of ['/metrics', '/metrics/cadvisor', '/metrics/resource']) {
      const names = lines(path, '# TYPE ').map((line) => line.split(' ')[2]!)
      expect(names).toEqual([...new Set(names)].sort())
    }
  })

  it('count the results of probes', () => {
    const labels = `container="c",namespace="default",pod="web",pod_uid="${view.usage[0]!.uid}"`
    expect(lines('/metrics/probes', 'prober_')).toEqual([`prober_probe_total{${labels},probe_type="Readiness",result="failed"} 2`])
  })

  it('tell when containers started', () => {
    expect(lines('/metrics/resource', 'container_start_time_seconds')).toEqual([
      'container_start_time_seconds{container="c",namespace="default",pod="web"} 1.795249801e+09',
    ])
  })
})

it('a kubelet says of itself since when it runs, and what it was started with', () => {
  expect(page('/statusz').split('\n').slice(1, 9)).toEqual([
    'kubelet statusz',
    'Warning: This endpoint is not meant to be machine parseable, has no formatting compatibility guarantees and is for debugging purposes only.',
    '',
    'Started: Sat Nov 21 08:00:00 UTC 2026',
    'Up: 1 hr 00 min 00 sec',
    'Go version: go1.26.2',
    'Binary version: 1.36.0',
    'Emulation version: 1.36',
  ])
})
