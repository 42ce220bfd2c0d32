import type { Kind } from './kind.js'
import type { Variables } from '../cel/check.js'
import { field, type FieldError } from '../errors.js'
import type { ObjectMeta, Wire } from '../object.js'
import { checkExpression, variablesOfMessages } from './rules/admission-expressions.js'
import { paramKindText, setPolicyDefaults, validatePolicy } from './rules/admission-policies.js'
import { checkGiven, checkName, checkRequired, collect } from './rules/checks.js'
import { ageColumn, column, nameColumn } from './rules/columns.js'
import { validateConditions } from './rules/conditions.js'
import { qualifiedName } from './rules/names.js'
import { items, type Sent } from './rules/sent.js'
import { keepStatus, OWN_METADATA, statusSubresource } from './rules/subresources.js'
import type * as k8s from '@kubernetes/client-node'

export type ValidatingAdmissionPolicy = Wire<k8s.V1ValidatingAdmissionPolicy> & { metadata: ObjectMeta }
type Spec = Sent<k8s.V1ValidatingAdmissionPolicySpec>

const REASONS = ['Forbidden', 'Invalid', 'RequestEntityTooLarge']
const MOST_ANNOTATIONS = 20
/** Bytes. */
const LONGEST_VALUE_EXPRESSION = 5 * 1024
const NOTHING_TO_DO = 'validations or auditAnnotations must contain at least one item'

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
  validate: ({ metadata, spec }) =>
    collect((errors) => {
      const variables = validatePolicy(spec ?? {}, errors)
      validateValidations(spec ?? {}, metadata.name ?? '', variables, errors)
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
  subresources: {
    status: statusSubresource<ValidatingAdmissionPolicy>({
      keep: OWN_METADATA,
      validateUpdate: ({ status }) => collect((errors) => validateStatus(status, errors)),
    }),
  },
}

function validateStatus(status: ValidatingAdmissionPolicy['status'], errors: FieldError[]): void {
  items(status?.typeChecking?.expressionWarnings).forEach(({ warning, fieldRef }, i) => {
    const at = `status.typeChecking.expressionWarnings[${i}]`
    checkRequired(warning, `${at}.warning`, errors)
    checkRequired(fieldRef?.trim(), `${at}.fieldRef`, errors)
  })
  validateConditions(status?.conditions as Parameters<typeof validateConditions>[0], 'status.conditions', errors)
}

function validateValidations(spec: Spec, policy: string, variables: Variables, errors: FieldError[]): void {
  const validations = items(spec.validations)
  const annotations = items(spec.auditAnnotations)
  if (validations.length === 0 && annotations.length === 0)
    errors.push(field.required('spec.validations', NOTHING_TO_DO), field.required('spec.auditAnnotations', NOTHING_TO_DO))
  validations.forEach((v, i) => validateValidation(v, variables, `spec.validations[${i}]`, errors))
  if (annotations.length > MOST_ANNOTATIONS) {
    const shown = annotations.map((a) => ({ Key: a.key ?? '', ValueExpression: a.valueExpression ?? '' }))
    errors.push(field.invalid('spec.auditAnnotations', shown, `must not have more than ${MOST_ANNOTATIONS} auditAnnotations`))
  }
  const seen = new Set<string>()
  annotations.forEach((a, i) => {
    const at = `spec.auditAnnotations[${i}]`
    const key = a.key ?? ''
    if (policy) checkName(qualifiedName, `${policy}/${key}`, `${at}.key`, errors)
    else errors.push(field.invalid(`${at}.key`, key, 'requires metadata.name be non-empty'))
    const expression = a.valueExpression?.trim() ?? ''
    if (!expression) errors.push(field.required(`${at}.valueExpression`, 'valueExpression is not specified'))
    else if (Buffer.byteLength(expression) > LONGEST_VALUE_EXPRESSION)
      errors.push(field.required(`${at}.valueExpression`, `must not exceed ${LONGEST_VALUE_EXPRESSION} bytes in length`))
    else checkExpression(expression, variables, ['string', 'null'], `${at}.valueExpression`, errors, a.valueExpression!)
    if (seen.has(key)) errors.push(field.duplicate(`${at}.key`, key))
    seen.add(key)
  })
}

function validateValidation(v: Sent<k8s.V1Validation>, variables: Variables, path: string, errors: FieldError[]): void {
  const { expression, message, messageExpression } = v
  if (!expression?.trim()) errors.push(field.required(`${path}.expression`, 'expression is not specified'))
  else checkExpression(expression, variables, ['bool'], `${path}.expression`, errors)
  if (messageExpression && !messageExpression.trim())
    errors.push(field.invalid(`${path}.messageExpression`, messageExpression, 'must be non-empty if specified'))
  else if (messageExpression)
    checkExpression(messageExpression, variablesOfMessages(variables), ['string'], `${path}.messageExpression`, errors)
  if (message && !message.trim()) errors.push(field.invalid(`${path}.message`, message, 'message must be non-empty if specified'))
  else if (/[\n\r]/.test(message?.trim() ?? ''))
    errors.push(field.invalid(`${path}.message`, message, 'message must not contain line breaks'))
  checkGiven(v.reason, REASONS, `${path}.reason`, errors)
}
