import type { Kind } from './kind.js'
import { field, type FieldError } from '../errors.js'
import type { ObjectMeta, Wire } from '../object.js'
import { paramKindText, setPolicyDefaults, validatePolicy } from './rules/admission-policies.js'
import { checkSupported, collect } from './rules/checks.js'
import { ageColumn, column, nameColumn } from './rules/columns.js'
import { items, type Sent } from './rules/sent.js'
import { keepStatus, OWN_METADATA, statusSubresource } from './rules/subresources.js'
import type * as k8s from '@kubernetes/client-node'

export type ValidatingAdmissionPolicy = Wire<k8s.V1ValidatingAdmissionPolicy> & { metadata: ObjectMeta }
type Spec = Sent<k8s.V1ValidatingAdmissionPolicySpec>

const REASONS = ['Forbidden', 'Invalid', 'RequestEntityTooLarge', 'Unauthorized']

/** https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/ */
export const validatingAdmissionPolicy: Kind<ValidatingAdmissionPolicy> = {
  group: 'admissionregistration.k8s.io',
  version: 'v1',
  kind: 'ValidatingAdmissionPolicy',
  plural: 'validatingadmissionpolicies',
  singular: 'validatingadmissionpolicy',
  unconditionalUpdate: false,
  categories: ['api-extensions'],
  namespaced: false,
  model: 'V1ValidatingAdmissionPolicy',
  generational: true,

  setDefaults: (object) => setPolicyDefaults((object.spec ??= {})),
  prepareForCreate: (object) => void (object.status = {}),
  prepareForUpdate: keepStatus,
  validate: ({ spec }) =>
    collect((errors) => {
      validatePolicy(spec ?? {}, errors)
      validateValidations(spec ?? {}, errors)
    }),

  columns: [
    nameColumn(),
    column(
      'Validations',
      'Validations indicates the number of validation rules defined in this configuration',
      (o) => items(o.spec?.validations).length,
      { type: 'integer' },
    ),
    column('ParamKind', 'ParamKind specifies the kind of resources used to parameterize this policy', (o) =>
      paramKindText(o.spec?.paramKind),
    ),
    ageColumn(),
  ],
  subresources: { status: statusSubresource<ValidatingAdmissionPolicy>({ keep: OWN_METADATA }) },
}

function validateValidations(spec: Spec, errors: FieldError[]): void {
  const validations = items(spec.validations)
  const annotations = items(spec.auditAnnotations)
  if (validations.length === 0 && annotations.length === 0) {
    const text = 'validations or auditAnnotations must be non-empty'
    errors.push(field.required('spec.validations', text), field.required('spec.auditAnnotations', text))
  }
  validations.forEach((v, i) => {
    const at = `spec.validations[${i}]`
    const message = v.message ?? ''
    if (!v.expression?.trim()) errors.push(field.required(`${at}.expression`, 'expression is not specified'))
    if (message && !message.trim()) errors.push(field.invalid(`${at}.message`, message, 'message must be non-empty if specified'))
    else if (message.trim().includes('\n'))
      errors.push(field.invalid(`${at}.message`, message.trim(), 'message must not contain line breaks'))
    else if (!message && (v.expression ?? '').trim().includes('\n'))
      errors.push(field.required(`${at}.message`, 'message must be specified if expression contains line breaks'))
    checkSupported(v.reason, REASONS, `${at}.reason`, errors)
  })
  const seen = new Set<string>()
  annotations.forEach((a, i) => {
    const at = `spec.auditAnnotations[${i}]`
    if (!a.key) errors.push(field.required(`${at}.key`))
    if (a.key && seen.has(a.key)) errors.push(field.duplicate(`${at}.key`, a.key))
    seen.add(a.key ?? '')
    if (!a.valueExpression?.trim()) errors.push(field.required(`${at}.valueExpression`, 'valueExpression is not specified'))
  })
}
