/** What containers find in their files and leave behind in them, with the real runtime. */
import { afterEach, describe, expect, test } from 'vitest'
import { resources } from '../../../src-main/cluster/api/client.js'
import type { Event, Pod } from '../../../src-main/cluster/api/object.js'
import type { WholeCluster } from '../support/whole-cluster.js'
import { startWholeCluster } from '../support/whole-cluster.js'

let c: WholeCluster

afterEach(() => c.stop())

const conf = (color: string): object => ({ metadata: { name: 'conf', namespace: 'default' }, data: { color } })

test('a changed ConfigMap reaches the mounted volume within a minute, a file mounted by subPath only with a new container', async () => {
  c = await startWholeCluster({ nodes: 1 })
  await c.create(resources.configmaps, conf('blue'))
  await c.pod('reader', {
    containers: [
      {
        name: 'main',
        image: 'busybox',
        command: ['sh', '-c', 'while true; do echo $(cat /whole/color) $(cat /one/color); sleep 100; done'],
        volumeMounts: [
          { name: 'conf', mountPath: '/whole' },
          { name: 'conf', mountPath: '/one/color', subPath: 'color' },
        ],
      },
    ],
    volumes: [{ name: 'conf', configMap: { name: 'conf' } }],
    tolerations: [{ operator: 'Exists' }],
  })
  await c.clock.advance(30_000)
  await c.admin.resource(resources.configmaps).patch('default', 'conf', { data: { color: 'green' } }, { type: 'merge' })
  await c.clock.advance(100_000)
  expect(await c.logs('reader', 'main')).toBe('blue blue\ngreen blue\n')
})

test('a ConfigMap that may be missing reaches the mounted volume when it is made, and leaves it when it is deleted', async () => {
  c = await startWholeCluster({ nodes: 1 })
  await c.pod('reader', {
    containers: [
      {
        name: 'main',
        image: 'busybox',
        command: ['sh', '-c', 'while true; do ls /whole | tr "\\n" " "; echo .; sleep 150; done'],
        volumeMounts: [{ name: 'conf', mountPath: '/whole' }],
      },
    ],
    volumes: [{ name: 'conf', configMap: { name: 'conf', optional: true } }],
    tolerations: [{ operator: 'Exists' }],
  })
  await c.clock.advance(30_000)
  await c.create(resources.configmaps, conf('blue'))
  await c.clock.advance(150_000)
  await c.admin.resource(resources.configmaps).delete('default', 'conf')
  await c.clock.advance(150_000)
  expect(await c.logs('reader', 'main')).toBe('.\ncolor .\n.\n')
})

describe('the termination message', () => {
  const message = async (script: string, policy?: string): Promise<string | undefined> => {
    c = await startWholeCluster({ nodes: 1 })
    await c.pod('ends', {
      restartPolicy: 'Never',
      containers: [
        { name: 'main', image: 'busybox', command: ['sh', '-c', script], ...(policy ? { terminationMessagePolicy: policy } : {}) },
      ],
      tolerations: [{ operator: 'Exists' }],
    })
    await c.clock.advance(30_000)
    const { status } = await c.get<Pod>(resources.pods, 'default', 'ends')
    return status!.containerStatuses![0]!.state!.terminated!.message
  }

  test('is what the container wrote to /dev/termination-log', async () => {
    expect(await message('echo noise; echo why > /dev/termination-log; exit 1')).toBe('why\n')
  })

  test('with FallbackToLogsOnError is the end of the log of a container that failed and wrote none', async () => {
    expect(await message('echo first; echo last; exit 1', 'FallbackToLogsOnError')).toBe('first\nlast\n')
  })

  test('with FallbackToLogsOnError is none for a container that succeeded', async () => {
    expect(await message('echo fine', 'FallbackToLogsOnError')).toBe(undefined)
  })
})

describe('a volume in memory', () => {
  const sizeOf = async (emptyDir: object, limits?: object): Promise<string> => {
    c = await startWholeCluster({ nodes: 1 })
    await c.pod('sized', {
      restartPolicy: 'Never',
      containers: [
        {
          name: 'main',
          image: 'busybox',
          command: ['sh', '-c', "df /memory | tail -n 1 | awk '{print $2}'"],
          volumeMounts: [
            {
              name: 'memory',
              mountPath: '/memory',
            },
          ],
          ...(limits ? { resources: { limits } } : {}),
        },
      ],
      volumes: [{ name: 'memory', emptyDir: { medium: 'Memory', ...emptyDir } }],
      tolerations: [{ operator: 'Exists' }],
    })
    await c.clock.advance(30_000)
    return c.logs('sized', 'main')
  }

  test('is as large as its limit, but not larger than what the containers may use', async () => {
    expect(await sizeOf({ sizeLimit: '10Mi' }, { memory: '100Mi' })).toBe('10240\n')
  })

  test('is as large as what the containers may use where it has no limit', async () => {
    expect(await sizeOf({}, { memory: '100Mi' })).toBe('102400\n')
  })
})

test('a projected source whose feature is off brings no file', async () => {
  c = await startWholeCluster({ nodes: 1 })
  const name = { downwardAPI: { items: [{ path: 'name', fieldRef: { fieldPath: 'metadata.name' } }] } }
  const bundle = { clusterTrustBundle: { name: 'example', path: 'roots.pem' } }
  const volumeMounts = [{ name: 'all', mountPath: '/all' }]
  await c.pod('reader', {
    containers: [{ name: 'main', image: 'busybox', command: ['sh', '-c', 'ls /all; sleep 1000'], volumeMounts }],
    volumes: [{ name: 'all', projected: { sources: [bundle, name] } }],
    tolerations: [{ operator: 'Exists' }],
  })
  await c.clock.advance(10_000)
  expect(await c.logs('reader', 'main')).toBe('name\n')
})

test('a group of the pod owns what is made in its volumes', async () => {
  c = await startWholeCluster({ nodes: 1 })
  await c.pod('grouped', {
    restartPolicy: 'Never',
    securityContext: { runAsUser: 1000, fsGroup: 123 },
    containers: [
      {
        name: 'main',
        image: 'busybox',
        command: ['sh', '-c', 'touch /data/f; stat -c "%A %u %g" /data /data/f'],
        volumeMounts: [
          {
            name: 'data',
            mountPath: '/data',
          },
        ],
      },
    ],
    volumes: [{ name: 'data', emptyDir: {} }],
    tolerations: [{ operator: 'Exists' }],
  })
  await c.clock.advance(30_000)
  expect(await c.logs('grouped', 'main')).toBe('drwxrwsrwx 0 123\n-rw-r--r-- 1000 123\n')
})

test('files of the API cannot be written, are in memory unless they are of a ConfigMap, and belong to the group of the pod', async () => {
  c = await startWholeCluster({ nodes: 1 })
  await c.create(resources.configmaps, {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'c', namespace: 'default' },
    data: { a: '1' },
  })
  await c.create(resources.secrets, {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 's', namespace: 'default' },
    data: { b: 'Mgo=' },
  })
  const look =
    'echo x >/c/a; echo x >/s/b; grep -e " /[csl] " /proc/mounts; stat -c "%n %A %g %s" /c /s /c/a /c/..data; stat -L -c "%A %g" /c/..data /s/b'
  await c.pod('files', {
    restartPolicy: 'Never',
    securityContext: { fsGroup: 123 },
    containers: [
      {
        name: 'main',
        image: 'busybox',
        command: ['sh', '-c', look],
        resources: { limits: { memory: '64Mi' } },
        volumeMounts: ['c', 's', 'l'].map((name) => ({ name, mountPath: `/${name}` })),
      },
    ],
    volumes: [
      { name: 'c', configMap: { name: 'c', defaultMode: 0o440 } },
      { name: 's', secret: { secretName: 's' } },
      { name: 'l', downwardAPI: { items: [{ path: 'n', fieldRef: { fieldPath: 'metadata.name' } }] } },
    ],
    tolerations: [{ operator: 'Exists' }],
  })
  await c.clock.advance(30_000)
  expect(await c.logs('files', 'main')).toBe(
    "sh: can't create /c/a: Read-only file system\nsh: can't create /s/b: Read-only file system\n" +
      '/dev/vda1 /c ext4 ro,relatime 0 0\n' +
      'tmpfs /s tmpfs ro,relatime,size=65536k,inode64,noswap 0 0\ntmpfs /l tmpfs ro,relatime,size=65536k,inode64,noswap 0 0\n' +
      '/c drwxrwsrwx 123 4096\n/s drwxrwsrwt 123 100\n/c/a lrwxrwxrwx 123 8\n/c/..data lrwxrwxrwx 123 31\n' +
      'drwxr-sr-x 123\n-rw-r--r-- 123\n',
  )
})

test.each([
  ['everybody, of a pod whose user is not known', {}, '-rw-r--r-- 0 0'],
  ['the user of its containers alone', { runAsUser: 1000 }, '-rw------- 1000 0'],
  ['that user and the group of its files', { runAsUser: 1000, fsGroup: 123 }, '-rw-r----- 1000 123'],
  ['the group of its files', { fsGroup: 123 }, '-rw-r----- 0 123'],
])('the token in a pod is for %s', async (_, securityContext, expected) => {
  c = await startWholeCluster({ nodes: 1 })
  const command = ['sh', '-c', 'stat -L -c "%A %u %g" /var/run/secrets/kubernetes.io/serviceaccount/token']
  await c.pod('token', {
    restartPolicy: 'Never',
    securityContext,
    containers: [{ name: 'main', image: 'busybox', command }],
    tolerations: [{ operator: 'Exists' }],
  })
  await c.clock.advance(30_000)
  expect(await c.logs('token', 'main')).toBe(`${expected}\n`)
})

test('a subPath that a link leads out of its volume is not mounted', async () => {
  c = await startWholeCluster({ nodes: 1 })
  const data = [{ name: 'data', mountPath: '/data' }]
  await c.pod('outside', {
    initContainers: [{ name: 'link', image: 'busybox', command: ['ln', '-s', '/etc', '/data/link'], volumeMounts: data }],
    containers: [
      { name: 'main', image: 'busybox', command: ['sleep', '9'], volumeMounts: [{ name: 'data', mountPath: '/in', subPath: 'link' }] },
    ],
    volumes: [{ name: 'data', emptyDir: {} }],
    tolerations: [{ operator: 'Exists' }],
  })
  await c.clock.advance(30_000)
  const { status } = await c.get<Pod>(resources.pods, 'default', 'outside')
  expect(status!.containerStatuses![0]!.state).toEqual({
    waiting: { reason: 'CreateContainerConfigError', message: 'failed to prepare subPath for volumeMount "data" of container "main"' },
  })
})

test('the status of a container says who it runs as', async () => {
  c = await startWholeCluster({ nodes: 1 })
  const securityContext = { runAsUser: 1001, runAsGroup: 2002, supplementalGroups: [60000] }
  await c.pod('who', {
    securityContext,
    containers: [{ name: 'main', image: 'busybox', command: ['sleep', '99'] }],
    tolerations: [{ operator: 'Exists' }],
  })
  await c.clock.advance(10_000)
  const { status } = await c.get<Pod>(resources.pods, 'default', 'who')
  expect(status!.containerStatuses![0]!.user).toEqual({ linux: { uid: 1001, gid: 2002, supplementalGroups: [2002, 60000] } })
})

test('a RuntimeClass whose handler the node does not have starts no pod, and an event says why', async () => {
  c = await startWholeCluster({ nodes: 1 })
  await c.create(resources.runtimeclasses, { metadata: { name: 'sandboxed' }, handler: 'gvisor' })
  await c.pod('odd', {
    runtimeClassName: 'sandboxed',
    containers: [{ name: 'main', image: 'busybox' }],
    tolerations: [{ operator: 'Exists' }],
  })
  await c.clock.advance(5_000)
  expect((await c.get<Pod>(resources.pods, 'default', 'odd')).status!.phase).toBe('Pending')
  const { items } = await c.admin.resource<Event>(resources.events).list({ namespace: 'default' })
  expect(items.filter((e) => e.reason === 'FailedCreatePodSandBox').map((e) => e.message)).toEqual([
    'Failed to create pod sandbox: rpc error: code = Unknown desc = failed to get sandbox runtime: no runtime for "gvisor" is configured',
  ])
})
