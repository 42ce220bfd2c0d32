/** Events of both APIs: which are accepted, and with which causes, in order, the others are refused. */
import { describe, expect, it } from 'vitest'
import { created, inOrder, kindOf, ruleContext, type Loose } from './support.js'

const TIME = '2017-09-19T13:49:16.000000Z'
const LATER = '2017-09-19T13:49:59.000000Z'
const NODE = { apiVersion: 'v1', kind: 'Node' }
const LONG = 'z'.repeat(129)
const QUALIFIED =
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"
const SUBDOMAIN =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
const MISMATCH = (namespace: string): string => `involvedObject.namespace: Invalid value: "${namespace}": does not match event.namespace`
const UNSET = (name: string): string => `${name}: Invalid value: "": needs to be unset`

/** An event of the new API in which nothing is wrong; in the names of the core form, and of the new one. */
const of = { eventTime: TIME, reportingInstance: 'node-xyz', action: 'Do', reason: 'Because', type: 'Normal' }
const core = { ...of, involvedObject: NODE, reportingComponent: 'k8s.io/my-controller' }
const fresh = { ...of, regarding: NODE, reportingController: 'k8s.io/my-controller' }

function refused(apiVersion: string, namespace: string, rest: Loose, name = 'test'): string[] {
  return inOrder(created({ apiVersion, kind: 'Event', metadata: { name }, ...rest }, ruleContext({ namespace })).errors)
}

describe('an Event of the core API', () => {
  it.each<[string, string, Loose, string[]]>([
    ['is about something in its own namespace', 'foo', { involvedObject: { kind: 'Pod', namespace: 'bar' } }, [MISMATCH('bar')]],
    ['is in the default namespace when it is about the cluster', 'default', { involvedObject: NODE }, []],
    ['may be about what is not known', 'default', { involvedObject: { kind: 'NoKind', namespace: 'default' } }, []],
    ['in the default namespace is not about another', 'default', { involvedObject: { namespace: 'foo' } }, [MISMATCH('foo')]],
    ['about the cluster is not in any namespace', 'foo', { involvedObject: { kind: 'FooBar', namespace: '' } }, [MISMATCH('')]],
    [
      'with a time of its own says who did what and why',
      'default',
      { involvedObject: NODE, eventTime: TIME },
      [
        'reportingComponent: Required value',
        'reportingComponent: Invalid value: "": name part must be non-empty',
        `reportingComponent: Invalid value: "": ${QUALIFIED}`,
        'reportingInstance: Required value',
        'action: Required value',
        'reason: Required value',
      ],
    ],
    ['with a time of its own may be in the namespace of the system', 'kube-system', core, []],
    [
      'names its reporter as labels are named',
      'default',
      { ...core, reportingComponent: 'my-contr@ller' },
      [`reportingComponent: Invalid value: "my-contr@ller": ${QUALIFIED}`],
    ],
    [
      'is short',
      'default',
      { ...core, reportingInstance: LONG, action: LONG, reason: LONG, message: 'z'.repeat(1025) },
      [
        'reportingInstance: Invalid value: "": can have at most 128 characters',
        'action: Invalid value: "": can have at most 128 characters',
        'reason: Invalid value: "": can have at most 128 characters',
        'message: Invalid value: "": can have at most 1024 characters',
      ],
    ],
  ])('%s', (_sentence, namespace, rest, errors) => {
    expect(refused('v1', namespace, rest)).toEqual(errors)
  })

  it('has any name that fits into a path, other than one of the new API', () => {
    expect(refused('v1', 'default', core, 'Any_Name')).toEqual([])
    expect(refused('events.k8s.io/v1', 'default', fresh, 'Any_Name')).toEqual([`metadata.name: Invalid value: "Any_Name": ${SUBDOMAIN}`])
  })
})

describe('an Event of events.k8s.io', () => {
  it.each<[string, Loose, string[]]>([
    ['is accepted with all that is asked for', {}, []],
    [
      'has a time, without which it is judged as those of old',
      { eventTime: undefined },
      ['involvedObject.namespace: Invalid value: "": does not match event.namespace', 'eventTime: Required value'],
    ],
    ['is normal or a warning', { type: 'invalid-type' }, ['type: Invalid value: "": has invalid value: invalid-type']],
    [
      'names its reporter in the words of its own API',
      { reportingController: 'my-contr@ller' },
      [`reportingController: Invalid value: "my-contr@ller": ${QUALIFIED}`],
    ],
    [
      'has nothing of the older form',
      { deprecatedFirstTimestamp: TIME, deprecatedLastTimestamp: TIME, deprecatedCount: 123, deprecatedSource: { host: 'host' } },
      [UNSET('firstTimestamp'), UNSET('lastTimestamp'), UNSET('count'), UNSET('source')],
    ],
    [
      'is a series from the second time on',
      { series: { count: 0 } },
      ['series.count: Invalid value: "": should be at least 2', 'series.lastObservedTime: Required value'],
    ],
  ])('%s', (_sentence, rest, errors) => {
    expect(refused('events.k8s.io/v1', 'kube-system', { ...fresh, ...rest })).toEqual(errors)
  })

  it.each<[string, Loose, string[]]>([
    ['may go on as a series', { series: { count: 2, lastObservedTime: TIME } }, []],
    ['goes on twice at least', { series: { count: 1, lastObservedTime: TIME } }, ['series.count: Invalid value: "": should be at least 2']],
    [
      'is about what it was about',
      { involvedObject: { ...NODE, apiVersion: 'v2' } },
      [
        'involvedObject: Invalid value: {"Kind":"Node","Namespace":"","Name":"","UID":"","APIVersion":"v2","ResourceVersion":"","FieldPath":""}: field is immutable',
      ],
    ],
    [
      'keeps its reason, which is told twice',
      { reason: 'Other' },
      ['reason: Invalid value: "Other": field is immutable', 'reason: Invalid value: "Other": field is immutable'],
    ],
    [
      'keeps all that it says',
      {
        message: 'new-message',
        source: { host: 'host' },
        count: 2,
        type: 'Warning',
        eventTime: LATER,
        action: 'Undo',
        related: { kind: 'Pod' },
        reportingComponent: 'other',
        reportingInstance: 'node-abc',
      },
      [
        'message: Invalid value: "new-message": field is immutable',
        'source: Invalid value: {"Component":"","Host":"host"}: field is immutable',
        'count: Invalid value: 2: field is immutable',
        'type: Invalid value: "Warning": field is immutable',
        `eventTime: Invalid value: "${LATER}": field is immutable`,
        'action: Invalid value: "Undo": field is immutable',
        'related: Invalid value: {"Kind":"Pod","Namespace":"","Name":"","UID":"","APIVersion":"","ResourceVersion":"","FieldPath":""}: field is immutable',
        'reportingController: Invalid value: "other": field is immutable',
        'reportingInstance: Invalid value: "node-abc": field is immutable',
      ],
    ],
  ])('when it changes %s', (_sentence, change, errors) => {
    const { object } = created({ apiVersion: 'events.k8s.io/v1', kind: 'Event', metadata: { name: 'test' }, ...fresh })
    expect(inOrder(kindOf('events.k8s.io/v1', 'Event').storedAs!.validateUpdate!({ ...object, ...change }, object))).toEqual(errors)
  })
})
