/** What validating and mutating webhooks have alike. https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/ */
import { field, type FieldError } from '../../errors.js'
import { FAILURE_POLICIES, MATCH_POLICIES, setRuleDefaults, validateMatchConditions, validateRule } from './admission-rules.js'
import { checkGiven, checkName } from './checks.js'
import { dns1035Label, dns1123Subdomain } from './names.js'
import { validateSelector } from './selectors.js'
import { items, strings, type Sent } from './sent.js'
import { setWebhookClientDefaults, validateWebhookClient } from './webhook-client.js'
import type * as k8s from '@kubernetes/client-node'

type Webhook = Sent<k8s.V1ValidatingWebhook>
type Webhooks = (Webhook | null)[] | null | undefined

const SIDE_EFFECTS = ['None', 'NoneOnDryRun']
/** The versions of AdmissionReview that a server can send. */
const REVIEW_VERSIONS = ['v1', 'v1beta1']

export function setWebhookDefaults(webhook: Webhook): void {
  webhook.failurePolicy ??= 'Fail'
  webhook.matchPolicy ??= 'Equivalent'
  webhook.namespaceSelector ??= {}
  webhook.objectSelector ??= {}
  webhook.timeoutSeconds ??= 10
  setWebhookClientDefaults(webhook.clientConfig)
  setRuleDefaults(webhook.rules)
}

/** Checks a list of webhooks, each with what its kind adds. */
export function validateWebhooks<T extends Webhook>(
  webhooks: (T | null)[] | null | undefined,
  errors: FieldError[],
  also: (webhook: T, path: string) => void = () => undefined,
): void {
  const seen = new Set<string>()
  items(webhooks).forEach((w, i) => {
    const path = `webhooks[${i}]`
    validateWebhook(w, path, errors, () => also(w, path))
    validateReviewVersions(strings(w.admissionReviewVersions), `${path}.admissionReviewVersions`, errors)
    const name = w.name ?? ''
    if (name && seen.has(name)) errors.push(field.duplicate(`${path}.name`, name))
    seen.add(name)
  })
}

/** @param also what a kind adds, between what is selected and whom to ask */
function validateWebhook(w: Webhook, path: string, errors: FieldError[], also: () => void): void {
  validateFullName(w.name ?? '', `${path}.name`, errors)
  items(w.rules).forEach((r, i) => validateRule(r, `${path}.rules[${i}]`, errors))
  checkGiven(w.failurePolicy, FAILURE_POLICIES, `${path}.failurePolicy`, errors)
  checkGiven(w.matchPolicy, MATCH_POLICIES, `${path}.matchPolicy`, errors)
  if (w.sideEffects === undefined || w.sideEffects === null)
    errors.push(field.required(`${path}.sideEffects`, `must specify one of ${SIDE_EFFECTS.join(', ')}`))
  else if (!SIDE_EFFECTS.includes(w.sideEffects)) errors.push(field.notSupported(`${path}.sideEffects`, w.sideEffects, SIDE_EFFECTS))
  const timeout = w.timeoutSeconds ?? 10
  if (timeout < 1 || timeout > 30)
    errors.push(field.invalid(`${path}.timeoutSeconds`, timeout, 'the timeout value must be between 1 and 30 seconds'))
  validateSelector(w.namespaceSelector, `${path}.namespaceSelector`, errors)
  validateSelector(w.objectSelector, `${path}.objectSelector`, errors)
  also()
  validateWebhookClient(w.clientConfig ?? {}, `${path}.clientConfig`, errors)
  validateMatchConditions(w.matchConditions, `${path}.matchConditions`, errors)
}

function validateFullName(name: string, path: string, errors: FieldError[]): void {
  if (!name) {
    errors.push(field.required(path))
    return
  }
  const messages = dns1123Subdomain(name)
  for (const m of messages) errors.push(field.invalid(path, name, m))
  if (messages.length === 0 && name.split('.').length < 3)
    errors.push(field.invalid(path, name, 'should be a domain with at least three segments separated by dots'))
}

function validateReviewVersions(versions: string[], path: string, errors: FieldError[]): void {
  if (versions.length === 0) {
    errors.push(field.required(path, `must specify one of ${REVIEW_VERSIONS.join(', ')}`))
    return
  }
  versions.forEach((v, i) => {
    if (versions.indexOf(v) < i) errors.push(field.invalid(`${path}[${i}]`, v, 'duplicate version'))
    else checkName(dns1035Label, v, `${path}[${i}]`, errors)
  })
  if (!versions.some((v) => REVIEW_VERSIONS.includes(v)))
    errors.push(field.invalid(path, versions, `must include at least one of ${REVIEW_VERSIONS.join(', ')}`))
}

/** The number of webhooks, for a table. */
export const webhookCount = ({ webhooks }: { webhooks?: Webhooks }): number => items(webhooks).length
