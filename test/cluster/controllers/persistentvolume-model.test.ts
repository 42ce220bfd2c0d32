/** Which of the volumes on offer a claim is bound to. */
import { expect, test } from 'vitest'
import type { Claim, Volume } from '../../../src-main/cluster/controllers/persistentvolume-model.js'
import { bestVolume } from '../../../src-main/cluster/controllers/persistentvolume-model.js'

const offered = (name: string, storage: string, extra: object = {}): Volume =>
  ({
    metadata: { name },
    spec: { capacity: { storage }, accessModes: ['ReadWriteOnce'], storageClassName: 'manual', ...extra },
    status: { phase: 'Available' },
  }) as Volume
const claim = {
  metadata: { name: 'data', namespace: 'default' },
  spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, storageClassName: 'manual' },
} as Claim

test.each<[string, Volume[], string | undefined]>([
  [
    'one with no more access modes than it takes, though it is larger',
    [offered('many', '2Gi', { accessModes: ['ReadWriteOnce', 'ReadOnlyMany'] }), offered('one', '9Gi')],
    'one',
  ],
  [
    'one that was set aside for it, though it is larger',
    [offered('free', '2Gi'), offered('own', '9Gi', { claimRef: { namespace: 'default', name: 'data' } })],
    'own',
  ],
  [
    'one that was set aside for it in another class',
    [offered('own', '9Gi', { storageClassName: 'other', claimRef: { namespace: 'default', name: 'data' } })],
    'own',
  ],
  [
    'none that was set aside for it and is too small',
    [offered('own', '1Mi', { claimRef: { namespace: 'default', name: 'data' } })],
    undefined,
  ],
  [
    'none that was set aside for it and cannot be accessed its way',
    [offered('own', '9Gi', { accessModes: ['ReadOnlyMany'], claimRef: { namespace: 'default', name: 'data' } })],
    undefined,
  ],
  ['none of another mode', [offered('block', '2Gi', { volumeMode: 'Block' })], undefined],
  ['none with other attributes', [offered('fast', '2Gi', { volumeAttributesClassName: 'gold' })], undefined],
])('a claim is given %s', (_, offers, expected) => {
  expect(bestVolume(claim, offers)?.metadata.name).toBe(expected)
})
