/** What the kubelet says when a volume cannot be set up, to the word. */
import { describe, expect, test } from 'vitest'
import type { KubeObject } from '../../../src-main/cluster/api/object.js'
import type { Bench } from './harness.js'
import { bench, pod } from './harness.js'

const object = (name: string, body: object): KubeObject => ({ metadata: { name, namespace: 'default' }, ...body }) as KubeObject
const claim = (spec: object, phase: string, metadata: object = {}): KubeObject =>
  ({ metadata: { name: 'data', namespace: 'default', ...metadata }, spec, status: { phase } }) as KubeObject
const unprocessed = (why: string): string =>
  `Unable to attach or mount volumes: unmounted volumes=[v], unattached volumes=[], failed to process volumes=[v]: error processing PVC default/data: ${why}`
const failed = (why: string): string => `MountVolume.SetUp failed for volume "v" : ${why}`
const data = { persistentVolumeClaim: { claimName: 'data' } }

const cases: [string, object, (b: Bench) => void, string][] = [
  ['a ConfigMap that is missing', { configMap: { name: 'conf' } }, () => {}, failed('configmap "conf" not found')],
  ['a Secret that is missing', { secret: { secretName: 'cred' } }, () => {}, failed('secret "cred" not found')],
  [
    'a key that the Secret has not',
    { secret: { secretName: 'cred', items: [{ key: 'x', path: 'x' }] } },
    (b) => b.api.put('secrets', object('cred', { data: {} })),
    failed('references non-existent secret key: x'),
  ],
  [
    'a projection with one source that is missing',
    { projected: { sources: [{ configMap: { name: 'conf' } }] } },
    () => {},
    failed('configmap "conf" not found'),
  ],
  [
    'a projection with two sources that are missing',
    { projected: { sources: [{ configMap: { name: 'conf' } }, { secret: { name: 'cred' } }] } },
    () => {},
    failed('[configmap "conf" not found, secret "cred" not found]'),
  ],
  ['a claim that is missing', data, () => {}, unprocessed('failed to fetch PVC from API server: persistentvolumeclaims "data" not found')],
  ['a claim that is not bound', data, (b) => b.api.put('persistentvolumeclaims', claim({}, 'Pending')), unprocessed('PVC is not bound')],
  [
    'a claim that is being deleted',
    data,
    (b) => b.api.put('persistentvolumeclaims', claim({ volumeName: 'pv' }, 'Bound', { deletionTimestamp: '2026-11-21T09:00:00Z' })),
    unprocessed('PVC is being deleted'),
  ],
  [
    'a claim for a block device, which it mounts as a file system',
    data,
    (b) => {
      b.api.put('persistentvolumeclaims', claim({ volumeName: 'pv' }, 'Bound'))
      b.api.put('persistentvolumes', { metadata: { name: 'pv' }, spec: { volumeMode: 'Block' } } as unknown as KubeObject)
    },
    'Unable to attach or mount volumes: unmounted volumes=[v], unattached volumes=[], failed to process volumes=[v]: volume v has volumeMode Block, but is specified in volumeMounts',
  ],
  [
    'a driver that the node has not',
    { csi: { driver: 'secrets-store.csi.k8s.io' } },
    () => {},
    failed(
      'kubernetes.io/csi: mounter.SetUpAt failed to get CSI client: ' +
        'driver name secrets-store.csi.k8s.io not found in the list of registered CSI drivers',
    ),
  ],
  [
    'a repository, which Kubernetes does not fetch any more',
    { gitRepo: { repository: 'https://example.com/a.git' } },
    () => {},
    failed(
      'git-repo volume plugin has been disabled; ' +
        'if necessary, it may be re-enabled by enabling the feature-gate `GitRepoVolumeDriver`',
    ),
  ],
]

describe('a pod waits for a volume', () => {
  test.each(cases)('of %s', async (_what, volume, prepare, message) => {
    const b = await bench({ behave: (r) => (r.behaviours.nginx = { present: true }) })
    prepare(b)
    await b.create(pod({ volumeMounts: [{ name: 'v', mountPath: '/v' }] }, { volumes: [{ name: 'v', ...volume }] as never }))
    expect(b.api.events('web')).toEqual([`Warning FailedMount ${message}`])
    expect(b.pod().status!.containerStatuses![0]!.state).toEqual({ waiting: { reason: 'ContainerCreating' } })
    // After half a second, one, two and four more: one event that counts.
    await b.clock.advance(8_000)
    expect(b.api.events('web')).toEqual([`Warning FailedMount ${message} (x5)`])
  })
})
