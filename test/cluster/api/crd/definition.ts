/** A CustomResourceDefinition for the tests. */
import type { KubeObject } from '../../../../src-main/cluster/api/object.js'

/** The schema of a whole resource with these fields in its spec. */
export const schemaOf = (spec: object): object => ({
  type: 'object',
  properties: {
    spec: { type: 'object', ...spec },
    status: { type: 'object', properties: { phase: { type: 'string' }, replicas: { type: 'integer' }, selector: { type: 'string' } } },
  },
})

export const things = (versions: object[], spec: object = {}, name = 'things'): KubeObject =>
  ({
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${name}.example.com` },
    spec: {
      group: 'example.com',
      scope: 'Namespaced',
      names: { plural: name, singular: 'thing', kind: 'Thing', shortNames: ['th'], categories: ['all'] },
      versions,
      ...spec,
    },
  }) as unknown as KubeObject

/** A served version `name`; the one that is stored unless said otherwise. */
export const version = (name: string, spec: object = {}, more: object = {}): object => ({
  name,
  served: true,
  storage: true,
  schema: { openAPIV3Schema: schemaOf(spec) },
  ...more,
})

export const thing = (name: string, spec: object, more: object = {}): KubeObject =>
  ({ apiVersion: 'example.com/v1', kind: 'Thing', metadata: { name }, spec, ...more }) as KubeObject

/** A certificate that a webhook may be trusted by. */
export const CERTIFICATE = `-----BEGIN CERTIFICATE-----
MIIBQjCB9aADAgECAhRUX0T4Ye0WIjIFR/yBsMOpntlRgDAFBgMrZXAwFjEUMBIG
A1UEAwwLZXhhbXBsZS5jb20wIBcNMjYxMTIyMDgwMDE5WhgPMjEyNjEwMjkwODAw
MTlaMBYxFDASBgNVBAMMC2V4YW1wbGUuY29tMCowBQYDK2VwAyEAmhDkkZmS9tv5
+1JtzPeM3btWL5M6DpAUpVzn7AOBLv6jUzBRMB0GA1UdDgQWBBSQHvRprH7JeX+q
KrCT/tFtE/MHbDAfBgNVHSMEGDAWgBSQHvRprH7JeX+qKrCT/tFtE/MHbDAPBgNV
HRMBAf8EBTADAQH/MAUGAytlcANBABngqBr4FMAGRHQrKX5Kjtf4gOKYRFdUp+xA
GdQexHJ72yCckfesYJ4UtaiIdKR2eUhRrt2RPMpDcrYBHNPm4AI=
-----END CERTIFICATE-----
`
