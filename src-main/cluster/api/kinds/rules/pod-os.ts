/** What a pod may ask for on Linux and what on Windows. https://kubernetes.io/docs/concepts/workloads/pods/#pod-os */
import { field, type FieldError } from '../../errors.js'
import type { SentPodSpec } from './pod-defaults.js'
import { visitContainers } from './visit-containers.js'

/**
 * What of a pod's spec and of its security context Windows does not have, in the order in which it is told. The API
 * server keeps all of these in the security context, which is where it looks for them.
 */
const NOT_ON_WINDOWS: readonly (keyof SentPodSpec | keyof NonNullable<SentPodSpec['securityContext']>)[] = [
  'appArmorProfile',
  'seLinuxOptions',
  'hostUsers',
  'hostPID',
  'hostIPC',
  'seccompProfile',
  'fsGroup',
  'fsGroupChangePolicy',
  'sysctls',
  'shareProcessNamespace',
  'runAsUser',
  'runAsGroup',
  'supplementalGroups',
  'supplementalGroupsPolicy',
  'seLinuxChangePolicy',
]
const OF_SPEC: ReadonlySet<string> = new Set(['hostUsers', 'hostPID', 'hostIPC', 'shareProcessNamespace'])
/** Fields of a container's security context that Windows does not have. */
const NOT_ON_WINDOWS_CONTAINER = [
  'appArmorProfile',
  'seLinuxOptions',
  'seccompProfile',
  'capabilities',
  'readOnlyRootFilesystem',
  'privileged',
  'allowPrivilegeEscalation',
  'procMount',
  'runAsUser',
  'runAsGroup',
]

function isSet(o: object | null | undefined, name: string): boolean {
  const v = (o as Record<string, unknown> | null | undefined)?.[name]
  return v !== undefined && v !== null && !(Array.isArray(v) && v.length === 0)
}

/** Checks `spec.os` and what goes with it. */
export function validateOs(spec: SentPodSpec, path: string, errors: FieldError[]): void {
  const os = spec.os
  if (!os) return
  if (!os.name) errors.push(field.required(`${path}.os.name`, 'cannot be empty'))
  else if (os.name === 'linux') validateLinux(spec, path, errors)
  else if (os.name === 'windows') validateWindows(spec, path, errors)
  else errors.push(field.notSupported(`${path}.os`, os.name, ['linux', 'windows']))
}

function validateLinux(spec: SentPodSpec, path: string, errors: FieldError[]): void {
  const refused = 'windows options cannot be set for a linux pod'
  if (spec.securityContext?.windowsOptions) errors.push(field.forbidden(`${path}.securityContext.windowsOptions`, refused))
  visitContainers(spec, path, (c, at) => {
    if (c.securityContext?.windowsOptions) errors.push(field.forbidden(`${at}.securityContext.windowsOptions`, refused))
  })
}

function validateWindows(spec: SentPodSpec, path: string, errors: FieldError[]): void {
  const refuse = (at: string): void => void errors.push(field.forbidden(at, 'cannot be set for a windows pod'))
  for (const name of NOT_ON_WINDOWS) {
    if (!OF_SPEC.has(name)) {
      if (isSet(spec.securityContext, name)) refuse(`${path}.securityContext.${name}`)
    } else if (name === 'hostPID' || name === 'hostIPC') {
      // These are no pointers: false is as good as not there.
      if (spec[name]) refuse(`${path}.${name}`)
    } else if (isSet(spec, name)) refuse(`${path}.${name}`)
  }
  visitContainers(spec, path, (c, at) => {
    for (const name of NOT_ON_WINDOWS_CONTAINER) if (isSet(c.securityContext, name)) refuse(`${at}.securityContext.${name}`)
  })
}

/** Either all containers of a Windows pod are processes of the host or none is, and then the pod is on the host's network. */
export function validateHostProcesses(spec: SentPodSpec, path: string, errors: FieldError[]): void {
  const ofPod = spec.securityContext?.windowsOptions?.hostProcess ?? undefined
  let all = 0
  let onHost = 0
  visitContainers(spec, path, (c, at) => {
    all++
    const own = c.securityContext?.windowsOptions?.hostProcess ?? undefined
    if (ofPod !== undefined && own !== undefined && own !== ofPod) {
      const text = `pod hostProcess value must be identical if both are specified, was ${ofPod}`
      errors.push(field.invalid(`${at}.securityContext.windowsOptions.hostProcess`, own, text))
    }
    if (own ?? ofPod) onHost++
  })
  if (onHost === 0) return
  if (onHost !== all) {
    const text = 'If pod contains any hostProcess containers then all containers must be HostProcess containers'
    errors.push(field.invalid(path, '', text))
  }
  if (!spec.hostNetwork)
    errors.push(field.invalid(`${path}.hostNetwork`, false, 'hostNetwork must be true if pod contains any hostProcess containers'))
}
