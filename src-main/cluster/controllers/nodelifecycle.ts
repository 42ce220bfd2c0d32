/**
 * Watches over nodes: one whose kubelet stays silent becomes Unknown, conditions become taints, and pods of a node that
 * is not ready are marked so (https://kubernetes.io/docs/concepts/architecture/nodes/#node-status).
 */
import { resources } from '../api/client.js'
import { isReason } from '../api/errors.js'
import type { Lease, Node, Pod } from '../api/object.js'
import { rfc3339 } from '../clock.js'
import type { Controller, ControllerContext } from './controller.js'
import { KeyedController } from './controller.js'
import { referenceTo } from './events.js'
import { podCondition, podInformer } from './pods.js'
import { writeStatus } from './status.js'
import { readiness, ZoneHealth, zoneOf } from './zonehealth.js'

export interface NodeLifecycleOptions {
  /** How long a kubelet may be silent before its node is Unknown; 50 s by default. */
  gracePeriodMs?: number
}

type Taint = NonNullable<NonNullable<Node['spec']>['taints']>[number]
type NodeCondition = NonNullable<NonNullable<Node['status']>['conditions']>[number]

const NOT_READY = 'node.kubernetes.io/not-ready'
const UNREACHABLE = 'node.kubernetes.io/unreachable'
/** Which condition status stands for which NoSchedule taint. */
const TAINT_BY_CONDITION: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  Ready: { False: NOT_READY, Unknown: UNREACHABLE },
  MemoryPressure: { True: 'node.kubernetes.io/memory-pressure' },
  DiskPressure: { True: 'node.kubernetes.io/disk-pressure' },
  PIDPressure: { True: 'node.kubernetes.io/pid-pressure' },
  NetworkUnavailable: { True: 'node.kubernetes.io/network-unavailable' },
}
const UNSCHEDULABLE = 'node.kubernetes.io/unschedulable'
const NO_SCHEDULE_KEYS = new Set([UNSCHEDULABLE, ...Object.values(TAINT_BY_CONDITION).flatMap((t) => Object.values(t))])
const WATCHED_CONDITIONS = ['Ready', 'MemoryPressure', 'DiskPressure', 'PIDPressure']

/** One node each ten seconds gets the taint that evicts (--node-eviction-rate 0.1), in each zone. */
/** How long a new node may be silent (--node-startup-grace-period), ms. */
const STARTUP_GRACE_MS = 60_000
const EVICTION_INTERVAL_MS = 10_000
/** With this share of a zone unhealthy, and more than two nodes, a large zone is slower (--secondary-node-eviction-rate) and a small one waits. */
const UNHEALTHY_SHARE = 0.55
const SLOW_EVICTION_INTERVAL_MS = 100_000
const LARGE_ZONE = 50

const PODS_BY_NODE = 'pods-by-node'
const LEASE_NAMESPACE = 'kube-node-lease'
/** What a kubelet usually takes its Lease for, s. */
const LEASE_SECONDS = 40

export function startNodeLifecycleController(ctx: ControllerContext, { gracePeriodMs = 50_000 }: NodeLifecycleOptions = {}): Controller {
  const client = ctx.client.resource<Node>(resources.nodes)
  const podClient = ctx.client.resource<Pod>(resources.pods)
  const nodes = ctx.informers.for<Node>(resources.nodes)
  const leases = ctx.informers.for<Lease>(resources.leases)
  const pods = podInformer(ctx.informers)
  pods.addIndex(PODS_BY_NODE, (pod) => (pod.spec?.nodeName ? [pod.spec.nodeName] : []))
  /** When each node's kubelet was last heard of, by this process' own clock. */
  const heard = new Map<string, number>()
  /** When the next node of a zone may get its evicting taint. */
  const nextEviction = new Map<string, number>()
  const health = new ZoneHealth()
  const controller = new KeyedController(ctx, { name: 'node-controller', workers: 8, sync })

  controller.listen(nodes, {
    add(node) {
      const name = node.metadata.name!
      heard.set(name, ctx.clock.now())
      counted(() => health.add(node))
      controller.queue.add(name)
      ctx.events.event(aboutNode(node), 'Normal', 'RegisteredNode', `Node ${name} event: Registered Node ${name} in Controller`)
    },
    update(old, node) {
      counted(() => health.update(old, node))
      if (heartbeat(old) !== heartbeat(node)) heard.set(node.metadata.name!, ctx.clock.now())
      if (matters(old) !== matters(node)) controller.queue.add(node.metadata.name!)
      // Whoever has found it out, the kubelet or this controller.
      if (readiness(old) === 'True' && readiness(node) !== 'True') {
        const text = `Node ${node.metadata.name} status is now: NodeNotReady`
        ctx.events.event(aboutNode(node), 'Normal', 'NodeNotReady', text)
      }
    },
    delete(node) {
      const name = node.metadata.name!
      heard.delete(name)
      counted(() => health.delete(node))
      ctx.events.event(aboutNode(node), 'Normal', 'RemovingNode', `Node ${name} event: Removing Node ${name} from Controller`)
    },
  })
  controller.listen(leases, {
    add: (lease) => onLease(lease),
    update(old, lease) {
      if (secondsOf(old) > secondsOf(lease) && lease.metadata.namespace === LEASE_NAMESPACE) onShortened(lease)
      else if (old.spec?.renewTime !== lease.spec?.renewTime) onLease(lease)
    },
  })
  return controller.startAfter(nodes, leases, pods)

  /** Counts a change; when the first node becomes ready or the last one is lost, that concerns them all. */
  function counted(change: () => void): void {
    const before = health.total().ready > 0
    change()
    if (health.total().ready > 0 !== before) for (const node of nodes.list()) controller.queue.add(node.metadata.name!)
  }

  function onLease(lease: Lease): void {
    if (lease.metadata.namespace !== LEASE_NAMESPACE) return
    const name = lease.metadata.name!
    heard.set(name, ctx.clock.now())
    const node = nodes.get('', name)
    // A node that had been given up is looked at again; a healthy one has its time-out running already.
    if (node && readiness(node) !== 'True') controller.queue.add(name)
  }

  /** A Lease that was taken for a jump of time ends sooner: it counts from the last sign of life. */
  function onShortened(lease: Lease): void {
    const name = lease.metadata.name!
    const renewed = Date.parse(String(lease.spec?.renewTime))
    heard.set(name, Math.min(ctx.clock.now(), Number.isNaN(renewed) ? Infinity : renewed))
    controller.queue.add(name)
  }

  /** How long a node may be silent: one that has taken its Lease for longer, as for a jump of time, that much longer. */
  function patience(name: string): number {
    const lease = leases.get(LEASE_NAMESPACE, name)
    return gracePeriodMs + Math.max(0, (lease ? secondsOf(lease) : LEASE_SECONDS) - LEASE_SECONDS) * 1000
  }

  async function sync(name: string): Promise<void> {
    const cached = nodes.get('', name)
    if (!cached) return
    let node = cached
    const left = (heard.get(name) ?? ctx.clock.now()) + (hasSpoken(node) ? patience(name) : STARTUP_GRACE_MS) - ctx.clock.now()
    if (left > 0) controller.queue.addAfter(name, left + 1)
    else node = (await markUnknown(node)) ?? node
    if (hasSpoken(node) && readiness(node) !== 'True') await markPodsNotReady(node)
    await taint(node)
  }

  /** The kubelet is silent: nobody knows how the node is. */
  async function markUnknown(node: Node): Promise<Node | undefined> {
    const conditions = node.status?.conditions ?? []
    const now = rfc3339(ctx.clock.now())
    let changed = false
    const next: NodeCondition[] = [...conditions]
    for (const type of WATCHED_CONDITIONS) {
      const at = conditions.findIndex((c) => c.type === type)
      const old = conditions[at]
      if (old?.status === 'Unknown') continue
      changed = true
      const unknown = {
        type,
        status: 'Unknown',
        reason: old ? 'NodeStatusUnknown' : 'NodeStatusNeverUpdated',
        message: old ? 'Kubelet stopped posting node status.' : 'Kubelet never posted node status.',
        lastHeartbeatTime: old?.lastHeartbeatTime ?? node.metadata.creationTimestamp!,
        lastTransitionTime: now,
      }
      if (old) next[at] = unknown
      else next.push(unknown)
    }
    if (!changed) return undefined
    return writeStatus(client, node, { ...node.status, conditions: next })
  }

  async function markPodsNotReady(node: Node): Promise<void> {
    const ready = pods.byIndex(PODS_BY_NODE, node.metadata.name!).filter((pod) => podCondition(pod, 'Ready')?.status === 'True')
    const now = rfc3339(ctx.clock.now())
    await Promise.all(
      ready.map(async (pod) => {
        // Only the kubelet knows better, and while it is gone the pod must not get traffic.
        const condition = { ...podCondition(pod, 'Ready')!, status: 'False', lastTransitionTime: now }
        const { namespace, name } = pod.metadata
        try {
          await podClient.patch(namespace!, name!, { status: { conditions: [condition] } }, { type: 'strategic', subresource: 'status' })
          ctx.events.event(referenceTo('v1', 'Pod', pod), 'Warning', 'NodeNotReady', 'Node is not ready')
        } catch (error) {
          if (!isReason(error, 'NotFound')) throw error
        }
      }),
    )
  }

  async function taint(node: Node): Promise<void> {
    const old = node.spec?.taints ?? []
    const wanted = noScheduleTaints(node)
    const kept = old.filter((t) => !(t.effect === 'NoSchedule' && NO_SCHEDULE_KEYS.has(t.key)) && !isEvicting(t))
    const evicting = evictingTaint(node, old)
    const now = rfc3339(ctx.clock.now())
    const withTime = (t: { key: string; effect: string }): Taint => {
      const same = old.find((o) => o.key === t.key && o.effect === t.effect)
      return same ?? { ...t, timeAdded: now }
    }
    const next = [...kept, ...wanted.map(withTime), ...(evicting ? [withTime(evicting)] : [])]
    if (next.length === old.length && next.every((t) => old.some((o) => o.key === t.key && o.effect === t.effect))) return
    const patch = { metadata: { resourceVersion: node.metadata.resourceVersion }, spec: { taints: next.length ? next : null } }
    await client.patch('', node.metadata.name!, patch, { type: 'merge' })
  }

  /** The NoExecute taint of a node that is not ready: kept if it is there, added if the state of its zone allows it. */
  function evictingTaint(node: Node, old: readonly Taint[]): { key: string; effect: string } | undefined {
    const state = readiness(node)
    if (state === 'True' || !hasSpoken(node)) return undefined
    const key = state === 'False' ? NOT_READY : UNREACHABLE
    const wanted = { key, effect: 'NoExecute' }
    // When no node is ready the trouble is probably not the nodes': all of them are let alone.
    if (health.total().ready === 0) return undefined
    if (old.some(isEvicting)) return wanted
    const zone = zoneOf(node)
    const interval = evictionInterval(zone)
    if (interval === undefined) return undefined
    const now = ctx.clock.now()
    const at = nextEviction.get(zone) ?? 0
    if (now < at) {
      controller.queue.addAfter(node.metadata.name!, at - now)
      return undefined
    }
    nextEviction.set(zone, now + interval)
    return wanted
  }

  /** How long after one node of a zone the next may get its evicting taint, ms; undefined while none may. */
  function evictionInterval(zone: string): number | undefined {
    const { nodes: inZone, ready } = health.of(zone)
    const unhealthy = inZone - ready
    const isPartly = ready > 0 && unhealthy > 2 && unhealthy / inZone >= UNHEALTHY_SHARE
    if (!isPartly) return EVICTION_INTERVAL_MS
    return inZone > LARGE_ZONE ? SLOW_EVICTION_INTERVAL_MS : undefined
  }
}

/** Whether anybody has said of a node how it is. Before that, nothing happens to its pods. */
function hasSpoken(node: Node): boolean {
  return node.status?.conditions?.some((c) => c.type === 'Ready') ?? false
}

function isEvicting(t: Taint): boolean {
  return t.effect === 'NoExecute' && (t.key === NOT_READY || t.key === UNREACHABLE)
}

function noScheduleTaints(node: Node): { key: string; effect: string }[] {
  const keys: string[] = []
  for (const c of node.status?.conditions ?? []) {
    const key = TAINT_BY_CONDITION[c.type]?.[c.status]
    if (key) keys.push(key)
  }
  // A node whose kubelet has not said anything yet is not ready.
  if (!hasSpoken(node)) keys.push(NOT_READY)
  if (node.spec?.unschedulable) keys.push(UNSCHEDULABLE)
  return keys.map((key) => ({ key, effect: 'NoSchedule' }))
}

function secondsOf(lease: Lease): number {
  return lease.spec?.leaseDurationSeconds ?? LEASE_SECONDS
}

function heartbeat(node: Node): string | undefined {
  return node.status?.conditions?.find((c) => c.type === 'Ready')?.lastHeartbeatTime
}

/** What of a node decides its taints, as a text. */
function matters(node: Node): string {
  const conditions = (node.status?.conditions ?? []).map((c) => `${c.type}=${c.status}`)
  return JSON.stringify([conditions, node.spec?.unschedulable, node.spec?.taints])
}

function aboutNode(node: Node): ReturnType<typeof referenceTo> {
  return referenceTo('v1', 'Node', node)
}
