/** All kinds that the server knows without being told, in the order `kubectl api-resources` lists them within a group. */
import type { Kind } from './kind.js'
import { apiService } from './apiservice.js'
import { binding } from './binding.js'
import { certificateSigningRequest } from './certificatesigningrequest.js'
import { clusterRole } from './clusterrole.js'
import { clusterRoleBinding } from './clusterrolebinding.js'
import { componentStatus } from './componentstatus.js'
import { configMap } from './configmap.js'
import { controllerRevision } from './controllerrevision.js'
import { cronJob } from './cronjob.js'
import { csiDriver } from './csidriver.js'
import { csiNode } from './csinode.js'
import { csiStorageCapacity } from './csistoragecapacity.js'
import { customResourceDefinition } from './customresourcedefinition.js'
import { daemonSet } from './daemonset.js'
import { deployment } from './deployment.js'
import { deviceClass } from './deviceclass.js'
import { endpoints } from './endpoints.js'
import { endpointSlice } from './endpointslice.js'
import { event } from './event.js'
import { eventsEvent } from './events-event.js'
import { flowSchema } from './flowschema.js'
import { horizontalPodAutoscaler } from './horizontalpodautoscaler.js'
import { horizontalPodAutoscalerV1 } from './horizontalpodautoscaler-v1.js'
import { ingress } from './ingress.js'
import { ingressClass } from './ingressclass.js'
import { ipAddress } from './ipaddress.js'
import { job } from './job.js'
import { lease } from './lease.js'
import { limitRange } from './limitrange.js'
import { mutatingAdmissionPolicy } from './mutatingadmissionpolicy.js'
import { mutatingAdmissionPolicyBinding } from './mutatingadmissionpolicybinding.js'
import { mutatingWebhookConfiguration } from './mutatingwebhookconfiguration.js'
import { namespace } from './namespace.js'
import { networkPolicy } from './networkpolicy.js'
import { node } from './node.js'
import { persistentVolume } from './persistentvolume.js'
import { persistentVolumeClaim } from './persistentvolumeclaim.js'
import { pod } from './pod.js'
import { podDisruptionBudget } from './poddisruptionbudget.js'
import { podTemplate } from './podtemplate.js'
import { priorityClass } from './priorityclass.js'
import { priorityLevelConfiguration } from './prioritylevelconfiguration.js'
import { replicaSet } from './replicaset.js'
import { replicationController } from './replicationcontroller.js'
import { resourceClaim } from './resourceclaim.js'
import { resourceClaimTemplate } from './resourceclaimtemplate.js'
import { resourceQuota } from './resourcequota.js'
import { resourceSlice } from './resourceslice.js'
import {
  selfSubjectReview,
  tokenReview,
  localSubjectAccessReview,
  selfSubjectAccessReview,
  selfSubjectRulesReview,
  subjectAccessReview,
} from './reviews.js'
import { role } from './role.js'
import { roleBinding } from './rolebinding.js'
import { runtimeClass } from './runtimeclass.js'
import { secret } from './secret.js'
import { service } from './service.js'
import { serviceAccount } from './serviceaccount.js'
import { serviceCIDR } from './servicecidr.js'
import { statefulSet } from './statefulset.js'
import { storageClass } from './storageclass.js'
import { validatingAdmissionPolicy } from './validatingadmissionpolicy.js'
import { validatingAdmissionPolicyBinding } from './validatingadmissionpolicybinding.js'
import { validatingWebhookConfiguration } from './validatingwebhookconfiguration.js'
import { volumeAttachment } from './volumeattachment.js'
import { volumeAttributesClass } from './volumeattributesclass.js'

export const builtinKinds: readonly Kind[] = [
  binding,
  componentStatus,
  configMap,
  endpoints,
  event,
  limitRange,
  namespace,
  node,
  persistentVolumeClaim,
  persistentVolume,
  pod,
  podTemplate,
  replicationController,
  resourceQuota,
  secret,
  serviceAccount,
  service,
  mutatingAdmissionPolicyBinding,
  mutatingAdmissionPolicy,
  mutatingWebhookConfiguration,
  validatingAdmissionPolicyBinding,
  validatingAdmissionPolicy,
  validatingWebhookConfiguration,
  customResourceDefinition,
  apiService,
  controllerRevision,
  daemonSet,
  deployment,
  replicaSet,
  statefulSet,
  selfSubjectReview,
  tokenReview,
  localSubjectAccessReview,
  selfSubjectAccessReview,
  selfSubjectRulesReview,
  subjectAccessReview,
  horizontalPodAutoscaler,
  horizontalPodAutoscalerV1,
  cronJob,
  job,
  certificateSigningRequest,
  lease,
  endpointSlice,
  eventsEvent,
  flowSchema,
  priorityLevelConfiguration,
  ingressClass,
  ingress,
  ipAddress,
  networkPolicy,
  serviceCIDR,
  runtimeClass,
  podDisruptionBudget,
  clusterRoleBinding,
  clusterRole,
  roleBinding,
  role,
  deviceClass,
  resourceClaim,
  resourceClaimTemplate,
  resourceSlice,
  priorityClass,
  csiDriver,
  csiNode,
  csiStorageCapacity,
  storageClass,
  volumeAttachment,
  volumeAttributesClass,
]
