/** What the API server says of roles, bindings, certificate requests and reviews. */
import { describe, expect, it } from 'vitest'
import { causes, created, kindOf, ruleContext, updated, type Loose } from './support.js'
import { CERTIFICATE_REQUEST } from '../../certificate-request.js'

const rbac = (kind: string, rest: Loose): Loose => ({ apiVersion: 'rbac.authorization.k8s.io/v1', kind, metadata: { name: 'x' }, ...rest })
const faults = (sent: Loose): string[] => causes(created(sent).errors)

describe('a Role or ClusterRole', () => {
  it.each([
    [
      'Role',
      {},
      [
        'rules[0].apiGroups: Required value: resource rules must supply at least one api group',
        'rules[0].resources: Required value: resource rules must supply at least one resource',
        'rules[0].verbs: Required value: verbs must contain at least one value',
      ],
    ],
    [
      'Role',
      { verbs: ['get'], nonResourceURLs: ['/x'] },
      ['rules[0].nonResourceURLs: Invalid value: ["/x"]: namespaced rules cannot apply to non-resource URLs'],
    ],
    ['ClusterRole', { verbs: ['get'], nonResourceURLs: ['/x'] }, []],
  ])('%s with the rule %j', (kind, rule, want) => {
    expect(faults(rbac(kind, { rules: [rule] }))).toEqual(want)
  })

  it('that is updated wrongly is told so twice', () => {
    const wrong = 'rules[0].verbs: Required value: verbs must contain at least one value'
    for (const kind of ['Role', 'ClusterRole']) {
      const { object } = created(rbac(kind, { rules: [{ verbs: ['get'], apiGroups: [''], resources: ['pods'] }] }))
      expect(updated(object, ({ rules }) => (rules[0].verbs = [])).errors).toEqual([wrong, wrong])
    }
  })

  it('aggregates by at least one selector', () => {
    expect(faults(rbac('ClusterRole', { aggregationRule: {} }))).toEqual([
      'aggregationRule.clusterRoleSelectors: Required value: at least one clusterRoleSelector required if aggregationRule is non-nil',
    ])
    const broken = { matchExpressions: [{ key: 'a', operator: 'Is', values: ['b'] }] }
    expect(faults(rbac('ClusterRole', { aggregationRule: { clusterRoleSelectors: [broken] } }))).toEqual([
      'aggregationRule.clusterRoleSelectors[0].matchExpressions[0].operator: Invalid value: "Is": not a valid selector operator',
      'aggregationRule.clusterRoleSelectors[0]: Invalid value: null: invalid label selector.',
    ])
  })
})

describe('a RoleBinding or ClusterRoleBinding', () => {
  const roleRef = { kind: 'ClusterRole', name: 'r' }

  it.each([
    [{ kind: 'User', name: '' }, ['subjects[0].name: Required value']],
    [{ kind: 'Group', name: '' }, ['subjects[0].name: Required value']],
    [
      { kind: 'User', name: 'u', apiGroup: 'example.com' },
      ['subjects[0].apiGroup: Unsupported value: "example.com": supported values: "rbac.authorization.k8s.io"'],
    ],
    [
      { kind: 'ServiceAccount', name: 's', namespace: 'n', apiGroup: 'rbac.authorization.k8s.io' },
      ['subjects[0].apiGroup: Unsupported value: "rbac.authorization.k8s.io": supported values: ""'],
    ],
    [{ kind: 'ServiceAccount', name: 's' }, ['subjects[0].namespace: Required value']],
    [{ kind: 'Robot', name: 'r' }, ['subjects[0].kind: Unsupported value: "Robot": supported values: "ServiceAccount", "User", "Group"']],
  ])('is refused with the subject %j', (subject, want) => {
    expect(faults(rbac('ClusterRoleBinding', { roleRef, subjects: [subject] }))).toEqual(want)
  })

  it('refers to a role by kind and name', () => {
    expect(faults(rbac('RoleBinding', { roleRef: { kind: 'Group', name: 'a/b', apiGroup: 'example.com' } }))).toEqual([
      'roleRef.apiGroup: Unsupported value: "example.com": supported values: "rbac.authorization.k8s.io"',
      'roleRef.kind: Unsupported value: "Group": supported values: "Role", "ClusterRole"',
      `roleRef.name: Invalid value: "a/b": may not contain '/'`,
    ])
  })
})

/** A certificate that signs itself, for a hundred years. */
const CERTIFICATE = `-----BEGIN CERTIFICATE-----
MIIBcDCCARWgAwIBAgIUGkpeqTtkXj+tejt7ueKuI+ql7wowCgYIKoZIzj0EAwIw
DDEKMAgGA1UEAwwBeDAgFw0yNjExMjExNjE4MzBaGA8yMTI2MTAyODE2MTgzMFow
DDEKMAgGA1UEAwwBeDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABF8iitilskCx
HQ3uEiSVjLyhVxNy9apMPygnwZQRTor4BVA0v8yMZLgJwWI2xSik8QqZIAI6XCck
H5lZsMP8hPCjUzBRMB0GA1UdDgQWBBQ+tVNcM4Be0EBNnj+osw8YIAndFzAfBgNV
HSMEGDAWgBQ+tVNcM4Be0EBNnj+osw8YIAndFzAPBgNVHRMBAf8EBTADAQH/MAoG
CCqGSM49BAMCA0kAMEYCIQCbm8rtZMCteC2WGhXKB5ACAz4G66w98yukHVUxbWnW
PgIhAL8vwAgEsznXxyp8ueSgFqgFahUHFsvy3dCIhtJFdaZM
-----END CERTIFICATE-----`

describe('a CertificateSigningRequest', () => {
  const pem = (type: string): string => Buffer.from(`-----BEGIN ${type}-----\nMAo=\n-----END ${type}-----\n`).toString('base64')
  const request = Buffer.from(CERTIFICATE_REQUEST).toString('base64')
  const csr = (spec: Loose = {}): Loose => ({
    apiVersion: 'certificates.k8s.io/v1',
    kind: 'CertificateSigningRequest',
    metadata: { name: 'x' },
    spec: { request, signerName: 'example.com/s', usages: ['client auth'], ...spec },
  })
  const kind = kindOf('certificates.k8s.io/v1', 'CertificateSigningRequest')
  const write = (part: string, before: Loose, now: Loose): string[] => {
    const { object } = created(csr())
    const subresource = kind.subresources![part] as Loose
    const old = { ...object, status: before }
    const next = { ...object, status: now }
    subresource.prepareForUpdate(next, old, ruleContext())
    return causes(subresource.validateUpdate(next, old, ruleContext()))
  }

  it.each([
    [{ request: 'eA==' }, ['spec.request: Invalid value: "eA==": PEM block type must be CERTIFICATE REQUEST']],
    [{ usages: [] }, ['spec.usages: Required value']],
    [{ usages: ['client auth', 'client auth'] }, ['spec.usages[1]: Duplicate value: "client auth"']],
    [{ signerName: '' }, ['spec.signerName: Required value']],
    [
      { signerName: 'kubernetes.io/legacy-unknown' },
      ['spec.signerName: Invalid value: "kubernetes.io/legacy-unknown": the legacy signerName is not allowed via this API version'],
    ],
    [
      { signerName: 'example.com' },
      [`spec.signerName: Invalid value: "example.com": must be a fully qualified domain and path of the form 'example.com/signer-name'`],
    ],
    [{ signerName: 'a/b' }, ['spec.signerName: Invalid value: "a": should be a domain with at least two segments separated by dots']],
    [
      { expirationSeconds: 599 },
      ['spec.expirationSeconds: Invalid value: 599: may not specify a duration less than 600 seconds (10 minutes)'],
    ],
  ])('is refused with %j', (spec, want) => {
    expect(faults(csr(spec))).toEqual(want)
  })

  it('is a request of PKCS#10, signed with its own key', () => {
    const told = (pem: string): string => {
      const request = Buffer.from(pem).toString('base64')
      return faults(csr({ request })).join().replace(`spec.request: Invalid value: "${request}": `, '')
    }
    const block = (content: string): string => `-----BEGIN CERTIFICATE REQUEST-----\n${content}\n-----END CERTIFICATE REQUEST-----\n`
    const der = (bytes: Buffer): string => block(bytes.toString('base64'))
    const whole = Buffer.from(CERTIFICATE_REQUEST.split('\n').slice(1, -2).join(''), 'base64')
    const changed = Buffer.from(whole)
    changed[20] = 0x79 // CN=y
    expect(told(`text before\n${CERTIFICATE_REQUEST}text after`)).toBe('')
    expect(told(block('MIH'))).toBe('PEM block type must be CERTIFICATE REQUEST')
    expect(told(CERTIFICATE + CERTIFICATE_REQUEST)).toBe('PEM block type must be CERTIFICATE REQUEST')
    expect(told(block(''))).toBe('asn1: syntax error: sequence truncated')
    expect(told(der(whole.subarray(0, -1)))).toBe('asn1: syntax error: data truncated')
    expect(told(der(Buffer.concat([whole, whole])))).toBe('asn1: syntax error: trailing data')
    expect(told(der(Buffer.from('hello')))).toBe(
      "asn1: structure error: tags don't match (16 vs {class:1 tag:8 length:101 isCompound:true}) {optional:false explicit:false application:false private:false defaultValue:<nil> tag:<nil> stringType:0 timeType:0 set:false omitEmpty:false} certificateRequest @2",
    )
    expect(told(der(changed))).toBe('x509: ECDSA verification failure')
  })

  it('is either approved or denied, for good, at its approval endpoint', () => {
    const [approved, denied] = ['Approved', 'Denied'].map((type) => ({ type, status: 'True' }))
    expect(write('approval', {}, { conditions: [approved] })).toEqual([])
    expect(write('approval', {}, { conditions: [approved, denied] })).toEqual([
      'status.conditions: Invalid value: "Denied": Approved and Denied conditions are mutually exclusive',
    ])
    expect(write('approval', { conditions: [approved] }, { conditions: [] })).toEqual([
      'status.conditions: Forbidden: updates may not remove a condition of type "Approved"',
    ])
    expect(write('approval', {}, { conditions: [{ type: 'Approved', status: 'False' }] })).toEqual([
      'status.conditions[0].status: Unsupported value: "False": supported values: "True"',
    ])
    expect(write('status', {}, { conditions: [approved] })).toEqual([
      'status.conditions: Forbidden: updates may not add a condition of type "Approved"',
    ])
  })

  it('gets its certificate once, by the status endpoint', () => {
    const [first, second] = ['', '\n'].map((end) => Buffer.from(CERTIFICATE + end).toString('base64'))
    expect(write('status', {}, { certificate: first })).toEqual([])
    expect(write('status', { certificate: first }, { certificate: second })).toEqual([
      'status.certificate: Forbidden: updates may not modify existing certificate content',
    ])
    expect(write('status', {}, { certificate: pem('PRIVATE KEY') })).toEqual([
      'status.certificate: Invalid value: "<certificate data>": only CERTIFICATE PEM blocks are allowed, found "PRIVATE KEY"',
    ])
    expect(write('status', {}, { certificate: 'eA==' })).toEqual([
      'status.certificate: Invalid value: "<certificate data>": must contain at least one CERTIFICATE PEM block',
    ])
    expect(write('status', {}, { certificate: pem('CERTIFICATE') })).toEqual([
      'status.certificate: Invalid value: "<certificate data>": x509: malformed certificate',
    ])
    const headed = CERTIFICATE.replace('\n', '\nName: x\n\n')
    expect(write('status', {}, { certificate: Buffer.from(headed).toString('base64') })).toEqual([
      'status.certificate: Invalid value: "<certificate data>": no PEM block headers are permitted',
    ])
  })
})

describe('a review', () => {
  const review = (kind: string, spec: Loose, metadata: Loose = {}): string[] => {
    const object = { apiVersion: 'authorization.k8s.io/v1', kind, metadata, spec }
    return causes(kindOf('authorization.k8s.io/v1', kind).validate!(object, ruleContext()))
  }

  it('asks of a resource or of a path, and of somebody', () => {
    expect(review('SubjectAccessReview', {})).toEqual([
      'spec.resourceAttributes: Invalid value: null: exactly one of nonResourceAttributes or resourceAttributes must be specified',
      'spec.user: Invalid value: "": at least one of user or group must be specified',
    ])
    expect(review('SelfSubjectAccessReview', { resourceAttributes: {}, nonResourceAttributes: {} })[0]).toMatch(
      /^spec\.nonResourceAttributes: Invalid value: .*: cannot be specified in combination with resourceAttributes$/,
    )
  })

  it('of one namespace asks of that namespace', () => {
    const resourceAttributes = { namespace: 'other', verb: 'get', resource: 'pods' }
    expect(review('LocalSubjectAccessReview', { user: 'u', resourceAttributes }, { namespace: 'default' })).toEqual([
      'spec.resourceAttributes.namespace: Invalid value: "other": must match metadata.namespace',
    ])
  })
})
