/**
 * The field numbers of what Kubernetes 1.34 to 1.36 added to the messages of `generated/messages.json`, which come from a
 * kubectl of 1.33: later Go clients carry no descriptors to read them from. They are those of the `generated.proto` files
 * of k8s.io/api, in the same notation. A message that is known already has these fields besides its own.
 */
export const LATER: Readonly<Record<string, string>> = {
  'core.v1.Container': '25 restartPolicyRules *core.v1.ContainerRestartRule',
  'core.v1.EphemeralContainerCommon': '25 restartPolicyRules *core.v1.ContainerRestartRule',
  'core.v1.ContainerRestartRule': '1 action s,2 exitCodes core.v1.ContainerRestartRuleOnExitCodes',
  'core.v1.ContainerRestartRuleOnExitCodes': '1 operator s,2 values *i',
  'core.v1.EnvVarSource': '5 fileKeyRef core.v1.FileKeySelector',
  'core.v1.FileKeySelector': '1 volumeName s,2 path s,3 key s,4 optional t',
  'core.v1.PodSpec': '41 hostnameOverride s',
  'core.v1.PodStatus':
    '18 extendedResourceClaimStatus core.v1.PodExtendedResourceClaimStatus,19 allocatedResources %api.resource.Quantity,20 resources core.v1.ResourceRequirements',
  'core.v1.PodExtendedResourceClaimStatus': '1 requestMappings *core.v1.ContainerExtendedResourceRequest,2 resourceClaimName s',
  'core.v1.ContainerExtendedResourceRequest': '1 containerName s,2 resourceName s,3 requestName s',
  'core.v1.NodeStatus': '14 declaredFeatures *s',
  'core.v1.VolumeMountStatus': '5 volumeStatus core.v1.VolumeStatus',
  'core.v1.VolumeStatus': '1 image core.v1.ImageVolumeStatus',
  'core.v1.ImageVolumeStatus': '1 imageRef s',
  'core.v1.VolumeProjection': '6 podCertificate core.v1.PodCertificateProjection',
  'core.v1.PodCertificateProjection':
    '1 signerName s,2 keyType s,3 maxExpirationSeconds i,4 credentialBundlePath s,5 keyPath s,6 certificateChainPath s,7 userAnnotations %s',
  'storage.v1.CSIDriverSpec': '10 serviceAccountTokenInSecrets t,11 preventPodSchedulingIfMissing t',
  'storage.v1.VolumeAttributesClass': '1 metadata meta.v1.ObjectMeta,2 driverName s,3 parameters %s',
  'storage.v1.VolumeAttributesClassList': '1 metadata meta.v1.ListMeta,2 items *storage.v1.VolumeAttributesClass',
  'admissionregistration.v1.MutatingAdmissionPolicy':
    '1 metadata meta.v1.ObjectMeta,2 spec admissionregistration.v1.MutatingAdmissionPolicySpec',
  'admissionregistration.v1.MutatingAdmissionPolicyList':
    '1 metadata meta.v1.ListMeta,2 items *admissionregistration.v1.MutatingAdmissionPolicy',
  'admissionregistration.v1.MutatingAdmissionPolicySpec':
    '1 paramKind admissionregistration.v1.ParamKind,2 matchConstraints admissionregistration.v1.MatchResources,3 variables *admissionregistration.v1.Variable,4 mutations *admissionregistration.v1.Mutation,5 failurePolicy s,6 matchConditions *admissionregistration.v1.MatchCondition,7 reinvocationPolicy s',
  'admissionregistration.v1.Mutation':
    '2 patchType s,3 applyConfiguration admissionregistration.v1.ApplyConfiguration,4 jsonPatch admissionregistration.v1.JSONPatch',
  'admissionregistration.v1.ApplyConfiguration': '1 expression s',
  'admissionregistration.v1.JSONPatch': '1 expression s',
  'admissionregistration.v1.MutatingAdmissionPolicyBinding':
    '1 metadata meta.v1.ObjectMeta,2 spec admissionregistration.v1.MutatingAdmissionPolicyBindingSpec',
  'admissionregistration.v1.MutatingAdmissionPolicyBindingList':
    '1 metadata meta.v1.ListMeta,2 items *admissionregistration.v1.MutatingAdmissionPolicyBinding',
  'admissionregistration.v1.MutatingAdmissionPolicyBindingSpec':
    '1 policyName s,2 paramRef admissionregistration.v1.ParamRef,3 matchResources admissionregistration.v1.MatchResources',
}
