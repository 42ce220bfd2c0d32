import type { Kind } from './kind.js'
import type { ObjectMeta, Wire } from '../object.js'
import { paramRefText, setPolicyBindingDefaults, validatePolicyBinding } from './rules/admission-policies.js'
import { collect } from './rules/checks.js'
import { ageColumn, column, nameColumn } from './rules/columns.js'
import type * as k8s from '@kubernetes/client-node'

export type MutatingAdmissionPolicyBinding = Wire<k8s.V1MutatingAdmissionPolicyBinding> & { metadata: ObjectMeta }

/** https://kubernetes.io/docs/reference/access-authn-authz/mutating-admission-policy/ */
export const mutatingAdmissionPolicyBinding: Kind<MutatingAdmissionPolicyBinding> = {
  group: 'admissionregistration.k8s.io',
  version: 'v1',
  kind: 'MutatingAdmissionPolicyBinding',
  plural: 'mutatingadmissionpolicybindings',
  singular: 'mutatingadmissionpolicybinding',
  unconditionalUpdate: false,
  categories: ['api-extensions'],
  namespaced: false,
  model: 'V1MutatingAdmissionPolicyBinding',
  generational: true,

  setDefaults: ({ spec }) => setPolicyBindingDefaults(spec),
  validate: ({ spec }) => collect((errors) => validatePolicyBinding(spec ?? {}, errors)),

  columns: [
    nameColumn(),
    column('PolicyName', 'PolicyName indicates the policy definition which the policy binding binded to', (o) => o.spec?.policyName ?? ''),
    column('ParamRef', 'ParamRef indicates the param resource which sets the configration param', (o) => paramRefText(o.spec?.paramRef)),
    ageColumn(),
  ],
}
