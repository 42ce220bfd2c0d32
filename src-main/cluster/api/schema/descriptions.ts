/**
 * What fields that hold an object, or a number or a text, are for. The client's models say nothing of them (in OpenAPI v2 nothing could stand
 * beside a reference), and `kubectl explain` would show "<no description>". Where there is no text here, that of the
 * object's type is shown.
 */

const CONVENTIONS = 'https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md'

/** By field, for every model. `{}` is the kind that the model belongs to. */
const COMMON: Readonly<Record<string, string>> = {
  metadata: `Standard object's metadata. More info: ${CONVENTIONS}#metadata`,
  spec: `Specification of the desired behavior of the {}. More info: ${CONVENTIONS}#spec-and-status`,
  status: `Most recently observed status of the {}. This data may not be up to date. Populated by the system. Read-only. More info: ${CONVENTIONS}#spec-and-status`,
}

/** By model and field. */
const TEXTS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  V1Affinity: {
    nodeAffinity: 'Which nodes the pod is drawn to.',
    podAffinity: 'Which other pods the pod is to be near, such as in the same zone.',
    podAntiAffinity: 'Which other pods the pod is to be kept away from, such as off the same node.',
  },
  V1Container: {
    lifecycle: 'What is run right after the container starts and right before it is stopped. Cannot be updated.',
    livenessProbe: 'How it is found out whether the container is alive: one that fails is restarted. Cannot be updated.',
    readinessProbe:
      'How it is found out whether the container can serve: while it fails, Services send nothing to the pod. Cannot be updated.',
    resources:
      'The compute resources that the container needs and may use at most. More info: https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/',
    securityContext:
      "The container's security options. They win over those of the pod. More info: https://kubernetes.io/docs/tasks/configure-pod-container/security-context/",
    startupProbe: 'How it is found out whether the container has started: until it succeeds, no other probe runs. Cannot be updated.',
  },
  V1CronJobSpec: { jobTemplate: 'The job that is made at each time of the schedule.' },
  V1DaemonSetSpec: {
    selector: 'Which pods belong to the daemon set. It must match the labels of the template.',
    template: 'The pod that each matching node gets. The only allowed restartPolicy is "Always".',
    updateStrategy: 'How pods are replaced when the template changes.',
  },
  V1DeploymentSpec: {
    selector:
      'Which pods belong to the deployment; ReplicaSets whose pods it selects are its own. It must match the labels of the template.',
    strategy: 'How old pods are replaced with new ones.',
    template: 'The pods that are made. The only allowed restartPolicy is "Always".',
  },
  V1DeploymentStrategy: { rollingUpdate: 'How fast a rolling update goes. Only with the type RollingUpdate.' },
  V1EnvVar: { valueFrom: 'Where the value comes from. Not together with a value that is not empty.' },
  V1EnvVarSource: {
    configMapKeyRef: 'A key of a ConfigMap.',
    fieldRef: 'A field of the pod: its name, namespace, labels, annotations, node, account or addresses.',
    resourceFieldRef: 'A resource of the container: its requests and limits.',
    secretKeyRef: "A key of a Secret in the pod's namespace.",
  },
  V1HTTPGetAction: { port: 'The port to ask: its number, 1 to 65535, or its name among the ports of the container.' },
  V1IngressSpec: { defaultBackend: 'What serves requests that no rule matches.' },
  V1JobSpec: {
    podFailurePolicy: 'What failed pods mean for the job, by their exit codes and conditions.',
    selector: 'Which pods belong to the job. The system sets it.',
    successPolicy: 'When the job has succeeded before all of its indexes have.',
    template: 'The pods that are run. The only allowed restartPolicies are "Never" and "OnFailure".',
  },
  V1Lifecycle: {
    postStart: 'Run right after the container was made. When it fails, the container is stopped and restarted as its policy says.',
    preStop: 'Run before the container is stopped by the API or a failing probe, within the grace period of the pod.',
  },
  V1NetworkPolicyPort: { port: 'The port, by number or by the name that pods give it; all ports when it is not set.' },
  V1NetworkPolicySpec: { podSelector: 'Which pods the policy is about. An empty selector selects all pods of the namespace.' },
  V1PersistentVolumeClaimSpec: {
    dataSource: 'A snapshot or another claim that the volume is filled from.',
    dataSourceRef: 'The object that the volume is filled from, of any kind that a provisioner knows.',
    resources:
      'The least size that the volume must have. More info: https://kubernetes.io/docs/concepts/storage/persistent-volumes#resources',
    selector: 'Which volumes may be bound.',
  },
  V1PodDisruptionBudgetSpec: {
    maxUnavailable:
      'How many of the selected pods may be unavailable after an eviction: a number or a percentage. Not together with minAvailable.',
    minAvailable:
      'How many of the selected pods must still be available after an eviction: a number or a percentage, such as "100%" to forbid all.',
  },
  V1PodSpec: {
    affinity: 'Where the pod is to be scheduled, relative to nodes and other pods.',
    dnsConfig: "The pod's DNS parameters, merged into those that its dnsPolicy makes.",
    os: 'The operating system of the containers. It decides which security options may be set.',
    securityContext: 'Security options of the whole pod, and defaults for its containers.',
  },
  V1Probe: {
    exec: 'A command that is run in the container; it succeeds when it exits with 0.',
    grpc: 'A gRPC health check.',
    httpGet: 'An HTTP GET; it succeeds with a status of 200 to 399.',
    tcpSocket: 'A TCP connection; it succeeds when the port accepts it.',
  },
  V1ReplicaSetSpec: {
    selector: 'Which pods belong to the replica set. It must match the labels of the template.',
    template: 'The pods that are made when there are too few.',
  },
  V1ReplicationControllerSpec: { template: 'The pods that are made when there are too few. The only allowed restartPolicy is "Always".' },
  V1RollingUpdateDaemonSet: {
    maxSurge: 'On how many nodes, by number or percentage, the new pod may run before the old one is gone. 0 by default.',
    maxUnavailable: 'How many of the pods, by number or percentage, may be unavailable during an update. 1 by default.',
  },
  V1RollingUpdateDeployment: {
    maxSurge: 'How many pods, by number or percentage (rounded up), may be there over the wanted count. 25% by default.',
    maxUnavailable: 'How many pods, by number or percentage (rounded down), may be unavailable during an update. 25% by default.',
  },
  V1RollingUpdateStatefulSetStrategy: {
    maxUnavailable: 'How many pods, by number or percentage (rounded up), may be unavailable during an update. 1 by default.',
  },
  V1ServicePort: {
    targetPort:
      'The port of the pods that is reached: its number, or its name among their ports. The same as the port of the Service by default.',
  },
  V1ServiceSpec: { sessionAffinityConfig: 'How session affinity works.' },
  V1ServiceStatus: { loadBalancer: 'The state of the load balancer, where there is one.' },
  V1StatefulSetSpec: {
    ordinals: 'How the replicas are numbered.',
    persistentVolumeClaimRetentionPolicy: 'What becomes of the claims when the set is deleted or scaled down.',
    selector: 'Which pods belong to the set. It must match the labels of the template.',
    template: 'The pods that are made. Each has a stable name: that of the set and a number.',
    updateStrategy: 'How pods are replaced when the template changes.',
  },
  V1TCPSocketAction: { port: 'The port to connect to: its number, 1 to 65535, or its name among the ports of the container.' },
  V2HorizontalPodAutoscalerSpec: {
    behavior: 'How fast it scales up and down.',
    scaleTargetRef: 'What is scaled: anything that has a scale.',
  },
}

/** The text of a field that holds an object; empty when there is none. */
export function describeObjectField(model: string, goName: string, field: string): string {
  const own = TEXTS[model === 'V1EphemeralContainer' ? 'V1Container' : model]?.[field]
  if (own !== undefined) return own
  return (COMMON[field] ?? '').replace('{}', goName.replace(/TemplateSpec$|Template$/, '').replace(/^Pod$/, 'pod'))
}
