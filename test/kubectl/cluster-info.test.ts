import fs from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { TestCluster } from './support/cluster.js'

let cluster: TestCluster
const ok = (args: string[] | string): string => cluster.ok(args)
const names = (namespace: string): string[] => ok(`get pods -n ${namespace} -o jsonpath={.items[*].metadata.name}`).split(' ')

beforeAll(async () => {
  cluster = await TestCluster.start()
  ok('create deployment web --image=nginx --replicas=2')
  ok('wait --for=condition=Available deployment/web --timeout=60s')
  ok('rollout status -n kube-system deployment/coredns --timeout=60s')
})
afterAll(() => cluster?.stop())

describe('cluster-info dump', () => {
  it('writes a folder for each namespace, with a folder of logs for each pod', () => {
    const to = path.join(cluster.directory, 'dump')
    expect(ok(['cluster-info', 'dump', '--namespaces=default,kube-public', `--output-directory=${to}`])).toBe(
      `Cluster info dumped to ${to}\n`,
    )
    const files = ['daemonsets', 'deployments', 'events', 'pods', 'replicasets', 'replication-controllers', 'services'].map(
      (n) => `${n}.json`,
    )
    expect(fs.readdirSync(to).sort()).toEqual(['default', 'kube-public', 'nodes.json'])
    const pods = names('default')
    expect(fs.readdirSync(path.join(to, 'default')).sort()).toEqual([...files, ...pods].sort())
    expect(fs.readdirSync(path.join(to, 'kube-public')).sort()).toEqual(files)
    for (const pod of pods) {
      const logs = fs.readFileSync(path.join(to, 'default', pod, 'logs.txt'), 'utf8')
      expect(logs.split('\n')[0]).toMatch(new RegExp(`^==== START logs for container \\S+ of pod default/${pod} ====$`))
    }
  })

  it('prints nodes, then of each namespace its lists and the logs of its pods', () => {
    const out = ok('cluster-info dump --namespaces=kube-public,kube-system')
    const kinds = [...out.matchAll(/^ {4}"kind": "(\w+List)"/gm)].map((m) => m[1])
    const each = ['EventList', 'ReplicationControllerList', 'ServiceList', 'DaemonSetList', 'DeploymentList', 'ReplicaSetList', 'PodList']
    expect(kinds).toEqual(['NodeList', ...each, ...each])
    const starts = [...out.matchAll(/^==== (START|END) logs for container (\S+) of pod kube-system\/(\S+) ====$/gm)].map(
      (m) => `${m[1]} ${m[3]}`,
    )
    expect(starts).toEqual(names('kube-system').flatMap((pod) => [`START ${pod}`, `END ${pod}`]))
    expect(out).toMatch(/^==== START logs for container coredns of pod kube-system\/coredns-\S+ ====\n\.:53$/m)
  })
})
