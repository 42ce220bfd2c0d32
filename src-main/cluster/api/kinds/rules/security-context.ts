/** Security contexts of pods and containers. https://kubernetes.io/docs/tasks/configure-pod-container/security-context/ */
import { field, type FieldError } from '../../errors.js'
import { checkGiven, checkRange, checkSupported, isNumber } from './checks.js'
import { dns1123Subdomain } from './names.js'
import { checkDescending } from './paths.js'
import { items, type Sent } from './sent.js'
import { serverForm } from './server-form.js'
import type * as k8s from '@kubernetes/client-node'

const LARGEST_ID = 2147483647
const SYSCTL = '([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?'
const isSysctl = new RegExp(`^${SYSCTL}$`)

function checkId(id: number | null | undefined, path: string, errors: FieldError[]): void {
  if (isNumber(id)) checkRange(id, 0, LARGEST_ID, path, errors)
}

/** Checks the context of a whole pod. */
export function validatePodSecurityContext(spec: Sent<k8s.V1PodSpec>, path: string, errors: FieldError[]): void {
  const sc = spec.securityContext
  checkId(sc?.fsGroup, `${path}.fsGroup`, errors)
  checkId(sc?.runAsUser, `${path}.runAsUser`, errors)
  checkId(sc?.runAsGroup, `${path}.runAsGroup`, errors)
  ;(sc?.supplementalGroups ?? []).forEach((g, i) => checkId(g, `${path}.supplementalGroups[${i}]`, errors))
  if (spec.shareProcessNamespace && spec.hostPID) {
    errors.push(field.invalid(`${path}.shareProcessNamespace`, true, 'ShareProcessNamespace and HostPID cannot both be enabled'))
  }
  if (!sc) return
  validateSysctls(spec, `${path}.sysctls`, errors)
  checkGiven(sc.fsGroupChangePolicy, ['Always', 'OnRootMismatch'], `${path}.fsGroupChangePolicy`, errors)
  validateSeccomp(sc.seccompProfile, `${path}.seccompProfile`, errors)
  validateWindowsOptions(sc.windowsOptions, `${path}.windowsOptions`, errors)
  validateAppArmor(sc.appArmorProfile, `${path}.appArmorProfile`, errors)
  checkGiven(sc.supplementalGroupsPolicy, ['Merge', 'Strict'], `${path}.supplementalGroupsPolicy`, errors)
  checkGiven(sc.seLinuxChangePolicy, ['MountOption', 'Recursive'], `${path}.seLinuxChangePolicy`, errors)
}

function validateSysctls(spec: Sent<k8s.V1PodSpec>, path: string, errors: FieldError[]): void {
  const seen = new Set<string>()
  items(spec.securityContext?.sysctls).forEach((s, i) => {
    const name = s.name ?? ''
    const at = `${path}[${i}].name`
    if (!name) errors.push(field.required(at))
    else if (name.length > 253 || !isSysctl.test(name))
      errors.push(field.invalid(at, name, `must have at most 253 characters and match regex ^${SYSCTL}$`))
    else if (seen.has(name)) errors.push(field.duplicate(at, name))
    seen.add(name)
    const plain = name.replaceAll('/', '.')
    if (spec.hostNetwork && plain.startsWith('net.'))
      errors.push(field.invalid(at, name, "may not be specified when 'hostNetwork' is true"))
    if (spec.hostIPC && /^(kernel\.(shm|msg|sem$)|fs\.mqueue\.)/.test(plain))
      errors.push(field.invalid(at, name, "may not be specified when 'hostIPC' is true"))
  })
}

/** Checks the context of one container. `hostUsers` tells whether the pod shares the host's users. */
export function validateSecurityContext(
  sc: Sent<k8s.V1SecurityContext> | null | undefined,
  hostUsers: boolean,
  path: string,
  errors: FieldError[],
): void {
  if (!sc) return
  checkId(sc.runAsUser, `${path}.runAsUser`, errors)
  checkId(sc.runAsGroup, `${path}.runAsGroup`, errors)
  if (sc.procMount !== undefined && sc.procMount !== null) {
    if (!['Default', 'Unmasked'].includes(sc.procMount))
      errors.push(field.notSupported(`${path}.procMount`, sc.procMount, ['Default', 'Unmasked']))
    if (hostUsers && sc.procMount === 'Unmasked')
      errors.push(field.invalid(`${path}.procMount`, sc.procMount, '`hostUsers` must be false to use `Unmasked`'))
  }
  validateSeccomp(sc.seccompProfile, `${path}.seccompProfile`, errors)
  if (sc.allowPrivilegeEscalation === false) {
    const refused = (what: string): FieldError =>
      field.invalid(path, serverForm('SecurityContext', sc), `cannot set \`allowPrivilegeEscalation\` to false and ${what}`)
    if (sc.privileged) errors.push(refused('`privileged` to true'))
    if (sc.capabilities?.add?.includes('CAP_SYS_ADMIN')) errors.push(refused('`capabilities.Add` CAP_SYS_ADMIN'))
  }
  validateWindowsOptions(sc.windowsOptions, `${path}.windowsOptions`, errors)
  validateAppArmor(sc.appArmorProfile, `${path}.appArmorProfile`, errors)
}

const PROFILE_TYPES = ['Localhost', 'RuntimeDefault', 'Unconfined']

function validateSeccomp(profile: Sent<k8s.V1SeccompProfile> | null | undefined, path: string, errors: FieldError[]): void {
  if (!profile) return
  if (!profile.type) errors.push(field.required(`${path}.type`, 'type is required when seccompProfile is set'))
  else checkSupported(profile.type, PROFILE_TYPES, `${path}.type`, errors)
  const local = profile.localhostProfile
  const isSet = local !== undefined && local !== null
  if (profile.type === 'Localhost') {
    if (!isSet) errors.push(field.required(`${path}.localhostProfile`, 'must be set when seccomp type is Localhost'))
    else checkDescending(local, `${path}.localhostProfile`, errors)
  } else if (isSet) {
    const text = 'can only be set when seccomp type is Localhost'
    errors.push(field.invalid(`${path}.localhostProfile`, serverForm('Profile', profile), text))
  }
}

function validateAppArmor(profile: Sent<k8s.V1AppArmorProfile> | null | undefined, path: string, errors: FieldError[]): void {
  if (!profile) return
  const local = profile.localhostProfile
  const at = `${path}.localhostProfile`
  if (profile.type === 'Localhost') {
    if (!local) errors.push(field.required(at, 'must be set when AppArmor type is Localhost'))
    else if (local.trim() !== local) errors.push(field.invalid(at, local, 'must not be padded with whitespace'))
    if (local && Buffer.byteLength(local) > 4095) errors.push(field.tooLong(at, 4095))
  } else if (!profile.type) errors.push(field.required(`${path}.type`, 'type is required when appArmorProfile is set'))
  else if (!PROFILE_TYPES.includes(profile.type)) errors.push(field.notSupported(`${path}.type`, profile.type, PROFILE_TYPES))
  else if (local !== undefined && local !== null) errors.push(field.invalid(at, local, 'can only be set when AppArmor type is Localhost'))
}

function validateWindowsOptions(o: Sent<k8s.V1WindowsSecurityContextOptions> | null | undefined, path: string, errors: FieldError[]): void {
  if (!o) return
  if (typeof o.gmsaCredentialSpecName === 'string')
    for (const m of dns1123Subdomain(o.gmsaCredentialSpecName))
      errors.push(field.invalid(`${path}.gmsaCredentialSpecName`, o.gmsaCredentialSpecName, m))
  if (o.gmsaCredentialSpec === '')
    errors.push(field.invalid(`${path}.gmsaCredentialSpec`, '', 'gmsaCredentialSpec cannot be an empty string'))
  if ((o.gmsaCredentialSpec?.length ?? 0) > 64 * 1024)
    errors.push(field.invalid(`${path}.gmsaCredentialSpec`, o.gmsaCredentialSpec, 'gmsaCredentialSpec size must be under 64 KiB'))
  if (typeof o.runAsUserName === 'string')
    for (const m of userName(o.runAsUserName)) errors.push(field.invalid(`${path}.runAsUserName`, o.runAsUserName, m))
}

const NETBIOS_DOMAIN = /^[^\\/:*?"<>|.][^\\/:*?"<>|]{0,14}$/
const DNS_DOMAIN = /^[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)*$/

/** What is wrong with the name of a Windows user, such as `DOMAIN\\user`. */
function userName(name: string): string[] {
  if (name === '') return ['runAsUserName cannot be an empty string']
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  if (/[\u0000-\u001f\u007f]/.test(name)) return ['runAsUserName cannot contain control characters']
  const parts = name.split('\\')
  if (parts.length > 2) return ['runAsUserName cannot contain more than one backslash']
  const messages: string[] = []
  const domain = parts.length === 2 ? parts[0]! : undefined
  const user = parts.at(-1)!
  if (domain !== undefined && domain.length >= 256) messages.push("runAsUserName's Domain length must be under 256 characters")
  if (domain !== undefined && !NETBIOS_DOMAIN.test(domain) && !DNS_DOMAIN.test(domain))
    messages.push("runAsUserName's Domain doesn't match the NetBios nor the DNS format")
  if (user === '') messages.push("runAsUserName's User cannot be empty")
  else if (user.length > 104) messages.push("runAsUserName's User length must not be longer than 104 characters")
  if (/^[. ]+$/.test(user)) messages.push("runAsUserName's User cannot contain only periods or spaces")
  if (/["/\\:;|=,+*?<>@[\]]/.test(user)) messages.push(`runAsUserName's User cannot contain the following characters: "/\\:;|=,+*?<>@[]`)
  return messages
}
