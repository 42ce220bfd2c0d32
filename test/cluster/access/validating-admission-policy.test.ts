/** Policies whose expressions refuse or warn, as the API server's "Validating Admission Policy" describes them. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { admissionPlugins } from '../../../src-main/cluster/access/admission/plugins.js'
import { StatusError, type Status } from '../../../src-main/cluster/api/errors.js'
import type { KubeObject } from '../../../src-main/cluster/api/object.js'
import { things, version } from '../api/crd/definition.js'
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

  it('must be of a kind that there is, else the policy refuses whatever it is about, with or without parameters', async () => {
    const paramKind = { apiVersion: 'example.com/v1', kind: 'Panda' }
    await bound({ ...spec, paramKind })
    expect(denied(await post('a'))).toBe(
      "ValidatingAdmissionPolicy 'p' denied request: failed to configure policy: failed to find resource referenced by paramKind: 'example.com/v1, Kind=Panda'",
    )
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

describe('a policy about one version of a resource', () => {
  const SCALER = '/namespaces/default/horizontalpodautoscalers'
  const about = (apiVersions: string[], expression: string, rest: object = {}): Promise<void> => {
    const rules = [{ apiGroups: ['autoscaling'], apiVersions, operations: ['CREATE'], resources: ['horizontalpodautoscalers'] }]
    return bound({ matchConstraints: { resourceRules: rules, ...rest }, validations: [{ expression }] })
  }
  const written = async (version: 'v1' | 'v2', name: string): Promise<number> => {
    const scaleTargetRef = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'd' }
    const spec = { scaleTargetRef, maxReplicas: 3, ...(version === 'v1' ? { targetCPUUtilizationPercentage: 70 } : {}) }
    const body = { apiVersion: `autoscaling/${version}`, kind: 'HorizontalPodAutoscaler', metadata: { name }, spec }
    return (await f.send('POST', `/apis/autoscaling/${version}${SCALER}`, { body })).code
  }
  const answers = async (): Promise<number[]> => [await written('v1', 'a'), await written('v2', 'b')]

  it('sees what is written in another as that version has it', async () => {
    const asOne = "object.apiVersion == 'autoscaling/v1' && request.kind.version == 'v1' && request.resource.version == 'v1'"
    await about(['v1'], `${asOne} && object.spec.targetCPUUtilizationPercentage >= 70 && request.requestKind.version == 'v1'`)
    expect(await answers()).toEqual([201, 422])
  })

  it('sees it as it was written when it is about that version, too', async () => {
    const itself = 'request.kind == request.requestKind && request.resource == request.requestResource'
    await about(['v1', 'v2'], `${itself} && has(object.spec.targetCPUUtilizationPercentage) == (request.kind.version == 'v1')`)
    expect(await answers()).toEqual([201, 201])
  })

  it('is not asked of another when it is to be exact, nor of what is excluded in any version', async () => {
    await about(['v1'], 'false', { matchPolicy: 'Exact' })
    expect(await answers()).toEqual([422, 201])
    await f.send('DELETE', `${GROUP}/validatingadmissionpolicies/p`)
    await f.send('DELETE', `${GROUP}/validatingadmissionpolicybindings/b`)
    const excludeResourceRules = [rule(['horizontalpodautoscalers'], { apiVersions: ['v2'] })]
    await about(['v1'], 'false', { excludeResourceRules })
    expect(await written('v1', 'c')).toBe(201)
  })

  it('sees custom resources in its version, whichever is stored', async () => {
    const definition = things([version('v1', {}), version('v2', {}, { storage: false })])
    await made('/apis/apiextensions.k8s.io/v1/customresourcedefinitions', definition)
    while ((await f.send('GET', '/apis/example.com/v2')).code !== 200) await new Promise((resolve) => setImmediate(resolve))
    const rules = [rule(['things'], { apiVersions: ['v2'] })]
    const expression = "[object, oldObject].all(o, o == null || o.apiVersion == 'example.com/v2') && request.requestKind.version == 'v2'"
    await bound({ matchConstraints: { resourceRules: rules }, validations: [{ expression }] })
    const sent = async (method: string, of: string, path = ''): Promise<number> => {
      const body = { apiVersion: `example.com/${of}`, kind: 'Thing', metadata: { name: 'x' } }
      return (await f.send(method, `/apis/example.com/${of}/namespaces/default/things${path}`, method === 'POST' ? { body } : {})).code
    }
    const sequence = [
      await sent('POST', 'v1'),
      await sent('POST', 'v2'),
      await sent('DELETE', 'v1', '/x'),
      await sent('DELETE', 'v2', '/x'),
    ]
    expect(sequence).toEqual([422, 201, 422, 200])
  })

  it('knows events of both groups as the same', async () => {
    const rules = [rule(['events'], { apiGroups: ['events.k8s.io'] })]
    const expression = "object.regarding.name == 'r' && request.requestKind.group == ''"
    await bound({ matchConstraints: { resourceRules: rules }, validations: [{ expression }] })
    const event = { apiVersion: 'v1', kind: 'Event', metadata: { name: 'e' }, involvedObject: { name: 'r', namespace: 'default' } }
    expect((await f.send('POST', '/api/v1/namespaces/default/events', { body: event })).code).toBe(201)
  })
})

it.each([
  ['pods/binding', 'v1', 'Binding', 'pods/x/binding', { target: { name: 'n' } }],
  ['pods/eviction', 'policy/v1', 'Eviction', 'pods/x/eviction', {}],
  ['serviceaccounts/token', 'authentication.k8s.io/v1', 'TokenRequest', 'serviceaccounts/x/token', { spec: {} }],
])('what is sent to %s is of its own kind', async (resource, apiVersion, kind, path, fields) => {
  await bound({ validations: [{ expression: 'false', messageExpression: 'request.kind.kind + object.kind' }] }, {}, [resource])
  const spec = { serviceAccountName: 'x', containers: [{ name: 'c', image: 'nginx' }] }
  await f.send('POST', '/api/v1/namespaces/default/serviceaccounts', { body: { metadata: { name: 'x' } } })
  await f.send('POST', '/api/v1/namespaces/default/pods', { body: { metadata: { name: 'x' }, spec } })
  const answer = await f.send('POST', `/api/v1/namespaces/default/${path}`, {
    body: { apiVersion, kind, metadata: { name: 'x' }, ...fields },
  })
  expect(denied(answer)).toContain(kind + kind)
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

it('parameters that are not there have no fields, and can be asked for that', async () => {
  const paramKind = { apiVersion: 'v1', kind: 'ConfigMap' }
  await bound({ paramKind, validations: [{ expression: 'object.metadata.name.startsWith(params.metadata.name)' }] })
  expect(denied(await post('a'))).toBe(
    `${WHO} denied request: expression 'object.metadata.name.startsWith(params.metadata.name)' resulted in error: no such key: metadata`,
  )
  const headers = { 'content-type': 'application/merge-patch+json' }
  const guarded = "has(params.metadata) && params['metadata'].name == 'x' || object.metadata.name == 'a'"
  const body = { spec: { validations: [{ expression: guarded }] } }
  expect((await f.send('PATCH', `${GROUP}/validatingadmissionpolicies/p`, { body, headers })).code).toBe(200)
  expect(denied(await post('b'))).toBe(`${WHO} denied request: failed expression: ${guarded}`)
  expect((await post('a')).code).toBe(201)
})

it('an annotation for the audit that has no value refuses, whatever the binding does, unless faults are ignored', async () => {
  const auditAnnotations = [
    { key: 'name', valueExpression: "'object name: ' + object.metadata.name" },
    { key: 'none', valueExpression: 'null' },
    { key: 'data', valueExpression: ' string(object.data.x) ' },
  ]
  await bound({ auditAnnotations }, { validationActions: ['Warn'] })
  const refused = await post('a')
  expect([refused.code, denied(refused), refused.headers['warning']]).toEqual([
    422,
    `${WHO} denied request: expression 'string(object.data.x)' resulted in error: no such key: data`,
    undefined,
  ])
  expect((await post('a', { x: 'y' })).code).toBe(201)
  const headers = { 'content-type': 'application/merge-patch+json' }
  await f.send('PATCH', `${GROUP}/validatingadmissionpolicies/p`, { body: { spec: { failurePolicy: 'Ignore' } }, headers })
  expect((await post('b')).code).toBe(201)
})

describe('a policy that asks the authorizer', () => {
  const RBAC = '/apis/rbac.authorization.k8s.io/v1'
  /** Lets an account of the namespace `default` do all with what is named. */
  async function allow(account: string, apiGroups: string[], resources: string[], more: object = {}): Promise<void> {
    const metadata = { name: `all-${resources.join('-').replace('/', '-')}` }
    const rules = [
      { verbs: ['*'], apiGroups, resources, ...more },
      { verbs: ['get'], nonResourceURLs: ['/metrics'] },
    ]
    await made(`${RBAC}/clusterroles`, { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', metadata, rules })
    await made(`${RBAC}/clusterrolebindings`, {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRoleBinding',
      metadata,
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: metadata.name },
      subjects: [{ kind: 'ServiceAccount', namespace: 'default', name: account }],
    })
  }
  const AS = { 'impersonate-user': 'system:serviceaccount:default:writer' }
  const write = (name: string): Promise<Answer> => f.send('POST', MAPS, { body: configMap(name), headers: AS })

  it('goes by what the one who writes may do, also where a variable asks', async () => {
    await allow('writer', [''], ['configmaps'])
    await bound({
      variables: [{ name: 'may', expression: "authorizer.group('').resource('pods').namespace('default').check('create').allowed()" }],
      validations: [{ expression: 'variables.may', message: 'who may not make pods makes no maps' }],
    })
    expect(denied(await write('a'))).toBe(`${WHO} denied request: who may not make pods makes no maps`)
    await allow('writer', [''], ['pods'])
    expect((await write('a')).code).toBe(201)
  })

  it('asks for the very resource of the request, for a part of it, for a path, and for another account', async () => {
    await allow('writer', [''], ['configmaps'])
    await allow('other', ['apps'], ['deployments/scale'], { resourceNames: ['web'] })
    await bound({
      validations: [
        { expression: "authorizer.requestResource.check('create').allowed()" },
        { expression: "!authorizer.requestResource.subresource('x').check('create').allowed()" },
        { expression: "authorizer.path('/metrics').check('get').allowed() && !authorizer.path('/metrics').check('put').allowed()" },
        {
          expression:
            "authorizer.serviceAccount('default', 'other').group('apps').resource('deployments').subresource('scale').namespace('default').name('web').check('patch').allowed()",
        },
        {
          expression:
            "!authorizer.serviceAccount('default', 'other').group('apps').resource('deployments').name('web').check('patch').allowed()",
        },
        {
          expression:
            'authorizer.requestResource.check(\'create\').reason() == \'RBAC: allowed by ClusterRoleBinding "all-configmaps" of ClusterRole "all-configmaps" to ServiceAccount "writer/default"\'',
        },
        { expression: "!authorizer.requestResource.check('create').errored() && authorizer.requestResource.check('x').error() == ''" },
      ],
    })
    expect((await write('a')).json).toMatchObject({ kind: 'ConfigMap', metadata: { name: 'a' } })
  })

  it('asks for a kubelet by the selector that it has', async () => {
    const asked = (selector: string): string =>
      `authorizer.group('').resource('pods').fieldSelector('${selector}').labelSelector('a=b').check('list').allowed()`
    await bound({ validations: [{ expression: asked('spec.nodeName=n') }, { expression: `!${asked('spec.nodeName=m')}` }] }, {}, ['nodes'])
    const headers = { 'impersonate-user': 'system:node:n', 'impersonate-group': 'system:nodes' }
    const node = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n' } }
    expect((await f.send('POST', '/api/v1/nodes', { body: node, headers })).code).toBe(201)
  })

  it('is told what it may not ask, and makes two checks in one expression at most', async () => {
    const check = "authorizer.requestResource.check('create').allowed()"
    const rules = {
      "authorizer.path(' ').check('get').allowed()": 'path must not be empty',
      "authorizer.group('').resource('').check('get').allowed()": 'resource must not be empty',
      "authorizer.serviceAccount('default', 'A').path('/').check('get').allowed()": 'Invalid service account name',
      "authorizer.serviceAccount('a.b', 'a').path('/').check('get').allowed()": 'Invalid service account namespace',
      [`${check} && ${check} && ${check}`]: 'operation cancelled: actual cost limit exceeded',
    }
    await bound({ validations: Object.keys(rules).map((expression) => ({ expression })) })
    const [first] = Object.entries(rules)
    expect(denied(await post('a'))).toBe(`${WHO} denied request: expression '${first![0]}' resulted in error: ${first![1]}`)
    for (const [expression, why] of Object.entries(rules)) {
      const policy = `${GROUP}/validatingadmissionpolicies/p`
      const patch = { spec: { validations: [{ expression }] } }
      const type = 'application/merge-patch+json'
      expect((await f.send('PATCH', policy, { body: patch, headers: { 'content-type': type } })).code).toBe(200)
      expect(denied(await post('a'))).toBe(`${WHO} denied request: expression '${expression}' resulted in error: ${why}`)
    }
  })
})

it('connections are judged as CONNECT: the command of an exec, the ports of a port-forward, the path of a proxy', async () => {
  const connect = { operations: ['CONNECT'], resources: ['pods/exec', 'pods/portforward', 'pods/proxy'] }
  await bound({
    matchConstraints: { resourceRules: [rule([], connect)] },
    validations: [
      {
        expression: "request.subResource != 'exec' || (object.kind == 'PodExecOptions' && object.command == ['date'] && !has(object.tty))",
      },
      { expression: "request.subResource != 'portforward' || object.ports == [8080]", message: 'only 8080' },
      { expression: "request.subResource != 'proxy' || object.path == '/healthz'", message: 'only /healthz' },
    ],
  })
  await made('/api/v1/namespaces/default/serviceaccounts', { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default' } })
  await made('/api/v1/namespaces/default/pods', {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'web' },
    spec: { containers: [{ name: 'c', image: 'nginx' }] },
  })
  f.server.registerConnect(
    'pods',
    'proxy',
    async ({ path }) => ({ apiVersion: 'v1', kind: 'Status', metadata: {}, message: path }) as never,
  )
  const upgrade = { connection: 'Upgrade', upgrade: 'SPDY/3.1' }
  const connected = async (rest: string, headers: Record<string, string> = upgrade): Promise<string> => {
    const { code, json } = await f.send('GET', `/api/v1/namespaces/default/pods/web/${rest}`, { headers })
    return `${code} ${(json as Status).message}`
  }
  expect(await connected('exec?command=sh&stdout=1')).toMatch(/^422 pods "web" is forbidden: .* denied request: failed expression:/)
  expect(await connected('exec?command=date&stdout=1&tty=true')).toMatch(/^422 /)
  expect(await connected('exec?command=date&stdout=1&tty=0')).toBe(
    '400 exec, attach and port-forward are not available: there is no kubelet',
  )
  expect(await connected('portforward?ports=80')).toBe(`422 pods "web" is forbidden: ${WHO} denied request: only 8080`)
  expect(await connected('proxy/admin', {})).toBe(`422 pods "web" is forbidden: ${WHO} denied request: only /healthz`)
  expect(await connected('proxy/healthz', {})).toBe('200 /healthz')
  expect(await connected('attach?stdout=1')).toBe('400 exec, attach and port-forward are not available: there is no kubelet')
})
