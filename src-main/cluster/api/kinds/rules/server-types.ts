/**
 * Structures as the API server keeps them in memory: their fields in order. Where a message shows a whole structure it
 * is this form of it, as JSON. The names are those of Kubernetes' internal types.
 *
 * A field is written `Name:type`, or `Name=wire:type` where its name on the wire is no mere change of capitals. Types:
 * `string`, `bool`, `int`, `port` and `quantity` are never null; `*` is a value that may be; `[]` a list of values, `map`
 * a map, both null when there is nothing in them; `selector` a label selector, `metadata` those of a template;
 * `T`, `*T` and `[]T` are structures by value, by reference and in lists; `+T` stands for the fields of another structure.
 */
export const SERVER_TYPES = {
  PodTemplateSpec: 'Metadata:metadata Spec:PodSpec',
  PodSpec: `Volumes:[]Volume InitContainers:[]Container Containers:[]Container EphemeralContainers:[]EphemeralContainer
    RestartPolicy:string TerminationGracePeriodSeconds:* ActiveDeadlineSeconds:* DNSPolicy:string NodeSelector:map
    ServiceAccountName:string AutomountServiceAccountToken:* NodeName:string SecurityContext:*PodSecurityContext
    ImagePullSecrets:[]LocalObjectReference Hostname:string Subdomain:string SetHostnameAsFQDN:* Affinity:*Affinity
    SchedulerName:string Tolerations:[]Toleration HostAliases:[]HostAlias PriorityClassName:string Priority:*
    PreemptionPolicy:* DNSConfig:*PodDNSConfig ReadinessGates:[]PodReadinessGate RuntimeClassName:* Overhead:map
    EnableServiceLinks:* TopologySpreadConstraints:[]TopologySpreadConstraint OS:*Named SchedulingGates:[]Named
    ResourceClaims:[]PodResourceClaim Resources:*ResourceRequirements HostnameOverride:* SchedulingGroup:*PodSchedulingGroup`,
  // On the wire the first five are fields of the spec itself.
  PodSecurityContext: `HostNetwork:bool HostPID:bool HostIPC:bool ShareProcessNamespace:* HostUsers:*
    SELinuxOptions:*SELinuxOptions WindowsOptions:*WindowsSecurityContextOptions RunAsUser:* RunAsGroup:* RunAsNonRoot:*
    SupplementalGroups:[] SupplementalGroupsPolicy:* FSGroup:* FSGroupChangePolicy:* Sysctls:[]NameValue
    SeccompProfile:*Profile AppArmorProfile:*Profile SELinuxChangePolicy:*`,
  SecurityContext: `Capabilities:*Capabilities Privileged:* SELinuxOptions:*SELinuxOptions
    WindowsOptions:*WindowsSecurityContextOptions RunAsUser:* RunAsGroup:* RunAsNonRoot:* ReadOnlyRootFilesystem:*
    AllowPrivilegeEscalation:* ProcMount:* SeccompProfile:*Profile AppArmorProfile:*Profile`,
  Capabilities: 'Add:[] Drop:[]',
  SELinuxOptions: 'User:string Role:string Type:string Level:string',
  WindowsSecurityContextOptions: 'GMSACredentialSpecName:* GMSACredentialSpec:* RunAsUserName:* HostProcess:*',
  Profile: 'Type:string LocalhostProfile:*',
  PodSchedulingGroup: 'PodGroupName:*',
  PodResourceClaim: 'Name:string ResourceClaimName:* ResourceClaimTemplateName:*',
  PodReadinessGate: 'ConditionType:string',
  PodDNSConfig: 'Nameservers:[] Searches:[] Options:[]PodDNSConfigOption',
  PodDNSConfigOption: 'Name:string Value:*',
  HostAlias: 'IP:string Hostnames:[]',
  Toleration: 'Key:string Operator:string Value:string Effect:string TolerationSeconds:*',
  TopologySpreadConstraint: `MaxSkew:int TopologyKey:string WhenUnsatisfiable:string LabelSelector:selector MinDomains:*
    NodeAffinityPolicy:* NodeTaintsPolicy:* MatchLabelKeys:[]`,

  Affinity: 'NodeAffinity:*NodeAffinity PodAffinity:*PodAffinity PodAntiAffinity:*PodAffinity',
  NodeAffinity: `RequiredDuringSchedulingIgnoredDuringExecution:*NodeSelector
    PreferredDuringSchedulingIgnoredDuringExecution:[]PreferredSchedulingTerm`,
  NodeSelector: 'NodeSelectorTerms:[]NodeSelectorTerm',
  NodeSelectorTerm: 'MatchExpressions:[]NodeSelectorRequirement MatchFields:[]NodeSelectorRequirement',
  NodeSelectorRequirement: 'Key:string Operator:string Values:[]',
  PreferredSchedulingTerm: 'Weight:int Preference:NodeSelectorTerm',
  PodAffinity: `RequiredDuringSchedulingIgnoredDuringExecution:[]PodAffinityTerm
    PreferredDuringSchedulingIgnoredDuringExecution:[]WeightedPodAffinityTerm`,
  WeightedPodAffinityTerm: 'Weight:int PodAffinityTerm:PodAffinityTerm',
  PodAffinityTerm: `LabelSelector:selector Namespaces:[] TopologyKey:string NamespaceSelector:selector MatchLabelKeys:[]
    MismatchLabelKeys:[]`,

  Container: `Name:string Image:string Command:[] Args:[] WorkingDir:string Ports:[]ContainerPort EnvFrom:[]EnvFromSource
    Env:[]EnvVar Resources:ResourceRequirements ResizePolicy:[]ContainerResizePolicy RestartPolicy:*
    RestartPolicyRules:[]ContainerRestartRule VolumeMounts:[]VolumeMount VolumeDevices:[]VolumeDevice LivenessProbe:*Probe
    ReadinessProbe:*Probe StartupProbe:*Probe Lifecycle:*Lifecycle TerminationMessagePath:string
    TerminationMessagePolicy:string ImagePullPolicy:string SecurityContext:*SecurityContext Stdin:bool StdinOnce:bool TTY:bool`,
  EphemeralContainer: '+Container TargetContainerName:string',
  ContainerPort: 'Name:string HostPort:int ContainerPort:int Protocol:string HostIP:string',
  EnvVar: 'Name:string Value:string ValueFrom:*EnvVarSource',
  EnvVarSource: `FieldRef:*ObjectFieldSelector ResourceFieldRef:*ResourceFieldSelector ConfigMapKeyRef:*KeySelector
    SecretKeyRef:*KeySelector FileKeyRef:*FileKeySelector`,
  EnvFromSource: 'Prefix:string ConfigMapRef:*OptionalReference SecretRef:*OptionalReference',
  OptionalReference: 'Name:string Optional:*',
  ObjectFieldSelector: 'APIVersion:string FieldPath:string',
  ResourceFieldSelector: 'ContainerName:string Resource:string Divisor:quantity',
  KeySelector: 'Name:string Key:string Optional:*',
  FileKeySelector: 'VolumeName:string Path:string Key:string Optional:*',
  ResourceRequirements: 'Limits:map Requests:map Claims:[]ResourceClaim',
  ResourceClaim: 'Name:string Request:string',
  ContainerResizePolicy: 'ResourceName:string RestartPolicy:string',
  ContainerRestartRule: 'Action:string ExitCodes:*ContainerRestartRuleOnExitCodes',
  ContainerRestartRuleOnExitCodes: 'Operator:string Values:[]',
  VolumeMount: `Name:string ReadOnly:bool RecursiveReadOnly:* MountPath:string SubPath:string MountPropagation:*
    SubPathExpr:string`,
  VolumeDevice: 'Name:string DevicePath:string',
  Probe: `+Handler GRPC:*GRPCAction InitialDelaySeconds:int TimeoutSeconds:int PeriodSeconds:int SuccessThreshold:int
    FailureThreshold:int TerminationGracePeriodSeconds:*`,
  Handler: 'Exec:*ExecAction HTTPGet:*HTTPGetAction TCPSocket:*TCPSocketAction',
  ExecAction: 'Command:[]',
  HTTPGetAction: 'Path:string Port:port Host:string Scheme:string HTTPHeaders:[]NameValue',
  TCPSocketAction: 'Port:port Host:string',
  GRPCAction: 'Port:int Service:*',
  Lifecycle: 'PostStart:*LifecycleHandler PreStop:*LifecycleHandler StopSignal:*',
  LifecycleHandler: '+Handler Sleep:*SleepAction',
  SleepAction: 'Seconds:int',
  Named: 'Name:string',
  NameValue: 'Name:string Value:string',
  LocalObjectReference: 'Name:string',
  SecretReference: 'Name:string Namespace:string',

  Volume: `Name:string HostPath:*HostPathVolumeSource EmptyDir:*EmptyDirVolumeSource
    GCEPersistentDisk:*GCEPersistentDiskVolumeSource AWSElasticBlockStore:*AWSElasticBlockStoreVolumeSource
    GitRepo:*GitRepoVolumeSource Secret:*SecretVolumeSource NFS:*NFSVolumeSource ISCSI:*ISCSIVolumeSource
    Glusterfs:*GlusterfsVolumeSource PersistentVolumeClaim:*PersistentVolumeClaimVolumeSource RBD:*RBDVolumeSource
    Quobyte:*QuobyteVolumeSource FlexVolume:*FlexVolumeSource Cinder:*CinderVolumeSource CephFS=cephfs:*CephFSVolumeSource
    Flocker:*FlockerVolumeSource DownwardAPI:*DownwardAPIVolumeSource FC:*FCVolumeSource AzureFile:*AzureFileVolumeSource
    ConfigMap:*ConfigMapVolumeSource VsphereVolume:*VsphereVirtualDiskVolumeSource AzureDisk:*AzureDiskVolumeSource
    PhotonPersistentDisk:*PhotonPersistentDiskVolumeSource Projected:*ProjectedVolumeSource
    PortworxVolume:*PortworxVolumeSource ScaleIO:*ScaleIOVolumeSource StorageOS=storageos:*StorageOSVolumeSource
    CSI:*CSIVolumeSource Ephemeral:*EphemeralVolumeSource Image:*ImageVolumeSource`,
  HostPathVolumeSource: 'Path:string Type:*',
  EmptyDirVolumeSource: 'Medium:string SizeLimit:*',
  GCEPersistentDiskVolumeSource: 'PDName:string FSType:string Partition:int ReadOnly:bool',
  AWSElasticBlockStoreVolumeSource: 'VolumeID:string FSType:string Partition:int ReadOnly:bool',
  GitRepoVolumeSource: 'Repository:string Revision:string Directory:string',
  SecretVolumeSource: 'SecretName:string Items:[]KeyToPath DefaultMode:* Optional:*',
  ConfigMapVolumeSource: 'Name:string Items:[]KeyToPath DefaultMode:* Optional:*',
  KeyToPath: 'Key:string Path:string Mode:*',
  NFSVolumeSource: 'Server:string Path:string ReadOnly:bool',
  ISCSIVolumeSource: `TargetPortal:string IQN:string Lun:int ISCSIInterface:string FSType:string ReadOnly:bool Portals:[]
    DiscoveryCHAPAuth=chapAuthDiscovery:bool SessionCHAPAuth=chapAuthSession:bool SecretRef:*LocalObjectReference
    InitiatorName:*`,
  GlusterfsVolumeSource: 'EndpointsName=endpoints:string Path:string ReadOnly:bool',
  PersistentVolumeClaimVolumeSource: 'ClaimName:string ReadOnly:bool',
  RBDVolumeSource: `CephMonitors=monitors:[] RBDImage=image:string FSType:string RBDPool=pool:string RadosUser=user:string
    Keyring:string SecretRef:*LocalObjectReference ReadOnly:bool`,
  QuobyteVolumeSource: 'Registry:string Volume:string ReadOnly:bool User:string Group:string Tenant:string',
  FlexVolumeSource: 'Driver:string FSType:string SecretRef:*LocalObjectReference ReadOnly:bool Options:map',
  CinderVolumeSource: 'VolumeID:string FSType:string ReadOnly:bool SecretRef:*LocalObjectReference',
  CephFSVolumeSource: 'Monitors:[] Path:string User:string SecretFile:string SecretRef:*LocalObjectReference ReadOnly:bool',
  FlockerVolumeSource: 'DatasetName:string DatasetUUID:string',
  DownwardAPIVolumeSource: 'Items:[]DownwardAPIVolumeFile DefaultMode:*',
  DownwardAPIVolumeFile: 'Path:string FieldRef:*ObjectFieldSelector ResourceFieldRef:*ResourceFieldSelector Mode:*',
  FCVolumeSource: 'TargetWWNs:[] Lun:* FSType:string ReadOnly:bool WWIDs=wwids:[]',
  AzureFileVolumeSource: 'SecretName:string ShareName:string ReadOnly:bool',
  VsphereVirtualDiskVolumeSource: 'VolumePath:string FSType:string StoragePolicyName:string StoragePolicyID:string',
  AzureDiskVolumeSource: 'DiskName:string DataDiskURI=diskURI:string CachingMode:* FSType:* ReadOnly:* Kind:*',
  PhotonPersistentDiskVolumeSource: 'PdID:string FSType:string',
  ProjectedVolumeSource: 'Sources:[]VolumeProjection DefaultMode:*',
  VolumeProjection: `Secret:*ReferenceProjection DownwardAPI:*DownwardAPIProjection ConfigMap:*ReferenceProjection
    ServiceAccountToken:*ServiceAccountTokenProjection ClusterTrustBundle:* PodCertificate:*`,
  ReferenceProjection: 'Name:string Items:[]KeyToPath Optional:*',
  DownwardAPIProjection: 'Items:[]DownwardAPIVolumeFile',
  ServiceAccountTokenProjection: 'Audience:string ExpirationSeconds:int Path:string',
  PortworxVolumeSource: 'VolumeID:string FSType:string ReadOnly:bool',
  ScaleIOVolumeSource: `Gateway:string System:string SecretRef:*LocalObjectReference SSLEnabled:bool ProtectionDomain:string
    StoragePool:string StorageMode:string VolumeName:string FSType:string ReadOnly:bool`,
  StorageOSVolumeSource: `VolumeName:string VolumeNamespace:string FSType:string ReadOnly:bool
    SecretRef:*LocalObjectReference`,
  CSIVolumeSource: 'Driver:string ReadOnly:* FSType:* VolumeAttributes:map NodePublishSecretRef:*LocalObjectReference',
  EphemeralVolumeSource: 'VolumeClaimTemplate:*PersistentVolumeClaimTemplate',
  PersistentVolumeClaimTemplate: 'Metadata:metadata Spec:PersistentVolumeClaimSpec',
  ImageVolumeSource: 'Reference:string PullPolicy:string',

  PersistentVolumeClaimSpec: `AccessModes:[] Selector:selector Resources:VolumeResourceRequirements VolumeName:string
    StorageClassName:* VolumeMode:* DataSource:*TypedLocalObjectReference DataSourceRef:*TypedObjectReference
    VolumeAttributesClassName:*`,
  VolumeResourceRequirements: 'Limits:map Requests:map',
  TypedLocalObjectReference: 'APIGroup:* Kind:string Name:string',
  TypedObjectReference: 'APIGroup:* Kind:string Name:string Namespace:*',

  PersistentVolumeSource: `GCEPersistentDisk:*GCEPersistentDiskVolumeSource
    AWSElasticBlockStore:*AWSElasticBlockStoreVolumeSource HostPath:*HostPathVolumeSource
    Glusterfs:*GlusterfsPersistentVolumeSource NFS:*NFSVolumeSource RBD:*RBDPersistentVolumeSource
    Quobyte:*QuobyteVolumeSource ISCSI:*ISCSIPersistentVolumeSource FlexVolume:*FlexPersistentVolumeSource
    Cinder:*CinderPersistentVolumeSource CephFS=cephfs:*CephFSPersistentVolumeSource FC:*FCVolumeSource
    Flocker:*FlockerVolumeSource AzureFile:*AzureFilePersistentVolumeSource VsphereVolume:*VsphereVirtualDiskVolumeSource
    AzureDisk:*AzureDiskVolumeSource PhotonPersistentDisk:*PhotonPersistentDiskVolumeSource
    PortworxVolume:*PortworxVolumeSource ScaleIO:*ScaleIOPersistentVolumeSource Local:*LocalVolumeSource
    StorageOS=storageos:*StorageOSPersistentVolumeSource CSI:*CSIPersistentVolumeSource`,
  GlusterfsPersistentVolumeSource: '+GlusterfsVolumeSource EndpointsNamespace:*',
  RBDPersistentVolumeSource: `CephMonitors=monitors:[] RBDImage=image:string FSType:string RBDPool=pool:string
    RadosUser=user:string Keyring:string SecretRef:*SecretReference ReadOnly:bool`,
  ISCSIPersistentVolumeSource: `TargetPortal:string IQN:string Lun:int ISCSIInterface:string FSType:string ReadOnly:bool
    Portals:[] DiscoveryCHAPAuth=chapAuthDiscovery:bool SessionCHAPAuth=chapAuthSession:bool SecretRef:*SecretReference
    InitiatorName:*`,
  FlexPersistentVolumeSource: 'Driver:string FSType:string SecretRef:*SecretReference ReadOnly:bool Options:map',
  CinderPersistentVolumeSource: 'VolumeID:string FSType:string ReadOnly:bool SecretRef:*SecretReference',
  CephFSPersistentVolumeSource: 'Monitors:[] Path:string User:string SecretFile:string SecretRef:*SecretReference ReadOnly:bool',
  AzureFilePersistentVolumeSource: '+AzureFileVolumeSource SecretNamespace:*',
  ScaleIOPersistentVolumeSource: `Gateway:string System:string SecretRef:*SecretReference SSLEnabled:bool
    ProtectionDomain:string StoragePool:string StorageMode:string VolumeName:string FSType:string ReadOnly:bool`,
  LocalVolumeSource: 'Path:string FSType:*',
  StorageOSPersistentVolumeSource: `VolumeName:string VolumeNamespace:string FSType:string ReadOnly:bool
    SecretRef:*ObjectReference`,
  ObjectReference: 'Kind:string Namespace:string Name:string UID:string APIVersion:string ResourceVersion:string FieldPath:string',
  CSIPersistentVolumeSource: `Driver:string VolumeHandle:string ReadOnly:bool FSType:string VolumeAttributes:map
    ControllerPublishSecretRef:*SecretReference NodeStageSecretRef:*SecretReference NodePublishSecretRef:*SecretReference
    ControllerExpandSecretRef:*SecretReference NodeExpandSecretRef:*SecretReference`,

  ResourceClaimSpec: 'Devices:DeviceClaim',
  ResourceClaimTemplateSpec: 'Metadata:metadata Spec:ResourceClaimSpec',
  DeviceClaim: 'Requests:[]DeviceRequest Constraints:[]DeviceConstraint Config:[]DeviceClaimConfiguration',
  DeviceRequest: 'Name:string Exactly:*ExactDeviceRequest FirstAvailable:[]DeviceSubRequest',
  ExactDeviceRequest: `DeviceClassName:string Selectors:[]DeviceSelector AllocationMode:string Count:int AdminAccess:*
    Tolerations:[]Toleration Capacity:*CapacityRequirements`,
  DeviceSubRequest: `Name:string DeviceClassName:string Selectors:[]DeviceSelector AllocationMode:string Count:int
    Tolerations:[]Toleration Capacity:*CapacityRequirements`,
  DeviceSelector: 'CEL:*CELDeviceSelector',
  CELDeviceSelector: 'Expression:string',
  CapacityRequirements: 'Requests:map',
  DeviceConstraint: 'Requests:[] MatchAttribute:* DistinctAttribute:*',
  DeviceClaimConfiguration: 'Requests:[] Opaque:*OpaqueDeviceConfiguration',
  OpaqueDeviceConfiguration: 'Driver:string Parameters:*',
  AllocationResult: 'Devices:DeviceAllocationResult NodeSelector:*NodeSelector AllocationTimestamp:*',
  DeviceAllocationResult: 'Results:[]DeviceRequestAllocationResult Config:[]DeviceAllocationConfiguration',
  DeviceRequestAllocationResult: `Request:string Driver:string Pool:string Device:string AdminAccess:* Tolerations:[]Toleration
    BindingConditions:[] BindingFailureConditions:[] ShareID:* ConsumedCapacity:map`,
  DeviceAllocationConfiguration: 'Source:string Requests:[] Opaque:*OpaqueDeviceConfiguration',
  DeviceAttribute: `IntValue=int:* BoolValue=bool:* StringValue=string:* VersionValue=version:* IntValues=ints:[]
    BoolValues=bools:[] StringValues=strings:[] VersionValues=versions:[]`,

  PodFailurePolicy: 'Rules:[]PodFailurePolicyRule',
  PodFailurePolicyRule: `Action:string OnExitCodes:*PodFailurePolicyOnExitCodesRequirement
    OnPodConditions:[]PodFailurePolicyOnPodConditionsPattern`,
  PodFailurePolicyOnExitCodesRequirement: 'ContainerName:* Operator:string Values:[]',
  PodFailurePolicyOnPodConditionsPattern: 'Type:string Status:string',
  SuccessPolicy: 'Rules:[]SuccessPolicyRule',
  SuccessPolicyRule: 'SucceededIndexes:* SucceededCount:*',

  FlowSchemaSpec: `PriorityLevelConfiguration:Named MatchingPrecedence:int DistinguisherMethod:*FlowDistinguisherMethod
    Rules:[]PolicyRulesWithSubjects`,
  FlowDistinguisherMethod: 'Type:string',
  PolicyRulesWithSubjects: `Subjects:[]FlowSubject ResourceRules:[]ResourcePolicyRule
    NonResourceRules:[]NonResourcePolicyRule`,
  FlowSubject: 'Kind:string User:*Named Group:*Named ServiceAccount:*ServiceAccountSubject',
  ServiceAccountSubject: 'Namespace:string Name:string',
  ResourcePolicyRule: 'Verbs:[] APIGroups:[] Resources:[] ClusterScope:bool Namespaces:[]',
  NonResourcePolicyRule: 'Verbs:[] NonResourceURLs:[]',
  PriorityLevelConfigurationSpec: `Type:string Limited:*LimitedPriorityLevelConfiguration
    Exempt:*ExemptPriorityLevelConfiguration`,
  LimitedPriorityLevelConfiguration: `NominalConcurrencyShares:int LimitResponse:LimitResponse LendablePercent:*
    BorrowingLimitPercent:*`,
  ExemptPriorityLevelConfiguration: 'NominalConcurrencyShares:* LendablePercent:*',
  LimitResponse: 'Type:string Queuing:*QueuingConfiguration',
  QueuingConfiguration: 'Queues:int HandSize:int QueueLengthLimit:int',
} as const satisfies Readonly<Record<string, string>>

export type ServerType = keyof typeof SERVER_TYPES
