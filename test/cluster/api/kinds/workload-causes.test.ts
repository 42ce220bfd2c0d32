/** What workloads and volumes are refused for, with all causes in the order in which the API server tells them. */
import { describe, expect, it } from 'vitest'
import { created, inOrder, updateCauses, type Loose } from './support.js'

const create = (apiVersion: string, kind: string, spec: Loose, metadata: Loose = {}): string[] =>
  inOrder(created({ apiVersion, kind, metadata: { name: 'x', ...metadata }, spec }).errors)

const selector = { matchLabels: { app: 'a' } }
const template = (spec: Loose = {}, labels: Loose = { app: 'a' }): Loose => ({
  metadata: { labels },
  spec: { containers: [{ name: 'c', image: 'nginx' }], ...spec },
})
const NOT_NEGATIVE = 'must be greater than or equal to 0'
const MISMATCH = '`selector` does not match template `labels`'
/** A template that a workload which restarts its pods does not take, and what it is told. */
const once = template({ restartPolicy: 'Never', activeDeadlineSeconds: 5 }, { app: 'b' })
const oneShot = (kind: string): string[] => [
  'spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"',
  `spec.template.spec.activeDeadlineSeconds: Forbidden: activeDeadlineSeconds in ${kind} is not Supported`,
]

describe('all that is wrong is told in order', () => {
  it('of a Deployment: replicas, selector, template, strategy, seconds, history, deadline', () => {
    const spec = {
      replicas: -1,
      selector: {},
      template: once,
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '101%', maxSurge: -1 } },
      minReadySeconds: -2,
      revisionHistoryLimit: -3,
      progressDeadlineSeconds: -4,
    }
    expect(create('apps/v1', 'Deployment', spec)).toEqual([
      `spec.replicas: Invalid value: -1: ${NOT_NEGATIVE}`,
      'spec.selector: Invalid value: {}: empty selector is invalid for deployment',
      ...oneShot('ReplicaSet'),
      'spec.strategy.rollingUpdate.maxSurge: Invalid value: -1: must be greater than or equal to 0',
      'spec.strategy.rollingUpdate.maxUnavailable: Invalid value: "101%": must not be greater than 100%',
      `spec.minReadySeconds: Invalid value: -2: ${NOT_NEGATIVE}`,
      `spec.revisionHistoryLimit: Invalid value: -3: ${NOT_NEGATIVE}`,
      `spec.progressDeadlineSeconds: Invalid value: -4: ${NOT_NEGATIVE}`,
      'spec.progressDeadlineSeconds: Invalid value: -4: must be greater than minReadySeconds',
    ])
  })

  it('of a StatefulSet: policy, service, strategy, retention, counts, selector, template', () => {
    const spec = {
      podManagementPolicy: 'Chaotic',
      serviceName: 'S',
      updateStrategy: { type: 'OnDelete', rollingUpdate: { partition: 1 } },
      persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Keep', whenScaled: 'Drop' },
      replicas: -1,
      minReadySeconds: -2,
      ordinals: { start: -3 },
      selector,
      template: once,
      volumeClaimTemplates: [{ metadata: { name: 'v' }, spec: { accessModes: [], resources: { requests: { storage: '1Gi' } } } }],
    }
    const policies = 'supported values: "Retain", "Delete"'
    expect(create('apps/v1', 'StatefulSet', spec).map((c) => c.replace(/a lowercase RFC 1123 label .*/, '…'))).toEqual([
      "spec.podManagementPolicy: Invalid value: \"Chaotic\": must be 'OrderedReady' or 'Parallel'",
      'spec.serviceName: Invalid value: "S": …',
      `spec.updateStrategy.rollingUpdate: Invalid value: {"Partition":1,"MaxUnavailable":null}: only allowed for updateStrategy 'RollingUpdate'`,
      `spec.persistentVolumeClaimRetentionPolicy.whenDeleted: Unsupported value: "Keep": ${policies}`,
      `spec.persistentVolumeClaimRetentionPolicy.whenScaled: Unsupported value: "Drop": ${policies}`,
      `spec.replicas: Invalid value: -1: ${NOT_NEGATIVE}`,
      `spec.minReadySeconds: Invalid value: -2: ${NOT_NEGATIVE}`,
      `spec.ordinals.start: Invalid value: -3: ${NOT_NEGATIVE}`,
      `spec.template.metadata.labels: Invalid value: {"app":"b"}: ${MISMATCH}`,
      ...oneShot('StatefulSet'),
      'spec.volumeClaimTemplates[0].spec.accessModes: Required value: at least 1 access mode is required',
    ])
  })

  it('of a DaemonSet: template against selector, template, seconds, strategy, history', () => {
    const spec = {
      selector,
      template: once,
      minReadySeconds: -1,
      updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1, maxSurge: 1 } },
      revisionHistoryLimit: -2,
    }
    expect(create('apps/v1', 'DaemonSet', spec)).toEqual([
      `spec.template.metadata.labels: Invalid value: {"app":"b"}: ${MISMATCH}`,
      ...oneShot('DaemonSet'),
      `spec.minReadySeconds: Invalid value: -1: ${NOT_NEGATIVE}`,
      'spec.updateStrategy.rollingUpdate.maxSurge: Invalid value: 1: may not be set when maxUnavailable is non-zero',
      `spec.revisionHistoryLimit: Invalid value: -2: ${NOT_NEGATIVE}`,
    ])
  })

  it('of a ReplicaSet: replicas, seconds, selector, template', () => {
    const spec = { replicas: -1, minReadySeconds: -2, template: once, selector }
    expect(create('apps/v1', 'ReplicaSet', spec)).toEqual([
      `spec.replicas: Invalid value: -1: ${NOT_NEGATIVE}`,
      `spec.minReadySeconds: Invalid value: -2: ${NOT_NEGATIVE}`,
      `spec.template.metadata.labels: Invalid value: {"app":"b"}: ${MISMATCH}`,
      ...oneShot('ReplicaSet'),
    ])
  })

  it('of a ReplicationController: seconds, selector, replicas, template', () => {
    const spec = { replicas: -1, minReadySeconds: -2, template: once, selector: { app: 'a' } }
    expect(create('v1', 'ReplicationController', spec)).toEqual([
      `spec.minReadySeconds: Invalid value: -2: ${NOT_NEGATIVE}`,
      `spec.replicas: Invalid value: -1: ${NOT_NEGATIVE}`,
      `spec.template.metadata.labels: Invalid value: {"app":"b"}: ${MISMATCH}`,
      ...oneShot('ReplicationController'),
    ])
  })

  it('of a Job: numbers, manager, modes, policies, template, how it restarts, selector', () => {
    const spec = {
      parallelism: -1,
      completions: -2,
      activeDeadlineSeconds: -3,
      backoffLimit: -4,
      ttlSecondsAfterFinished: -5,
      maxFailedIndexes: -6,
      managedBy: 'me',
      completionMode: 'Random',
      podReplacementPolicy: '',
      manualSelector: true,
      selector,
      template: template({ restartPolicy: 'Always', dnsPolicy: 'Some' }, { app: 'b' }),
    }
    expect(create('batch/v1', 'Job', spec)).toEqual([
      `spec.parallelism: Invalid value: -1: ${NOT_NEGATIVE}`,
      `spec.completions: Invalid value: -2: ${NOT_NEGATIVE}`,
      `spec.activeDeadlineSeconds: Invalid value: -3: ${NOT_NEGATIVE}`,
      `spec.backoffLimit: Invalid value: -4: ${NOT_NEGATIVE}`,
      `spec.ttlSecondsAfterFinished: Invalid value: -5: ${NOT_NEGATIVE}`,
      `spec.maxFailedIndexes: Invalid value: -6: ${NOT_NEGATIVE}`,
      'spec.backoffLimitPerIndex: Required value: when maxFailedIndexes is specified',
      'spec.managedBy: Invalid value: "me": must be a domain-prefixed path (such as "acme.io/foo")',
      'spec.completionMode: Unsupported value: "Random": supported values: "NonIndexed", "Indexed"',
      'spec.podReplacementPolicy: Unsupported value: "": supported values: "Failed", "TerminatingOrFailed"',
      'spec.template.spec.dnsPolicy: Unsupported value: "Some": supported values: "ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"',
      'spec.template.spec.restartPolicy: Required value: valid values: "OnFailure", "Never"',
      `spec.template.metadata.labels: Invalid value: {"app":"b"}: ${MISMATCH}`,
    ])
  })

  it('of a PodDisruptionBudget: amounts, selector, policy', () => {
    const spec = {
      minAvailable: -1,
      maxUnavailable: '101%',
      selector: { matchExpressions: [{ key: 'a', operator: 'Exists', values: ['b'] }] },
      unhealthyPodEvictionPolicy: '',
    }
    expect(create('policy/v1', 'PodDisruptionBudget', spec)).toEqual([
      'spec: Invalid value: {"MinAvailable":-1,"Selector":{"matchExpressions":[{"key":"a","operator":"Exists","values":["b"]}]},"MaxUnavailable":"101%","UnhealthyPodEvictionPolicy":""}: minAvailable and maxUnavailable cannot be both set',
      `spec.minAvailable: Invalid value: -1: ${NOT_NEGATIVE}`,
      'spec.maxUnavailable: Invalid value: "101%": must not be greater than 100%',
      "spec.selector.matchExpressions[0].values: Forbidden: may not be specified when `operator` is 'Exists' or 'DoesNotExist'",
      'spec.unhealthyPodEvictionPolicy: Unsupported value: "": supported values: "AlwaysAllow", "IfHealthyBudget"',
    ])
  })

  it('of a claim: access, selector, size, class, mode, sources', () => {
    const spec = {
      accessModes: ['Often', 'ReadWriteOncePod', 'ReadWriteOnce'],
      resources: { requests: { storage: '-1' } },
      volumeMode: '',
      dataSource: { kind: 'PersistentVolumeClaim', name: '' },
      dataSourceRef: { kind: 'Pod', name: 'p' },
    }
    expect(create('v1', 'PersistentVolumeClaim', spec)).toEqual([
      'spec.accessModes: Unsupported value: "Often": supported values: "ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"',
      'spec.accessModes: Forbidden: may not use ReadWriteOncePod with other access modes',
      'spec.resources[storage]: Invalid value: "-1": must be greater than zero',
      'spec.volumeMode: Unsupported value: "": supported values: "Block", "Filesystem"',
      'spec.dataSource.name: Required value',
      'spec.dataSourceRef: Invalid value: "Pod": must be \'PersistentVolumeClaim\' when referencing the default apiGroup',
      'spec: Invalid value: {}: must match dataSourceRef',
    ])
  })

  it('of a volume: access, capacity, reclaim policy, affinity, sources, mode, attributes', () => {
    const spec = {
      capacity: { storage: '0', cpu: '1' },
      persistentVolumeReclaimPolicy: 'Burn',
      nodeAffinity: {},
      local: { path: '../x' },
      hostPath: { path: '/x' },
      volumeMode: '',
      volumeAttributesClassName: '',
    }
    expect(create('v1', 'PersistentVolume', spec)).toEqual([
      'spec.accessModes: Required value',
      'spec.capacity: Unsupported value: {"cpu":"1","storage":"0"}: supported values: "storage"',
      'spec.capacity[storage]: Invalid value: "0": must be greater than zero',
      'spec.persistentVolumeReclaimPolicy: Unsupported value: "Burn": supported values: "Delete", "Recycle", "Retain"',
      'spec.nodeAffinity.required: Required value: must specify required node constraints',
      'spec.local: Forbidden: may not specify more than 1 volume type',
      'spec.volumeMode: Unsupported value: "": supported values: "Block", "Filesystem"',
      'spec.volumeAttributesClassName: Required value: an empty string is disallowed',
      'spec.csi: Required value: has to be specified when using volumeAttributesClassName',
    ])
  })

  it('of an update twice, where the whole is checked by itself and as part of it, and then what may not change', () => {
    const { object } = created({
      apiVersion: 'apps/v1',
      kind: 'DaemonSet',
      metadata: { name: 'd' },
      spec: { selector, template: template() },
    })
    const change = ({ spec }: Loose): unknown => Object.assign(spec, { selector: { matchLabels: { app: 'b' } }, minReadySeconds: -1 })
    const whole = [
      `spec.template.metadata.labels: Invalid value: {"app":"a"}: ${MISMATCH}`,
      `spec.minReadySeconds: Invalid value: -1: ${NOT_NEGATIVE}`,
    ]
    expect(updateCauses(object, change)).toEqual([
      ...whole,
      ...whole,
      'spec.selector: Invalid value: {"matchLabels":{"app":"b"}}: field is immutable',
    ])
  })
})

describe('a spec or a template that was not sent has its defaults, and is refused only for what has none', () => {
  const containers = 'spec.template.spec.containers: Required value'
  const unselected = `spec.template.metadata.labels: Invalid value: null: ${MISMATCH}`
  const missing = 'spec.selector: Required value'
  it.each<[apiVersion: string, kind: string, want: string[]]>([
    ['apps/v1', 'Deployment', [missing, unselected, containers]],
    ['apps/v1', 'ReplicaSet', [missing, unselected, containers]],
    ['apps/v1', 'StatefulSet', [missing, unselected, containers]],
    ['apps/v1', 'DaemonSet', [unselected, containers]],
    ['batch/v1', 'Job', [containers, 'spec.template.spec.restartPolicy: Required value: valid values: "OnFailure", "Never"']],
    [
      'batch/v1',
      'CronJob',
      [
        'spec.schedule: Required value',
        'spec.jobTemplate.spec.template.spec.containers: Required value',
        'spec.jobTemplate.spec.template.spec.restartPolicy: Required value: valid values: "OnFailure", "Never"',
      ],
    ],
  ])('%s %s', (apiVersion, kind, want) => {
    const sent = { apiVersion, kind, metadata: { name: 'x' } }
    for (const spec of [undefined, null, {}, { template: null }])
      expect(inOrder(created({ ...sent, ...(spec === undefined ? {} : { spec }) }).errors)).toEqual(want)
  })

  it('v1 PodTemplate', () => {
    expect(inOrder(created({ apiVersion: 'v1', kind: 'PodTemplate', metadata: { name: 'x' } }).errors)).toEqual([
      'template.spec.containers: Required value',
    ])
  })
})
