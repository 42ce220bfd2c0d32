import type { Kind } from './kind.js'
import { field, type FieldError } from '../errors.js'
import type { ObjectMeta, Wire } from '../object.js'
import { checkImmutable, checkNotNegative, collect } from './rules/checks.js'
import { ageColumn, column, containerColumns, nameColumn } from './rules/columns.js'
import { DOES_NOT_MATCH, setTemplateDefaults, validateAlwaysRestarts, validateTemplate } from './rules/pod-template.js'
import { checkAtMostHundredPercent, checkCountOrPercent, countOrPercentValue } from './rules/ports.js'
import { shownStrategy } from './rules/rolling-update.js'
import {
  formatLabels,
  formatSelector,
  isBrokenSelector,
  isEmptySelector,
  matchesSelector,
  shownSelector,
  validateSelector,
} from './rules/selectors.js'
import { semanticEqual, shownMap } from './rules/sent.js'
import { keepStatus, statusSubresource } from './rules/subresources.js'
import { checkCollisionCount, validateNotNegativeCounts } from './rules/workload-status.js'
import { templateWarnings } from './rules/workload-warnings.js'
import type * as k8s from '@kubernetes/client-node'

export type DaemonSet = Wire<k8s.V1DaemonSet> & { metadata: ObjectMeta }
type Strategy = NonNullable<NonNullable<DaemonSet['spec']>['updateStrategy']>

/** Counts the versions of the template; once a field of the spec. */
const TEMPLATE_GENERATION = 'deprecated.daemonset.template.generation'

const COUNTS = [
  'currentNumberScheduled',
  'numberMisscheduled',
  'desiredNumberScheduled',
  'numberReady',
  'observedGeneration',
  'updatedNumberScheduled',
  'numberAvailable',
  'numberUnavailable',
  'collisionCount',
]

const withStatus = statusSubresource<DaemonSet>({
  validateUpdate: ({ status }, old) =>
    collect((errors) => {
      validateNotNegativeCounts(status, COUNTS, errors)
      checkCollisionCount(status, old.status, errors)
    }),
})

/** https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/daemon-set-v1/ */
export const daemonSet: Kind<DaemonSet> = {
  group: 'apps',
  version: 'v1',
  kind: 'DaemonSet',
  plural: 'daemonsets',
  singular: 'daemonset',
  shortNames: ['ds'],
  categories: ['all'],
  namespaced: true,
  model: 'V1DaemonSet',
  metadataOnUpdate: 1,
  generational: true,

  setDefaults(object) {
    const spec = (object.spec ??= {} as NonNullable<typeof object.spec>)
    const strategy = (spec.updateStrategy ??= {})
    strategy.type ||= 'RollingUpdate'
    if (strategy.type === 'RollingUpdate') {
      const rolling = (strategy.rollingUpdate ??= {})
      rolling.maxUnavailable ??= 1
      rolling.maxSurge ??= 0
    }
    spec.revisionHistoryLimit ??= 10
    setTemplateDefaults((spec.template ??= {}))
  },
  setDefaultsBesidesSpec: () => undefined,
  prepareForCreate(object) {
    object.status = { currentNumberScheduled: 0, numberMisscheduled: 0, desiredNumberScheduled: 0, numberReady: 0 }
    setTemplateGeneration(object, 1)
  },
  prepareForUpdate(object, old) {
    keepStatus(object, old)
    const before = templateGeneration(old)
    setTemplateGeneration(object, semanticEqual(object.spec?.template, old.spec?.template) ? before : before + 1)
  },
  validate: ({ spec }) => collect((errors) => validateSpec(spec, errors)),
  validateUpdate: (object, old) =>
    collect((errors) => {
      // The API server checks the spec of an update twice and tells both.
      validateSpec(object.spec, errors)
      checkImmutable(object.spec?.selector, old.spec?.selector, 'spec.selector', errors)
    }),

  warnings: (object, old) => templateWarnings(object, old, object.spec?.template),

  columns: [
    nameColumn(),
    column('Desired', '@status.desiredNumberScheduled', (o) => o.status?.desiredNumberScheduled ?? 0, { type: 'integer' }),
    column('Current', '@status.currentNumberScheduled', (o) => o.status?.currentNumberScheduled ?? 0, { type: 'integer' }),
    column('Ready', '@status.numberReady', (o) => o.status?.numberReady ?? 0, { type: 'integer' }),
    column('Up-to-date', '@status.updatedNumberScheduled', (o) => o.status?.updatedNumberScheduled ?? 0, { type: 'integer' }),
    column('Available', '@status.numberAvailable', (o) => o.status?.numberAvailable ?? 0, { type: 'integer' }),
    column('Node Selector', '@spec.template.spec.nodeSelector', (o) => formatLabels(o.spec?.template?.spec?.nodeSelector)),
    ageColumn(),
    ...containerColumns<DaemonSet>((o) => o.spec?.template?.spec?.containers),
    column('Selector', '@spec.selector', (o) => formatSelector(o.spec?.selector), { wide: true }),
  ],
  subresources: {
    status: {
      ...withStatus,
      prepareForUpdate(object, old, ctx) {
        withStatus.prepareForUpdate(object, old, ctx)
        setTemplateGeneration(object, templateGeneration(old))
      },
    },
  },
}

const templateGeneration = ({ metadata }: DaemonSet): number => Number(metadata.annotations?.[TEMPLATE_GENERATION] ?? 0)

function setTemplateGeneration(object: DaemonSet, generation: number): void {
  object.metadata.annotations = { ...object.metadata.annotations, [TEMPLATE_GENERATION]: String(generation) }
}

/** Other workloads want a selector; a DaemonSet without one selects nothing, which no template fits. */
function validateSpec(spec: DaemonSet['spec'], errors: FieldError[]): void {
  const { selector, template } = spec ?? {}
  validateSelector(selector, 'spec.selector', errors)
  const labels = template?.metadata?.labels
  if (!isBrokenSelector(selector) && !matchesSelector(selector, labels))
    errors.push(field.invalid('spec.template.metadata.labels', shownMap(labels), DOES_NOT_MATCH))
  if (selector && isEmptySelector(selector))
    errors.push(field.invalid('spec.selector', shownSelector(selector), 'empty selector is invalid for daemonset'))
  validateTemplate(template, 'spec.template', errors)
  validateAlwaysRestarts(template, 'DaemonSet', 'spec.template', errors)
  checkNotNegative(spec?.minReadySeconds, 'spec.minReadySeconds', errors)
  validateStrategy(spec?.updateStrategy ?? {}, 'spec.updateStrategy', errors)
  checkNotNegative(spec?.revisionHistoryLimit, 'spec.revisionHistoryLimit', errors)
}

function validateStrategy(strategy: Strategy, path: string, errors: FieldError[]): void {
  if (strategy.type === 'OnDelete') return
  if (strategy.type !== 'RollingUpdate') {
    errors.push(field.notSupported(path, shownStrategy(strategy), ['RollingUpdate', 'OnDelete']))
    return
  }
  const at = `${path}.rollingUpdate`
  if (!strategy.rollingUpdate) {
    errors.push(field.required(at))
    return
  }
  const { maxUnavailable, maxSurge } = strategy.rollingUpdate
  checkCountOrPercent(maxUnavailable ?? 0, `${at}.maxUnavailable`, errors)
  checkCountOrPercent(maxSurge ?? 0, `${at}.maxSurge`, errors)
  checkAtMostHundredPercent(maxUnavailable, `${at}.maxUnavailable`, errors)
  checkAtMostHundredPercent(maxSurge, `${at}.maxSurge`, errors)
  const unavailable = countOrPercentValue(maxUnavailable) !== 0
  const surge = countOrPercentValue(maxSurge) !== 0
  if (unavailable && surge) errors.push(field.invalid(`${at}.maxSurge`, maxSurge, 'may not be set when maxUnavailable is non-zero'))
  if (!unavailable && !surge) errors.push(field.required(`${at}.maxUnavailable`, 'cannot be 0 when maxSurge is 0'))
}
