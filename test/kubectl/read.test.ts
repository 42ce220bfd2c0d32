import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { TestCluster } from './support/cluster.js'
import { requester } from './support/requests.js'
import { steady, table } from './support/text.js'

/** kubectl's commands that only read: discovery, explain, get in all its forms, describe, events. */

const SHOP = `
apiVersion: v1
kind: ConfigMap
metadata: {name: plain, labels: {app: web}}
data: {a: "1", b: "two\\nlines\\n"}
---
apiVersion: v1
kind: Service
metadata: {name: web, labels: {app: web}}
spec: {selector: {app: web}, ports: [{name: http, port: 80}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, labels: {app: web}}
spec:
  replicas: 3
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: nginx, image: "nginx:1.25", ports: [{containerPort: 80}], resources: {requests: {cpu: 100m, memory: 64Mi}}}]}
`

let cluster: TestCluster
const ok = (args: string[] | string): string => cluster.ok(args)

beforeAll(async () => {
  cluster = await TestCluster.start({ args: ['--seed', '1'] })
  cluster.ok('create -f -', SHOP)
  cluster.ok('rollout status deployment/web --timeout=60s')
})
afterAll(async () => {
  await cluster?.stop()
})

describe('what the server says about itself', () => {
  it('version, cluster-info, component statuses', () => {
    expect(ok('version')).toBe('Client Version: v1.35.2\nKustomize Version: v5.7.1\nServer Version: v1.36.0\n')
    expect(ok('cluster-info').split('\n')[0]).toContain(cluster.server)
    const statuses = cluster.kubectl('get componentstatuses')
    expect(statuses.stderr).toBe('Warning: v1 ComponentStatus is deprecated in v1.19+\n')
    expect(steady(statuses.stdout)).toBe(
      'NAME  STATUS  MESSAGE  ERROR\ncontroller-manager  Healthy  ok\netcd-0  Healthy  ok\nscheduler  Healthy  ok\n',
    )
  })

  it('api-versions and api-resources', () => {
    const versions = ok('api-versions').trim().split('\n')
    for (const v of [
      'apps/v1',
      'autoscaling/v1',
      'autoscaling/v2',
      'batch/v1',
      'events.k8s.io/v1',
      'networking.k8s.io/v1',
      'policy/v1',
      'v1',
    ])
      expect(versions).toContain(v)
    const resources = table(ok('api-resources -o wide'))
    expect(resources[0]).toEqual(['NAME', 'SHORTNAMES', 'APIVERSION', 'NAMESPACED', 'KIND', 'VERBS', 'CATEGORIES'])
    expect(resources.find((r) => r[0] === 'deployments')).toEqual([
      'deployments',
      'deploy',
      'apps/v1',
      'true',
      'Deployment',
      'create,delete,deletecollection,get,list,patch,update,watch',
      'all',
    ])
    expect(ok('api-resources --categories=all --verbs=list -o name').trim().split('\n')).toEqual([
      'pods',
      'replicationcontrollers',
      'services',
      'daemonsets.apps',
      'deployments.apps',
      'replicasets.apps',
      'statefulsets.apps',
      'horizontalpodautoscalers.autoscaling',
      'cronjobs.batch',
      'jobs.batch',
    ])
  })

  it('explain --recursive knows every kind', () => {
    for (const row of table(ok('api-resources --no-headers'))) {
      const [version, , kind] = row.slice(-3)
      const name = `${row[0]} ${version}`
      const text = ok(['explain', row[0]!, `--api-version=${version}`, '--recursive'])
      expect(text, name).toContain(`\nKIND:       ${kind}\n`.slice(version!.includes('/') ? 0 : 1))
      expect(text, name).toMatch(/^(GROUP: .*\n)?KIND: .*\nVERSION: .*\n\nDESCRIPTION:\n {4}\S/)
      expect(text, name).toMatch(/\nFIELDS:\n {2}\w+\t<[\s\S]*\n {2}kind\t<string>\n/)
    }
  })

  it('every field of every kind has a type and says what it is for', async () => {
    const request = requester(cluster.kubeconfig)
    type Schemas = Record<string, { description?: string; properties?: Record<string, { description?: string }> }>
    const { paths } = (await request('GET', '/openapi/v3')).json as { paths: Record<string, { serverRelativeURL: string }> }
    const documents = await Promise.all(Object.values(paths).map((p) => request('GET', p.serverRelativeURL)))
    request.close()
    const silent = new Set<string>()
    let fields = 0
    for (const { json } of documents) {
      for (const [name, schema] of Object.entries((json as { components?: { schemas?: Schemas } }).components?.schemas ?? {})) {
        // Kubernetes itself says nothing of the fields of JSON schema and of its version, nor of the type of a watch event.
        if (/\.(JSONSchemaProps|ExternalDocumentation|WatchEvent|version\.Info)$/.test(name)) continue
        if (!schema.description) silent.add(name)
        for (const [field, { description }] of Object.entries(schema.properties ?? {})) {
          fields++
          if (!description) silent.add(`${name}.${field}`)
        }
      }
    }
    expect([...silent]).toEqual([])
    expect(fields).toBeGreaterThan(4000)
  })

  it('explain --recursive marks types, lists, maps and what is required', () => {
    expect(ok('explain configmap --recursive').replace(/(?<=\n {2}metadata\t<ObjectMeta>\n)( {4}.*\n)*/, '')).toBe(`KIND:       ConfigMap
VERSION:    v1

DESCRIPTION:
    ConfigMap holds configuration data for pods to consume.
    
FIELDS:
  apiVersion	<string>
  binaryData	<map[string]string>
  data	<map[string]string>
  immutable	<boolean>
  kind	<string>
  metadata	<ObjectMeta>

`)
    expect(ok('explain ingress.spec.rules --recursive').split('FIELDS:\n')[1]).toBe(`  host	<string>
  http	<HTTPIngressRuleValue>
    paths	<[]HTTPIngressPath> -required-
      backend	<IngressBackend> -required-
        resource	<TypedLocalObjectReference>
          apiGroup	<string>
          kind	<string> -required-
          name	<string> -required-
        service	<IngressServiceBackend>
          name	<string> -required-
          port	<ServiceBackendPort>
            name	<string>
            number	<integer>
      path	<string>
      pathType	<string> -required-
      enum: Exact, ImplementationSpecific, Prefix

`)
    expect(ok('explain deployment.spec.strategy --recursive').split('FIELDS:\n')[1]).toBe(`  rollingUpdate	<RollingUpdateDeployment>
    maxSurge	<IntOrString>
    maxUnavailable	<IntOrString>
  type	<string>
  enum: Recreate, RollingUpdate

`)
  })

  it('explain shows one field, as OpenAPI v3 and v2 have it', () => {
    expect(ok('explain pod.spec.restartPolicy')).toMatch(
      /^KIND: {7}Pod\nVERSION: {4}v1\n\nFIELD: restartPolicy <string>\nENUM:\n {4}Always\n {4}Never\n {4}OnFailure\n/,
    )
    expect(ok('explain svc.spec.ports --output=plaintext-openapiv2')).toMatch(
      /^KIND: {5}Service\nVERSION: {2}v1\n\nRESOURCE: ports <\[\]Object>\n/,
    )
    const schema = 'crd.spec.versions.schema.openAPIV3Schema'
    expect(ok(`explain ${schema}.items`)).toContain('\nFIELD: items <JSONSchemaPropsOrArray>\n')
    expect(ok(`explain ${schema}.enum`)).toContain('\nFIELD: enum <[]JSON>\n')
    expect(ok(`explain ${schema}.dependencies`)).toContain('\nFIELD: dependencies <map[string]JSONSchemaPropsOrStringArray>\n')
    expect(cluster.kubectl('explain pod.nosuch').stderr).toBe('error: field "nosuch" does not exist\n')
  })
})

describe('get', () => {
  it('shows tables, wide, with labels, columns of labels, without headers', () => {
    expect(steady(ok('get deploy,svc,cm -l app=web --show-labels'))).toBe(
      [
        'NAME  READY  UP-TO-DATE  AVAILABLE  AGE  LABELS',
        'deployment.apps/web  3/3  3  3  AGE  app=web',
        '',
        'NAME  TYPE  CLUSTER-IP  EXTERNAL-IP  PORT(S)  AGE  LABELS',
        'service/web  ClusterIP  CLUSTER-ADDRESS  <none>  80/TCP  AGE  app=web',
        '',
        'NAME  DATA  AGE  LABELS',
        'configmap/plain  2  AGE  app=web',
        '',
      ].join('\n'),
    )
    expect(steady(ok('get pods -o wide -L app --sort-by=.spec.nodeName'))).toMatch(
      /^NAME {2}READY {2}STATUS {2}RESTARTS {2}AGE {2}IP {2}NODE {2}NOMINATED NODE {2}READINESS GATES {2}APP\n(web-\w+-xxxxx {2}1\/1 {2}Running {2}0 {2}AGE {2}POD-ADDRESS {2}drydock(-m0[23])? {2}<none> {2}<none> {2}web\n){3}$/,
    )
    expect(steady(ok('get deploy --no-headers -o wide'))).toBe('web  3/3  3  3  AGE  nginx  nginx:1.25  app=web\n')
    expect(steady(ok('get deploy web --subresource=scale'))).toBe('NAME  DESIRED  AVAILABLE  AGE\nweb  3  3  AGE\n')
  })

  it('picks fields with jsonpath, go-template and custom columns', () => {
    expect(
      ok(['get', 'pods', '-o', 'jsonpath={range .items[*]}{.metadata.labels.app}{"\\t"}{.spec.containers[0].image}{"\\n"}{end}']),
    ).toBe('web\tnginx:1.25\n'.repeat(3))
    expect(ok(['get', 'pods', '-o', 'go-template={{range .items}}{{.spec.restartPolicy}} {{end}}'])).toBe('Always Always Always ')
    expect(steady(ok('get deploy -o custom-columns=N:.metadata.name,I:.spec.template.spec.containers[*].image,X:.metadata.nope'))).toBe(
      'N  I  X\nweb  nginx:1.25  <none>\n',
    )
  })

  it('gives the whole object as YAML, and its generation counts what was asked for only', () => {
    expect(
      steady(ok('get deploy web -o yaml'))
        .replace(/resourceVersion: "\d+"/, 'resourceVersion: "N"')
        .split('\nstatus:')[0],
    ).toBe(`apiVersion: apps/v1
kind: Deployment
metadata:
  annotations:
    deployment.kubernetes.io/revision: "1"
  creationTimestamp: "TIME"
  generation: 1
  labels:
    app: web
  name: web
  namespace: default
  resourceVersion: "N"
  uid: UID
spec:
  progressDeadlineSeconds: 600
  replicas: 3
  revisionHistoryLimit: 10
  selector:
    matchLabels:
      app: web
  strategy:
    rollingUpdate:
      maxSurge: 25%
      maxUnavailable: 25%
    type: RollingUpdate
  template:
    metadata:
      labels:
        app: web
    spec:
      containers:
      - image: nginx:1.25
        imagePullPolicy: IfNotPresent
        name: nginx
        ports:
        - containerPort: 80
          protocol: TCP
        resources:
          requests:
            cpu: 100m
            memory: 64Mi
        terminationMessagePath: /dev/termination-log
        terminationMessagePolicy: File
      dnsPolicy: ClusterFirst
      restartPolicy: Always
      schedulerName: default-scheduler
      securityContext: {}
      terminationGracePeriodSeconds: 30`)
    expect(
      ok([
        'get',
        'deploy',
        'web',
        '-o',
        'jsonpath={range .metadata.managedFields[*]}{.manager} {.operation} {.subresource}{"\\n"}{end}',
        '--show-managed-fields',
      ]),
    ).toBe('kubectl-create Update \nkube-controller-manager Update status\n')
    expect(JSON.parse(ok('get cm plain -o json'))).toMatchObject({ kind: 'ConfigMap', data: { a: '1', b: 'two\nlines\n' } })
  })

  it('selects by labels and fields, in pages', () => {
    expect(ok(['get', 'pods', '-l', 'app in (web,db),!x', '-o', 'name', '--chunk-size=1']).trim().split('\n')).toHaveLength(3)
    expect(ok('get pods --field-selector=status.phase!=Running -o name')).toBe('')
    expect(cluster.kubectl('get pods --field-selector=spec.foo=bar').stderr).toBe(
      'Error from server (BadRequest): Unable to find "/v1, Resource=pods" that match label selector "", field selector "spec.foo=bar": field label not supported: spec.foo\n',
    )
    expect(cluster.kubectl('get cm -n nosuch').stderr).toBe('No resources found in nosuch namespace.\n')
  })

  it('says what is missing', () => {
    expect(cluster.kubectl('get pods nosuch')).toEqual({
      code: 1,
      stdout: '',
      stderr: 'Error from server (NotFound): pods "nosuch" not found\n',
    })
    expect(cluster.kubectl('get nosuch').stderr).toBe('error: the server doesn\'t have a resource type "nosuch"\n')
    expect(cluster.kubectl('get pods nosuch --ignore-not-found')).toEqual({ code: 0, stdout: '', stderr: '' })
  })

  it('-w prints each change as it comes', async () => {
    const watch = cluster.start('get configmaps -w --output-watch-events --field-selector metadata.name=seen')
    cluster.ok('create configmap seen --from-literal=a=1')
    await watch.until(/ADDED +seen +1 /)
    cluster.ok(['patch', 'configmap', 'seen', '-p', '{"data":{"b":"2"}}'])
    await watch.until(/MODIFIED +seen +2 /)
    cluster.ok('delete configmap seen')
    await watch.until(/DELETED +seen +2 /)
    await watch.stop()
  })

  it('warns of kinds that are deprecated', () => {
    expect(cluster.kubectl('get endpoints kubernetes').stderr).toBe(
      'Warning: v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice\n',
    )
  })

  it('shows what is in every cluster', () => {
    expect(steady(ok('get priorityclasses'))).toBe(
      'NAME  VALUE  GLOBAL-DEFAULT  AGE  PREEMPTIONPOLICY\nsystem-cluster-critical  2000000000  false  AGE  PreemptLowerPriority\nsystem-node-critical  2000001000  false  AGE  PreemptLowerPriority\n',
    )
    expect(ok('get namespaces -o name')).toBe(
      'namespace/default\nnamespace/kube-node-lease\nnamespace/kube-public\nnamespace/kube-system\n',
    )
  })
})

describe('describe', () => {
  it('a Deployment, with what it did', () => {
    expect(steady(ok('describe deployment web'))).toBe(`Name:  web
Namespace:  default
CreationTimestamp:  TIME
Labels:  app=web
Annotations:  deployment.kubernetes.io/revision: 1
Selector:  app=web
Replicas:  3 desired | 3 updated | 3 total | 3 available | 0 unavailable
StrategyType:  RollingUpdate
MinReadySeconds:  0
RollingUpdateStrategy:  25% max unavailable, 25% max surge
Pod Template:
  Labels:  app=web
  Containers:
   nginx:
    Image:  nginx:1.25
    Port:  80/TCP
    Host Port:  0/TCP
    Requests:
      cpu:  100m
      memory:  64Mi
    Environment:  <none>
    Mounts:  <none>
  Volumes:  <none>
  Node-Selectors:  <none>
  Tolerations:  <none>
Conditions:
  Type  Status  Reason
  ----  ------  ------
  Available  True  MinimumReplicasAvailable
  Progressing  True  NewReplicaSetAvailable
OldReplicaSets:  <none>
NewReplicaSet:  web-7f766cbb7b (3/3 replicas created)
Events:
  Type  Reason  Age  From  Message
  ----  ------  ----  ----  -------
  Normal  ScalingReplicaSet  AGE  deployment-controller  Scaled up replica set web-7f766cbb7b from 0 to 3
`)
  })

  it('a Service and a ConfigMap', () => {
    expect(steady(ok('describe service web')).replace(/Endpoints:.*/, 'Endpoints:  THREE')).toBe(`Name:  web
Namespace:  default
Labels:  app=web
Annotations:  <none>
Selector:  app=web
Type:  ClusterIP
IP Family Policy:  SingleStack
IP Families:  IPv4
IP:  CLUSTER-ADDRESS
IPs:  CLUSTER-ADDRESS
Port:  http  80/TCP
TargetPort:  80/TCP
Endpoints:  THREE
Session Affinity:  None
Internal Traffic Policy:  Cluster
Events:  <none>
`)
    expect(ok('describe configmap plain')).toContain(
      'Data\n====\na:\n----\n1\n\nb:\n----\ntwo\nlines\n\n\n\nBinaryData\n====\n\nEvents:  <none>\n',
    )
  })

  it('every kind that has an object', () => {
    for (const kind of [
      'nodes',
      'pods',
      'replicasets',
      'serviceaccounts',
      'endpointslices',
      'priorityclasses',
      'clusterroles',
      'clusterrolebindings',
      'leases -A',
      'namespaces',
      'endpoints',
    ])
      expect(ok(`describe ${kind}`), kind).toMatch(/^Name: /)
  })
})

describe('events', () => {
  it('of one object, in time order', () => {
    expect(steady(ok('events --for deployment/web'))).toBe(
      'LAST SEEN  TYPE  REASON  OBJECT  MESSAGE\nAGE  Normal  ScalingReplicaSet  Deployment/web  Scaled up replica set web-7f766cbb7b from 0 to 3\n',
    )
  })
})
