import { describe, expect, test } from 'vitest'
import type { Pod, Service } from '../../../src-main/cluster/api/object.js'
import { expand } from '../../../src-main/cluster/kubelet/expansion.js'
import { goDuration, parseGoDuration } from '../../../src-main/cluster/go-duration.js'
import { hostsFile, kernelHostname, resolvConf } from '../../../src-main/cluster/kubelet/pod-dns.js'
import { qosClass } from '../../../src-main/cluster/kubelet/qos.js'
import { bytes, millicores } from '../../../src-main/cluster/kubelet/quantity.js'
import { serviceEnv } from '../../../src-main/cluster/kubelet/service-env.js'
import type { FakeVolume } from './fake-runtime.js'
import type { Bench } from './harness.js'
import { bench, pod } from './harness.js'

const dns = { server: '10.96.0.10', domain: 'cluster.local' }

function envOf(b: Bench, container = 'app'): Record<string, string> {
  const found = [...b.runtime.containers.values()].find((c) => c.config.name === container)!
  return Object.fromEntries(found.config.env.map((e) => [e.name, e.value]))
}

function volumeOf(b: Bench, path: string): FakeVolume {
  const found = [...b.runtime.containers.values()].find((c) => c.config.name === 'app')!
  return found.config.mounts.find((m) => m.containerPath === path)!.volume as FakeVolume
}

const object = (name: string, more: object): never => ({ metadata: { name, namespace: 'default' }, ...more }) as never

describe('environment', () => {
  test('comes from values, fields, resources, ConfigMaps, Secrets and services', async () => {
    const b = await bench({ behave: (r) => (r.behaviours.nginx = { present: true }) })
    b.api.put('configmaps', object('conf', { data: { color: 'blue', size: 'xl' } }))
    b.api.put('secrets', object('cred', { data: { password: Buffer.from('s3cret').toString('base64') } }))
    b.api.put('services', object('db', { spec: { clusterIP: '10.96.7.7', ports: [{ name: 'sql', port: 5432 }] } }))
    await b.create(
      pod({
        command: ['serve', '--who=$(WHO)', '$$(WHO)', '$(NOBODY)'],
        resources: { limits: { cpu: '250m', memory: '64Mi' } },
        envFrom: [{ prefix: 'CONF_', configMapRef: { name: 'conf' } }, { configMapRef: { name: 'gone', optional: true } }],
        env: [
          { name: 'WHO', value: 'kubia' },
          { name: 'HELLO', value: 'hello $(WHO) $(DB_SERVICE_HOST)' },
          { name: 'POD_IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } },
          { name: 'NODE_IP', valueFrom: { fieldRef: { fieldPath: 'status.hostIP' } } },
          { name: 'APP', valueFrom: { fieldRef: { fieldPath: "metadata.labels['app']" } } },
          { name: 'CPU', valueFrom: { resourceFieldRef: { resource: 'limits.cpu', divisor: '1m' } } },
          { name: 'MEM', valueFrom: { resourceFieldRef: { resource: 'limits.memory', divisor: '1Mi' } } },
          { name: 'COLOR', valueFrom: { configMapKeyRef: { name: 'conf', key: 'color' } } },
          { name: 'PASSWORD', valueFrom: { secretKeyRef: { name: 'cred', key: 'password' } } },
          { name: 'NONE', valueFrom: { secretKeyRef: { name: 'cred', key: 'none', optional: true } } },
        ],
      }),
    )
    expect(envOf(b)).toEqual({
      CONF_color: 'blue',
      CONF_size: 'xl',
      WHO: 'kubia',
      HELLO: 'hello kubia 10.96.7.7',
      POD_IP: '10.244.0.2',
      NODE_IP: '192.168.49.2',
      APP: 'web',
      CPU: '250',
      MEM: '64',
      COLOR: 'blue',
      PASSWORD: 's3cret',
      DB_SERVICE_HOST: '10.96.7.7',
      DB_SERVICE_PORT: '5432',
      DB_SERVICE_PORT_SQL: '5432',
      DB_PORT: 'tcp://10.96.7.7:5432',
      DB_PORT_5432_TCP: 'tcp://10.96.7.7:5432',
      DB_PORT_5432_TCP_PROTO: 'tcp',
      DB_PORT_5432_TCP_PORT: '5432',
      DB_PORT_5432_TCP_ADDR: '10.96.7.7',
    })
    const { config } = [...b.runtime.containers.values()][0]!
    expect(config.command).toEqual(['serve', '--who=kubia', '$(WHO)', '$(NOBODY)'])
    expect([config.cpuLimit, config.memoryLimit]).toEqual([250, 64 * 2 ** 20])
  })

  test('a ConfigMap or key that is missing is a CreateContainerConfigError until it is there', async () => {
    const b = await bench({ behave: (r) => (r.behaviours.nginx = { present: true }) })
    await b.create(pod({ env: [{ name: 'A', valueFrom: { configMapKeyRef: { name: 'conf', key: 'a' } } }] }))
    const waiting = (): unknown => b.pod().status!.containerStatuses![0]!.state!.waiting
    expect(waiting()).toEqual({ reason: 'CreateContainerConfigError', message: 'configmap "conf" not found' })
    expect(b.api.events('web').at(-1)).toBe('Warning Failed Error: configmap "conf" not found')
    b.api.put('configmaps', object('conf', { data: {} }))
    await b.clock.advance(16_000)
    expect(waiting()).toEqual({ reason: 'CreateContainerConfigError', message: "couldn't find key a in ConfigMap default/conf" })
    b.api.put('configmaps', object('conf', { data: { a: '1' } }))
    await b.clock.advance(16_000)
    expect(b.pod().status!.phase).toBe('Running')
  })

  test.each([
    [[{ name: 'DIR', value: '../up' }], "unable to provision SubPath `../up`: must not contain '..'"],
    [[{ name: 'DIR', value: '/top' }], 'error SubPath `/top` must not be an absolute path'],
    [[], 'missing value for "DIR"'],
  ])('a subPathExpr that no variable makes a path of is an error: %j', async (env, message) => {
    const b = await bench({ behave: (r) => (r.behaviours.nginx = { present: true }) })
    const volumeMounts = [{ name: 'e', mountPath: '/e', subPathExpr: '$(DIR)' }]
    await b.create(pod({ env, volumeMounts }, { volumes: [{ name: 'e', emptyDir: {} }] }))
    expect(b.pod().status!.containerStatuses![0]!.state!.waiting).toEqual({ reason: 'CreateContainerConfigError', message })
  })

  test('a container that must not run as root does not', async () => {
    const b = await bench({ behave: (r) => (r.behaviours.nginx = { present: true }) })
    await b.create(pod({ securityContext: { runAsNonRoot: true } }))
    expect(b.pod().status!.containerStatuses![0]!.state!.waiting).toEqual({
      reason: 'CreateContainerConfigError',
      message: 'container has runAsNonRoot and image will run as root (pod: "web_default(uid-web)", container: app)',
    })
    await b.create(pod({ securityContext: { runAsNonRoot: true, runAsUser: 0 } }, {}, 'zero'))
    expect(b.pod('zero').status!.containerStatuses![0]!.state!.waiting!.message).toBe(
      'container\'s runAsUser breaks non-root policy (pod: "zero_default(uid-zero)", container: app)',
    )
    await b.create(pod({ securityContext: { runAsNonRoot: true, runAsUser: 1000 } }, {}, 'fine'))
    expect(b.pod('fine').status!.phase).toBe('Running')
  })

  test('services of other namespaces are not told, nor own ones without enableServiceLinks; kubernetes always is', () => {
    const service = (namespace: string, name: string, clusterIP: string): Service =>
      ({ metadata: { namespace, name }, spec: { clusterIP, ports: [{ port: 443 }] } }) as Service
    const all = [
      service('default', 'kubernetes', '10.96.0.1'),
      service('shop', 'cart', '10.96.0.5'),
      service('shop', 'headless', 'None'),
      service('other', 'x', '10.96.0.6'),
    ]
    expect([...serviceEnv(all, 'shop', true).keys()].filter((k) => k.endsWith('_HOST'))).toEqual([
      'CART_SERVICE_HOST',
      'KUBERNETES_SERVICE_HOST',
    ])
    expect([...serviceEnv(all, 'shop', false).keys()].filter((k) => k.endsWith('_HOST'))).toEqual(['KUBERNETES_SERVICE_HOST'])
  })
})

describe('volumes', () => {
  const mounted = (volumes: object[]): Pod => pod({ volumeMounts: [{ name: 'v', mountPath: '/v' }] }, { volumes: volumes as never })

  test('a ConfigMap becomes files, all or those chosen, with modes', async () => {
    const b = await bench({ behave: (r) => (r.behaviours.nginx = { present: true }) })
    b.api.put('configmaps', object('conf', { data: { a: '1', b: '2' }, binaryData: { c: Buffer.from('3').toString('base64') } }))
    await b.create(mounted([{ name: 'v', configMap: { name: 'conf', defaultMode: 0o400 } }]))
    expect(volumeOf(b, '/v').files).toEqual({ a: '1', b: '2', c: '3' })
    expect(volumeOf(b, '/v').modes).toEqual({ a: 0o400, b: 0o400, c: 0o400 })
    b.runtime.containers.clear()
    const items = [{ key: 'b', path: 'deep/b.txt', mode: 0o600 }]
    await b.create({ ...mounted([{ name: 'v', configMap: { name: 'conf', items } }]), metadata: { ...pod({}, {}, 'two').metadata } })
    expect(volumeOf(b, '/v').files).toEqual({ 'deep/b.txt': '2' })
    expect(volumeOf(b, '/v').modes).toEqual({ 'deep/b.txt': 0o600 })
  })

  test('a change of a ConfigMap reaches its files within a minute', async () => {
    const b = await bench({ behave: (r) => (r.behaviours.nginx = { present: true }) })
    b.api.put('configmaps', object('conf', { data: { a: '1' } }))
    await b.create(mounted([{ name: 'v', configMap: { name: 'conf' } }]))
    b.api.put('configmaps', object('conf', { data: { a: '2' } }))
    await b.clock.settle()
    expect(volumeOf(b, '/v').files).toEqual({ a: '1' })
    await b.clock.advance(60_000)
    expect(volumeOf(b, '/v').files).toEqual({ a: '2' })
    expect(b.pod().status!.containerStatuses![0]!.restartCount).toBe(0)
  })

  test('a Secret that is missing is FailedMount, tried again until it is there', async () => {
    const b = await bench({ behave: (r) => (r.behaviours.nginx = { present: true }) })
    await b.create(mounted([{ name: 'v', secret: { secretName: 'cred' } }]))
    expect(b.api.events('web')).toEqual(['Warning FailedMount MountVolume.SetUp failed for volume "v" : secret "cred" not found'])
    expect(b.pod().status!.containerStatuses![0]!.state!.waiting!.reason).toBe('ContainerCreating')
    b.api.put('secrets', object('cred', { data: { user: Buffer.from('me').toString('base64') } }))
    await b.clock.advance(500)
    expect(b.pod().status!.phase).toBe('Running')
    expect(volumeOf(b, '/v').files).toEqual({ user: 'me' })
  })

  test('an optional source that is missing is an empty volume; a missing key is an error', async () => {
    const b = await bench({ behave: (r) => (r.behaviours.nginx = { present: true }) })
    await b.create(mounted([{ name: 'v', configMap: { name: 'gone', optional: true } }]))
    expect(volumeOf(b, '/v').files).toEqual({})
    b.api.put('configmaps', object('conf', { data: {} }))
    const items = [{ key: 'x', path: 'x' }]
    await b.create({ ...mounted([{ name: 'v', configMap: { name: 'conf', items } }]), metadata: { ...pod({}, {}, 'two').metadata } })
    expect(b.api.events('two')).toEqual([
      'Warning FailedMount MountVolume.SetUp failed for volume "v" : configmap references non-existent config key: x',
    ])
  })

  test('a projected volume joins token, CA and namespace; the token is renewed at 80 % of its time', async () => {
    const b = await bench({ behave: (r) => (r.behaviours.nginx = { present: true }) })
    b.api.put('serviceaccounts', object('default', {}))
    b.api.put('configmaps', object('kube-root-ca.crt', { data: { 'ca.crt': 'PEM' } }))
    const sources = [
      { serviceAccountToken: { path: 'token', expirationSeconds: 3607 } },
      { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
      { downwardAPI: { items: [{ path: 'namespace', fieldRef: { fieldPath: 'metadata.namespace' } }] } },
    ]
    await b.create(mounted([{ name: 'v', projected: { sources, defaultMode: 420 } }]))
    const before = volumeOf(b, '/v').files
    expect(before).toMatchObject({ 'ca.crt': 'PEM', namespace: 'default' })
    expect(before.token).toMatch(/^token-\d+$/)
    await b.clock.advance(2_880_000)
    expect(volumeOf(b, '/v').files.token).toBe(before.token)
    await b.clock.advance(10_000)
    expect(volumeOf(b, '/v').files.token).not.toBe(before.token)
  })

  test('through a jump over half a day a token lasts until its last renewal, and is as fresh as ever at the end', async () => {
    const b = await bench({ behave: (r) => (r.behaviours.nginx = { present: true }) })
    b.api.put('serviceaccounts', object('default', {}))
    const began = b.clock.now()
    const sources = [{ serviceAccountToken: { path: 'token', expirationSeconds: 3600 } }]
    await b.create(mounted([{ name: 'v', projected: { sources } }]))
    await b.clock.advance(12 * 3_600_000)
    // Each 48 minutes it would have been asked for sixteen times.
    expect(b.api.tokens.map(({ at, seconds }) => ({ at: at - began, seconds }))).toEqual([
      { at: 0, seconds: 3600 },
      { at: 2_880_000, seconds: 3600 + 13 * 2880 },
      { at: 15 * 2_880_000, seconds: 3600 },
    ])
  })

  test('labels in a downwardAPI volume follow the pod', async () => {
    const b = await bench({ behave: (r) => (r.behaviours.nginx = { present: true }) })
    const made = await b.create(
      mounted([{ name: 'v', downwardAPI: { items: [{ path: 'labels', fieldRef: { fieldPath: 'metadata.labels' } }] } }]),
    )
    expect(volumeOf(b, '/v').files).toEqual({ labels: 'app="web"' })
    b.api.put('pods', { ...made, metadata: { ...made.metadata, labels: { tier: 'front', app: 'web' } } } as never)
    await b.clock.settle()
    expect(volumeOf(b, '/v').files).toEqual({ labels: 'app="web"\ntier="front"' })
  })

  test('emptyDir and hostPath are asked of the runtime as the pod says', async () => {
    const b = await bench({ behave: (r) => (r.behaviours.nginx = { present: true }) })
    await b.create(
      pod(
        {
          volumeMounts: [
            { name: 'e', mountPath: '/e' },
            { name: 'h', mountPath: '/h', readOnly: true, subPath: 'logs' },
            { name: 'e', mountPath: '/r', readOnly: true, recursiveReadOnly: 'IfPossible' },
          ],
        },
        {
          volumes: [
            { name: 'e', emptyDir: { medium: 'Memory', sizeLimit: '1Mi' } },
            { name: 'h', hostPath: { path: '/var', type: 'Directory' } },
          ],
        },
      ),
    )
    expect(volumeOf(b, '/e').what).toBe('volume Memory 1048576')
    expect(volumeOf(b, '/h').what).toBe('drydock:/var:Directory')
    const { config } = [...b.runtime.containers.values()][0]!
    expect(config.mounts[1]).toMatchObject({ readOnly: true, subPath: 'logs' })
    expect(b.pod().status!.containerStatuses![0]!.volumeMounts).toEqual([
      { name: 'e', mountPath: '/e' },
      { name: 'h', mountPath: '/h', readOnly: true, recursiveReadOnly: 'Disabled' },
      { name: 'e', mountPath: '/r', readOnly: true, recursiveReadOnly: 'Enabled' },
    ])
  })
})

describe('names and files of a pod', () => {
  const named = (spec: object): Pod => pod({}, spec as never)

  test('/etc/resolv.conf by dnsPolicy and dnsConfig', () => {
    expect(resolvConf(named({}), dns).text).toBe(
      'search default.svc.cluster.local svc.cluster.local cluster.local\nnameserver 10.96.0.10\noptions ndots:5\n',
    )
    expect(
      resolvConf(
        named({
          dnsPolicy: 'None',
          dnsConfig: { nameservers: ['1.1.1.1'], searches: ['a.b'], options: [{ name: 'ndots', value: '2' }, { name: 'edns0' }] },
        }),
        dns,
      ).text,
    ).toBe('search a.b\nnameserver 1.1.1.1\noptions ndots:2 edns0\n')
    expect(resolvConf(named({ hostNetwork: true }), dns).text).toBe('nameserver 192.168.49.1\n')
  })

  test('/etc/resolv.conf has no more than a resolver reads, and the pod is told what was left out', () => {
    const searches = Array.from({ length: 31 }, (_, i) => `s${i}`)
    const long = Array.from({ length: 10 }, (_, i) => `${String(i).repeat(240)}.x`)
    const nameservers = ['1.1.1.1', '10.96.0.10', '2.2.2.2', '3.3.3.3']
    const conf = resolvConf(named({ dnsConfig: { nameservers, searches } }), dns)
    const paths = ['default.svc.cluster.local', 'svc.cluster.local', 'cluster.local', ...searches.slice(0, 29)].join(' ')
    expect(conf.text.split('\n').slice(0, 4)).toEqual([
      `search ${paths}`,
      'nameserver 10.96.0.10',
      'nameserver 1.1.1.1',
      'nameserver 2.2.2.2',
    ])
    expect(conf.warnings).toEqual([
      'Nameserver limits were exceeded, some nameservers have been omitted, the applied nameserver line is: 10.96.0.10 1.1.1.1 2.2.2.2',
      `Search Line limits were exceeded, some search paths have been omitted, the applied search line is: ${paths}`,
    ])
    const line = resolvConf(named({ dnsPolicy: 'None', dnsConfig: { nameservers: ['1.1.1.1'], searches: long } }), dns).text.split('\n')[0]!
    expect(line).toBe(`search ${long.slice(0, 8).join(' ')}`)
  })

  test('/etc/hosts with the address, host name, subdomain and aliases', () => {
    const node = { name: 'drydock', address: '192.168.49.2' }
    const text = hostsFile(
      named({ hostname: 'db-0', subdomain: 'db', hostAliases: [{ ip: '10.0.0.9', hostnames: ['a', 'b'] }] }),
      '10.244.0.9',
      node,
      dns,
    )
    expect(text.split('\n')).toEqual([
      '# Kubernetes-managed hosts file.',
      '127.0.0.1\tlocalhost',
      '::1\tlocalhost ip6-localhost ip6-loopback',
      'fe00::0\tip6-localnet',
      'fe00::0\tip6-mcastprefix',
      'fe00::1\tip6-allnodes',
      'fe00::2\tip6-allrouters',
      '10.244.0.9\tdb-0.db.default.svc.cluster.local\tdb-0',
      '',
      '# Entries added by HostAliases.',
      '10.0.0.9\ta\tb',
      '',
    ])
  })

  test('the kernel goes by the host name, or by the whole domain name where a pod asks for that and its name is not too long', () => {
    const whole = { hostname: 'busybox-1', subdomain: 'sub', setHostnameAsFQDN: true }
    expect(kernelHostname(named({ ...whole, setHostnameAsFQDN: false }), dns)).toBe('busybox-1')
    expect(kernelHostname(named(whole), dns)).toBe('busybox-1.sub.default.svc.cluster.local')
    expect(kernelHostname(named({ hostname: 'busybox-1', setHostnameAsFQDN: true }), dns)).toBe('busybox-1')
    const long = `${'h'.repeat(40)}.sub.default.svc.cluster.local`
    expect(() => kernelHostname(named({ ...whole, hostname: 'h'.repeat(40) }), dns)).toThrow(
      `failed to construct FQDN from pod hostname and cluster domain, FQDN ${long} is too long (64 characters is the max, 70 characters requested)`,
    )
  })

  test('quality of service, quantities, durations and expansion', () => {
    const withResources = (resources: object): Pod => ({ ...pod({ resources }), status: {} }) as Pod
    expect(qosClass(withResources({}))).toBe('BestEffort')
    expect(qosClass(withResources({ requests: { cpu: '1' } }))).toBe('Burstable')
    expect(qosClass(withResources({ limits: { cpu: '1000m', memory: '1Gi' }, requests: { cpu: '1', memory: '1024Mi' } }))).toBe(
      'Guaranteed',
    )
    expect([
      millicores('0.5'),
      millicores('250m'),
      millicores('1e2m'),
      bytes('64Mi'),
      bytes('8139468Ki'),
      bytes('1e3'),
      bytes('1500m'),
    ]).toEqual([500, 250, 100, 67108864, 8334815232, 1000, 2])
    expect([0, 350, 1200, 10_000, 80_000, 300_000, 3_600_000].map(goDuration)).toEqual([
      '0s',
      '350ms',
      '1.2s',
      '10s',
      '1m20s',
      '5m0s',
      '1h0m0s',
    ])
    expect(['10s', '1m20s', '5m0s', '350ms', 'x'].map(parseGoDuration)).toEqual([10_000, 80_000, 300_000, 350, undefined])
    expect(expand('$(A) $$(A) $(B) $ $A $(', (n) => ({ A: '1' })[n])).toBe('1 $(A) $(B) $ $A $(')
  })
})
