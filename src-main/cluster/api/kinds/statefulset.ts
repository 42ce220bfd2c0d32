import type { Kind } from './kind.js'
import { field, type FieldError } from '../errors.js'
import type { ObjectMeta, Wire } from '../object.js'
import { checkName, checkNotNegative, checkSupported, collect, internal } from './rules/checks.js'
import { mirrorDataSource } from './rules/claim-spec.js'
import { ageColumn, column, containerColumns, nameColumn } from './rules/columns.js'
import { dns1123Label } from './rules/names.js'
import { setTemplateDefaults, validateSelectorAndTemplate } from './rules/pod-template.js'
import { checkAtMostHundredPercent, checkCountOrPercent, countOrPercentValue } from './rules/ports.js'
import { items, semanticEqual } from './rules/sent.js'
import { keepStatus, scaleSubresource, statusSubresource } from './rules/subresources.js'
import { validateNotNegativeCounts } from './rules/workload-status.js'
import type * as k8s from '@kubernetes/client-node'

export type StatefulSet = Wire<k8s.V1StatefulSet> & { metadata: ObjectMeta }
type Spec = NonNullable<StatefulSet['spec']>

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

  setDefaults({ spec }) {
    if (!spec) return
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
    setTemplateDefaults(spec.template)
    for (const claim of spec.volumeClaimTemplates ?? []) {
      if (!claim) continue
      claim.apiVersion ||= 'v1'
      claim.kind ||= 'PersistentVolumeClaim'
      if (claim.spec) claim.spec.volumeMode ??= 'Filesystem'
      mirrorDataSource(claim.spec)
      claim.status ??= {}
      claim.status.phase ||= 'Pending'
    }
  },
  prepareForCreate(object) {
    object.status = { replicas: 0, availableReplicas: 0 }
  },
  prepareForUpdate: keepStatus,
  validate: ({ spec }) => collect((errors) => validateSpec(spec ?? ({} as Spec), errors)),
  validateUpdate: (object, old) =>
    collect((errors) => {
      if (!semanticEqual(fixed(object.spec), fixed(old.spec))) {
        const text =
          "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden"
        errors.push(field.forbidden('spec', text))
      }
    }),

  columns: [
    nameColumn(),
    column('Ready', 'Number of the pod with ready state', (o) => `${o.status?.readyReplicas ?? 0}/${o.spec?.replicas ?? 0}`),
    ageColumn(),
    ...containerColumns<StatefulSet>((o) => o.spec?.template?.spec?.containers),
  ],
  subresources: {
    scale: scaleSubresource(),
    status: statusSubresource<StatefulSet>({
      validateUpdate: ({ status }) =>
        collect((errors) => {
          const counts = ['replicas', 'readyReplicas', 'currentReplicas', 'updatedReplicas', 'availableReplicas', 'observedGeneration']
          validateNotNegativeCounts(status, counts, errors)
          for (const name of ['readyReplicas', 'currentReplicas', 'updatedReplicas', 'availableReplicas'] as const)
            if ((status?.[name] ?? 0) > (status?.replicas ?? 0))
              errors.push(field.invalid(`status.${name}`, status?.[name], 'cannot be greater than status.replicas'))
          if ((status?.availableReplicas ?? 0) > (status?.readyReplicas ?? 0))
            errors.push(field.invalid('status.availableReplicas', status?.availableReplicas, 'cannot be greater than status.readyReplicas'))
        }),
    }),
  },
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
    checkSupported(retention?.[name], ['Delete', 'Retain'], `spec.persistentVolumeClaimRetentionPolicy.${name}`, errors)
  checkNotNegative(spec.replicas, 'spec.replicas', errors)
  checkNotNegative(spec.minReadySeconds, 'spec.minReadySeconds', errors)
  if (spec.ordinals) checkNotNegative(spec.ordinals.start, 'spec.ordinals.start', errors)
  checkNotNegative(spec.revisionHistoryLimit, 'spec.revisionHistoryLimit', errors)
  validateSelectorAndTemplate(withClaims(spec), { kind: 'StatefulSet', emptyFor: 'statefulset' }, 'spec', errors)
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
      errors.push(
        field.invalid(
          `${path}.rollingUpdate`,
          internal(rolling, ['partition', 'maxUnavailable']),
          "only allowed for updateStrategy 'RollingUpdate'",
        ),
      )
  } else if (strategy.type !== 'RollingUpdate') {
    errors.push(field.invalid(path, internal(strategy, ['type', 'rollingUpdate']), "must be 'RollingUpdate' or 'OnDelete'"))
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
