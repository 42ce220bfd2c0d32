/** Objects that are wrong in many ways are told of all of them, in the order of the API server. */
import { describe, expect, it } from 'vitest'
import { created, kindOf, ruleContext, type Loose } from './support.js'

const told = (errors: readonly { field: string; body: string }[]): string[] => errors.map((e) => `${e.field}: ${e.body}`)
const refused = (apiVersion: string, kind: string, rest: Loose): string[] =>
  told(created({ apiVersion, kind, metadata: { name: 'x' }, ...rest }).errors)

/** The faults of an update, from what was accepted to what `change` makes of it. */
function changed(apiVersion: string, kind: string, rest: Loose, change: (object: Loose) => void): string[] {
  const old = created({ apiVersion, kind, metadata: { name: 'x' }, ...rest }).object
  const object = structuredClone(old)
  change(object)
  const rules = kindOf(apiVersion, kind)
  return told([...(rules.validate?.(object, ruleContext()) ?? []), ...(rules.validateUpdate?.(object, old, ruleContext()) ?? [])])
}

const SUBDOMAIN =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
const LABEL =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')"

describe('networking.k8s.io', () => {
  const NETWORKING = 'networking.k8s.io/v1'

  it('tells of an Ingress its default, its rules, its secrets, its class', () => {
    const paths = [
      { path: 'a//b', pathType: 'Prefix', backend: {} },
      { path: '/' },
      { pathType: 'Some', backend: { service: { port: {} } } },
    ]
    const spec = {
      defaultBackend: { resource: { apiGroup: 'A' }, service: undefined },
      rules: [{ host: '1.2.3.4', http: { paths } }],
      tls: [{ hosts: ['*a'], secretName: 'S' }],
      ingressClassName: 'C',
    }
    expect(refused(NETWORKING, 'Ingress', { spec })).toEqual([
      `spec.defaultBackend.resource.apiGroup: Invalid value: "A": ${SUBDOMAIN}`,
      'spec.defaultBackend.resource.kind: Required value',
      'spec.defaultBackend.resource.name: Required value',
      'spec.rules[0].host: Invalid value: "1.2.3.4": must be a DNS name, not an IP address',
      'spec.rules[0].http.paths[0].path: Invalid value: "a//b": must be an absolute path',
      `spec.rules[0].http.paths[0].path: Invalid value: "a//b": must not contain '//'`,
      'spec.rules[0].http.paths[0].backend: Invalid value: "": resource or service backend is required',
      'spec.rules[0].http.paths[1].pathType: Required value: pathType must be specified',
      'spec.rules[0].http.paths[2].pathType: Unsupported value: "Some": supported values: "Exact", "ImplementationSpecific", "Prefix"',
      'spec.rules[0].http.paths[2].backend.service.name: Required value',
      'spec.rules[0].http.paths[2].backend: Required value: port name or number is required',
      `spec.tls[0].hosts[0]: Invalid value: "*a": a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character (e.g. '*.example.com', regex used for validation is '\\*\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')`,
      `spec.tls[0].secretName: Invalid value: "S": ${SUBDOMAIN}`,
      `spec.ingressClassName: Invalid value: "C": ${SUBDOMAIN}`,
    ])
  })

  it('tells of the controller of an IngressClass that it may not change before what is wrong with it', () => {
    const spec = { controller: 'example.com/c', parameters: { kind: 'K', name: 'n' } }
    expect(
      changed(NETWORKING, 'IngressClass', { spec }, (o) => Object.assign(o.spec, { controller: 'c', parameters: { scope: 'Cluster' } })),
    ).toEqual([
      'spec.controller: Invalid value: "c": field is immutable',
      'spec.controller: Invalid value: "c": must be a domain-prefixed path (such as "acme.io/foo")',
      'spec.parameters.kind: Required value',
      'spec.parameters.name: Required value',
    ])
  })

  it('tells of a NetworkPolicy its pods, its ingress, its egress, its types', () => {
    const spec = {
      podSelector: { matchLabels: { a: '-' } },
      egress: [{ ports: [{ port: 0 }], to: [{}] }],
      ingress: [{ ports: [{ port: 'p-', endPort: 1 }], from: [{ ipBlock: { cidr: '10.0.0.1/8' }, podSelector: {} }] }],
      policyTypes: ['Both'],
    }
    expect(refused(NETWORKING, 'NetworkPolicy', { spec }).map((text) => text.split(': ').slice(0, 2).join(': '))).toEqual([
      'spec.podSelector.matchLabels: Invalid value',
      'spec.ingress[0].ports[0].endPort: Invalid value',
      'spec.ingress[0].ports[0].port: Invalid value',
      'spec.ingress[0].from[0].ipBlock.cidr: Invalid value',
      'spec.ingress[0].from[0]: Forbidden',
      'spec.egress[0].ports[0].port: Invalid value',
      'spec.egress[0].to[0]: Required value',
      'spec.policyTypes[0]: Unsupported value',
    ])
  })

  it('tells of a ServiceCIDR that grows both of its blocks', () => {
    expect(changed(NETWORKING, 'ServiceCIDR', { spec: { cidrs: ['10.0.0.0/24'] } }, (o) => (o.spec.cidrs = ['10.1.0.0/24', 'x']))).toEqual([
      'spec.cidrs[1]: Invalid value: "x": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)',
      'spec.cidrs[0]: Invalid value: "10.1.0.0/24": field is immutable',
      'spec.cidrs[1]: Invalid value: "x": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)',
    ])
  })
})

describe('discovery.k8s.io', () => {
  it('tells of an EndpointSlice its type, then each endpoint from addresses to hints, then its ports', () => {
    const endpoint = {
      addresses: ['127.0.0.1'],
      nodeName: 'N',
      hostname: 'a.b',
      hints: { forZones: [{ name: '-' }] },
    }
    const rest = { addressType: 'IPv4', endpoints: [endpoint], ports: [{ name: 'A', protocol: 'X', appProtocol: '/' }] }
    const fields = (list: string[]): string[] => list.map((text) => text.split(': ')[0]!)
    expect(fields(refused('discovery.k8s.io/v1', 'EndpointSlice', rest))).toEqual([
      'endpoints[0].addresses[0]',
      'endpoints[0].nodeName',
      'endpoints[0].hostname',
      'endpoints[0].hints.forZones[0].name',
      'ports[0].name',
      'ports[0].protocol',
      'ports[0].appProtocol',
      'ports[0].appProtocol',
      'ports[0].appProtocol',
    ])
    expect(fields(refused('discovery.k8s.io/v1', 'EndpointSlice', { endpoints: [{}] }))).toEqual(['addressType', 'endpoints[0].addresses'])
  })
})

describe('storage.k8s.io', () => {
  const STORAGE = 'storage.k8s.io/v1'

  it('tells of a StorageClass its provisioner, parameters, policies and topologies', () => {
    const rest = {
      parameters: { '': 'x' },
      reclaimPolicy: 'Recycle',
      volumeBindingMode: 'Later',
      allowedTopologies: [{ matchLabelExpressions: [{ key: '-', values: ['a', 'a'] }, { key: '-' }] }],
    }
    const name =
      "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"
    const at = 'allowedTopologies[0].matchLabelExpressions'
    expect(refused(STORAGE, 'StorageClass', rest)).toEqual([
      'provisioner: Required value',
      'parameters: Invalid value: "": field can not be empty.',
      'reclaimPolicy: Unsupported value: "Recycle": supported values: "Delete", "Retain"',
      'volumeBindingMode: Unsupported value: "Later": supported values: "Immediate", "WaitForFirstConsumer"',
      `${at}[0].values[1]: Duplicate value: "a"`,
      `${at}[0].key: Invalid value: "-": ${name}`,
      `${at}[1].values: Required value`,
      `${at}[1].key: Invalid value: "-": ${name}`,
      `${at}[1].key: Duplicate value: "-"`,
    ])
  })

  it('tells of a topology that says nothing as often as there are topologies', () => {
    const zone = { matchLabelExpressions: [{ key: 'zone', values: ['a'] }] }
    expect(refused(STORAGE, 'StorageClass', { provisioner: 'p', allowedTopologies: [zone, {}] })).toEqual([
      'allowedTopologies[1].matchLabelExpressions: Duplicate value: ""',
      'allowedTopologies[1].matchLabelExpressions: Duplicate value: ""',
    ])
  })

  it('tells of the attacher of a VolumeAttachment twice, and of its volume after its node', () => {
    expect(refused(STORAGE, 'VolumeAttachment', { spec: { source: { persistentVolumeName: 'PV' } } })).toEqual([
      'spec.attacher: Required value',
      `spec.nodeName: Invalid value: "": ${SUBDOMAIN}`,
      'spec.attacher: Required value',
      `spec.attacher: Invalid value: "": ${SUBDOMAIN}`,
      `spec.source.persistentVolumeName: Invalid value: "PV": ${SUBDOMAIN}`,
    ])
  })

  const attachment = (inlineVolumeSpec: Loose): Loose => ({ spec: { attacher: 'a', nodeName: 'n', source: { inlineVolumeSpec } } })
  const INLINE = 'spec.source.inlineVolumeSpec'
  const csi = { driver: 'd', volumeHandle: 'h' }

  it.each<[what: string, spec: Loose, want: string[]]>([
    [
      'is a volume of a CSI driver',
      { accessModes: ['ReadWriteOnce'], csi, persistentVolumeReclaimPolicy: 'Retain', volumeMode: 'Filesystem' },
      [],
    ],
    [
      'is nothing',
      {},
      [
        `${INLINE}.csi: Required value: has to be specified in the context of inline volumes`,
        `${INLINE}.accessModes: Required value`,
        `${INLINE}: Required value: must specify a volume type`,
      ],
    ],
    [
      'says what only a volume of its own can',
      {
        accessModes: ['ReadWriteOnce'],
        capacity: { storage: '1Gi' },
        claimRef: { name: 'c' },
        persistentVolumeReclaimPolicy: 'Delete',
        nodeAffinity: {},
        csi: { driver: 'd' },
        storageClassName: 's',
        volumeMode: 'Block',
        volumeAttributesClassName: '',
      },
      [
        `${INLINE}.claimRef: Forbidden: may not be specified in the context of inline volumes`,
        `${INLINE}.capacity: Forbidden: may not be specified in the context of inline volumes`,
        `${INLINE}.persistentVolumeReclaimPolicy: Forbidden: may only be Retain in the context of inline volumes`,
        `${INLINE}.nodeAffinity: Forbidden: may not be specified in the context of inline volumes`,
        `${INLINE}.csi.volumeHandle: Required value`,
        `${INLINE}.storageClassName: Forbidden: may not be specified in the context of inline volumes`,
        `${INLINE}.volumeMode: Forbidden: may not specify volumeMode other than Filesystem in the context of inline volumes`,
        `${INLINE}.volumeAttributesClassName: Required value: an empty string is disallowed`,
      ],
    ],
    [
      'is of two types',
      { accessModes: ['ReadWriteOnce'], nfs: { server: 's', path: '/' }, csi },
      [`${INLINE}.csi: Forbidden: may not specify more than 1 volume type`],
    ],
  ])('tells of a volume within a VolumeAttachment that %s', (_what, spec, want) => {
    expect(refused(STORAGE, 'VolumeAttachment', attachment(spec))).toEqual(want)
  })

  it('tells of a VolumeAttachment that changes all that it is', () => {
    const spec = { attacher: 'a', nodeName: 'n', source: { persistentVolumeName: 'pv' } }
    expect(changed(STORAGE, 'VolumeAttachment', { spec }, (o) => (o.spec.nodeName = 'm'))).toEqual([
      'spec: Invalid value: {"Attacher":"a","Source":{"PersistentVolumeName":"pv","InlineVolumeSpec":null},"NodeName":"m"}: field is immutable',
    ])
  })

  it('tells of a driver of a CSINode its name, its node, its count, and only then that it is there twice', () => {
    const driver = { name: 'd', nodeID: 'n' }
    expect(
      refused(STORAGE, 'CSINode', { spec: { drivers: [driver, { name: 'd', allocatable: { count: -1 }, topologyKeys: [''] }] } }),
    ).toEqual([
      'spec.drivers[1].nodeID: Required value',
      'spec.drivers[1].allocatable.count: Invalid value: -1: must be greater than or equal to 0',
      'spec.drivers[1].name: Duplicate value: "d"',
      'spec.drivers[1]: Required value',
      'spec.drivers[1]: Invalid value: "": name part must be non-empty',
      `spec.drivers[1]: Invalid value: "": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')`,
    ])
  })

  it('tells of a CSIStorageCapacity its topology, its class, its capacity', () => {
    const rest = { storageClassName: 'S', capacity: '-1', nodeTopology: { matchExpressions: [{ key: 'a', operator: 'In' }] } }
    expect(refused(STORAGE, 'CSIStorageCapacity', rest)).toEqual([
      "nodeTopology.matchExpressions[0].values: Required value: must be specified when `operator` is 'In' or 'NotIn'",
      `storageClassName: Invalid value: "S": ${SUBDOMAIN}`,
      'capacity: Invalid value: "-1": must be greater than or equal to 0',
    ])
  })
})

describe('certificates.k8s.io', () => {
  it('tells of a request all usages that it does not know before those that it has twice', () => {
    const spec = { request: 'eA==', signerName: 'A/B', usages: ['x', 'x', 'any'], expirationSeconds: 1 }
    const list = refused('certificates.k8s.io/v1', 'CertificateSigningRequest', { spec })
    expect(list.map((text) => text.replace(/supported values: .*/, '…'))).toEqual([
      'spec.request: Invalid value: "eA==": PEM block type must be CERTIFICATE REQUEST',
      'spec.usages[0]: Unsupported value: "x": …',
      'spec.usages[1]: Unsupported value: "x": …',
      'spec.usages[1]: Duplicate value: "x"',
      `spec.signerName: Invalid value: "A": validating label "A": ${LABEL}`,
      'spec.signerName: Invalid value: "A": should be a domain with at least two segments separated by dots',
      `spec.signerName: Invalid value: "B": validating label "B": ${SUBDOMAIN}`,
      'spec.expirationSeconds: Invalid value: 1: may not specify a duration less than 600 seconds (10 minutes)',
    ])
  })

  it('wants a status of a condition: none stands for none', () => {
    for (const subresource of ['approval', 'status']) {
      const rules = kindOf('certificates.k8s.io/v1', 'CertificateSigningRequest').subresources![subresource] as Loose
      const next = { metadata: { name: 'x' }, status: { conditions: [{ type: 'Failed' }] } }
      const old = { metadata: { name: 'x' } }
      rules.prepareForUpdate(next, old, ruleContext())
      expect(told(rules.validateUpdate(next, old, ruleContext()))).toEqual(['status.conditions[0].status: Required value'])
    }
  })

  it('tells of conditions that exclude each other before that they are there twice', () => {
    const rules = kindOf('certificates.k8s.io/v1', 'CertificateSigningRequest').subresources!['approval'] as Loose
    const of = (...conditions: Loose[]): Loose => ({ metadata: { name: 'x' }, status: { conditions } })
    const next = of(
      { type: 'Approved', status: 'True' },
      { type: 'Denied', status: 'No' },
      { type: 'Denied', status: 'True' },
      { type: 'Odd', status: 'No' },
    )
    expect(told(rules.validateUpdate(next, of(), ruleContext()))).toEqual([
      'status.conditions[1].status: Unsupported value: "No": supported values: "True"',
      'status.conditions: Invalid value: "Denied": Approved and Denied conditions are mutually exclusive',
      'status.conditions: Invalid value: "Denied": Approved and Denied conditions are mutually exclusive',
      'status.conditions[2].type: Duplicate value: "Denied"',
      'status.conditions[3].status: Unsupported value: "No": supported values: "False", "True", "Unknown"',
    ])
  })
})

describe('authorization.k8s.io', () => {
  const asked = (kind: string, spec: Loose, metadata: Loose = {}): string[] =>
    told(kindOf('authorization.k8s.io/v1', kind).validate!({ apiVersion: 'authorization.k8s.io/v1', kind, metadata, spec }, ruleContext()))

  it('tells of a question what is asked, by whom, how it is selected, and that it has no metadata', () => {
    const resourceAttributes = {
      fieldSelector: { requirements: [{ operator: 'In' }] },
      labelSelector: {
        rawSelector: 'a',
        requirements: [
          { key: 'a', operator: 'Later' },
          { key: 'a', operator: 'Exists', values: ['b'] },
        ],
      },
    }
    const nonResourceAttributes = { path: '/x', verb: 'get' }
    expect(asked('SubjectAccessReview', { resourceAttributes, nonResourceAttributes }, { name: 'x' })).toEqual([
      'spec.nonResourceAttributes: Invalid value: {"Path":"/x","Verb":"get"}: cannot be specified in combination with resourceAttributes',
      'spec.user: Invalid value: "": at least one of user or group must be specified',
      'spec.resourceAttributes.fieldSelector.requirements[0].key: Required value: must be specified',
      "spec.resourceAttributes.fieldSelector.requirements[0].values: Required value: must be specified when `operator` is 'In' or 'NotIn'",
      'spec.resourceAttributes.labelSelector.rawSelector: Invalid value: "a": may not specified at the same time as requirements',
      "spec.resourceAttributes.labelSelector.requirements[1].values: Forbidden: may not be specified when `operator` is 'Exists' or 'DoesNotExist'",
      'metadata: Invalid value: {"name":"x"}: must be empty',
    ])
  })

  it('tells of a question about a namespace that it has nothing but that', () => {
    const spec = { user: 'u', resourceAttributes: { namespace: 'other' } }
    expect(asked('LocalSubjectAccessReview', spec, { name: 'x', namespace: 'default' })).toEqual([
      'metadata: Invalid value: {"name":"x","namespace":"default"}: must be empty except for namespace',
      'spec.resourceAttributes.namespace: Invalid value: "other": must match metadata.namespace',
    ])
  })
})
