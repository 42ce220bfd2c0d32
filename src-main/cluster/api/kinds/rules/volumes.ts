/** The volumes of a pod. https://kubernetes.io/docs/concepts/storage/volumes/ */
import { field, type FieldError } from '../../errors.js'
import { checkName, checkOneOf, checkRequired } from './checks.js'
import { validateClaimSpec } from './claim-spec.js'
import { FILE_FIELDS, validateFieldRef, validateResourceRef } from './field-refs.js'
import { dns1123Label, dns1123Subdomain } from './names.js'
import { checkDescendingNotReserved, checkFileMode } from './paths.js'
import { tryParseQuantity } from './quantity.js'
import { items, type Sent } from './sent.js'
import { validateTemplateMetadata } from './template-metadata.js'
import type { SentVolume } from './volume-defaults.js'
import {
  simpleSources,
  validateAzureDisk,
  validateCsiVolume,
  validateFc,
  validateFlex,
  validateGitRepo,
  validateHostPath,
  validateIscsi,
  validateNfs,
} from './volume-plugins.js'
import type * as k8s from '@kubernetes/client-node'

/** What a volume is checked in: a pod has a name and may be known to be one. */
export interface VolumeContext {
  /** The pod's name; empty in a template. */
  podName: string
  /** Whether this is a pod rather than a template of one. */
  isPod: boolean
}

/** Checks all volumes of a pod and gives those that are fine by name. */
export function validateVolumes(
  volumes: (SentVolume | null)[] | null | undefined,
  ctx: VolumeContext,
  path: string,
  errors: FieldError[],
): ReadonlyMap<string, SentVolume> {
  const good = new Map<string, SentVolume>()
  const created = new Set(
    items(volumes)
      .filter((v) => v.ephemeral && ctx.podName)
      .map((v) => `${ctx.podName}-${v.name ?? ''}`),
  )
  items(volumes).forEach((v, i) => {
    const at = `${path}[${i}]`
    const own: FieldError[] = []
    validateVolume(v, ctx, at, own)
    const name = v.name ?? ''
    if (checkRequired(name, `${at}.name`, own)) checkName(dns1123Label, name, `${at}.name`, own)
    if (good.has(name)) own.push(field.duplicate(`${at}.name`, name))
    if (own.length) errors.push(...own)
    else good.set(name, v)
    const claim = v.persistentVolumeClaim?.claimName
    if (claim && created.has(claim)) {
      const text = 'must not reference a PVC that gets created for an ephemeral volume'
      errors.push(field.invalid(`${at}.persistentVolumeClaim.claimName`, claim, text))
    }
  })
  return good
}

/** In the order in which a second source is reported. */
const SOURCES = [
  'emptyDir',
  'hostPath',
  'gitRepo',
  'gcePersistentDisk',
  'awsElasticBlockStore',
  'secret',
  'nfs',
  'iscsi',
  'glusterfs',
  'flocker',
  'persistentVolumeClaim',
  'rbd',
  'cinder',
  'cephfs',
  'quobyte',
  'downwardAPI',
  'fc',
  'flexVolume',
  'configMap',
  'azureFile',
  'vsphereVolume',
  'photonPersistentDisk',
  'portworxVolume',
  'azureDisk',
  'storageos',
  'projected',
  'scaleIO',
  'csi',
  'ephemeral',
  'image',
] as const satisfies readonly (keyof SentVolume)[]

/** Paths of a second source that the API server spells in its own way. */
const SPELLED: Readonly<Record<string, string>> = { cephfs: 'cephFS', downwardAPI: 'downwarAPI' }

function validateVolume(v: SentVolume, ctx: VolumeContext, path: string, errors: FieldError[]): void {
  let found = 0
  for (const name of SOURCES) {
    if (!v[name]) continue
    if (found++ > 0) {
      errors.push(field.forbidden(`${path}.${SPELLED[name] ?? name}`, 'may not specify more than 1 volume type'))
      continue
    }
    validateSource(v, name, ctx, path, errors)
  }
  if (found === 0) errors.push(field.required(path, 'must specify a volume type'))
}

function validateSource(v: SentVolume, name: (typeof SOURCES)[number], ctx: VolumeContext, path: string, errors: FieldError[]): void {
  const at = `${path}.${name}`
  switch (name) {
    case 'emptyDir': {
      const limit = tryParseQuantity(v.emptyDir?.sizeLimit)
      if (limit && limit.nano < 0n) errors.push(field.forbidden(`${at}.sizeLimit`, 'SizeLimit field must be a valid resource quantity'))
      return
    }
    case 'hostPath':
      return validateHostPath(v.hostPath!, at, errors)
    case 'gitRepo':
      return validateGitRepo(v.gitRepo!, at, errors)
    case 'secret':
      checkRequired(v.secret!.secretName, `${at}.secretName`, errors)
      return validateFiles(v.secret!, at, errors)
    case 'configMap':
      checkRequired(v.configMap!.name, `${at}.name`, errors)
      return validateFiles(v.configMap!, at, errors)
    case 'nfs':
      return validateNfs(v.nfs!, at, errors)
    case 'iscsi':
      return validateIscsi(v.iscsi!, v.name ?? '', false, at, errors)
    case 'persistentVolumeClaim':
      return void checkRequired(v.persistentVolumeClaim!.claimName, `${at}.claimName`, errors)
    case 'downwardAPI':
      checkFileMode(v.downwardAPI!.defaultMode, `${at}.defaultMode`, errors)
      for (const f of items(v.downwardAPI!.items)) validateDownwardFile(f, at, errors)
      return
    case 'fc':
      return validateFc(v.fc!, at, errors)
    case 'flexVolume':
      return validateFlex(v.flexVolume!, at, errors)
    case 'azureDisk':
      return validateAzureDisk(v.azureDisk!, at, errors)
    case 'projected':
      return validateProjected(v.projected!, at, errors)
    case 'csi':
      return validateCsiVolume(v.csi!, at, errors)
    case 'ephemeral':
      return validateEphemeral(v, ctx, path, errors)
    case 'image':
      // A workload's template may leave it to whoever changes its pods on their way in.
      if (ctx.isPod) checkRequired(v.image!.reference, `${at}.reference`, errors)
      return checkOneOf(v.image!.pullPolicy, ['Always', 'IfNotPresent', 'Never'], `${at}.pullPolicy`, errors)
    default: {
      const check = simpleSources[name] as (source: unknown, path: string, errors: FieldError[]) => void
      return check(v[name], at, errors)
    }
  }
}

interface Files {
  defaultMode?: number | null
  items?: (Sent<k8s.V1KeyToPath> | null)[] | null
}

function validateFiles(source: Files, path: string, errors: FieldError[]): void {
  checkFileMode(source.defaultMode, `${path}.defaultMode`, errors)
  items(source.items).forEach((item, i) => validateKeyToPath(item, `${path}.items[${i}]`, errors))
}

function validateKeyToPath(item: Sent<k8s.V1KeyToPath>, path: string, errors: FieldError[]): void {
  checkRequired(item.key, `${path}.key`, errors)
  checkRequired(item.path, `${path}.path`, errors)
  checkDescendingNotReserved(item.path ?? '', `${path}.path`, errors)
  checkFileMode(item.mode, `${path}.mode`, errors)
}

function validateDownwardFile(f: Sent<k8s.V1DownwardAPIVolumeFile>, path: string, errors: FieldError[]): void {
  checkRequired(f.path, `${path}.path`, errors)
  checkDescendingNotReserved(f.path ?? '', `${path}.path`, errors)
  if (f.fieldRef) {
    validateFieldRef(f.fieldRef, FILE_FIELDS, `${path}.fieldRef`, errors)
    if (f.resourceFieldRef)
      errors.push(field.invalid(path, 'resource', 'fieldRef and resourceFieldRef can not be specified simultaneously'))
  } else if (f.resourceFieldRef) validateResourceRef(f.resourceFieldRef, true, `${path}.resourceFieldRef`, errors)
  else errors.push(field.required(path, 'one of fieldRef and resourceFieldRef is required'))
  checkFileMode(f.mode, `${path}.mode`, errors)
}

function validateProjected(p: Sent<k8s.V1ProjectedVolumeSource>, path: string, errors: FieldError[]): void {
  checkFileMode(p.defaultMode, `${path}.defaultMode`, errors)
  const paths = new Set<string>()
  const claimPath = (file: string | null | undefined, shown: string): void => {
    if (!file) return
    if (paths.has(file)) errors.push(field.invalid(path, shown, 'conflicting duplicate paths'))
    paths.add(file)
  }
  items(p.sources).forEach((s, i) => {
    const at = `${path}.sources[${i}]`
    let sources = 0
    for (const name of ['secret', 'configMap'] as const) {
      const source = s[name]
      if (!source) continue
      sources++
      checkRequired(source.name, `${at}.${name}.name`, errors)
      items(source.items).forEach((item, j) => {
        validateKeyToPath(item, `${at}.${name}.items[${j}]`, errors)
        claimPath(item.path, source.name ?? '')
      })
    }
    if (s.downwardAPI) {
      sources++
      for (const f of items(s.downwardAPI.items)) {
        validateDownwardFile(f, `${at}.downwardAPI`, errors)
        claimPath(f.path, f.path ?? '')
      }
    }
    if (s.serviceAccountToken) {
      sources++
      validateTokenProjection(s.serviceAccountToken, `${at}.serviceAccountToken`, path, errors)
    }
    if (sources > 1) errors.push(field.forbidden(at, 'may not specify more than 1 volume type per source'))
  })
}

function validateTokenProjection(
  token: Sent<k8s.V1ServiceAccountTokenProjection>,
  path: string,
  volumePath: string,
  errors: FieldError[],
): void {
  const seconds = token.expirationSeconds ?? 3600
  if (seconds < 600) errors.push(field.invalid(`${path}.expirationSeconds`, seconds, 'may not specify a duration less than 10 minutes'))
  if (seconds > 2 ** 32)
    errors.push(field.invalid(`${path}.expirationSeconds`, seconds, 'may not specify a duration larger than 2^32 seconds'))
  if (checkRequired(token.path, `${volumePath}.path`, errors)) checkDescendingNotReserved(token.path!, `${volumePath}.path`, errors)
}

function validateEphemeral(v: SentVolume, ctx: VolumeContext, path: string, errors: FieldError[]): void {
  const template = v.ephemeral?.volumeClaimTemplate
  const at = `${path}.ephemeral.volumeClaimTemplate`
  if (!template) errors.push(field.required(at))
  else {
    validateTemplateMetadata(template.metadata, `${at}.metadata`, errors)
    validateClaimSpec(template.spec, `${at}.spec`, errors)
  }
  if (!ctx.podName || !v.name) return
  const claim = `${ctx.podName}-${v.name}`
  for (const m of dns1123Subdomain(claim)) errors.push(field.invalid(`${path}.name`, v.name, `PVC name ${JSON.stringify(claim)}: ${m}`))
}
