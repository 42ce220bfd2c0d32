/** How a container mounts the volumes of its pod, as directories or as block devices. */
import { field, type FieldError } from '../../errors.js'
import { checkRequired } from './checks.js'
import { checkDescending } from './paths.js'
import { items, type Sent } from './sent.js'
import type { SentVolume } from './volume-defaults.js'
import type * as k8s from '@kubernetes/client-node'

type Mount = Sent<k8s.V1VolumeMount>
type Device = Sent<k8s.V1VolumeDevice>
type Volumes = ReadonlyMap<string, SentVolume>

const PROPAGATION = ['Bidirectional', 'HostToContainer', 'None']
const RECURSIVE_READ_ONLY = ['Disabled', 'Enabled', 'IfPossible']

/** Checks mounts and devices of a container against the volumes of its pod. */
export function validateMountsAndDevices(
  c: Pick<Sent<k8s.V1Container>, 'volumeMounts' | 'volumeDevices' | 'securityContext'>,
  volumes: Volumes,
  path: string,
  errors: FieldError[],
): void {
  const mounts = items(c.volumeMounts)
  const devices = items(c.volumeDevices)
  validateMounts(mounts, devices, volumes, c.securityContext?.privileged === true, `${path}.volumeMounts`, errors)
  validateDevices(devices, mounts, volumes, `${path}.volumeDevices`, errors)
}

function validateMounts(
  mounts: Mount[],
  devices: Device[],
  volumes: Volumes,
  privileged: boolean,
  path: string,
  errors: FieldError[],
): void {
  const taken = new Set<string>()
  mounts.forEach((m, i) => {
    const at = `${path}[${i}]`
    const name = m.name ?? ''
    const mountPath = m.mountPath ?? ''
    const volume = volumes.get(name)
    checkRequired(name, `${at}.name`, errors)
    if (!volume) errors.push(field.notFound(`${at}.name`, name))
    checkRequired(mountPath, `${at}.mountPath`, errors)
    if (taken.has(mountPath)) errors.push(field.invalid(`${at}.mountPath`, mountPath, 'must be unique'))
    taken.add(mountPath)
    if (devices.some((d) => d.name === name)) errors.push(field.invalid(`${at}.name`, name, 'must not already exist in volumeDevices'))
    if (devices.some((d) => d.devicePath === mountPath))
      errors.push(field.invalid(`${at}.mountPath`, mountPath, 'must not already exist as a path in volumeDevices'))
    if (m.subPath) checkDescending(m.subPath, `${path}.subPath`, errors)
    if (m.subPathExpr) {
      if (m.subPath) errors.push(field.invalid(`${at}.subPathExpr`, m.subPathExpr, 'subPathExpr and subPath are mutually exclusive'))
      checkDescending(m.subPathExpr, `${path}.subPathExpr`, errors)
    }
    validatePropagation(m, privileged, path, errors)
  })
}

function validatePropagation(m: Mount, privileged: boolean, path: string, errors: FieldError[]): void {
  const mode = m.mountPropagation
  if (typeof mode === 'string') {
    if (!PROPAGATION.includes(mode)) errors.push(field.notSupported(`${path}.mountPropagation`, mode, PROPAGATION))
    if (mode === 'Bidirectional' && !privileged) {
      const text = 'Bidirectional mount propagation is available only to privileged containers'
      errors.push(field.forbidden(`${path}.mountPropagation`, text))
    }
  }
  const recursive = m.recursiveReadOnly
  if (typeof recursive !== 'string') return
  const at = `${path}.recursiveReadOnly`
  if (!RECURSIVE_READ_ONLY.includes(recursive)) errors.push(field.notSupported(at, recursive, RECURSIVE_READ_ONLY))
  else if (recursive !== 'Disabled') {
    if (!m.readOnly) errors.push(field.forbidden(at, 'may only be specified when readOnly is true'))
    if (mode && mode !== 'None') errors.push(field.forbidden(at, 'may only be specified when mountPropagation is None or not specified'))
  }
}

function validateDevices(devices: Device[], mounts: Mount[], volumes: Volumes, path: string, errors: FieldError[]): void {
  const names = new Set<string>()
  const paths = new Set<string>()
  devices.forEach((d, i) => {
    const at = `${path}[${i}]`
    const name = d.name ?? ''
    const devicePath = d.devicePath ?? ''
    const volume = volumes.get(name)
    checkRequired(name, `${at}.name`, errors)
    if (names.has(name)) errors.push(field.invalid(`${at}.name`, name, 'must be unique'))
    if (!volume) errors.push(field.notFound(`${at}.name`, name))
    else if (!volume.persistentVolumeClaim && !volume.ephemeral) {
      const text = 'can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode'
      errors.push(field.invalid(`${at}.name`, name, text))
    }
    checkRequired(devicePath, `${at}.devicePath`, errors)
    if (paths.has(devicePath)) errors.push(field.invalid(`${at}.devicePath`, devicePath, 'must be unique'))
    if (devicePath.split('/').includes('..')) errors.push(field.invalid(`${at}.devicePath`, devicePath, "can not contain backsteps ('..')"))
    else paths.add(devicePath)
    if (mounts.some((m) => m.name === name)) errors.push(field.invalid(`${at}.name`, name, 'must not already exist in volumeMounts'))
    if (mounts.some((m) => m.mountPath === devicePath))
      errors.push(field.invalid(`${at}.devicePath`, devicePath, 'must not already exist as a path in volumeMounts'))
    if (name) names.add(name)
  })
}
