/** What the API server says of Deployments, ReplicaSets, StatefulSets and DaemonSets, and of writes to their status. */
import { describe, expect, it } from 'vitest'
import { causes, created, kindOf, ruleContext, updated, type Loose } from './support.js'

const template = (spec: Loose = {}): Loose => ({
  metadata: { labels: { app: 'a' } },
  spec: { containers: [{ name: 'c', image: 'nginx' }], ...spec },
})
const sent = (kind: string, spec: Loose = {}): Loose => ({
  apiVersion: 'apps/v1',
  kind,
  metadata: { name: 'x' },
  spec: { selector: { matchLabels: { app: 'a' } }, template: template(), ...spec },
})
const faults = (kind: string, spec: Loose): string[] => causes(created(sent(kind, spec)).errors)

/** The causes of a write to the status. */
function statusFaults(kind: string, status: Loose, before: Loose = {}): string[] {
  const { object } = created(sent(kind))
  const part = kindOf('apps/v1', kind).subresources!['status'] as Loose
  return causes(part.validateUpdate({ ...object, status }, { ...object, status: before }, ruleContext()))
}

describe('a Deployment', () => {
  it.each([
    [{ replicas: -1 }, ['spec.replicas: Invalid value: -1: must be greater than or equal to 0']],
    [{ minReadySeconds: -1 }, ['spec.minReadySeconds: Invalid value: -1: must be greater than or equal to 0']],
    [{ revisionHistoryLimit: -1 }, ['spec.revisionHistoryLimit: Invalid value: -1: must be greater than or equal to 0']],
    [
      { minReadySeconds: 10, progressDeadlineSeconds: 10 },
      ['spec.progressDeadlineSeconds: Invalid value: 10: must be greater than minReadySeconds'],
    ],
    [{ selector: {} }, ['spec.selector: Invalid value: {}: empty selector is invalid for deployment']],
    [
      { strategy: { type: 'Sometimes' } },
      ['spec.strategy: Unsupported value: {"Type":"Sometimes","RollingUpdate":null}: supported values: "Recreate", "RollingUpdate"'],
    ],
    [
      { strategy: { type: 'Sometimes', rollingUpdate: { maxSurge: 1 } } },
      [
        'spec.strategy: Unsupported value: {"Type":"Sometimes","RollingUpdate":{"MaxUnavailable":0,"MaxSurge":1}}: supported values: "Recreate", "RollingUpdate"',
      ],
    ],
    [
      { strategy: { type: 'Recreate', rollingUpdate: { maxSurge: 1 } } },
      ["spec.strategy.rollingUpdate: Forbidden: may not be specified when strategy `type` is 'Recreate'"],
    ],
    [
      { strategy: { rollingUpdate: { maxUnavailable: '0%', maxSurge: 0 } } },
      ['spec.strategy.rollingUpdate.maxUnavailable: Invalid value: "0%": may not be 0 when `maxSurge` is 0'],
    ],
    [
      { strategy: { rollingUpdate: { maxUnavailable: '5', maxSurge: 0 } } },
      [
        `spec.strategy.rollingUpdate.maxUnavailable: Invalid value: "5": a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')`,
      ],
    ],
    [
      { strategy: { rollingUpdate: { maxUnavailable: '101%' } } },
      ['spec.strategy.rollingUpdate.maxUnavailable: Invalid value: "101%": must not be greater than 100%'],
    ],
    [
      { template: template({ activeDeadlineSeconds: 5, restartPolicy: 'Never' }) },
      [
        'spec.template.spec.activeDeadlineSeconds: Forbidden: activeDeadlineSeconds in ReplicaSet is not Supported',
        'spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"',
      ],
    ],
  ])('is refused with %j', (spec, want) => {
    expect(faults('Deployment', spec)).toEqual(want)
  })

  it('may surge by more than all of its pods', () => {
    expect(faults('Deployment', { strategy: { rollingUpdate: { maxSurge: '200%' } } })).toEqual([])
  })

  it('cannot take back a count of collisions, or have more pods ready than there are', () => {
    expect(statusFaults('Deployment', {}, { collisionCount: 2 })).toEqual([
      'status.collisionCount: Invalid value: 0: cannot be decremented',
    ])
    expect(statusFaults('Deployment', { replicas: 1, readyReplicas: 2, availableReplicas: 3 })).toEqual([
      'status.availableReplicas: Invalid value: 3: cannot be greater than readyReplicas',
      'status.availableReplicas: Invalid value: 3: cannot be greater than status.replicas',
      'status.readyReplicas: Invalid value: 2: cannot be greater than status.replicas',
    ])
  })

  it.each([
    ['Deployment', ['available', 'ready', 'updated']],
    ['StatefulSet', ['available', 'current', 'ready', 'updated']],
    ['ReplicaSet', ['available', 'fullyLabeled', 'ready']],
  ])('has no more of anything than of replicas, which are not fewer than none, as a %s', (kind, parts) => {
    expect(statusFaults(kind, { replicas: -1 })).toEqual(
      [
        ...parts.map((part) => `status.${part}Replicas: Invalid value: 0: cannot be greater than status.replicas`),
        'status.replicas: Invalid value: -1: must be greater than or equal to 0',
      ].sort(),
    )
  })

  it.each(['Deployment', 'ReplicaSet'])('has no less than nothing that ends, as a %s', (kind) => {
    expect(statusFaults(kind, { terminatingReplicas: -1 })).toEqual([
      'status.terminatingReplicas: Invalid value: -1: must be greater than or equal to 0',
    ])
  })

  it('warns of a name that is no hostname, when it is made', () => {
    const kind = kindOf('apps/v1', 'Deployment')
    const { object } = created({ ...sent('Deployment'), metadata: { name: 'a.b' } })
    expect(kind.warnings!(object, undefined)).toEqual([
      'metadata.name: this is used in Pod names and hostnames, which can result in surprising behavior; a DNS label is recommended: [must not contain dots]',
    ])
    expect(kind.warnings!(object, object)).toEqual([])
  })
})

describe('a ReplicaSet or DaemonSet', () => {
  it('that is updated wrongly is told so twice', () => {
    const wrong = 'spec.minReadySeconds: Invalid value: -1: must be greater than or equal to 0'
    for (const kind of ['ReplicaSet', 'DaemonSet']) {
      const { object } = created(sent(kind))
      expect(updated(object, ({ spec }) => (spec.minReadySeconds = -1)).errors).toEqual([wrong, wrong])
    }
  })
})

describe('a DaemonSet', () => {
  it.each([
    [{ selector: undefined }, ['spec.template.metadata.labels: Invalid value: {"app":"a"}: `selector` does not match template `labels`']],
    [{ selector: {} }, ['spec.selector: Invalid value: {}: empty selector is invalid for daemonset']],
    [
      { selector: { matchExpressions: [{ key: 'app', operator: 'Is' }] } },
      ['spec.selector.matchExpressions[0].operator: Invalid value: "Is": not a valid selector operator'],
    ],
    [
      { updateStrategy: { rollingUpdate: { maxUnavailable: 1, maxSurge: 1 } } },
      ['spec.updateStrategy.rollingUpdate.maxSurge: Invalid value: 1: may not be set when maxUnavailable is non-zero'],
    ],
    [
      { updateStrategy: { rollingUpdate: { maxUnavailable: 0, maxSurge: '101%' } } },
      ['spec.updateStrategy.rollingUpdate.maxSurge: Invalid value: "101%": must not be greater than 100%'],
    ],
    [
      { template: template({ activeDeadlineSeconds: 5 }) },
      ['spec.template.spec.activeDeadlineSeconds: Forbidden: activeDeadlineSeconds in DaemonSet is not Supported'],
    ],
  ])('is refused with %j', (spec, want) => {
    expect(faults('DaemonSet', spec)).toEqual(want)
  })

  it('counts the versions of its template', () => {
    const generation = (o: Loose): string => o.metadata.annotations['deprecated.daemonset.template.generation']
    const { object } = created(sent('DaemonSet'))
    const same = updated(object, ({ spec }) => (spec.minReadySeconds = 3)).object
    const other = updated(object, ({ spec }) => (spec.template.spec.containers[0].image = 'other')).object
    expect([generation(object), generation(same), generation(other)]).toEqual(['1', '1', '2'])
  })
})

describe('a StatefulSet', () => {
  it.each([
    [{ podManagementPolicy: 'Random' }, [`spec.podManagementPolicy: Invalid value: "Random": must be 'OrderedReady' or 'Parallel'`]],
    [
      { updateStrategy: { type: 'Recreate' } },
      [`spec.updateStrategy: Invalid value: {"Type":"Recreate","RollingUpdate":null}: must be 'RollingUpdate' or 'OnDelete'`],
    ],
    [
      { updateStrategy: { rollingUpdate: { partition: -1 } } },
      ['spec.updateStrategy.rollingUpdate.partition: Invalid value: -1: must be greater than or equal to 0'],
    ],
    [
      { persistentVolumeClaimRetentionPolicy: { whenScaled: 'Keep' } },
      ['spec.persistentVolumeClaimRetentionPolicy.whenScaled: Unsupported value: "Keep": supported values: "Retain", "Delete"'],
    ],
    [{ ordinals: { start: -1 } }, ['spec.ordinals.start: Invalid value: -1: must be greater than or equal to 0']],
    [{ selector: {} }, ['spec.selector: Invalid value: {}: empty selector is invalid for statefulset']],
    [
      { selector: { matchExpressions: [{ key: 'app', operator: 'Is' }] } },
      [
        'spec.selector.matchExpressions[0].operator: Invalid value: "Is": not a valid selector operator',
        'spec.selector: Invalid value: {"matchExpressions":[{"key":"app","operator":"Is"}]}',
      ],
    ],
    [
      { volumeClaimTemplates: [{ metadata: { name: 'data' }, spec: { resources: { requests: { storage: '1Gi' } } } }] },
      ['spec.volumeClaimTemplates[0].spec.accessModes: Required value: at least 1 access mode is required'],
    ],
    [
      { template: template({ containers: [{ name: 'c', image: 'nginx', volumeMounts: [{ name: 'gone', mountPath: '/m' }] }] }) },
      ['spec.template.spec.containers[0].volumeMounts[0].name: Not found: "gone"'],
    ],
  ])('is refused with %j', (spec, want) => {
    expect(faults('StatefulSet', spec)).toEqual(want)
  })

  it('may mount its claims', () => {
    const containers = [{ name: 'c', image: 'nginx', volumeMounts: [{ name: 'data', mountPath: '/m' }] }]
    const claim = { metadata: { name: 'data' }, spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } } }
    expect(faults('StatefulSet', { template: template({ containers }), volumeClaimTemplates: [claim] })).toEqual([])
  })

  it('is warned that a negative limit of revisions keeps all of them', () => {
    const { object, errors } = created(sent('StatefulSet', { revisionHistoryLimit: -1 }))
    expect(causes(errors)).toEqual([])
    expect(kindOf('apps/v1', 'StatefulSet').warnings!(object, undefined)).toEqual([
      'spec.revisionHistoryLimit: a negative value retains all historical revisions; a value >= 0 is recommended',
    ])
  })

  it('has a name that its pods can have as a hostname', () => {
    expect(causes(created({ ...sent('StatefulSet'), metadata: { name: 'a.b' } }).errors)).toEqual([
      'metadata.name: Invalid value: "a.b": must not contain dots',
    ])
  })
})

describe('a ControllerRevision', () => {
  const revision = (rest: Loose): string[] =>
    causes(created({ apiVersion: 'apps/v1', kind: 'ControllerRevision', metadata: { name: 'x' }, ...rest }).errors)

  it('has data, and a number that is not negative', () => {
    expect(revision({ revision: -1 })).toEqual([
      'data: Required value: data is mandatory',
      'revision: Invalid value: -1: must be greater than or equal to 0',
    ])
  })
})
