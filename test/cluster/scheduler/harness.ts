/** A fake API server, a clock that stands still and the scheduler. */
import { resources } from '../../../src-main/cluster/api/client.js'
import type { Event, KubeObject, Node, Pod } from '../../../src-main/cluster/api/object.js'
import { VirtualClock } from '../../../src-main/cluster/clock.js'
import { Random } from '../../../src-main/cluster/random.js'
import type { Scheduler, SchedulerOptions } from '../../../src-main/cluster/scheduler/scheduler.js'
import { startScheduler } from '../../../src-main/cluster/scheduler/scheduler.js'
import { FakeCluster } from '../support/fake-cluster.js'

export const START = Date.parse('2026-11-21T09:00:00Z')

export interface SchedulerHarness {
  clock: VirtualClock
  cluster: FakeCluster
  scheduler: Scheduler
  errors: string[]
  add(...objects: (Node | Pod)[]): Promise<void>
  create(gvr: { group: string; version: string; resource: string }, object: object): Promise<void>
  nodeOf(name: string): string | undefined
  eventsOf(name: string): string[]
}

export async function startSchedulerHarness(nodes: Node[] = [], options: Partial<SchedulerOptions> = {}): Promise<SchedulerHarness> {
  const clock = new VirtualClock({ start: START, speed: 0 })
  const cluster = new FakeCluster(clock, new Random('api'))
  const errors: string[] = []
  const user = cluster.client('kubernetes-admin')
  for (const n of nodes) await user.resource<Node>(resources.nodes).create('', n)
  const scheduler = startScheduler({
    client: (u) => cluster.client(u.username),
    informers: cluster,
    clock,
    random: new Random('scheduler'),
    log: (message, error) => errors.push(`${message}: ${(error as Error).message}`),
    ...options,
  })
  await clock.settle()
  return {
    clock,
    cluster,
    scheduler,
    errors,
    async add(...objects) {
      for (const o of objects) {
        if (o.kind === 'Node') await user.resource<Node>(resources.nodes).create('', o as Node)
        else await user.resource<Pod>(resources.pods).create(o.metadata.namespace!, o as Pod)
      }
      await clock.settle()
    },
    async create(gvr, object) {
      const o = object as KubeObject
      await user.resource(gvr).create(o.metadata.namespace ?? '', o)
      await clock.settle()
    },
    nodeOf: (name) => cluster.get<Pod>(resources.pods, 'default', name).spec!.nodeName,
    eventsOf: (name) =>
      cluster
        .all<Event>(resources.events)
        .filter((e) => e.involvedObject.name === name)
        .sort((a, b) => (a.metadata.name! < b.metadata.name! ? -1 : 1))
        .map((e) => `${e.type} ${e.reason} ${e.message}`),
  }
}

export function node(
  name: string,
  extra: { cpu?: string; memory?: string; pods?: string; labels?: object; spec?: object; images?: object[] } = {},
): Node {
  const { cpu = '4', memory = '8Gi', pods = '110', labels = {}, spec = {}, images } = extra
  const allocatable = { cpu, memory, pods, 'ephemeral-storage': '100Gi' }
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, labels: { 'kubernetes.io/hostname': name, ...labels } },
    spec,
    status: { capacity: allocatable, allocatable, ...(images ? { images: images as never } : {}) },
  }
}

export const controlPlane = (name: string): Node =>
  node(name, { spec: { taints: [{ key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' }] } })

export function pod(name: string, spec: Record<string, unknown> = {}, labels: Record<string, string> = {}, metadata: object = {}): Pod {
  const { requests, ...rest } = spec
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'default', labels, ...metadata },
    spec: {
      containers: [
        { name: 'main', image: 'nginx:1.25', ...(requests ? { resources: { requests: requests as Record<string, string> } } : {}) },
      ],
      ...rest,
    },
    status: { phase: 'Pending' },
  }
}
