/** What the API server fills in to pods that leave it out. */
import { describe, expect, it } from 'vitest'
import { imageTag } from '../../../../src-main/cluster/api/kinds/rules/image-tag.js'
import { created, type Loose } from './support.js'

const container = (more: Loose = {}): Loose => ({ name: 'c', image: 'nginx', ...more })
const pod = (spec: Loose): Loose =>
  created({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, spec: { containers: [container()], ...spec } }).object.spec

describe('the tag of an image', () => {
  it.each([
    ['nginx', 'latest'],
    ['nginx:1.2', '1.2'],
    ['localhost:5000/nginx', 'latest'],
    ['registry.example.com:5000/a/b:v1', 'v1'],
    ['[fd00::1]:5000/a', 'latest'],
    ['Team/nginx', 'latest'],
    [`nginx@sha256:${'a'.repeat(64)}`, ''],
    [`nginx:latest@sha256:${'a'.repeat(64)}`, 'latest'],
    ['Nginx', ''],
    ['a/Nginx', ''],
    [' nginx', ''],
    ['nginx:', ''],
    ['a'.repeat(64), ''],
    ['', ''],
  ])('%j is %j', (image, tag) => {
    expect(imageTag(image)).toBe(tag)
  })

  it('makes the policy by which it is pulled: always when it is latest, and never in vain when it is none', () => {
    const policies = ['nginx', 'nginx:1', 'Nginx'].map((image) => pod({ containers: [container({ image })] }).containers[0].imagePullPolicy)
    expect(policies).toEqual(['Always', 'IfNotPresent', 'IfNotPresent'])
  })
})

describe('what a pod asks for as a whole', () => {
  it.each<[string, Loose, Loose | undefined, Loose]>([
    [
      'is what its containers ask for together, of what it does not say itself',
      { limits: { cpu: '2', memory: '1Gi' }, requests: { memory: '512Mi' } },
      { requests: { cpu: '250m', memory: '64Mi' } },
      { limits: { cpu: '2', memory: '1Gi' }, requests: { cpu: '500m', memory: '512Mi' } },
    ],
    [
      'is of other resources as well, once it is limited in any',
      { limits: { cpu: '2' } },
      { requests: { memory: '64Mi', 'ephemeral-storage': '1Gi' } },
      { limits: { cpu: '2' }, requests: { cpu: '2', memory: '128Mi' } },
    ],
    [
      'is its limit when its containers ask for nothing',
      { limits: { cpu: '2' } },
      undefined,
      { limits: { cpu: '2' }, requests: { cpu: '2' } },
    ],
    [
      'has the huge pages that its containers may have',
      { requests: { memory: '1Gi' } },
      { requests: { cpu: '1' }, limits: { cpu: '1', 'hugepages-2Mi': '2Mi' } },
      { limits: { 'hugepages-2Mi': '4Mi' }, requests: { memory: '1Gi', cpu: '2', 'hugepages-2Mi': '4Mi' } },
    ],
    ['is not filled in where it says nothing', {}, { requests: { cpu: '1' } }, {}],
  ])('%s', (_, resources, own, want) => {
    const containers = ['a', 'b'].map((name) => container({ name, ...(own ? { resources: structuredClone(own) } : {}) }))
    expect(pod({ resources, containers }).resources).toEqual(want)
  })

  it('counts a sidecar besides the containers and an init container only where it asks for more', () => {
    const cpu = (amount: string, more: Loose = {}): Loose => container({ ...more, resources: { requests: { cpu: amount } } })
    const spec = {
      resources: { limits: { cpu: '8' } },
      initContainers: [cpu('1', { name: 'side', restartPolicy: 'Always' }), cpu('5', { name: 'init' })],
      containers: [cpu('2')],
    }
    expect(pod(spec).resources.requests).toEqual({ cpu: '6' })
  })
})

describe('a variable from a file', () => {
  it('has to be there unless it is said to be optional', () => {
    const ref = (more: Loose = {}): Loose => ({ volumeName: 'v', path: 'f', key: 'K', ...more })
    const env = [
      { name: 'A', valueFrom: { fileKeyRef: ref() } },
      { name: 'B', valueFrom: { fileKeyRef: ref({ optional: true }) } },
    ]
    const { containers } = pod({ containers: [container({ env })], volumes: [{ name: 'v', emptyDir: {} }] })
    expect(containers[0].env.map((e: Loose) => e.valueFrom.fileKeyRef.optional)).toEqual([false, true])
  })
})

describe('the template of an ephemeral volume claim', () => {
  const claim = (template: Loose): Loose =>
    pod({ volumes: [{ name: 'v', ephemeral: { volumeClaimTemplate: template } }] }).volumes[0].ephemeral.volumeClaimTemplate
  const spec = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } }

  it('has metadata, empty when none was sent, and a volume mode', () => {
    expect(claim({ spec })).toEqual({ metadata: {}, spec: { ...spec, volumeMode: 'Filesystem' } })
    const labelled = { labels: { a: 'b' } }
    expect(claim({ metadata: labelled, spec })).toEqual({ metadata: labelled, spec: { ...spec, volumeMode: 'Filesystem' } })
  })
})

describe('what older clients send', () => {
  const old = { 'pod.alpha.kubernetes.io/init-containers': '[]', 'pod.beta.kubernetes.io/init-container-statuses': '[]' }
  const spec = { containers: [container()], terminationGracePeriodSeconds: -5 }

  it('of a pod: a grace period below zero is a second, and init containers in annotations are left out', () => {
    const { object } = created({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p', annotations: { ...old, kept: 'x' } }, spec })
    expect([object.spec.terminationGracePeriodSeconds, object.metadata.annotations]).toEqual([1, { kept: 'x' }])
  })

  it('of a template: the grace period is kept as it is, for its pods', () => {
    const template = { metadata: { annotations: { ...old, kept: 'x' } }, spec }
    const made = created({ apiVersion: 'v1', kind: 'PodTemplate', metadata: { name: 't' }, template }).object.template
    expect([made.spec.terminationGracePeriodSeconds, made.metadata.annotations]).toEqual([-5, { kept: 'x' }])
  })

  it('of a status: the one address wins over the list where the two differ', () => {
    const stored = created({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, spec: { containers: [container()] } })
    const addresses = (status: Loose): Loose => {
      const object = { ...structuredClone(stored.object), status }
      stored.kind.setDefaults?.(object)
      return [object.status.podIP, object.status.podIPs]
    }
    expect(addresses({ podIP: '10.0.0.1', podIPs: [{ ip: '10.0.0.2' }, { ip: 'fd00::2' }] })).toEqual(['10.0.0.1', [{ ip: '10.0.0.1' }]])
    expect(addresses({ podIPs: [{ ip: '10.0.0.2' }] })).toEqual(['10.0.0.2', [{ ip: '10.0.0.2' }]])
    const both = [{ ip: '10.0.0.2' }, { ip: 'fd00::2' }]
    expect(addresses({ podIP: '10.0.0.2', podIPs: both })).toEqual(['10.0.0.2', both])
  })
})

describe('what Go has no way to leave out', () => {
  it('is there in a template: of owners, headers and preferred nodes', () => {
    const preferred = [{ weight: 1 }]
    const { object } = created({
      apiVersion: 'v1',
      kind: 'PodTemplate',
      metadata: { name: 'x' },
      template: {
        metadata: { ownerReferences: [{ name: 'o' }] },
        spec: {
          containers: [{ name: 'c', image: 'x', livenessProbe: { httpGet: { port: 80, httpHeaders: [{ name: 'a' }] } } }],
          affinity: { nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: preferred } },
        },
      },
    })
    expect(object.template.metadata.ownerReferences).toEqual([{ apiVersion: '', kind: '', name: 'o', uid: '' }])
    expect(object.template.spec.containers[0].livenessProbe.httpGet.httpHeaders).toEqual([{ name: 'a', value: '' }])
    expect(object.template.spec.affinity.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution).toEqual([
      { weight: 1, preference: {} },
    ])
  })

  it('says that the templates of a StatefulSet are claims, whatever was sent', () => {
    const volumeClaimTemplates = [{ apiVersion: 'a/b', kind: 'Claim', metadata: { name: 'c' } }]
    const { object } = created({ apiVersion: 'apps/v1', kind: 'StatefulSet', metadata: { name: 'x' }, spec: { volumeClaimTemplates } })
    expect(object.spec.volumeClaimTemplates[0]).toMatchObject({ apiVersion: 'v1', kind: 'PersistentVolumeClaim' })
  })
})
