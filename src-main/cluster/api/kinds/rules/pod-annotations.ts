/** Annotations that mean something to pods, and how they go with the fields that have taken their place. */
import { field, type FieldError } from '../../errors.js'
import { jsonProblem } from './data.js'
import { checkDescending } from './paths.js'
import type { SentPodSpec } from './pod-defaults.js'
import { entries, isEmpty, semanticEqual, type Sent, type SentMap } from './sent.js'
import { validateTolerations } from './tolerations.js'
import { visitContainers } from './visit-containers.js'
import type * as k8s from '@kubernetes/client-node'

export const MIRROR = 'kubernetes.io/config.mirror'
const TOLERATIONS = 'scheduler.alpha.kubernetes.io/tolerations'
const DELETION_COST = 'controller.kubernetes.io/pod-deletion-cost'
export const SECCOMP_POD = 'seccomp.security.alpha.kubernetes.io/pod'
export const SECCOMP_CONTAINER = 'container.seccomp.security.alpha.kubernetes.io/'
export const APP_ARMOR = 'container.apparmor.security.beta.kubernetes.io/'
const MOST = 2 ** 31
/** What is said of an AppArmor annotation. */
export const APP_ARMOR_FIELD = 'deprecated since v1.30; use the "appArmorProfile" field instead'
/** The longest name of a profile on the node. */
const LONGEST_PROFILE = 4095

/** Checks the annotations of a pod or a template. */
export function validatePodAnnotations(
  annotations: SentMap,
  spec: SentPodSpec | null | undefined,
  path: string,
  errors: FieldError[],
): void {
  if (isEmpty(annotations)) return
  const mirror = annotations![MIRROR]
  if (typeof mirror === 'string' && !spec?.nodeName)
    errors.push(field.invalid(`${path}[${MIRROR}]`, mirror, 'must set spec.nodeName if mirror pod annotation is set'))
  if (annotations![TOLERATIONS]) validateTolerationsText(annotations![TOLERATIONS], path, errors)
  const cost = annotations![DELETION_COST]
  if (typeof cost === 'string' && !isDeletionCost(cost))
    errors.push(field.invalid(`${path}[${DELETION_COST}]`, cost, 'must be a 32bit integer'))
  const ofPod = annotations![SECCOMP_POD]
  if (typeof ofPod === 'string') validateSeccompName(ofPod, `${path}.${SECCOMP_POD}`, errors)
  for (const [k, v] of entries(annotations)) if (k.startsWith(SECCOMP_CONTAINER)) validateSeccompName(v ?? '', `${path}.${k}`, errors)
  for (const [k, v] of entries(annotations)) if (k.startsWith(APP_ARMOR)) validateAppArmorName(k, v ?? '', spec, path, errors)
}

/** Tolerations were an annotation once. Nobody reads it any more, but it has to be in order. */
function validateTolerationsText(text: string, path: string, errors: FieldError[]): void {
  const problem = jsonProblem(text, 'array', '[]core.Toleration')
  if (problem) errors.push(field.invalid(path, TOLERATIONS, problem))
  else validateTolerations(tolerationsOf(text), `${path}.${TOLERATIONS}`, errors)
}

/** The tolerations that a text lists, as far as they are any. */
function tolerationsOf(text: string): Record<string, string>[] {
  const list = (JSON.parse(text) ?? []) as unknown[]
  return list.map((e) => Object.fromEntries(Object.entries(e ?? {}).filter(([, v]) => typeof v === 'string')) as Record<string, string>)
}

function isDeletionCost(text: string): boolean {
  return /^(0|-?[1-9]\d*|-0\d*)$/.test(text) && Number(text) >= -MOST && Number(text) < MOST
}

function validateSeccompName(profile: string, path: string, errors: FieldError[]): void {
  if (['runtime/default', 'docker/default', 'unconfined'].includes(profile)) return
  if (profile.startsWith('localhost/')) checkDescending(profile.slice('localhost/'.length), path, errors)
  else errors.push(field.invalid(path, profile, 'must be a valid seccomp profile'))
}

function validateAppArmorName(
  key: string,
  profile: string,
  spec: SentPodSpec | null | undefined,
  path: string,
  errors: FieldError[],
): void {
  const name = key.slice(APP_ARMOR.length)
  let known = false
  visitContainers(spec, '', (c) => (known ||= c.name === name))
  if (!known) errors.push(field.invalid(`${path}[${key}]`, name, 'container not found'))
  if (profile && profile !== 'runtime/default' && profile !== 'unconfined' && !profile.startsWith('localhost/'))
    errors.push(field.invalid(`${path}[${key}]`, profile, `invalid AppArmor profile name: ${JSON.stringify(profile)}`))
}

interface Profile {
  type?: string | null
  localhostProfile?: string | null
}

/** Refuses annotations that name another profile than the field does, in new pods and in templates. */
export function validateProfilesMatch(
  annotations: SentMap,
  spec: SentPodSpec | null | undefined,
  path: string,
  errors: FieldError[],
): void {
  if (isEmpty(annotations)) return
  const ofPod = spec?.securityContext
  matchProfile('seccomp', annotations![SECCOMP_POD], ofPod?.seccompProfile, `${path}.securityContext.seccompProfile`, errors)
  visitContainers(spec, path, (c, at) => {
    const own = c.securityContext
    const name = c.name ?? ''
    matchProfile('seccomp', annotations![SECCOMP_CONTAINER + name], own?.seccompProfile, `${at}.securityContext.seccompProfile`, errors)
  })
  if (spec?.os?.name === 'windows') return
  visitContainers(spec, path, (c, at) => {
    const own = c.securityContext
    const name = c.name ?? ''
    const profile = own?.appArmorProfile ?? ofPod?.appArmorProfile
    matchProfile('apparmor', annotations![APP_ARMOR + name], profile, `${at}.securityContext.appArmorProfile`, errors)
  })
}

function matchProfile(
  what: 'seccomp' | 'apparmor',
  annotation: string | null | undefined,
  profile: Profile | null | undefined,
  path: string,
  errors: FieldError[],
): void {
  if (typeof annotation !== 'string' || !profile) return
  const wrongType = (): void => void errors.push(field.forbidden(`${path}.type`, `${what} type in annotation and field must match`))
  if (profile.type === 'Unconfined') {
    if (annotation !== 'unconfined') wrongType()
  } else if (profile.type === 'RuntimeDefault') {
    if (annotation !== 'runtime/default' && !(what === 'seccomp' && annotation === 'docker/default')) wrongType()
  } else if (profile.type === 'Localhost') {
    if (!annotation.startsWith('localhost/')) wrongType()
    else if (annotation.slice('localhost/'.length) !== profile.localhostProfile)
      errors.push(field.forbidden(`${path}.localhostProfile`, `${what} profile in annotation and field must match`))
  }
}

type AppArmorProfile = Sent<k8s.V1AppArmorProfile>

/** The profile that an AppArmor annotation stands for; undefined when it stands for none. */
function profileOf(annotation: string): AppArmorProfile | undefined {
  if (annotation === 'unconfined') return { type: 'Unconfined' }
  if (annotation === 'runtime/default') return { type: 'RuntimeDefault' }
  const name = annotation.startsWith('localhost/') ? annotation.slice('localhost/'.length) : ''
  if (!name || name !== name.trim() || name.length > LONGEST_PROFILE) return undefined
  return { type: 'Localhost', localhostProfile: name }
}

/**
 * Gives containers of a new pod the field for the AppArmor annotation that was its forerunner, in place, unless the pod
 * says the same of all of them. Warns of annotations that are not also fields.
 * https://kubernetes.io/docs/tutorials/security/apparmor/#specifying-apparmor-confinement
 */
export function profilesFromAnnotations(annotations: SentMap, spec: SentPodSpec | null | undefined, warn: (text: string) => void): void {
  if (isEmpty(annotations) || spec?.os?.name === 'windows') return
  const ofPod = spec?.securityContext?.appArmorProfile
  visitContainers(spec, 'spec', (c) => {
    const key = APP_ARMOR + (c.name ?? '')
    const annotation = annotations![key]
    if (typeof annotation !== 'string' || c.securityContext?.appArmorProfile) return
    const profile = profileOf(annotation)
    if (profile && semanticEqual(profile, ofPod)) return
    if (profile) c.securityContext = { ...c.securityContext, appArmorProfile: profile }
    warn(`metadata.annotations[${key}]: ${APP_ARMOR_FIELD}`)
  })
}

/** What an update may not do to annotations: mirror pods and AppArmor profiles stay what they are. */
export function validateAnnotationUpdates(now: SentMap, old: SentMap, path: string, errors: FieldError[]): void {
  const guarded = (k: string): string => (k.startsWith(APP_ARMOR) ? 'AppArmor annotations' : k === MIRROR ? 'mirror pod annotation' : '')
  for (const [k, v] of entries(old))
    if (guarded(k) && now?.[k] !== v) errors.push(field.forbidden(`${path}[${k}]`, `may not remove or update ${guarded(k)}`))
  for (const [k] of entries(now))
    if (guarded(k) && old?.[k] === undefined) errors.push(field.forbidden(`${path}[${k}]`, `may not add ${guarded(k)}`))
}
