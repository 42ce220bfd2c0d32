/** Templates of pods inside other objects: defaults, rules, and how a selector must fit them. */
import { field, type FieldError } from '../../errors.js'
import { isNumber } from './checks.js'
import { dropOldInitContainers, mutableItems, setPodSpecDefaults } from './pod-defaults.js'
import { validatePodAnnotations, validateProfilesMatch } from './pod-annotations.js'
import { validatePodSpec } from './pod-spec.js'
import {
  isBrokenSelector,
  isEmptySelector,
  matchesLabels,
  matchesSelector,
  shownSelector,
  validateLabelMap,
  validateSelector,
  type SentSelector,
} from './selectors.js'
import { isEmpty, shownMap, type Sent, type SentMap } from './sent.js'
import { validateAnnotations } from './template-metadata.js'
import type * as k8s from '@kubernetes/client-node'

export type SentTemplate = Sent<k8s.V1PodTemplateSpec>

/** What labels are told that a selector does not select. */
export const DOES_NOT_MATCH = '`selector` does not match template `labels`'

/**
 * Fills in the defaults of a template, in place. Of most kinds the template and the spec around it are always there in
 * Kubernetes' own types, so that one that was not sent has its defaults too.
 */
export function setTemplateDefaults(template: SentTemplate): void {
  template.metadata ??= {}
  for (const owner of mutableItems(template.metadata.ownerReferences))
    for (const name of ['apiVersion', 'kind', 'name', 'uid'] as const) owner[name] ??= ''
  template.spec ??= {}
  setPodSpecDefaults(template.spec)
  dropOldInitContainers(template.metadata.annotations)
}

/** Checks a template by itself. */
export function validateTemplate(template: SentTemplate | null | undefined, path: string, errors: FieldError[]): void {
  const meta = template?.metadata
  validateLabelMap(meta?.labels, `${path}.labels`, errors)
  validateAnnotations(meta?.annotations, `${path}.annotations`, errors)
  validatePodAnnotations(meta?.annotations, template?.spec, `${path}.annotations`, errors)
  validatePodSpec(template?.spec, { isPod: false }, `${path}.spec`, errors)
  validateProfilesMatch(meta?.annotations, template?.spec, `${path}.spec`, errors)
  if (!isEmpty(template?.spec?.ephemeralContainers))
    errors.push(field.forbidden(`${path}.spec.ephemeralContainers`, 'ephemeral containers not allowed in pod template'))
}

/** A workload that keeps pods running restarts them always and sets them no deadline. */
export function validateAlwaysRestarts(template: SentTemplate | null | undefined, kind: string, path: string, errors: FieldError[]): void {
  const policy = template?.spec?.restartPolicy
  if (policy !== 'Always') errors.push(field.notSupported(`${path}.spec.restartPolicy`, policy ?? '', ['Always']))
  if (isNumber(template?.spec?.activeDeadlineSeconds))
    errors.push(field.forbidden(`${path}.spec.activeDeadlineSeconds`, `activeDeadlineSeconds in ${kind} is not Supported`))
}

/** Checks a ReplicationController's template against its selector, a plain map. */
export function validateTemplateForMap(
  template: SentTemplate | null | undefined,
  selector: SentMap,
  path: string,
  errors: FieldError[],
): void {
  if (!template) {
    errors.push(field.required(path))
    return
  }
  const labels = template.metadata?.labels
  if (!isEmpty(selector) && !matchesLabels(selector, labels))
    errors.push(field.invalid(`${path}.metadata.labels`, shownMap(labels), DOES_NOT_MATCH))
  validateTemplate(template, path, errors)
}

/**
 * Checks the selector and the template of a workload of apps/v1, each by itself and against each other. `kind` is the
 * workload's, `emptyFor` the kind that an empty selector is refused for.
 */
export function validateSelectorAndTemplate(
  spec: { selector?: SentSelector | null; template?: SentTemplate | null },
  names: { kind: string; emptyFor: string },
  path: string,
  errors: FieldError[],
): void {
  const { selector, template } = spec
  if (!selector) errors.push(field.required(`${path}.selector`))
  else {
    validateSelector(selector, `${path}.selector`, errors)
    if (isEmptySelector(selector))
      errors.push(field.invalid(`${path}.selector`, shownSelector(selector), `empty selector is invalid for ${names.emptyFor}`))
    if (isBrokenSelector(selector)) {
      errors.push(field.invalid(`${path}.selector`, shownSelector(selector), 'invalid label selector'))
      return
    }
  }
  // A missing selector selects nothing, so no template fits it; an empty one has been told of already.
  const labels = template?.metadata?.labels
  const fits = selector ? isEmptySelector(selector) || matchesSelector(selector, labels) : false
  if (!fits) errors.push(field.invalid(`${path}.template.metadata.labels`, shownMap(labels), DOES_NOT_MATCH))
  validateTemplate(template, `${path}.template`, errors)
  validateAlwaysRestarts(template, names.kind, `${path}.template`, errors)
}
