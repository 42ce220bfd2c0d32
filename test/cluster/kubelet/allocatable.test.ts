/** What of a node pods may have: https://kubernetes.io/docs/tasks/administer-cluster/reserve-compute-resources/ */
import { describe, expect, test } from 'vitest'
import { allocatableOf } from '../../../src-main/cluster/kubelet/allocatable.js'
import type { KubeletConfiguration } from '../../../src-main/cluster/kubelet/kubelet-configuration.js'
import { nodeStatus, type Machine } from '../../../src-main/cluster/kubelet/node-status.js'

const capacity = { cpu: '16', memory: '32Gi', 'ephemeral-storage': '100Gi', pods: '110' }

describe('what is allocatable of a node', () => {
  test.each<[string, KubeletConfiguration, object]>([
    ['is all where nothing is kept', {}, {}],
    [
      'is what is left by the example of the documentation',
      {
        kubeReserved: { cpu: '1', memory: '2Gi', 'ephemeral-storage': '1Gi' },
        systemReserved: { cpu: '500m', memory: '1Gi', 'ephemeral-storage': '1Gi' },
        evictionHard: { 'memory.available': '512Mi', 'nodefs.available': '10%' },
      },
      { cpu: '14500m', memory: '29184Mi', 'ephemeral-storage': '94489280352' },
    ],
    ['is never less than nothing', { systemReserved: { memory: '64Gi' } }, { memory: '0' }],
  ])('%s', (_, configuration, expected) => {
    expect(allocatableOf(capacity, configuration)).toEqual({ ...capacity, ...expected })
  })

  test('is told in its status beside the whole capacity, with what others have given to it', () => {
    const machine = { name: 'n', address: '10.0.0.1', cpu: '4', memory: '8Gi', ephemeralStorage: '100Gi', pods: '110' } as Machine
    const status = nodeStatus(
      { ...machine, kubelet: { systemReserved: { cpu: '250m' } } },
      { networkReady: true, pressures: [], images: [], volumesInUse: [], previous: { capacity: { 'example.com/dongle': '4' } }, now: '' },
    )
    expect([status.capacity!.cpu, status.allocatable!.cpu, status.allocatable!['example.com/dongle']]).toEqual(['4', '3750m', '4'])
  })
})
