/** What the API server says of HorizontalPodAutoscalers and PodDisruptionBudgets. */
import { describe, expect, it } from 'vitest'
import { causes, created, inOrder, kindOf, ruleContext, type Loose } from './support.js'

describe('a HorizontalPodAutoscaler', () => {
  const faults = (spec: Loose): string[] =>
    causes(
      created({
        apiVersion: 'autoscaling/v2',
        kind: 'HorizontalPodAutoscaler',
        metadata: { name: 'h' },
        spec: { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' }, maxReplicas: 5, ...spec },
      }).errors,
    )
  const types = 'supported values: "ContainerResource", "External", "Object", "Pods", "Resource"'

  it.each([
    [
      { minReplicas: 0 },
      [
        'spec.metrics: Forbidden: must specify at least one Object or External metric to support scaling to zero replicas',
        'spec.minReplicas: Invalid value: 0: must be greater than or equal to 1',
      ],
    ],
    [
      { maxReplicas: 0 },
      [
        'spec.maxReplicas: Invalid value: 0: must be greater than or equal to `minReplicas`',
        'spec.maxReplicas: Required value: must be set and greater than 0',
      ],
    ],
    [
      { maxReplicas: -1 },
      [
        'spec.maxReplicas: Invalid value: -1: must be greater than 0',
        'spec.maxReplicas: Invalid value: -1: must be greater than or equal to `minReplicas`',
      ],
    ],
    [
      { scaleTargetRef: { apiVersion: 'apps/v1' } },
      ['spec.scaleTargetRef.kind: Required value', 'spec.scaleTargetRef.name: Required value'],
    ],
    [
      { scaleTargetRef: { kind: 'Deployment', name: 'x' } },
      ['spec.scaleTargetRef.apiVersion: Invalid value: "": apiVersion must specify API group'],
    ],
    [
      { scaleTargetRef: { apiVersion: 'a/b/c', kind: 'Deployment', name: 'x' } },
      ['spec.scaleTargetRef.apiVersion: Invalid value: "a/b/c": unexpected GroupVersion string: a/b/c'],
    ],
    [
      { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'A/B', name: 'x' } },
      [`spec.scaleTargetRef.kind: Invalid value: "A/B": may not contain '/'`],
    ],
  ])('is refused with %j', (spec, want) => {
    expect(faults(spec)).toEqual(want)
  })

  const utilization = { type: 'Utilization', averageUtilization: 50 }
  const value = { type: 'Value', value: '1' }

  it.each([
    [{ type: 'Guess' }, Array<string>(2).fill(`spec.metrics[0].type: Unsupported value: "Guess": ${types}`)],
    [
      {},
      [
        'spec.metrics[0].type: Required value: must specify a metric source type',
        ...Array<string>(2).fill(`spec.metrics[0].type: Unsupported value: "": ${types}`),
      ],
    ],
    [{ type: 'Resource' }, ['spec.metrics[0].resource: Required value: must populate information for the given metric source']],
    [
      { type: 'Resource', resource: { name: 'cpu', target: utilization }, pods: { metric: { name: 'm' }, target: value } },
      [
        'spec.metrics[0].pods.target.averageValue: Required value: must specify a positive target averageValue',
        'spec.metrics[0].pods: Forbidden: must populate the given metric source only',
      ],
    ],
    [
      { type: 'Resource', resource: { target: {} } },
      [
        'spec.metrics[0].resource.name: Required value: must specify a resource name',
        'spec.metrics[0].resource.target.averageUtilization: Required value: must set either a target raw value or a target utilization',
        'spec.metrics[0].resource.target.type: Invalid value: "": must be either Utilization, Value, or AverageValue',
        'spec.metrics[0].resource.target.type: Required value: must specify a metric target type',
      ],
    ],
    [
      { type: 'Resource', resource: { name: 'cpu', target: { ...utilization, averageUtilization: 0 } } },
      ['spec.metrics[0].resource.target.averageUtilization: Invalid value: 0: must be greater than 0'],
    ],
    [
      { type: 'Resource', resource: { name: 'cpu', target: { ...utilization, averageValue: '1' } } },
      ['spec.metrics[0].resource.target.averageValue: Forbidden: may not set both a target raw value and a target utilization'],
    ],
    [
      { type: 'Pods', pods: { metric: { name: 'm' }, target: { type: 'AverageValue', averageValue: '0' } } },
      ['spec.metrics[0].pods.target.averageValue: Invalid value: "0": must be positive'],
    ],
    [
      { type: 'External', external: { metric: {}, target: { ...value, averageValue: '1' } } },
      [
        'spec.metrics[0].external.metric.name: Required value: must specify a metric name',
        'spec.metrics[0].external.target.value: Forbidden: may not set both a target value for metric and a per-pod target',
      ],
    ],
    [
      { type: 'Object', object: { describedObject: {}, metric: { name: 'm' }, target: { type: 'Value' } } },
      [
        'spec.metrics[0].object.describedObject.kind: Required value',
        'spec.metrics[0].object.describedObject.name: Required value',
        'spec.metrics[0].object.target.averageValue: Required value: must set either a target value or averageValue',
      ],
    ],
    [
      { type: 'ContainerResource', containerResource: { name: 'cpu', target: utilization } },
      ['spec.metrics[0].containerResource.container: Required value: must specify a container'],
    ],
  ])('is refused with the metric %j', (metric, want) => {
    expect(faults({ metrics: [metric] })).toEqual(want)
  })

  it.each([
    [
      { stabilizationWindowSeconds: 3601 },
      ['spec.behavior.scaleUp.stabilizationWindowSeconds: Invalid value: 3601: must be less than or equal to 3600'],
    ],
    [
      { stabilizationWindowSeconds: -1 },
      ['spec.behavior.scaleUp.stabilizationWindowSeconds: Invalid value: -1: must be greater than or equal to zero'],
    ],
    [{ policies: [] }, ['spec.behavior.scaleUp.policies: Required value: must specify at least one Policy']],
    [{ selectPolicy: 'Any' }, ['spec.behavior.scaleUp.selectPolicy: Unsupported value: "Any": supported values: "Disabled", "Max", "Min"']],
    [
      { policies: [{ type: 'All', value: 0, periodSeconds: 1801 }] },
      [
        'spec.behavior.scaleUp.policies[0].periodSeconds: Invalid value: 1801: must be less than or equal to 1800',
        'spec.behavior.scaleUp.policies[0].type: Unsupported value: "All": supported values: "Percent", "Pods"',
        'spec.behavior.scaleUp.policies[0].value: Invalid value: 0: must be greater than zero',
      ],
    ],
  ])('is refused when it scales up with %j', (scaleUp, want) => {
    expect(faults({ behavior: { scaleUp } })).toEqual(want)
  })
})

describe('a PodDisruptionBudget', () => {
  const faults = (spec: Loose): string[] =>
    causes(created({ apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata: { name: 'p' }, spec }).errors)

  it.each([
    [
      { minAvailable: 1, maxUnavailable: '50%' },
      [
        'spec: Invalid value: {"MinAvailable":1,"Selector":null,"MaxUnavailable":"50%","UnhealthyPodEvictionPolicy":null}: minAvailable and maxUnavailable cannot be both set',
      ],
    ],
    [{ minAvailable: -1 }, ['spec.minAvailable: Invalid value: -1: must be greater than or equal to 0']],
    [{ maxUnavailable: '101%' }, ['spec.maxUnavailable: Invalid value: "101%": must not be greater than 100%']],
    [
      { minAvailable: 'most' },
      [
        `spec.minAvailable: Invalid value: "most": a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')`,
      ],
    ],
    [
      { unhealthyPodEvictionPolicy: 'Never' },
      ['spec.unhealthyPodEvictionPolicy: Unsupported value: "Never": supported values: "AlwaysAllow", "IfHealthyBudget"'],
    ],
  ])('is refused with %j', (spec, want) => {
    expect(faults(spec)).toEqual(want)
  })

  it('has whole conditions and no negative counts in its status', () => {
    const reason = (text: string): string =>
      `Invalid value: "${text}": a condition reason must start with alphabetic character, optionally followed by a string of alphanumeric characters or '_,:', and must end with an alphanumeric character or '_' (e.g. 'my_name',  or 'MY_NAME',  or 'MyName',  or 'ReasonA,ReasonB',  or 'ReasonA:ReasonB', regex used for validation is '[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?')`
    const status = kindOf('policy/v1', 'PodDisruptionBudget').subresources!['status'] as Loose
    const whole = { type: 'First', status: 'True', lastTransitionTime: '2026-11-21T09:00:00Z', reason: 'valid:val' }
    const wrong = { type: ':invalid', status: 'unknown', observedGeneration: -1, reason: 'invalid;val' }
    const more = [{ ...whole, reason: 'r'.repeat(1025), message: 'm'.repeat(32769) }, { ...whole, type: 'Last', reason: 'valid,val:' }, {}]
    const conditions = [whole, wrong, ...more]
    const at = (i: number): string => `status.conditions[${i}]`
    expect(inOrder(status.validateUpdate({ status: { conditions, disruptionsAllowed: -1 } }, {}, ruleContext()))).toEqual([
      `${at(1)}.type: Invalid value: ":invalid": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')`,
      `${at(1)}.status: Unsupported value: "unknown": supported values: "False", "True", "Unknown"`,
      `${at(1)}.observedGeneration: Invalid value: -1: must be greater than or equal to zero`,
      `${at(1)}.lastTransitionTime: Required value: must be set`,
      `${at(1)}.reason: ${reason('invalid;val')}`,
      `${at(2)}.type: Duplicate value: "First"`,
      `${at(2)}.reason: Too long: may not be more than 1024 bytes`,
      `${at(2)}.message: Too long: may not be more than 32768 bytes`,
      `${at(3)}.reason: ${reason('valid,val:')}`,
      `${at(4)}.type: Invalid value: "": name part must be non-empty`,
      `${at(4)}.type: Invalid value: "": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')`,
      `${at(4)}.status: Unsupported value: "": supported values: "False", "True", "Unknown"`,
      `${at(4)}.lastTransitionTime: Required value: must be set`,
      `${at(4)}.reason: Required value: must be set`,
      'status.disruptionsAllowed: Invalid value: -1: must be greater than or equal to 0',
    ])
  })
})
