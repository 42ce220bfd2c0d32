import { describe, expect, it } from 'vitest'
import type { Kind } from '../../../../src-main/cluster/api/kinds/kind.js'
import { serverPaths } from '../../../../src-main/cluster/api/openapi/server-paths.js'
import { openApiV2, openApiV2Protobuf } from '../../../../src-main/cluster/api/openapi/v2.js'
import { openApiV3Document, openApiV3Group, openApiV3Hash, openApiV3Index } from '../../../../src-main/cluster/api/openapi/v3.js'
import { modelOf } from '../../../../src-main/cluster/api/schema/schema.js'

const configMap: Kind = {
  group: '',
  version: 'v1',
  kind: 'ConfigMap',
  plural: 'configmaps',
  singular: 'configmap',
  namespaced: true,
  model: 'V1ConfigMap',
}
const deployment: Kind = {
  group: 'apps',
  version: 'v1',
  kind: 'Deployment',
  plural: 'deployments',
  singular: 'deployment',
  namespaced: true,
  model: 'V1Deployment',
  subresources: {
    status: { type: 'object', verbs: ['get', 'update', 'patch'], prepareForUpdate: () => undefined },
    scale: { type: 'scale', specReplicas: 'spec.replicas', statusReplicas: 'status.replicas' },
  },
}
const kinds = [configMap, deployment]

interface Json {
  [key: string]: Json & string & Json[]
}

/** Every `$ref` of a document. */
function references(value: unknown, found = new Set<string>()): Set<string> {
  if (typeof value !== 'object' || value === null) return found
  for (const [key, v] of Object.entries(value)) {
    if (key === '$ref') found.add(v as string)
    else references(v, found)
  }
  return found
}

describe('the OpenAPI v3 documents', () => {
  const document = openApiV3Group(kinds, 'apps', 'v1') as unknown as Json

  it('are found through an index with hashes of their contents', () => {
    const { paths } = openApiV3Index(kinds) as { paths: Record<string, { serverRelativeURL: string }> }
    expect(Object.keys(paths)).toEqual([
      '.well-known/openid-configuration',
      'api',
      'api/v1',
      'apis',
      'apis/apps',
      'apis/apps/v1',
      'openid/v1/jwks',
      'version',
    ])
    for (const [name, { serverRelativeURL }] of Object.entries(paths))
      expect(serverRelativeURL).toBe(`/openapi/v3/${name}?hash=${openApiV3Document(kinds, name)!.hash}`)
    expect(paths['apis/apps/v1']!.serverRelativeURL).toBe(`/openapi/v3/apis/apps/v1?hash=${openApiV3Hash(kinds, 'apps', 'v1')}`)
    expect(openApiV3Hash(kinds, 'apps', 'v1')).toMatch(/^[0-9A-F]{128}$/)
    expect(openApiV3Hash([{ ...deployment, subresources: {} }], 'apps', 'v1')).not.toBe(openApiV3Hash(kinds, 'apps', 'v1'))
  })

  it('have the paths of each verb, with its kind, so that kubectl can find both', () => {
    const base = '/apis/apps/v1/namespaces/{namespace}/deployments'
    expect(Object.keys(document.paths!)).toEqual([
      '/apis/apps/v1/',
      '/apis/apps/v1/deployments',
      base,
      `${base}/{name}`,
      `${base}/{name}/scale`,
      `${base}/{name}/status`,
      '/apis/apps/v1/watch/deployments',
      '/apis/apps/v1/watch/namespaces/{namespace}/deployments',
      '/apis/apps/v1/watch/namespaces/{namespace}/deployments/{name}',
    ])
    const patch = document.paths![`${base}/{name}`]!.patch!
    expect(patch['x-kubernetes-action']).toBe('patch')
    expect(patch['x-kubernetes-group-version-kind']).toEqual({ group: 'apps', version: 'v1', kind: 'Deployment' })
    expect(patch.operationId).toBe('patchAppsV1NamespacedDeployment')
    expect(patch.parameters!.map((p) => p.name)).toEqual(['dryRun', 'fieldManager', 'fieldValidation', 'force'])
    expect(document.paths![`${base}/{name}/scale`]!.get!['x-kubernetes-group-version-kind']).toEqual({
      group: 'autoscaling',
      version: 'v1',
      kind: 'Scale',
    })
  })

  it('say what parameters are for in the words of the API, of a patch where apply asks for more', () => {
    const base = '/apis/apps/v1/namespaces/{namespace}/deployments'
    const words = (path: string, method: 'get' | 'put' | 'patch' | 'delete', name: string): string | undefined =>
      document.paths![path]![method]!.parameters!.find((p) => p.name === name)!.description
    expect(words(base, 'get', 'labelSelector')).toBe(
      'A selector to restrict the list of returned objects by their labels. Defaults to everything.',
    )
    expect(words(base, 'get', 'watch')).toBe(
      'Watch for changes to the described resources and return them as a stream of add, update, and remove notifications. Specify resourceVersion.',
    )
    expect(words(base, 'delete', 'timeoutSeconds')).toBe(
      'Timeout for the list/watch call. This limits the duration of the call, regardless of any activity or inactivity.',
    )
    const [updated, patched] = [words(`${base}/{name}`, 'put', 'fieldManager')!, words(`${base}/{name}`, 'patch', 'fieldManager')!]
    expect(patched.startsWith(`${updated} This field is required for apply requests (application/apply-patch)`)).toBe(true)
  })

  it('describe the fields and how they merge', () => {
    const schemas = document.components!.schemas!
    const kind = schemas['io.k8s.api.apps.v1.Deployment']!
    expect(kind['x-kubernetes-group-version-kind']).toEqual([{ group: 'apps', kind: 'Deployment', version: 'v1' }])
    const containers = schemas['io.k8s.api.core.v1.PodSpec']!.properties!.containers!
    expect(containers).toMatchObject({
      type: 'array',
      items: { allOf: [{ $ref: '#/components/schemas/io.k8s.api.core.v1.Container' }], default: {} },
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['name'],
      'x-kubernetes-patch-strategy': 'merge',
      'x-kubernetes-patch-merge-key': 'name',
    })
    expect(schemas['io.k8s.apimachinery.pkg.apis.meta.v1.LabelSelector']!['x-kubernetes-map-type']).toBe('atomic')
    expect(schemas['io.k8s.apimachinery.pkg.api.resource.Quantity']!.oneOf).toEqual([{ type: 'string' }, { type: 'number' }])
  })

  it('refer to nothing that is not in them', () => {
    const schemas = document.components!.schemas!
    const missing = [...references(document)].filter((ref) => !(ref.slice('#/components/schemas/'.length) in schemas))
    expect(missing).toEqual([])
  })

  it.each([
    ['api', '/api/', 'getCoreAPIVersions', 'core', '#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1.APIVersions'],
    ['apis', '/apis/', 'getAPIVersions', 'apis', '#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1.APIGroupList'],
    ['apis/apps', '/apis/apps/', 'getAppsAPIGroup', 'apps', '#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1.APIGroup'],
    ['version', '/version/', 'getCodeVersion', 'version', '#/components/schemas/io.k8s.apimachinery.pkg.version.Info'],
  ])('of the server itself: %s', (name, path, id, tag, $ref) => {
    const { paths, components } = openApiV3Document(kinds, name)!.document as unknown as Json
    expect(Object.keys(paths!)).toEqual([path])
    const { operationId, tags, responses } = paths![path]!.get!
    expect({ id: operationId, tags, schema: responses![200]!.content!['application/json']!.schema }).toEqual({
      id,
      tags: [tag],
      schema: { $ref },
    })
    expect([...references(components)].filter((ref) => !(ref.split('/').pop()! in components!.schemas!))).toEqual([])
  })

  it('name the groups of Kubernetes without its domain, and leave out those of custom resources', () => {
    const rbac = { ...deployment, group: 'rbac.authorization.k8s.io' }
    const custom = { ...deployment, group: 'example.com', model: modelOf('V1ConfigMap') }
    const ids = serverPaths([rbac, custom]).map(({ id }) => id)
    expect(ids).toContain('getRbacAuthorizationAPIGroup')
    expect(ids).toContain('getRbacAuthorizationV1APIResources')
    expect(ids.filter((id) => id.includes('Example'))).toEqual([])
  })

  it('do not exist for a group without kinds', () => {
    expect(openApiV3Group(kinds, 'batch', 'v1')).toBeUndefined()
    expect(openApiV3Document(kinds, 'apis/batch')).toBeUndefined()
  })
})

describe('the OpenAPI v2 document', () => {
  const document = openApiV2(kinds) as unknown as Json

  it('refers to nothing that is not in it', () => {
    const missing = [...references(document)].filter((ref) => !(ref.slice('#/definitions/'.length) in document.definitions!))
    expect(missing).toEqual([])
    expect(document.definitions!['io.k8s.apimachinery.pkg.util.intstr.IntOrString']).toMatchObject({
      type: 'string',
      format: 'int-or-string',
    })
  })

  it('is encoded as a gnostic Document', () => {
    const bytes = openApiV2Protobuf(kinds)
    // Field 1 (swagger) "2.0", then field 2 (info) with title and version.
    expect(bytes.subarray(0, 5)).toEqual(Buffer.from([0x0a, 3, 0x32, 0x2e, 0x30]))
    expect(bytes.subarray(5, 9)).toEqual(Buffer.from([0x12, 21, 0x0a, 10]))
    expect(bytes.subarray(9, 28).toString()).toBe('Kubernetes\u0012\u0007v1.36.0')
    expect(bytes.includes('io.k8s.api.apps.v1.DeploymentSpec')).toBe(true)
    expect(openApiV2Protobuf(kinds)).toBe(bytes)
  })
})
