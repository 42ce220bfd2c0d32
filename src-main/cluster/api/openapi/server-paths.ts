/**
 * The paths of the server itself as OpenAPI describes them: discovery, the version, and what checks its tokens. They stand
 * with a slash at their end, and in version 3 those that belong to no group version have documents of their own.
 */
import type { Kind } from '../kinds/kind.js'
import { capital, groupWords, idPrefix, rootPath, tagOf } from './operation-names.js'

/** One path, which takes GET alone. */
export interface ServerPath {
  path: string
  /** The document of version 3 that it is part of. */
  document: string
  id: string
  description: string
  tag: string
  /** The name of the answer's model; text when there is none. */
  model?: string
  mediaTypes: readonly string[]
}

const OBJECTS = ['application/json', 'application/yaml', 'application/vnd.kubernetes.protobuf']
const VERSIONS = 'get available API versions'

const FIXED: readonly ServerPath[] = [
  {
    path: '/.well-known/openid-configuration/',
    document: '.well-known/openid-configuration',
    id: 'getServiceAccountIssuerOpenIDConfiguration',
    description: "get service account issuer OpenID configuration, also known as the 'OIDC discovery doc'",
    tag: 'WellKnown',
    mediaTypes: ['application/json'],
  },
  {
    path: '/api/',
    document: 'api',
    id: 'getCoreAPIVersions',
    description: VERSIONS,
    tag: 'core',
    model: 'V1APIVersions',
    mediaTypes: OBJECTS,
  },
  {
    path: '/apis/',
    document: 'apis',
    id: 'getAPIVersions',
    description: VERSIONS,
    tag: 'apis',
    model: 'V1APIGroupList',
    mediaTypes: OBJECTS,
  },
  {
    path: '/openid/v1/jwks/',
    document: 'openid/v1/jwks',
    id: 'getServiceAccountIssuerOpenIDKeyset',
    description: 'get service account issuer OpenID JSON Web Key Set (contains public token verification keys)',
    tag: 'openid',
    mediaTypes: ['application/jwk-set+json'],
  },
  {
    path: '/version/',
    document: 'version',
    id: 'getCodeVersion',
    description: 'get the version information for this server',
    tag: 'version',
    model: 'VersionInfo',
    mediaTypes: ['application/json'],
  },
]

/** All of them, for what kinds the server has. Groups of custom resources are described by their resources alone. */
export function serverPaths(kinds: readonly Kind[]): readonly ServerPath[] {
  const found = new Map(FIXED.map((item) => [item.path, item]))
  for (const { group, version, model } of kinds) {
    if (typeof model !== 'string') continue
    const root = rootPath(group, version)
    found.set(`${root}/`, {
      path: `${root}/`,
      document: root.slice(1),
      id: `get${idPrefix(group, version)}APIResources`,
      description: 'get available resources',
      tag: tagOf(group, version),
      model: 'V1APIResourceList',
      mediaTypes: OBJECTS,
    })
    if (!group) continue
    const [first, ...rest] = groupWords(group)
    found.set(`/apis/${group}/`, {
      path: `/apis/${group}/`,
      document: `apis/${group}`,
      id: `get${groupWords(group).map(capital).join('')}APIGroup`,
      description: 'get information of a group',
      tag: first + rest.map(capital).join(''),
      model: 'V1APIGroup',
      mediaTypes: OBJECTS,
    })
  }
  return [...found.values()]
}
