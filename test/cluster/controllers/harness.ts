/** A fake API server, a clock that stands still, a stand-in kubelet and the controllers under test. */
import type { Client } from '../../../src-main/cluster/api/client.js'
import { resources } from '../../../src-main/cluster/api/client.js'
import type { Deployment, Event, Pod, ReplicaSet } from '../../../src-main/cluster/api/object.js'
import { VirtualClock } from '../../../src-main/cluster/clock.js'
import type { Controller } from '../../../src-main/cluster/controllers/controller.js'
import type { ControllersOptions } from '../../../src-main/cluster/controllers/manager.js'
import { startControllers } from '../../../src-main/cluster/controllers/manager.js'
import { Random } from '../../../src-main/cluster/random.js'
import { FakeCluster } from '../support/fake-cluster.js'
import type { SimpleKubelet } from '../support/simple-kubelet.js'
import { startSimpleKubelet } from '../support/simple-kubelet.js'

export const START = Date.parse('2026-11-21T09:00:00Z')

export interface Harness {
  clock: VirtualClock
  cluster: FakeCluster
  kubelet: SimpleKubelet
  /** A person with kubectl. */
  user: Client
  controllers: Controller
  /** Errors that controllers logged. */
  errors: string[]
  /** Events of one object as `Type Reason Message`, in order, with ` (xN)` when they repeated. */
  eventsOf(name: string, namespace?: string): string[]
}

export function startHarness(only: readonly string[], options: Partial<ControllersOptions> & { kubelet?: boolean } = {}): Harness {
  const clock = new VirtualClock({ start: START, speed: 0 })
  const cluster = new FakeCluster(clock, new Random('api'))
  const errors: string[] = []
  const { kubelet: withKubelet = true, ...rest } = options
  const kubelet: SimpleKubelet = withKubelet ? startSimpleKubelet(cluster) : { ready: () => true, starts: () => true, lets: () => true }
  const controllers = startControllers({
    client: (user) => cluster.client(user.username),
    informers: cluster,
    clock,
    random: new Random('controllers'),
    only,
    log: (message, error) => errors.push(`${message}: ${(error as Error).message}`),
    ...rest,
  })
  return {
    clock,
    cluster,
    kubelet,
    user: cluster.client('kubernetes-admin'),
    controllers,
    errors,
    eventsOf(name, namespace = 'default') {
      return cluster
        .all<Event>(resources.events, namespace)
        .filter((e) => e.involvedObject.name === name)
        .sort((a, b) => (a.metadata.name! < b.metadata.name! ? -1 : 1))
        .map((e) => `${e.type} ${e.reason} ${e.message}${(e.count ?? 1) > 1 ? ` (x${e.count})` : ''}`)
    },
  }
}

export const podTemplate = (labels: Record<string, string>, image = 'nginx:1.25') => ({
  metadata: { labels },
  spec: { containers: [{ name: 'main', image }], terminationGracePeriodSeconds: 30, restartPolicy: 'Always' },
})

export function replicaSet(name: string, replicas: number, extra: object = {}): ReplicaSet {
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: { name, namespace: 'default' },
    spec: { replicas, selector: { matchLabels: { app: name } }, template: podTemplate({ app: name }), ...extra },
    status: { replicas: 0 },
  }
}

export function deployment(name: string, replicas: number, extra: object = {}): Deployment {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace: 'default' },
    spec: {
      replicas,
      selector: { matchLabels: { app: name } },
      template: podTemplate({ app: name }),
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%' as never, maxUnavailable: '25%' as never } },
      revisionHistoryLimit: 10,
      progressDeadlineSeconds: 600,
      ...extra,
    },
    status: {},
  }
}

export function pod(name: string, labels: Record<string, string>, extra: { spec?: object; status?: object; metadata?: object } = {}): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'default', labels, ...extra.metadata },
    spec: { containers: [{ name: 'main', image: 'nginx:1.25' }], terminationGracePeriodSeconds: 30, ...extra.spec },
    status: { phase: 'Pending', ...extra.status },
  }
}
