import type { Kind } from './kind.js'
import { field, printed, type FieldError } from '../errors.js'
import type { ObjectMeta, Wire } from '../object.js'
import { checkName, checkNotNegative, collect, internal } from './rules/checks.js'
import { mirrorDataSource, validateClaimSpec } from './rules/claim-spec.js'
import { ageColumn, column, containerColumns, nameColumn } from './rules/columns.js'
import { dns1123Label } from './rules/names.js'
import { DOES_NOT_MATCH, setTemplateDefaults, validateAlwaysRestarts, validateTemplate } from './rules/pod-template.js'
import { checkAtMostHundredPercent, checkCountOrPercent, countOrPercentValue } from './rules/ports.js'
import { isBrokenSelector, isEmptySelector, matchesSelector, shownSelector, validateSelector } from './rules/selectors.js'
import { items, semanticEqual, shownMap } from './rules/sent.js'
import { keepStatus, scaleSubresource, statusSubresource } from './rules/subresources.js'
import { checkCollisionCount, validateNotNegativeCounts } from './rules/workload-status.js'
import { templateWarnings } from './rules/workload-warnings.js'
import type * as k8s from '@kubernetes/client-node'

export type StatefulSet = Wire<k8s.V1StatefulSet> & { metadata: ObjectMeta }
type Spec = NonNullable<StatefulSet['spec']>

const RETENTION = ['Retain', 'Delete']

/** https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/stateful-set-v1/ */
export const statefulSet: Kind<StatefulSet> = {
  group: 'apps',
  version: 'v1',
  kind: 'StatefulSet',
  plural: 'statefulsets',
  singular: 'statefulset',
  shortNames: ['sts'],
  categories: ['all'],
  namespaced: true,
  model: 'V1StatefulSet',
  generational: true,

  setDefaults(object) {
    const spec = (object.spec ??= {} as NonNullable<typeof object.spec>)
    spec.replicas ??= 1
    spec.podManagementPolicy ||= 'OrderedReady'
    const strategy = (spec.updateStrategy ??= {})
    if (!strategy.type) {
      strategy.type = 'RollingUpdate'
      strategy.rollingUpdate ??= {}
    }
    if (strategy.type === 'RollingUpdate') {
      const rolling = (strategy.rollingUpdate ??= {})
      rolling.partition ??= 0
    }
    spec.revisionHistoryLimit ??= 10
    const retention = (spec.persistentVolumeClaimRetentionPolicy ??= {})
    retention.whenDeleted ||= 'Retain'
    retention.whenScaled ||= 'Retain'
    setTemplateDefaults((spec.template ??= {}))
    for (const claim of spec.volumeClaimTemplates ?? []) {
      if (!claim) continue
      claim.apiVersion = 'v1'
      claim.kind = 'PersistentVolumeClaim'
      if (claim.spec) claim.spec.volumeMode ??= 'Filesystem'
      mirrorDataSource(claim.spec)
      claim.status ??= {}
      claim.status.phase ||= 'Pending'
    }
  },
  setDefaultsBesidesSpec: () => undefined,
  prepareForCreate(object) {
    object.status = { replicas: 0, availableReplicas: 0 }
    dropDisabledFields(object, undefined)
  },
  prepareForUpdate(object, old) {
    keepStatus(object, old)
    dropDisabledFields(object, old)
  },
  validateName: dns1123Label,
  validate: ({ spec }) => collect((errors) => validateSpec(spec ?? ({} as Spec), errors)),
  // They cannot change later, and what is stored was once taken unchecked.
  validateCreate: ({ spec }) =>
    collect((errors) =>
      items(spec?.volumeClaimTemplates).forEach((c, i) => validateClaimSpec(c.spec, `spec.volumeClaimTemplates[${i}].spec`, errors)),
    ),
  validateUpdate: (object, old) =>
    collect((errors) => {
      if (!semanticEqual(fixed(object.spec), fixed(old.spec))) {
        const text =
          "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden"
        errors.push(field.forbidden('spec', text))
      }
    }),

  warnings(object, old) {
    const texts = templateWarnings(object, old, object.spec?.template)
    if ((object.spec?.revisionHistoryLimit ?? 0) < 0)
      texts.push('spec.revisionHistoryLimit: a negative value retains all historical revisions; a value >= 0 is recommended')
    return texts
  },

  columns: [
    nameColumn(),
    column('Ready', 'Number of the pod with ready state', (o) => `${o.status?.readyReplicas ?? 0}/${o.spec?.replicas ?? 0}`),
    ageColumn(),
    ...containerColumns<StatefulSet>((o) => o.spec?.template?.spec?.containers),
  ],
  subresources: {
    scale: scaleSubresource(),
    status: statusSubresource<StatefulSet>({
      validateUpdate: ({ status }, old) =>
        collect((errors) => {
          const counts = ['replicas', 'readyReplicas', 'currentReplicas', 'updatedReplicas', 'availableReplicas']
          validateNotNegativeCounts(status, [...counts, 'observedGeneration', 'collisionCount'], errors)
          for (const name of ['readyReplicas', 'currentReplicas', 'updatedReplicas', 'availableReplicas'] as const)
            if ((status?.[name] ?? 0) > (status?.replicas ?? 0))
              errors.push(field.invalid(`status.${name}`, status?.[name] ?? 0, 'cannot be greater than status.replicas'))
          if ((status?.availableReplicas ?? 0) > (status?.readyReplicas ?? 0))
            errors.push(
              field.invalid('status.availableReplicas', status?.availableReplicas ?? 0, 'cannot be greater than status.readyReplicas'),
            )
          checkCollisionCount(status, old.status, errors)
        }),
    }),
  },
}

/** The feature MaxUnavailableStatefulSet is off by default in v1.36: its field is left out, unless it was there already. */
function dropDisabledFields({ spec }: StatefulSet, old: StatefulSet | undefined): void {
  if ((old?.spec?.updateStrategy?.rollingUpdate?.maxUnavailable ?? undefined) === undefined)
    delete spec?.updateStrategy?.rollingUpdate?.maxUnavailable
}

/** What of a spec may not change. */
function fixed(spec: Spec | undefined): Partial<Spec> {
  return {
    podManagementPolicy: spec?.podManagementPolicy,
    selector: spec?.selector,
    serviceName: spec?.serviceName,
    volumeClaimTemplates: spec?.volumeClaimTemplates,
  }
}

function validateSpec(spec: Spec, errors: FieldError[]): void {
  const policy = spec.podManagementPolicy
  if (!policy) errors.push(field.required('spec.podManagementPolicy'))
  else if (!['OrderedReady', 'Parallel'].includes(policy))
    errors.push(field.invalid('spec.podManagementPolicy', policy, "must be 'OrderedReady' or 'Parallel'"))
  if (spec.serviceName) checkName(dns1123Label, spec.serviceName, 'spec.serviceName', errors)
  validateStrategy(spec.updateStrategy ?? {}, 'spec.updateStrategy', errors)
  const retention = spec.persistentVolumeClaimRetentionPolicy
  for (const name of ['whenDeleted', 'whenScaled'] as const)
    if (retention && !RETENTION.includes(retention[name] ?? ''))
      errors.push(field.notSupported(`spec.persistentVolumeClaimRetentionPolicy.${name}`, retention[name] ?? '', RETENTION))
  checkNotNegative(spec.replicas, 'spec.replicas', errors)
  checkNotNegative(spec.minReadySeconds, 'spec.minReadySeconds', errors)
  if (spec.ordinals) checkNotNegative(spec.ordinals.start, 'spec.ordinals.start', errors)
  validateSelectorOf(spec, errors)
  validateAlwaysRestarts(spec.template, 'StatefulSet', 'spec.template', errors)
}

/** A template is looked at only when its selector can be read; how it restarts is looked at in any case. */
function validateSelectorOf(spec: Spec, errors: FieldError[]): void {
  const { selector, template } = spec
  if (!selector) errors.push(field.required('spec.selector'))
  else {
    validateSelector(selector, 'spec.selector', errors)
    if (isEmptySelector(selector))
      errors.push(field.invalid('spec.selector', shownSelector(selector), 'empty selector is invalid for statefulset'))
    if (isBrokenSelector(selector)) {
      errors.push({ reason: 'FieldValueInvalid', field: 'spec.selector', body: `Invalid value: ${printed(shownSelector(selector))}` })
      return
    }
  }
  const labels = template?.metadata?.labels
  if (!matchesSelector(selector, labels)) errors.push(field.invalid('spec.template.metadata.labels', shownMap(labels), DOES_NOT_MATCH))
  validateTemplate(withClaims(spec).template, 'spec.template', errors)
}

/** The spec with its claims among the volumes of the template, as its pods have them. */
function withClaims(spec: Spec): Spec {
  const { template } = spec
  const claims = items(spec.volumeClaimTemplates).map((c) => c.metadata?.name ?? '')
  if (!template?.spec || claims.length === 0) return spec
  const volumes = [
    ...items(template.spec.volumes).filter((v) => !claims.includes(v.name)),
    ...claims.map((name) => ({ name, persistentVolumeClaim: { claimName: name } })),
  ]
  return { ...spec, template: { ...template, spec: { ...template.spec, volumes } } }
}

function validateStrategy(strategy: NonNullable<Spec['updateStrategy']>, path: string, errors: FieldError[]): void {
  const rolling = strategy.rollingUpdate
  if (!strategy.type) errors.push(field.required(path))
  else if (strategy.type === 'OnDelete') {
    if (rolling)
      errors.push(field.invalid(`${path}.rollingUpdate`, shownRolling(rolling), "only allowed for updateStrategy 'RollingUpdate'"))
  } else if (strategy.type !== 'RollingUpdate') {
    errors.push(
      field.invalid(
        path,
        { Type: strategy.type, RollingUpdate: rolling ? shownRolling(rolling) : null },
        "must be 'RollingUpdate' or 'OnDelete'",
      ),
    )
  } else if (rolling) {
    checkNotNegative(rolling.partition, `${path}.rollingUpdate.partition`, errors)
    const most = rolling.maxUnavailable
    if (most === undefined || most === null) return
    const at = `${path}.rollingUpdate.maxUnavailable`
    checkCountOrPercent(most, at, errors)
    if (countOrPercentValue(most) === 0) errors.push(field.invalid(at, most, 'cannot be 0'))
    checkAtMostHundredPercent(most, at, errors)
  }
}

const shownRolling = (rolling: object): object => internal(rolling, ['partition', 'maxUnavailable'], { partition: 0 })
