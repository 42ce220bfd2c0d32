import type { Form } from './form.js'
import { configMap, secret } from './config.js'
import { ingress, service } from './network.js'
import { autoscaler, cronJob, deployment, job } from './workloads.js'

/** The kinds that have a form. */
export const forms: readonly Form[] = [deployment, service, configMap, secret, autoscaler, ingress, job, cronJob]

/** The form for a document's kind; undefined when there is none. */
export function formFor(object: { apiVersion?: unknown; kind?: unknown } | null | undefined): Form | undefined {
  return forms.find((f) => f.kind === object?.kind && f.apiVersion === object.apiVersion)
}
