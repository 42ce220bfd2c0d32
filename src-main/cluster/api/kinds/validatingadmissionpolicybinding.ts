import type { Kind } from './kind.js'
import { field } from '../errors.js'
import type { ObjectMeta, Wire } from '../object.js'
import { paramRefText, setPolicyBindingDefaults, validatePolicyBinding } from './rules/admission-policies.js'
import { collect } from './rules/checks.js'
import { ageColumn, column, nameColumn } from './rules/columns.js'
import { strings } from './rules/sent.js'
import type * as k8s from '@kubernetes/client-node'

export type ValidatingAdmissionPolicyBinding = Wire<k8s.V1ValidatingAdmissionPolicyBinding> & { metadata: ObjectMeta }

const ACTIONS = ['Audit', 'Deny', 'Warn']

/** https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/ */
export const validatingAdmissionPolicyBinding: Kind<ValidatingAdmissionPolicyBinding> = {
  group: 'admissionregistration.k8s.io',
  version: 'v1',
  kind: 'ValidatingAdmissionPolicyBinding',
  plural: 'validatingadmissionpolicybindings',
  singular: 'validatingadmissionpolicybinding',
  unconditionalUpdate: false,
  categories: ['api-extensions'],
  namespaced: false,
  model: 'V1ValidatingAdmissionPolicyBinding',
  generational: true,

  setDefaults: ({ spec }) => setPolicyBindingDefaults(spec),
  validate: ({ spec }) =>
    collect((errors) => {
      validatePolicyBinding(spec ?? {}, errors)
      const actions = strings(spec?.validationActions)
      const at = 'spec.validationActions'
      actions.forEach((a, i) => {
        if (!ACTIONS.includes(a)) errors.push(field.notSupported(`${at}[${i}]`, a, ACTIONS))
        if (actions.indexOf(a) < i) errors.push(field.duplicate(`${at}[${i}]`, a))
      })
      if (actions.includes('Deny') && actions.includes('Warn')) {
        const text =
          'must not contain both Deny and Warn (repeating the same validation failure information in the API response and headers serves no purpose)'
        errors.push(field.invalid(at, actions, text))
      }
      if (actions.length === 0) errors.push(field.required(at, 'at least one validation action is required'))
    }),

  columns: [
    nameColumn(),
    column('PolicyName', 'PolicyName indicates the policy definition which the policy binding binded to', (o) => o.spec?.policyName ?? ''),
    column('ParamRef', 'ParamRef indicates the param resource which sets the configration param', (o) => paramRefText(o.spec?.paramRef)),
    ageColumn(),
  ],
}
