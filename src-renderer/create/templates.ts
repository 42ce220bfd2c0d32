/** Manifests to begin with, of every common kind, as one would write them by hand. */
export interface Template {
  kind: string
  /** What tells it from others of its kind: the last part of `create.variant.…`. */
  variant?: string
  group: 'workloads' | 'network' | 'config' | 'storage' | 'access' | 'policy' | 'cluster'
  namespaced: boolean
  text: string
}

const container = (indent: number, more: string[] = []): string =>
  ['containers:', '  - name: main', '    image: nginx:1.27', ...more.map((l) => `    ${l}`)].map((l) => ' '.repeat(indent) + l).join('\n')
const limits = ['resources:', '  requests:', '    cpu: 100m', '    memory: 128Mi', '  limits:', '    memory: 256Mi']
const port = ['ports:', '  - containerPort: 80', '    name: http']

const workload = (kind: string, spec: string, more: string[] = port): string => `apiVersion: apps/v1
kind: ${kind}
metadata:
  name: my-app
  labels:
    app: my-app
spec:
${spec}  selector:
    matchLabels:
      app: my-app
  template:
    metadata:
      labels:
        app: my-app
    spec:
${container(6, [...more, ...limits])}
`
const named = (apiVersion: string, kind: string, name: string, rest: string): string =>
  `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata:\n  name: ${name}\n${rest}`

const template = (group: Template['group'], text: string, variant?: string, namespaced = true): Template => ({
  kind: /^kind: (\w+)$/m.exec(text)![1]!,
  ...(variant ? { variant } : {}),
  group,
  namespaced,
  text,
})

export const templates: readonly Template[] = [
  template('workloads', workload('Deployment', '  replicas: 1\n')),
  template(
    'workloads',
    `${workload('StatefulSet', '  serviceName: my-app\n  replicas: 1\n', [...port, 'volumeMounts:', '  - name: data', '    mountPath: /data'])}  volumeClaimTemplates:
    - metadata:
        name: data
      spec:
        accessModes:
          - ReadWriteOnce
        resources:
          requests:
            storage: 1Gi
`,
  ),
  template('workloads', workload('DaemonSet', '')),
  template('workloads', named('v1', 'Pod', 'my-pod', `spec:\n${container(2, [...port, ...limits])}\n`)),
  template(
    'workloads',
    named(
      'batch/v1',
      'Job',
      'my-job',
      'spec:\n  backoffLimit: 3\n  template:\n    spec:\n      restartPolicy: Never\n      containers:\n        - name: main\n          image: busybox:1.36\n          command:\n            - sh\n            - -c\n            - echo done\n',
    ),
  ),
  template(
    'workloads',
    named(
      'batch/v1',
      'CronJob',
      'my-cronjob',
      'spec:\n  schedule: "0 3 * * *"\n  concurrencyPolicy: Forbid\n  jobTemplate:\n    spec:\n      template:\n        spec:\n          restartPolicy: OnFailure\n          containers:\n            - name: main\n              image: busybox:1.36\n              command:\n                - sh\n                - -c\n                - date\n',
    ),
  ),
  template(
    'workloads',
    named(
      'autoscaling/v2',
      'HorizontalPodAutoscaler',
      'my-app',
      'spec:\n  scaleTargetRef:\n    apiVersion: apps/v1\n    kind: Deployment\n    name: my-app\n  minReplicas: 1\n  maxReplicas: 5\n  metrics:\n    - type: Resource\n      resource:\n        name: cpu\n        target:\n          type: Utilization\n          averageUtilization: 80\n',
    ),
  ),
  template(
    'network',
    named(
      'v1',
      'Service',
      'my-app',
      'spec:\n  selector:\n    app: my-app\n  ports:\n    - name: http\n      port: 80\n      targetPort: http\n',
    ),
  ),
  template(
    'network',
    named(
      'v1',
      'Service',
      'my-app',
      'spec:\n  clusterIP: None\n  selector:\n    app: my-app\n  ports:\n    - name: http\n      port: 80\n',
    ),
    'headless',
  ),
  template(
    'network',
    named(
      'networking.k8s.io/v1',
      'Ingress',
      'my-app',
      'spec:\n  rules:\n    - host: my-app.example\n      http:\n        paths:\n          - path: /\n            pathType: Prefix\n            backend:\n              service:\n                name: my-app\n                port:\n                  number: 80\n',
    ),
  ),
  template(
    'network',
    named('networking.k8s.io/v1', 'IngressClass', 'my-class', 'spec:\n  controller: k8s.io/ingress-nginx\n'),
    undefined,
    false,
  ),
  template(
    'network',
    named('networking.k8s.io/v1', 'NetworkPolicy', 'deny-all', 'spec:\n  podSelector: {}\n  policyTypes:\n    - Ingress\n    - Egress\n'),
    'denyAll',
  ),
  template(
    'network',
    named(
      'networking.k8s.io/v1',
      'NetworkPolicy',
      'my-app',
      'spec:\n  podSelector:\n    matchLabels:\n      app: my-app\n  policyTypes:\n    - Ingress\n  ingress:\n    - from:\n        - podSelector:\n            matchLabels:\n              role: client\n      ports:\n        - protocol: TCP\n          port: 80\n',
    ),
    'allow',
  ),
  template('config', named('v1', 'ConfigMap', 'my-config', 'data:\n  LOG_LEVEL: info\n  app.properties: |\n    colour=blue\n')),
  template('config', named('v1', 'Secret', 'my-secret', 'type: Opaque\ndata:\n  password: Y2hhbmdlLW1l\n')),
  template('config', named('v1', 'Secret', 'my-tls', 'type: kubernetes.io/tls\ndata:\n  tls.crt: ""\n  tls.key: ""\n'), 'tls'),
  template(
    'config',
    named('v1', 'Secret', 'my-registry', 'type: kubernetes.io/dockerconfigjson\ndata:\n  .dockerconfigjson: eyJhdXRocyI6e319\n'),
    'registry',
  ),
  template(
    'storage',
    named(
      'v1',
      'PersistentVolumeClaim',
      'my-claim',
      'spec:\n  accessModes:\n    - ReadWriteOnce\n  resources:\n    requests:\n      storage: 1Gi\n',
    ),
  ),
  template(
    'storage',
    named(
      'v1',
      'PersistentVolume',
      'my-volume',
      'spec:\n  capacity:\n    storage: 1Gi\n  accessModes:\n    - ReadWriteOnce\n  persistentVolumeReclaimPolicy: Retain\n  hostPath:\n    path: /data/my-volume\n',
    ),
    undefined,
    false,
  ),
  template(
    'storage',
    named(
      'storage.k8s.io/v1',
      'StorageClass',
      'my-class',
      'provisioner: example.com/disk\nreclaimPolicy: Delete\nvolumeBindingMode: WaitForFirstConsumer\nallowVolumeExpansion: true\n',
    ),
    undefined,
    false,
  ),
  template('access', named('v1', 'ServiceAccount', 'my-account', '')),
  template(
    'access',
    named(
      'rbac.authorization.k8s.io/v1',
      'Role',
      'pod-reader',
      'rules:\n  - apiGroups:\n      - ""\n    resources:\n      - pods\n      - pods/log\n    verbs:\n      - get\n      - list\n      - watch\n',
    ),
  ),
  template(
    'access',
    named(
      'rbac.authorization.k8s.io/v1',
      'RoleBinding',
      'pod-reader',
      'roleRef:\n  apiGroup: rbac.authorization.k8s.io\n  kind: Role\n  name: pod-reader\nsubjects:\n  - kind: ServiceAccount\n    name: my-account\n    namespace: default\n',
    ),
  ),
  template(
    'access',
    named(
      'rbac.authorization.k8s.io/v1',
      'ClusterRole',
      'node-reader',
      'rules:\n  - apiGroups:\n      - ""\n    resources:\n      - nodes\n    verbs:\n      - get\n      - list\n      - watch\n',
    ),
    undefined,
    false,
  ),
  template(
    'access',
    named(
      'rbac.authorization.k8s.io/v1',
      'ClusterRoleBinding',
      'node-reader',
      'roleRef:\n  apiGroup: rbac.authorization.k8s.io\n  kind: ClusterRole\n  name: node-reader\nsubjects:\n  - kind: ServiceAccount\n    name: my-account\n    namespace: default\n',
    ),
    undefined,
    false,
  ),
  template(
    'policy',
    named('policy/v1', 'PodDisruptionBudget', 'my-app', 'spec:\n  minAvailable: 1\n  selector:\n    matchLabels:\n      app: my-app\n'),
  ),
  template(
    'policy',
    named(
      'v1',
      'ResourceQuota',
      'my-quota',
      'spec:\n  hard:\n    pods: "20"\n    requests.cpu: "4"\n    requests.memory: 8Gi\n    limits.memory: 16Gi\n',
    ),
  ),
  template(
    'policy',
    named(
      'v1',
      'LimitRange',
      'my-limits',
      'spec:\n  limits:\n    - type: Container\n      default:\n        memory: 256Mi\n      defaultRequest:\n        cpu: 100m\n        memory: 128Mi\n',
    ),
  ),
  template(
    'policy',
    named(
      'scheduling.k8s.io/v1',
      'PriorityClass',
      'important',
      'value: 1000\nglobalDefault: false\ndescription: Runs before the others.\n',
    ),
    undefined,
    false,
  ),
  template('cluster', named('v1', 'Namespace', 'my-namespace', ''), undefined, false),
  template(
    'cluster',
    `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: ships.example.com
spec:
  group: example.com
  scope: Namespaced
  names:
    kind: Ship
    plural: ships
    singular: ship
  versions:
    - name: v1
      served: true
      storage: true
      schema:
        openAPIV3Schema:
          type: object
          properties:
            spec:
              type: object
              properties:
                port:
                  type: string
      additionalPrinterColumns:
        - name: Port
          type: string
          jsonPath: .spec.port
`,
    undefined,
    false,
  ),
  template(
    'cluster',
    `apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata:
  name: at-most-five-replicas
spec:
  failurePolicy: Fail
  matchConstraints:
    resourceRules:
      - apiGroups:
          - apps
        apiVersions:
          - v1
        operations:
          - CREATE
          - UPDATE
        resources:
          - deployments
  validations:
    - expression: object.spec.replicas <= 5
      message: no more than five replicas
`,
    undefined,
    false,
  ),
]

/** A template as it is put into the editor: with the namespace that is chosen, where its kind has one. */
export function templateText(template: Template, namespace: string): string {
  if (!template.namespaced || !namespace) return template.text
  return template.text
    .replace(/^(metadata:\n {2}name: .*\n)/m, `$1  namespace: ${namespace}\n`)
    .replace(/^( {4}namespace: )default$/m, `$1${namespace}`)
}
