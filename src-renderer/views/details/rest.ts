/**
 * What an object says besides what its details tell in a form of their own, so that nothing of it is missing there: fields of newer
 * servers too.
 */
import type { KubeObject } from '../../stores/object.js'

/** Fields that are told in a form of their own, as paths; `*` stands for every element of a list. */
type Told = readonly string[]

/** Fields below a place: `under('spec', 'a b')` is `spec.a` and `spec.b`. */
const under = (place: string, fields: string): Told => fields.split(' ').map((field) => `${place}.${field}`)

const podFields = 'containers initContainers ephemeralContainers volumes'
const workload: Told = [
  ...under('spec', 'replicas selector template strategy updateStrategy paused serviceName'),
  ...under('spec.volumeClaimTemplates.*', 'apiVersion kind status'),
  ...under('status', 'replicas readyReplicas updatedReplicas availableReplicas fullyLabeledReplicas currentReplicas'),
  ...under('status', 'desiredNumberScheduled currentNumberScheduled updatedNumberScheduled numberReady numberAvailable'),
  ...under('status', 'currentRevision updateRevision'),
]
const role: Told = ['rules']
const binding: Told = ['roleRef', 'subjects']

const told: Readonly<Record<string, Told>> = {
  pods: [
    ...under(
      'spec',
      `${podFields} nodeName serviceAccountName serviceAccount restartPolicy priorityClassName priority nodeSelector tolerations`,
    ),
    ...under('status', 'phase podIP podIPs hostIP hostIPs qosClass message'),
    ...under('status', 'containerStatuses initContainerStatuses ephemeralContainerStatuses'),
  ],
  'deployments.apps': workload,
  'statefulsets.apps': workload,
  'daemonsets.apps': workload,
  'replicasets.apps': workload,
  replicationcontrollers: workload,
  services: [
    ...under('spec', 'type clusterIP clusterIPs externalIPs externalName selector sessionAffinity'),
    ...under('spec', 'trafficDistribution externalTrafficPolicy internalTrafficPolicy'),
    ...under('spec.ports.*', 'name port targetPort nodePort protocol'),
    ...under('status.loadBalancer.ingress.*', 'ip hostname ipMode'),
  ],
  configmaps: ['data', 'binaryData', 'immutable'],
  secrets: ['data', 'stringData', 'type', 'immutable'],
  nodes: [
    ...under('spec', 'podCIDR podCIDRs taints unschedulable'),
    ...under('status', 'addresses capacity allocatable'),
    ...under('status.nodeInfo', 'kubeletVersion osImage kernelVersion architecture containerRuntimeVersion kubeProxyVersion'),
    // Long, and not what a node is looked at for: the YAML has them.
    ...under('status', 'images daemonEndpoints runtimeHandlers features declaredFeatures'),
  ],
  namespaces: ['status.phase'],
  'horizontalpodautoscalers.autoscaling': [
    ...under('spec', 'scaleTargetRef minReplicas maxReplicas metrics'),
    ...under('status', 'currentReplicas desiredReplicas currentMetrics'),
  ],
  'poddisruptionbudgets.policy': [
    ...under('spec', 'minAvailable maxUnavailable selector unhealthyPodEvictionPolicy'),
    ...under('status', 'currentHealthy desiredHealthy disruptionsAllowed expectedPods'),
  ],
  'ingresses.networking.k8s.io': [
    ...under('spec', 'ingressClassName defaultBackend rules tls'),
    ...under('status.loadBalancer.ingress.*', 'ip hostname'),
  ],
  'networkpolicies.networking.k8s.io': ['spec'],
  'jobs.batch': [
    ...under('spec', 'completions parallelism backoffLimit selector template'),
    ...under('status', 'succeeded failed startTime completionTime'),
  ],
  'cronjobs.batch': [
    ...under('spec', 'schedule timeZone suspend concurrencyPolicy jobTemplate.spec.template'),
    ...under('status', 'lastScheduleTime lastSuccessfulTime active'),
  ],
  resourcequotas: ['spec.hard', 'status.hard', 'status.used'],
  limitranges: ['spec.limits'],
  persistentvolumeclaims: [
    ...under('spec', 'accessModes resources.requests.storage storageClassName volumeMode volumeName'),
    ...under('status', 'phase capacity accessModes'),
  ],
  persistentvolumes: [
    ...under('spec', 'capacity accessModes volumeMode persistentVolumeReclaimPolicy storageClassName claimRef'),
    'status.phase',
  ],
  'storageclasses.storage.k8s.io': ['provisioner', 'reclaimPolicy', 'volumeBindingMode', 'allowVolumeExpansion'],
  'roles.rbac.authorization.k8s.io': role,
  'clusterroles.rbac.authorization.k8s.io': role,
  'rolebindings.rbac.authorization.k8s.io': binding,
  'clusterrolebindings.rbac.authorization.k8s.io': binding,
}

/** What a server fills in by itself and nobody has to be told, by the name of the field. */
const usual: Readonly<Record<string, unknown>> = {
  allocateLoadBalancerNodePorts: true,
  collisionCount: 0,
  completionMode: 'NonIndexed',
  defaultMode: 420,
  dnsPolicy: 'ClusterFirst',
  enableServiceLinks: true,
  imagePullPolicy: 'IfNotPresent',
  manualSelector: false,
  mountPropagation: 'None',
  numberMisscheduled: 0,
  persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Retain', whenScaled: 'Retain' },
  podManagementPolicy: 'OrderedReady',
  podReplacementPolicy: 'TerminatingOrFailed',
  preemptionPolicy: 'PreemptLowerPriority',
  progressDeadlineSeconds: 600,
  revisionHistoryLimit: 10,
  ready: 0,
  schedulerName: 'default-scheduler',
  suspend: false,
  selectPolicy: 'Max',
  terminating: 0,
  terminatingReplicas: 0,
  terminationGracePeriodSeconds: 30,
  terminationMessagePath: '/dev/termination-log',
  terminationMessagePolicy: 'File',
}
const isUsual = (key: string, value: unknown): boolean => key in usual && JSON.stringify(value) === JSON.stringify(usual[key])
const isNothing = (value: unknown): boolean =>
  value === undefined || value === null || value === '' || (typeof value === 'object' && Object.keys(value).length === 0)

/** What is left of a value without what is told, what is empty and what is usual; undefined when nothing is. */
export function without(value: unknown, told: Told): unknown {
  if (isNothing(value)) return undefined
  if (Array.isArray(value)) {
    const left = value.map((element) => named(element, without(element, below('*', told)))).filter((element) => element !== undefined)
    return left.length ? left : undefined
  }
  if (typeof value !== 'object') return value
  const left = Object.entries(value as object)
    .filter(([key, v]) => !told.includes(key) && !isUsual(key, v))
    .map(([key, v]) => [key, without(v, below(key, told))] as const)
    .filter(([, v]) => v !== undefined)
  return left.length ? Object.fromEntries(left) : undefined
}
const below = (key: string, told: Told): Told => told.filter((path) => path.startsWith(`${key}.`)).map((path) => path.slice(key.length + 1))
/** What is left of an element of a list keeps the name that the element has. */
function named(element: unknown, left: unknown): unknown {
  const name = (element as { name?: unknown } | null)?.name
  return left !== undefined && typeof left === 'object' && name !== undefined ? { name, ...left } : left
}

/** The fields of an object, by their place at its top, that the details of its kind leave to a list of the rest. */
export function restOf(resource: string, object: KubeObject): [field: string, value: unknown][] {
  const paths = told[resource]
  if (!paths) return []
  const { apiVersion: _a, kind: _k, metadata: _m, ...fields } = object as unknown as Record<string, unknown>
  const always = ['status.conditions', 'status.observedGeneration']
  return Object.entries((without(fields, [...paths, ...always]) ?? {}) as object)
}

/** What the card of a container leaves to a list of the rest. */
export const restOfContainer = (container: unknown): unknown =>
  without(container, [
    ...'name image command args env envFrom startupProbe livenessProbe readinessProbe'.split(' '),
    ...under('ports.*', 'name containerPort protocol'),
    ...under('resources', 'requests limits'),
    ...under('volumeMounts.*', 'name mountPath subPath readOnly'),
  ])

/** What a pod template says besides its containers and volumes. */
export function restOfTemplate(template: { metadata?: object; spec?: object } | undefined): unknown {
  const { labels, annotations } = (template?.metadata ?? {}) as { labels?: unknown; annotations?: unknown }
  const spec = without(template?.spec, podFields.split(' ')) as { restartPolicy?: string } | undefined
  // A workload that keeps pods has no other one.
  const { restartPolicy, ...rest } = spec ?? {}
  // The labels by which a Job knows its pods say nothing of its own.
  const own = Object.fromEntries(Object.entries((labels ?? {}) as object).filter(([k]) => !/(^|\/)(controller-uid|job-name)$/.test(k)))
  return without({ labels: own, annotations, ...(restartPolicy === 'Always' ? {} : { restartPolicy }), ...rest }, [])
}
