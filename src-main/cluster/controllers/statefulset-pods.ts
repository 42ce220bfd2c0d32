/** The pods and claims of a StatefulSet: their names, identities and storage. */
import type * as k8s from '@kubernetes/client-node'
import type { ObjectMeta, Pod, Wire } from '../api/object.js'
import { controllerRef, mutable } from '../api/object.js'
import type { ControllerRevision } from './history.js'
import { templateOf } from './history.js'
import { podFromTemplate } from './podcontrol.js'

export type StatefulSet = Wire<k8s.V1StatefulSet> & { metadata: ObjectMeta }
export type Claim = Wire<k8s.V1PersistentVolumeClaim> & { metadata: ObjectMeta }

export const REVISION_LABEL = 'controller-revision-hash'
/** The label of a pod's own name. */
export const NAME_LABEL = 'statefulset.kubernetes.io/pod-name'
const INDEX_LABEL = 'apps.kubernetes.io/pod-index'

export function firstOrdinal(set: StatefulSet): number {
  return set.spec?.ordinals?.start ?? 0
}

export function replicasOf(set: StatefulSet): number {
  return set.spec?.replicas ?? 1
}

export function podName(set: StatefulSet, ordinal: number): string {
  return `${set.metadata.name}-${ordinal}`
}

/** The ordinal in a pod's name; -1 when it is not one of the set's names. */
export function ordinalOf(set: StatefulSet, pod: { metadata: ObjectMeta }): number {
  const match = /^(.*)-(\d+)$/.exec(pod.metadata.name ?? '')
  return match && match[1] === set.metadata.name ? Number(match[2]) : -1
}

export function revisionOf(pod: Pod): string | undefined {
  return pod.metadata.labels?.[REVISION_LABEL]
}

export function claimName(set: StatefulSet, template: string, ordinal: number): string {
  return `${template}-${podName(set, ordinal)}`
}

/** The pod of an ordinal, made from the template of a revision. */
export function newPod(set: StatefulSet, ordinal: number, revision: ControllerRevision): Pod {
  const name = podName(set, ordinal)
  const pod = podFromTemplate(templateOf(revision), set.metadata.namespace!, controllerRef('apps/v1', 'StatefulSet', set), name)
  pod.metadata.labels = {
    ...pod.metadata.labels,
    [NAME_LABEL]: name,
    [INDEX_LABEL]: String(ordinal),
    [REVISION_LABEL]: revision.metadata.name!,
  }
  pod.spec!.hostname = name
  if (set.spec?.serviceName) pod.spec!.subdomain = set.spec.serviceName
  const templates = set.spec?.volumeClaimTemplates ?? []
  const own = templates.map((t) => ({
    name: t.metadata!.name!,
    persistentVolumeClaim: { claimName: claimName(set, t.metadata!.name!, ordinal) },
  }))
  const others = (pod.spec!.volumes ?? []).filter((v) => !own.some((o) => o.name === v.name))
  if (own.length) pod.spec!.volumes = [...others, ...own]
  return pod
}

/** The claims of an ordinal, without owners. */
export function claimsOf(set: StatefulSet, ordinal: number): Claim[] {
  return (set.spec?.volumeClaimTemplates ?? []).map((template): Claim => {
    const copy = mutable(template)
    return {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: {
        ...copy.metadata,
        name: claimName(set, template.metadata!.name!, ordinal),
        namespace: set.metadata.namespace!,
        labels: { ...copy.metadata?.labels, ...set.spec?.selector.matchLabels },
      },
      spec: copy.spec!,
    }
  })
}
