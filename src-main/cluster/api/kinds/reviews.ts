/**
 * What is asked and answered, never stored: who somebody is and what they may do. The server answers; here are the
 * names and what makes a question wrong. They share one file since they are nothing but that.
 */
import type { Kind } from './kind.js'
import { field, type FieldError } from '../errors.js'
import type { ObjectMeta, Wire } from '../object.js'
import { collect } from './rules/checks.js'
import { validateSelector } from './rules/selectors.js'
import { isEmpty, type Sent } from './rules/sent.js'
import type * as k8s from '@kubernetes/client-node'

type Review<T> = Wire<T> & { metadata: ObjectMeta }

const question = { verbs: ['create'], virtual: true, version: 'v1' } as const satisfies Partial<Kind>
const authorization = { ...question, group: 'authorization.k8s.io' } as const
const authentication = { ...question, group: 'authentication.k8s.io' } as const

export const tokenReview: Kind<Review<k8s.V1TokenReview>> = {
  ...authentication,
  kind: 'TokenReview',
  plural: 'tokenreviews',
  singular: 'tokenreview',
  namespaced: false,
  model: 'V1TokenReview',
  validate: ({ metadata, spec }) =>
    collect((errors) => {
      refuseMetadata(metadata, errors)
      if (!spec?.token) errors.push(field.required('spec.token'))
    }),
}

export const selfSubjectReview: Kind<Review<k8s.V1SelfSubjectReview>> = {
  ...authentication,
  kind: 'SelfSubjectReview',
  plural: 'selfsubjectreviews',
  singular: 'selfsubjectreview',
  namespaced: false,
  model: 'V1SelfSubjectReview',
}

export const subjectAccessReview: Kind<Review<k8s.V1SubjectAccessReview>> = {
  ...authorization,
  kind: 'SubjectAccessReview',
  plural: 'subjectaccessreviews',
  singular: 'subjectaccessreview',
  namespaced: false,
  model: 'V1SubjectAccessReview',
  validate: ({ metadata, spec }) =>
    collect((errors) => {
      refuseMetadata(metadata, errors)
      validateAttributes(spec ?? {}, errors)
      validateSubject(spec ?? {}, errors)
    }),
}

export const localSubjectAccessReview: Kind<Review<k8s.V1LocalSubjectAccessReview>> = {
  ...authorization,
  kind: 'LocalSubjectAccessReview',
  plural: 'localsubjectaccessreviews',
  singular: 'localsubjectaccessreview',
  namespaced: true,
  model: 'V1LocalSubjectAccessReview',
  validate: ({ metadata, spec }, ctx) =>
    collect((errors) => {
      validateAttributes(spec ?? {}, errors)
      validateSubject(spec ?? {}, errors)
      refuseMetadata({ ...metadata, namespace: undefined }, errors)
      const namespace = spec?.resourceAttributes?.namespace ?? ''
      if (spec?.resourceAttributes && namespace !== ctx.namespace)
        errors.push(field.invalid('spec.resourceAttributes.namespace', namespace, 'must match metadata.namespace'))
      if (spec?.nonResourceAttributes)
        errors.push(field.invalid('spec.nonResourceAttributes', spec.nonResourceAttributes, 'disallowed on this kind of request'))
    }),
}

export const selfSubjectAccessReview: Kind<Review<k8s.V1SelfSubjectAccessReview>> = {
  ...authorization,
  kind: 'SelfSubjectAccessReview',
  plural: 'selfsubjectaccessreviews',
  singular: 'selfsubjectaccessreview',
  namespaced: false,
  model: 'V1SelfSubjectAccessReview',
  validate: ({ metadata, spec }) =>
    collect((errors) => {
      validateAttributes(spec ?? {}, errors)
      refuseMetadata(metadata, errors)
    }),
}

export const selfSubjectRulesReview: Kind<Review<k8s.V1SelfSubjectRulesReview>> = {
  ...authorization,
  kind: 'SelfSubjectRulesReview',
  plural: 'selfsubjectrulesreviews',
  singular: 'selfsubjectrulesreview',
  namespaced: false,
  model: 'V1SelfSubjectRulesReview',
}

/** A question is about nothing that has metadata. */
function refuseMetadata(metadata: object | undefined, errors: FieldError[]): void {
  const rest = Object.entries(metadata ?? {}).filter(([name, value]) => {
    if (name === 'managedFields' || name === 'uid' || name === 'creationTimestamp') return false
    return value !== undefined && value !== null && value !== ''
  })
  if (rest.length) errors.push(field.invalid('metadata', Object.fromEntries(rest), 'must be empty'))
}

type Attributes = Pick<Sent<k8s.V1SubjectAccessReviewSpec>, 'resourceAttributes' | 'nonResourceAttributes'>

function validateAttributes(spec: Attributes, errors: FieldError[]): void {
  const { resourceAttributes: resource, nonResourceAttributes: other } = spec
  if (resource && other)
    errors.push(field.invalid('spec.nonResourceAttributes', other, 'cannot be specified in combination with resourceAttributes'))
  if (!resource && !other)
    errors.push(
      field.invalid('spec.resourceAttributes', null, 'exactly one of nonResourceAttributes or resourceAttributes must be specified'),
    )
  for (const name of ['fieldSelector', 'labelSelector'] as const) {
    const selector = resource?.[name]
    if (!selector) continue
    const at = `spec.resourceAttributes.${name}`
    if (selector.rawSelector && !isEmpty(selector.requirements))
      errors.push(field.invalid(`${at}.rawSelector`, selector.rawSelector, 'may not specified at the same time as requirements'))
    if (!selector.rawSelector && isEmpty(selector.requirements))
      errors.push(field.required(`${at}.requirements`, `when ${at} is specified, requirements or rawSelector is required`))
    if (name === 'labelSelector' && !isEmpty(selector.requirements))
      validateSelector({ matchExpressions: selector.requirements }, `${at}.requirements`, errors)
  }
}

function validateSubject(spec: Sent<k8s.V1SubjectAccessReviewSpec>, errors: FieldError[]): void {
  if (!spec.user && isEmpty(spec.groups))
    errors.push(field.invalid('spec.user', spec.user ?? '', 'at least one of user or group must be specified'))
}
