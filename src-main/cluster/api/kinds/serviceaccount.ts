import type { Kind } from './kind.js'
import type { ServiceAccount } from '../object.js'
import { ageColumn, column, nameColumn } from './rules/columns.js'
import { items } from './rules/sent.js'

/** https://kubernetes.io/docs/reference/kubernetes-api/authentication-resources/service-account-v1/ */
export const serviceAccount: Kind<ServiceAccount> = {
  group: '',
  version: 'v1',
  kind: 'ServiceAccount',
  plural: 'serviceaccounts',
  singular: 'serviceaccount',
  shortNames: ['sa'],
  namespaced: true,
  model: 'V1ServiceAccount',
  metadataOnUpdate: 1,

  prepareForCreate: keepSecretNames,
  prepareForUpdate: keepSecretNames,
  warnings: annotationWarnings,

  columns: [nameColumn(), column('Secrets', '@secrets', (o) => o.secrets?.length ?? 0), ageColumn()],
  subresources: {
    token: { type: 'connect', verbs: ['create'], kind: 'TokenRequest', group: 'authentication.k8s.io', version: 'v1' },
  },
}

const MOUNTABLE_SECRETS = 'kubernetes.io/enforce-mountable-secrets'

/** Of its Secrets an account says the names only, in place. */
function keepSecretNames(object: ServiceAccount): void {
  if (object.secrets) object.secrets = items(object.secrets).map(({ name }) => (name ? { name } : {}))
}

/** A warning for an annotation that is going away, when it is newly set. */
function annotationWarnings({ metadata }: ServiceAccount, old: ServiceAccount | undefined): string[] {
  const isSet = (annotations: Readonly<Record<string, string>> | undefined): boolean => annotations?.[MOUNTABLE_SECRETS] !== undefined
  if (!isSet(metadata.annotations) || isSet(old?.metadata.annotations)) return []
  return [
    `metadata.annotations[${MOUNTABLE_SECRETS}]: deprecated in v1.32+; prefer separate namespaces to isolate access to mounted secrets`,
  ]
}
