import { posix } from 'node:path'
import type { Kind } from './kind.js'
import { rfc3339 } from '../../clock.js'
import { field, type FieldError } from '../errors.js'
import type { ObjectMeta, Wire } from '../object.js'
import { checkGiven, checkImmutable, checkName, checkSupported, collect, FIELD_IMMUTABLE, POSITIVE } from './rules/checks.js'
import { CLASS_ANNOTATION, classAnnotationWarnings } from './rules/class-annotation.js'
import { accessModesText, validateAccessModes, VOLUME_MODES } from './rules/claim-spec.js'
import { ageColumn, column, nameColumn } from './rules/columns.js'
import { dns1123Subdomain } from './rules/names.js'
import { validateNodeSelector } from './rules/node-affinity.js'
import { nodeSelectorTermWarnings } from './rules/node-labels.js'
import { formatQuantity, tryParseQuantity } from './rules/quantity.js'
import { checkBasicAmount, roundResources } from './rules/resources.js'
import { entries, isEmpty, items, semanticEqual, shownMap } from './rules/sent.js'
import { serverForm } from './rules/server-form.js'
import { specDiff } from './rules/spec-diff.js'
import { keepStatus, statusSubresource } from './rules/subresources.js'
import { setPluginDefaults, type SentVolume } from './rules/volume-defaults.js'
import { storageSourceWarnings } from './rules/volume-warnings.js'
import {
  namespacedReferences,
  simpleSources,
  validateAzureDisk,
  validateCsiPersistentVolume,
  validateFc,
  validateFlex,
  validateHostPath,
  validateIscsi,
  validateLocal,
  validateNfs,
} from './rules/volume-plugins.js'
import type * as k8s from '@kubernetes/client-node'

export type PersistentVolume = Wire<k8s.V1PersistentVolume> & { metadata: ObjectMeta }
type Spec = NonNullable<PersistentVolume['spec']>

const MOUNT_OPTIONS = 'volume.beta.kubernetes.io/mount-options'

/** In the order in which a second source is reported. */
const SOURCES = [
  'hostPath',
  'gcePersistentDisk',
  'awsElasticBlockStore',
  'glusterfs',
  'flocker',
  'nfs',
  'rbd',
  'quobyte',
  'cephfs',
  'iscsi',
  'cinder',
  'fc',
  'flexVolume',
  'azureFile',
  'vsphereVolume',
  'photonPersistentDisk',
  'portworxVolume',
  'azureDisk',
  'scaleIO',
  'local',
  'storageos',
  'csi',
] as const satisfies readonly (keyof Spec)[]

/** https://kubernetes.io/docs/reference/kubernetes-api/config-and-storage-resources/persistent-volume-v1/ */
export const persistentVolume: Kind<PersistentVolume> = {
  group: '',
  version: 'v1',
  kind: 'PersistentVolume',
  plural: 'persistentvolumes',
  singular: 'persistentvolume',
  shortNames: ['pv'],
  namespaced: false,
  model: 'V1PersistentVolume',
  metadataOnUpdate: 1,
  changesGeneration: () => false,

  setDefaults(object) {
    object.status ??= {}
    object.status.phase ||= 'Pending'
    const { spec } = object
    if (!spec) return
    spec.persistentVolumeReclaimPolicy ||= 'Retain'
    spec.volumeMode ??= 'Filesystem'
    roundResources(spec.capacity)
    if (spec.hostPath) spec.hostPath.type ??= ''
    setPluginDefaults(spec as SentVolume)
  },
  prepareForCreate(object, ctx) {
    object.status = { phase: 'Pending', lastPhaseTransitionTime: rfc3339(ctx.clock.now()) }
  },
  prepareForUpdate: keepStatus,
  validate: ({ metadata, spec }) => collect((errors) => validateSpec(spec ?? {}, metadata.name ?? '', errors)),
  validateUpdate: (object, old) =>
    collect((errors) => {
      // It is checked once for itself and once as part of the update.
      validateSpec(object.spec ?? {}, object.metadata.name ?? '', errors)
      validateUpdate(object, old, errors)
    }),
  warnings: volumeWarnings,

  columns: [
    nameColumn(),
    column('Capacity', '@spec.capacity', (o) => o.spec?.capacity?.['storage'] ?? '0'),
    column('Access Modes', '@spec.accessModes', (o) => accessModesText(o.spec?.accessModes)),
    column('Reclaim Policy', '@spec.persistentVolumeReclaimPolicy', (o) => o.spec?.persistentVolumeReclaimPolicy ?? ''),
    column('Status', '@status.phase', (o) => (o.metadata?.deletionTimestamp ? 'Terminating' : (o.status?.phase ?? ''))),
    column('Claim', '@spec.claimRef', (o) => (o.spec?.claimRef ? `${o.spec.claimRef.namespace ?? ''}/${o.spec.claimRef.name ?? ''}` : '')),
    column('StorageClass', 'StorageClass of the pv', (o) => o.metadata?.annotations?.[CLASS_ANNOTATION] ?? o.spec?.storageClassName ?? ''),
    column('VolumeAttributesClass', 'VolumeAttributesClass of the pv', (o) => o.spec?.volumeAttributesClassName ?? '<unset>'),
    column('Reason', '@status.reason', (o) => o.status?.reason ?? ''),
    ageColumn(),
    column('VolumeMode', '@spec.volumeMode', (o) => o.spec?.volumeMode ?? '<unset>', { wide: true }),
  ],
  subresources: {
    status: {
      ...statusSubresource<PersistentVolume>(),
      prepareForUpdate(object, old, ctx) {
        object.spec = old.spec
        const { status } = object
        // When the phase changed is told, unless whoever changed it says so.
        if (status && status.phase !== old.status?.phase && status.lastPhaseTransitionTime === old.status?.lastPhaseTransitionTime)
          status.lastPhaseTransitionTime = rfc3339(ctx.clock.now())
      },
    },
  },
}

function volumeWarnings({ metadata, spec: sent }: PersistentVolume): string[] {
  const spec = sent ?? {}
  const texts = classAnnotationWarnings(metadata)
  if (metadata.annotations?.[MOUNT_OPTIONS] !== undefined)
    texts.push(`metadata.annotations[${MOUNT_OPTIONS}]: deprecated since v1.31; use "mountOptions" attribute instead`)
  if (spec.persistentVolumeReclaimPolicy === 'Recycle') {
    const text = 'The Recycle reclaim policy is deprecated. Instead, the recommended approach is to use dynamic provisioning.'
    texts.push(`spec.persistentVolumeReclaimPolicy: ${text}`)
  }
  items(spec.nodeAffinity?.required?.nodeSelectorTerms).forEach((t, i) =>
    texts.push(...nodeSelectorTermWarnings(t, false, `spec.nodeAffinity.required.nodeSelectorTerms[${i}]`)),
  )
  return [...texts, ...storageSourceWarnings(spec, 'spec')]
}

function validateSpec(spec: Spec, name: string, errors: FieldError[]): void {
  if (isEmpty(spec.accessModes)) errors.push(field.required('spec.accessModes'))
  validateAccessModes(spec.accessModes, 'spec.accessModes', errors)
  if (isEmpty(spec.capacity)) errors.push(field.required('spec.capacity'))
  if (spec.capacity?.['storage'] === undefined || Object.keys(spec.capacity).length > 1)
    errors.push(field.notSupported('spec.capacity', shownMap(spec.capacity), ['storage']))
  for (const [k, text] of entries(spec.capacity)) {
    const amount = tryParseQuantity(text)
    if (!amount) continue
    checkBasicAmount(amount, `spec.capacity[${k}]`, errors)
    if (amount.nano <= 0n) errors.push(field.invalid(`spec.capacity[${k}]`, formatQuantity(amount), POSITIVE))
  }
  checkSupported(spec.persistentVolumeReclaimPolicy, ['Delete', 'Recycle', 'Retain'], 'spec.persistentVolumeReclaimPolicy', errors)
  if (spec.nodeAffinity) {
    if (spec.nodeAffinity.required) validateNodeSelector(spec.nodeAffinity.required, 'spec.nodeAffinity.required', errors)
    else errors.push(field.required('spec.nodeAffinity.required', 'must specify required node constraints'))
  }
  validateSources(spec, name, errors)
  const isRoot = spec.hostPath?.path?.startsWith('/') && posix.normalize(spec.hostPath.path) === '/'
  if (isRoot && spec.persistentVolumeReclaimPolicy === 'Recycle')
    errors.push(field.forbidden('spec.persistentVolumeReclaimPolicy', "may not be 'recycle' for a hostPath mount of '/'"))
  if (spec.storageClassName) checkName(dns1123Subdomain, spec.storageClassName, 'spec.storageClassName', errors)
  checkGiven(spec.volumeMode, VOLUME_MODES, 'spec.volumeMode', errors)
  if (typeof spec.volumeAttributesClassName === 'string') {
    const at = 'spec.volumeAttributesClassName'
    if (spec.volumeAttributesClassName === '') errors.push(field.required(at, 'an empty string is disallowed'))
    else checkName(dns1123Subdomain, spec.volumeAttributesClassName, at, errors)
    if (!spec.csi) errors.push(field.required('spec.csi', 'has to be specified when using volumeAttributesClassName'))
  }
}

function validateSources(spec: Spec, name: string, errors: FieldError[]): void {
  let found = 0
  for (const source of SOURCES) {
    if (!spec[source]) continue
    // A flexVolume is let pass behind another source: the API server forgets to count there.
    if (found++ > 0 && source !== 'flexVolume')
      errors.push(field.forbidden(`spec.${source === 'cephfs' ? 'cephFS' : source}`, 'may not specify more than 1 volume type'))
    else validateSource(spec, source, name, errors)
  }
  if (found === 0) errors.push(field.required('spec', 'must specify a volume type'))
}

function validateSource(spec: Spec, source: (typeof SOURCES)[number], name: string, errors: FieldError[]): void {
  const at = `spec.${source}`
  switch (source) {
    case 'hostPath':
      return validateHostPath(spec.hostPath!, at, errors)
    case 'nfs':
      return validateNfs(spec.nfs!, at, errors)
    case 'iscsi':
      return validateIscsi(spec.iscsi!, name, true, at, errors)
    case 'fc':
      return validateFc(spec.fc!, at, errors)
    case 'flexVolume':
      return validateFlex(spec.flexVolume!, at, errors)
    case 'azureDisk':
      return validateAzureDisk(spec.azureDisk!, at, errors)
    case 'local':
      validateLocal(spec.local!, at, errors)
      if (!spec.nodeAffinity) errors.push(field.required('spec.nodeAffinity', 'Local volume requires node affinity'))
      return
    case 'csi':
      return validateCsiPersistentVolume(spec.csi!, at, errors)
    default: {
      const check = simpleSources[source] as (source: unknown, path: string, errors: FieldError[]) => void
      check(spec[source], at, errors)
      const more = namespacedReferences[source as keyof typeof namespacedReferences] as typeof check | undefined
      return more?.(spec[source], at, errors)
    }
  }
}

const sourcesOf = (spec: Spec | undefined): object => Object.fromEntries(SOURCES.filter((s) => spec?.[s]).map((s) => [s, spec![s]]))

function validateUpdate(object: PersistentVolume, old: PersistentVolume, errors: FieldError[]): void {
  const now = structuredClone(sourcesOf(object.spec)) as Pick<Spec, 'csi'>
  const before = sourcesOf(old.spec)
  // How to expand may be added later.
  if (now.csi?.controllerExpandSecretRef && old.spec?.csi && !old.spec.csi.controllerExpandSecretRef)
    delete now.csi.controllerExpandSecretRef
  if (!semanticEqual(now, before)) {
    const text = 'spec.persistentvolumesource is immutable after creation'
    errors.push(field.forbidden('spec.persistentvolumesource', `${text}\n${specDiff('PersistentVolumeSource', before, now)}`))
  }
  checkImmutable(object.spec?.volumeMode, old.spec?.volumeMode, 'volumeMode', errors)
  const affinity = object.spec?.nodeAffinity
  if (old.spec?.nodeAffinity && !semanticEqual(affinity, withNewLabels(old.spec.nodeAffinity, affinity)))
    errors.push(field.invalid('nodeAffinity', shownAffinity(affinity), `${FIELD_IMMUTABLE}, except for updating from beta label to GA`))
  if (typeof old.spec?.volumeAttributesClassName === 'string' && typeof object.spec?.volumeAttributesClassName !== 'string')
    errors.push(field.forbidden('spec.volumeAttributesClassName', 'update from non-nil value to nil is forbidden'))
}

type Affinity = NonNullable<Spec['nodeAffinity']>

const NEW_LABELS: Readonly<Record<string, string>> = {
  'failure-domain.beta.kubernetes.io/zone': 'topology.kubernetes.io/zone',
  'failure-domain.beta.kubernetes.io/region': 'topology.kubernetes.io/region',
  'beta.kubernetes.io/os': 'kubernetes.io/os',
  'beta.kubernetes.io/arch': 'kubernetes.io/arch',
  'beta.kubernetes.io/instance-type': 'node.kubernetes.io/instance-type',
}

/** The affinity there was, with those labels under their new names that the new one has there. */
function withNewLabels(old: Affinity, now: Affinity | null | undefined): Affinity {
  const copy = structuredClone(old)
  items(copy.required?.nodeSelectorTerms).forEach((t, i) => {
    for (const list of ['matchExpressions', 'matchFields'] as const) {
      items(t[list]).forEach((r, j) => {
        const key = now?.required?.nodeSelectorTerms?.[i]?.[list]?.[j]?.key
        if (key && NEW_LABELS[r.key ?? ''] === key) r.key = key
      })
    }
  })
  return copy
}

function shownAffinity(affinity: Affinity | null | undefined): object | null {
  return affinity ? { Required: affinity.required ? serverForm('NodeSelector', affinity.required) : null } : null
}
