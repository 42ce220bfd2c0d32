/**
 * /stats/summary: what a node, its pods, their containers and volumes use.
 * https://kubernetes.io/docs/reference/instrumentation/node-metrics/#summary-api-source
 */
import { rfc3339 } from '../../clock.js'
import type { ContainerUsage, PodStats } from '../../kubelet/pod-stats.js'
import type { Traffic } from '../../network/network.js'
import type { Pod } from '../object.js'
import { declarationOf, statusOf } from './kubelet-containers.js'
import {
  amount,
  bootedAt,
  imageBytes,
  inodesOf,
  nodeDisk,
  nodeOf,
  podOf,
  total,
  volumeDisk,
  volumesOf,
  type FileSystem,
  type KubeletView,
} from './kubelet-view.js'

/** Nothing here ever waits for the machine. */
const NEVER_WAITED = { total: 0, avg10: 0, avg60: 0, avg300: 0 }
const PSI = { full: NEVER_WAITED, some: NEVER_WAITED }

/** How many processes a machine may have. */
const MOST_PROCESSES = 32_768

interface Counted {
  readonly containers: readonly ContainerUsage[]
  readonly cpuNanoCores: number | undefined
  /** What there is of memory, bytes; undefined without a limit. */
  readonly memoryLimit: number | undefined
}

/** The page. Numbers are of the moment, counters from the start of each container. */
export function summary(view: KubeletView): object {
  const time = rfc3339(view.clock.now())
  const { node, usage, traffic, rates } = view
  const status = nodeOf(view)?.status
  const startTime = rfc3339(bootedAt(view))
  const containers = usage.flatMap((p) => p.containers)
  const disk = nodeDisk(view)
  const used = counted(time, {
    containers,
    cpuNanoCores: rates?.node(node)?.cpuNanoCores,
    memoryLimit: amount(status?.capacity?.memory),
  })
  return {
    node: {
      nodeName: node,
      systemContainers: [{ name: 'pods', startTime, cpu: used.cpu, memory: used.memory }],
      startTime,
      ...used,
      ...(traffic ? { network: networkOf(time, traffic) } : {}),
      fs: fileSystem(time, disk),
      runtime: {
        imageFs: fileSystem(time, { ...disk, usedBytes: imageBytes(view) }),
        containerFs: fileSystem(time, { ...disk, usedBytes: total(containers, (c) => c.diskBytes ?? 0) }),
      },
      rlimit: { time, maxpid: MOST_PROCESSES, curproc: total(containers, (c) => c.processes ?? 0) },
      swap: { time, swapAvailableBytes: 0, swapUsageBytes: 0 },
    },
    pods: usage.map((pod) => podSummary(view, time, disk, pod)),
  }
}

/** What is left of the summary for those who want CPU and memory alone (`only_cpu_and_memory`). */
const BRIEF = new Set(['nodeName', 'systemContainers', 'podRef', 'name', 'startTime', 'containers', 'cpu', 'memory', 'swap'])

/** The page with CPU and memory alone. */
export function briefSummary(view: KubeletView): object {
  const { node, pods } = summary(view) as { node: object; pods: { containers: object[] }[] }
  return { node: brief(node), pods: pods.map((pod) => ({ ...brief(pod), containers: pod.containers.map(brief) })) }
}

const brief = (part: object): object => Object.fromEntries(Object.entries(part).filter(([name]) => BRIEF.has(name)))

function podSummary(view: KubeletView, time: string, disk: FileSystem, pod: PodStats): object {
  const { namespace, name, uid, containers, network } = pod
  const object = podOf(view, pod)
  const measured = view.rates?.pod(namespace, name)
  const rates = measured?.uid === uid ? measured.containers : []
  const limits = containers.map((c) => memoryLimit(object, c.name))
  const volumes = volumesOf(view, pod)
  const local = volumes.filter((v) => v.local)
  const ephemeral = {
    ...disk,
    usedBytes: total(containers, (c) => c.diskBytes ?? 0) + total(local, (v) => v.usedBytes),
    inodesUsed: total(local, (v) => v.inodes),
  }
  return {
    podRef: { name, namespace, uid },
    startTime: object?.status?.startTime,
    containers: containers.map((c, i) => {
      const log = c.logBytes ?? 0
      return {
        name: c.name,
        startTime: statusOf(object, c.name)?.state?.running?.startedAt,
        ...counted(time, {
          containers: [c],
          cpuNanoCores: rates.find((r) => r.name === c.name)?.cpuNanoCores,
          memoryLimit: limits[i],
        }),
        rootfs: fileSystem(time, { ...disk, usedBytes: (c.diskBytes ?? 0) - log, inodesUsed: 0 }),
        logs: fileSystem(time, { ...disk, usedBytes: log, inodesUsed: 1 }),
        swap: { time, swapUsageBytes: 0 },
      }
    }),
    ...counted(time, {
      containers,
      cpuNanoCores: rates.length > 0 ? total(rates, (r) => r.cpuNanoCores) : undefined,
      memoryLimit: limits.every((l) => l !== undefined) ? total(limits, (l) => l!) : undefined,
    }),
    ...(network ? { network: networkOf(time, network) } : {}),
    ...(volumes.length > 0
      ? {
          volume: volumes.map((volume) => ({
            ...fileSystem(time, volumeDisk(view, volume)),
            name: volume.name,
            ...(volume.claim ? { pvcRef: { name: volume.claim, namespace } } : {}),
          })),
        }
      : {}),
    'ephemeral-storage': fileSystem(time, ephemeral),
    process_stats: { process_count: total(containers, (c) => c.processes ?? 0) },
    swap: { time, swapUsageBytes: 0 },
  }
}

function counted(time: string, { containers, cpuNanoCores, memoryLimit }: Counted): { cpu: object; memory: object; io: object } {
  const memory = total(containers, (c) => c.memoryBytes)
  return {
    cpu: {
      time,
      ...(cpuNanoCores === undefined ? {} : { usageNanoCores: cpuNanoCores }),
      usageCoreNanoSeconds: Math.round(total(containers, (c) => c.cpuNanos)),
      psi: PSI,
    },
    memory: {
      time,
      ...(memoryLimit === undefined ? {} : { availableBytes: Math.max(0, memoryLimit - memory) }),
      usageBytes: memory,
      workingSetBytes: memory,
      rssBytes: memory,
      pageFaults: 0,
      majorPageFaults: 0,
      psi: PSI,
    },
    io: { time, psi: PSI },
  }
}

const fileSystem = (time: string, { capacityBytes, usedBytes, inodes, inodesUsed }: FileSystem): object => ({
  time,
  availableBytes: Math.max(0, capacityBytes - usedBytes),
  capacityBytes,
  usedBytes,
  inodesFree: Math.max(0, inodes - inodesUsed),
  inodes: inodes || inodesOf(capacityBytes),
  inodesUsed,
})

function networkOf(time: string, { receivedBytes, sentBytes }: Traffic): object {
  const eth0 = { name: 'eth0', rxBytes: receivedBytes, rxErrors: 0, txBytes: sentBytes, txErrors: 0 }
  return { time, ...eth0, interfaces: [eth0] }
}

/** How much memory a container may use, bytes; undefined without a limit. */
function memoryLimit(pod: Pod | undefined, container: string): number | undefined {
  const limit = declarationOf(pod, container)?.resources?.limits?.memory
  return limit === undefined ? undefined : amount(limit)
}
