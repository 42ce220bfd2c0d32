/** Policies whose expressions refuse or warn, as the API server's "Validating Admission Policy" describes them. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { admissionPlugins } from '../../../src-main/cluster/access/admission/plugins.js'
import { StatusError, type Status } from '../../../src-main/cluster/api/errors.js'
import type { KubeObject } from '../../../src-main/cluster/api/object.js'
import { configMap } from '../api/fixture.js'
import { startHttps, type Answer, type HttpsFixture } from '../api/https.js'

const GROUP = '/apis/admissionregistration.k8s.io/v1'
const MAPS = '/api/v1/namespaces/default/configmaps'
const DEPLOYMENTS = '/apis/apps/v1/namespaces/default/deployments'
const rule = (resources: string[], rest: object = {}): object => ({
  apiGroups: ['*'],
  apiVersions: ['*'],
  operations: ['CREATE', 'UPDATE', 'DELETE'],
  resources,
  ...rest,
})
const WHO = "ValidatingAdmissionPolicy 'p' with binding 'b'"

let f: HttpsFixture
beforeEach(async () => {
  f = await startHttps({ admission: admissionPlugins })
})
afterEach(() => f.server.close())

async function made(path: string, body: object): Promise<void> {
  const answer = await f.send('POST', path, { body })
  if (answer.code !== 201) throw new StatusError(answer.code, 'Refused', answer.text)
}

/** A policy of these fields and a binding that denies by it, or is as told. */
async function bound(spec: object, binding: object = {}, resources = ['configmaps']): Promise<void> {
  const matchConstraints = { resourceRules: [rule(resources)] }
  const of = (kind: string, name: string, its: object): object => ({
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind,
    metadata: { name },
    spec: its,
  })
  await made(`${GROUP}/validatingadmissionpolicies`, of('ValidatingAdmissionPolicy', 'p', { matchConstraints, ...spec }))
  const bindingSpec = { policyName: 'p', validationActions: ['Deny'], ...binding }
  await made(`${GROUP}/validatingadmissionpolicybindings`, of('ValidatingAdmissionPolicyBinding', 'b', bindingSpec))
}

const post = (name: string, data: Record<string, string> = {}, metadata: object = {}): Promise<Answer> =>
  f.send('POST', MAPS, { body: configMap(name, data, metadata) })
const denied = ({ json }: Answer): string | undefined => (json as Status).details?.causes?.[0]?.message

const deployment = (name: string, replicas: number): KubeObject =>
  ({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name },
    spec: {
      replicas,
      selector: { matchLabels: { a: 'b' } },
      template: { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'nginx' }] } },
    },
  }) as unknown as KubeObject

it('a request that a rule does not hold for is refused as invalid, in the name of the policy and its binding', async () => {
  await bound({ validations: [{ expression: "object.metadata.name != 'bad'" }] })
  const message = `${WHO} denied request: failed expression: object.metadata.name != 'bad'`
  const answer = await post('bad')
  expect(answer.code).toBe(422)
  expect(answer.json).toEqual({
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: `configmaps "bad" is forbidden: ${message}`,
    reason: 'Invalid',
    details: { name: 'bad', kind: 'configmaps', causes: [{ message }] },
    code: 422,
  })
  expect((await post('good')).code).toBe(201)
})

it.each([
  [{ message: ' not this ' }, 'not this'],
  [{ message: 'not this', messageExpression: "'not ' + object.metadata.name" }, 'not a'],
  [{ message: 'not this', messageExpression: "' '" }, 'not this'],
  [{ message: 'not this', messageExpression: "object.missing + ''" }, 'not this'],
  [{ messageExpression: "'one\\ntwo'" }, 'failed expression: false'],
])('of %o the message is %s', async (texts, message) => {
  await bound({ validations: [{ expression: ' false ', ...texts }] })
  expect(denied(await post('a'))).toBe(`${WHO} denied request: ${message}`)
})

it.each([
  ['Forbidden', 403],
  ['RequestEntityTooLarge', 413],
])('a rule of reason %s is answered with %i', async (reason, code) => {
  await bound({ validations: [{ expression: 'false', reason }] })
  const answer = await post('a')
  expect([answer.code, (answer.json as Status).reason]).toEqual([code, reason])
})

it.each([
  ["request.operation == 'CREATE' && oldObject == null && request.resource.resource == 'configmaps'", true],
  ["request.userInfo.username == 'kubernetes-admin' && 'system:authenticated' in request.userInfo.groups", true],
  ["request.name == 'a' && request.namespace == 'default' && !request.dryRun && request.kind.kind == 'ConfigMap'", true],
  ["namespaceObject.metadata.labels['kubernetes.io/metadata.name'] == 'default'", true],
  ["has(object.data.x) && object.data.x == '1' && size(object.data) == 1", true],
  ["has(object.metadata.labels) && 'team' in object.metadata.labels", false],
])('%s of a new object is %s', async (expression, holds) => {
  await bound({ validations: [{ expression }] })
  expect((await post('a', { x: '1' })).code).toBe(holds ? 201 : 422)
})

it('variables are evaluated when they are asked for, and may build on each other', async () => {
  await bound({
    variables: [
      { name: 'keys', expression: 'object.data.map(k, k)' },
      { name: 'few', expression: 'size(variables.keys) < 2' },
      { name: 'never', expression: 'object.spec.missing' },
    ],
    validations: [{ expression: 'variables.few' }],
  })
  expect((await post('a', { x: '1' })).code).toBe(201)
  expect((await post('b', { x: '1', y: '2' })).code).toBe(422)
})

it('an expression that gives no value refuses, unless the policy lets failures pass', async () => {
  await bound({ validations: [{ expression: 'object.data.x == "1"' }] })
  expect(denied(await post('a', { y: '' }))).toBe(
    `${WHO} denied request: expression 'object.data.x == "1"' resulted in error: no such key: x`,
  )
  const path = `${GROUP}/validatingadmissionpolicies/p`
  const headers = { 'content-type': 'application/merge-patch+json' }
  expect((await f.send('PATCH', path, { body: { spec: { failurePolicy: 'Ignore' } }, headers })).code).toBe(200)
  expect((await post('a', { y: '' })).code).toBe(201)
})

it('a policy is not asked when one of its conditions does not hold', async () => {
  await bound({
    matchConditions: [{ name: 'not-mine', expression: "!object.metadata.name.startsWith('my-')" }],
    validations: [{ expression: 'false' }],
  })
  expect([(await post('my-map')).code, (await post('other')).code]).toEqual([201, 422])
})

it('a binding that warns lets the request pass and says why', async () => {
  await bound({ validations: [{ expression: 'false', message: 'no' }] }, { validationActions: ['Warn', 'Audit'] })
  const answer = await post('a')
  expect([answer.code, answer.headers['warning']]).toEqual([201, `299 - "Validation failed for ${WHO}: no"`])
})

it('a deletion is judged by what goes', async () => {
  await bound({ validations: [{ expression: "request.operation != 'DELETE' || object == null && oldObject.data.keep != 'yes'" }] })
  await post('a', { keep: 'yes' })
  await post('b', { keep: 'no' })
  expect([(await f.send('DELETE', `${MAPS}/a`)).code, (await f.send('DELETE', `${MAPS}/b`)).code]).toEqual([422, 200])
})

describe('what a binding is about', () => {
  it.each([
    ['the namespace', { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'other' } } }, 201],
    ['labels of the object', { objectSelector: { matchLabels: { team: 'a' } } }, 422],
    ['other labels', { objectSelector: { matchLabels: { team: 'b' } } }, 201],
    ['a name', { resourceRules: [rule(['configmaps'], { resourceNames: ['a'] })] }, 422],
    ['what is left out', { excludeResourceRules: [rule(['*'])] }, 201],
    ['subresources', { resourceRules: [rule(['configmaps/*'])] }, 422],
    ['another subresource', { resourceRules: [rule(['configmaps/status'])] }, 201],
    ['the scope', { resourceRules: [rule(['*'], { scope: 'Cluster' })] }, 201],
    ['the operation', { resourceRules: [rule(['*'], { operations: ['UPDATE'] })] }, 201],
  ])('can be told by %s', async (_by, matchResources, code) => {
    await bound({ validations: [{ expression: 'false' }] }, { matchResources })
    expect((await post('a', {}, { labels: { team: 'a' } })).code).toBe(code)
  })
})

describe('parameters', () => {
  const spec = {
    paramKind: { apiVersion: 'v1', kind: 'Secret' },
    validations: [{ expression: 'params == null || size(object.data) <= int(params.metadata.annotations.max)' }],
  }
  const secret = (name: string, max: string): object => ({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name, labels: { limit: 'yes' }, annotations: { max } },
  })
  const SECRETS = '/api/v1/namespaces/default/secrets'

  it('are those of a name; a binding says whether there must be some', async () => {
    await bound(spec, { paramRef: { name: 'l', namespace: 'default', parameterNotFoundAction: 'Deny' } })
    const none = 'failed to configure binding: no params found for policy binding with `Deny` parameterNotFoundAction'
    expect(denied(await post('a'))).toBe(`${WHO} denied request: ${none}`)
    await made(SECRETS, secret('l', '1'))
    expect([(await post('a', { x: '' })).code, (await post('b', { x: '', y: '' })).code]).toEqual([201, 422])
  })

  it('may be several, all of which must agree', async () => {
    await bound(spec, { paramRef: { selector: { matchLabels: { limit: 'yes' } }, parameterNotFoundAction: 'Allow' } })
    expect((await post('a', { x: '', y: '' })).code).toBe(201)
    await made(SECRETS, secret('l', '5'))
    await made(SECRETS, secret('m', '1'))
    expect((await post('b', { x: '', y: '' })).code).toBe(422)
  })

  it('are null where the binding names none', async () => {
    await bound(spec)
    expect((await post('a', { x: '', y: '' })).code).toBe(201)
  })
})

it('a Scale is judged by rules for scales only, and as a Scale', async () => {
  await bound({ validations: [{ expression: "request.kind.kind == 'Scale' && object.spec.replicas < 5" }] }, {}, ['deployments/scale'])
  await made(DEPLOYMENTS, deployment('d', 9))
  const scaled = async (replicas: number): Promise<number> => {
    const headers = { 'content-type': 'application/merge-patch+json' }
    return (await f.send('PATCH', `${DEPLOYMENTS}/d/scale`, { body: { spec: { replicas } }, headers })).code
  }
  expect([await scaled(4), await scaled(6)]).toEqual([200, 422])
})

it('policies judge definitions of resources, but never policies', async () => {
  await bound({ validations: [{ expression: 'false' }] }, {}, ['*'])
  const definition = {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'ws.example.com' },
    spec: {
      group: 'example.com',
      scope: 'Cluster',
      names: { plural: 'ws', kind: 'W' },
      versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } }],
    },
  }
  expect((await f.send('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', { body: definition })).code).toBe(422)
  expect((await f.send('DELETE', `${GROUP}/validatingadmissionpolicies/p`)).code).toBe(200)
  expect((await post('a')).code).toBe(201)
})

it('a policy that asks the authorizer is stored, and not evaluated', async () => {
  await bound({
    variables: [{ name: 'may', expression: "authorizer.group('').resource('pods').check('create').allowed()" }],
    validations: [{ expression: 'variables.may' }],
  })
  expect((await post('a')).code).toBe(201)
})
