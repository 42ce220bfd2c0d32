/** How objects go from one version of a definition to another: not at all, or by a webhook. */
import { field, type FieldError } from '../../errors.js'
import { caBundleProblem } from './ca-bundle.js'
import { checkOneOf } from './checks.js'
import { dns1035Label } from './names.js'
import { isEmpty, strings, type Sent } from './sent.js'
import { validateWebhookClient } from './webhook-client.js'
import type * as k8s from '@kubernetes/client-node'

const REVIEWS = ['v1', 'v1beta1']

type Conversion = Sent<k8s.V1CustomResourceConversion> | null | undefined

/**
 * Checks the conversion of a definition. The paths are those of the API server's own type.
 * @param bundleMatters whether the CA bundle has to be one: that of a definition that is served, which had a good one
 */
export function checkConversion(conversion: Conversion, bundleMatters: boolean, path: string, errors: FieldError[]): void {
  if (!conversion) return
  checkOneOf(conversion.strategy, ['None', 'Webhook'], `${path}.strategy`, errors)
  const { webhook } = conversion
  const client = webhook?.clientConfig
  const versions = strings(webhook?.conversionReviewVersions)
  const atClient = `${path}.webhookClientConfig`
  const atVersions = `${path}.conversionReviewVersions`
  if (conversion.strategy !== 'Webhook') {
    const text = 'should not be set when strategy is not set to Webhook'
    if (client) errors.push(field.forbidden(atClient, text))
    if (!isEmpty(versions)) errors.push(field.forbidden(atVersions, text))
    return
  }
  if (!client) errors.push(field.required(atClient, 'required when strategy is set to Webhook'))
  else {
    validateWebhookClient(client, atClient, errors)
    const problem = bundleMatters ? caBundleProblem(client.caBundle) : undefined
    if (problem) errors.push(field.invalid(`${atClient}.caBundle`, client.caBundle, problem))
  }
  checkReviews(versions, atVersions, errors)
}

/** What is wrong with the CA bundle of a conversion's webhook; undefined when nothing is. */
export const conversionBundleProblem = (conversion: Conversion): string | undefined =>
  caBundleProblem(conversion?.webhook?.clientConfig?.caBundle)

function checkReviews(versions: readonly string[], path: string, errors: FieldError[]): void {
  if (versions.length === 0) {
    errors.push(field.required(path))
    return
  }
  versions.forEach((v, i) => {
    if (versions.indexOf(v) < i) errors.push(field.invalid(`${path}[${i}]`, v, 'duplicate version'))
    else for (const m of dns1035Label(v)) errors.push(field.invalid(`${path}[${i}]`, v, m))
  })
  if (!versions.some((v) => REVIEWS.includes(v)))
    errors.push(field.invalid(path, versions, `must include at least one of ${REVIEWS.join(', ')}`))
}
