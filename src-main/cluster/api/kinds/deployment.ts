import type { Kind } from './kind.js'
import type { Deployment } from '../object.js'
import { ageColumn, column, containerColumns, nameColumn } from './rules/columns.js'
import { selectorQuery } from './rules/selectors.js'
import { keepStatus, scaleSubresource, statusSubresource } from './rules/subresources.js'

/** https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/deployment-v1/ */
export const deployment: Kind<Deployment> = {
  group: 'apps',
  version: 'v1',
  kind: 'Deployment',
  plural: 'deployments',
  singular: 'deployment',
  shortNames: ['deploy'],
  categories: ['all'],
  namespaced: true,
  model: 'V1Deployment',
  generational: true,

  setDefaults(object) {
    const { spec } = object
    if (!spec) return
    spec.replicas ??= 1
    const strategy = (spec.strategy ??= {})
    strategy.type ||= 'RollingUpdate'
    if (strategy.type === 'RollingUpdate') {
      const rolling = (strategy.rollingUpdate ??= {})
      rolling.maxUnavailable ??= '25%'
      rolling.maxSurge ??= '25%'
    }
    spec.revisionHistoryLimit ??= 10
    spec.progressDeadlineSeconds ??= 600
  },
  prepareForCreate(object) {
    object.status = {}
  },
  prepareForUpdate: keepStatus,
  // Annotations belong to the rollout history here: a change of them counts.
  changesGeneration: (object, old) =>
    JSON.stringify(object.spec) !== JSON.stringify(old.spec) ||
    JSON.stringify(object.metadata?.annotations ?? {}) !== JSON.stringify(old.metadata?.annotations ?? {}),

  columns: [
    nameColumn(),
    column('Ready', 'Number of the pod with ready state', (o) => `${o.status?.readyReplicas ?? 0}/${o.spec?.replicas ?? 0}`),
    column('Up-to-date', '@status.updatedReplicas', (o) => o.status?.updatedReplicas ?? 0),
    column('Available', '@status.availableReplicas', (o) => o.status?.availableReplicas ?? 0),
    ageColumn(),
    ...containerColumns<Deployment>((o) => o.spec?.template?.spec?.containers),
    column('Selector', '@spec.selector', (o) => selectorQuery(o.spec?.selector), { wide: true }),
  ],
  subresources: {
    scale: scaleSubresource(),
    status: statusSubresource<Deployment>({ keep: ['labels'] }),
  },
}
