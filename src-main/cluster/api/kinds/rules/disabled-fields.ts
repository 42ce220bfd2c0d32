/**
 * Fields of pods whose features are off by default in v1.36: the API server drops them from what is sent, silently.
 * https://kubernetes.io/docs/reference/command-line-tools-reference/feature-gates/
 */
import type { SentPodSpec } from './pod-defaults.js'
import { isEmpty, items, type Sent } from './sent.js'
import { visitContainers } from './visit-containers.js'
import type * as k8s from '@kubernetes/client-node'

/** Drops them from a pod's or a template's spec, in place. */
export function dropDisabledFields(spec: SentPodSpec): void {
  // GenericWorkload
  delete (spec as { schedulingGroup?: unknown }).schedulingGroup
  // ContainerStopSignals
  visitContainers(spec, '', (c) => {
    if (!c.lifecycle?.stopSignal) return
    delete c.lifecycle.stopSignal
    if (isEmpty(c.lifecycle)) delete c.lifecycle
  })
  for (const v of items(spec.volumes))
    for (const source of items(v.projected?.sources)) {
      // ClusterTrustBundleProjection and PodCertificateRequest
      delete source.clusterTrustBundle
      delete source.podCertificate
    }
}

/** Drops them from a pod's status, in place. */
export function dropDisabledStatusFields(status: Sent<k8s.V1PodStatus> | null | undefined): void {
  if (!status) return
  // DRANodeAllocatableResources
  delete status.nodeAllocatableResourceClaimStatuses
  // ImageVolumeWithDigest
  for (const list of [status.containerStatuses, status.initContainerStatuses, status.ephemeralContainerStatuses])
    for (const container of items(list)) for (const mount of items(container.volumeMounts)) delete mount.volumeStatus
}
