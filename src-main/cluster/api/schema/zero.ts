/**
 * Fields that Go's encoder leaves out when they are zero (`omitempty` on a field that is not a pointer), so that a sent
 * `hostNetwork: false` is not stored and not owned, as with a real API server. Empty optional lists, maps and strings
 * are left out everywhere but where the field is a pointer.
 */

const words = (text: string): readonly string[] => text.trim().split(/\s+/)

/** Optional strings behind a pointer: an empty one says something. By model. */
const KEPT_STRINGS: Readonly<Record<string, readonly string[]>> = {
  DiscoveryV1EndpointPort: words('name appProtocol'),
  CoreV1EndpointPort: words('appProtocol'),
  V1CSIDriverSpec: words('fsGroupPolicy'),
  V1Endpoint: words('hostname nodeName zone'),
  V1GRPCAction: words('service'),
  V1IngressSpec: words('ingressClassName'),
  V1JobSpec: words('managedBy'),
  V1LeaseSpec: words('holderIdentity'),
  V1ParamRef: words('name namespace'),
  V1PersistentVolumeClaimSpec: words('storageClassName volumeAttributesClassName'),
  V1PersistentVolumeSpec: words('volumeAttributesClassName'),
  V1PodSpec: words('runtimeClassName hostnameOverride'),
  V1ServicePort: words('appProtocol'),
  V1ServiceSpec: words('loadBalancerClass trafficDistribution'),
  V1TypedLocalObjectReference: words('apiGroup'),
  V1TypedObjectReference: words('apiGroup namespace'),
  V1WebhookConversion: words('url'),
}

/** Optional numbers and booleans that are not behind a pointer: zero and false are left out. By model. */
const DROPPED: Readonly<Record<string, readonly string[]>> = {
  CoreV1Event: words('count'),
  V1Container: words('stdin stdinOnce tty'),
  V1ContainerPort: words('hostPort'),
  V1ContainerStateTerminated: words('signal'),
  V1DaemonSetSpec: words('minReadySeconds'),
  V1DaemonSetStatus: words('observedGeneration updatedNumberScheduled numberAvailable numberUnavailable'),
  V1DeploymentSpec: words('minReadySeconds paused'),
  V1DeploymentStatus: words('observedGeneration replicas updatedReplicas readyReplicas availableReplicas unavailableReplicas'),
  V1EphemeralContainer: words('stdin stdinOnce tty'),
  V1JobStatus: words('active succeeded failed'),
  V1NodeSpec: words('unschedulable'),
  V1ObjectMeta: words('generation'),
  V1PodDisruptionBudgetStatus: words('observedGeneration'),
  V1PodSpec: words('hostNetwork hostPID hostIPC'),
  V1PodStatus: words('observedGeneration'),
  V1PriorityClass: words('globalDefault'),
  V1Probe: words('initialDelaySeconds timeoutSeconds periodSeconds successThreshold failureThreshold'),
  V1ReplicaSetSpec: words('minReadySeconds'),
  V1ReplicaSetStatus: words('fullyLabeledReplicas readyReplicas availableReplicas observedGeneration'),
  V1ReplicationControllerSpec: words('minReadySeconds'),
  V1ReplicationControllerStatus: words('fullyLabeledReplicas readyReplicas availableReplicas observedGeneration'),
  V1ServicePort: words('nodePort'),
  V1ServiceSpec: words('healthCheckNodePort publishNotReadyAddresses'),
  V1StatefulSetSpec: words('minReadySeconds'),
  V1StatefulSetStatus: words('observedGeneration readyReplicas currentReplicas updatedReplicas availableReplicas'),
  V1SubjectAccessReviewStatus: words('denied'),
  V1VolumeMount: words('readOnly'),
}

/** Whether an empty string in this optional field is left out. */
export function omitsEmptyString(model: string, field: string): boolean {
  return !KEPT_STRINGS[model]?.includes(field)
}

/** Whether a zero or a false in this optional field is left out. */
export function omitsZero(model: string, field: string): boolean {
  return DROPPED[model]?.includes(field) === true || (field === 'readOnly' && model.endsWith('VolumeSource'))
}
