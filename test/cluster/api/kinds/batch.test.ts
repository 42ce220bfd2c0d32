/** What the API server says of Jobs and CronJobs. */
import { describe, expect, it } from 'vitest'
import { causes, created, updated, type Loose } from './support.js'

const template = (spec: Loose = {}): Loose => ({ spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'busybox' }], ...spec } })
const job = (spec: Loose = {}, name = 'j'): Loose => ({
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata: { name },
  spec: { template: template(), ...spec },
})
const faults = (spec: Loose, name?: string): string[] => causes(created(job(spec, name)).errors)
const indexed = { completionMode: 'Indexed', completions: 5 }

describe('a Job', () => {
  it.each([
    [{ parallelism: -1 }, ['spec.parallelism: Invalid value: -1: must be greater than or equal to 0']],
    [{ completions: -1 }, ['spec.completions: Invalid value: -1: must be greater than or equal to 0']],
    [{ backoffLimit: -1 }, ['spec.backoffLimit: Invalid value: -1: must be greater than or equal to 0']],
    [{ activeDeadlineSeconds: -1 }, ['spec.activeDeadlineSeconds: Invalid value: -1: must be greater than or equal to 0']],
    [{ ttlSecondsAfterFinished: -1 }, ['spec.ttlSecondsAfterFinished: Invalid value: -1: must be greater than or equal to 0']],
    [{ completionMode: 'Counted' }, ['spec.completionMode: Unsupported value: "Counted": supported values: "NonIndexed", "Indexed"']],
    [{ completionMode: 'Indexed', parallelism: 1 }, ['spec.completions: Required value: when completion mode is Indexed']],
    [
      { ...indexed, parallelism: 100_001 },
      ['spec.parallelism: Invalid value: 100001: must be less than or equal to 100000 when completion mode is Indexed'],
    ],
    [{ backoffLimitPerIndex: 1 }, ['spec.backoffLimitPerIndex: Invalid value: 1: requires indexed completion mode']],
    [
      { maxFailedIndexes: 1 },
      [
        'spec.backoffLimitPerIndex: Required value: when maxFailedIndexes is specified',
        'spec.maxFailedIndexes: Invalid value: 1: requires indexed completion mode',
      ],
    ],
    [
      { ...indexed, backoffLimitPerIndex: 1, maxFailedIndexes: 6 },
      ['spec.maxFailedIndexes: Invalid value: 6: must be less than or equal to completions'],
    ],
    [
      { completionMode: 'Indexed', completions: 100_001, backoffLimitPerIndex: 1, parallelism: 10_001 },
      [
        'spec.maxFailedIndexes: Required value: must be specified when completions is above 100000',
        'spec.parallelism: Invalid value: 10001: must be less than or equal to 10000 when completions are above 100000 and used with backoff limit per index',
      ],
    ],
    [{ managedBy: 'me' }, ['spec.managedBy: Invalid value: "me": must be a domain-prefixed path (such as "acme.io/foo")']],
    [
      { podReplacementPolicy: 'Now' },
      ['spec.podReplacementPolicy: Unsupported value: "Now": supported values: "Failed", "TerminatingOrFailed"'],
    ],
    [
      { template: template({ restartPolicy: 'Always' }) },
      ['spec.template.spec.restartPolicy: Required value: valid values: "OnFailure", "Never"'],
    ],
  ])('is refused with %j', (spec, want) => {
    expect(faults(spec)).toEqual(want)
  })

  it('with indexes has a name that its pods can have as a hostname', () => {
    const name = 'a'.repeat(62)
    expect(faults(indexed, name)).toEqual([
      `metadata.name: Invalid value: "${name}": will not able to create pod with invalid DNS label: ${name}-4`,
    ])
  })

  it('gets its defaults', () => {
    expect(created(job()).object.spec).toMatchObject({
      parallelism: 1,
      completions: 1,
      backoffLimit: 6,
      completionMode: 'NonIndexed',
      suspend: false,
      manualSelector: false,
      podReplacementPolicy: 'TerminatingOrFailed',
    })
    expect(created(job({ parallelism: 2 })).object.spec.completions).toBeUndefined()
    expect(created(job({ ...indexed, backoffLimitPerIndex: 1 })).object.spec.backoffLimit).toBe(2147483647)
  })

  it('that is updated wrongly is told so twice', () => {
    const { object } = created(job())
    const wrong = 'spec.parallelism: Invalid value: -1: must be greater than or equal to 0'
    expect(updated(object, ({ spec }) => (spec.parallelism = -1)).errors).toEqual([wrong, wrong])
  })

  it('with indexes grows and shrinks as long as all of them run at once', () => {
    const { object } = created(job(indexed))
    expect(updated(object, ({ spec }) => Object.assign(spec, { completions: 3, parallelism: 3 })).errors).toEqual([])
    expect(updated(object, ({ spec }) => (spec.completions = 3)).errors).toEqual([
      'spec.completions: Invalid value: 3: can only be modified in tandem with spec.parallelism',
    ])
  })

  it('keeps its template, but where its pods may go and what they ask for while it is suspended', () => {
    const old = created(job({ suspend: true })).object
    const changes: ((t: Loose) => unknown)[] = [
      (t) => (t.spec.nodeSelector = { disk: 'ssd' }),
      (t) => (t.spec.tolerations = [{ operator: 'Exists' }]),
      (t) => (t.metadata.annotations = { a: 'b' }),
      (t) => (t.spec.affinity = { nodeAffinity: {} }),
      (t) => (t.spec.containers[0].resources = { requests: { cpu: '1' } }),
    ]
    const fields = (before: Loose, change: (t: Loose) => unknown): string[] =>
      updated(before, ({ spec }) => void change(spec.template)).errors.map((e) => e.slice(0, e.indexOf(':')))
    for (const change of changes) expect(fields(old, change)).toEqual([])
    expect(fields(old, (t) => (t.spec.containers[0].image = 'other'))).toEqual(['spec.template.spec'])
    // One that has begun is to be told suspended first, and while any of its pods are left all stays as it is.
    const startTime = '2026-11-21T08:00:00Z'
    const told = { startTime, conditions: [{ type: 'Suspended', status: 'True' }] }
    for (const change of changes) {
      expect(fields({ ...old, status: { startTime } }, change)).toEqual(['spec.template'])
      expect(fields({ ...old, status: told }, change)).toEqual([])
      expect(fields({ ...old, status: { active: 1 } }, change)).toEqual(['spec.template'])
      expect(fields({ ...old, status: { ...told, active: 1 } }, change)).toEqual(['spec.template'])
    }
    const running = created(job()).object
    for (const change of changes) expect(fields(running, change)).toEqual(['spec.template'])
  })

  it.each([
    ['completionMode', { completionMode: 'Indexed', completions: 1 }, 'spec.completionMode: Invalid value: "Indexed": field is immutable'],
    ['backoffLimitPerIndex', { backoffLimitPerIndex: 3 }, 'spec.backoffLimitPerIndex: Invalid value: 3: field is immutable'],
    ['managedBy', { managedBy: 'example.com/x' }, 'spec.managedBy: Invalid value: "example.com/x": field is immutable'],
  ])('keeps its %s', (_, change, want) => {
    const { object } = created(job())
    expect(updated(object, ({ spec }) => Object.assign(spec, change)).errors).toContain(want)
  })
})

describe('a policy for failed pods', () => {
  const rules = (...list: Loose[]): string[] => faults({ podFailurePolicy: { rules: list } })
  const onExitCodes = { operator: 'In', values: [1] }

  it.each([
    [{ onExitCodes }, ['spec.podFailurePolicy.rules[0].action: Required value: valid values: ["Count" "FailIndex" "FailJob" "Ignore"]']],
    [
      { action: 'Retry', onExitCodes },
      ['spec.podFailurePolicy.rules[0].action: Unsupported value: "Retry": supported values: "Count", "FailIndex", "FailJob", "Ignore"'],
    ],
    [
      { action: 'FailIndex', onExitCodes },
      ['spec.podFailurePolicy.rules[0].action: Invalid value: "FailIndex": requires the backoffLimitPerIndex to be set'],
    ],
    [
      { action: 'Ignore' },
      ['spec.podFailurePolicy.rules[0]: Invalid value: specifying one of OnExitCodes and OnPodConditions is required'],
    ],
    [
      { action: 'Ignore', onExitCodes, onPodConditions: [{ type: 'DisruptionTarget' }] },
      ['spec.podFailurePolicy.rules[0]: Invalid value: specifying both OnExitCodes and OnPodConditions is not supported'],
    ],
    [
      { action: 'Ignore', onExitCodes: { operator: 'In', values: [0, 3, 3, 2] } },
      [
        'spec.podFailurePolicy.rules[0].onExitCodes.values: Invalid value: [0,3,3,2]: must be ordered',
        'spec.podFailurePolicy.rules[0].onExitCodes.values[0]: Invalid value: 0: must not be 0 for the In operator',
        'spec.podFailurePolicy.rules[0].onExitCodes.values[2]: Duplicate value: 3',
      ],
    ],
    [
      { action: 'Ignore', onExitCodes: { operator: 'In', values: [] } },
      ['spec.podFailurePolicy.rules[0].onExitCodes.values: Invalid value: []: at least one value is required'],
    ],
    [
      { action: 'Ignore', onExitCodes: { operator: 'Is', values: [1], containerName: 'x' } },
      [
        'spec.podFailurePolicy.rules[0].onExitCodes.containerName: Invalid value: "x": must be one of the container or initContainer names in the pod template',
        'spec.podFailurePolicy.rules[0].onExitCodes.operator: Unsupported value: "Is": supported values: "In", "NotIn"',
      ],
    ],
    [
      { action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'Maybe' }] },
      [
        'spec.podFailurePolicy.rules[0].onPodConditions[0].status: Unsupported value: "Maybe": supported values: "False", "True", "Unknown"',
      ],
    ],
  ])('is refused with %j', (rule, want) => {
    expect(rules(rule)).toEqual(want)
  })

  it('wants pods that are not restarted', () => {
    const policy = { rules: [{ action: 'Ignore', onExitCodes }] }
    expect(faults({ podFailurePolicy: policy, template: template({ restartPolicy: 'OnFailure' }) })).toEqual([
      'spec.template.spec.restartPolicy: Invalid value: "OnFailure": only "Never" is supported when podFailurePolicy is specified',
    ])
    expect(faults({ podFailurePolicy: policy, podReplacementPolicy: 'TerminatingOrFailed' })).toEqual([
      'spec.podReplacementPolicy: Unsupported value: "TerminatingOrFailed": supported values: "Failed"',
    ])
  })

  it('has at most twenty rules', () => {
    expect(rules(...Array<Loose>(21).fill({ action: 'Ignore', onExitCodes }))).toEqual([
      'spec.podFailurePolicy.rules: Too many: 21: must have at most 20 items',
    ])
  })
})

describe('a policy for success', () => {
  it.each([
    [[], ['spec.successPolicy.rules: Required value: at least one rules must be specified when the successPolicy is specified']],
    [[{}], ['spec.successPolicy.rules[0]: Required value: at least one of succeededCount or succeededIndexes must be specified']],
    [
      [{ succeededCount: 6 }],
      [
        'spec.successPolicy.rules[0].succeededCount: Invalid value: 6: must be less than or equal to 5 (the number of specified completions)',
      ],
    ],
    [
      [{ succeededIndexes: '0-2', succeededCount: 4 }],
      [
        'spec.successPolicy.rules[0].succeededCount: Invalid value: 4: must be less than or equal to 3 (the number of indexes in the specified succeededIndexes field)',
      ],
    ],
    [
      [{ succeededIndexes: '1,9' }],
      ['spec.successPolicy.rules[0].succeededIndexes: Invalid value: "1,9": error parsing succeededIndexes: too large index: "9"'],
    ],
    [
      [{ succeededIndexes: '3-1' }],
      [
        'spec.successPolicy.rules[0].succeededIndexes: Invalid value: "3-1": error parsing succeededIndexes: non-increasing order, previous: 3, current: 1',
      ],
    ],
    [
      [{ succeededIndexes: '1-2-3' }],
      [
        `spec.successPolicy.rules[0].succeededIndexes: Invalid value: "1-2-3": error parsing succeededIndexes: the fragment "1-2-3" violates the requirement that an index interval can have at most two parts separated by '-'`,
      ],
    ],
    [
      [{ succeededIndexes: 'a' }],
      [
        'spec.successPolicy.rules[0].succeededIndexes: Invalid value: "a": error parsing succeededIndexes: cannot convert string to integer for index: "a"',
      ],
    ],
  ])('is refused with %j', (rules, want) => {
    expect(faults({ ...indexed, successPolicy: { rules } })).toEqual(want)
  })

  it('wants a Job with indexes', () => {
    expect(faults({ successPolicy: { rules: [] } })).toEqual([
      'spec.successPolicy: Invalid value: {"Rules":[]}: requires indexed completion mode',
    ])
    expect(faults({ successPolicy: { rules: [{ succeededCount: 1 }] } })).toEqual([
      'spec.successPolicy: Invalid value: {"Rules":[{"SucceededIndexes":null,"SucceededCount":1}]}: requires indexed completion mode',
    ])
  })
})

describe('a CronJob', () => {
  const cron = (spec: Loose = {}, name = 'c'): Loose => ({
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: { name },
    spec: { schedule: '* * * * *', jobTemplate: { spec: { template: template() } }, ...spec },
  })
  const cronFaults = (spec: Loose, name?: string): string[] => causes(created(cron(spec, name)).errors)

  it.each([
    [
      { concurrencyPolicy: 'Queue' },
      ['spec.concurrencyPolicy: Unsupported value: "Queue": supported values: "Allow", "Forbid", "Replace"'],
    ],
    [{ startingDeadlineSeconds: -1 }, ['spec.startingDeadlineSeconds: Invalid value: -1: must be greater than or equal to 0']],
    [{ successfulJobsHistoryLimit: -1 }, ['spec.successfulJobsHistoryLimit: Invalid value: -1: must be greater than or equal to 0']],
    [{ failedJobsHistoryLimit: -1 }, ['spec.failedJobsHistoryLimit: Invalid value: -1: must be greater than or equal to 0']],
    [{ timeZone: '' }, ['spec.timeZone: Invalid value: "": timeZone must be nil or non-empty string']],
    [
      { timeZone: 'Local' },
      ['spec.timeZone: Invalid value: "Local": timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones'],
    ],
    [{ timeZone: 'AMERICA/new_york' }, ['spec.timeZone: Invalid value: "AMERICA/new_york": unknown time zone AMERICA/new_york']],
    [{ timeZone: 'us/Pacific' }, ['spec.timeZone: Invalid value: "us/Pacific": unknown time zone us/Pacific']],
    [{ timeZone: 'US/Pacific' }, []],
    [{ timeZone: 'Etc/GMT+5' }, []],
    [{ timeZone: '../etc' }, ['spec.timeZone: Invalid value: "../etc": unknown time zone ../etc']],
    [
      { jobTemplate: { spec: { template: template(), selector: { matchLabels: { a: 'b' } }, manualSelector: true } } },
      [
        'spec.jobTemplate.spec.manualSelector: Unsupported value: true: supported values: "nil", "false"',
        'spec.jobTemplate.spec.selector: Invalid value: {"matchLabels":{"a":"b"}}: `selector` will be auto-generated',
      ],
    ],
    [
      { jobTemplate: { spec: { template: template({ restartPolicy: undefined }) } } },
      ['spec.jobTemplate.spec.template.spec.restartPolicy: Required value: valid values: "OnFailure", "Never"'],
    ],
  ])('is refused with %j', (spec, want) => {
    expect(cronFaults(spec)).toEqual(want)
  })

  it('has a name that leaves room for the names of its Jobs', () => {
    expect(cronFaults({}, 'c'.repeat(53))).toEqual([
      `metadata.name: Invalid value: "${'c'.repeat(53)}": must be no more than 52 characters`,
    ])
  })

  it('that has its time zone in its schedule may keep it, but not have another', () => {
    const { object } = created(cron({ schedule: 'TZ=UTC * * * * *' }))
    expect(updated(object, ({ spec }) => (spec.suspend = true)).errors).toEqual([])
    expect(updated(object, ({ spec }) => (spec.timeZone = 'UTC')).errors).toEqual([
      'spec.schedule: Invalid value: "TZ=UTC * * * * *": cannot use both timeZone field and TZ or CRON_TZ in schedule',
    ])
  })
})
