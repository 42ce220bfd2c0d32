/** The defaults of pods and pod templates, as the API reference documents them field by field. Everything is in place. */
import { dropDisabledFields } from './disabled-fields.js'
import { imageTag } from './image-tag.js'
import { setPodResourceDefaults } from './pod-resources.js'
import { roundResources, type SentRequirements } from './resources.js'
import { entries, isEmpty, items, type Sent, type SentMap } from './sent.js'
import { setVolumeDefaults } from './volume-defaults.js'
import type * as k8s from '@kubernetes/client-node'

export type SentPodSpec = Sent<k8s.V1PodSpec>
export type SentContainer = Sent<k8s.V1Container> & Pick<Sent<k8s.V1EphemeralContainer>, 'targetContainerName'>

/** The parts of a list that can be changed in place; null elements become empty objects. */
export function mutableItems<T>(list: (T | null)[] | null | undefined): T[] {
  if (!list) return []
  for (let i = 0; i < list.length; i++) list[i] ??= {} as T
  return list as T[]
}

/** Defaults that hold for templates as for pods. */
export function setPodSpecDefaults(spec: SentPodSpec | null | undefined): void {
  if (!spec) return
  dropDisabledFields(spec)
  for (const v of mutableItems(spec.volumes)) setVolumeDefaults(v)
  for (const list of [spec.initContainers, spec.containers, spec.ephemeralContainers])
    for (const c of mutableItems<SentContainer>(list as (SentContainer | null)[])) setContainerDefaults(c)
  spec.restartPolicy ||= 'Always'
  spec.dnsPolicy ||= 'ClusterFirst'
  spec.terminationGracePeriodSeconds ??= 30
  spec.securityContext ??= {}
  spec.schedulerName ||= 'default-scheduler'
  for (const term of mutableItems(spec.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution)) term.preference ??= {}
  roundResources(spec.overhead)
  mirrorServiceAccount(spec)
}

/** `serviceAccount` is the old name of `serviceAccountName`: the two are always the same. */
export function mirrorServiceAccount(spec: SentPodSpec): void {
  spec.serviceAccountName ||= spec.serviceAccount
  if (spec.serviceAccountName) spec.serviceAccount = spec.serviceAccountName
  else {
    delete spec.serviceAccountName
    delete spec.serviceAccount
  }
}

/** Before they had a field, init containers were annotations: those are not taken over. */
export function dropOldInitContainers(annotations: SentMap | null | undefined): void {
  if (!annotations) return
  for (const stage of ['alpha', 'beta'])
    for (const name of ['init-containers', 'init-container-statuses']) delete annotations[`pod.${stage}.kubernetes.io/${name}`]
}

/** Defaults that a pod has and a template leaves to it. */
export function setPodOnlyDefaults(spec: SentPodSpec): void {
  spec.enableServiceLinks ??= true
  // Of a template what is too short is kept, and comes to its pods.
  if ((spec.terminationGracePeriodSeconds ?? 0) < 0) spec.terminationGracePeriodSeconds = 1
  const containers = [...items(spec.containers), ...items(spec.initContainers)]
  for (const c of containers) {
    requestsFromLimits(c.resources)
    // On the host's network a container's port is the host's.
    if (spec.hostNetwork) for (const p of items(c.ports)) p.hostPort ||= p.containerPort
  }
  setPodResourceDefaults(spec)
}

/** What is limited and not asked for is asked for up to the limit. */
function requestsFromLimits(resources: SentRequirements | null | undefined): void {
  if (!resources || isEmpty(resources.limits)) return
  const requests = (resources.requests ??= {})
  for (const [name, limit] of entries(resources.limits)) requests[name] ??= limit
}

function setContainerDefaults(c: SentContainer): void {
  c.imagePullPolicy ||= pullPolicyFor(c.image ?? '')
  c.terminationMessagePath ||= '/dev/termination-log'
  c.terminationMessagePolicy ||= 'File'
  c.resources ??= {}
  roundResources(c.resources.limits)
  roundResources(c.resources.requests)
  for (const p of mutableItems(c.ports)) p.protocol ||= 'TCP'
  for (const e of mutableItems(c.env)) {
    if (e.valueFrom?.fieldRef) e.valueFrom.fieldRef.apiVersion ||= 'v1'
    // A divisor of nothing is written as zero.
    if (e.valueFrom?.resourceFieldRef) e.valueFrom.resourceFieldRef.divisor ??= '0'
    if (e.valueFrom?.fileKeyRef) e.valueFrom.fileKeyRef.optional ??= false
  }
  for (const probe of [c.livenessProbe, c.readinessProbe, c.startupProbe]) {
    if (!probe) continue
    probe.timeoutSeconds ||= 1
    probe.periodSeconds ||= 10
    probe.successThreshold ||= 1
    probe.failureThreshold ||= 3
    setHttpDefaults(probe.httpGet)
    if (probe.grpc) probe.grpc.service ??= ''
  }
  for (const handler of [c.lifecycle?.postStart, c.lifecycle?.preStop]) setHttpDefaults(handler?.httpGet)
}

function setHttpDefaults(get: Sent<k8s.V1HTTPGetAction> | null | undefined): void {
  if (!get) return
  for (const header of mutableItems(get.httpHeaders)) header.value ??= ''
  get.path ||= '/'
  get.scheme ||= 'HTTP'
}

/** `Always` for an image without a tag or with `latest`, else `IfNotPresent`, for what is no image as well. */
export function pullPolicyFor(image: string): 'Always' | 'IfNotPresent' {
  return imageTag(image) === 'latest' ? 'Always' : 'IfNotPresent'
}
