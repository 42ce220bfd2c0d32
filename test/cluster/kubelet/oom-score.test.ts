/** Who is killed first when a node runs out of memory. */
import { expect, test } from 'vitest'
import type { Container, Pod } from '../../../src-main/cluster/api/object.js'
import { oomScoreAdjust } from '../../../src-main/cluster/kubelet/oom-score.js'

const CAPACITY = 8_000_000_000

const main = (requests: object, limits: object = {}): Container =>
  ({ name: 'main', image: 'x', resources: { requests, limits } }) as unknown as Container
const podOf = (spec: object): Pod => ({ metadata: { name: 'p', namespace: 'default', uid: 'p' }, spec }) as unknown as Pod
const only = (container: Container, more: object = {}): Pod => podOf({ containers: [container], ...more })
const sidecar = { ...main({ memory: '1M' }), name: 'helper', restartPolicy: 'Always' }
const both = { cpu: '5m', memory: '10G' }

test.each<[string, Pod, number]>([
  ['one that limits its cpu alone goes before all that ask for memory', only(main({}, { cpu: '10' })), 999],
  ['one that asks for nothing goes first', only(main({})), 1000],
  ['a limit of nothing asks for nothing', only(main({}, { memory: '0' })), 1000],
  ['one that is guaranteed what it asks for goes last', only(main(both, both)), -997],
  ['half of the memory is half of the way', only(main({ memory: '4G', cpu: '5m' }, { memory: '10G' })), 500],
  ['nearly all of the memory still is no guarantee', only(main({ memory: '7999999999' })), 3],
  [
    'one critical for its node goes last, whatever it asks for',
    only(main({}), { priority: 2_000_001_000, priorityClassName: 'system-node-critical' }),
    -997,
  ],
  [
    'one critical for the cluster goes as others do',
    only(main({}), { priority: 2_000_000_000, priorityClassName: 'system-cluster-critical' }),
    1000,
  ],
  [
    'what the pod asks for as a whole is shared among its containers',
    podOf({ containers: [main({ memory: '1G' }), { ...main({}), name: 'other' }], resources: { requests: { memory: '5G' } } }),
    625,
  ],
])('%s', (_, pod, score) => {
  expect(oomScoreAdjust(pod, pod.spec!.containers[0]!, CAPACITY)).toBe(score)
})

test('a sidecar does not go before the container of its pod that asks for least', () => {
  const pod = podOf({ initContainers: [sidecar], containers: [main({ memory: '4G' }), { ...main({ memory: '2G' }), name: 'other' }] })
  expect([sidecar as unknown as Container, ...pod.spec!.containers].map((c) => oomScoreAdjust(pod, c, CAPACITY))).toEqual([750, 500, 750])
})
