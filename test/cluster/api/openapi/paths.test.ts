import { expect, it } from 'vitest'
import { node } from '../../../../src-main/cluster/api/kinds/node.js'
import { pod } from '../../../../src-main/cluster/api/kinds/pod.js'
import { serviceAccount } from '../../../../src-main/cluster/api/kinds/serviceaccount.js'
import type { Kind } from '../../../../src-main/cluster/api/kinds/kind.js'
import { pathsOf } from '../../../../src-main/cluster/api/openapi/paths.js'
import { openApiV2, openApiV2Protobuf } from '../../../../src-main/cluster/api/openapi/v2.js'

/** Clients that make their calls from OpenAPI find the paths and operations that it has for a real API server. */

const operationsOf = (kind: Kind, path: string): string[] =>
  pathsOf(kind)
    .filter((item) => item.path === path)
    .flatMap(({ operations }) => operations.map(({ method, id, action }) => `${method} ${id} ${action}`))
const parametersOf = (kind: Kind, path: string): string[] =>
  pathsOf(kind)
    .find((item) => item.path === path)!
    .parameters.map((p) => p.name)

const POD = '/api/v1/namespaces/{namespace}/pods/{name}'
const WATCHED = ['allowWatchBookmarks', 'continue', 'fieldSelector', 'labelSelector', 'limit']
const WATCHED_SINCE = ['resourceVersion', 'resourceVersionMatch', 'sendInitialEvents', 'timeoutSeconds', 'watch']

it.each<[Kind, string, string[], string[]]>([
  [pod as Kind, '/api/v1/watch/pods', ['get watchCoreV1PodListForAllNamespaces watchlist'], [...WATCHED, 'pretty', ...WATCHED_SINCE]],
  [
    pod as Kind,
    '/api/v1/watch/namespaces/{namespace}/pods',
    ['get watchCoreV1NamespacedPodList watchlist'],
    [...WATCHED, 'namespace', 'pretty', ...WATCHED_SINCE],
  ],
  [
    pod as Kind,
    '/api/v1/watch/namespaces/{namespace}/pods/{name}',
    ['get watchCoreV1NamespacedPod watch'],
    [...WATCHED, 'name', 'namespace', 'pretty', ...WATCHED_SINCE],
  ],
  [node as Kind, '/api/v1/watch/nodes', ['get watchCoreV1NodeList watchlist'], [...WATCHED, 'pretty', ...WATCHED_SINCE]],
  [node as Kind, '/api/v1/watch/nodes/{name}', ['get watchCoreV1Node watch'], [...WATCHED, 'name', 'pretty', ...WATCHED_SINCE]],
  [
    pod as Kind,
    `${POD}/exec`,
    ['get connectCoreV1GetNamespacedPodExec connect', 'post connectCoreV1PostNamespacedPodExec connect'],
    ['command', 'container', 'stderr', 'stdin', 'stdout', 'tty', 'name', 'namespace'],
  ],
  [
    pod as Kind,
    `${POD}/portforward`,
    ['get connectCoreV1GetNamespacedPodPortforward connect', 'post connectCoreV1PostNamespacedPodPortforward connect'],
    ['ports', 'name', 'namespace'],
  ],
  [
    node as Kind,
    '/api/v1/nodes/{name}/proxy/{path}',
    ['Delete', 'Get', 'Head', 'Options', 'Patch', 'Post', 'Put'].map(
      (method) => `${method.toLowerCase()} connectCoreV1${method}NodeProxyWithPath connect`,
    ),
    ['path', 'name', 'path'],
  ],
  [
    pod as Kind,
    `${POD}/log`,
    ['get readCoreV1NamespacedPodLog get'],
    [
      'container',
      'follow',
      'insecureSkipTLSVerifyBackend',
      'limitBytes',
      'previous',
      'sinceSeconds',
      'stream',
      'tailLines',
      'timestamps',
      'name',
      'namespace',
      'pretty',
    ],
  ],
  [
    pod as Kind,
    `${POD}/eviction`,
    ['post createCoreV1NamespacedPodEviction post'],
    ['dryRun', 'fieldManager', 'fieldValidation', 'name', 'namespace', 'pretty'],
  ],
  [
    serviceAccount as Kind,
    '/api/v1/namespaces/{namespace}/serviceaccounts/{name}/token',
    ['post createCoreV1NamespacedServiceAccountToken post'],
    ['dryRun', 'fieldManager', 'fieldValidation', 'name', 'namespace', 'pretty'],
  ],
])('%#: %s %s', (kind, path, operations, parameters) => {
  expect([operationsOf(kind, path), parametersOf(kind, path)]).toEqual([operations, parameters])
})

it('a collection is deleted by an operation of the name that generated clients know', () => {
  expect(operationsOf(pod as Kind, '/api/v1/namespaces/{namespace}/pods')).toEqual([
    'get listCoreV1NamespacedPod list',
    'post createCoreV1NamespacedPod post',
    'delete deleteCoreV1CollectionNamespacedPod deletecollection',
  ])
})

it('version 2 says which answers are streams or anything, in both its forms', () => {
  const { paths } = openApiV2([pod as Kind]) as { paths: Record<string, any> }
  const streams = ['application/json;stream=watch', 'application/vnd.kubernetes.protobuf;stream=watch']
  for (const path of ['/api/v1/pods', '/api/v1/watch/pods']) expect(paths[path].get.produces.slice(3)).toEqual(streams)
  expect(paths['/api/v1/watch/pods'].get.responses[200].schema.$ref).toBe('#/definitions/io.k8s.apimachinery.pkg.apis.meta.v1.WatchEvent')
  expect(paths[`${POD}/proxy`].head.produces).toEqual(['*/*'])
  expect(paths[`${POD}/log`].get.produces[0]).toBe('text/plain')
  expect(openApiV2Protobuf([pod as Kind]).includes('connectCoreV1OptionsNamespacedPodProxyWithPath')).toBe(true)
})
