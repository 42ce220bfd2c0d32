import type { Kind } from './kind.js'
import { field, type FieldError } from '../errors.js'
import type { ObjectMeta, Wire } from '../object.js'
import { checkGiven, checkImmutable, collect, isNumber } from './rules/checks.js'
import { ageColumn, column, nameColumn } from './rules/columns.js'
import { isEmpty, items, strings } from './rules/sent.js'
import type * as k8s from '@kubernetes/client-node'

export type CSIDriver = Wire<k8s.V1CSIDriver> & { metadata: ObjectMeta }
type Spec = CSIDriver['spec'] | undefined

const MODES = ['Persistent', 'Ephemeral']

/** https://kubernetes.io/docs/reference/kubernetes-api/config-and-storage-resources/csi-driver-v1/ */
export const csiDriver: Kind<CSIDriver> = {
  group: 'storage.k8s.io',
  version: 'v1',
  kind: 'CSIDriver',
  plural: 'csidrivers',
  singular: 'csidriver',
  unconditionalUpdate: false,
  namespaced: false,
  model: 'V1CSIDriver',
  generational: true,

  setDefaults(object) {
    const spec = (object.spec ??= {})
    spec.attachRequired ??= true
    spec.podInfoOnMount ??= false
    spec.storageCapacity ??= false
    spec.fsGroupPolicy ??= 'ReadWriteOnceWithFSType'
    if (!spec.volumeLifecycleModes?.length) spec.volumeLifecycleModes = ['Persistent']
    spec.requiresRepublish ??= false
    spec.seLinuxMount ??= false
  },
  prepareForCreate: ({ spec }) => dropDisabledFields(spec, undefined),
  prepareForUpdate: ({ spec }, old) => dropDisabledFields(spec, old.spec),
  validate: ({ spec }) => collect((errors) => validateSpec(spec, errors)),
  // The API server checks an update twice and tells both.
  validateUpdate: (object, old) =>
    collect((errors) => {
      validateSpec(object.spec, errors)
      checkImmutable(object.spec.attachRequired, old.spec.attachRequired, 'spec.attachedRequired', errors)
      checkImmutable(object.spec.volumeLifecycleModes, old.spec.volumeLifecycleModes, 'spec.volumeLifecycleModes', errors)
    }),

  columns: [
    nameColumn(),
    column('AttachRequired', '@spec.attachRequired', (o) => o.spec?.attachRequired ?? true, { type: 'boolean' }),
    column('PodInfoOnMount', '@spec.podInfoOnMount', (o) => o.spec?.podInfoOnMount ?? false, { type: 'boolean' }),
    column('StorageCapacity', '@spec.storageCapacity', (o) => o.spec?.storageCapacity ?? false, { type: 'boolean' }),
    column('TokenRequests', '@spec.tokenRequests', (o) =>
      o.spec?.tokenRequests
        ? items(o.spec.tokenRequests)
            .map((t) => t.audience)
            .join(',')
        : '<unset>',
    ),
    column('RequiresRepublish', '@spec.requiresRepublish', (o) => o.spec?.requiresRepublish ?? false, { type: 'boolean' }),
    column('Modes', '@spec.volumeLifecycleModes', (o) => strings(o.spec?.volumeLifecycleModes).join(',') || '<none>'),
    ageColumn(),
  ],
}

/** The feature VolumeLimitScaling is off by default in v1.36: its field is left out, unless it was there already. */
function dropDisabledFields(spec: CSIDriver['spec'], old: CSIDriver['spec'] | undefined): void {
  if (typeof old?.preventPodSchedulingIfMissing !== 'boolean') delete spec.preventPodSchedulingIfMissing
}

function validateSpec(spec: Spec, errors: FieldError[]): void {
  // The server calls the first of them by this name.
  if (typeof spec?.attachRequired !== 'boolean') errors.push(field.required('spec.attachedRequired'))
  for (const name of ['podInfoOnMount', 'storageCapacity'] as const)
    if (typeof spec?.[name] !== 'boolean') errors.push(field.required(`spec.${name}`))
  checkGiven(spec?.fsGroupPolicy, ['File', 'None', 'ReadWriteOnceWithFSType'], 'spec.fsGroupPolicy', errors)
  const audiences = new Set<string>()
  items(spec?.tokenRequests).forEach((t, i) => {
    const audience = t.audience ?? ''
    if (audiences.has(audience)) {
      errors.push(field.duplicate(`spec.tokenRequests[${i}].audience`, audience))
      return
    }
    audiences.add(audience)
    const seconds = t.expirationSeconds
    if (!isNumber(seconds)) return
    const at = `spec.tokenRequests[${i}].expirationSeconds`
    if (seconds < 600) errors.push(field.invalid(at, seconds, 'may not specify a duration less than 10 minutes'))
    if (seconds > 2 ** 32) errors.push(field.invalid(at, seconds, 'may not specify a duration larger than 2^32 seconds'))
  })
  for (const m of strings(spec?.volumeLifecycleModes))
    if (!MODES.includes(m)) errors.push(field.notSupported('spec.volumeLifecycleModes', m, MODES))
  const period = spec?.nodeAllocatableUpdatePeriodSeconds
  if (isNumber(period) && period < 10)
    errors.push(field.invalid('spec.nodeAllocatableUpdatePeriodSeconds', period, 'must be greater than or equal to 10 seconds'))
  const inSecrets = spec?.serviceAccountTokenInSecrets
  if (typeof inSecrets === 'boolean' && isEmpty(spec?.tokenRequests)) {
    const why = 'serviceAccountTokenInSecrets is set but no tokenRequests are specified'
    errors.push(field.invalid('spec.serviceAccountTokenInSecrets', inSecrets, why))
  }
}
