import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { TestCluster } from './support/cluster.js'
import { steady, table } from './support/text.js'

/** kubectl's commands on what runs: rollout, scale, expose, wait, cordon and drain, custom resources. */

const WEB = `apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {terminationGracePeriodSeconds: 1, containers: [{name: nginx, image: "nginx:1.25", ports: [{containerPort: 80}]}]}
`

const BOX = `apiVersion: v1
kind: Pod
metadata: {name: box, labels: {app: box}}
spec:
  terminationGracePeriodSeconds: 1
  containers: [{name: main, image: busybox, command: [sh, -c, "echo started; sleep 3600"], env: [{name: COLOR, value: blue}]}]
`

const CRD = `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: crontabs.stable.example.com}
spec:
  group: stable.example.com
  scope: Namespaced
  names: {plural: crontabs, singular: crontab, kind: CronTab, shortNames: [ct]}
  versions:
  - name: v1
    served: true
    storage: true
    subresources: {status: {}, scale: {specReplicasPath: .spec.replicas, statusReplicasPath: .status.replicas}}
    additionalPrinterColumns: [{name: Spec, type: string, jsonPath: .spec.cronSpec}, {name: Age, type: date, jsonPath: .metadata.creationTimestamp}]
    schema:
      openAPIV3Schema:
        type: object
        properties:
          spec:
            type: object
            properties: {cronSpec: {type: string, description: When it runs.}, replicas: {type: integer, minimum: 1}}
          status: {type: object, properties: {replicas: {type: integer}}}
`
const CRONTAB = 'apiVersion: stable.example.com/v1\nkind: CronTab\nmetadata: {name: my}\nspec: {cronSpec: "* * * * */5", replicas: 2}\n'

let cluster: TestCluster
const ok = (args: string[] | string, input?: string): string => cluster.ok(args, input)
const refused = (args: string[] | string, input?: string): string => {
  const out = cluster.kubectl(args, input)
  expect(out.code, out.stdout).not.toBe(0)
  return out.stderr
}

beforeAll(async () => {
  cluster = await TestCluster.start({ args: ['--seed', '1'] })
  ok('create -f -', WEB)
  ok('create -f -', BOX)
  ok('rollout status deployment/web --timeout=60s')
  ok('wait --for=condition=Ready pod/box --timeout=60s')
})
afterAll(async () => {
  await cluster?.stop()
})

describe('rollout', () => {
  it('status, history, undo, pause, resume and restart', () => {
    expect(ok('set image deployment/web nginx=nginx:1.26')).toBe('deployment.apps/web image updated\n')
    expect(ok('annotate deployment web kubernetes.io/change-cause=newer')).toBe('deployment.apps/web annotated\n')
    expect(ok('rollout status deployment/web --timeout=60s')).toMatch(/(^|\n)deployment "web" successfully rolled out\n$/)
    expect(steady(ok('rollout history deployment/web'))).toBe('deployment.apps/web\nREVISION  CHANGE-CAUSE\n1  <none>\n2  newer\n\n')
    expect(ok('rollout history deployment/web --revision=1')).toBe(
      'deployment.apps/web with revision #1\nPod Template:\n  Labels:\tapp=web\n\tpod-template-hash=65fd8b87fc\n  Containers:\n   nginx:\n    Image:\tnginx:1.25\n    Port:\t80/TCP\n    Host Port:\t0/TCP\n    Environment:\t<none>\n    Mounts:\t<none>\n  Volumes:\t<none>\n  Node-Selectors:\t<none>\n  Tolerations:\t<none>\n\n',
    )
    expect(ok('rollout undo deployment/web')).toBe('deployment.apps/web rolled back\n')
    expect(refused('rollout undo deployment/web --to-revision=7')).toBe('error: unable to find specified revision 7 in history\n')
    expect(ok('rollout pause deployment/web')).toBe('deployment.apps/web paused\n')
    expect(refused('rollout pause deployment/web')).toBe('error: deployments.apps "web" is already paused\n')
    expect(refused('rollout undo deployment/web')).toBe(
      "error: you cannot rollback a paused deployment; resume it first with 'kubectl rollout resume' and try again\n",
    )
    expect(ok('rollout resume deployment/web')).toBe('deployment.apps/web resumed\n')
    expect(ok('rollout restart deployment/web')).toBe('deployment.apps/web restarted\n')
    expect(ok('rollout status deployment/web --timeout=60s')).toMatch(/successfully rolled out\n$/)
    expect(ok('get deployment web -o jsonpath={.spec.template.spec.containers[0].image}')).toBe('nginx:1.25')
  })
})

describe('rollout of daemon sets and stateful sets', () => {
  const SETS = `apiVersion: apps/v1
kind: DaemonSet
metadata: {name: agent}
spec: {selector: {matchLabels: {app: agent}}, template: {metadata: {labels: {app: agent}}, spec: {terminationGracePeriodSeconds: 0, containers: [{name: c, image: "nginx:1.25"}]}}}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db}
spec: {serviceName: db, replicas: 2, selector: {matchLabels: {app: db}}, template: {metadata: {labels: {app: db}}, spec: {terminationGracePeriodSeconds: 0, containers: [{name: c, image: "nginx:1.25"}]}}}
`
  const DONE = /(^|\n)daemon set "agent" successfully rolled out\n$/
  const COMPLETE = /(^|\n)partitioned roll out complete: 2 new pods have been updated\.\.\.\n$/
  const settled = (): void => {
    expect(ok('rollout status ds/agent --timeout=60s')).toMatch(DONE)
    expect(ok('rollout status sts/db --timeout=60s')).toMatch(COMPLETE)
  }
  const images = (): string => ok('get ds/agent sts/db -o jsonpath={.items[*].spec.template.spec.containers[0].image}')

  it('status, history, undo and restart; only deployments pause', () => {
    ok('apply -f -', SETS)
    settled()
    expect(ok('set image ds/agent sts/db c=nginx:1.26')).toBe('daemonset.apps/agent image updated\nstatefulset.apps/db image updated\n')
    settled()
    const revisions = 'REVISION  CHANGE-CAUSE\n1  <none>\n2  <none>\n\n'
    expect(steady(ok('rollout history ds/agent'))).toBe(`daemonset.apps/agent\n${revisions}`)
    expect(steady(ok('rollout history sts/db'))).toBe(`statefulset.apps/db\n${revisions}`)
    expect(ok('rollout history ds/agent --revision=1')).toContain('daemonset.apps/agent with revision #1\n')
    for (const [set, name] of Object.entries({ 'ds/agent': 'daemonset.apps/agent', 'sts/db': 'statefulset.apps/db' }))
      expect(ok(`rollout undo ${set} --to-revision=2`)).toBe(`${name} skipped rollback (current template already matches revision 2)\n`)
    expect(ok('rollout undo ds/agent')).toBe('daemonset.apps/agent rolled back\n')
    expect(ok('rollout undo sts/db --to-revision=1')).toBe('statefulset.apps/db rolled back\n')
    settled()
    expect(images()).toBe('nginx:1.25 nginx:1.25')
    expect(steady(ok('rollout history sts/db'))).toBe('statefulset.apps/db\nREVISION  CHANGE-CAUSE\n2  <none>\n3  <none>\n\n')
    expect(refused('rollout undo ds/agent --to-revision=9')).toBe('error: unable to find specified revision 9 in history\n')
    expect(refused('rollout pause ds/agent')).toBe('error: daemonsets.apps "agent" pausing is not supported\n')
    expect(ok('rollout restart sts/db')).toBe('statefulset.apps/db restarted\n')
    expect(ok('rollout status sts/db --timeout=60s')).toMatch(COMPLETE)
    expect(ok('scale sts/db --replicas=1')).toBe('statefulset.apps/db scaled\n')
    ok('wait --for=delete pod/db-1 --timeout=30s')
    expect(ok('expose pod db-0 --port=80 --name=first')).toBe('service/first exposed\n')
    expect(ok('expose service first --port=81 --target-port=80 --name=again')).toBe('service/again exposed\n')
    expect(ok('get service again -o jsonpath={.spec.selector}')).toBe(ok('get pod db-0 -o jsonpath={.metadata.labels}'))
    ok('delete ds/agent sts/db svc/first svc/again')
  })
})

describe('scale, autoscale and expose', () => {
  it('change the count, but not from a count it has not', () => {
    expect(refused('scale deployment web --replicas=1 --current-replicas=5')).toBe('error: Expected replicas to be 5, was 2\n')
    expect(ok('scale deployment web --replicas=3 --current-replicas=2')).toBe('deployment.apps/web scaled\n')
    expect(ok('wait --for=jsonpath={.status.readyReplicas}=3 deployment/web --timeout=30s')).toBe('deployment.apps/web condition met\n')
    expect(ok('autoscale deployment web --min=1 --max=4 --cpu=70%')).toBe('horizontalpodautoscaler.autoscaling/web autoscaled\n')
    expect(table(ok('get hpa web'))[0]).toEqual(['NAME', 'REFERENCE', 'TARGETS', 'MINPODS', 'MAXPODS', 'REPLICAS', 'AGE'])
    expect(ok('delete hpa web')).toBe('horizontalpodautoscaler.autoscaling "web" deleted from default namespace\n')
  })

  it('make a Service that answers from another pod', () => {
    expect(ok('expose deployment web --port=8080 --target-port=80')).toBe('service/web exposed\n')
    expect(steady(ok('get service web'))).toBe(
      'NAME  TYPE  CLUSTER-IP  EXTERNAL-IP  PORT(S)  AGE\nweb  ClusterIP  CLUSTER-ADDRESS  <none>  8080/TCP  AGE\n',
    )
    expect(refused('expose deployment web --port=80')).toBe('Error from server (AlreadyExists): services "web" already exists\n')
    expect(ok('exec box -- wget -qO- http://web:8080')).toContain('<h1>Welcome to nginx!</h1>')
  })
})

describe('wait', () => {
  it('for a condition, a field, a creation, a deletion, and not for ever', () => {
    expect(ok('wait --for=condition=Ready pod/box')).toBe('pod/box condition met\n')
    expect(ok('wait --for=jsonpath={.status.phase}=Running pod/box')).toBe('pod/box condition met\n')
    expect(ok('wait --for=create pod/box')).toBe('pod/box condition met\n')
    expect(ok('wait --for=delete pod/nosuch')).toBe('')
    expect(refused('wait --for=condition=Nope pod/box --timeout=1s')).toBe('error: timed out waiting for the condition on pods/box\n')
    expect(refused('wait --for=condition=Ready pod/nosuch')).toBe('Error from server (NotFound): pods "nosuch" not found\n')
  })
})

describe('nodes', () => {
  it('are cordoned, drained, uncordoned and tainted', () => {
    expect(ok('cordon drydock-m03')).toBe('node/drydock-m03 cordoned\n')
    expect(ok('cordon drydock-m03')).toBe('node/drydock-m03 already cordoned\n')
    expect(table(ok('get node drydock-m03'))[1]![1]).toBe('Ready,SchedulingDisabled')
    expect(ok('drain drydock-m03 --ignore-daemonsets --force --timeout=60s')).toMatch(/(^|\n)node\/drydock-m03 drained\n$/)
    expect(ok('get pods -l app=web -o jsonpath={.items[*].spec.nodeName}')).not.toContain('drydock-m03')
    expect(ok('uncordon drydock-m03')).toBe('node/drydock-m03 uncordoned\n')
    expect(ok('taint nodes drydock-m03 a=b:NoSchedule')).toBe('node/drydock-m03 tainted\n')
    expect(ok('taint nodes drydock-m03 a:NoSchedule-')).toBe('node/drydock-m03 untainted\n')
    expect(refused('taint nodes drydock-m03 a:NoSchedule-')).toBe('error: taint "a:NoSchedule" not found\n')
  })
})

describe('a custom resource', () => {
  it('has columns, explain, scale, patches and validation as soon as its definition is there', () => {
    ok('apply -f -', CRD)
    ok('wait --for=condition=Established crd/crontabs.stable.example.com --timeout=10s')
    expect(ok('apply -f -', CRONTAB)).toBe('crontab.stable.example.com/my created\n')
    expect(steady(ok('get ct'))).toBe('NAME  SPEC  AGE\nmy  * * * * */5  AGE\n')
    expect(ok('explain ct.spec.cronSpec')).toBe(
      'GROUP:      stable.example.com\nKIND:       CronTab\nVERSION:    v1\n\nFIELD: cronSpec <string>\n\n\nDESCRIPTION:\n    When it runs.\n    \n\n',
    )
    expect(ok('scale ct my --replicas=4')).toBe('crontab.stable.example.com/my scaled\n')
    expect(refused('scale ct my --replicas=0')).toBe(
      'The CronTab "my" is invalid: spec.replicas: Invalid value: 0: spec.replicas in body should be greater than or equal to 1\n',
    )
    expect(ok(['patch', 'ct', 'my', '--type=merge', '-p', '{"spec":{"replicas":3}}'])).toBe('crontab.stable.example.com/my patched\n')
    expect(refused(['patch', 'ct', 'my', '-p', '{"spec":{"replicas":3}}'])).toContain(
      'application/strategic-merge-patch+json is not supported by stable.example.com/v1, Kind=CronTab',
    )
    // What somebody else has changed since the first apply is theirs.
    expect(refused('apply --server-side -f -', CRONTAB)).toContain(
      'error: Apply failed with 1 conflict: conflict with "kubectl-patch" using stable.example.com/v1: .spec.replicas\n',
    )
    expect(ok('apply --server-side --force-conflicts -f -', CRONTAB)).toBe('crontab.stable.example.com/my serverside-applied\n')
    expect(ok('delete crd crontabs.stable.example.com')).toBe(
      'customresourcedefinition.apiextensions.k8s.io "crontabs.stable.example.com" deleted\n',
    )
    // kubectl still has the kind in its cache of what there is.
    expect(refused('get ct')).toBe(
      'Error from server (NotFound): Unable to list "stable.example.com/v1, Resource=crontabs": the server could not find the requested resource (get crontabs.stable.example.com)\n',
    )
  })
})
