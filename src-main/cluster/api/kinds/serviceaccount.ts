import type { Kind } from './kind.js'
import type { ServiceAccount } from '../object.js'
import { ageColumn, column, nameColumn } from './rules/columns.js'

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

  columns: [nameColumn(), column('Secrets', '@secrets', (o) => o.secrets?.length ?? 0), ageColumn()],
  subresources: {
    token: { type: 'connect', verbs: ['create'], kind: 'TokenRequest', group: 'authentication.k8s.io', version: 'v1' },
  },
}
