/** Which pods a kubelet ends so that a critical one has room. */
import { expect, test } from 'vitest'
import type { Pod } from '../../../src-main/cluster/api/object.js'
import { podShare } from '../../../src-main/cluster/kubelet/admission.js'
import { victimsFor } from '../../../src-main/cluster/kubelet/critical-pods.js'

const pod = (name: string, requests: object, limits: object = {}, priority = 0): Pod =>
  ({
    metadata: { name, namespace: 'default', uid: name },
    spec: { priority, containers: [{ name: 'c', resources: { requests, limits } }] },
  }) as unknown as Pod
const burstable = (name: string, cpu: string, memory: string): Pod => pod(name, { cpu, memory })
const guaranteed = (name: string, cpu: string, memory: string): Pod => pod(name, { cpu, memory }, { cpu, memory })
const critical = pod('critical', {}, {}, 2_000_000_000)
const MEGA = 1_000_000

/** @param missing millicores and megabytes, or a number of pods */
function victims(missing: { cpu?: number; memory?: number; pods?: number }, ...running: Pod[]): string {
  const short = Object.entries(missing).map(([resource, amount]) => {
    const requested = resource === 'memory' ? amount * MEGA : amount
    return { resource, requested, used: 0, capacity: 0 }
  })
  const found = victimsFor(
    critical,
    short,
    running.map((p) => ({ pod: p, share: podShare(p) })),
  )
  if (Array.isArray(found)) return found.map((v) => v.pod.metadata.name).join(' ')
  return `missing ${[...(found as ReadonlyMap<string, number>)].map(([resource, amount]) => `${amount} ${resource}`).join(', ')}`
}

const bestEffort = pod('besteffort', {})
const small = burstable('small', '100m', '100M')
const big = burstable('big', '300m', '300M')
const strong = guaranteed('strong', '100m', '100M')
const strongest = guaranteed('strongest', '300m', '300M')

test.each<[string, Parameters<typeof victims>, string]>([
  ['nobody goes for nothing', [{}, bestEffort, small], ''],
  ['a place is given by the least', [{ pods: 1 }, bestEffort, small, strong], 'besteffort'],
  ['of a class the nearest to what is missing goes', [{ cpu: 250 }, small, big], 'big'],
  ['of two that give all the smaller goes', [{ cpu: 50 }, big, small], 'small'],
  ['as few of a class go as it takes', [{ cpu: 350 }, small, big], 'big small'],
  ['pods that ask for nothing stay when only amounts are missing', [{ memory: 100 }, bestEffort, small, strong], 'small'],
  [
    'of the best only what all others would not give',
    [{ cpu: 500, memory: 500 }, bestEffort, small, big, strong, strongest],
    'big small strong',
  ],
  ['those that the others make needless stay', [{ cpu: 350 }, small, strongest], 'small strongest'],
  ['a smaller class goes along only where it must', [{ cpu: 300 }, small, big, strongest], 'big'],
  ['not enough is told by what would still be missing', [{ cpu: 1000, memory: 200 }, small, big], 'missing 600 cpu'],
  ['other critical pods are left alone', [{ cpu: 100 }, pod('system', { cpu: '1' }, {}, 2_000_000_000)], 'missing 100 cpu'],
])('%s', (_, args, expected) => {
  expect(victims(...args)).toBe(expected)
})
