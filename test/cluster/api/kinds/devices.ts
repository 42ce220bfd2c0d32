/** What tests of resource.k8s.io share: the API server's words for names, and claims, requests and lists to send. */
import { created, inOrder, ruleContext, type Loose } from './support.js'

export const LABEL =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
export const SUBDOMAIN =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
export const C_IDENTIFIER =
  "a valid C identifier must start with alphabetic character or '_', followed by a string of alphanumeric characters or '_' (e.g. 'my_name',  or 'MY_NAME',  or 'MyName', regex used for validation is '[A-Za-z_][A-Za-z0-9_]*')"
export const LABEL_KEY =
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"
export const REQUEST = "must be the name of a request in the claim or the name of a request and a subrequest separated by '/'"

export const BAD = '!@#$%^'
export const many = <T>(count: number, of: (i: number) => T): T[] => Array.from({ length: count }, (_, i) => of(i))
export const sent = (kind: string, spec: Loose): Loose => ({ apiVersion: 'resource.k8s.io/v1', kind, metadata: { name: 'x' }, spec })
export const faults = (kind: string, spec: Loose, ctx = ruleContext()): string[] => inOrder(created(sent(kind, spec), ctx).errors)

export const exactly = (rest: Loose = {}): Loose => ({ deviceClassName: 'foo', ...rest })
export const request = (rest: Loose = {}, name = 'foo'): Loose => ({ name, exactly: exactly(rest) })
export const opaque = (parameters: unknown = { kind: 'foo' }): Loose => ({ opaque: { driver: 'dra.example.com', parameters } })

/** Where a namespace of administrators is wanted. */
export const ADMIN =
  'Forbidden: admin access to devices requires the `resource.kubernetes.io/admin-access: true` label on the containing namespace'

/** Rules in a namespace with labels. */
export const inNamespace = (labels: Loose): Loose =>
  ruleContext({ lookup: (_, resource) => (resource === 'namespaces' ? { metadata: { labels } } : undefined) as Loose })

/** The spec of a slice with a device, and of one with a device of its own. */
export const pool = { name: 'pool', generation: 1, resourceSliceCount: 1 }
export const base = { driver: 'dra.example.com', nodeName: 'worker', pool }
export const slice = (rest: Loose = {}): Loose => ({ ...base, devices: [{ name: 'gpu-0' }], ...rest })
export const offering = (device: Loose, rest: Loose = {}): Loose => slice({ devices: [{ name: 'gpu-0', ...device }], ...rest })
