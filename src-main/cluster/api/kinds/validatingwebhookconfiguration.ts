import type { Kind } from './kind.js'
import type { ObjectMeta, Wire } from '../object.js'

import { collect } from './rules/checks.js'
import { ageColumn, column, nameColumn } from './rules/columns.js'
import { items, semanticEqual } from './rules/sent.js'
import { setWebhookDefaults, validateWebhooks, webhookCount } from './rules/webhooks.js'
import type * as k8s from '@kubernetes/client-node'

export type ValidatingWebhookConfiguration = Wire<k8s.V1ValidatingWebhookConfiguration> & { metadata: ObjectMeta }

/** https://kubernetes.io/docs/reference/kubernetes-api/extend-resources/validating-webhook-configuration-v1/ */
export const validatingWebhookConfiguration: Kind<ValidatingWebhookConfiguration> = {
  group: 'admissionregistration.k8s.io',
  version: 'v1',
  kind: 'ValidatingWebhookConfiguration',
  plural: 'validatingwebhookconfigurations',
  singular: 'validatingwebhookconfiguration',
  unconditionalUpdate: false,
  categories: ['api-extensions'],
  namespaced: false,
  model: 'V1ValidatingWebhookConfiguration',
  generational: true,
  changesGeneration: (object, old) => !semanticEqual(object.webhooks, old.webhooks),

  setDefaults({ webhooks }) {
    for (const w of items(webhooks)) setWebhookDefaults(w)
  },
  validate: ({ webhooks }) => collect((errors) => validateWebhooks(webhooks, errors)),

  columns: [
    nameColumn(),
    column('Webhooks', 'Webhooks indicates the number of webhooks registered in this configuration', webhookCount, { type: 'integer' }),
    ageColumn(),
  ],
}
