import { describe, expect, it } from 'vitest'
import { created, causes, kindOf, row, type Loose } from './support.js'

describe('an autoscaling/v1 HorizontalPodAutoscaler', () => {
  const v1 = kindOf('autoscaling/v1', 'HorizontalPodAutoscaler')
  const sent = (spec: Loose = {}, annotations?: Loose): Loose => ({
    apiVersion: 'autoscaling/v1',
    kind: 'HorizontalPodAutoscaler',
    metadata: { name: 'h', ...(annotations ? { annotations } : {}) },
    spec: { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' }, maxReplicas: 5, ...spec },
  })

  it('is stored as autoscaling/v2 with its CPU target as a metric, and read back', () => {
    const { object, errors } = created(sent({ targetCPUUtilizationPercentage: 70 }))
    expect(causes(errors)).toEqual([])
    expect([object.apiVersion, object.spec]).toEqual([
      'autoscaling/v2',
      {
        scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
        minReplicas: 1,
        maxReplicas: 5,
        metrics: [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 70 } } }],
      },
    ])
    expect(v1.storedAs!.fromStored(object).spec).toEqual({ ...sent().spec, minReplicas: 1, targetCPUUtilizationPercentage: 70 })
  })

  it('aims at 80 percent when it says nothing', () => {
    expect(created(sent()).object.spec.metrics[0].resource.target).toEqual({ type: 'Utilization', averageUtilization: 80 })
  })

  it('carries what it has no fields for in annotations, there and back', () => {
    const memory = { type: 'Resource', resource: { name: 'memory', target: { type: 'AverageValue', averageValue: '1Gi' } } }
    const v2 = {
      apiVersion: 'autoscaling/v2',
      kind: 'HorizontalPodAutoscaler',
      metadata: { name: 'h' },
      spec: { ...sent().spec, metrics: [memory], behavior: { scaleDown: { stabilizationWindowSeconds: 60 } } },
    }
    const stored = created(v2).object
    const old = v1.storedAs!.fromStored(stored)
    expect(Object.keys(old.metadata.annotations!)).toEqual([
      'autoscaling.alpha.kubernetes.io/metrics',
      'autoscaling.alpha.kubernetes.io/behavior',
    ])
    expect(v1.storedAs!.toStored(structuredClone(old)).spec).toEqual(stored.spec)
    expect(v1.storedAs!.toStored(structuredClone(old)).metadata).toEqual(stored.metadata)
  })

  it('writes metrics in their old shape, and behaviour with capitals', () => {
    const metrics = [
      { type: 'Resource', resource: { name: 'memory', target: { type: 'AverageValue', averageValue: '1Gi' } } },
      { type: 'Pods', pods: { metric: { name: 'hits' }, target: { type: 'AverageValue', averageValue: '5' } } },
      {
        type: 'Object',
        object: { describedObject: { kind: 'Service', name: 's' }, metric: { name: 'rps' }, target: { type: 'Value', value: '9' } },
      },
      {
        type: 'External',
        external: { metric: { name: 'queue', selector: { matchLabels: { q: 'a' } } }, target: { type: 'AverageValue', averageValue: '3' } },
      },
      {
        type: 'ContainerResource',
        containerResource: { name: 'cpu', container: 'c', target: { type: 'Utilization', averageUtilization: 60 } },
      },
    ]
    const behavior = { scaleDown: { stabilizationWindowSeconds: 60 } }
    const v2 = { ...sent(), apiVersion: 'autoscaling/v2', spec: { ...sent().spec, metrics, behavior } }
    const stored = created(v2).object
    const { annotations } = v1.storedAs!.fromStored(stored).metadata as { annotations: Record<string, string> }
    expect(JSON.parse(annotations['autoscaling.alpha.kubernetes.io/metrics']!)).toEqual([
      { type: 'Resource', resource: { name: 'memory', targetAverageValue: '1Gi' } },
      { type: 'Pods', pods: { metricName: 'hits', targetAverageValue: '5' } },
      { type: 'Object', object: { target: { kind: 'Service', name: 's' }, metricName: 'rps', targetValue: '9' } },
      { type: 'External', external: { metricName: 'queue', metricSelector: { matchLabels: { q: 'a' } }, targetAverageValue: '3' } },
      { type: 'ContainerResource', containerResource: { name: 'cpu', targetAverageUtilization: 60, container: 'c' } },
    ])
    expect(annotations['autoscaling.alpha.kubernetes.io/behavior']).toBe(
      '{"ScaleUp":{"StabilizationWindowSeconds":0,"SelectPolicy":"Max","Policies":[{"Type":"Pods","Value":4,"PeriodSeconds":15},{"Type":"Percent","Value":100,"PeriodSeconds":15}],"Tolerance":null},"ScaleDown":{"StabilizationWindowSeconds":60,"SelectPolicy":"Max","Policies":[{"Type":"Percent","Value":100,"PeriodSeconds":15}],"Tolerance":null}}',
    )
    expect(v1.storedAs!.toStored(structuredClone(v1.storedAs!.fromStored(stored))).spec).toEqual(stored.spec)
  })

  it('keeps what was measured of the CPU in an annotation too, with more than its percentage', () => {
    const { object } = created(sent({ targetCPUUtilizationPercentage: 70 }))
    const cpu = { type: 'Resource', resource: { name: 'cpu', current: { averageValue: '35m', averageUtilization: 35 } } }
    const measured = { ...object, status: { currentReplicas: 2, desiredReplicas: 2, currentMetrics: [cpu] } }
    const old = v1.storedAs!.fromStored(measured)
    expect(old.status).toEqual({ currentReplicas: 2, desiredReplicas: 2, currentCPUUtilizationPercentage: 35 })
    expect(old.metadata.annotations).toEqual({
      'autoscaling.alpha.kubernetes.io/current-metrics':
        '[{"type":"Resource","resource":{"name":"cpu","currentAverageUtilization":35,"currentAverageValue":"35m"}}]',
    })
    expect(v1.storedAs!.toStored(structuredClone(old)).status).toEqual(measured.status)
  })

  it('shows its targets and replicas', () => {
    const { object } = created(sent({ targetCPUUtilizationPercentage: 70, minReplicas: 2 }))
    expect(row(object)).toMatchObject({ Reference: 'Deployment/web', Targets: 'cpu: <unknown>/70%', MinPods: '2', MaxPods: 5, Replicas: 0 })
    const current = [{ type: 'Resource', resource: { name: 'cpu', current: { averageUtilization: 35 } } }]
    const measured = { ...object, status: { currentReplicas: 2, desiredReplicas: 2, currentMetrics: current } }
    expect(row(measured)).toMatchObject({ Targets: 'cpu: 35%/70%', Replicas: 2 })
  })
})

describe('an events.k8s.io/v1 Event', () => {
  const kind = kindOf('events.k8s.io/v1', 'Event')
  const sent: Loose = {
    apiVersion: 'events.k8s.io/v1',
    kind: 'Event',
    metadata: { name: 'e' },
    eventTime: '2026-11-21T08:59:00.000000Z',
    regarding: { kind: 'Pod', name: 'p', namespace: 'default' },
    reason: 'Started',
    note: 'Container started',
    type: 'Normal',
    action: 'Starting',
    reportingController: 'kubelet',
    reportingInstance: 'node-1',
    series: { count: 4, lastObservedTime: '2026-11-21T08:59:30.000000Z' },
  }

  it('is stored in the core form, and read back as it was', () => {
    const { object } = created(sent)
    expect(object).toMatchObject({
      apiVersion: 'v1',
      involvedObject: sent.regarding,
      message: 'Container started',
      reportingComponent: 'kubelet',
      source: {},
    })
    expect(object).not.toHaveProperty('note')
    expect(kind.storedAs!.fromStored(object)).toMatchObject(sent)
  })

  it('has the columns of the core form', () => {
    expect(row(created(sent).object)).toMatchObject({
      'Last Seen': '30s',
      'First Seen': '60s',
      Type: 'Normal',
      Reason: 'Started',
      Object: 'pod/p',
      Source: 'kubelet, node-1',
      Message: 'Container started',
      Count: 4,
    })
  })
})
