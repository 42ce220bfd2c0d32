import type { Kind } from './kind.js'
import type { Variables } from '../cel/check.js'
import { APPLY_CONFIGURATION, OPERATIONS } from '../cel/patches.js'
import { field, type FieldError } from '../errors.js'
import type { ObjectMeta, Wire } from '../object.js'
import { paramKindText, setPolicyDefaults, validatePolicy } from './rules/admission-policies.js'
import { checkExpression } from './rules/admission-expressions.js'
import { REINVOCATION_POLICIES } from './rules/admission-rules.js'
import { checkOneOf, collect } from './rules/checks.js'
import { ageColumn, column, nameColumn } from './rules/columns.js'
import { items, type Sent } from './rules/sent.js'
import type * as k8s from '@kubernetes/client-node'

export type MutatingAdmissionPolicy = Wire<k8s.V1MutatingAdmissionPolicy> & { metadata: ObjectMeta }

/** The types of patches with the fields that hold them, and what their expressions give. */
const PATCHES = {
  ApplyConfiguration: { name: 'applyConfiguration', gives: APPLY_CONFIGURATION },
  JSONPatch: { name: 'jsonPatch', gives: OPERATIONS },
} as const

/** https://kubernetes.io/docs/reference/access-authn-authz/mutating-admission-policy/ */
export const mutatingAdmissionPolicy: Kind<MutatingAdmissionPolicy> = {
  group: 'admissionregistration.k8s.io',
  version: 'v1',
  kind: 'MutatingAdmissionPolicy',
  plural: 'mutatingadmissionpolicies',
  singular: 'mutatingadmissionpolicy',
  unconditionalUpdate: false,
  categories: ['api-extensions'],
  namespaced: false,
  model: 'V1MutatingAdmissionPolicy',
  generational: true,

  setDefaults(object) {
    const spec = (object.spec ??= {})
    setPolicyDefaults(spec)
    spec.reinvocationPolicy ??= 'Never'
  },
  validate: ({ spec }) =>
    collect((errors) => {
      const variables = validatePolicy(spec ?? {}, errors)
      if (items(spec?.mutations).length === 0) errors.push(field.required('spec.mutations', 'mutations must contain at least one item'))
      items(spec?.mutations).forEach((m, i) => validateMutation(m, variables, `spec.mutations[${i}]`, errors))
      checkOneOf(spec?.reinvocationPolicy, REINVOCATION_POLICIES, 'spec.reinvocationPolicy', errors)
    }),

  columns: [
    nameColumn(),
    column(
      'Mutations',
      'Mutation indicates the number of mutations rules defined in this configuration',
      (o) => items(o.spec?.mutations).length,
      {
        type: 'integer',
      },
    ),
    column('ParamKind', 'ParamKind specifies the kind of resources used to parameterize this policy', (o) =>
      paramKindText(o.spec?.paramKind),
    ),
    ageColumn(),
  ],
}

function validateMutation(m: Sent<k8s.V1Mutation>, variables: Variables, path: string, errors: FieldError[]): void {
  checkOneOf(m.patchType, Object.keys(PATCHES), `${path}.patchType`, errors)
  for (const [type, { name, gives }] of Object.entries(PATCHES)) {
    const patch = m[name]
    const at = `${path}.${name}`
    if (m.patchType === type) {
      if (!patch) errors.push(field.required(at, `must be specified when patchType is ${type}`))
      else if (!patch.expression?.trim()) errors.push(field.required(`${at}.expression`, 'expression is not specified'))
      else checkExpression(patch.expression, variables, gives, `${at}.expression`, errors)
    } else if (patch && m.patchType) errors.push(field.invalid(at, '{}', `${name} may not be set when patchType is ${m.patchType}`))
  }
}
