import path from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { TestCluster } from '../support/cluster.js'

/** The study notes' chapter on labels: of pods and of nodes. The clock runs 20 times as fast. */

const file = (name: string): string => path.resolve(import.meta.dirname, '../../data/seeds', name)
let cluster: TestCluster
const ok = (args: string[] | string, input?: string): string => cluster.ok(args, input)

beforeAll(async () => {
  cluster = await TestCluster.start({ args: ['--speed', '20'] })
  expect(ok('run kubia --image=luksa/kubia --port=8080')).toBe('pod/kubia created\n')
  ok(`create -f ${file('kubia-manual.yaml')} -f ${file('kubia-manual-with-labels.yaml')}`)
  ok('wait --for=condition=Ready pod --all --timeout=30s')
})
afterAll(() => cluster.stop())

it('labels are shown, as a column each on request, and select', () => {
  const columns = (args: string): string[][] =>
    ok(args)
      .trim()
      .split('\n')
      .slice(1)
      .map((line) => [line.split(/\s+/)[0]!, ...line.split(/\s+/).slice(5)])
  expect(columns('get po --show-labels')).toEqual([
    ['kubia', 'run=kubia'],
    ['kubia-manual', '<none>'],
    ['kubia-manual-with-labels', 'creation_method=manual,env=prod'],
  ])
  expect(ok('label po kubia-manual creation_method=manual')).toBe('pod/kubia-manual labeled\n')
  const kept = cluster.kubectl('label po kubia-manual-with-labels env=debug')
  expect(kept).toMatchObject({ code: 1, stderr: "error: 'env' already has a value (prod), and --overwrite is false\n" })
  ok('label po kubia-manual-with-labels env=debug --overwrite')
  expect(columns('get pods -l env=debug -L creation_method,env')).toEqual([['kubia-manual-with-labels', 'manual', 'debug']])
  expect(ok(['get', 'po', '-l', '!env', '-o', 'name'])).toBe('pod/kubia\npod/kubia-manual\n')
  expect(ok(['get', 'po', '-l', 'env in (debug, prod)', '-o', 'name'])).toBe('pod/kubia-manual-with-labels\n')
  expect(ok(['get', 'po', '-l', 'env notin (debug)', '-o', 'name'])).toBe('pod/kubia\npod/kubia-manual\n')
  expect(ok('get po -l creation_method=manual,env=debug -o name')).toBe('pod/kubia-manual-with-labels\n')
})

it('a pod with a node selector waits until a node has the label', () => {
  ok(`create -f ${file('kubia-gpu.yaml')}`)
  ok('wait --for=condition=PodScheduled=false pod/kubia-gpu --timeout=30s')
  expect(ok('get pod kubia-gpu -o jsonpath={.status.conditions[?(@.type=="PodScheduled")].message}')).toBe(
    "0/3 nodes are available: 3 node(s) didn't match Pod's node affinity/selector. no new claims to deallocate, preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling.",
  )
  expect(ok('label node drydock-m02 gpu=true')).toBe('node/drydock-m02 labeled\n')
  expect(ok('get nodes -l gpu=true -o name')).toBe('node/drydock-m02\n')
  ok('wait --for=condition=Ready pod/kubia-gpu --timeout=30s')
  expect(ok('get pod kubia-gpu -o jsonpath={.spec.nodeName}')).toBe('drydock-m02')
  expect(ok('delete pods kubia-gpu --now')).toBe('pod "kubia-gpu" deleted from default namespace\n')
})
