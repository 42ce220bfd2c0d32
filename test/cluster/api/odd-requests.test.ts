import https from 'node:https'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { configMap } from './fixture.js'
import { startHttps, type Answer, type HttpsFixture } from './https.js'

/** Requests that the fuzz found to be done by halves, to hang, or to be answered as the server's own fault. */

let f: HttpsFixture
beforeAll(async () => {
  f = await startHttps()
})
afterAll(() => f.server.close())

const MAPS = '/api/v1/namespaces/default/configmaps'
const podOn = (nodeName: string): object => ({
  apiVersion: 'v1',
  kind: 'Pod',
  spec: { nodeName, containers: [{ name: 'c', image: 'i' }] },
})
const said = (a: Answer): string => `${a.code} ${a.json?.reason ?? ''}: ${a.json?.message ?? a.text}`

it('HEAD is no method of a resource, and its connection can be used again', async () => {
  const { cert, key } = f.certificates.admin
  const agent = new https.Agent({ keepAlive: true, maxSockets: 1, ca: f.certificates.ca.cert, cert, key })
  const once = (method: string, path: string): Promise<number | undefined> =>
    new Promise((resolve, reject) => {
      const request = https.request({ host: '127.0.0.1', port: f.port, path, method, agent }, (response) => {
        response.resume()
        response.on('end', () => resolve(response.statusCode))
      })
      request.on('error', reject).end()
    })
  for (const path of [`${MAPS}?watch=1`, MAPS, '/api/v1', '/apis', '/version'])
    expect([path, await once('HEAD', path)]).toEqual([path, 405])
  expect(await once('HEAD', '/healthz')).toBe(200)
  expect(await once('GET', MAPS)).toBe(200)
  agent.destroy()
})

it('a delete whose answer nobody could read deletes nothing', async () => {
  await f.send('POST', MAPS, { body: configMap('stays') })
  const headers = { accept: 'text/html' }
  expect((await f.send('DELETE', `${MAPS}/stays`, { headers })).code).toBe(406)
  expect((await f.send('DELETE', MAPS, { headers })).code).toBe(406)
  expect((await f.send('GET', `${MAPS}/stays`)).code).toBe(200)
})

it('an apply of what is no object, or has odd metadata, is refused as the configuration that it is not', async () => {
  const apply = (body: string): Promise<Answer> =>
    f.send('PATCH', `${MAPS}/odd?fieldManager=me`, { body, headers: { 'content-type': 'application/apply-patch+yaml' } })
  expect(said(await apply('[]'))).toBe(
    '400 BadRequest: error decoding YAML: json: cannot unmarshal array into Go value of type map[string]interface {}',
  )
  expect(said(await apply('{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":{"a":1}}}'))).toBe(
    '500 : failed to create typed patch object (/; /v1, Kind=ConfigMap): .metadata.name: expected string, got map',
  )
})

it('the log of a pod whose node is gone is not found, and of one that does not run here cannot be reached', async () => {
  const pods = '/api/v1/namespaces/default/pods'
  await f.send('POST', pods, { body: { ...podOn('far'), metadata: { name: 'lost' } } })
  expect(said(await f.send('GET', `${pods}/lost/exec`))).toBe('404 NotFound: nodes "far" not found')
  await f.send('POST', '/api/v1/nodes', { body: { apiVersion: 'v1', kind: 'Node', metadata: { name: 'far' } } })
  expect(said(await f.send('GET', `${pods}/lost/exec`))).toBe(
    '500 InternalError: Internal error occurred: dial tcp far:10250: connect: no route to host',
  )
})

it('a schema within the schema of a definition is decoded like any other', async () => {
  const definition = (parts: object): object => ({
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'things.example.com' },
    spec: {
      group: 'example.com',
      scope: 'Namespaced',
      names: { plural: 'things', kind: 'Thing' },
      versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object', properties: { a: parts } } } }],
    },
  })
  const post = (parts: object): Promise<Answer> =>
    f.send('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', { body: definition(parts) })
  expect(said(await post({ type: 'array', items: { type: 'object', required: 'name' } }))).toBe(
    '400 BadRequest: CustomResourceDefinition in version "v1" cannot be handled as a CustomResourceDefinition: json: cannot unmarshal string into Go struct field JSONSchemaProps.required of type []string',
  )
  expect(said(await post({ type: 'object', additionalProperties: 'yes' }))).toBe(
    '400 BadRequest: CustomResourceDefinition in version "v1" cannot be handled as a CustomResourceDefinition: boolean or JSON schema expected',
  )
})

it('a JSON patch moves nothing into itself and copies no more than a request may hold', async () => {
  await f.send('POST', MAPS, { body: configMap('grows', { a: 'x' }) })
  const patch = (body: object[]): Promise<Answer> =>
    f.send('PATCH', `${MAPS}/grows`, { body, headers: { 'content-type': 'application/json-patch+json' } })
  const refused = '422 Invalid: the server rejected our request due to an error in our request'
  expect(said(await patch([{ op: 'move', from: '/data', path: '/data/b' }]))).toBe(refused)
  const doubling = Array.from({ length: 40 }, (_, i) => ({ op: 'copy', from: '', path: `/x${i}` }))
  expect(said(await patch(doubling))).toBe(refused)
})

it('a custom resource whose list is no list is refused by its schema', async () => {
  const versions = [
    {
      name: 'v1',
      served: true,
      storage: true,
      schema: {
        openAPIV3Schema: {
          type: 'object',
          properties: { tags: { type: 'array', items: { type: 'string' }, 'x-kubernetes-list-type': 'set' } },
        },
      },
    },
  ]
  await f.send('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', {
    body: {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: 'boxes.example.com' },
      spec: { group: 'example.com', scope: 'Namespaced', names: { plural: 'boxes', kind: 'Box' }, versions },
    },
  })
  const body = { apiVersion: 'example.com/v1', kind: 'Box', metadata: { name: 'b' }, tags: { a: 1 } }
  expect(said(await f.send('POST', '/apis/example.com/v1/namespaces/default/boxes', { body }))).toBe(
    '422 Invalid: Box.example.com "b" is invalid: tags: Invalid value: "object": tags in body must be of type array: "object"',
  )
})

it('a name that is one segment of a path may hold a NUL, and is found by it', async () => {
  const bindings = '/apis/rbac.authorization.k8s.io/v1/namespaces/default/rolebindings'
  const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'r' }
  const body = { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'RoleBinding', metadata: { name: 'a\0b' }, roleRef }
  expect((await f.send('POST', bindings, { body })).code).toBe(201)
  expect((await f.send('GET', `${bindings}/a%00b`)).json.metadata.name).toBe('a\0b')
  expect((await f.send('DELETE', `${bindings}/a%00b`)).code).toBe(200)
  expect(said(await f.send('GET', `${MAPS}/a%00b`))).toBe('404 NotFound: configmaps "a\\x00b" not found')
})

it('groups, a UID or extras to impersonate without a user name are a bad request that tells what was asked for', async () => {
  const asked = async (headers: Record<string, string | string[]>): Promise<string> => said(await f.send('GET', MAPS, { headers }))
  expect(await asked({ 'impersonate-group': ['one', 'two'] })).toBe(
    '400 BadRequest: requested &user.DefaultInfo{Name:"", UID:"", Groups:[]string{"one", "two"}, Extra:map[string][]string(nil)} without impersonating a user name',
  )
  expect(await asked({ 'impersonate-uid': 'u', 'impersonate-extra-scopes': 'view' })).toBe(
    '400 BadRequest: requested &user.DefaultInfo{Name:"", UID:"u", Groups:[]string(nil), Extra:map[string][]string{"scopes":[]string{"view"}}} without impersonating a user name',
  )
})

it('exec and attach name a container of the pod before they ask for an upgrade', async () => {
  const pods = '/api/v1/namespaces/default/pods'
  const containers = ['c', 'd'].map((name) => ({ name, image: 'i' }))
  await f.send('POST', pods, { body: { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'two' }, spec: { containers } } })
  const ask = async (rest: string): Promise<string> => said(await f.send('POST', `${pods}/two/${rest}`))
  expect(await ask('exec?command=ls')).toBe('400 BadRequest: a container name must be specified for pod two, choose one of: [c d]')
  expect(await ask('attach?container=e')).toBe('400 BadRequest: container e is not valid for pod two')
  expect(await ask('exec?command=ls&container=c')).toBe('400 BadRequest: pod two does not have a host assigned')
})

it('what is asked of a log or of a port-forward is read before the pod is looked for', async () => {
  const pod = '/api/v1/namespaces/default/pods/none'
  const ports = (text: string, why: string): string =>
    `400 BadRequest: cannot convert to []int32: strconv.ParseUint: parsing ${JSON.stringify(text)}: ${why}`
  for (const [path, answer] of [
    ['log?tailLines=-1', '422 Invalid: PodLogOptions "none" is invalid: tailLines: Invalid value: -1: must be greater than or equal to 0'],
    ['log?sinceSeconds=0', '422 Invalid: PodLogOptions "none" is invalid: sinceSeconds: Invalid value: 0: must be greater than 0'],
    ['log?limitBytes=ten', '400 BadRequest: strconv.ParseInt: parsing "ten": invalid syntax'],
    ['log?container=x', '404 NotFound: pods "none" not found'],
    ['portforward?ports=abc', ports('abc', 'invalid syntax')],
    ['portforward?ports=80,70000', ports('70000', 'value out of range')],
    ['portforward?ports=', ports('', 'invalid syntax')],
    ['portforward?ports=0&ports=80', '404 NotFound: pods "none" not found'],
    ['exec?ports=abc', '404 NotFound: pods "none" not found'],
  ])
    expect([path, said(await f.send('GET', `${pod}/${path}`))]).toEqual([path, answer])
})

it('an upgrade that is refused has the phrase of its code, and is not kept', async () => {
  const headers = {
    connection: 'Upgrade',
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
  }
  const refused = await f.send('GET', `${MAPS}?watch=true&fieldSelector=data.a%3D1`, { headers })
  expect([refused.phrase, said(refused)]).toEqual([
    'Bad Request',
    '400 BadRequest: "data.a" is not a known field selector: only "metadata.name", "metadata.namespace"',
  ])
  expect([refused.headers['cache-control'], refused.headers.connection]).toEqual(['no-cache, private', 'close'])
})

it('an upgrade that means nothing to a request is not looked at: kubectl 1.22 asks for one with all that it sends when it copies', async () => {
  await f.send('POST', MAPS, { body: configMap('plain') })
  const asking = { connection: 'Upgrade', upgrade: 'SPDY/3.1' }
  const ask = (method: string, path: string): Promise<Answer> => f.send(method, path, { headers: asking })
  const got = await ask('GET', `${MAPS}/plain`)
  expect([got.code, got.json?.kind, got.headers.connection]).toEqual([200, 'ConfigMap', 'close'])
  expect((await ask('GET', '/healthz')).text).toBe('ok')
  expect(said(await ask('GET', `${MAPS}/none`))).toBe('404 NotFound: configmaps "none" not found')
  expect((await f.send('GET', MAPS, { anonymous: true, headers: asking })).code).toBe(403)
  expect((await ask('DELETE', `${MAPS}/plain`)).code).toBe(200)
  const changed = await f.send('POST', MAPS, { body: configMap('lost'), headers: asking })
  expect(said(changed)).toBe('400 BadRequest: a request with a body cannot ask for an upgrade of its connection')
})

it('every answer has an Audit-Id: a name of its own, or the one that its client gave the request', async () => {
  const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/
  const ids = await Promise.all([
    f.send('GET', '/version'),
    f.send('GET', '/api/v1/pods', { anonymous: true }),
    f.send('GET', '/api/v1/namespaces/default/pods/none'),
    f.send('HEAD', '/api/v1/pods?watch=1'),
  ]).then((answers) => answers.map(({ headers }) => String(headers['audit-id'])))
  expect(ids.filter((id) => !uuid.test(id))).toEqual([])
  expect(new Set(ids).size).toBe(4)
  expect((await f.send('GET', '/version', { headers: { 'audit-id': 'mine' } })).headers['audit-id']).toBe('mine')
})

it('a name that can be no part of a path is refused before it is looked for', async () => {
  const ask = async (method: string, name: string, body?: object): Promise<string> =>
    said(await f.send(method, `${MAPS}/${name}`, body && { body }))
  expect(await ask('GET', '..')).toBe(`400 BadRequest: Name parameter invalid: "..": may not be '..'`)
  expect(await ask('DELETE', '.')).toBe(`400 BadRequest: Name parameter invalid: ".": may not be '.'`)
  expect(await ask('GET', 'a%25b')).toBe(`400 BadRequest: Name parameter invalid: "a%b": may not contain '%'`)
  expect(await ask('PUT', '..', configMap('..'))).toBe(`400 BadRequest: Name parameter invalid: "..": may not be '..'`)
})

it('a resourceVersion of what is created is refused where it is stored, if it is a number', async () => {
  const create = async (resourceVersion: string, query = ''): Promise<string> =>
    said(await f.send('POST', MAPS + query, { body: configMap(`rv-${resourceVersion}`, {}, { resourceVersion }) })).slice(0, 70)
  expect(await create('5')).toBe('500 : resourceVersion should not be set on objects to be created')
  expect((await create('5', '?dryRun=All')).slice(0, 4)).toBe('201 ')
  expect((await create('0')).slice(0, 4)).toBe('201 ')
  expect((await create('abc')).slice(0, 4)).toBe('201 ')
})

it('a deletion with options in its body does not look at those of its query', async () => {
  await f.send('POST', MAPS, { body: configMap('body') })
  const body = { apiVersion: 'v1', kind: 'DeleteOptions' }
  expect((await f.send('DELETE', `${MAPS}/body?dryRun=All`, { body })).code).toBe(200)
  expect((await f.send('GET', `${MAPS}/body`)).code).toBe(404)
})

it('a connection is no dry run', async () => {
  const path = '/api/v1/namespaces/default/services/none/proxy?dryRun=All'
  expect(said(await f.send('GET', path))).toBe('400 BadRequest: dryRun is not supported')
})

it('events of the newer form are selected by its own fields', async () => {
  const EVENTS = '/apis/events.k8s.io/v1/events?fieldSelector='
  expect(said(await f.send('GET', `${EVENTS}involvedObject.kind=Pod`))).toBe(
    '400 BadRequest: field label not supported: involvedObject.kind',
  )
  expect((await f.send('GET', `${EVENTS}regarding.kind=Pod,metadata.namespace=default`)).code).toBe(200)
})
