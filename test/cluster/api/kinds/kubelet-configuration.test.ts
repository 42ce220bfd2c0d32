/** What a Machine may say of its kubelet, as the kubelet itself would judge it. */
import { expect, test } from 'vitest'
import { validateKubeletConfiguration } from '../../../../src-main/cluster/api/kinds/rules/kubelet-configuration.js'
import type { FieldError } from '../../../../src-main/cluster/api/errors.js'
import type { KubeletConfiguration } from '../../../../src-main/cluster/kubelet/kubelet-configuration.js'

function judged(configuration: KubeletConfiguration): string[] {
  const errors: FieldError[] = []
  validateKubeletConfiguration(configuration, 'kubelet', errors)
  return errors.map((e) => `${e.field}: ${e.body}`)
}

test.each<[KubeletConfiguration, string[]]>([
  [{}, []],
  [
    {
      evictionHard: { 'memory.available': '500Mi', 'nodefs.available': '10%' },
      evictionSoft: { 'memory.available': '1Gi' },
      evictionSoftGracePeriod: { 'memory.available': '1m30s' },
      evictionMaxPodGracePeriod: 60,
      shutdownGracePeriod: '30s',
      shutdownGracePeriodCriticalPods: '10s',
      kubeReserved: { cpu: '500m', memory: '1Gi' },
    },
    [],
  ],
  [
    { evictionHard: { 'memory.free': '1Gi' } },
    ['kubelet.evictionHard[memory.free]: Invalid value: "1Gi": unsupported eviction signal memory.free'],
  ],
  [
    { evictionHard: { 'nodefs.available': '101%' } },
    ['kubelet.evictionHard[nodefs.available]: Invalid value: "101%": eviction percentage threshold nodefs.available must be <= 100%: 101%'],
  ],
  [
    { evictionSoft: { 'memory.available': '-1' }, evictionSoftGracePeriod: { 'memory.available': 'long' } },
    [
      'kubelet.evictionSoft[memory.available]: Invalid value: "-1": eviction threshold memory.available must be positive: -1',
      'kubelet.evictionSoftGracePeriod[memory.available]: Invalid value: "long": time: invalid duration "long"',
    ],
  ],
  [
    { shutdownGracePeriod: '10s', shutdownGracePeriodCriticalPods: '20s' },
    ['kubelet.shutdownGracePeriodCriticalPods: Invalid value: "20s": must be <= shutdownGracePeriod 10s'],
  ],
  [{ shutdownGracePeriod: '500ms' }, ['kubelet.shutdownGracePeriod: Invalid value: "500ms": must be either zero or otherwise >= 1 sec']],
  [
    { shutdownGracePeriod: '10s', shutdownGracePeriodByPodPriority: [{ priority: 0, shutdownGracePeriodSeconds: 5 }] },
    [
      'kubelet.shutdownGracePeriodByPodPriority: Forbidden: cannot specify both shutdownGracePeriodByPodPriority and shutdownGracePeriod at the same time',
    ],
  ],
  [
    { systemReserved: { gpu: '1' }, kubeReserved: { cpu: '-1' } },
    [
      'kubelet.kubeReserved[cpu]: Invalid value: "-1": resource quantity for "cpu" cannot be negative: -1',
      'kubelet.systemReserved[gpu]: Unsupported value: "gpu": supported values: "cpu", "ephemeral-storage", "memory", "pid"',
    ],
  ],
])('%j: %j', (configuration, expected) => {
  expect(judged(configuration)).toEqual(expected)
})
