import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { aPod, created, kindOf, type Loose } from './support.js'

/** What a client is warned of that creates this, or that updates what was there. */
const warnings = (sent: Loose, old?: Loose): string[] => {
  const { object, kind } = created(sent)
  return kind.warnings?.(object, old) ?? []
}

const podWith = (spec: Loose, annotations?: Loose): string[] => {
  const sent = aPod()
  Object.assign(sent.spec, spec)
  if (annotations) sent.metadata.annotations = annotations
  return warnings(sent)
}

const c = (more: Loose): Loose => ({ name: 'c', image: 'nginx', ...more })

describe('who creates a pod is warned', () => {
  it('of nothing when all is well, nor on an update', () => {
    expect(podWith({})).toEqual([])
    expect(kindOf('v1', 'Pod').warnings?.(aPod(), aPod())).toEqual([])
  })

  it('of a name that is no label', () => {
    expect(warnings({ ...aPod(), metadata: { name: 'a.b' } })).toEqual([
      "metadata.name: this is used in the Pod's hostname, which can result in surprising behavior; a DNS label is recommended: [must not contain dots]",
    ])
  })

  it('of variables that are defined again, unless the later one builds on the earlier', () => {
    const env = [
      { name: 'A', value: '1' },
      { name: 'A', value: '2' },
      { name: 'A', value: 'x:$(A)' },
    ]
    expect(podWith({ containers: [c({ env })] })).toEqual([
      'spec.containers[0].env[1]: hides previous definition of "A", which may be dropped when using apply',
    ])
  })

  it('of labels of nodes that got other names', () => {
    expect(podWith({ nodeSelector: { 'beta.kubernetes.io/os': 'linux' } })).toEqual([
      'spec.nodeSelector[beta.kubernetes.io/os]: deprecated since v1.14; use "kubernetes.io/os" instead',
    ])
  })

  it('of ports that are published twice, or that overlap', () => {
    const ports = [{ containerPort: 80 }, { containerPort: 80 }, { containerPort: 81, hostPort: 81 }, { containerPort: 81 }]
    expect(podWith({ containers: [c({ ports })] })).toEqual([
      'spec.containers[0].ports[1]: duplicate port definition with spec.containers[0].ports[0]',
      'spec.containers[0].ports[3]: overlapping port definition with spec.containers[0].ports[2]',
    ])
  })

  it('of amounts that are no whole number of bytes', () => {
    expect(podWith({ containers: [c({ resources: { requests: { memory: '100m' } } })] })).toEqual([
      'spec.containers[0].resources.requests[memory]: fractional byte value "100m" is invalid, must be an integer',
    ])
  })

  it('of pull secrets that are named twice, or not at all', () => {
    expect(podWith({ imagePullSecrets: [{ name: 'a' }, { name: 'a' }, {}] })).toEqual([
      'spec.imagePullSecrets[1].name: duplicate name "a"',
      'spec.imagePullSecrets[2].name: invalid empty name ""',
    ])
  })

  it('of selectors that match nothing, and in a template of a grace period below zero, which a pod never has', () => {
    const podAffinity = { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: 'zone' }] }
    const odd = { affinity: { podAffinity }, terminationGracePeriodSeconds: -5 }
    const path = 'spec.affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].labelSelector'
    const nothing = `${path}: a null labelSelector results in matching no pod`
    expect(podWith(odd)).toEqual([nothing])
    const template = { spec: { ...aPod().spec, ...odd } }
    expect(warnings({ apiVersion: 'v1', kind: 'PodTemplate', metadata: { name: 't' }, template })).toEqual([
      'template.spec.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be treated as 1',
      `template.${nothing}`,
    ])
  })

  it('of volumes of systems that are gone, and of files that overlap', () => {
    const items = [
      { key: 'a', path: 'x' },
      { key: 'b', path: 'x' },
    ]
    expect(
      podWith({
        volumes: [
          { name: 'g', gitRepo: { repository: 'r' } },
          { name: 'm', configMap: { name: 'cm', items } },
        ],
      }),
    ).toEqual([
      'spec.volumes[0].gitRepo: deprecated in v1.11, and disabled by default in v1.33+',
      'volume "m" (ConfigMap "cm"): overlapping paths: "x" with "x"',
    ])
  })

  it('of every pair of projected files that overlap, with what they come from', () => {
    const sources = [
      { secret: { name: 's', items: [{ key: 'k', path: 'a/b' }] } },
      { configMap: { name: 'c', items: [{ key: 'k', path: 'a' }] } },
      { serviceAccountToken: { path: 'a/b/c' } },
      { downwardAPI: { items: [{ path: 'ab', fieldRef: { fieldPath: 'metadata.name' } }] } },
    ]
    expect(podWith({ volumes: [{ name: 'p', projected: { sources } }] })).toEqual([
      'volume "p" (Projected): overlapping paths: "a" (ConfigMap "c") with "a/b" (Secret "s")',
      'volume "p" (Projected): overlapping paths: "a/b/c" (ServiceAccountToken) with "a/b" (Secret "s")',
      'volume "p" (Projected): overlapping paths: "a/b/c" (ServiceAccountToken) with "a" (ConfigMap "c")',
    ])
  })

  it('of a name that two ports of containers that stay have', () => {
    const named = (name: string, containerPort: number, more: Loose = {}): Loose => ({
      name,
      image: 'i:1',
      ports: [{ name: 'web', containerPort }],
      ...more,
    })
    const initContainers = [named('once', 79), named('sidecar', 80, { restartPolicy: 'Always' })]
    expect(podWith({ initContainers, containers: [named('main', 81)] })).toEqual([
      'spec.containers[0].ports[0]: duplicate port name "web" with spec.initContainers[1].ports[0], services and probes that select ports by name will use spec.initContainers[1].ports[0]',
    ])
  })

  it('of annotations that do nothing any more', () => {
    expect(podWith({}, { 'scheduler.alpha.kubernetes.io/critical-pod': '' })).toEqual([
      'metadata.annotations[scheduler.alpha.kubernetes.io/critical-pod]: non-functional in v1.16+; use the "priorityClassName" field instead',
    ])
  })
})

describe('who describes pods to be made is warned', () => {
  const template = { metadata: { labels: { a: 'b' } }, spec: { containers: [c({})], nodeSelector: { 'beta.kubernetes.io/arch': 'amd64' } } }
  const text = 'spec.nodeSelector[beta.kubernetes.io/arch]: deprecated since v1.14; use "kubernetes.io/arch" instead'

  it('of the same in a PodTemplate', () => {
    expect(warnings({ apiVersion: 'v1', kind: 'PodTemplate', metadata: { name: 'p' }, template })).toEqual([`template.${text}`])
  })

  it.each([
    ['apps/v1', 'Deployment'],
    ['apps/v1', 'ReplicaSet'],
    ['apps/v1', 'StatefulSet'],
    ['apps/v1', 'DaemonSet'],
    ['batch/v1', 'Job'],
  ])('of the same in %s %s', (apiVersion, kind) => {
    const spec = { selector: { matchLabels: { a: 'b' } }, template }
    expect(warnings({ apiVersion, kind, metadata: { name: 'w' }, spec })).toEqual([`spec.template.${text}`])
  })

  it('of the same in a CronJob', () => {
    const spec = { schedule: '* * * * *', jobTemplate: { spec: { template } } }
    expect(warnings({ apiVersion: 'batch/v1', kind: 'CronJob', metadata: { name: 'w' }, spec })).toEqual([
      `spec.jobTemplate.spec.template.${text}`,
    ])
  })

  it('of the zone in the schedule of an old CronJob, and of what its Jobs cannot keep track of', () => {
    const jobSpec = { template: { spec: {} }, completionMode: 'Indexed', completions: 100_001, parallelism: 10_001 }
    const spec = { schedule: 'TZ=UTC * * * * *', jobTemplate: { spec: jobSpec } }
    const { object, kind } = created({ apiVersion: 'batch/v1', kind: 'CronJob', metadata: { name: 'w', generation: 1 }, spec })
    const many =
      'spec.jobTemplate.spec: In Indexed Jobs with a number of completions higher than 10^5 and a parallelism higher than 10^4, Kubernetes might not be able to track completedIndexes when a big number of indexes fail'
    const zone =
      'cannot use TZ or CRON_TZ in spec.spec.schedule, use timeZone instead, see https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/ for more details'
    expect(kind.warnings?.(object, undefined)).toEqual([many])
    expect(kind.warnings?.(object, object)).toEqual([zone])
    expect(kind.warnings?.({ ...object, metadata: { ...object.metadata, generation: 2 } }, object)).toEqual([many, zone])
  })

  it('of the same in a ReplicationController, whenever its spec changes', () => {
    const sent = { apiVersion: 'v1', kind: 'ReplicationController', metadata: { name: 'a.b' }, spec: { selector: { a: 'b' }, template } }
    const { object, kind } = created(sent)
    expect(kind.warnings?.(object, undefined)).toEqual([
      'metadata.name: this is used in Pod names and hostnames, which can result in surprising behavior; a DNS label is recommended: [must not contain dots]',
      `template.${text}`,
    ])
    expect(kind.warnings?.(object, object)).toEqual([])
    expect(kind.warnings?.({ ...object, metadata: { ...object.metadata, generation: 2 } }, object)).toEqual([`template.${text}`])
  })
})

describe('who creates a Service is warned', () => {
  const service = (spec: Loose, annotations?: Loose): string[] =>
    kindOf('v1', 'Service').warnings!(
      { metadata: { name: 's', annotations }, spec: { type: 'ClusterIP', sessionAffinity: 'None', ...spec } } as Loose,
      undefined,
    )

  it('of addresses from outside, and of what a headless or external one ignores', () => {
    expect(service({ externalIPs: ['10.0.0.1'] })).toEqual([
      'spec.externalIPs is deprecated and may no longer be implemented in some clusters',
    ])
    expect(service({ clusterIP: 'None', sessionAffinity: 'ClientIP', externalIPs: ['10.0.0.1'], loadBalancerIP: '10.0.0.2' })).toEqual([
      'spec.loadBalancerIP is ignored for headless services',
      'spec.externalIPs is ignored for headless services',
      'spec.SessionAffinity is ignored for headless services',
    ])
    expect(service({ externalName: 'a.b' })).toEqual(['spec.externalName is ignored when spec.type is not "ExternalName"'])
    expect(service({ type: 'ExternalName', externalName: 'a.b', externalIPs: ['10.0.0.1'] })).toEqual([
      'spec.externalIPs is ignored when spec.type is "ExternalName"',
    ])
  })

  it('of an old annotation and an old kind of distribution', () => {
    expect(service({ trafficDistribution: 'PreferClose' }, { 'service.kubernetes.io/topology-aware-hints': 'Auto' })).toEqual([
      'annotation service.kubernetes.io/topology-aware-hints is deprecated, please use service.kubernetes.io/topology-mode instead',
      'spec.trafficDistribution: "PreferClose" is deprecated; use "PreferSameZone"',
    ])
  })

  it('of IPv6 addresses and blocks that could be written shorter', () => {
    expect(service({ loadBalancerIP: '2001:DB8::0', loadBalancerSourceRanges: ['2001:DB8::/32'] })).toEqual([
      'spec.loadBalancerIP: IPv6 address "2001:DB8::0" should be in RFC 5952 canonical format ("2001:db8::")',
      'spec.loadBalancerSourceRanges[0]: IPv6 CIDR value "2001:DB8::/32" should be in RFC 5952 canonical format ("2001:db8::/32")',
    ])
  })
})

describe('who creates storage is warned', () => {
  const annotations = { 'volume.beta.kubernetes.io/storage-class': 'slow' }
  const classText =
    'metadata.annotations[volume.beta.kubernetes.io/storage-class]: deprecated since v1.8; use "storageClassName" attribute instead'

  it('of an old annotation and part of a byte in a claim', () => {
    const spec = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1500m' } } }
    expect(warnings({ apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name: 'p', annotations }, spec })).toEqual([
      classText,
      'spec.resources.requests[storage]: fractional byte value "1500m" is invalid, must be an integer',
    ])
  })

  it('of what is old in a volume', () => {
    const spec = {
      capacity: { storage: '1Gi' },
      accessModes: ['ReadWriteOnce'],
      persistentVolumeReclaimPolicy: 'Recycle',
      rbd: { image: 'i', monitors: ['m'] },
    }
    expect(warnings({ apiVersion: 'v1', kind: 'PersistentVolume', metadata: { name: 'p', annotations }, spec })).toEqual([
      classText,
      'spec.persistentVolumeReclaimPolicy: The Recycle reclaim policy is deprecated. Instead, the recommended approach is to use dynamic provisioning.',
      'spec.rbd: deprecated in v1.28, non-functional in v1.31+',
    ])
  })
})

describe('who selects nodes by labels that got other names is warned', () => {
  it.each([
    [
      'node.k8s.io/v1',
      'RuntimeClass',
      { handler: 'h', scheduling: { nodeSelector: { 'beta.kubernetes.io/arch': 'amd64', 'kubernetes.io/os': 'linux' } } },
      ['scheduling.nodeSelector: deprecated since v1.14; use "kubernetes.io/arch" instead'],
    ],
    [
      'storage.k8s.io/v1',
      'StorageClass',
      {
        provisioner: 'p',
        allowedTopologies: [{ matchLabelExpressions: [{ key: 'failure-domain.beta.kubernetes.io/zone', values: ['a'] }] }],
      },
      ['allowedTopologies[0].matchLabelExpressions[0].key: deprecated since v1.17; use "topology.kubernetes.io/zone" instead'],
    ],
    [
      'storage.k8s.io/v1',
      'CSIStorageCapacity',
      {
        storageClassName: 's',
        nodeTopology: {
          matchExpressions: [{ key: 'beta.kubernetes.io/os', operator: 'Exists' }],
          matchLabels: { 'beta.kubernetes.io/instance-type': 'x' },
        },
      },
      [
        'nodeTopology.matchExpressions[0].key: beta.kubernetes.io/os is deprecated since v1.14; use "kubernetes.io/os" instead',
        'nodeTopology.matchLabels.beta.kubernetes.io/instance-type: deprecated since v1.17; use "node.kubernetes.io/instance-type" instead',
      ],
    ],
  ])('in %s %s', (apiVersion, kind, rest, want) => {
    const sent = { apiVersion, kind, metadata: { name: 'x' }, ...rest }
    expect(warnings(sent)).toEqual(want)
    expect(warnings(sent, created(sent).object)).toEqual(want)
  })
})

describe('who writes network objects is warned', () => {
  it('of blocks of a NetworkPolicy that could be written shorter', () => {
    const peer = { ipBlock: { cidr: '2001:DB8::/32', except: ['2001:db8:0::/48'] } }
    const spec = { podSelector: {}, ingress: [{ from: [{ podSelector: {} }, peer] }], egress: [{ to: [peer] }] }
    const texts = (at: string): string[] => [
      `${at}.ipBlock.cidr: IPv6 CIDR value "2001:DB8::/32" should be in RFC 5952 canonical format ("2001:db8::/32")`,
      `${at}.ipBlock.except[0]: IPv6 CIDR value "2001:db8:0::/48" should be in RFC 5952 canonical format ("2001:db8::/48")`,
    ]
    expect(warnings({ apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata: { name: 'x' }, spec })).toEqual([
      ...texts('spec.ingress[0].from[1]'),
      ...texts('spec.egress[0].to[0]'),
    ])
  })

  it('of names in an EndpointSlice when it is made, and of addresses that nobody cleans up', () => {
    const slice = (addressType: string, address: string, labels?: Loose): Loose => ({
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: { name: 'x', labels },
      addressType,
      endpoints: [{ addresses: [address] }],
    })
    const named = slice('FQDN', 'a.example.com')
    expect(warnings(named)).toEqual(['spec.addressType: FQDN endpoints are deprecated'])
    expect(warnings(named, created(named).object)).toEqual([])
    const text = 'endpoints[0].addresses[0]: IPv6 address "2001:DB8::1" should be in RFC 5952 canonical format ("2001:db8::1")'
    expect(warnings(slice('IPv6', '2001:DB8::1'))).toEqual([text])
    for (const by of ['endpointslice-controller.k8s.io', 'endpointslicemirroring-controller.k8s.io'])
      expect(warnings(slice('IPv6', '2001:DB8::1', { 'endpointslice.kubernetes.io/managed-by': by }))).toEqual([])
  })
})

describe('who writes a Node is warned', () => {
  it('of fields that do nothing any more', () => {
    const node = (spec: Loose): Loose => ({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'n' }, spec })
    const source = { configSource: { configMap: { name: 'c', namespace: 'n', kubeletConfigKey: 'k' } } }
    const text = 'spec.externalID: this field is deprecated, and is unused by Kubernetes'
    // Where its configuration comes from is left out of a new one, and kept of an old one.
    expect(warnings(node({ externalID: 'i', ...source }))).toEqual([text])
    const old = node({ externalID: 'i', ...source })
    expect(kindOf('v1', 'Node').warnings?.(old, old)).toEqual(['spec.configSource: the feature is removed', text])
  })
})

describe('who creates a Secret for TLS is warned', () => {
  const secret = (crt: string, key: string): string[] =>
    warnings({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 's' },
      type: 'kubernetes.io/tls',
      stringData: { 'tls.crt': crt, 'tls.key': key },
    })
  const pem = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }) as string

  it('of a certificate that is none', () => {
    expect(secret('a', pem)).toEqual(['tls: failed to find any PEM data in certificate input'])
    expect(secret(pem, pem)).toEqual([
      'tls: failed to find certificate PEM data in certificate input, but did find a private key; PEM inputs may have been switched',
    ])
  })
})
