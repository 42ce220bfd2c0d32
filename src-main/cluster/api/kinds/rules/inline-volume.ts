/** A volume that an attachment describes itself instead of naming it: the spec of a PersistentVolume of a CSI driver. */
import { field, type FieldError } from '../../errors.js'
import { checkName } from './checks.js'
import { validateAccessModes } from './claim-spec.js'
import { dns1123Subdomain } from './names.js'
import { isEmpty, unset, type Sent } from './sent.js'
import { validateCsiPersistentVolume } from './volume-plugins.js'
import type * as k8s from '@kubernetes/client-node'

type VolumeSpec = Sent<k8s.V1PersistentVolumeSpec>

const NOT_HERE = 'may not be specified in the context of inline volumes'

/** Fields of a volume that are not where its data comes from. */
const NO_SOURCE = new Set([
  'accessModes',
  'capacity',
  'claimRef',
  'mountOptions',
  'nodeAffinity',
  'persistentVolumeReclaimPolicy',
  'storageClassName',
  'volumeAttributesClassName',
  'volumeMode',
])

/** Checks such a spec. Only CSI volumes are attached by attachments, so what else it may be is not looked at. */
export function validateInlineVolume(spec: VolumeSpec, path: string, errors: FieldError[]): void {
  const refuse = (name: string, text = NOT_HERE): void => void errors.push(field.forbidden(`${path}.${name}`, text))
  if (spec.claimRef) refuse('claimRef')
  if (!isEmpty(spec.capacity)) refuse('capacity')
  if (!spec.csi) errors.push(field.required(`${path}.csi`, 'has to be specified in the context of inline volumes'))
  if (isEmpty(spec.accessModes)) errors.push(field.required(`${path}.accessModes`))
  validateAccessModes(spec.accessModes, `${path}.accessModes`, errors)
  if (!unset(spec.persistentVolumeReclaimPolicy) && spec.persistentVolumeReclaimPolicy !== 'Retain')
    refuse('persistentVolumeReclaimPolicy', 'may only be Retain in the context of inline volumes')
  if (spec.nodeAffinity) refuse('nodeAffinity')
  validateSource(spec, path, errors)
  if (spec.storageClassName) refuse('storageClassName')
  if (typeof spec.volumeMode === 'string' && spec.volumeMode !== 'Filesystem')
    refuse('volumeMode', 'may not specify volumeMode other than Filesystem in the context of inline volumes')
  const name = spec.volumeAttributesClassName
  if (typeof name !== 'string') return
  const at = `${path}.volumeAttributesClassName`
  if (name === '') errors.push(field.required(at, 'an empty string is disallowed'))
  else checkName(dns1123Subdomain, name, at, errors)
  if (!spec.csi) errors.push(field.required(`${path}.csi`, 'has to be specified when using volumeAttributesClassName'))
}

function validateSource(spec: VolumeSpec, path: string, errors: FieldError[]): void {
  const sources = Object.entries(spec).filter(([name, value]) => value && !NO_SOURCE.has(name))
  if (sources.length === 0) errors.push(field.required(path, 'must specify a volume type'))
  if (!spec.csi) return
  if (sources.length > 1) errors.push(field.forbidden(`${path}.csi`, 'may not specify more than 1 volume type'))
  else validateCsiPersistentVolume(spec.csi as Parameters<typeof validateCsiPersistentVolume>[0], `${path}.csi`, errors)
}
