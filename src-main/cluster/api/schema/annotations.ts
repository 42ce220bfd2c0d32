/**
 * What the models of `@kubernetes/client-node` do not say about the v1.36 API: how lists and maps merge (the
 * `x-kubernetes-list-type`, `-list-map-keys`, `-map-type`, `-patch-strategy` and `-patch-merge-key` of the OpenAPI
 * document), which strings are quantities, which values a string may have, and a few defaults.
 * A list that is not here is atomic; a map or an object that is not here is granular.
 */

/** What is added to one property. */
export interface Annotation {
  /** How server-side apply merges the list. */
  list?: 'atomic' | 'set' | 'map'
  /** The key fields of a `map` list. */
  keys?: readonly string[]
  /** Whether the map or object is owned as a whole. */
  map?: 'atomic' | 'granular'
  /** The strategies of a strategic merge patch, such as `merge,retainKeys`. */
  patchStrategy?: string
  patchMergeKey?: string
  default?: unknown
  enum?: readonly string[]
  /** The named Go type that an unmarshalling error shows, such as `v1.RestartPolicy`. */
  goType?: string
}

/** A list of objects keyed for apply, and by the first key for strategic merge patches unless told otherwise. */
const keyed = (keys: string, patch = 'merge', mergeKey = keys.split(',')[0]!): Annotation => ({
  list: 'map',
  keys: keys.split(','),
  ...(patch ? { patchStrategy: patch, patchMergeKey: mergeKey } : {}),
})
const set: Annotation = { list: 'set' }
const mergedSet: Annotation = { list: 'set', patchStrategy: 'merge' }
const conditions = keyed('type')
const atomicMap: Annotation = { map: 'atomic' }
/** A string type of its own in Go, with the values it may have. */
const named = (goType: string, values: string): Annotation => ({ goType, enum: values.split(' ') })
const protocol: Annotation = { ...named('v1.Protocol', 'SCTP TCP UDP'), default: 'TCP' }
const pullPolicy = named('v1.PullPolicy', 'Always IfNotPresent Never')
const terminationMessagePolicy = named('v1.TerminationMessagePolicy', 'FallbackToLogsOnError File')

const container: Record<string, Annotation> = {
  env: keyed('name'),
  imagePullPolicy: pullPolicy,
  ports: keyed('containerPort,protocol'),
  restartPolicy: { goType: 'v1.ContainerRestartPolicy' },
  terminationMessagePolicy,
  volumeDevices: keyed('devicePath'),
  volumeMounts: keyed('mountPath'),
}

/** By model, by property. */
export const annotations: Readonly<Record<string, Readonly<Record<string, Annotation>>>> = {
  // apimachinery
  V1ObjectMeta: { finalizers: mergedSet, ownerReferences: keyed('uid') },
  V1LabelSelectorRequirement: { operator: { goType: 'v1.LabelSelectorOperator' } },

  // core
  V1AppArmorProfile: { type: named('v1.AppArmorProfileType', 'Localhost RuntimeDefault Unconfined') },
  V1AzureDiskVolumeSource: {
    cachingMode: { ...named('v1.AzureDataDiskCachingMode', 'None ReadOnly ReadWrite'), default: 'ReadWrite' },
    fsType: { default: 'ext4' },
    kind: { ...named('v1.AzureDataDiskKind', 'Dedicated Managed Shared'), default: 'Shared' },
    readOnly: { default: false },
  },
  V1ComponentStatus: { conditions },
  V1Container: container,
  V1ContainerPort: { protocol },
  V1ContainerRestartRule: { action: { goType: 'v1.ContainerRestartRuleAction' } },
  V1ContainerRestartRuleOnExitCodes: { values: set },
  V1ContainerResizePolicy: { resourceName: { goType: 'v1.ResourceName' }, restartPolicy: { goType: 'v1.ResourceResizeRestartPolicy' } },
  V1ContainerStatus: { allocatedResourcesStatus: keyed('name'), volumeMounts: keyed('mountPath') },
  V1EmptyDirVolumeSource: { medium: { goType: 'v1.StorageMedium' } },
  CoreV1EndpointPort: { protocol: named('v1.Protocol', 'SCTP TCP UDP') },
  V1EphemeralContainer: container,
  V1GRPCAction: { service: { default: '' } },
  V1HTTPGetAction: { scheme: named('v1.URIScheme', 'HTTP HTTPS') },
  V1HostPathVolumeSource: {
    type: named('v1.HostPathType', 'BlockDevice CharDevice Directory DirectoryOrCreate File FileOrCreate Socket'),
  },
  V1ISCSIPersistentVolumeSource: { iscsiInterface: { default: 'default' } },
  V1ISCSIVolumeSource: { iscsiInterface: { default: 'default' } },
  V1ImageVolumeSource: { pullPolicy },
  V1LimitRangeItem: { type: { goType: 'v1.LimitType' } },
  V1NamespaceSpec: { finalizers: { list: 'atomic', goType: '[]v1.FinalizerName' } },
  V1NamespaceStatus: { conditions, phase: named('v1.NamespacePhase', 'Active Terminating') },
  V1NodeSelectorRequirement: { operator: named('v1.NodeSelectorOperator', 'DoesNotExist Exists Gt In Lt NotIn') },
  V1NodeSpec: { podCIDRs: mergedSet },
  V1NodeStatus: { addresses: keyed('type'), conditions, phase: named('v1.NodePhase', 'Pending Running Terminated') },
  V1PersistentVolumeClaimSpec: { volumeMode: named('v1.PersistentVolumeMode', 'Block Filesystem') },
  V1PersistentVolumeClaimStatus: {
    allocatedResourceStatuses: { map: 'granular' },
    conditions,
    phase: named('v1.PersistentVolumeClaimPhase', 'Bound Lost Pending'),
  },
  V1PersistentVolumeSpec: {
    claimRef: { map: 'granular' },
    persistentVolumeReclaimPolicy: named('v1.PersistentVolumeReclaimPolicy', 'Delete Recycle Retain'),
    volumeMode: named('v1.PersistentVolumeMode', 'Block Filesystem'),
  },
  V1PersistentVolumeStatus: { phase: named('v1.PersistentVolumePhase', 'Available Bound Failed Pending Released') },
  V1PodCondition: { status: { goType: 'v1.ConditionStatus' }, type: { goType: 'v1.PodConditionType' } },
  V1PodSecurityContext: {
    fsGroupChangePolicy: named('v1.PodFSGroupChangePolicy', 'Always OnRootMismatch'),
    supplementalGroupsPolicy: named('v1.SupplementalGroupsPolicy', 'Merge Strict'),
  },
  V1PodSpec: {
    containers: keyed('name'),
    dnsPolicy: named('v1.DNSPolicy', 'ClusterFirst ClusterFirstWithHostNet Default None'),
    ephemeralContainers: keyed('name'),
    hostAliases: keyed('ip'),
    imagePullSecrets: keyed('name'),
    initContainers: keyed('name'),
    nodeSelector: atomicMap,
    preemptionPolicy: named('v1.PreemptionPolicy', 'Never PreemptLowerPriority'),
    resourceClaims: keyed('name', 'merge,retainKeys'),
    restartPolicy: named('v1.RestartPolicy', 'Always Never OnFailure'),
    schedulingGates: keyed('name'),
    topologySpreadConstraints: keyed('topologyKey,whenUnsatisfiable'),
    volumes: keyed('name', 'merge,retainKeys'),
  },
  V1PodStatus: {
    conditions,
    hostIPs: { list: 'atomic', patchStrategy: 'merge', patchMergeKey: 'ip' },
    phase: named('v1.PodPhase', 'Failed Pending Running Succeeded Unknown'),
    podIPs: keyed('ip'),
    qosClass: named('v1.PodQOSClass', 'BestEffort Burstable Guaranteed'),
    resourceClaimStatuses: keyed('name', 'merge,retainKeys'),
  },
  V1RBDPersistentVolumeSource: { keyring: { default: '/etc/ceph/keyring' }, pool: { default: 'rbd' }, user: { default: 'admin' } },
  V1RBDVolumeSource: { keyring: { default: '/etc/ceph/keyring' }, pool: { default: 'rbd' }, user: { default: 'admin' } },
  V1ReplicationControllerSpec: { minReadySeconds: { default: 0 }, replicas: { default: 1 }, selector: atomicMap },
  V1ReplicationControllerStatus: { conditions },
  V1ResourceRequirements: { claims: keyed('name', '') },
  V1ResourceStatus: { resources: keyed('resourceID', '') },
  V1ScaleIOPersistentVolumeSource: { fsType: { default: 'xfs' }, storageMode: { default: 'ThinProvisioned' } },
  V1ScaleIOVolumeSource: { fsType: { default: 'xfs' }, storageMode: { default: 'ThinProvisioned' } },
  V1ScopedResourceSelectorRequirement: {
    operator: named('v1.ScopeSelectorOperator', 'DoesNotExist Exists In NotIn'),
    scopeName: named(
      'v1.ResourceQuotaScope',
      'BestEffort CrossNamespacePodAffinity NotBestEffort NotTerminating PriorityClass Terminating VolumeAttributesClass',
    ),
  },
  V1SeccompProfile: { type: named('v1.SeccompProfileType', 'Localhost RuntimeDefault Unconfined') },
  V1Secret: { type: { goType: 'v1.SecretType' } },
  V1SecurityContext: { procMount: named('v1.ProcMountType', 'Default Unmasked') },
  V1ServiceAccount: { secrets: keyed('name') },
  V1ServicePort: { protocol },
  V1ServiceSpec: {
    externalTrafficPolicy: named('v1.ServiceExternalTrafficPolicy', 'Cluster Local'),
    internalTrafficPolicy: named('v1.ServiceInternalTrafficPolicy', 'Cluster Local'),
    ipFamilyPolicy: named('v1.IPFamilyPolicy', 'PreferDualStack RequireDualStack SingleStack'),
    ports: keyed('port,protocol'),
    selector: atomicMap,
    sessionAffinity: named('v1.ServiceAffinity', 'ClientIP None'),
    type: named('v1.ServiceType', 'ClusterIP ExternalName LoadBalancer NodePort'),
  },
  V1ServiceStatus: { conditions },
  V1Taint: { effect: named('v1.TaintEffect', 'NoExecute NoSchedule PreferNoSchedule') },
  V1Toleration: {
    effect: named('v1.TaintEffect', 'NoExecute NoSchedule PreferNoSchedule'),
    operator: named('v1.TolerationOperator', 'Equal Exists Gt Lt'),
  },
  V1TopologySpreadConstraint: {
    nodeAffinityPolicy: named('v1.NodeInclusionPolicy', 'Honor Ignore'),
    nodeTaintsPolicy: named('v1.NodeInclusionPolicy', 'Honor Ignore'),
    whenUnsatisfiable: named('v1.UnsatisfiableConstraintAction', 'DoNotSchedule ScheduleAnyway'),
  },
  V1VolumeMount: { mountPropagation: named('v1.MountPropagationMode', 'Bidirectional HostToContainer None') },

  // apps
  V1DaemonSetStatus: { conditions },
  V1DaemonSetUpdateStrategy: { type: named('v1.DaemonSetUpdateStrategyType', 'OnDelete RollingUpdate') },
  V1DeploymentSpec: { strategy: { patchStrategy: 'retainKeys' } },
  V1DeploymentStatus: { conditions },
  V1DeploymentStrategy: { type: named('v1.DeploymentStrategyType', 'Recreate RollingUpdate') },
  V1ReplicaSetStatus: { conditions },
  V1StatefulSetPersistentVolumeClaimRetentionPolicy: {
    whenDeleted: { goType: 'v1.PersistentVolumeClaimRetentionPolicyType' },
    whenScaled: { goType: 'v1.PersistentVolumeClaimRetentionPolicyType' },
  },
  V1StatefulSetSpec: { podManagementPolicy: named('v1.PodManagementPolicyType', 'OrderedReady Parallel') },
  V1StatefulSetStatus: { conditions },
  V1StatefulSetUpdateStrategy: { type: named('v1.StatefulSetUpdateStrategyType', 'OnDelete RollingUpdate') },

  // batch
  V1CronJobSpec: { concurrencyPolicy: named('v1.ConcurrencyPolicy', 'Allow Forbid Replace') },
  V1JobSpec: {
    completionMode: named('v1.CompletionMode', 'Indexed NonIndexed'),
    podReplacementPolicy: named('v1.PodReplacementPolicy', 'Failed TerminatingOrFailed'),
  },
  V1JobStatus: { conditions: { list: 'atomic', patchStrategy: 'merge', patchMergeKey: 'type' } },
  V1PodFailurePolicyOnExitCodesRequirement: {
    operator: named('v1.PodFailurePolicyOnExitCodesOperator', 'In NotIn'),
    values: set,
  },
  V1PodFailurePolicyRule: { action: named('v1.PodFailurePolicyAction', 'Count FailIndex FailJob Ignore') },
  V1UncountedTerminatedPods: { failed: set, succeeded: set },

  // autoscaling
  V2HPAScalingPolicy: { type: { goType: 'v2.HPAScalingPolicyType' } },
  V2HPAScalingRules: { selectPolicy: { goType: 'v2.ScalingPolicySelect' } },
  V2HorizontalPodAutoscalerStatus: { conditions },
  V2MetricSpec: { type: { goType: 'v2.MetricSourceType' } },
  V2MetricTarget: { type: { goType: 'v2.MetricTargetType' } },

  // policy
  V1PodDisruptionBudgetSpec: {
    selector: { patchStrategy: 'replace' },
    unhealthyPodEvictionPolicy: named('v1.UnhealthyPodEvictionPolicyType', 'AlwaysAllow IfHealthyBudget'),
  },
  V1PodDisruptionBudgetStatus: { conditions },

  // networking
  V1HTTPIngressPath: { pathType: named('v1.PathType', 'Exact ImplementationSpecific Prefix') },
  V1NetworkPolicyPort: { protocol: named('v1.Protocol', 'SCTP TCP UDP') },
  V1ServiceCIDRStatus: { conditions },

  // discovery
  V1Endpoint: { addresses: set },
  V1EndpointSlice: { addressType: named('v1.AddressType', 'FQDN IPv4 IPv6') },
  DiscoveryV1EndpointPort: { protocol: { goType: 'v1.Protocol' } },

  // storage, node, scheduling
  V1CSIDriverSpec: { volumeLifecycleModes: set },
  V1CSINodeSpec: { drivers: keyed('name') },
  V1StorageClass: {
    reclaimPolicy: named('v1.PersistentVolumeReclaimPolicy', 'Delete Recycle Retain'),
    volumeBindingMode: named('v1.VolumeBindingMode', 'Immediate WaitForFirstConsumer'),
  },
  V1Scheduling: { nodeSelector: atomicMap },
  V1PriorityClass: { preemptionPolicy: named('v1.PreemptionPolicy', 'Never PreemptLowerPriority') },

  // certificates
  V1CertificateSigningRequestStatus: { conditions: keyed('type', '') },

  // admissionregistration
  V1MutatingWebhook: { matchConditions: keyed('name') },
  V1MutatingWebhookConfiguration: { webhooks: keyed('name') },
  V1ValidatingWebhook: { matchConditions: keyed('name') },
  V1ValidatingWebhookConfiguration: { webhooks: keyed('name') },
  V1MutatingAdmissionPolicySpec: { matchConditions: keyed('name'), variables: { list: 'atomic' } },
  V1ValidatingAdmissionPolicyBindingSpec: { validationActions: set },
  V1ValidatingAdmissionPolicySpec: { matchConditions: keyed('name'), variables: keyed('name') },
  V1ValidatingAdmissionPolicyStatus: { conditions: keyed('type', '') },

  // flowcontrol
  V1FlowSchemaStatus: { conditions },
  V1PriorityLevelConfigurationStatus: { conditions },
  V1NonResourcePolicyRule: { nonResourceURLs: set, verbs: set },
  V1ResourcePolicyRule: { apiGroups: set, namespaces: set, resources: set, verbs: set },

  // resource
  V1AllocatedDeviceStatus: { conditions: keyed('type', '') },
  V1ResourceClaimStatus: { devices: keyed('driver,device,pool,shareID', ''), reservedFor: keyed('uid') },

  // apiextensions, apiregistration
  V1CustomResourceDefinitionStatus: { conditions: keyed('type', '') },
  V1JSONSchemaProps: { 'x-kubernetes-validations': keyed('rule') },
  V1APIServiceStatus: { conditions },
}

/** Objects that are owned as a whole (`x-kubernetes-map-type: atomic`). */
export const atomicModels: ReadonlySet<string> = new Set([
  'V1ConfigMapKeySelector',
  'V1EndpointAddress',
  'V1FileKeySelector',
  'V1LabelSelector',
  'V1LocalObjectReference',
  'V1NodeSelector',
  'V1NodeSelectorTerm',
  'V1ObjectFieldSelector',
  'V1ObjectReference',
  'V1OwnerReference',
  'V1ResourceFieldSelector',
  'V1ScopeSelector',
  'V1SecretKeySelector',
  'V1SecretReference',
  'V1TopologySelectorTerm',
  'V1TypedLocalObjectReference',
  'CoreV1EndpointPort',
  'DiscoveryV1EndpointPort',
  'V1CrossVersionObjectReference',
  'V1RoleRef',
  'RbacV1Subject',
  'V1ServiceBackendPort',
  'V1MatchResources',
  'V1NamedRuleWithOperations',
  'V1ParamKind',
  'V1ParamRef',
  'V1Variable',
])

/** Strings that are `resource.Quantity`, alone, in a map or in a list. */
export const quantities: Readonly<Record<string, readonly string[]>> = {
  V1CapacityRequestPolicy: ['default', 'validValues'],
  V1CapacityRequestPolicyRange: ['max', 'min', 'step'],
  V1CapacityRequirements: ['requests'],
  V1ContainerStatus: ['allocatedResources'],
  V1Counter: ['value'],
  V1CSIStorageCapacity: ['capacity', 'maximumVolumeSize'],
  V1DeviceCapacity: ['value'],
  V1DeviceRequestAllocationResult: ['consumedCapacity'],
  V1EmptyDirVolumeSource: ['sizeLimit'],
  V1LimitRangeItem: ['default', 'defaultRequest', 'max', 'maxLimitRequestRatio', 'min'],
  V1NodeAllocatableResourceClaimStatus: ['resources'],
  V1NodeAllocatableResourceMapping: ['allocationMultiplier'],
  V1NodeStatus: ['allocatable', 'capacity'],
  V1Overhead: ['podFixed'],
  V1PersistentVolumeClaimStatus: ['allocatedResources', 'capacity'],
  V1PersistentVolumeSpec: ['capacity'],
  V1PodSpec: ['overhead'],
  V1PodStatus: ['allocatedResources'],
  V1ResourceFieldSelector: ['divisor'],
  V1ResourceQuotaSpec: ['hard'],
  V1ResourceQuotaStatus: ['hard', 'used'],
  V1ResourceRequirements: ['limits', 'requests'],
  V1VolumeResourceRequirements: ['limits', 'requests'],
  V2HPAScalingRules: ['tolerance'],
  V2MetricTarget: ['averageValue', 'value'],
  V2MetricValueStatus: ['averageValue', 'value'],
}
