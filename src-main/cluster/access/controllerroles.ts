/**
 * The roles of the controllers: each has `system:controller:NAME`, bound to the service account NAME in kube-system.
 * Follows "Roles for built-in controllers" of the Kubernetes RBAC page, as of v1.36 with its default feature gates.
 */
import type { PolicyRule } from './authorizer.js'
import { EVENTS, on, RBAC_GROUP, READ } from './rules.js'

const APPS = ['apps', 'extensions']
const SIGNERS = ['kube-apiserver-client', 'kube-apiserver-client-kubelet', 'kubelet-serving', 'legacy-unknown']
const WATCH = ['list', 'watch']
const READ_AND_UPDATE = ['get', 'list', 'update', 'watch']
const READ_AND_CHANGE = ['get', 'list', 'patch', 'update', 'watch']
/** What a controller needs that makes and removes pods. */
const PODS = on('', ['pods'], ['create', 'delete', 'list', 'patch', 'watch'])

/** What a controller of a workload kind needs on it. */
function workload(group: string | readonly string[], plural: string, verbs: readonly string[]): PolicyRule[] {
  return [on(group, [plural], verbs), on(group, [`${plural}/status`], ['update']), on(group, [`${plural}/finalizers`], ['update'])]
}

/** The rules of each controller, by the name of its service account. */
export const CONTROLLER_ROLES: Readonly<Record<string, readonly PolicyRule[]>> = {
  'attachdetach-controller': [
    on('', ['persistentvolumeclaims', 'persistentvolumes'], WATCH),
    on('', ['nodes'], READ),
    on('', ['nodes/status'], ['patch', 'update']),
    on('', ['pods'], WATCH),
    EVENTS,
    on('storage.k8s.io', ['volumeattachments'], ['create', 'delete', ...READ]),
    on('storage.k8s.io', ['csidrivers'], READ),
    on('storage.k8s.io', ['csinodes'], READ),
  ],
  'certificate-controller': [
    on('certificates.k8s.io', ['certificatesigningrequests'], ['delete', ...READ]),
    on('certificates.k8s.io', ['certificatesigningrequests/approval', 'certificatesigningrequests/status'], ['update']),
    on('certificates.k8s.io', ['signers'], ['approve'], ['kubernetes.io/kube-apiserver-client-kubelet']),
    on(
      'certificates.k8s.io',
      ['signers'],
      ['sign'],
      SIGNERS.map((s) => `kubernetes.io/${s}`),
    ),
    on('authorization.k8s.io', ['subjectaccessreviews'], ['create']),
    EVENTS,
  ],
  'clusterrole-aggregation-controller': [on(RBAC_GROUP, ['clusterroles'], ['escalate', ...READ_AND_CHANGE])],
  'cronjob-controller': [
    on('batch', ['cronjobs'], READ_AND_UPDATE),
    on('batch', ['jobs'], ['create', 'delete', ...READ_AND_CHANGE]),
    on('batch', ['cronjobs/status'], ['update']),
    on('batch', ['cronjobs/finalizers'], ['update']),
    on('', ['pods'], ['delete', ...WATCH]),
    EVENTS,
  ],
  'daemon-set-controller': [
    ...workload(APPS, 'daemonsets', READ),
    on('', ['nodes'], WATCH),
    PODS,
    on('', ['pods/binding'], ['create']),
    on('apps', ['controllerrevisions'], ['create', 'delete', ...READ_AND_CHANGE]),
    EVENTS,
  ],
  'deployment-controller': [
    ...workload(APPS, 'deployments', READ_AND_UPDATE),
    on(APPS, ['replicasets'], ['create', 'delete', ...READ_AND_CHANGE]),
    on('', ['pods'], READ_AND_UPDATE),
    EVENTS,
  ],
  'device-taint-eviction-controller': [
    on('', ['pods'], ['delete', ...READ]),
    on('', ['pods/status'], ['patch', 'update']),
    on('resource.k8s.io', ['resourceclaims'], READ),
    on('resource.k8s.io', ['resourceslices'], READ),
    on('resource.k8s.io', ['deviceclasses'], READ),
    EVENTS,
  ],
  'disruption-controller': [
    on(APPS, ['deployments'], READ),
    on(APPS, ['replicasets'], READ),
    on('', ['replicationcontrollers'], READ),
    on('policy', ['poddisruptionbudgets'], READ),
    on('apps', ['statefulsets'], READ),
    on('policy', ['poddisruptionbudgets/status'], ['update']),
    on('', ['pods/status'], ['patch', 'update']),
    on('*', ['*/scale'], ['get']),
    EVENTS,
  ],
  'endpoint-controller': [
    on('', ['pods', 'services'], READ),
    on('', ['endpoints'], ['create', 'delete', ...READ_AND_UPDATE]),
    on('', ['endpoints/restricted'], ['create']),
    EVENTS,
  ],
  'endpointslice-controller': [
    on('', ['nodes', 'pods', 'services'], READ),
    on('', ['services/finalizers'], ['update']),
    on('discovery.k8s.io', ['endpointslices'], ['create', 'delete', ...READ_AND_UPDATE]),
    EVENTS,
  ],
  'endpointslicemirroring-controller': [
    on('', ['endpoints', 'services'], READ),
    on('', ['services/finalizers'], ['update']),
    on('', ['endpoints/finalizers'], ['update']),
    on('discovery.k8s.io', ['endpointslices'], ['create', 'delete', ...READ_AND_UPDATE]),
    EVENTS,
  ],
  'ephemeral-volume-controller': [
    on('', ['pods'], READ),
    on('', ['pods/finalizers'], ['update']),
    on('', ['persistentvolumeclaims'], ['create', ...READ]),
    EVENTS,
  ],
  'expand-controller': [
    on('', ['persistentvolumes'], READ_AND_CHANGE),
    on('', ['persistentvolumeclaims/status'], ['patch', 'update']),
    on('', ['persistentvolumeclaims'], READ),
    EVENTS,
  ],
  'generic-garbage-collector': [on('*', ['*'], ['delete', ...READ_AND_CHANGE]), EVENTS],
  'horizontal-pod-autoscaler': [
    on('autoscaling', ['horizontalpodautoscalers'], READ),
    on('autoscaling', ['horizontalpodautoscalers/status'], ['update']),
    on('*', ['*/scale'], ['get', 'update']),
    on('', ['pods'], WATCH),
    on('metrics.k8s.io', ['pods'], WATCH),
    on('custom.metrics.k8s.io', ['*'], READ),
    on('external.metrics.k8s.io', ['*'], READ),
    EVENTS,
  ],
  'job-controller': [...workload('batch', 'jobs', READ_AND_CHANGE), PODS, EVENTS],
  'legacy-service-account-token-cleaner': [
    on('', ['configmaps'], ['get'], ['kube-apiserver-legacy-service-account-token-tracking']),
    on('', ['secrets'], ['delete', 'patch']),
  ],
  'namespace-controller': [
    on('', ['namespaces'], ['delete', ...READ]),
    on('', ['namespaces/finalize', 'namespaces/status'], ['update']),
    on('*', ['*'], ['delete', 'deletecollection', ...READ]),
  ],
  'node-controller': [
    on('', ['nodes'], ['delete', ...READ_AND_CHANGE]),
    on('', ['nodes/status'], ['patch', 'update']),
    on('', ['pods/status'], ['patch', 'update']),
    on('', ['pods'], ['delete', ...READ]),
    EVENTS,
  ],
  'persistent-volume-binder': [
    on('', ['persistentvolumes'], ['create', 'delete', ...READ_AND_UPDATE]),
    on('', ['persistentvolumes/status'], ['update']),
    on('', ['persistentvolumeclaims'], READ_AND_UPDATE),
    on('', ['persistentvolumeclaims/status'], ['update']),
    on('', ['pods'], ['create', 'delete', ...READ]),
    on('storage.k8s.io', ['storageclasses'], READ),
    on('', ['nodes'], WATCH),
    EVENTS,
    on('', ['events'], ['watch']),
  ],
  'pod-garbage-collector': [on('', ['pods'], ['delete', ...WATCH]), on('', ['nodes'], READ), on('', ['pods/status'], ['patch'])],
  'pv-protection-controller': [on('', ['persistentvolumes'], READ_AND_UPDATE), EVENTS],
  'pvc-protection-controller': [
    on('', ['persistentvolumeclaims'], READ_AND_UPDATE),
    on('', ['persistentvolumeclaims/status'], ['update']),
    on('', ['pods'], READ),
    EVENTS,
  ],
  'replicaset-controller': [...workload(APPS, 'replicasets', READ_AND_UPDATE), PODS, EVENTS],
  'replication-controller': [...workload('', 'replicationcontrollers', READ_AND_UPDATE), PODS, EVENTS],
  'resource-claim-controller': [
    on('', ['pods'], READ),
    on('', ['pods/finalizers'], ['update']),
    on('resource.k8s.io', ['resourceclaims'], ['create', 'delete', ...READ]),
    on('resource.k8s.io', ['resourceclaims', 'resourceclaims/status'], ['patch', 'update']),
    on('', ['pods/status'], ['patch', 'update']),
    EVENTS,
    on('resource.k8s.io', ['resourceclaims/binding'], ['patch', 'update']),
  ],
  'resourcequota-controller': [on('*', ['*'], WATCH), on('', ['resourcequotas/status'], ['update']), EVENTS],
  'root-ca-cert-publisher': [on('', ['configmaps'], ['create', 'update']), EVENTS],
  'route-controller': [on('', ['nodes'], WATCH), on('', ['nodes/status'], ['patch']), EVENTS],
  'selinux-warning-controller': [
    EVENTS,
    on('', ['persistentvolumes'], READ),
    on('', ['persistentvolumeclaims'], READ),
    on('', ['pods'], READ),
    on('storage.k8s.io', ['csidrivers'], READ),
  ],
  'service-account-controller': [on('', ['serviceaccounts'], ['create']), EVENTS],
  'service-cidrs-controller': [
    on('networking.k8s.io', ['servicecidrs'], READ_AND_CHANGE),
    on('networking.k8s.io', ['servicecidrs/finalizers'], ['patch', 'update']),
    on('networking.k8s.io', ['servicecidrs/status'], ['patch', 'update']),
    on('networking.k8s.io', ['ipaddresses'], READ),
    EVENTS,
  ],
  'service-controller': [on('', ['services'], READ), on('', ['services/status'], ['patch', 'update']), on('', ['nodes'], WATCH), EVENTS],
  'statefulset-controller': [
    on('', ['pods'], WATCH),
    ...workload('apps', 'statefulsets', READ),
    on('', ['pods'], ['create', 'delete', 'get', 'patch', 'update']),
    on('apps', ['controllerrevisions'], ['create', 'delete', ...READ_AND_CHANGE]),
    on('', ['persistentvolumeclaims'], ['create', ...READ]),
    on('', ['persistentvolumeclaims'], ['delete', 'update']),
    on('', ['pods/finalizers'], ['update']),
    EVENTS,
  ],
  'ttl-after-finished-controller': [on('batch', ['jobs'], ['delete', ...READ]), EVENTS],
  'ttl-controller': [on('', ['nodes'], ['list', 'patch', 'update', 'watch']), EVENTS],
  'validatingadmissionpolicy-status-controller': [
    on('admissionregistration.k8s.io', ['validatingadmissionpolicies'], READ),
    on('admissionregistration.k8s.io', ['validatingadmissionpolicies/status'], ['get', 'patch', 'update']),
    EVENTS,
  ],
  'volumeattributesclass-protection-controller': [
    on('', ['persistentvolumeclaims'], READ),
    on('', ['persistentvolumes'], READ),
    on('storage.k8s.io', ['volumeattributesclasses'], READ_AND_UPDATE),
    EVENTS,
  ],
}
