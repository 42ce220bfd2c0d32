import type { Kind } from './kind.js'
import type { ObjectMeta, Wire } from '../object.js'
import { REINVOCATION_POLICIES } from './rules/admission-rules.js'
import { checkGiven, collect } from './rules/checks.js'
import { ageColumn, column, nameColumn } from './rules/columns.js'
import { items, semanticEqual } from './rules/sent.js'
import { setWebhookDefaults, validateWebhooks, webhookCount } from './rules/webhooks.js'
import type * as k8s from '@kubernetes/client-node'

export type MutatingWebhookConfiguration = Wire<k8s.V1MutatingWebhookConfiguration> & { metadata: ObjectMeta }

/** https://kubernetes.io/docs/reference/kubernetes-api/extend-resources/mutating-webhook-configuration-v1/ */
export const mutatingWebhookConfiguration: Kind<MutatingWebhookConfiguration> = {
  group: 'admissionregistration.k8s.io',
  version: 'v1',
  kind: 'MutatingWebhookConfiguration',
  plural: 'mutatingwebhookconfigurations',
  singular: 'mutatingwebhookconfiguration',
  unconditionalUpdate: false,
  categories: ['api-extensions'],
  namespaced: false,
  model: 'V1MutatingWebhookConfiguration',
  generational: true,
  changesGeneration: (object, old) => !semanticEqual(object.webhooks, old.webhooks),

  setDefaults({ webhooks }) {
    for (const w of items(webhooks)) {
      setWebhookDefaults(w)
      w.reinvocationPolicy ??= 'Never'
    }
  },
  validate: ({ webhooks }) =>
    collect((errors) =>
      validateWebhooks(webhooks, errors, (w, path) =>
        checkGiven(w.reinvocationPolicy, REINVOCATION_POLICIES, `${path}.reinvocationPolicy`, errors),
      ),
    ),

  columns: [
    nameColumn(),
    column('Webhooks', 'Webhooks indicates the number of webhooks registered in this configuration', webhookCount, { type: 'integer' }),
    ageColumn(),
  ],
}
