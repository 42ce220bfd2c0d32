/** What the API server says of the configurations of admission webhooks, all of it and in its order. */
import { describe, expect, it } from 'vitest'
import { created, inOrder, updated, type Loose } from './support.js'

const KINDS = ['ValidatingWebhookConfiguration', 'MutatingWebhookConfiguration']
const webhook = (more: Loose = {}): Loose => ({
  name: 'a.example.com',
  clientConfig: { url: 'https://example.com/x' },
  sideEffects: 'None',
  admissionReviewVersions: ['v1'],
  ...more,
})
const sent = (kind: string, ...webhooks: Loose[]): Loose => ({
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind,
  metadata: { name: 'config' },
  webhooks,
})
const faults = (...webhooks: Loose[]): string[] => inOrder(created(sent(KINDS[0]!, ...webhooks)).errors)
/** Without the path of the one webhook. */
const faultsOf = (more: Loose): string[] => faults(webhook(more)).map((text) => text.replace('webhooks[0].', ''))

const SUBDOMAIN =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
const LABEL_1035 =
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')"

describe('a webhook', () => {
  it.each(KINDS)('has its defaults, as one of a %s', (kind) => {
    const service = { name: 's', namespace: 'n' }
    const { object, errors } = created(sent(kind, webhook({ clientConfig: { service }, rules: [rule()] })))
    expect(errors).toEqual([])
    expect(object.webhooks).toEqual([
      webhook({
        clientConfig: { service: { ...service, port: 443 } },
        rules: [{ ...rule(), scope: '*' }],
        failurePolicy: 'Fail',
        matchPolicy: 'Equivalent',
        namespaceSelector: {},
        objectSelector: {},
        timeoutSeconds: 10,
        ...(kind.startsWith('Mutating') ? { reinvocationPolicy: 'Never' } : {}),
      }),
    ])
  })

  it.each<[what: string, name: string, want: string[]]>([
    ['is there', '', ['name: Required value']],
    ['is a domain', 'a.', [`name: Invalid value: "a.": ${SUBDOMAIN}`]],
    ['has three segments', 'k8s.io', ['name: Invalid value: "k8s.io": should be a domain with at least three segments separated by dots']],
  ])('has a name that %s', (_what, name, want) => {
    expect(faultsOf({ name })).toEqual(want)
  })

  it('has a name that no other one has', () => {
    expect(faults(webhook(), webhook({ name: 'b.example.com' }), webhook())).toEqual(['webhooks[2].name: Duplicate value: "a.example.com"'])
  })

  it.each<[versions: string[], want: string[]]>([
    [[], [': Required value: must specify one of v1, v1beta1']],
    [['v1', 'other'], []],
    [['other'], [': Invalid value: ["other"]: must include at least one of v1, v1beta1']],
    [
      ['v1', '0v', '0v'],
      [`[1]: Invalid value: "0v": ${LABEL_1035}`, '[2]: Invalid value: "0v": duplicate version'],
    ],
  ])('is sent reviews of versions %j', (admissionReviewVersions, want) => {
    expect(faultsOf({ admissionReviewVersions })).toEqual(want.map((text) => `admissionReviewVersions${text}`))
  })

  it.each<[more: Loose, want: string]>([
    [{ failurePolicy: 'x' }, 'failurePolicy: Unsupported value: "x": supported values: "Fail", "Ignore"'],
    [{ matchPolicy: 'x' }, 'matchPolicy: Unsupported value: "x": supported values: "Equivalent", "Exact"'],
    [{ sideEffects: null }, 'sideEffects: Required value: must specify one of None, NoneOnDryRun'],
    [{ sideEffects: 'Some' }, 'sideEffects: Unsupported value: "Some": supported values: "None", "NoneOnDryRun"'],
    [{ timeoutSeconds: 0 }, 'timeoutSeconds: Invalid value: 0: the timeout value must be between 1 and 30 seconds'],
    [{ timeoutSeconds: 31 }, 'timeoutSeconds: Invalid value: 31: the timeout value must be between 1 and 30 seconds'],
    [
      { objectSelector: { matchExpressions: [{ key: 'a', operator: 'Is' }] } },
      'objectSelector.matchExpressions[0].operator: Invalid value: "Is": not a valid selector operator',
    ],
    [{ matchConditions: [{ name: 'a', expression: ' ' }] }, 'matchConditions[0].expression: Required value'],
    [{ matchConditions: [1, 2].map(() => ({ name: 'a', expression: 'true' })) }, 'matchConditions[1].name: Duplicate value: "a"'],
    [
      { matchConditions: Array.from({ length: 65 }, (_, i) => ({ name: `c${i}`, expression: 'true' })) },
      'matchConditions: Too many: 65: must have at most 64 items',
    ],
  ])('is refused with %j', (more, want) => {
    expect(faultsOf(more)).toEqual([want])
  })

  it('is told of in order: name, rules, policies, effects, time, selectors, invocation, client, conditions, versions', () => {
    const broken = {
      name: 'x',
      rules: [{}],
      failurePolicy: 'x',
      matchPolicy: 'x',
      sideEffects: 'x',
      timeoutSeconds: 99,
      namespaceSelector: { matchLabels: { '-': '' } },
      reinvocationPolicy: 'x',
      clientConfig: {},
      matchConditions: [{}],
      admissionReviewVersions: [],
    }
    const fields = inOrder(created(sent('MutatingWebhookConfiguration', broken)).errors).map((text) => text.split(': ')[0]!.slice(12))
    expect(fields).toEqual([
      'name',
      ...['operations', 'apiGroups', 'apiVersions', 'resources'].map((name) => `rules[0].${name}`),
      'failurePolicy',
      'matchPolicy',
      'sideEffects',
      'timeoutSeconds',
      'namespaceSelector.matchLabels',
      'reinvocationPolicy',
      'clientConfig',
      'matchConditions[0].expression',
      'matchConditions[0].name',
      'admissionReviewVersions',
    ])
  })
})

const rule = (more: Loose = {}): Loose => ({
  operations: ['CREATE'],
  apiGroups: [''],
  apiVersions: ['v1'],
  resources: ['pods'],
  ...more,
})

describe('a rule of a webhook', () => {
  it.each<[more: Loose, want: string[]]>([
    [{ operations: ['*', 'CREATE'] }, [`operations: Invalid value: ["*","CREATE"]: if '*' is present, must not specify other operations`]],
    [{ operations: ['GET'] }, ['operations[0]: Unsupported value: "GET": supported values: "*", "CONNECT", "CREATE", "DELETE", "UPDATE"']],
    [{ apiGroups: ['a', '*'] }, [`apiGroups: Invalid value: ["a","*"]: if '*' is present, must not specify other API groups`]],
    [
      { apiVersions: ['*', ''] },
      [`apiVersions: Invalid value: ["*",""]: if '*' is present, must not specify other API versions`, 'apiVersions[1]: Required value'],
    ],
    [{ resources: [''] }, ['resources[0]: Required value']],
    [
      { resources: ['*', 'pods'] },
      [`resources: Invalid value: ["*","pods"]: if '*' is present, must not specify other resources without subresources`],
    ],
    [{ resources: ['pods', '*'] }, []],
    [{ resources: ['*', 'pods/status'] }, []],
    [
      { resources: ['pods/*', 'pods/status'] },
      [`resources[1]: Invalid value: "pods/status": if 'pods/*' is present, must not specify pods/status`],
    ],
    [
      { resources: ['*/status', 'pods/status'] },
      [`resources[1]: Invalid value: "pods/status": if '*/status' is present, must not specify pods/status`],
    ],
    [{ resources: ['pods', '*/*'] }, [`resources: Invalid value: ["pods","*/*"]: if '*/*' is present, must not specify other resources`]],
    [
      { resources: ['*/*', 'pods/*'] },
      [
        `resources[1]: Invalid value: "pods/*": if '*/*' is present, must not specify pods/*`,
        `resources: Invalid value: ["*/*","pods/*"]: if '*/*' is present, must not specify other resources`,
      ],
    ],
    [{ scope: 'x' }, ['scope: Unsupported value: "x": supported values: "*", "Cluster", "Namespaced"']],
  ])('is one with %j', (more, want) => {
    expect(faultsOf({ rules: [rule(more)] })).toEqual(want.map((text) => `rules[0].${text}`))
  })
})

describe('the client of a webhook', () => {
  const FORM = '; desired format: https://host[/path]'
  it.each<[url: string, want: string[]]>([
    ['', [`"": 'https' is the only allowed URL scheme${FORM}`, `"": host must be specified${FORM}`]],
    ['http://example.com', [`"http": 'https' is the only allowed URL scheme${FORM}`]],
    ['https:///webhook', [`"": host must be specified${FORM}`]],
    ['https://user@example.com', ['"user": user information is not permitted in the URL']],
    ['https://example.com#bookmark', ['"bookmark": fragments are not permitted in the URL']],
    ['https://example.com?arg=1', ['"arg=1": query parameters are not permitted in the URL']],
  ])('is not at %j', (url, want) => {
    expect(faultsOf({ clientConfig: { url } })).toEqual(want.map((text) => `clientConfig.url: Invalid value: ${text}`))
  })

  it.each<[more: Loose, want: string[]]>([
    [
      { name: '', namespace: '' },
      ['name: Required value: service name is required', 'namespace: Required value: service namespace is required'],
    ],
    [{ port: 0 }, ['port: Invalid value: 0: port is not valid: must be between 1 and 65535, inclusive']],
    [{ port: 65536 }, ['port: Invalid value: 65536: port is not valid: must be between 1 and 65535, inclusive']],
    [{ path: '/' }, []],
    [{ path: '/foo/' }, []],
    [{ path: '//' }, ['path: Invalid value: "//": segment[0] may not be empty']],
    [{ path: 'foo/' }, [`path: Invalid value: "foo/": must start with a '/'`]],
    [{ path: '/foo//bar/' }, ['path: Invalid value: "/foo//bar/": segment[1] may not be empty']],
    [{ path: '/apis/foo.bar/v1alpha1/--bad' }, [`path: Invalid value: "/apis/foo.bar/v1alpha1/--bad": segment[3]: ${SUBDOMAIN}`]],
  ])('is not the Service %j', (more, want) => {
    const clientConfig = { service: { name: 's', namespace: 'n', ...more } }
    expect(faultsOf({ clientConfig })).toEqual(want.map((text) => `clientConfig.service.${text}`))
  })

  it('is a URL or a Service', () => {
    const text = 'clientConfig: Required value: exactly one of url or service is required'
    expect(faultsOf({ clientConfig: {} })).toEqual([text])
    expect(faultsOf({ clientConfig: { url: 'https://example.com', service: { name: 's', namespace: 'n' } } })).toEqual([text])
  })
})

it('a configuration may have no webhooks, and is judged like a new one when it is updated', () => {
  const { object, errors } = created(sent('ValidatingWebhookConfiguration'))
  expect(errors).toEqual([])
  expect(updated(object, (o) => (o.webhooks = [webhook({ name: 'x' })])).errors).toEqual([
    'webhooks[0].name: Invalid value: "x": should be a domain with at least three segments separated by dots',
  ])
})
