/** What fsGroup and fsGroupChangePolicy do to the files of volumes that outlive pods. */
import { afterEach, expect, test } from 'vitest'
import { resources } from '../../../src-main/cluster/api/client.js'
import type { WholeCluster } from '../support/whole-cluster.js'
import { startWholeCluster } from '../support/whole-cluster.js'

let c: WholeCluster

afterEach(() => c.stop())

/** A volume of a kind, and the claim that is bound to it. */
async function volume(source: object, accessModes = ['ReadWriteOnce'], annotations = {}): Promise<void> {
  const capacity = { storage: '1Gi' }
  await c.create(resources.persistentvolumes, {
    metadata: { name: 'pv', annotations },
    spec: { capacity, accessModes, persistentVolumeReclaimPolicy: 'Retain', storageClassName: '', ...source },
  })
  await c.create(resources.persistentvolumeclaims, {
    metadata: { name: 'claim', namespace: 'default' },
    spec: { accessModes, storageClassName: '', volumeName: 'pv', resources: { requests: capacity } },
  })
  await c.clock.advance(20_000)
}

/** What a pod with the claim in /data writes. */
async function run(name: string, script: string, securityContext: object): Promise<string> {
  await c.pod(name, {
    restartPolicy: 'Never',
    securityContext,
    containers: [{ name: 'main', image: 'busybox', command: ['sh', '-c', script], volumeMounts: [{ name: 'data', mountPath: '/data' }] }],
    volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'claim' } }],
    tolerations: [{ operator: 'Exists' }],
  })
  await c.clock.advance(30_000)
  return c.logs(name, 'main')
}

const csi = (more: object = {}): object => ({ csi: { driver: 'csi.example.com', volumeHandle: 'v', fsType: 'ext4', ...more } })
const ROOT_AND_FILE = 'stat -c "%A %g" /data /data/f'

test('a volume whose root is the group of the pod already is left alone with OnRootMismatch, and gone through with Always', async () => {
  c = await startWholeCluster({ nodes: 1 })
  await volume(csi())
  const look = { fsGroup: 123, fsGroupChangePolicy: 'OnRootMismatch' }
  expect(await run('first', `touch /data/f; chmod 600 /data/f; ${ROOT_AND_FILE}; chgrp 0 /data/f`, look)).toBe(
    'drwxrwsrwx 123\n-rw------- 123\n',
  )
  expect(await run('second', ROOT_AND_FILE, look)).toBe('drwxrwsrwx 123\n-rw------- 0\n')
  expect(await run('third', ROOT_AND_FILE, { fsGroup: 123 })).toBe('drwxrwsrwx 123\n-rw-rw---- 123\n')
})

test('with OnRootMismatch all is changed where the root has another group, or the group cannot write it', async () => {
  c = await startWholeCluster({ nodes: 1 })
  await volume(csi())
  const look = (fsGroup: number): object => ({ fsGroup, fsGroupChangePolicy: 'OnRootMismatch' })
  await run('first', 'touch /data/f', look(123))
  expect(await run('second', `${ROOT_AND_FILE}; chmod g-w /data; chgrp 0 /data/f`, look(456))).toBe('drwxrwsrwx 456\n-rw-rw-r-- 456\n')
  expect(await run('third', ROOT_AND_FILE, look(456))).toBe('drwxrwsrwx 456\n-rw-rw-r-- 456\n')
})

const GIVEN = 'drwxrwsrwx 123\n'
const LEFT = 'drwxrwxrwx 0\n'

test.each([
  ['a driver that nobody has described', csi(), undefined, ['ReadWriteOnce'], GIVEN],
  ['such a driver, without a file system type', csi({ fsType: undefined }), undefined, ['ReadWriteOnce'], LEFT],
  ['such a driver, for several nodes', csi(), undefined, ['ReadWriteMany'], LEFT],
  ['a driver that says None', csi(), 'None', ['ReadWriteOnce'], LEFT],
  ['a driver that says File', csi({ fsType: undefined }), 'File', ['ReadWriteMany'], GIVEN],
  ['a file server', { nfs: { server: 'nfs', path: '/' } }, undefined, ['ReadWriteMany'], LEFT],
])('the group of the pod and the volume of %s', async (_, source, fsGroupPolicy, accessModes, expected) => {
  c = await startWholeCluster({ nodes: 1 })
  if (fsGroupPolicy) {
    await c.create(resources.csidrivers, { metadata: { name: 'csi.example.com' }, spec: { attachRequired: false, fsGroupPolicy } })
  }
  await volume(source, accessModes)
  expect(await run('pod', 'stat -c "%A %g" /data', { fsGroup: 123 })).toBe(expected)
})

test('a directory of the node stays as it is, also as a PersistentVolume', async () => {
  c = await startWholeCluster({ nodes: 1 })
  await volume({ hostPath: { path: '/srv/data' } })
  expect(await run('pod', 'stat -c "%g" /data', { fsGroup: 123 })).toBe('0\n')
})
