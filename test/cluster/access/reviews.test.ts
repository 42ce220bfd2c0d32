import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startHttps, type HttpsFixture } from '../api/https.js'

/** What is wrong with a question about access is told all at once, under no kind. */

const GROUP = '/apis/authorization.k8s.io/v1'
const LOCAL = `${GROUP}/namespaces/default/localsubjectaccessreviews`
const NEITHER = 'spec.resourceAttributes: Invalid value: null: exactly one of nonResourceAttributes or resourceAttributes must be specified'
const NOBODY = 'spec.user: Invalid value: "": at least one of user or group must be specified'

let f: HttpsFixture
beforeAll(async () => {
  f = await startHttps()
})
afterAll(() => f.server.close())

/** The causes of a refusal, each behind its field. */
async function causes(path: string, body: object): Promise<string[]> {
  const { code, json } = await f.send('POST', path, { body })
  if (code === 201) return []
  expect([code, json.reason, json.message.slice(0, 36)]).toEqual([422, 'Invalid', '.authorization.k8s.io "" is invalid:'])
  return json.details.causes.map((c: { field: string; message: string }) => `${c.field}: ${c.message}`)
}

describe('a question about access', () => {
  it('asks one thing, of somebody, and has no metadata', async () => {
    const path = `${GROUP}/subjectaccessreviews`
    expect(await causes(path, {})).toEqual([NEITHER, NOBODY])
    expect(await causes(path, { metadata: { name: 'x' }, spec: { user: 'a' } })).toEqual([
      NEITHER,
      'metadata: Invalid value: {"name":"x"}: must be empty',
    ])
    const both = { resourceAttributes: { verb: 'get' }, nonResourceAttributes: { path: '/x', verb: 'get' } }
    expect(await causes(path, { spec: both })).toEqual([
      'spec.nonResourceAttributes: Invalid value: {"Path":"/x","Verb":"get"}: cannot be specified in combination with resourceAttributes',
      NOBODY,
    ])
    expect(await causes(path, { spec: { groups: ['g'], resourceAttributes: { verb: 'get', resource: 'pods' } } })).toEqual([])
  })

  it('of one namespace asks of a resource there', async () => {
    expect(await causes(LOCAL, { spec: { user: 'a', resourceAttributes: { namespace: 'other' } } })).toEqual([
      'spec.resourceAttributes.namespace: Invalid value: "other": must match metadata.namespace',
    ])
    expect(await causes(LOCAL, { spec: { user: 'a', nonResourceAttributes: { path: '/x', verb: 'get' } } })).toEqual([
      'spec.nonResourceAttributes: Invalid value: {"Path":"/x","Verb":"get"}: disallowed on this kind of request',
    ])
    expect(
      await causes(LOCAL, { metadata: { namespace: 'default' }, spec: { user: 'a', resourceAttributes: { namespace: 'default' } } }),
    ).toEqual([])
  })

  it('of oneself selects in one way', async () => {
    const path = `${GROUP}/selfsubjectaccessreviews`
    expect(await causes(path, {})).toEqual([NEITHER])
    const labelSelector = { rawSelector: 'a=b', requirements: [{ key: 'a', operator: 'Exists' }] }
    expect(await causes(path, { spec: { resourceAttributes: { verb: 'list', resource: 'pods', labelSelector } } })).toEqual([
      'spec.resourceAttributes.labelSelector.rawSelector: Invalid value: "a=b": may not specified at the same time as requirements',
    ])
    expect(await causes(path, { spec: { nonResourceAttributes: { path: '/x', verb: 'get' } } })).toEqual([])
  })
})

it('an unknown way to validate fields is told with those that there are', async () => {
  const { json } = await f.send('POST', '/api/v1/namespaces/default/configmaps?fieldValidation=Sure', { body: { metadata: { name: 'x' } } })
  expect(json.details.causes).toEqual([
    {
      reason: 'FieldValueNotSupported',
      message: 'Unsupported value: "Sure": supported values: "", "Ignore", "Strict", "Warn"',
      field: 'fieldValidation',
    },
  ])
})

describe('what a person may do', () => {
  const RBAC = '/apis/rbac.authorization.k8s.io/v1/namespaces/default/rolebindings'
  const bind = (name: string, role: string): Promise<unknown> =>
    f.send('POST', RBAC, {
      body: {
        metadata: { name },
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: role },
        subjects: [{ kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name: 'ann' }],
      },
    })
  const status = async (): Promise<{ resourceRules: unknown[] }> => {
    const headers = { 'impersonate-user': 'ann' }
    return (await f.send('POST', `${GROUP}/selfsubjectrulesreviews`, { body: { spec: { namespace: 'default' } }, headers })).json.status
  }

  it('is told whole beside the roles of their bindings that are not there', async () => {
    expect(await status()).toEqual({ resourceRules: expect.anything(), nonResourceRules: expect.anything(), incomplete: false })
    await bind('lost', 'none')
    const role = (name: string): string => `role.rbac.authorization.k8s.io "${name}" not found`
    expect(await status()).toMatchObject({ incomplete: false, evaluationError: role('none') })
    await bind('lost-again', 'none')
    await bind('lost-too', 'nothing')
    expect(await status()).toMatchObject({ incomplete: false, evaluationError: `[${role('none')}, ${role('nothing')}]` })
  })
})
