import { jsonText } from '../../../exact-json.js'
import type { KubeObject, Pod, PodSpec } from '../../api/object.js'
import { invalid } from '../../api/errors.js'
import type { FieldError } from '../../api/errors.js'
import type { AdmissionAttributes, AdmissionPlugin } from './plugin.js'
import type { CheckedMetadata } from './pod-security-check.js'
import { violations } from './pod-security-checks.js'
import type { Level, Standard } from './pod-security-checks.js'
import { refusal } from './refuse.js'

const PREFIX = 'pod-security.kubernetes.io/'
const LEVELS: readonly string[] = ['privileged', 'baseline', 'restricted']
const MODES = ['enforce', 'audit', 'warn'] as const
type Mode = (typeof MODES)[number]

/** At most so many pods are looked at when a namespace is told to enforce more. */
const MOST_PODS = 3000

/**
 * PodSecurity: holds pods to the level that their namespace's labels name. What is enforced refuses pods; what is only
 * warned of is told for pods and for everything that makes pods.
 */
export const podSecurity: AdmissionPlugin = {
  name: 'PodSecurity',
  operations: ['CREATE', 'UPDATE'],
  validate(a) {
    if (a.kind.group === '' && a.kind.kind === 'Namespace') return a.subresource === '' ? checkNamespace(a) : undefined
    if (!a.namespace) return
    const found = podOf(a)
    if (!found) return
    const labels = a.lookup('', 'namespaces', '', a.namespace)?.metadata.labels
    if (!labels) return
    const isPod = a.kind.kind === 'Pod'
    const enforced = policy(labels, 'enforce')
    if (isPod && enforced) {
      const why = violations(enforced, found.metadata, found.spec)
      if (why) throw refusal(a, `violates PodSecurity ${JSON.stringify(enforced.text)}: ${why}`)
    }
    const warned = policy(labels, 'warn')
    const why = warned && violations(warned, found.metadata, found.spec)
    if (why) a.warn(`would violate PodSecurity ${JSON.stringify(warned.text)}: ${why}`)
  },
}

/** A standard that a namespace asks for, and how messages name it: `restricted:latest`. */
interface Policy extends Standard {
  readonly text: string
}

const VERSION = /^v1\.(0|[1-9]\d*)$/

/** What the labels of a namespace ask for in a mode. What cannot be read is the strictest where it refuses, and else nothing. */
function policy(labels: Readonly<Record<string, string>>, mode: Mode): Policy | undefined {
  const asked = labels[PREFIX + mode]
  if (asked === undefined) return undefined
  const level = LEVELS.includes(asked) ? (asked as Level) : mode === 'enforce' ? 'restricted' : 'privileged'
  const version = VERSION.exec(labels[`${PREFIX}${mode}-version`] ?? '')
  return { level, minor: version ? Number(version[1]) : Infinity, text: `${level}:${version?.[0] ?? 'latest'}` }
}

/** The pod in an object: itself, or the template of what makes pods. */
function podOf(a: AdmissionAttributes): { metadata: CheckedMetadata; spec: PodSpec } | undefined {
  if (a.kind.group === '' && a.kind.kind === 'Pod') {
    if (a.subresource !== '' && a.subresource !== 'ephemeralcontainers') return undefined
    const pod = a.object as unknown as Pod
    if (!pod.spec || (a.oldObject && !changesSecurity(pod, a.oldObject as unknown as Pod))) return undefined
    return { metadata: pod.metadata, spec: pod.spec }
  }
  if (a.subresource !== '') return undefined
  const template = templateOf(a.object!, a.kind.kind)
  return template?.spec ? { metadata: template.metadata ?? {}, spec: template.spec } : undefined
}

interface Template {
  metadata?: CheckedMetadata
  spec?: PodSpec
}

const WITH_TEMPLATE = new Set(['DaemonSet', 'Deployment', 'Job', 'ReplicaSet', 'ReplicationController', 'StatefulSet'])

function templateOf(object: KubeObject, kind: string): Template | undefined {
  const spec = object.spec as { template?: Template; jobTemplate?: { spec?: { template?: Template } } } | undefined
  if (kind === 'PodTemplate') return (object as { template?: Template }).template
  if (kind === 'CronJob') return spec?.jobTemplate?.spec?.template
  return WITH_TEMPLATE.has(kind) ? spec?.template : undefined
}

/** Most updates of a pod (labels, tolerations, a deadline) say nothing about its security. */
function changesSecurity(pod: Pod, old: Pod): boolean {
  if (pod.spec === old.spec && pod.metadata.annotations === old.metadata.annotations) return false
  const parts = (p: Pod): unknown[] => [
    (p.spec?.containers ?? []).map((c) => ({ ...c, resources: undefined })),
    (p.spec?.initContainers ?? []).map((c) => ({ ...c, resources: undefined })),
    p.spec?.ephemeralContainers,
    Object.entries(p.metadata.annotations ?? {}).filter(([k]) => k.includes('apparmor') || k.includes('seccomp')),
  ]
  return jsonText(parts(pod)) !== jsonText(parts(old))
}

function checkNamespace(a: AdmissionAttributes): void {
  const labels = a.object!.metadata.labels ?? {}
  const old = a.oldObject?.metadata.labels ?? {}
  const faults: FieldError[] = []
  for (const mode of MODES) {
    const level = labels[PREFIX + mode]
    if (level !== undefined && level !== old[PREFIX + mode] && !LEVELS.includes(level)) {
      faults.push(labelFault(PREFIX + mode, level, `must be one of ${LEVELS.join(', ')}`))
    }
    const key = `${PREFIX}${mode}-version`
    const version = labels[key]
    if (version !== undefined && version !== old[key] && version !== 'latest' && !VERSION.test(version)) {
      faults.push(labelFault(key, version, 'must be "latest" or "v1.x"'))
    }
  }
  if (faults.length > 0) throw invalid({ group: '', kind: 'Namespace' }, a.object!.metadata.name ?? '', faults)
  const enforced = policy(labels, 'enforce')
  const before = policy(old, 'enforce')
  if (!a.oldObject || !enforced || enforced.text === before?.text) return
  // A level that is relaxed refuses nobody anew.
  if (before && before.minor === enforced.minor && LEVELS.indexOf(enforced.level) < LEVELS.indexOf(before.level)) return
  warnOfPods(a, enforced)
}

function labelFault(key: string, value: string, why: string): FieldError {
  return { reason: 'FieldValueInvalid', field: `metadata.labels[${key}]`, body: `Invalid value: ${JSON.stringify(value)}: ${why}` }
}

/** Tells of the pods that are there already and would not be let in any more. */
function warnOfPods(a: AdmissionAttributes, enforced: Policy): void {
  const pods = a.lookupAll('', 'pods', a.object!.metadata.name).slice(0, MOST_PODS) as unknown as Pod[]
  const byReason = new Map<string, string[]>()
  for (const pod of pods) {
    const why = pod.spec && violations(enforced, pod.metadata, pod.spec)
    if (!why) continue
    // Only what is wrong is told here, not where.
    const reason = why.replace(/ \((?:[^()]|\([^()]*\))*\)/g, '')
    byReason.set(reason, [...(byReason.get(reason) ?? []), pod.metadata.name!])
  }
  if (byReason.size === 0) return
  a.warn(
    `existing pods in namespace ${JSON.stringify(a.object!.metadata.name)} violate the new PodSecurity enforce level ${JSON.stringify(enforced.text)}`,
  )
  const lines = [...byReason].map(([reason, names]) => {
    const first = names.sort()[0]!
    const others = names.length - 1
    return `${first}${others === 0 ? '' : ` (and ${others} other ${others === 1 ? 'pod' : 'pods'})`}: ${reason}`
  })
  for (const line of lines.sort()) a.warn(line)
}
