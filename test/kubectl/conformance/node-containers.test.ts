/** What containers are started with, what they may do and what is left of them, pod by pod. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { TestCluster } from '../support/cluster.js'
import type { Json } from '../support/api.js'
import { Client, conditionOf, isReady, pod, TestNamespace } from '../support/namespace.js'

const IMAGES = 'registry.k8s.io/e2e-test-images'
const AGNHOST = `${IMAGES}/agnhost:2.59`
const BUSYBOX = `${IMAGES}/busybox:1.37.0-1`

let cluster: TestCluster
let client: Client
let ns: TestNamespace
beforeAll(async () => {
  cluster = await TestCluster.start()
  client = new Client(cluster.kubeconfig)
  ns = await TestNamespace.create(client, 'containers', { 'pod-security.kubernetes.io/enforce': 'privileged' })
})
afterAll(async () => {
  client.close()
  await cluster.stop()
})

let pods = 0
const name = (): string => `pod-${++pods}`
/** What a busybox prints that runs to its end. */
const busybox = (container: Json, spec: Json = {}, metadata: object = {}): Promise<string> =>
  ns.output(pod(name(), { image: BUSYBOX, ...container }, spec, metadata))
const env = (container: Json, spec: Json = {}, metadata: object = {}): Promise<string[]> =>
  busybox({ command: ['sh', '-c', 'env'], ...container }, spec, metadata).then((text) => text.split('\n'))
const script = (text: string): string[] => ['/bin/sh', '-c', text]

describe('the environment of a container', () => {
  const field = (fieldPath: string): object => ({ valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath } } })
  const resource = (of: string): object => ({ valueFrom: { resourceFieldRef: { resource: of } } })

  it('has fields of the pod, and its resources in whole units', async () => {
    const fields = {
      NAME: 'metadata.name',
      NAMESPACE: 'metadata.namespace',
      UID: 'metadata.uid',
      IP: 'status.podIP',
      HOST: 'status.hostIP',
    }
    const variables = Object.entries(fields).map(([key, path]) => ({ name: `POD_${key}`, ...field(path) }))
    const own = name()
    const text = await ns.output(pod(own, { image: BUSYBOX, command: ['sh', '-c', 'env'], env: variables }))
    const { metadata, status } = await ns.get(`pods/${own}`)
    const wanted = { NAME: own, NAMESPACE: 'containers', UID: metadata.uid, IP: status.podIP, HOST: status.hostIP }
    for (const [key, value] of Object.entries(wanted)) expect(text.split('\n')).toContain(`POD_${key}=${value}`)
    const resources = { requests: { cpu: '250m', memory: '32Mi' }, limits: { cpu: '1250m', memory: '64Mi' } }
    const parts = ['limits.cpu', 'limits.memory', 'requests.cpu', 'requests.memory']
    const lines = await env({ resources, env: parts.map((of, i) => ({ name: `R${i}`, ...resource(of) })) })
    expect(lines).toEqual(expect.arrayContaining(['R0=2', 'R1=67108864', 'R2=1', 'R3=33554432']))
  })

  it('has whole ConfigMaps and Secrets, also keys that are no names of shell variables', async () => {
    await ns.create({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'env' }, data: { 'data-1': 'value-1', 'data-2': 'value-2' } })
    await ns.create({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'env' }, stringData: { 'data-1': 'secret-1' } })
    const lines = await env({
      env: [{ name: 'ONE', valueFrom: { configMapKeyRef: { name: 'env', key: 'data-1' } } }],
      envFrom: [
        { configMapRef: { name: 'env' } },
        { prefix: 'p-', configMapRef: { name: 'env' } },
        { prefix: 's-', secretRef: { name: 'env' } },
      ],
    })
    const wanted = ['ONE=value-1', 'data-1=value-1', 'data-2=value-2', 'p-data-1=value-1', 'p-data-2=value-2', 's-data-1=secret-1']
    expect(lines).toEqual(expect.arrayContaining(wanted))
  })

  it('puts values together, also in command, arguments and paths of mounts', async () => {
    const variables = [{ name: 'FOO', value: 'foo' }, { name: 'BOTH', value: '$(FOO);;$(NONE)' }] // prettier-ignore
    expect(await env({ env: variables })).toContain('BOTH=foo;;$(NONE)')
    expect(await busybox({ env: variables, command: ['sh', '-c', 'FOO=wrong echo "$(FOO)"'] })).toBe('foo\n')
    expect(await busybox({ env: variables, command: ['sh', '-c'], args: ['FOO=wrong echo "$(FOO)"'] })).toBe('foo\n')
    const mounts = [{ name: 'work', mountPath: '/sub', subPathExpr: '$(FOO)' }, { name: 'work', mountPath: '/whole' }] // prettier-ignore
    const spec = { volumes: [{ name: 'work', emptyDir: {} }] }
    expect(await busybox({ env: variables, command: ['sh', '-c', 'test -d /whole/foo; echo $?'], volumeMounts: mounts }, spec)).toBe('0\n')
  })

  it('does not lead a mount out of its volume, and waits for what it lacks', async () => {
    const started = async (value: object, annotations: object = {}): Promise<string> => {
      const own = name()
      const volumeMounts = [{ name: 'work', mountPath: '/sub', subPathExpr: '$(PART)' }]
      const container = { image: BUSYBOX, command: ['sleep', '1000'], env: [{ name: 'PART', ...value }], volumeMounts }
      await ns.create(pod(own, container, { volumes: [{ name: 'work', emptyDir: {} }] }, { annotations }))
      return own
    }
    const refused = (own: string): Promise<Json> =>
      ns.until(`pods/${own}`, (p) => p.status.containerStatuses?.[0]?.state.waiting?.reason === 'CreateContainerConfigError')
    await refused(await started({ value: '..' }))
    await refused(await started({ value: '/tmp' }))
  })
})

describe('the process of a container', () => {
  it('is the entrypoint of its image with its arguments, unless the pod has others', async () => {
    const print = (container: Json): Promise<string> => ns.output(pod(name(), { image: AGNHOST, ...container }))
    expect(await print({ args: ['entrypoint-tester', 'more'] })).toBe('[/agnhost entrypoint-tester more]\n')
    expect(await print({ command: ['/agnhost-2', 'entrypoint-tester'] })).toBe('[/agnhost-2 entrypoint-tester]\n')
    expect(await print({ command: ['/agnhost-2'], args: ['entrypoint-tester', 'more'] })).toBe('[/agnhost-2 entrypoint-tester more]\n')
  })

  it('runs as the users and groups that it is given, and its status says so', async () => {
    const securityContext = { runAsUser: 1001, runAsGroup: 2001 }
    expect(await busybox({ command: ['id'] }, { securityContext })).toBe('uid=1001 gid=2001 groups=2001\n')
    const own = { securityContext: { runAsUser: 1002, runAsGroup: 2002 } }
    expect(await busybox({ command: ['id'], ...own }, { securityContext })).toBe('uid=1002 gid=2002 groups=2002\n')
    for (const [policy, groups] of [['Merge', [1000, 50000, 60000]], ['Strict', [1000, 60000]]] as const) {
      const context = { runAsUser: 1000, supplementalGroups: [60000], supplementalGroupsPolicy: policy }
      const { metadata, status } = await ns.running(
        pod(name(), { image: AGNHOST, command: script('id -G; while :; do sleep 1; done') }, { securityContext: context }),
      )
      expect(status.containerStatuses[0].user).toEqual({ linux: { uid: 1000, gid: 1000, supplementalGroups: groups } })
      expect(await ns.logged(metadata.name, '\n')).toBe(`${groups.join(' ')}\n`)
      expect((await ns.exec(metadata.name, ['id', '-G'])).stdout).toBe(`${groups.join(' ')}\n`)
    } // prettier-ignore
  })

  it('cannot do what its security context does not allow', async () => {
    const link = { command: ['sh', '-c', 'ip link add dummy0 type dummy || true'] }
    expect(await busybox({ ...link, securityContext: { privileged: false } })).toContain('Operation not permitted')
    expect(await busybox({ ...link, securityContext: { privileged: true } })).toBe('')
    const effective = (securityContext: object) => ns.output(pod(name(), { image: `${IMAGES}/nonewprivs:1.4`, securityContext }))
    expect(await effective({ runAsUser: 1000 })).toBe('Effective uid: 0\n')
    expect(await effective({ runAsUser: 1000, allowPrivilegeEscalation: false })).toBe('Effective uid: 1000\n')
    const readonly = await ns.ended(
      pod(name(), { image: BUSYBOX, command: script('echo test > /file'), securityContext: { readOnlyRootFilesystem: true } }),
    )
    expect(readonly.status.phase).toBe('Failed')
    expect(await ns.logs(readonly.metadata.name)).toBe("/bin/sh: can't create /file: Read-only file system\n")
  })

  it('has kernel settings and users of its own where the pod asks for them', async () => {
    const sysctls = [{ name: 'kernel.shm_rmid_forced', value: '1' }]
    expect(await busybox({ command: ['/bin/sysctl', 'kernel.shm_rmid_forced'] }, { securityContext: { sysctls } })).toBe(
      'kernel.shm_rmid_forced = 1\n',
    )
    const users = (hostUsers: boolean): Promise<string> => busybox({ command: ['cat', '/proc/self/uid_map'] }, { hostUsers })
    expect(await users(true)).toMatch(/ 0 +0 4294967295\n/)
    const [one, two] = [await users(false), await users(false)]
    expect(one).toMatch(/ 0 +\d+ +65536\n/)
    expect(one).not.toBe(two)
    const unsafe = await ns.ended(
      pod(name(), { image: BUSYBOX }, { securityContext: { sysctls: [{ name: 'kernel.msgmax', value: '10000000000' }] } }),
    )
    expect(unsafe.status.reason).toBe('SysctlForbidden')
  })

  it('finds the hosts of its pod, its own names among them, unless it brings a file', async () => {
    const aliases = { hostAliases: [{ ip: '123.45.67.89', hostnames: ['foo', 'bar'] }] }
    expect(await ns.output(pod(name(), { image: AGNHOST, args: ['etc-hosts'] }, aliases))).toContain('123.45.67.89\tfoo\tbar\n')
    const hosts = { volumes: [{ name: 'hosts', hostPath: { path: '/etc/hosts', type: 'FileOrCreate' } }] }
    const original = [{ name: 'hosts', mountPath: '/etc/hosts-original' }]
    const container = (own: string, volumeMounts: object[]) => ({ name: own, image: AGNHOST, args: ['pause'], volumeMounts })
    const both = [...original, { name: 'hosts', mountPath: '/etc/hosts' }]
    await ns.running(pod('hosts', {}, { ...hosts, containers: [container('managed', original), container('own', both)] }))
    await ns.running(pod('host-network', {}, { ...hosts, hostNetwork: true, containers: [container('managed', original)] }))
    const managed = async (of: string, own: string): Promise<boolean> => {
      const [file, node] = (await Promise.all(['hosts', 'hosts-original'].map((f) => ns.exec(of, ['cat', `/etc/${f}`], own)))).map((e) => e.stdout)
      expect([file, node]).not.toContain('')
      return file!.startsWith('# Kubernetes-managed hosts file.') && file !== node
    } // prettier-ignore
    expect([await managed('hosts', 'managed'), await managed('hosts', 'own'), await managed('host-network', 'managed')]).toEqual([true, false, false]) // prettier-ignore
  })
})

describe('the end of a container', () => {
  it('leads to a restart, to success or to failure as the pod wants it', async () => {
    const counts = 'f=/count/f\nn=$(echo x >> $f; wc -l $f | awk {\'print $1\'})\nif [ $n -eq 1 ]; then exit 1; fi\nif [ $n -eq 2 ]; then exit 0; fi\nwhile true; do sleep 1; done' // prettier-ignore
    const ends = async (restartPolicy: string, phase: string, restarts: number): Promise<void> => {
      const own = name()
      const container = { image: BUSYBOX, command: ['sh', '-c', counts], volumeMounts: [{ name: 'count', mountPath: '/count' }] }
      await ns.create(pod(own, container, { restartPolicy, volumes: [{ name: 'count', emptyDir: { medium: 'Memory' } }] }))
      const done = await ns.until(
        `pods/${own}`,
        ({ status }) => status.phase === phase && status.containerStatuses?.[0]?.restartCount === restarts && (phase !== 'Running' || status.containerStatuses[0].state.running),
      ) // prettier-ignore
      expect(isReady(done)).toBe(phase === 'Running')
    }
    await Promise.all([ends('Always', 'Running', 2), ends('OnFailure', 'Succeeded', 1), ends('Never', 'Failed', 0)])
  })

  it('leaves a message: of its file, or of its log when it failed without one', async () => {
    const message = async (text: string, more: object = {}): Promise<string | undefined> => {
      const { status } = await ns.ended(pod(name(), { image: BUSYBOX, command: script(text), ...more }))
      return status.containerStatuses[0].state.terminated.message as string | undefined
    }
    const policy = { terminationMessagePolicy: 'FallbackToLogsOnError' }
    const elsewhere = { terminationMessagePath: '/dev/termination-custom-log', securityContext: { runAsUser: 10000 } }
    expect(await message('echo -n DONE > /dev/termination-custom-log', elsewhere)).toBe('DONE')
    expect(await message('echo -n DONE; false', policy)).toBe('DONE')
    expect(await message('echo -n DONE; true', policy)).toBeUndefined()
    expect(await message('echo -n OK > /dev/termination-log; echo DONE; true', policy)).toBe('OK')
  })

  it('of an init container is waited for; one that fails keeps the others from starting', async () => {
    const init = (own: string, command: string) => ({ name: own, image: BUSYBOX, command: [command] })
    const initialized = (p: Json): unknown[] => [conditionOf(p, 'Initialized').status, conditionOf(p, 'Initialized').message]
    const main = { containers: [init('run1', '/bin/true')] }
    const good = await ns.ended(pod(name(), {}, { initContainers: [init('init1', '/bin/true'), init('init2', '/bin/true')], ...main }))
    expect([good.status.phase, ...initialized(good)]).toEqual(['Succeeded', 'True', undefined])
    expect(good.status.initContainerStatuses.map((s: Json) => [s.ready, s.state.terminated.exitCode])).toEqual([[true, 0], [true, 0]]) // prettier-ignore
    const bad = await ns.ended(pod(name(), {}, { initContainers: [init('init1', '/bin/true'), init('init2', '/bin/false')], ...main }))
    expect([bad.status.phase, ...initialized(bad)]).toEqual(['Failed', 'False', 'containers with incomplete status: [init2]'])
    expect(bad.status.containerStatuses[0].state.waiting.reason).toBe('PodInitializing')
  })

  it('is preceded by its preStop hook, and its start followed by its postStart hook: commands and requests, plain and over TLS', async () => {
    const { status } = await ns.running(pod('listener', { image: AGNHOST, args: ['netexec'] }))
    const passOn = (tls: boolean) => ({
      name: 'pass-on',
      image: AGNHOST,
      restartPolicy: 'Always',
      args: [
        'netexec',
        '--udp-port',
        '-1',
        ...(tls ? ['--tls-cert-file', '/localhost.crt', '--tls-private-key-file', '/localhost.key'] : []),
      ],
      startupProbe: {
        periodSeconds: 1,
        httpGet: {
          scheme: tls ? 'HTTPS' : 'HTTP',
          path: '/echo?msg=startup',
          port: 8080,
        },
      },
    })
    const request = (word: string, scheme: string) => ({
      httpGet: { scheme, port: 8080, path: `/dial?host=${status.podIP}&port=8080&request=${encodeURIComponent(`echo?msg=${word}`)}` },
    })
    const command = (word: string) => ({ exec: { command: script(`curl http://${status.podIP}:8080/echo?msg=${word}`) } })
    const hooked = async (word: string, handler: object, tls = false): Promise<void> => {
      const lifecycle = { [word.startsWith('post') ? 'postStart' : 'preStop']: handler }
      await ns.running(pod(word, { image: AGNHOST, args: ['pause'], lifecycle }, { initContainers: [passOn(tls)] }))
      if (word.startsWith('post')) await ns.logged('listener', `GET /echo?msg=${word}&`)
      await ns.delete(`pods/${word}`, { gracePeriodSeconds: 15 })
      await ns.logged('listener', `GET /echo?msg=${word}&`)
    }
    await Promise.all([
      hooked('post-exec', command('post-exec')),
      hooked('pre-exec', command('pre-exec')),
      hooked('post-http', request('post-http', 'HTTP')),
      hooked('pre-http', request('pre-http', 'HTTP')),
      hooked('post-https', request('post-https', 'HTTPS'), true),
      hooked('pre-https', request('pre-https', 'HTTPS'), true),
    ])
  })

  it('is written down by a server that the preStop hook posts to', async () => {
    const { status } = await ns.running(
      pod('server', { image: AGNHOST, args: ['nettest', '--port=8080'], ports: [{ containerPort: 8080 }] }),
    )
    const post = ['wget', '-O-', '--post-data={"Source": "prestop"}', `http://${status.podIP}:8080/write`]
    const lifecycle = { preStop: { exec: { command: post } } }
    await ns.running(pod('tester', { image: BUSYBOX, command: ['sleep', '600'], lifecycle }, { terminationGracePeriodSeconds: 30 }))
    await ns.delete('pods/tester', { gracePeriodSeconds: 5 })
    await ns.gone('pods/tester')
    expect((await ns.get('pods/server/proxy/read')).Received).toEqual({ prestop: 1 })
  })
})

describe('an image', () => {
  it('that cannot be had keeps its pod waiting, and one behind a login comes with the Secret', async () => {
    const waits = script('while true; do sleep 1; done')
    const waiting = (own: string, reason: string): Promise<Json> =>
      ns.until(`pods/${own}`, (p) => p.status.containerStatuses?.[0]?.state.waiting?.reason === reason)
    await ns.create(pod('no-registry', { image: 'invalid.registry.k8s.io/invalid/alpine:3.1', command: waits }))
    await waiting('no-registry', 'ImagePullBackOff')
    const image = 'gcr.io/authenticated-image-pulling/alpine:3.22'
    await ns.create(pod('no-login', { image, command: waits }))
    await waiting('no-login', 'ImagePullBackOff')
    const auths = { 'https://gcr.io': { auth: Buffer.from('_json_key:{}').toString('base64'), email: 'image-pulling@example.com' } }
    await ns.create({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'login' },
      type: 'kubernetes.io/dockerconfigjson',
      stringData: { '.dockerconfigjson': JSON.stringify({ auths }) },
    })
    await ns.running(pod('login', { image, command: waits }, { imagePullSecrets: [{ name: 'login' }] }))
  })
})
