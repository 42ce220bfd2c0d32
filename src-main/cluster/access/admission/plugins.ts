/** The admission plugins that every cluster runs, in the API server's order. */
import { defaultIngressClass } from './default-ingress-class.js'
import { defaultStorageClass } from './default-storage-class.js'
import { defaultTolerationSeconds } from './default-toleration-seconds.js'
import { limitRanger } from './limit-ranger.js'
import { namespaceLifecycle } from './namespace-lifecycle.js'
import { nodeRestriction } from './node-restriction.js'
import { persistentVolumeClaimResize } from './persistent-volume-claim-resize.js'
import type { AdmissionPlugin } from './plugin.js'
import { podResize } from './pod-resize.js'
import { podSecurity } from './pod-security.js'
import { podTopologyLabels } from './pod-topology-labels.js'
import { priority } from './priority.js'
import { resourceQuota } from './resource-quota.js'
import { runtimeClass } from './runtime-class.js'
import { serviceAccount } from './service-account.js'
import { storageObjectInUseProtection } from './storage-object-in-use-protection.js'
import { taintNodesByCondition } from './taint-nodes-by-condition.js'
import { validatingAdmissionPolicy } from './validating-admission-policy.js'

/** ResourceQuota is last: nothing may change an object, or refuse it, once it has been charged. */
export const admissionPlugins: readonly AdmissionPlugin[] = [
  namespaceLifecycle,
  limitRanger,
  serviceAccount,
  nodeRestriction,
  taintNodesByCondition,
  podSecurity,
  priority,
  defaultTolerationSeconds,
  defaultStorageClass,
  storageObjectInUseProtection,
  persistentVolumeClaimResize,
  runtimeClass,
  podTopologyLabels,
  defaultIngressClass,
  podResize,
  validatingAdmissionPolicy,
  resourceQuota,
]
