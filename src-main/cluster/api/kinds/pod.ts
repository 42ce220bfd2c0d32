import type { Kind } from './kind.js'
import { equalJson } from '../copy.js'
import { field, type FieldError } from '../errors.js'
import type { Pod } from '../object.js'
import { ageColumn, column, nameColumn } from './rules/columns.js'
import { ipWarnings } from './rules/ip-warnings.js'
import { validateImageIsTrimmed } from './rules/containers.js'
import { dropDisabledStatusFields } from './rules/disabled-fields.js'
import {
  dropOldInitContainers,
  mirrorServiceAccount,
  setPodOnlyDefaults,
  setPodSpecDefaults,
  type SentContainer,
  type SentPodSpec,
} from './rules/pod-defaults.js'
import { qosClassOf } from './rules/pod-qos.js'
import { selectByOwnLabels } from './rules/pod-label-keys.js'
import { MIRROR, profilesFromAnnotations, validatePodAnnotations, validateProfilesMatch } from './rules/pod-annotations.js'
import { validatePodSpec } from './rules/pod-spec.js'
import { podText, readinessGates } from './rules/pod-status-text.js'
import { keepObserved, validatePodStatusUpdate } from './rules/pod-status-update.js'
import { podWarnings } from './rules/pod-warnings.js'
import { keepResize, validateResize } from './rules/pod-resize.js'
import { validateEphemeralContainersUpdate, validatePodUpdate } from './rules/pod-update.js'
import { isEmpty, items } from './rules/sent.js'
import { keepMetadata, keepStatus, statusSubresource } from './rules/subresources.js'
import { withConditionTimes, withContainerTimes } from './rules/zero-times.js'

const STATUS = statusSubresource<Pod>({ keep: ['deletionTimestamp', 'ownerReferences'] })

/** https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/ */
export const pod: Kind<Pod> = {
  group: '',
  version: 'v1',
  kind: 'Pod',
  plural: 'pods',
  singular: 'pod',
  shortNames: ['po'],
  categories: ['all'],
  namespaced: true,
  model: 'V1Pod',
  metadataOnUpdate: 1,
  generational: true,

  setDefaults(object) {
    const spec = (object.spec ??= { containers: [] })
    setPodSpecDefaults(spec)
    setPodOnlyDefaults(spec)
    dropOldInitContainers(object.metadata?.annotations)
    mirrorAddresses(object)
    setStatusTimes(object)
  },
  setDefaultsBesidesSpec(object) {
    dropOldInitContainers(object.metadata?.annotations)
    mirrorAddresses(object)
    setStatusTimes(object)
  },
  prepareForCreate(object, { warn }) {
    object.status = { phase: 'Pending', qosClass: qosClassOf(object.spec) }
    // Admission may have chosen the service account.
    if (object.spec) mirrorServiceAccount(object.spec as SentPodSpec)
    if (!isEmpty(object.spec?.schedulingGates)) {
      const message = 'Scheduling is blocked due to non-empty scheduling gates'
      object.status.conditions = [{ type: 'PodScheduled', status: 'False', reason: 'SchedulingGated', message }]
      setStatusTimes(object)
    }
    selectByOwnLabels(object)
    profilesFromAnnotations(object.metadata.annotations, object.spec, warn)
  },
  prepareForUpdate: keepStatus,
  validate(object, _context, old) {
    const errors: FieldError[] = []
    if (object.spec === old?.spec && isStatic(object) === isStatic(old)) validateAnnotations(object, errors)
    else validateWhole(object, errors)
    return errors
  },
  validateCreate(object) {
    const errors: FieldError[] = []
    if (!isEmpty(object.spec?.ephemeralContainers)) errors.push(field.forbidden('spec.ephemeralContainers', 'cannot be set on create'))
    if (object.spec?.nodeName && !isEmpty(object.spec.schedulingGates))
      errors.push(field.forbidden('spec.nodeName', 'cannot be set until all schedulingGates have been cleared'))
    validateProfilesMatch(object.metadata?.annotations, object.spec, 'spec', errors)
    return errors
  },
  validateUpdate(object, old) {
    const errors: FieldError[] = []
    validatePodUpdate(object, old, errors)
    return errors
  },
  // Updates are many, and rarely by people.
  warnings: (object, old) => (old ? [] : podWarnings(object)),
  gracefulDeletion(object, requestedSeconds) {
    const { spec, status } = object
    // Nothing runs yet, or nothing runs any more: no grace is needed.
    if (!spec?.nodeName || status?.phase === 'Failed' || status?.phase === 'Succeeded') return 0
    const seconds = requestedSeconds ?? spec.terminationGracePeriodSeconds ?? 30
    return seconds < 0 ? 1 : seconds
  },

  columns: [
    nameColumn(),
    column('Ready', 'The aggregate readiness state of this pod for accepting traffic.', (o, now) => podText(o, now).ready),
    column('Status', 'The aggregate status of the containers in this pod.', (o, now) => podText(o, now).status),
    column(
      'Restarts',
      'The number of times the containers in this pod have been restarted and when the last container in this pod has restarted.',
      (o, now) => podText(o, now).restarts,
    ),
    ageColumn(),
    column('IP', '@status.podIP', (o) => o.status?.podIPs?.[0]?.ip || '<none>', { wide: true }),
    column('Node', '@spec.nodeName', (o) => o.spec?.nodeName || '<none>', { wide: true }),
    column('Nominated Node', '@status.nominatedNodeName', (o) => o.status?.nominatedNodeName || '<none>', { wide: true }),
    column('Readiness Gates', '@spec.readinessGates', readinessGates, { wide: true }),
  ],
  rowConditions({ status }) {
    if (status?.phase === 'Succeeded')
      return [{ type: 'Completed', status: 'True', reason: 'Succeeded', message: 'The pod has completed successfully.' }]
    if (status?.phase === 'Failed') return [{ type: 'Completed', status: 'True', reason: 'Failed', message: 'The pod failed.' }]
    return []
  },
  fields: {
    'spec.nodeName': (o) => o.spec?.nodeName ?? '',
    // The name it had in the first versions.
    'spec.host': (o) => o.spec?.nodeName ?? '',
    'spec.restartPolicy': (o) => o.spec?.restartPolicy ?? '',
    'spec.schedulerName': (o) => o.spec?.schedulerName ?? '',
    'spec.serviceAccountName': (o) => o.spec?.serviceAccountName ?? '',
    'spec.hostNetwork': (o) => String(o.spec?.hostNetwork ?? false),
    'status.phase': (o) => o.status?.phase ?? '',
    'status.podIP': (o) => o.status?.podIPs?.[0]?.ip ?? o.status?.podIP ?? '',
    'status.podIPs': () => '',
    'status.nominatedNodeName': (o) => o.status?.nominatedNodeName ?? '',
  },
  subresources: {
    attach: { type: 'connect', verbs: ['create', 'get'], kind: 'PodAttachOptions' },
    binding: { type: 'connect', verbs: ['create'], kind: 'Binding' },
    ephemeralcontainers: {
      type: 'object',
      verbs: ['get', 'patch', 'update'],
      prepareForUpdate(object, old) {
        const ephemeralContainers = object.spec?.ephemeralContainers
        object.spec = { ...structuredClone(old.spec!), ...(ephemeralContainers ? { ephemeralContainers } : {}) }
        keepStatus(object, old)
        if (!equalJson(object.spec, old.spec)) object.metadata.generation = (old.metadata.generation ?? 0) + 1
      },
      validateUpdate(object, old) {
        const errors: FieldError[] = []
        validateWhole(object, errors)
        validateEphemeralContainersUpdate(object, old, errors)
        return errors
      },
    },
    eviction: { type: 'connect', verbs: ['create'], kind: 'Eviction', group: 'policy', version: 'v1' },
    exec: { type: 'connect', verbs: ['create', 'get'], kind: 'PodExecOptions' },
    log: { type: 'connect', verbs: ['get'], kind: 'Pod' },
    portforward: { type: 'connect', verbs: ['create', 'get'], kind: 'PodPortForwardOptions' },
    proxy: { type: 'connect', verbs: ['create', 'delete', 'get', 'patch', 'update'], kind: 'PodProxyOptions' },
    resize: {
      type: 'object',
      verbs: ['get', 'patch', 'update'],
      prepareForUpdate(object, old) {
        keepResize(object, old)
        keepStatus(object, old)
        keepMetadata(object.metadata, old.metadata, ['labels', 'annotations', 'finalizers', 'ownerReferences'])
        if (!equalJson(object.spec, old.spec)) object.metadata.generation = (old.metadata.generation ?? 0) + 1
      },
      validateUpdate(object, old) {
        const errors: FieldError[] = []
        validateWhole(object, errors)
        validateResize(object, old, errors)
        return errors
      },
    },
    status: {
      ...STATUS,
      prepareForUpdate(object, old, ctx) {
        STATUS.prepareForUpdate(object, old, ctx)
        keepObserved(object, old)
        dropDisabledStatusFields(object.status)
      },
      validateUpdate(object, old) {
        const errors: FieldError[] = []
        mirrorAddresses(object)
        validatePodStatusUpdate(object, old, errors)
        return errors
      },
      warnings: ({ status }) =>
        (['podIPs', 'hostIPs'] as const).flatMap((list) =>
          items(status?.[list]).flatMap(({ ip }, i) => ipWarnings(ip, `status.${list}[${i}].ip`)),
        ),
    },
  },
}

const isStatic = (object: Pod | undefined): boolean => object?.metadata?.annotations?.[MIRROR] !== undefined

function validateAnnotations({ metadata, spec }: Pod, errors: FieldError[]): void {
  validatePodAnnotations(metadata?.annotations, spec, 'metadata.annotations', errors)
}

function validateWhole(object: Pod, errors: FieldError[]): void {
  validateAnnotations(object, errors)
  validatePodSpec(object.spec, { isPod: true, podName: object.metadata?.name ?? '', isStatic: isStatic(object) }, 'spec', errors)
  if (!object.spec?.serviceAccountName) validateNoTokens(object, errors)
  for (const list of ['containers', 'initContainers'] as const)
    items<SentContainer>(object.spec?.[list]).forEach((c, i) => validateImageIsTrimmed(c, `spec.${list}[${i}]`, errors))
}

/** Without an account there are no tokens to be had. */
function validateNoTokens(object: Pod, errors: FieldError[]): void {
  items(object.spec?.volumes).forEach((v, i) =>
    items(v.projected?.sources).forEach((s, j) => {
      if (!s.serviceAccountToken) return
      const path = `spec.volumes[${i}].projected.sources[${j}].serviceAccountToken`
      errors.push(field.forbidden(path, 'must not be specified when serviceAccountName is not set'))
    }),
  )
}

/** `podIP` is the first of `podIPs`: whichever is given makes the other, and the older field wins where the two differ. */
function mirrorAddresses({ status }: Pod): void {
  if (!status) return
  if (status.podIP && status.podIP !== status.podIPs?.[0]?.ip) status.podIPs = [{ ip: status.podIP }]
  else if (status.podIPs?.[0]?.ip) status.podIP = status.podIPs[0].ip
}

function setStatusTimes({ status }: Pod): void {
  if (!status) return
  if (status.conditions) status.conditions = withConditionTimes(status.conditions)
  for (const list of ['initContainerStatuses', 'containerStatuses', 'ephemeralContainerStatuses'] as const)
    if (status[list]) status[list] = withContainerTimes(status[list])
}
