import { X509Certificate } from 'node:crypto'
import type { Kind } from './kind.js'
import { rfc3339 } from '../../clock.js'
import { field, type FieldError } from '../errors.js'
import type { ObjectMeta, Wire } from '../object.js'
import { collect } from './rules/checks.js'
import { certificateRequestProblem } from './rules/certificate-request.js'
import { ageColumn, column, nameColumn } from './rules/columns.js'
import { humanDuration } from './rules/duration.js'
import { dns1123Label, dns1123Subdomain } from './rules/names.js'
import { isEmpty, items, semanticEqual, strings } from './rules/sent.js'
import { keepStatus, statusSubresource } from './rules/subresources.js'
import type * as k8s from '@kubernetes/client-node'

export type CertificateSigningRequest = Wire<k8s.V1CertificateSigningRequest> & { metadata: ObjectMeta }

const USAGES = [
  'any',
  'cert sign',
  'client auth',
  'code signing',
  'content commitment',
  'crl sign',
  'data encipherment',
  'decipher only',
  'digital signature',
  'email protection',
  'encipher only',
  'ipsec end system',
  'ipsec tunnel',
  'ipsec user',
  'key agreement',
  'key encipherment',
  'microsoft sgc',
  'netscape sgc',
  'ocsp signing',
  's/mime',
  'server auth',
  'signing',
  'timestamping',
]
/** Only the approval endpoint writes these. */
const APPROVALS = ['Approved', 'Denied']
/** Once there they stay. */
const FINAL = [...APPROVALS, 'Failed']
const STATUSES = ['False', 'True', 'Unknown']
const LONGEST_DOMAIN = 253
const LONGEST_SIGNER = 571

/** https://kubernetes.io/docs/reference/kubernetes-api/authentication-resources/certificate-signing-request-v1/ */
export const certificateSigningRequest: Kind<CertificateSigningRequest> = {
  group: 'certificates.k8s.io',
  version: 'v1',
  kind: 'CertificateSigningRequest',
  plural: 'certificatesigningrequests',
  singular: 'certificatesigningrequest',
  shortNames: ['csr'],
  namespaced: false,
  model: 'V1CertificateSigningRequest',
  metadataOnUpdate: 1,
  changesGeneration: () => false,

  prepareForCreate(object, { user }) {
    object.status = {}
    const { spec } = object
    if (!spec) return
    // Who asks is what the server knows, not what the client says.
    spec.username = user.username
    spec.groups = [...user.groups]
    if (user.uid) spec.uid = user.uid
    else delete spec.uid
    if (user.extra && !isEmpty(user.extra)) spec.extra = Object.fromEntries(Object.entries(user.extra).map(([k, v]) => [k, [...v]]))
    else delete spec.extra
  },
  prepareForUpdate(object, old) {
    object.spec = old.spec
    keepStatus(object, old)
  },
  validateName: (name) =>
    name === '.' || name === '..'
      ? [`may not be '${name}'`]
      : ['/', '%'].filter((c) => name.includes(c)).map((c) => `may not contain '${c}'`),
  validate: ({ spec, status }) =>
    collect((errors) => {
      validateRequest(spec?.request, errors)
      if (isEmpty(spec?.usages)) errors.push(field.required('spec.usages'))
      const usages = strings(spec?.usages)
      usages.forEach((u, i) => {
        if (!USAGES.includes(u)) errors.push(field.notSupported(`spec.usages[${i}]`, u, USAGES))
      })
      usages.forEach((u, i) => {
        if (usages.indexOf(u) < i) errors.push(field.duplicate(`spec.usages[${i}]`, u))
      })
      if (spec?.signerName === 'kubernetes.io/legacy-unknown')
        errors.push(field.invalid('spec.signerName', spec.signerName, 'the legacy signerName is not allowed via this API version'))
      else validateSignerName(spec?.signerName ?? '', errors)
      const seconds = spec?.expirationSeconds
      if (typeof seconds === 'number' && seconds < 600)
        errors.push(field.invalid('spec.expirationSeconds', seconds, 'may not specify a duration less than 600 seconds (10 minutes)'))
      validateConditions(status, errors)
    }),

  columns: [
    nameColumn(),
    ageColumn(),
    column('SignerName', '@spec.signerName', (o) => o.spec?.signerName || '<none>'),
    column('Requestor', '@spec.request', (o) => o.spec?.username ?? ''),
    column('RequestedDuration', '@spec.expirationSeconds', (o) =>
      typeof o.spec?.expirationSeconds === 'number' ? humanDuration(o.spec.expirationSeconds * 1000) : '<none>',
    ),
    column('Condition', '@status.conditions', conditionText),
  ],
  fields: { 'spec.signerName': (o) => o.spec?.signerName ?? '' },
  resets: ['spec', 'status'],
  subresources: {
    approval: {
      type: 'object',
      verbs: ['get', 'patch', 'update'],
      resets: ['spec'],
      prepareForUpdate(object, old, ctx) {
        object.spec = old.spec
        // An approver sets conditions; certificates come from signers.
        object.status = { ...old.status, conditions: object.status?.conditions }
        if (!object.status.conditions) delete object.status.conditions
        stampConditions(object, old, rfc3339(ctx.clock.now()))
      },
      validateUpdate: (object, old) =>
        collect((errors) => {
          validateConditions(object.status, errors)
          validateKept(object, old, errors)
        }),
    },
    status: {
      ...statusSubresource<CertificateSigningRequest>(),
      resets: ['spec', 'status.conditions'],
      prepareForUpdate(object, old, ctx) {
        object.spec = old.spec
        keepApprovals(object, old)
        stampConditions(object, old, rfc3339(ctx.clock.now()))
      },
      validateUpdate: (object, old) =>
        collect((errors) => {
          const certificate = object.status?.certificate
          validateConditions(object.status, errors)
          if (!semanticEqual(certificate, old.status?.certificate)) validateCertificate(certificate, errors)
          validateKept(object, old, errors)
          for (const type of APPROVALS)
            if (ofType(object, type).length > ofType(old, type).length)
              errors.push(field.forbidden('status.conditions', `updates may not add a condition of type ${JSON.stringify(type)}`))
          if (old.status?.certificate && !semanticEqual(certificate, old.status.certificate))
            errors.push(field.forbidden('status.certificate', 'updates may not modify existing certificate content'))
        }),
    },
  },
}

type Condition = NonNullable<NonNullable<CertificateSigningRequest['status']>['conditions']>[number]

function ofType({ status }: CertificateSigningRequest, type: string): Condition[] {
  return items(status?.conditions).filter((c) => c.type === type)
}

/** Who writes the status cannot change what was approved or denied: such conditions stay word for word. */
function keepApprovals(object: CertificateSigningRequest, old: CertificateSigningRequest): void {
  for (const type of APPROVALS) {
    const before = ofType(old, type)
    if (!object.status?.conditions || ofType(object, type).length !== before.length) continue
    object.status.conditions = object.status.conditions.map((c) => (c.type === type ? structuredClone(before.shift()!) : c))
  }
}

/** What was decided stays decided. */
function validateKept(object: CertificateSigningRequest, old: CertificateSigningRequest, errors: FieldError[]): void {
  for (const type of FINAL)
    if (ofType(object, type).length < ofType(old, type).length)
      errors.push(field.forbidden('status.conditions', `updates may not remove a condition of type ${JSON.stringify(type)}`))
}

/** An issued certificate is PEM with nothing but certificates in it. */
function validateCertificate(base64: string | null | undefined, errors: FieldError[]): void {
  const why = base64 ? certificateProblem(Buffer.from(base64, 'base64').toString()) : undefined
  if (why) errors.push(field.invalid('status.certificate', '<certificate data>', why))
}

/** What is wrong with certificates as PEM; the first block that is not right tells. */
function certificateProblem(pem: string): string | undefined {
  const blocks = [...pem.matchAll(/-----BEGIN ([A-Z0-9 ]+)-----([\s\S]*?)-----END \1-----/g)]
  if (blocks.length === 0) return 'must contain at least one CERTIFICATE PEM block'
  for (const [text, type, body = ''] of blocks) {
    if (type !== 'CERTIFICATE') return `only CERTIFICATE PEM blocks are allowed, found ${JSON.stringify(type)}`
    if (body.includes(':')) return 'no PEM block headers are permitted'
    try {
      void new X509Certificate(text)
    } catch {
      return 'x509: malformed certificate'
    }
  }
  return undefined
}

function stampConditions(object: CertificateSigningRequest, old: CertificateSigningRequest, now: string): void {
  for (const c of items(object.status?.conditions)) {
    c.lastUpdateTime ??= now
    const before = items(old.status?.conditions).find((o) => o.type === c.type)
    c.lastTransitionTime ??= (before?.status === c.status ? before?.lastTransitionTime : undefined) ?? now
  }
}

function validateRequest(request: string | undefined, errors: FieldError[]): void {
  const why = certificateRequestProblem(Buffer.from(request ?? '', 'base64').toString())
  if (why) errors.push(field.invalid('spec.request', request ?? '', why))
}

/** A signer is named by a domain of at least two labels and what its owner makes of it: `example.com/signer-name`. */
function validateSignerName(name: string, errors: FieldError[]): void {
  const at = 'spec.signerName'
  if (!name) {
    errors.push(field.required(at))
    return
  }
  const [domain, path, ...rest] = name.split('/') as [string, string | undefined, ...string[]]
  if (path === undefined || rest.length) {
    errors.push(field.invalid(at, name, "must be a fully qualified domain and path of the form 'example.com/signer-name'"))
    return
  }
  const checkLabels = (check: (label: string) => string[], segment: string): void => {
    const bad = segment.split('.').find((label) => check(label).length > 0)
    if (bad !== undefined)
      for (const m of check(bad)) errors.push(field.invalid(at, segment, `validating label ${JSON.stringify(bad)}: ${m}`))
  }
  if (Buffer.byteLength(domain) > LONGEST_DOMAIN) errors.push(field.tooLong(at, LONGEST_DOMAIN))
  checkLabels(dns1123Label, domain)
  if (!domain.includes('.')) errors.push(field.invalid(at, domain, 'should be a domain with at least two segments separated by dots'))
  checkLabels(dns1123Subdomain, path)
  if (Buffer.byteLength(name) > LONGEST_SIGNER) errors.push(field.tooLong(at, LONGEST_SIGNER))
}

function validateConditions(status: CertificateSigningRequest['status'], errors: FieldError[]): void {
  const seen = new Set<string>()
  items(status?.conditions).forEach((c, i) => {
    const at = `status.conditions[${i}]`
    if (!c.type) errors.push(field.required(`${at}.type`))
    if (!c.status) errors.push(field.required(`${at}.status`))
    else if (['Approved', 'Denied', 'Failed'].includes(c.type) && c.status !== 'True')
      errors.push(field.notSupported(`${at}.status`, c.status, ['True']))
    else if (!STATUSES.includes(c.status)) errors.push(field.notSupported(`${at}.status`, c.status, STATUSES))
    if (APPROVALS.includes(c.type) && APPROVALS.some((a) => a !== c.type && seen.has(a)))
      errors.push(field.invalid('status.conditions', c.type, 'Approved and Denied conditions are mutually exclusive'))
    if (seen.has(c.type)) errors.push(field.duplicate(`${at}.type`, c.type))
    seen.add(c.type)
  })
}

function conditionText({ status }: CertificateSigningRequest): string {
  const has = (type: string): boolean => items(status?.conditions).some((c) => c.type === type)
  const texts = [has('Denied') ? 'Denied' : has('Approved') ? 'Approved' : 'Pending']
  if (has('Failed')) texts.push('Failed')
  if (status?.certificate) texts.push('Issued')
  return texts.join(',')
}
