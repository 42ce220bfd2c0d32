import path from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { TestCluster } from '../support/cluster.js'

/** The study notes' chapter on namespaces. The clock runs 20 times as fast. */

const file = (name: string): string => path.resolve(import.meta.dirname, '../../data/seeds', name)
let cluster: TestCluster
const ok = (args: string[] | string, input?: string): string => cluster.ok(args, input)

beforeAll(async () => {
  cluster = await TestCluster.start({ args: ['--speed', '20'] })
  expect(ok('run kubia --image=luksa/kubia --port=8080')).toBe('pod/kubia created\n')
  ok('wait --for=condition=Ready pod --all --timeout=30s')
})
afterAll(() => cluster.stop())

it('every cluster has the four of the system, with pods of its own', () => {
  expect(ok('get ns -o name')).toBe('namespace/default\nnamespace/kube-node-lease\nnamespace/kube-public\nnamespace/kube-system\n')
  expect(ok('get po --namespace kube-system -o name')).toMatch(/^pod\/coredns-[a-z0-9]+-[a-z0-9]{5}$/m)
})

it('what pods of the system need is named when a level of Pod Security is tried on their namespaces', () => {
  const tried = (level: string): string[] =>
    cluster
      .kubectl(`label --dry-run=server --overwrite ns kube-system pod-security.kubernetes.io/enforce=${level}`)
      .stderr.replaceAll(/Warning: (kindnet|kube-proxy)-\w{5}/g, 'Warning: $1')
      .replace(/coredns-\S+-\w{5}/, 'coredns')
      .trimEnd()
      .split('\n')
  const restricted = 'allowPrivilegeEscalation != false, unrestricted capabilities, restricted volume types, runAsNonRoot != true'
  expect(tried('baseline')).toEqual([
    'Warning: existing pods in namespace "kube-system" violate the new PodSecurity enforce level "baseline:latest"',
    'Warning: etcd-drydock (and 3 other pods): host namespaces, hostPath volumes',
    'Warning: kindnet (and 2 other pods): non-default capabilities, host namespaces, hostPath volumes',
    'Warning: kube-proxy (and 2 other pods): host namespaces, hostPath volumes, privileged',
  ])
  expect(tried('restricted')).toEqual([
    'Warning: existing pods in namespace "kube-system" violate the new PodSecurity enforce level "restricted:latest"',
    'Warning: coredns: runAsNonRoot != true, seccompProfile',
    `Warning: etcd-drydock (and 3 other pods): host namespaces, ${restricted}`,
    `Warning: kindnet (and 2 other pods): host namespaces, ${restricted}, seccompProfile`,
    `Warning: kube-proxy (and 2 other pods): host namespaces, privileged, ${restricted}, seccompProfile`,
  ])
})

it('a pod of another namespace answers curl in a shell of this one', () => {
  expect(ok(`create -f ${file('custom-namespace.yaml')}`)).toBe('namespace/custom-namespace created\n')
  ok(`create -f ${file('kubia-manual.yaml')} --namespace custom-namespace`)
  ok('wait --for=condition=Ready pod --all -n custom-namespace --timeout=30s')
  const ip = ok('get pod kubia-manual -n custom-namespace -o jsonpath={.status.podIP}')
  expect(ok('exec -i kubia -- /bin/bash', `curl -s http://${ip}:8080\n`)).toBe("You've hit kubia-manual\n")
})

it('a name is taken in its own namespace only; the context can have another one as its own', () => {
  ok(`create -f ${file('kubia-manual.yaml')}`)
  const again = cluster.kubectl(`create -f ${file('kubia-manual.yaml')} -n custom-namespace`)
  expect(again).toMatchObject({ code: 1, stderr: expect.stringContaining('pods "kubia-manual" already exists\n') })
  ok('config set-context --current --namespace=custom-namespace')
  expect(ok('get po -o name')).toBe('pod/kubia-manual\n')
  ok('config set-context --current --namespace=default')
})

it('all that is in one is deleted, and the namespace stays; deleting it takes everything along', () => {
  expect(ok('delete all --all -n custom-namespace --now')).toBe('pod "kubia-manual" deleted from custom-namespace namespace\n')
  expect(ok('get ns custom-namespace -o jsonpath={.status.phase}')).toBe('Active')
  ok(`create -f ${file('kubia-manual.yaml')} -n custom-namespace`)
  expect(ok('delete ns custom-namespace')).toBe('namespace "custom-namespace" deleted\n')
  expect(cluster.kubectl('get pods -n custom-namespace')).toMatchObject({
    stderr: 'No resources found in custom-namespace namespace.\n',
  })
  expect(ok('get po kubia-manual -o name')).toBe('pod/kubia-manual\n')
})
