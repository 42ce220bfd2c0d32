/**
 * Recorded cases that a current API server answers in other words than the recorded one (1.20), with the causes it
 * gives: structures are printed as JSON since 1.33, lengths are told in bytes, limits are named, lists have grown,
 * what is required is not said twice, and what is scaled has to name its API group.
 */
export const REWORDED: Readonly<Record<string, readonly string[]>> = {
  'validation/pod-hostport-hostnetwork': [
    'spec.containers[0].ports[0].hostPort: Invalid value: 81: must match `containerPort` when `hostNetwork` is true',
  ],
  'validation/pod-request-over-limit': [
    'spec.containers[0].resources.requests: Invalid value: "1Gi": must be less than or equal to memory limit of 512Mi',
    'spec.containers[0].resources.requests: Invalid value: "2": must be less than or equal to cpu limit of 1',
  ],
  'validation/pod-extended-resource-overcommit': [
    'spec.containers[0].resources.requests: Invalid value: "1": must be equal to example.com/gpu limit of 2',
  ],
  'validation/pod-label-long': [
    'metadata.labels: Invalid value: "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa": must be no more than 63 bytes',
  ],
  'validation/pod-toleration': [
    'spec.tolerations[0].operator: Invalid value: "x": value must be empty when `operator` is \'Exists\'',
    'spec.tolerations[1].operator: Unsupported value: "Like": supported values: "Equal", "Exists"',
  ],
  'validation/pod-capabilities-privileged': [
    'spec.containers[0].securityContext: Invalid value: {"Capabilities":null,"Privileged":true,"SELinuxOptions":null,"WindowsOptions":null,"RunAsUser":null,"RunAsGroup":null,"RunAsNonRoot":null,"ReadOnlyRootFilesystem":null,"AllowPrivilegeEscalation":false,"ProcMount":null,"SeccompProfile":null,"AppArmorProfile":null}: cannot set `allowPrivilegeEscalation` to false and `privileged` to true',
  ],
  'validation/pod-host-alias': [
    'spec.hostAliases[0].ip: Invalid value: "1.2.3": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
  ],
  'validation/rc-no-selector-labels': [
    'spec.template.metadata.labels: Invalid value: {"app":"a"}: `selector` does not match template `labels`',
  ],
  'validation/rs-empty-selector': ['spec.selector: Invalid value: {}: empty selector is invalid for deployment'],
  'validation/rs-bad-operator': [
    'spec.selector.matchExpressions[0].operator: Invalid value: "Is": not a valid selector operator',
    'spec.selector: Invalid value: {"matchExpressions":[{"key":"app","operator":"Is","values":["a"]}]}: invalid label selector',
  ],
  'validation/deploy-mismatch': ['spec.template.metadata.labels: Invalid value: {"app":"a"}: `selector` does not match template `labels`'],
  'validation/deploy-no-selector': [
    'spec.selector: Required value',
    'spec.template.metadata.labels: Invalid value: {"app":"a"}: `selector` does not match template `labels`',
  ],
  'validation/sts-mismatch': ['spec.template.metadata.labels: Invalid value: {"app":"a"}: `selector` does not match template `labels`'],
  'validation/sts-update-strategy': [
    `spec.updateStrategy.rollingUpdate: Invalid value: {"Partition":1,"MaxUnavailable":null}: only allowed for updateStrategy 'RollingUpdate'`,
  ],
  'validation/ds-max-unavailable-zero': [
    'spec.updateStrategy.rollingUpdate.maxUnavailable: Required value: cannot be 0 when maxSurge is 0',
  ],
  'validation/ds-strategy': [
    'spec.updateStrategy: Unsupported value: {"Type":"Recreate","RollingUpdate":null}: supported values: "RollingUpdate", "OnDelete"',
  ],
  'validation/job-selector-without-manual': [
    'spec.selector: Invalid value: {"matchLabels":{"batch.kubernetes.io/controller-uid":"6b1e1f0a-0000-4000-8000-000000000001","x":"y"}}: `selector` not auto-generated',
    'spec.template.metadata.labels: Invalid value: {"batch.kubernetes.io/controller-uid":"6b1e1f0a-0000-4000-8000-000000000001","batch.kubernetes.io/job-name":"j","controller-uid":"6b1e1f0a-0000-4000-8000-000000000001","job-name":"j"}: `selector` does not match template `labels`',
  ],
  'validation/job-manual-no-selector': [
    'spec.selector: Required value',
    'spec.template.metadata.labels: Invalid value: null: `selector` does not match template `labels`',
  ],
  'validation/svc-duplicate-port': [
    'spec.ports[1]: Duplicate value: {"Name":"","Protocol":"TCP","AppProtocol":null,"Port":80,"TargetPort":0,"NodePort":0}',
  ],
  'validation/svc-external-traffic': [
    'spec.externalTrafficPolicy: Invalid value: "Local": may only be set for externally-accessible services',
  ],
  'validation/ingress-empty': ['spec: Invalid value: null: either `defaultBackend` or `rules` must be specified'],
  'validation/ingressclass-parameters': ['spec.parameters.kind: Required value', 'spec.parameters.name: Required value'],
  'validation/pvc-access': [
    'spec.accessModes: Unsupported value: "ReadSometimes": supported values: "ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"',
  ],
  'validation/clusterrole-mixed': [
    'rules[0].nonResourceURLs: Invalid value: ["/x"]: rules cannot apply to both regular resources and non-resource URLs',
  ],
  'validation/namespace-dots': ['metadata.name: Invalid value: "a.b": must not contain dots'],
  'validation/limitrange-default-over-max': [
    'spec.limits[0].defaultRequest[cpu]: Invalid value: "2": default request value 2 is greater than max value 1',
    'spec.limits[0].default[cpu]: Invalid value: "1": default value 2 is greater than max value 1',
  ],
  'validation/limitrange-request-over-default': [
    'spec.limits[0].defaultRequest[cpu]: Invalid value: "2": default request value 2 is greater than default limit value 1',
  ],
  'validation/quota-scope': ['spec.scopes: Invalid value: ["BestEffort","NotBestEffort"]: conflicting scopes'],
  'validation/endpoints-loopback': [
    'subsets[0].addresses[0].ip: Invalid value: "127.0.0.1": may not be in the loopback range (127.0.0.0/8, ::1/128)',
  ],
  'validation/lease-transitions': ['spec.leaseTransitions: Invalid value: -1: must be greater than or equal to 0'],
  'validation/hpa-no-target': [
    'spec.scaleTargetRef.apiVersion: Invalid value: "": apiVersion must specify API group',
    'spec.scaleTargetRef.kind: Required value',
    'spec.scaleTargetRef.name: Required value',
  ],
}
