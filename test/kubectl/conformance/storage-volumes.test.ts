/** Volumes as containers find them: what is in them, with which modes and owners, and what becomes of it. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { TestCluster } from '../support/cluster.js'
import type { Json } from '../support/api.js'
import { Client, isReady, pod, TestNamespace } from '../support/namespace.js'

const IMAGES = 'registry.k8s.io/e2e-test-images'
const AGNHOST = `${IMAGES}/agnhost:2.59`
const BUSYBOX = `${IMAGES}/busybox:1.37.0-1`

let cluster: TestCluster
let client: Client
let ns: TestNamespace
beforeAll(async () => {
  cluster = await TestCluster.start({ args: ['--speed', '20'] })
  client = new Client(cluster.kubeconfig)
  ns = await TestNamespace.create(client, 'volumes')
  await put('ConfigMap', 'source')
  await put('Secret', 'source')
})
afterAll(async () => {
  client.close()
  await cluster.stop()
})

const DATA = { 'data-1': 'value-1', 'data-2': 'value-2' }
const put = (kind: string, name: string, data: object = DATA): Promise<Json> =>
  ns.create({ apiVersion: 'v1', kind, metadata: { name }, [kind === 'Secret' ? 'stringData' : 'data']: data })

let pods = 0
/** What mounttest says of a volume at /volume. */
const mounttest = (source: object, args: string[], spec: object = {}, container: object = {}): Promise<string> =>
  ns.output(
    pod(
      `pod-${++pods}`,
      { image: AGNHOST, args: ['mounttest', ...args], volumeMounts: [{ name: 'v', mountPath: '/volume' }], ...container },
      { volumes: [{ name: 'v', ...source }], ...spec },
    ),
  )

type Source = (name: string, options?: Json) => object
const SOURCES: Record<string, Source> = {
  ConfigMap: (name, options) => ({ configMap: { name, ...options } }),
  Secret: (secretName, options) => ({ secret: { secretName, ...options } }),
  'projected ConfigMap': (name, { defaultMode, ...options } = {}) => ({
    projected: { ...(defaultMode === undefined ? {} : { defaultMode }), sources: [{ configMap: { name, ...options } }] },
  }),
  'projected Secret': (name, { defaultMode, ...options } = {}) => ({
    projected: { ...(defaultMode === undefined ? {} : { defaultMode }), sources: [{ secret: { name, ...options } }] },
  }),
}

describe.each(Object.entries(SOURCES))('the volume of a %s', (what, source) => {
  const look = async (file: string, options: object, spec: object = {}): Promise<string[]> => {
    const text = await mounttest(source('source', options), [`--file_content=/volume/${file}`, `--file_mode=/volume/${file}`], spec)
    return [/mode of file ".*": (.*)/.exec(text)![1]!, /content of file ".*": (.*)/.exec(text)![1]!]
  }
  const items = [{ key: 'data-2', path: 'path/to/data' }]

  it('has its files with the modes that are asked for, for whoever the pod runs as', async () => {
    expect(await look('data-1', {})).toEqual(['-rw-r--r--', 'value-1'])
    expect(await look('data-1', { defaultMode: 0o400 })).toEqual(['-r--------', 'value-1'])
    const someone = { securityContext: { runAsUser: 1000, fsGroup: 1001 } }
    expect(await look('data-1', { defaultMode: 0o440 }, someone)).toEqual(['-r--r-----', 'value-1'])
    expect(await look('path/to/data', { items })).toEqual(['-rw-r--r--', 'value-2'])
    expect(await look('path/to/data', { items: [{ ...items[0], mode: 0o400 }] })).toEqual(['-r--------', 'value-2'])
  })

  it('follows what is changed, made and deleted, where it may be missing', async () => {
    const kind = what.split(' ').at(-1)!
    const prefix = what.replace(/\W/g, '').toLowerCase()
    const own = (name: string): string => `${prefix}-${name}`
    const names = ['goes', 'changes', 'comes']
    for (const name of names.slice(0, 2)) await put(kind, own(name), { 'data-1': 'value-1' })
    const container = (name: string) => ({
      name,
      image: AGNHOST,
      volumeMounts: [
        {
          name,
          mountPath: `/etc/${name}`,
        },
      ],
      args: ['mounttest', '--break_on_expected_content=false', '--retry_time=1200', `--file_content_in_loop=/etc/${name}/data-1`],
    })
    const volumes = names.map((name) => ({ name, ...source(own(name), { optional: true }) }))
    await ns.running(pod(own('follows'), {}, { volumes, containers: names.map(container) }))
    const logged = (name: string, text: string): Promise<string> => ns.logged(own('follows'), text, name)
    await Promise.all([
      logged('goes', 'data-1": value-1\n'),
      logged('changes', 'data-1": value-1\n'),
      logged('comes', 'Error reading file /etc/comes/data-1: open /etc/comes/data-1: no such file or directory'),
    ])
    const resource = `${kind.toLowerCase()}s`
    await ns.delete(`${resource}/${own('goes')}`)
    await ns.patch(
      `${resource}/${own('changes')}`,
      kind === 'Secret' ? { stringData: { 'data-1': 'value-2' } } : { data: { 'data-1': 'value-2' } },
    )
    await put(kind, own('comes'), { 'data-1': 'value-1' }) // prettier-ignore
    await Promise.all([
      logged('goes', 'Error reading file /etc/goes/data-1'),
      logged('changes', 'data-1": value-2\n'),
      logged('comes', 'data-1": value-1\n'),
    ])
  })

  it('that is missing, or has not the key, is said in an event', async () => {
    const kind = what.split(' ').at(-1)!.toLowerCase()
    const message = async (name: string, volume: object): Promise<string> => {
      await ns.create(
        pod(name, { image: BUSYBOX, volumeMounts: [{ name: 'v', mountPath: '/v' }] }, { volumes: [{ name: 'v', ...volume }] }),
      )
      const events = `${ns.path('events')}?fieldSelector=involvedObject.name=${name}`
      return (await client.watch(events, (e) => e.object.reason === 'FailedMount')).object.message as string
    }
    const prefix = what.replace(/\W/g, '').toLowerCase()
    expect(await message(`${prefix}-none`, source('none'))).toBe(`MountVolume.SetUp failed for volume "v" : ${kind} "none" not found`)
    expect(await message(`${prefix}-key`, source('source', { items: [{ key: 'none', path: 'x' }] }))).toContain('references non-existent')
  })
})

it('a volume of several sources has the files of all of them', async () => {
  const downwardAPI = { items: [{ path: 'podname', fieldRef: { fieldPath: 'metadata.name' } }] }
  const sources = [
    { downwardAPI },
    { secret: { name: 'source', items: [{ key: 'data-1', path: 'secret' }] } },
    { configMap: { name: 'source' } },
  ]
  const container = { image: BUSYBOX, command: ['sh', '-c', 'cat /all/podname /all/secret /all/data-2'], volumeMounts: [{ name: 'all', mountPath: '/all' }] } // prettier-ignore
  expect(await ns.output(pod('all', container, { volumes: [{ name: 'all', projected: { sources } }] }))).toBe('allvalue-1value-2')
})

describe.each([
  ['downwardAPI', (items: object[], more: object) => ({ downwardAPI: { items, ...more } })],
  ['projected', (items: object[], more: object) => ({ projected: { sources: [{ downwardAPI: { items } }], ...more } })],
])('what a pod knows of itself in a %s volume', (kind, source) => {
  const field = (path: string, fieldPath: string, more: object = {}): object => ({ path, fieldRef: { fieldPath }, ...more })
  const resources = { requests: { cpu: '250m', memory: '32Mi' }, limits: { cpu: '1250m', memory: '64Mi' } }

  it('are its fields and resources, with the modes that are asked for', async () => {
    const file = ['--file_mode=/volume/name']
    expect(await mounttest(source([field('name', 'metadata.name')], { defaultMode: 0o400 }), file)).toBe(
      'mode of file "/volume/name": -r--------\n',
    )
    expect(await mounttest(source([field('name', 'metadata.name', { mode: 0o400 })], {}), file)).toBe(
      'mode of file "/volume/name": -r--------\n',
    )
    const parts = ['limits.cpu', 'limits.memory', 'requests.cpu', 'requests.memory']
    const read = async (resource: string, container: object): Promise<string> => {
      const item = { path: 'r', resourceFieldRef: { containerName: 'main', resource } }
      return /: (.*)/.exec(await mounttest(source([item], {}), ['--file_content=/volume/r'], {}, container))![1]!
    }
    expect(await Promise.all(parts.map((part) => read(part, { resources })))).toEqual(['2', '67108864', '1', '33554432'])
    // Without a limit it is all that the node has.
    const { allocatable } = (await client.ok('GET', '/api/v1/nodes')).items[0].status
    expect(await read('limits.cpu', {})).toBe(allocatable.cpu)
    expect(await read('limits.memory', {})).toBe(String(Number.parseInt(allocatable.memory as string) * 1024))
  })

  it('follows its labels and annotations', async () => {
    const name = `${kind.toLowerCase()}-follows`
    const container = (of: string) => ({
      name: of,
      image: AGNHOST,
      volumeMounts: [
        {
          name: 'v',
          mountPath: '/etc/podinfo',
        },
      ],
      args: ['mounttest', '--break_on_expected_content=false', '--retry_time=1200', `--file_content_in_loop=/etc/podinfo/${of}`],
    })
    const volumes = [{ name: 'v', ...source([field('labels', 'metadata.labels'), field('annotations', 'metadata.annotations')], {}) }]
    const metadata = { labels: { key1: 'value1' }, annotations: { builder: 'bar' } }
    await ns.create(pod(name, {}, { volumes, containers: ['labels', 'annotations'].map(container) }, metadata))
    await ns.logged(name, 'key1="value1"', 'labels')
    await ns.logged(name, 'builder="bar"', 'annotations')
    await ns.patch(`pods/${name}`, { metadata: { labels: { key3: 'value3' }, annotations: { builder: 'foo' } } })
    await ns.logged(name, 'key3="value3"', 'labels')
    await ns.logged(name, 'builder="foo"', 'annotations')
  })
})

describe.each([
  ['on disk', ''],
  ['in memory', 'Memory'],
])('an emptyDir %s', (_, medium) => {
  const source = { emptyDir: { medium } }
  const file = '/volume/test-file'

  it('takes files of any mode, from anybody', async () => {
    expect(await mounttest(source, ['--file_perm=/volume'])).toBe('perms of file "/volume": -rwxrwxrwx\n')
    for (const [mode, shown] of [['0644', '-rw-r--r--'], ['0666', '-rw-rw-rw-'], ['0777', '-rwxrwxrwx']])
      for (const runAsUser of [0, 1001]) {
        const args = [`--new_file_${mode}=${file}`, `--file_perm=${file}`]
        const text = await mounttest(source, args, { securityContext: { runAsUser } })
        expect(text).toBe(`content of file "${file}": mount-tester new file\n\nperms of file "${file}": ${shown}\n`)
      } // prettier-ignore
    if (medium) expect(await mounttest(source, ['--fs_type=/volume'])).toBe('mount type of "/volume": tmpfs\n')
  })

  it('belongs to the group of the pod, with what is made in it', async () => {
    const args = [`--new_file_0660=${file}`, `--file_owner=${file}`, '--file_perm=/volume']
    const text = await mounttest(source, args, { securityContext: { fsGroup: 123 } })
    expect(text).toContain(`owner UID of "${file}": 0\nowner GID of "${file}": 123\n`)
  })
})

it('an emptyDir is shared by the containers of its pod, and fifty ConfigMaps mount beside each other in five pods', async () => {
  const volumeMounts = [{ name: 'share', mountPath: '/share' }]
  const container = (name: string, text: string) => ({ name, image: BUSYBOX, command: ['/bin/sh', '-c', text], volumeMounts })
  const waits = 'while ! [ -f /share/data ]; do sleep 1; done; cat /share/data; sleep 1000'
  const containers = [container('main', waits), container('sub', 'echo Hello from the sub-container > /share/data; sleep 1000')]
  await ns.create(pod('shared', {}, { volumes: [{ name: 'share', emptyDir: {} }], containers }))
  expect(await ns.logged('shared', '\n', 'main')).toBe('Hello from the sub-container\n')

  const names = Array.from({ length: 50 }, (_, i) => `many-${i}`)
  await Promise.all(names.map((name) => put('ConfigMap', name)))
  const template = {
    metadata: { labels: { name: 'many' } },
    spec: {
      containers: [
        { name: 'main', image: AGNHOST, args: ['pause'], volumeMounts: names.map((name) => ({ name, mountPath: `/etc/${name}` })) },
      ],
      volumes: names.map((name) => ({ name, configMap: { name, items: [{ key: 'data-1', path: 'data-1' }] } })),
    },
  }
  await ns.create({ apiVersion: 'v1', kind: 'ReplicationController', metadata: { name: 'many' }, spec: { replicas: 5, selector: { name: 'many' }, template } }) // prettier-ignore
  await ns.until('replicationcontrollers/many', (rc) => rc.status.readyReplicas === 5)
})

describe('a part of a volume', () => {
  const part = (source: object, subPath: string, mountPath = '/part'): Promise<string> =>
    mounttest(source, [`--file_content=${mountPath}`], {}, { volumeMounts: [{ name: 'v', mountPath, subPath }] })

  it('is mounted as a file, also over one that is there', async () => {
    for (const source of Object.values(SOURCES)) expect(await part(source('source'), 'data-1')).toBe('content of file "/part": value-1\n')
    expect(await part(SOURCES['ConfigMap']!('source'), 'data-2', '/etc/resolv.conf')).toBe('content of file "/etc/resolv.conf": value-2\n')
    const downwardAPI = { items: [{ path: 'downward/podname', fieldRef: { fieldPath: 'metadata.namespace' } }] }
    expect(await part({ downwardAPI }, 'downward/podname')).toBe('content of file "/part": volumes\n')
  })

  it('is not mounted where a link leads out of the volume', async () => {
    const init = { name: 'link', image: BUSYBOX, command: ['ln', '-s', '/bin', '/v/link'], volumeMounts: [{ name: 'v', mountPath: '/v' }] }
    const mount = { volumeMounts: [{ name: 'v', mountPath: '/in', subPath: 'link' }] }
    await ns.create(pod('outside', { image: BUSYBOX, ...mount }, { initContainers: [init], volumes: [{ name: 'v', emptyDir: {} }] }))
    const { status } = await ns.until('pods/outside', (p) => p.status.containerStatuses?.[0]?.state.waiting?.reason === 'CreateContainerConfigError') // prettier-ignore
    expect(status.containerStatuses[0].state.waiting.message).toBe('failed to prepare subPath for volumeMount "v" of container "main"')
  })
})

describe('a claim', () => {
  it('that is deleted while a pod uses it stays until the pod has gone, and no other pod gets it', async () => {
    const claim = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name: 'claim' } }
    await ns.create({ ...claim, spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } } })
    const uses = (name: string) =>
      pod(name, { image: BUSYBOX, command: ['sleep', '10000'], volumeMounts: [{ name: 'v', mountPath: '/v' }] }, { volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'claim' } }] }) // prettier-ignore
    await ns.running(uses('user'))
    await ns.delete('persistentvolumeclaims/claim')
    const { metadata } = await ns.get('persistentvolumeclaims/claim')
    expect([typeof metadata.deletionTimestamp, metadata.finalizers]).toEqual(['string', ['kubernetes.io/pvc-protection']])
    await ns.create(uses('late'))
    const late = await ns.until('pods/late', (p) => p.status.conditions?.[0]?.reason === 'Unschedulable')
    expect(late.status.conditions[0].message).toContain('persistentvolumeclaim "claim" is being deleted')
    expect(isReady(late)).toBe(false)
    await ns.delete('pods/user')
    await ns.gone('persistentvolumeclaims/claim')
  })
})
