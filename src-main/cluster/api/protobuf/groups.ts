/**
 * The field numbers of the messages of groups that a kubectl carries no descriptors of, in the notation of
 * `generated/messages.json`: those of the `generated.proto` files of k8s.io/api, apiextensions-apiserver, kube-aggregator
 * and metrics. A type that starts with a dot is a message of the same group and version.
 */
export const GROUP_MESSAGES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'resource.v1': {
    AllocatedDeviceStatus:
      '1 driver s,2 pool s,3 device s,7 shareID s,4 conditions *meta.v1.Condition,5 data runtime.RawExtension,6 networkData .NetworkDeviceData',
    AllocationResult: '1 devices .DeviceAllocationResult,3 nodeSelector core.v1.NodeSelector,5 allocationTimestamp meta.v1.Time',
    CELDeviceSelector: '1 expression s',
    CapacityRequestPolicy: '1 default api.resource.Quantity,3 validValues *api.resource.Quantity,4 validRange .CapacityRequestPolicyRange',
    CapacityRequestPolicyRange: '1 min api.resource.Quantity,2 max api.resource.Quantity,3 step api.resource.Quantity',
    CapacityRequirements: '1 requests %api.resource.Quantity',
    Counter: '1 value api.resource.Quantity',
    CounterSet: '1 name s,2 counters %.Counter',
    Device:
      '1 name s,2 attributes %.DeviceAttribute,3 capacity %.DeviceCapacity,4 consumesCounters *.DeviceCounterConsumption,5 nodeName s,6 nodeSelector core.v1.NodeSelector,7 allNodes t,8 taints *.DeviceTaint,9 bindsToNode t,10 bindingConditions *s,11 bindingFailureConditions *s,12 allowMultipleAllocations t',
    DeviceAllocationConfiguration: '1 source s,2 requests *s,3 deviceConfiguration <.DeviceConfiguration',
    DeviceAllocationResult: '1 results *.DeviceRequestAllocationResult,2 config *.DeviceAllocationConfiguration',
    DeviceAttribute: '2 int l,3 bool t,4 string s,5 version s',
    DeviceCapacity: '1 value api.resource.Quantity,2 requestPolicy .CapacityRequestPolicy',
    DeviceClaim: '1 requests *.DeviceRequest,2 constraints *.DeviceConstraint,3 config *.DeviceClaimConfiguration',
    DeviceClaimConfiguration: '1 requests *s,2 deviceConfiguration <.DeviceConfiguration',
    DeviceClass: '1 metadata meta.v1.ObjectMeta,2 spec .DeviceClassSpec',
    DeviceClassConfiguration: '1 deviceConfiguration <.DeviceConfiguration',
    DeviceClassList: '1 metadata meta.v1.ListMeta,2 items *.DeviceClass',
    DeviceClassSpec: '1 selectors *.DeviceSelector,2 config *.DeviceClassConfiguration,4 extendedResourceName s',
    DeviceConfiguration: '1 opaque .OpaqueDeviceConfiguration',
    DeviceConstraint: '1 requests *s,2 matchAttribute s,3 distinctAttribute s',
    DeviceCounterConsumption: '1 counterSet s,2 counters %.Counter',
    DeviceRequest: '1 name s,2 exactly .ExactDeviceRequest,3 firstAvailable *.DeviceSubRequest',
    DeviceRequestAllocationResult:
      '1 request s,2 driver s,3 pool s,4 device s,5 adminAccess t,6 tolerations *.DeviceToleration,7 bindingConditions *s,8 bindingFailureConditions *s,9 shareID s,10 consumedCapacity %api.resource.Quantity',
    DeviceSelector: '1 cel .CELDeviceSelector',
    DeviceSubRequest:
      '1 name s,2 deviceClassName s,3 selectors *.DeviceSelector,4 allocationMode s,5 count l,6 tolerations *.DeviceToleration,7 capacity .CapacityRequirements',
    DeviceTaint: '1 key s,2 value s,3 effect s,4 timeAdded meta.v1.Time',
    DeviceToleration: '1 key s,2 operator s,3 value s,4 effect s,5 tolerationSeconds l',
    ExactDeviceRequest:
      '1 deviceClassName s,2 selectors *.DeviceSelector,3 allocationMode s,4 count l,5 adminAccess t,6 tolerations *.DeviceToleration,7 capacity .CapacityRequirements',
    NetworkDeviceData: '1 interfaceName s,2 ips *s,3 hardwareAddress s',
    OpaqueDeviceConfiguration: '1 driver s,2 parameters runtime.RawExtension',
    ResourceClaim: '1 metadata meta.v1.ObjectMeta,2 spec .ResourceClaimSpec,3 status .ResourceClaimStatus',
    ResourceClaimConsumerReference: '1 apiGroup s,3 resource s,4 name s,5 uid s',
    ResourceClaimList: '1 metadata meta.v1.ListMeta,2 items *.ResourceClaim',
    ResourceClaimSpec: '1 devices .DeviceClaim',
    ResourceClaimStatus: '1 allocation .AllocationResult,2 reservedFor *.ResourceClaimConsumerReference,4 devices *.AllocatedDeviceStatus',
    ResourceClaimTemplate: '1 metadata meta.v1.ObjectMeta,2 spec .ResourceClaimTemplateSpec',
    ResourceClaimTemplateList: '1 metadata meta.v1.ListMeta,2 items *.ResourceClaimTemplate',
    ResourceClaimTemplateSpec: '1 metadata meta.v1.ObjectMeta,2 spec .ResourceClaimSpec',
    ResourcePool: '1 name s,2 generation l,3 resourceSliceCount l',
    ResourceSlice: '1 metadata meta.v1.ObjectMeta,2 spec .ResourceSliceSpec',
    ResourceSliceList: '1 metadata meta.v1.ListMeta,2 items *.ResourceSlice',
    ResourceSliceSpec:
      '1 driver s,2 pool .ResourcePool,3 nodeName s,4 nodeSelector core.v1.NodeSelector,5 allNodes t,6 devices *.Device,7 perDeviceNodeSelection t,8 sharedCounters *.CounterSet',
  },
  'flowcontrol.v1': {
    ExemptPriorityLevelConfiguration: '1 nominalConcurrencyShares i,2 lendablePercent i',
    FlowDistinguisherMethod: '1 type s',
    FlowSchema: '1 metadata meta.v1.ObjectMeta,2 spec .FlowSchemaSpec,3 status .FlowSchemaStatus',
    FlowSchemaCondition: '1 type s,2 status s,3 lastTransitionTime meta.v1.Time,4 reason s,5 message s',
    FlowSchemaList: '1 metadata meta.v1.ListMeta,2 items *.FlowSchema',
    FlowSchemaSpec:
      '1 priorityLevelConfiguration .PriorityLevelConfigurationReference,2 matchingPrecedence i,3 distinguisherMethod .FlowDistinguisherMethod,4 rules *.PolicyRulesWithSubjects',
    FlowSchemaStatus: '1 conditions *.FlowSchemaCondition',
    GroupSubject: '1 name s',
    LimitResponse: '1 type s,2 queuing .QueuingConfiguration',
    LimitedPriorityLevelConfiguration:
      '1 nominalConcurrencyShares i,2 limitResponse .LimitResponse,3 lendablePercent i,4 borrowingLimitPercent i',
    NonResourcePolicyRule: '1 verbs *s,6 nonResourceURLs *s',
    PolicyRulesWithSubjects: '1 subjects *.Subject,2 resourceRules *.ResourcePolicyRule,3 nonResourceRules *.NonResourcePolicyRule',
    PriorityLevelConfiguration:
      '1 metadata meta.v1.ObjectMeta,2 spec .PriorityLevelConfigurationSpec,3 status .PriorityLevelConfigurationStatus',
    PriorityLevelConfigurationCondition: '1 type s,2 status s,3 lastTransitionTime meta.v1.Time,4 reason s,5 message s',
    PriorityLevelConfigurationList: '1 metadata meta.v1.ListMeta,2 items *.PriorityLevelConfiguration',
    PriorityLevelConfigurationReference: '1 name s',
    PriorityLevelConfigurationSpec: '1 type s,2 limited .LimitedPriorityLevelConfiguration,3 exempt .ExemptPriorityLevelConfiguration',
    PriorityLevelConfigurationStatus: '1 conditions *.PriorityLevelConfigurationCondition',
    QueuingConfiguration: '1 queues i,2 handSize i,3 queueLengthLimit i',
    ResourcePolicyRule: '1 verbs *s,2 apiGroups *s,3 resources *s,4 clusterScope t,5 namespaces *s',
    ServiceAccountSubject: '1 namespace s,2 name s',
    Subject: '1 kind s,2 user .UserSubject,3 group .GroupSubject,4 serviceAccount .ServiceAccountSubject',
    UserSubject: '1 name s',
  },
  'apiextensions.v1': {
    CustomResourceColumnDefinition: '1 name s,2 type s,3 format s,4 description s,5 priority i,6 jsonPath s',
    CustomResourceConversion: '1 strategy s,2 webhook .WebhookConversion',
    CustomResourceDefinition: '1 metadata meta.v1.ObjectMeta,2 spec .CustomResourceDefinitionSpec,3 status .CustomResourceDefinitionStatus',
    CustomResourceDefinitionCondition:
      '1 type s,2 status s,3 lastTransitionTime meta.v1.Time,4 reason s,5 message s,6 observedGeneration l',
    CustomResourceDefinitionList: '1 metadata meta.v1.ListMeta,2 items *.CustomResourceDefinition',
    CustomResourceDefinitionNames: '1 plural s,2 singular s,3 shortNames *s,4 kind s,5 listKind s,6 categories *s',
    CustomResourceDefinitionSpec:
      '1 group s,3 names .CustomResourceDefinitionNames,4 scope s,7 versions *.CustomResourceDefinitionVersion,9 conversion .CustomResourceConversion,10 preserveUnknownFields t',
    CustomResourceDefinitionStatus:
      '1 conditions *.CustomResourceDefinitionCondition,2 acceptedNames .CustomResourceDefinitionNames,3 storedVersions *s,4 observedGeneration l',
    CustomResourceDefinitionVersion:
      '1 name s,2 served t,3 storage t,7 deprecated t,8 deprecationWarning s,4 schema .CustomResourceValidation,5 subresources .CustomResourceSubresources,6 additionalPrinterColumns *.CustomResourceColumnDefinition,9 selectableFields *.SelectableField',
    CustomResourceSubresourceScale: '1 specReplicasPath s,2 statusReplicasPath s,3 labelSelectorPath s',
    CustomResourceSubresourceStatus: '',
    CustomResourceSubresources: '1 status .CustomResourceSubresourceStatus,2 scale .CustomResourceSubresourceScale',
    CustomResourceValidation: '1 openAPIV3Schema .JSONSchemaProps',
    ExternalDocumentation: '1 description s,2 url s',
    JSONSchemaProps:
      '1 id s,2 $schema s,3 $ref s,4 description s,5 type s,6 format s,7 title s,8 default .JSON,9 maximum d,10 exclusiveMaximum t,11 minimum d,12 exclusiveMinimum t,13 maxLength l,14 minLength l,15 pattern s,16 maxItems l,17 minItems l,18 uniqueItems t,19 multipleOf d,20 enum *.JSON,21 maxProperties l,22 minProperties l,23 required *s,24 items .JSONSchemaPropsOrArray,25 allOf *.JSONSchemaProps,26 oneOf *.JSONSchemaProps,27 anyOf *.JSONSchemaProps,28 not .JSONSchemaProps,29 properties %.JSONSchemaProps,30 additionalProperties .JSONSchemaPropsOrBool,31 patternProperties %.JSONSchemaProps,32 dependencies %.JSONSchemaPropsOrStringArray,33 additionalItems .JSONSchemaPropsOrBool,34 definitions %.JSONSchemaProps,35 externalDocs .ExternalDocumentation,36 example .JSON,37 nullable t,38 x-kubernetes-preserve-unknown-fields t,39 x-kubernetes-embedded-resource t,40 x-kubernetes-int-or-string t,41 x-kubernetes-list-map-keys *s,42 x-kubernetes-list-type s,43 x-kubernetes-map-type s,44 x-kubernetes-validations *.ValidationRule',
    JSONSchemaPropsOrArray: '1 schema .JSONSchemaProps,2 jSONSchemas *.JSONSchemaProps',
    JSONSchemaPropsOrBool: '1 allows t,2 schema .JSONSchemaProps',
    JSONSchemaPropsOrStringArray: '1 schema .JSONSchemaProps,2 property *s',
    SelectableField: '1 jsonPath s',
    ServiceReference: '1 namespace s,2 name s,3 path s,4 port i',
    ValidationRule: '1 rule s,2 message s,3 messageExpression s,4 reason s,5 fieldPath s,6 optionalOldSelf t',
    WebhookClientConfig: '3 url s,1 service .ServiceReference,2 caBundle b',
    WebhookConversion: '2 clientConfig .WebhookClientConfig,3 conversionReviewVersions *s',
  },
  'apiregistration.v1': {
    APIService: '1 metadata meta.v1.ObjectMeta,2 spec .APIServiceSpec,3 status .APIServiceStatus',
    APIServiceCondition: '1 type s,2 status s,3 lastTransitionTime meta.v1.Time,4 reason s,5 message s',
    APIServiceList: '1 metadata meta.v1.ListMeta,2 items *.APIService',
    APIServiceSpec:
      '1 service .ServiceReference,2 group s,3 version s,4 insecureSkipTLSVerify t,5 caBundle b,7 groupPriorityMinimum i,8 versionPriority i',
    APIServiceStatus: '1 conditions *.APIServiceCondition',
    ServiceReference: '1 namespace s,2 name s,3 port i',
  },
  'metrics.v1beta1': {
    ContainerMetrics: '1 name s,2 usage %api.resource.Quantity',
    NodeMetrics: '1 metadata meta.v1.ObjectMeta,2 timestamp meta.v1.Time,3 window meta.v1.Duration,4 usage %api.resource.Quantity',
    NodeMetricsList: '1 metadata meta.v1.ListMeta,2 items *.NodeMetrics',
    PodMetrics: '1 metadata meta.v1.ObjectMeta,2 timestamp meta.v1.Time,3 window meta.v1.Duration,4 containers *.ContainerMetrics',
    PodMetricsList: '1 metadata meta.v1.ListMeta,2 items *.PodMetrics',
  },
}
