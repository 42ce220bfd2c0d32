/** What the API server says of the small kinds around pods and nodes: PriorityClasses, RuntimeClasses, Leases. */
import { describe, expect, it } from 'vitest'
import { causes, created, updated, type Loose } from './support.js'

const faults = (apiVersion: string, kind: string, rest: Loose, name = 'x'): string[] =>
  causes(created({ apiVersion, kind, metadata: { name }, ...rest }).errors)

describe('a PriorityClass', () => {
  const priority = (rest: Loose, name?: string): string[] => faults('scheduling.k8s.io/v1', 'PriorityClass', rest, name)
  const reserved = "metadata.name: Forbidden: priority class names with 'system-' prefix are reserved for system use only. error: "

  it.each([
    ['x', { value: 1_000_000_001 }, 'value: Forbidden: maximum allowed value of a user defined priority is 1000000000'],
    ['system-x', { value: 1 }, `${reserved}system-x is not a known system priority class`],
    ['system-node-critical', { value: 1 }, `${reserved}value of system-node-critical PriorityClass must be 2000001000`],
    [
      'system-node-critical',
      { value: 2_000_001_000, globalDefault: true },
      `${reserved}globalDefault of system-node-critical PriorityClass must be false`,
    ],
    [
      'x',
      { value: 1, preemptionPolicy: 'Always' },
      'preemptionPolicy: Unsupported value: "Always": supported values: "PreemptLowerPriority", "Never"',
    ],
    ['x', { value: 1, preemptionPolicy: '' }, 'preemptionPolicy: Required value'],
  ])('%s with %j is refused', (name, rest, want) => {
    expect(priority(rest, name)).toEqual([want])
  })

  it('keeps its value and whether it preempts', () => {
    const { object } = created({ apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass', metadata: { name: 'x' }, value: 1 })
    expect(updated(object, (o) => Object.assign(o, { value: 2, preemptionPolicy: 'Never' })).errors).toEqual([
      'preemptionPolicy: Invalid value: "Never": field is immutable',
      'value: Forbidden: may not be changed in an update.',
    ])
    expect(updated(object, (o) => (o.preemptionPolicy = 'Always')).errors).toEqual([
      'preemptionPolicy: Invalid value: "Always": field is immutable',
    ])
  })
})

describe('a RuntimeClass', () => {
  const runtime = (rest: Loose): string[] => faults('node.k8s.io/v1', 'RuntimeClass', rest)

  it('names a handler, and has an overhead that is no less than nothing', () => {
    expect(runtime({ handler: 'a.b' })).toEqual(['handler: Invalid value: "a.b": must not contain dots'])
    expect(runtime({ handler: 'a', overhead: { podFixed: { cpu: '-1' } } })).toEqual([
      'overhead.limits[cpu]: Invalid value: "-1": must be greater than or equal to 0',
    ])
  })

  it('keeps its handler', () => {
    const { object } = created({ apiVersion: 'node.k8s.io/v1', kind: 'RuntimeClass', metadata: { name: 'x' }, handler: 'a' })
    expect(updated(object, (o) => (o.handler = 'b')).errors).toEqual(['handler: Invalid value: "b": field is immutable'])
  })
})

describe('a Lease', () => {
  it.each([
    [{ leaseDurationSeconds: 0 }, ['spec.leaseDurationSeconds: Invalid value: 0: must be greater than 0']],
    [{ leaseTransitions: -1 }, ['spec.leaseTransitions: Invalid value: -1: must be greater than or equal to 0']],
  ])('is refused with %j', (spec, want) => {
    expect(faults('coordination.k8s.io/v1', 'Lease', { spec })).toEqual(want)
  })

  // How a leader is chosen is left out of new ones: see the features that are off.
  it.each([
    [{ strategy: 'Newest' }, ['spec.strategy.strategy: Unsupported value: "Newest": supported values: "OldestEmulationVersion"']],
    [{ strategy: '', preferredHolder: '' }, ['spec.strategy.strategy: Unsupported value: "": supported values: "OldestEmulationVersion"']],
    [{ strategy: 'example.com/ours', preferredHolder: 'me' }, []],
  ])('that had a strategy when it was stored cannot change to %j', (spec, want) => {
    const old = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name: 'x' } }
    const before = { ...old, spec: { strategy: 'OldestEmulationVersion', preferredHolder: 'me' } }
    expect(updated(before, (o) => (o.spec = { ...before.spec, ...spec })).errors).toEqual(want)
  })
})
