/** Storage systems that a pod's volume or a PersistentVolume names directly. Each check looks at one source. */
import { field, type FieldError } from '../../errors.js'
import { checkGiven, checkName, checkRange, checkRequired } from './checks.js'
import { dns1123Label, dns1123Subdomain } from './names.js'
import { checkDescending, checkNoBacksteps } from './paths.js'
import { entries, isEmpty, type Sent } from './sent.js'
import type * as k8s from '@kubernetes/client-node'

type Volume = Sent<k8s.V1Volume>
type Spec = Sent<k8s.V1PersistentVolumeSpec>
/** A source by its name, as a pod has it or as a PersistentVolume has it. */
type Source<K extends string> = K extends keyof Volume & keyof Spec
  ? NonNullable<Volume[K]> | NonNullable<Spec[K]>
  : K extends keyof Volume
    ? NonNullable<Volume[K]>
    : K extends keyof Spec
      ? NonNullable<Spec[K]>
      : never

const HOST_PATH_TYPES = ['', 'BlockDevice', 'CharDevice', 'Directory', 'DirectoryOrCreate', 'File', 'FileOrCreate', 'Socket']

export function validateHostPath(s: Source<'hostPath'>, path: string, errors: FieldError[]): void {
  if (!checkRequired(s.path, `${path}.path`, errors)) return
  checkNoBacksteps(s.path!, `${path}.path`, errors)
  if (typeof s.type === 'string' && !HOST_PATH_TYPES.includes(s.type))
    errors.push(field.notSupported(`${path}.type`, s.type, HOST_PATH_TYPES))
}

export function validateLocal(s: Source<'local'>, path: string, errors: FieldError[]): void {
  if (checkRequired(s.path, `${path}.path`, errors)) checkNoBacksteps(s.path!, `${path}.path`, errors)
}

export function validateNfs(s: Source<'nfs'>, path: string, errors: FieldError[]): void {
  checkRequired(s.server, `${path}.server`, errors)
  checkRequired(s.path, `${path}.path`, errors)
  if (!(s.path ?? '').startsWith('/')) errors.push(field.invalid(`${path}.path`, s.path ?? '', 'must be an absolute path'))
}

/** The names of CSI drivers: subdomains, of 63 bytes at most, in any case. */
export function validateCsiDriverName(name: string | null | undefined, path: string, errors: FieldError[]): void {
  const driver = name ?? ''
  checkRequired(driver, path, errors)
  if (Buffer.byteLength(driver) > 63) errors.push(field.tooLong(path, 63))
  for (const m of dns1123Subdomain(driver.toLowerCase())) errors.push(field.invalid(path, driver, m))
}

/** The same for an object that is named after its driver. */
export function csiDriverName(name: string): string[] {
  const messages = dns1123Subdomain(name.toLowerCase())
  return Buffer.byteLength(name) > 63 ? ['must be no more than 63 characters', ...messages] : messages
}

export function validateCsiVolume(s: NonNullable<Volume['csi']>, path: string, errors: FieldError[]): void {
  validateCsiDriverName(s.driver, `${path}.driver`, errors)
  const ref = s.nodePublishSecretRef
  if (ref && checkRequired(ref.name, `${path}.nodePublishSecretRef.name`, errors))
    checkName(dns1123Subdomain, ref.name!, `${path}.name`, errors)
}

export function validateCsiPersistentVolume(s: NonNullable<Spec['csi']>, path: string, errors: FieldError[]): void {
  validateCsiDriverName(s.driver, `${path}.driver`, errors)
  checkRequired(s.volumeHandle, `${path}.volumeHandle`, errors)
  const refs = ['controllerPublishSecretRef', 'controllerExpandSecretRef', 'nodePublishSecretRef', 'nodeExpandSecretRef'] as const
  for (const name of refs) {
    const ref = s[name]
    if (!ref) continue
    const at = `${path}.${name}`
    if (checkRequired(ref.name, `${at}.name`, errors)) checkName(dns1123Subdomain, ref.name!, `${at}.name`, errors)
    if (checkRequired(ref.namespace, `${at}.namespace`, errors)) checkName(dns1123Label, ref.namespace!, `${at}.namespace`, errors)
    if (checkRequired(ref.namespace, `${at}.namespace`, errors)) checkName(dns1123Label, ref.namespace!, `${at}.namespace`, errors)
  }
}

const IQN = /^iqn\.\d{4}-\d{2}\.([A-Za-z0-9.-]+)(:[^,;*&$|\s]+)$/
const EUI = /^eui\.[A-Za-z0-9]{16}$/
const NAA = /^naa\.[A-Za-z0-9]{32}$/

function checkIscsiName(name: string, path: string, errors: FieldError[], unknownPrefix: string): void {
  const pattern = name.startsWith('iqn') ? IQN : name.startsWith('eui') ? EUI : name.startsWith('naa') ? NAA : undefined
  if (!pattern) errors.push(field.invalid(path, name, unknownPrefix))
  else if (!pattern.test(name)) errors.push(field.invalid(path, name, 'must be valid format'))
}

export function validateIscsi(s: Source<'iscsi'>, volumeName: string, persistent: boolean, path: string, errors: FieldError[]): void {
  const portal = s.targetPortal ?? ''
  checkRequired(portal, `${path}.targetPortal`, errors)
  const unknownPrefix = persistent ? 'must be valid format' : 'must be valid format starting with iqn, eui, or naa'
  if (checkRequired(s.iqn, `${path}.iqn`, errors)) checkIscsiName(s.iqn!, `${path}.iqn`, errors, unknownPrefix)
  checkRange(s.lun ?? 0, 0, 255, `${path}.lun`, errors)
  if ((s.chapAuthDiscovery || s.chapAuthSession) && !s.secretRef) errors.push(field.required(`${path}.secretRef`))
  if (persistent && s.secretRef) checkRequired(s.secretRef.name, `${path}.secretRef.name`, errors)
  // An empty name is one that was given.
  if (typeof s.initiatorName !== 'string') return
  checkIscsiName(s.initiatorName, `${path}.initiatorname`, errors, unknownPrefix)
  if (`${volumeName}:${portal}`.length > 64) {
    const text = 'Total length of <volume name>:<iscsi.targetPortal> must be under 64 characters if iscsi.initiatorName is specified.'
    if (persistent) errors.push(field.invalid(`${path}.targetportal`, portal, text))
    else errors.push(field.invalid(`${path.slice(0, path.lastIndexOf('.'))}.name`, volumeName, text))
  }
}

export function validateFc(s: Source<'fc'>, path: string, errors: FieldError[]): void {
  const wwns = !isEmpty(s.targetWWNs)
  const wwids = !isEmpty(s.wwids)
  if (!wwns && !wwids) errors.push(field.required(`${path}.targetWWNs`, 'must specify either targetWWNs or wwids, but not both'))
  if (wwns && wwids)
    errors.push(field.invalid(`${path}.targetWWNs`, s.targetWWNs, 'targetWWNs and wwids can not be specified simultaneously'))
  if (!wwns) return
  if (typeof s.lun !== 'number') errors.push(field.required(`${path}.lun`, 'lun is required if targetWWNs is specified'))
  else checkRange(s.lun, 0, 255, `${path}.lun`, errors)
}

function checkPartition(partition: number | null | undefined, path: string, errors: FieldError[]): void {
  const n = partition ?? 0
  if (n < 0 || n > 255) errors.push(field.invalid(path, n, 'must be between 0 and 255, inclusive'))
}

export function validateFlex(s: Source<'flexVolume'>, path: string, errors: FieldError[]): void {
  checkRequired(s.driver, `${path}.driver`, errors)
  for (const [k] of entries(s.options)) {
    const namespace = `.${k.split('/', 2)[0]!.toLowerCase()}`
    if (namespace.endsWith('.kubernetes.io') || namespace.endsWith('.k8s.io'))
      errors.push(field.invalid(`${path}.options[${k}]`, k, 'kubernetes.io and k8s.io namespaces are reserved'))
  }
}

export function validateAzureDisk(s: Source<'azureDisk'>, path: string, errors: FieldError[]): void {
  checkRequired(s.diskName, `${path}.diskName`, errors)
  checkRequired(s.diskURI, `${path}.diskURI`, errors)
  checkGiven(s.cachingMode, ['None', 'ReadOnly', 'ReadWrite'], `${path}.cachingMode`, errors)
  checkGiven(s.kind, ['Dedicated', 'Managed', 'Shared'], `${path}.kind`, errors)
  const uri = s.diskURI ?? ''
  if (s.kind === 'Managed' && !uri.startsWith('/subscriptions/')) {
    const form = '/subscriptions/{sub-id}/resourcegroups/{group-name}/providers/microsoft.compute/disks/{disk-id}'
    errors.push(field.notSupported(`${path}.diskURI`, uri, [form]))
  }
  if (typeof s.kind === 'string' && s.kind !== 'Managed' && !uri.startsWith('https://')) {
    const form = 'https://{account-name}.blob.core.windows.net/{container-name}/{disk-name}.vhd'
    errors.push(field.notSupported(`${path}.diskURI`, uri, [form]))
  }
}

/**
 * What a PersistentVolume's source must say besides what a pod's must: it belongs to no namespace, so its secrets and
 * endpoints need one of their own.
 */
export const namespacedReferences: {
  [K in 'glusterfs' | 'cinder' | 'azureFile' | 'storageos']: (source: NonNullable<Spec[K]>, path: string, errors: FieldError[]) => void
} = {
  glusterfs(s, path, errors) {
    const namespace = s.endpointsNamespace
    const at = `${path}.endpointsNamespace`
    if (typeof namespace !== 'string') return
    if (namespace) checkName(dns1123Label, namespace, at, errors)
    else errors.push(field.invalid(at, '', 'if the endpointnamespace is set, it must be a valid namespace name'))
  },
  cinder(s, path, errors) {
    if (s.secretRef) checkRequired(s.secretRef.namespace, `${path}.secretRef.namespace`, errors)
  },
  azureFile(s, path, errors) {
    if (typeof s.secretNamespace === 'string') checkRequired(s.secretNamespace, `${path}.secretNamespace`, errors)
  },
  storageos(s, path, errors) {
    if (s.secretRef) checkRequired(s.secretRef.namespace, `${path}.secretRef.namespace`, errors)
  },
}

/** The sources that need little more than some fields to be there, by name. */
export const simpleSources: {
  [
    K in
      | 'gcePersistentDisk'
      | 'awsElasticBlockStore'
      | 'glusterfs'
      | 'flocker'
      | 'rbd'
      | 'quobyte'
      | 'cephfs'
      | 'cinder'
      | 'azureFile'
      | 'vsphereVolume'
      | 'photonPersistentDisk'
      | 'portworxVolume'
      | 'scaleIO'
      | 'storageos'
  ]: (source: Source<K>, path: string, errors: FieldError[]) => void
} = {
  gcePersistentDisk(s, path, errors) {
    const at = `${path.slice(0, path.lastIndexOf('.'))}.persistentDisk`
    checkRequired(s.pdName, `${at}.pdName`, errors)
    checkPartition(s.partition, `${at}.partition`, errors)
  },
  awsElasticBlockStore(s, path, errors) {
    checkRequired(s.volumeID, `${path}.volumeID`, errors)
    checkPartition(s.partition, `${path}.partition`, errors)
  },
  glusterfs(s, path, errors) {
    checkRequired(s.endpoints, `${path}.endpoints`, errors)
    checkRequired(s.path, `${path}.path`, errors)
  },
  flocker(s, path, errors) {
    if (!s.datasetName && !s.datasetUUID) errors.push(field.required(path, 'one of datasetName and datasetUUID is required'))
    if (s.datasetName && s.datasetUUID)
      errors.push(field.invalid(path, 'resource', 'datasetName and datasetUUID can not be specified simultaneously'))
    if (s.datasetName?.includes('/')) errors.push(field.invalid(`${path}.datasetName`, s.datasetName, "must not contain '/'"))
  },
  rbd(s, path, errors) {
    if (isEmpty(s.monitors)) errors.push(field.required(`${path}.monitors`))
    checkRequired(s.image, `${path}.image`, errors)
  },
  quobyte(s, path, errors) {
    const form = 'must be a host:port pair or multiple pairs separated by commas'
    if (!s.registry) errors.push(field.required(`${path}.registry`, form))
    else if ((s.tenant ?? '').length >= 65)
      errors.push(field.required(`${path}.tenant`, 'must be a UUID and may not exceed a length of 64 characters'))
    else
      for (const pair of s.registry.split(','))
        if (!/^([^:[\]]*|\[[^\]]*\]):[^:]*$/.test(pair)) errors.push(field.invalid(`${path}.registry`, s.registry, form))
    checkRequired(s.volume, `${path}.volume`, errors)
  },
  cephfs(s, path, errors) {
    if (isEmpty(s.monitors)) errors.push(field.required(`${path}.monitors`))
  },
  cinder(s, path, errors) {
    checkRequired(s.volumeID, `${path}.volumeID`, errors)
    if (s.secretRef) checkRequired(s.secretRef.name, `${path}.secretRef.name`, errors)
  },
  azureFile(s, path, errors) {
    checkRequired(s.secretName, `${path}.secretName`, errors)
    checkRequired(s.shareName, `${path}.shareName`, errors)
  },
  vsphereVolume: (s, path, errors) => void checkRequired(s.volumePath, `${path}.volumePath`, errors),
  photonPersistentDisk: (s, path, errors) => void checkRequired(s.pdID, `${path}.pdID`, errors),
  portworxVolume: (s, path, errors) => void checkRequired(s.volumeID, `${path}.volumeID`, errors),
  scaleIO(s, path, errors) {
    checkRequired(s.gateway, `${path}.gateway`, errors)
    checkRequired(s.system, `${path}.system`, errors)
    checkRequired(s.volumeName, `${path}.volumeName`, errors)
  },
  storageos(s, path, errors) {
    if (checkRequired(s.volumeName, `${path}.volumeName`, errors)) checkName(dns1123Label, s.volumeName!, `${path}.volumeName`, errors)
    if (s.volumeNamespace) checkName(dns1123Label, s.volumeNamespace, `${path}.volumeNamespace`, errors)
    if (s.secretRef) checkRequired(s.secretRef.name, `${path}.secretRef.name`, errors)
  },
}

export function validateGitRepo(s: NonNullable<Volume['gitRepo']>, path: string, errors: FieldError[]): void {
  checkRequired(s.repository, `${path}.repository`, errors)
  checkDescending(s.directory ?? '', `${path}.directory`, errors)
}
