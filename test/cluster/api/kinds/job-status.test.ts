/** What the API server says of writes to a Job's status. */
import { describe, expect, it } from 'vitest'
import { causes, created, inOrder, kindOf, ruleContext, type Loose } from './support.js'

const job = (spec: Loose = {}): Loose => ({
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata: { name: 'j' },
  spec: { template: { spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'busybox' }] } }, ...spec },
})
const indexed = { completionMode: 'Indexed', completions: 5 }

describe("a Job's status", () => {
  const condition = (type: string): Loose => ({ type, status: 'True' })
  const status = (now: Loose, before: Loose = {}, spec: Loose = {}): string[] => {
    const { object } = created(job(spec))
    const part = kindOf('batch/v1', 'Job').subresources!['status'] as Loose
    return causes(part.validateUpdate({ ...object, status: now }, { ...object, status: before }, ruleContext()))
  }
  const startTime = '2026-11-21T08:00:00Z'
  const completionTime = '2026-11-21T09:00:00Z'

  it('is complete with its times, its criteria met and nothing running', () => {
    const done = [condition('SuccessCriteriaMet'), condition('Complete')]
    expect(status({ conditions: done, startTime, completionTime, succeeded: 1 })).toEqual([])
    expect(status({ conditions: [condition('Complete')], active: 1 })).toEqual([
      'status.active: Invalid value: 1: active>0 is invalid for finished job',
      'status.completionTime: Required value: completionTime is required for Complete jobs',
      'status.conditions: Invalid value: cannot set Complete=True condition without the SuccessCriteriaMet=true condition',
      'status.startTime: Required value: startTime is required for finished job',
    ])
  })

  it('has failed only after it was to fail, and cannot have succeeded too', () => {
    expect(status({ conditions: [condition('Failed')], startTime })).toEqual([
      'status.conditions: Invalid value: cannot set Failed=True condition without the FailureTarget=true condition',
    ])
    const both = ['Complete', 'Failed', 'FailureTarget', 'SuccessCriteriaMet'].map(condition)
    expect(status({ conditions: both, startTime, completionTime })).toEqual([
      'status.conditions: Invalid value: cannot set Complete=True and Failed=true conditions',
      'status.conditions: Invalid value: cannot set Complete=True and FailureTarget=true conditions',
      'status.conditions: Invalid value: cannot set SuccessCriteriaMet=True and Failed=true conditions',
      'status.conditions: Invalid value: cannot set SuccessCriteriaMet=True and FailureTarget=true conditions',
    ])
  })

  it('does not go back', () => {
    const failed = { conditions: [condition('FailureTarget'), condition('Failed')], startTime, failed: 2, succeeded: 1 }
    expect(status({ startTime, failed: 1 }, failed)).toEqual([
      'status.conditions: Invalid value: cannot disable the terminal Failed=True condition',
      'status.conditions: Invalid value: cannot disable the terminal FailureTarget=True condition',
      'status.failed: Invalid value: 1: cannot decrease the failed counter',
      'status.succeeded: Invalid value: 0: cannot decrease the succeeded counter',
    ])
    expect(status({}, { startTime })).toEqual(['status.startTime: Required value: startTime cannot be removed for unsuspended job'])
    expect(status({}, { startTime }, { suspend: true })).toEqual([])
  })

  it('ends after it has begun', () => {
    const conditions = ['SuccessCriteriaMet', 'Complete'].map(condition)
    expect(status({ conditions, startTime: completionTime, completionTime: startTime })).toEqual([
      `status.completionTime: Invalid value: "${startTime}": must be equal to or after \`startTime\``,
    ])
    expect(status({ startTime, completionTime })).toEqual([
      `status.completionTime: Invalid value: "${completionTime}": cannot set completionTime when there is no Complete=True condition`,
    ])
  })

  it('names indexes that the Job has, each as done or as failed', () => {
    expect(status({ completedIndexes: '0' })).toEqual([
      'status.completedIndexes: Invalid value: "0": cannot set non-empty completedIndexes when non-indexed completion mode',
    ])
    const spec = { ...indexed, backoffLimitPerIndex: 1 }
    expect(status({ completedIndexes: '0,2-3', failedIndexes: '3' }, {}, spec)).toEqual([
      'status.failedIndexes: Invalid value: "3": failedIndexes and completedIndexes overlap at index: 3',
    ])
    expect(status({ completedIndexes: '7' }, {}, spec)).toEqual([
      'status.completedIndexes: Invalid value: "7": error parsing completedIndexes: too large index: "7"',
    ])
  })

  it('is told all that is wrong in the order of the API server: ends, times, reasons, pods, indexes, success, steps', () => {
    const before = { conditions: [condition('FailureTarget')], startTime, failed: 2, completionTime: startTime }
    const now = {
      conditions: ['Complete', 'Failed', 'SuccessCriteriaMet'].map(condition),
      startTime: completionTime,
      completionTime: '2026-11-21T08:30:00Z',
      active: 1,
      ready: 2,
      failed: 1,
      terminating: 3,
      uncountedTerminatedPods: { succeeded: ['a'] },
      completedIndexes: '1-0',
      failedIndexes: '9',
    }
    const { object } = created(job({ ...indexed, backoffLimitPerIndex: 1 }))
    const part = kindOf('batch/v1', 'Job').subresources!['status'] as Loose
    const errors = part.validateUpdate({ ...object, status: now }, { ...object, status: before }, ruleContext())
    expect(inOrder(errors)).toEqual([
      'status.conditions: Invalid value: cannot set Complete=True and Failed=true conditions',
      'status.completionTime: Invalid value: "2026-11-21T08:30:00Z": must be equal to or after `startTime`',
      'status.conditions: Invalid value: cannot set Failed=True condition without the FailureTarget=true condition',
      'status.active: Invalid value: 1: active>0 is invalid for finished job',
      'status.uncountedTerminatedPods: Invalid value: {"Succeeded":["a"],"Failed":null}: must be empty for finished job',
      'status.completedIndexes: Invalid value: "1-0": error parsing completedIndexes: non-increasing order, previous: 1, current: 0',
      'status.failedIndexes: Invalid value: "9": error parsing failedIndexes: too large index: "9"',
      'status.terminating: Invalid value: 3: terminating>0 is invalid for finished job',
      'status.ready: Invalid value: 2: cannot set more ready pods than active',
      'status.conditions: Invalid value: cannot set SuccessCriteriaMet=True and Failed=true conditions',
      'status.conditions: Invalid value: cannot disable the terminal FailureTarget=True condition',
      'status.failed: Invalid value: 1: cannot decrease the failed counter',
      'status.completionTime: Invalid value: "2026-11-21T08:30:00Z": field is immutable',
      'status.startTime: Required value: startTime cannot be removed for unsuspended job',
    ])
  })

  it('counts what there is', () => {
    expect(status({ active: 1, ready: 2 })).toEqual(['status.ready: Invalid value: 2: cannot set more ready pods than active'])
    expect(status({ uncountedTerminatedPods: { succeeded: ['a', 'a'], failed: [''] } })).toEqual([
      'status.uncountedTerminatedPods.failed[0]: Invalid value: "": must not be empty',
      'status.uncountedTerminatedPods.succeeded[1]: Duplicate value: "a"',
    ])
  })
})
