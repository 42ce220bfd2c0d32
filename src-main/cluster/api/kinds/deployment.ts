import type { Kind } from './kind.js'
import { equalJson } from '../copy.js'
import { field, type FieldError } from '../errors.js'
import type { Deployment } from '../object.js'
import { checkImmutable, checkNotNegative } from './rules/checks.js'
import { ageColumn, column, containerColumns, nameColumn } from './rules/columns.js'
import { hostnameWarnings } from './rules/hostname-warning.js'
import { setTemplateDefaults, validateSelectorAndTemplate } from './rules/pod-template.js'
import { checkAtMostHundredPercent, checkCountOrPercent, countOrPercentValue } from './rules/ports.js'
import { shownStrategy } from './rules/rolling-update.js'
import { selectorQuery } from './rules/selectors.js'
import { keepStatus, scaleSubresource, statusSubresource } from './rules/subresources.js'
import { checkCollisionCount, validateNotNegativeCounts } from './rules/workload-status.js'
import type { Sent } from './rules/sent.js'
import { templateWarnings } from './rules/workload-warnings.js'
import type * as k8s from '@kubernetes/client-node'

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
    const spec = (object.spec ??= {} as NonNullable<typeof object.spec>)
    spec.replicas ??= 1
    setTemplateDefaults((spec.template ??= {}))
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
  setDefaultsBesidesSpec: () => undefined,
  prepareForCreate(object) {
    object.status = {}
  },
  prepareForUpdate: keepStatus,
  // Annotations belong to the rollout history here: a change of them counts.
  changesGeneration: (object, old) =>
    !equalJson(object.spec, old.spec) || !equalJson(object.metadata?.annotations ?? {}, old.metadata?.annotations ?? {}),

  validate({ spec }) {
    const errors: FieldError[] = []
    checkNotNegative(spec?.replicas, 'spec.replicas', errors)
    // The template is that of a ReplicaSet, and called so.
    validateSelectorAndTemplate(spec ?? {}, { kind: 'ReplicaSet', emptyFor: 'deployment' }, 'spec', errors)
    validateStrategy(spec?.strategy, 'spec.strategy', errors)
    checkNotNegative(spec?.minReadySeconds, 'spec.minReadySeconds', errors)
    checkNotNegative(spec?.revisionHistoryLimit, 'spec.revisionHistoryLimit', errors)
    const deadline = spec?.progressDeadlineSeconds
    if (typeof deadline === 'number') {
      checkNotNegative(deadline, 'spec.progressDeadlineSeconds', errors)
      if (deadline <= (spec?.minReadySeconds ?? 0))
        errors.push(field.invalid('spec.progressDeadlineSeconds', deadline, 'must be greater than minReadySeconds'))
    }
    return errors
  },
  validateUpdate(object, old) {
    const errors: FieldError[] = []
    checkImmutable(object.spec?.selector, old.spec?.selector, 'spec.selector', errors)
    return errors
  },

  warnings: (object, old) => [...hostnameWarnings(object, old), ...templateWarnings(object, old, object.spec?.template)],

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
    status: statusSubresource<Deployment>({ keep: ['labels'], validateUpdate: ({ status }, old) => validateStatus(status, old.status) }),
  },
}

function validateStrategy(sent: Sent<k8s.V1DeploymentStrategy> | null | undefined, path: string, errors: FieldError[]): void {
  const strategy = sent ?? {}
  if (strategy.type === 'Recreate') {
    if (strategy.rollingUpdate)
      errors.push(field.forbidden(`${path}.rollingUpdate`, "may not be specified when strategy `type` is 'Recreate'"))
  } else if (strategy.type !== 'RollingUpdate') {
    errors.push(field.notSupported(path, shownStrategy(strategy), ['Recreate', 'RollingUpdate']))
  } else if (!strategy.rollingUpdate) {
    errors.push(field.required(`${path}.rollingUpdate`, 'this should be defaulted and never be nil'))
  } else {
    const at = `${path}.rollingUpdate`
    const { maxUnavailable, maxSurge } = strategy.rollingUpdate
    checkCountOrPercent(maxUnavailable ?? 0, `${at}.maxUnavailable`, errors)
    checkCountOrPercent(maxSurge ?? 0, `${at}.maxSurge`, errors)
    if (countOrPercentValue(maxUnavailable) === 0 && countOrPercentValue(maxSurge) === 0)
      errors.push(field.invalid(`${at}.maxUnavailable`, maxUnavailable ?? 0, 'may not be 0 when `maxSurge` is 0'))
    checkAtMostHundredPercent(maxUnavailable, `${at}.maxUnavailable`, errors)
  }
}

function validateStatus(status: Deployment['status'], old: Deployment['status']): FieldError[] {
  const errors: FieldError[] = []
  const counts = [
    'observedGeneration',
    'replicas',
    'updatedReplicas',
    'readyReplicas',
    'availableReplicas',
    'unavailableReplicas',
    'terminatingReplicas',
    'collisionCount',
  ]
  validateNotNegativeCounts(status, counts, errors)
  const replicas = status?.replicas ?? 0
  for (const name of ['updatedReplicas', 'readyReplicas', 'availableReplicas'] as const)
    if ((status?.[name] ?? 0) > replicas)
      errors.push(field.invalid(`status.${name}`, status?.[name] ?? 0, 'cannot be greater than status.replicas'))
  if ((status?.availableReplicas ?? 0) > (status?.readyReplicas ?? 0))
    errors.push(field.invalid('status.availableReplicas', status?.availableReplicas ?? 0, 'cannot be greater than readyReplicas'))
  checkCollisionCount(status, old, errors)
  return errors
}
