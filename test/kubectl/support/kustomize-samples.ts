/** Kustomize folders of the kinds that people keep: file name to text. `build` is the folder to build. */
export interface KustomizeSample {
  name: string
  build: string
  files: Record<string, string>
}

const deployment = (name: string, more = ''): string => `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: ${name}
  labels: { app: ${name} }
spec:
  selector: { matchLabels: { app: ${name} } }
  template:
    metadata: { labels: { app: ${name} } }
    spec:
      serviceAccountName: ${name}
      containers:
        - name: main
          image: registry.example:5000/team/${name}:1.0
          args: [--serve]
          env:
            - { name: MODE, value: plain }
            - { name: PASSWORD, valueFrom: { secretKeyRef: { name: ${name}-secret, key: password } } }
          envFrom:
            - configMapRef: { name: ${name}-config }
          volumeMounts:
            - { name: config, mountPath: /etc/config }
      initContainers:
        - { name: init, image: busybox }
      volumes:
        - { name: config, configMap: { name: ${name}-config } }
        - name: all
          projected:
            sources:
              - secret: { name: ${name}-secret }
              - configMap: { name: ${name}-config }
${more}`

const service = (name: string): string => `
apiVersion: v1
kind: Service
metadata: { name: ${name} }
spec:
  selector: { app: ${name} }
  ports:
    - { name: http, port: 80, targetPort: 8080 }
`

const base = {
  'base/kustomization.yaml': `
resources: [deployment.yaml, service.yaml, access.yaml]
configMapGenerator:
  - name: web-config
    files: [app.properties, logo=logo.bin]
    literals: [LEVEL=info, 'QUOTED="a & <b>"']
secretGenerator:
  - name: web-secret
    envs: [secret.env]
`,
  'base/deployment.yaml': deployment('web'),
  'base/service.yaml': service('web'),
  'base/access.yaml': `
apiVersion: v1
kind: ServiceAccount
metadata: { name: web }
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: { name: reader }
rules:
  - { apiGroups: [''], resources: [configmaps], resourceNames: [web-config], verbs: [get] }
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: { name: reader }
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: Role, name: reader }
subjects:
  - { kind: ServiceAccount, name: web }
  - { kind: ServiceAccount, name: default, namespace: elsewhere }
`,
  'base/app.properties': 'colour=blue\nquoted="yes"\n',
  'base/logo.bin': '\u0000\u0001\uFFFDnot text',
  'base/secret.env': '# kept out of the repository\npassword=s3cr=t\nuser=web\n',
}

export const kustomizeSamples: KustomizeSample[] = [
  { name: 'a base with generators', build: 'base', files: base },
  {
    name: 'an overlay with names, namespace, labels, annotations, images and replicas',
    build: 'overlays/prod',
    files: {
      ...base,
      'overlays/prod/kustomization.yaml': `
resources: [../../base, namespace.yaml, hpa.yaml, ingress.yaml]
namespace: shop
namePrefix: prod-
nameSuffix: -v2
commonAnnotations: { team: harbour }
labels:
  - pairs: { tier: front }
  - pairs: { env: prod }
    includeTemplates: true
  - pairs: { release: blue }
    includeSelectors: true
images:
  - { name: registry.example:5000/team/web, newTag: '2.1' }
  - { name: busybox, newName: mirror.example/busybox, digest: sha256:24a0c4b4a4c0eb97a1aabb8e29f18e917d05abfe1b7a7c07857230879ce7d3d3 }
replicas:
  - { name: web, count: 5 }
`,
      'overlays/prod/namespace.yaml': 'apiVersion: v1\nkind: Namespace\nmetadata: { name: shop }\n',
      'overlays/prod/hpa.yaml': `
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: { name: web }
spec:
  scaleTargetRef: { apiVersion: apps/v1, kind: Deployment, name: web }
  minReplicas: 2
  maxReplicas: 9
`,
      'overlays/prod/ingress.yaml': `
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: web }
spec:
  tls: [{ hosts: [a.example], secretName: web-secret }]
  rules:
    - host: a.example
      http: { paths: [{ path: /, pathType: Prefix, backend: { service: { name: web, port: { name: http } } } }] }
`,
    },
  },
  {
    name: 'strategic merge and JSON 6902 patches',
    build: 'overlays/dev',
    files: {
      ...base,
      'overlays/dev/kustomization.yaml': `
resources: [../../base]
namePrefix: dev-
configMapGenerator:
  - name: web-config
    behavior: merge
    literals: [LEVEL=debug, EXTRA=1]
patches:
  - path: more.yaml
  - target: { kind: Deployment, labelSelector: app=web }
    patch: |-
      - op: replace
        path: /spec/template/spec/containers/0/args/0
        value: --debug
      - { op: add, path: /metadata/annotations, value: { touched: 'yes' } }
  - target: { kind: Role|RoleBinding }
    patch: |
      apiVersion: any
      kind: any
      metadata: { name: any, annotations: { audited: 'true' } }
patchesStrategicMerge:
  - |-
    apiVersion: v1
    kind: Service
    metadata: { name: web }
    spec: { type: NodePort, ports: [{ port: 443, name: https }, { port: 80, nodePort: 30080 }] }
patchesJson6902:
  - target: { version: v1, kind: Service, name: dev-web }
    path: late.json
`,
      'overlays/dev/more.yaml': `
apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  strategy: { type: Recreate }
  template:
    spec:
      tolerations: [{ key: dev, operator: Exists }]
      containers:
        - name: main
          image: dev.example/web
          env:
            - { name: MODE, value: debug }
            - { name: PASSWORD, $patch: delete }
            - { name: ADDED, value: last }
          volumeMounts:
            - { name: scratch, mountPath: /scratch }
        - { name: side, image: side:1 }
      initContainers:
        - $patch: replace
        - { name: other, image: other:1 }
      volumes:
        - { name: scratch, emptyDir: {} }
        - { name: config, configMap: null, emptyDir: {} }
---
apiVersion: v1
kind: ServiceAccount
metadata: { name: web }
$patch: delete
`,
      'overlays/dev/late.json': '[{ "op": "remove", "path": "/spec/selector/app" }]',
    },
  },
  {
    name: 'two overlays of one base side by side',
    build: 'all',
    files: {
      ...base,
      'all/kustomization.yaml': 'resources: [../blue, ../green]\nnamespace: both\n',
      'blue/kustomization.yaml': 'resources: [../base]\nnamePrefix: blue-\ncommonLabels: { colour: blue }\n',
      'green/kustomization.yaml': 'resources: [../base]\nnameSuffix: -green\ncommonLabels: { colour: green }\n',
    },
  },
  {
    name: 'a component, unhashed generators and every common label',
    build: 'app',
    files: {
      'app/kustomization.yaml': `
resources: [r.yaml]
components: [../component]
commonLabels: { app.kubernetes.io/part-of: harbour }
generatorOptions:
  disableNameSuffixHash: true
  labels: { made: 'yes' }
  annotations: { by: kustomize }
secretGenerator:
  - name: tls
    type: kubernetes.io/tls
    files: [tls.crt, tls.key]
    options: { disableNameSuffixHash: false, immutable: true }
sortOptions: { order: fifo }
`,
      'app/tls.crt': 'certificate',
      'app/tls.key': 'key',
      'app/r.yaml': `
apiVersion: v1
kind: List
items:
  - apiVersion: apps/v1
    kind: StatefulSet
    metadata: { name: db }
    spec:
      serviceName: db
      selector: { matchLabels: { app: db } }
      template:
        metadata: { labels: { app: db } }
        spec:
          affinity:
            podAntiAffinity:
              requiredDuringSchedulingIgnoredDuringExecution:
                - { topologyKey: zone, labelSelector: { matchLabels: { app: db } } }
          topologySpreadConstraints:
            - { maxSkew: 1, topologyKey: zone, whenUnsatisfiable: DoNotSchedule, labelSelector: { matchLabels: { app: db } } }
          containers: [{ name: db, image: 'db@sha256:24a0c4b4a4c0eb97a1aabb8e29f18e917d05abfe1b7a7c07857230879ce7d3d3' }]
      volumeClaimTemplates:
        - metadata: { name: data }
          spec: { storageClassName: fast, accessModes: [ReadWriteOnce], resources: { requests: { storage: 1Gi } } }
  - apiVersion: batch/v1
    kind: CronJob
    metadata: { name: backup }
    spec:
      schedule: '0 3 * * *'
      jobTemplate:
        spec:
          template:
            spec:
              restartPolicy: Never
              containers: [{ name: backup, image: backup, envFrom: [{ secretRef: { name: tls } }, { configMapRef: { name: plain } }] }]
  - apiVersion: policy/v1
    kind: PodDisruptionBudget
    metadata: { name: db }
    spec: { minAvailable: 1, selector: { matchLabels: { app: db } } }
  - apiVersion: networking.k8s.io/v1
    kind: NetworkPolicy
    metadata: { name: db }
    spec: { podSelector: { matchLabels: { app: db } }, ingress: [{ from: [{ podSelector: { matchLabels: { app: web } } }] }] }
  - apiVersion: storage.k8s.io/v1
    kind: StorageClass
    metadata: { name: fast }
    provisioner: example.com/disk
`,
      'component/kustomization.yaml': `
apiVersion: kustomize.config.k8s.io/v1alpha1
kind: Component
configMapGenerator:
  - { name: plain, literals: [A=b] }
namePrefix: c-
patches:
  - target: { kind: CronJob }
    patch: '[{ "op": "add", "path": "/spec/suspend", "value": true }]'
`,
    },
  },
  {
    name: 'custom resources, cluster kinds and the order of kinds',
    build: '.',
    files: {
      Kustomization: `
resources: [r.yml]
namespace: harbour
nameSuffix: -x
labels:
  - pairs: { fleet: north }
    fields: [{ path: spec/crew/labels, kind: Ship, create: true }]
images: [{ name: engine, newTag: v9 }, { name: side, tagSuffix: -slim }]
patches:
  - patch: |
      apiVersion: sea.example/v1
      kind: Ship
      metadata: { name: anna }
      spec: { containers: [{ name: b, image: engine }], holds: [{ name: new }] }
`,
      'r.yml': `
apiVersion: sea.example/v1
kind: Ship
metadata: { name: anna }
spec: { containers: [{ name: a, image: 'engine:v1' }, { name: s, image: 'side:1' }], holds: [{ name: old }], crew: {}, port: yes }
---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: { name: ships.sea.example }
spec: { group: sea.example, scope: Namespaced, names: { kind: Ship, plural: ships }, versions: [] }
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata: { name: checks }
webhooks: [{ name: a.sea.example, clientConfig: { service: { name: hook, namespace: harbour } } }]
---
apiVersion: v1
kind: Service
metadata: { name: hook, namespace: harbour }
spec: { ports: [{ port: 443 }] }
---
apiVersion: v1
kind: PersistentVolume
metadata: { name: disk }
spec: { storageClassName: slow }
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: { name: claim }
spec: { volumeName: disk, storageClassName: slow }
---
apiVersion: v1
kind: Pod
metadata: { name: one }
spec:
  priorityClassName: high
  imagePullSecrets: [{ name: pull }]
  volumes: [{ name: v, persistentVolumeClaim: { claimName: claim } }]
  containers: [{ name: c, image: engine }, { name: s, image: side }, { name: t, image: 'side:2' }]
---
apiVersion: v1
kind: Secret
metadata: { name: pull }
type: kubernetes.io/dockerconfigjson
data: { .dockerconfigjson: e30= }
---
apiVersion: scheduling.k8s.io/v1
kind: PriorityClass
metadata: { name: high }
value: 10
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: { name: all }
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: all }
subjects: [{ kind: ServiceAccount, name: bot, namespace: harbour }, { kind: User, name: anna }]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: { name: all }
---
apiVersion: v1
kind: ServiceAccount
metadata: { name: bot, namespace: harbour }
secrets: [{ name: pull }]
`,
    },
  },
  {
    name: 'replacements: names with hashes and prefixes, parts of values, elements of lists, numbers, files and components',
    build: 'overlay',
    files: {
      ...base,
      'overlay/kustomization.yaml': `
resources: [../base, more.yaml]
namePrefix: prod-
configMapGenerator:
  - name: settings
    literals: [PORT=9090, HOST=db.example.com:5432]
replacements:
  - source: { kind: ConfigMap, name: settings, fieldPath: data.PORT }
    targets:
      - select: { kind: Deployment, name: web }
        fieldPaths:
          - spec.template.spec.containers.[name=main].ports.0.containerPort
          - spec.template.metadata.annotations.[example.com/port]
        options: { create: true }
      - select: { kind: Service }
        reject: [{ name: other }]
        fieldPaths: [spec.ports.*.port]
  - source: { kind: ConfigMap, name: settings, fieldPath: data.HOST, options: { delimiter: ':', index: 0 } }
    targets:
      - select: { kind: Deployment, name: web }
        fieldPaths: ['spec.template.spec.containers.[name=main].env.[name=MODE].value']
  - source: { kind: ConfigMap, name: settings }
    targets:
      - select: { kind: Holder }
        fieldPaths: [spec.config]
      - select: { kind: Holder }
        fieldPaths: [spec.path]
        options: { delimiter: /, index: 1 }
      - select: { kind: Holder }
        fieldPaths: [spec.first]
        options: { delimiter: /, index: -1 }
      - select: { kind: Holder }
        fieldPaths: [spec.last]
        options: { delimiter: /, index: 99 }
  - source: { kind: Holder, name: holder, fieldPath: spec.box }
    targets:
      - select: { kind: Holder }
        fieldPaths: [spec.copy, 'metadata.annotations.dotted\\.key']
        options: { create: true }
  - path: more-replacements.yaml
components: [../component]
`,
      'overlay/more.yaml': `
apiVersion: example.com/v1
kind: Holder
metadata: { name: holder }
spec: { config: none, path: a/b/c, first: x/y, last: x/y, box: full }
---
apiVersion: v1
kind: Service
metadata: { name: other }
spec: { ports: [{ port: 1 }] }
`,
      'overlay/more-replacements.yaml': `
- source: { kind: Service, name: web, fieldPath: metadata.name }
  targets:
    - select: { kind: Holder }
      fieldPaths: [spec.service]
      options: { create: true }
- source: { version: v1, kind: Service, name: web, fieldPath: spec.ports.0.port }
  targets:
    - select: { kind: Holder }
      fieldPaths: [spec.port]
      options: { create: true }
`,
      'component/kustomization.yaml': `
apiVersion: kustomize.config.k8s.io/v1alpha1
kind: Component
replacements:
  - source: { kind: Service, name: web, fieldPath: 'spec.ports.[name=http].name' }
    targets:
      - select: { kind: Deployment }
        fieldPaths: [spec.template.metadata.labels.protocol]
        options: { create: true }
`,
    },
  },
  {
    name: 'configurations: custom resources whose fields are names, labels, annotations and images, in a base and its overlay',
    build: 'overlay',
    files: {
      ...base,
      'ships/kustomization.yaml': `
resources: [ships.yaml]
configurations: [fields.yaml]
namePrefix: sea-
commonAnnotations: { by: hand }
`,
      'ships/ships.yaml': `
apiVersion: sea.example/v1
kind: Ship
metadata: { name: anna }
spec:
  engine: { image: 'engine:v1' }
  cargo: [{ manifest: web-config, crane: { image: 'crane:v1' } }, { manifest: other }]
  papers: { secret: web-secret, notes: { old: kept } }
---
apiVersion: sea.example/v1
kind: Convoy
metadata: { name: first }
spec: { leader: anna }
`,
      'ships/fields.yaml': `
nameReference:
  - kind: ConfigMap
    version: v1
    fieldSpecs: [{ kind: Ship, path: spec/cargo/manifest }]
  - kind: Secret
    fieldSpecs: [{ kind: Ship, group: sea.example, path: spec/papers/secret }]
  - kind: Ship
    fieldSpecs: [{ kind: Convoy, path: spec/leader }]
commonAnnotations:
  - { kind: Ship, path: spec/papers/notes, create: true }
commonLabels:
  - { kind: Convoy, path: spec/selector, create: true }
images:
  - { kind: Ship, path: spec/engine/image }
  - { kind: Ship, path: spec/cargo/crane/image }
`,
      'overlay/kustomization.yaml': `
resources: [../base, ../ships]
nameSuffix: -v2
commonLabels: { fleet: north }
images: [{ name: engine, newTag: v2 }, { name: crane, newName: mirror.example/crane }]
`,
    },
  },
  {
    name: 'variables: of bases with prefixes, in commands, labels and configured fields, numbers and dollars kept',
    build: 'overlay',
    files: {
      'base/kustomization.yaml': `
resources: [all.yaml]
namePrefix: base-
configMapGenerator: [{ name: settings, literals: [a=b] }]
vars:
  - name: SERVICE
    objref: { kind: Service, name: web, apiVersion: v1 }
  - name: PORT
    objref: { kind: Service, name: base-web, apiVersion: v1 }
    fieldref: { fieldpath: 'spec.ports[0].port' }
  - name: NOTE
    objref: { kind: Service, name: web, apiVersion: v1 }
    fieldref: { fieldpath: 'metadata.annotations.sea\\.example/note' }
  - name: SETTINGS
    objref: { kind: ConfigMap, name: settings, apiVersion: v1 }
`,
      'base/all.yaml': `
apiVersion: v1
kind: Service
metadata: { name: web, annotations: { sea.example/note: calm } }
spec: { ports: [{ port: 80, targetPort: $(PORT) }], selector: { app: web } }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: caller, labels: { calls: $(SERVICE) }, annotations: { note: 'it is $(NOTE) $$(NOTE) $(OTHER) $HOME' } }
spec:
  selector: { matchLabels: { app: caller } }
  template:
    metadata: { labels: { app: caller, calls: $(SERVICE) }, annotations: { calls: $(SERVICE) } }
    spec:
      containers:
        - name: main
          image: caller:$(SERVICE)
          args: ['--to=$(SERVICE):$(PORT)', $(PORT)]
          command: [sh, -c, 'echo $(SETTINGS)']
          env: [{ name: PORT, value: $(PORT) }, { name: SELF, valueFrom: { fieldRef: { fieldPath: metadata.name } } }]
          volumeMounts: [{ name: data, mountPath: /data/$(SERVICE) }]
      volumes: [{ name: data, emptyDir: {} }]
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: web }
spec:
  tls: [{ hosts: [$(SERVICE).sea.example], secretName: $(SERVICE)-tls }]
  rules: [{ host: $(SERVICE).sea.example }]
---
apiVersion: sea.example/v1
kind: Ship
metadata: { name: calm }
spec: { port: $(SERVICE), other: $(SERVICE) }
`,
      'overlay/kustomization.yaml': `
resources: [../base]
nameSuffix: -v2
namespace: north
configurations: [fields.yaml]
vars:
  - name: SHIP
    objref: { kind: Ship, name: calm, apiVersion: sea.example/v1 }
patches: [{ target: { kind: Ship }, patch: '[{"op":"add","path":"/spec/self","value":"$(SHIP)"}]' }]
`,
      'overlay/fields.yaml': `
varReference: [{ kind: Ship, path: spec/port }, { kind: Ship, path: spec/self }]
`,
    },
  },
  {
    name: 'definitions of custom resources say which fields hold names, labels and annotations',
    build: '.',
    files: {
      'kustomization.yaml': `
resources: [all.yaml]
crds: [ship.json]
namePrefix: dev-
nameSuffix: -v2
commonAnnotations: { who: anna }
commonLabels: { fleet: north }
`,
      'all.yaml': `
apiVersion: v1
kind: Secret
metadata: { name: papers }
---
apiVersion: sea.example/v1
kind: Ship
metadata: { name: calm }
spec: { papers: { name: papers }, cargo: { key: papers }, selector: { app: ship }, notes: { a: b }, berth: seven, crew: [{ name: papers }] }
`,
      'ship.json': JSON.stringify({
        'example.sea.v1.Ship': {
          Schema: { properties: { apiVersion: {}, kind: {}, metadata: {}, spec: { $ref: 'example.sea.v1.ShipSpec' } } },
        },
        'example.sea.v1.ShipSpec': {
          Schema: {
            properties: {
              papers: { 'x-kubernetes-object-ref-api-version': 'v1', 'x-kubernetes-object-ref-kind': 'Secret' },
              cargo: {
                'x-kubernetes-object-ref-api-version': 'v1',
                'x-kubernetes-object-ref-kind': 'Secret',
                'x-kubernetes-object-ref-name-key': 'key',
              },
              selector: { 'x-kubernetes-label-selector': '' },
              notes: { 'x-kubernetes-annotation': '' },
              berth: { 'x-kubernetes-identity': '' },
            },
          },
        },
      }),
    },
  },
]
