/**
 * What is asked and answered, never stored: who somebody is and what they may do. The server answers; here are the
 * names and what makes a question wrong. They share one file since they are nothing but that.
 */
import type { Kind } from './kind.js'
import { field, type FieldError } from '../errors.js'
import type { ObjectMeta, Wire } from '../object.js'
import { checkName, checkRequired, collect } from './rules/checks.js'
import { labelValue, qualifiedName } from './rules/names.js'
import { isEmpty, items, strings, type Sent } from './rules/sent.js'
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
      validateSubjectSpec(spec ?? {}, errors)
      refuseMetadata(metadata, errors)
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
      validateSubjectSpec(spec ?? {}, errors)
      refuseMetadata(metadata, errors, ['namespace'], 'must be empty except for namespace')
      const namespace = spec?.resourceAttributes?.namespace ?? ''
      if (spec?.resourceAttributes && namespace !== ctx.namespace)
        errors.push(field.invalid('spec.resourceAttributes.namespace', namespace, 'must match metadata.namespace'))
      if (spec?.nonResourceAttributes)
        errors.push(
          field.invalid('spec.nonResourceAttributes', shownAttributes(spec.nonResourceAttributes), 'disallowed on this kind of request'),
        )
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
function refuseMetadata(metadata: object | undefined, errors: FieldError[], allowed: readonly string[] = [], why = 'must be empty'): void {
  const given = Object.entries(metadata ?? {}).filter(([name, value]) => {
    if (name === 'managedFields' || name === 'uid' || name === 'creationTimestamp') return false
    return value !== undefined && value !== null && value !== ''
  })
  if (given.some(([name]) => !allowed.includes(name))) errors.push(field.invalid('metadata', Object.fromEntries(given), why))
}

type Attributes = Pick<Sent<k8s.V1SubjectAccessReviewSpec>, 'resourceAttributes' | 'nonResourceAttributes'>

function validateAttributes(spec: Attributes, errors: FieldError[]): void {
  validateOneOf(spec, errors)
  validateSelectors(spec, errors)
}

/** What is asked, and of whom. */
function validateSubjectSpec(spec: Sent<k8s.V1SubjectAccessReviewSpec>, errors: FieldError[]): void {
  validateOneOf(spec, errors)
  if (!spec.user && isEmpty(spec.groups))
    errors.push(field.invalid('spec.user', spec.user ?? '', 'at least one of user or group must be specified'))
  validateSelectors(spec, errors)
}

/** Attributes as messages print the server's own form of them. */
const shownAttributes = ({ path, verb }: Sent<k8s.V1NonResourceAttributes>): object => ({ Path: path ?? '', Verb: verb ?? '' })

function validateOneOf({ resourceAttributes: resource, nonResourceAttributes: other }: Attributes, errors: FieldError[]): void {
  if (resource && other) {
    const text = 'cannot be specified in combination with resourceAttributes'
    errors.push(field.invalid('spec.nonResourceAttributes', shownAttributes(other), text))
  }
  if (!resource && !other) {
    const text = 'exactly one of nonResourceAttributes or resourceAttributes must be specified'
    errors.push(field.invalid('spec.resourceAttributes', null, text))
  }
}

function validateSelectors({ resourceAttributes: resource }: Attributes, errors: FieldError[]): void {
  for (const name of ['fieldSelector', 'labelSelector'] as const) {
    const selector = resource?.[name]
    if (!selector) continue
    const at = `spec.resourceAttributes.${name}`
    if (selector.rawSelector && !isEmpty(selector.requirements))
      errors.push(field.invalid(`${at}.rawSelector`, selector.rawSelector, 'may not specified at the same time as requirements'))
    if (!selector.rawSelector && isEmpty(selector.requirements))
      errors.push(field.required(`${at}.requirements`, `when ${at} is specified, requirements or rawSelector is required`))
    items<Requirement>(selector.requirements).forEach((r, i) => validateRequirement(r, name, `${at}.requirements[${i}]`, errors))
  }
}

type Requirement = Sent<k8s.V1LabelSelectorRequirement>

/** An operator that is not known is let pass: it may be one of a later client. */
function validateRequirement(r: Requirement, of: 'fieldSelector' | 'labelSelector', path: string, errors: FieldError[]): void {
  if (of === 'fieldSelector') checkRequired(r.key, `${path}.key`, errors, 'must be specified')
  if ((r.operator === 'In' || r.operator === 'NotIn') && isEmpty(r.values))
    errors.push(field.required(`${path}.values`, "must be specified when `operator` is 'In' or 'NotIn'"))
  if ((r.operator === 'Exists' || r.operator === 'DoesNotExist') && !isEmpty(r.values))
    errors.push(field.forbidden(`${path}.values`, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"))
  if (of === 'fieldSelector') return
  checkName(qualifiedName, r.key ?? '', `${path}.key`, errors)
  strings(r.values).forEach((value, i) => checkName(labelValue, value, `${path}.values[${i}]`, errors))
}
