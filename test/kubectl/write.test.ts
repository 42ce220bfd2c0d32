import fs from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { TestCluster } from './support/cluster.js'
import { steady } from './support/text.js'

/** kubectl's commands that write: generators, apply in both ways, diff, replace, edit, patch, label, set, delete. */

const MANIFEST = `apiVersion: v1
kind: ConfigMap
metadata: {name: plain, labels: {app: web}}
data: {a: "1", b: "2"}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, labels: {app: web}}
spec:
  replicas: 1
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {terminationGracePeriodSeconds: 1, containers: [{name: nginx, image: "nginx:1.25", resources: {requests: {cpu: 100m}}}]}
`

let cluster: TestCluster
let namespace = 0
const ok = (args: string[] | string, input?: string): string => cluster.ok(args, input)
/** What it printed on stderr when it failed. */
const refused = (args: string[] | string, input?: string): string => {
  const out = cluster.kubectl(args, input)
  expect(out.code, out.stdout).toBe(1)
  return out.stderr
}
const file = (name: string, text: string): string => {
  const to = path.join(cluster.directory, name)
  fs.mkdirSync(path.dirname(to), { recursive: true })
  fs.writeFileSync(to, text, { mode: 0o755 })
  return to
}

beforeAll(async () => {
  cluster = await TestCluster.start({ args: ['--seed', '1'] })
})
afterAll(async () => {
  await cluster?.stop()
})
/** Each test has a namespace of its own, the one of the current context. */
beforeEach(() => {
  ok(`create namespace n${++namespace}`)
  ok(`config set-context --current --namespace=n${namespace}`)
})

describe('create', () => {
  it.each<[string[], string]>([
    [['configmap', 'c', '--from-literal=a=1'], 'configmap/c'],
    [['secret', 'generic', 's', '--from-literal=p=q'], 'secret/s'],
    [['secret', 'docker-registry', 'r', '--docker-username=u', '--docker-password=p'], 'secret/r'],
    [['deployment', 'd', '--image=nginx', '--replicas=0', '--port=80'], 'deployment.apps/d'],
    [['job', 'j', '--image=busybox', '--', 'true'], 'job.batch/j'],
    [['cronjob', 'cj', '--image=busybox', '--schedule=*/5 * * * *', '--', 'date'], 'cronjob.batch/cj'],
    [['service', 'clusterip', 'x', '--tcp=80:8080'], 'service/x'],
    [['service', 'clusterip', 'h', '--clusterip=None'], 'service/h'],
    [['service', 'nodeport', 'x', '--tcp=80'], 'service/x'],
    [['service', 'loadbalancer', 'x', '--tcp=80'], 'service/x'],
    [['service', 'externalname', 'x', '--external-name=example.com'], 'service/x'],
    [['ingress', 'i', '--rule=example.com/*=web:80,tls=cert', '--class=nginx'], 'ingress.networking.k8s.io/i'],
    [['poddisruptionbudget', 'p', '--selector=app=web', '--min-available=50%'], 'poddisruptionbudget.policy/p'],
    [['quota', 'q', '--hard=pods=5,requests.cpu=1500m,requests.memory=1Gi'], 'resourcequota/q'],
    [['priorityclass', 'high', '--value=1000'], 'priorityclass.scheduling.k8s.io/high'],
    [['serviceaccount', 'robot'], 'serviceaccount/robot'],
    [['role', 'r', '--verb=get,list', '--resource=pods,deployments.apps'], 'role.rbac.authorization.k8s.io/r'],
    [['rolebinding', 'b', '--role=r', '--serviceaccount=default:robot'], 'rolebinding.rbac.authorization.k8s.io/b'],
    [['clusterrole', 'cr', '--verb=get', '--non-resource-url=/logs/*'], 'clusterrole.rbac.authorization.k8s.io/cr'],
    [['clusterrolebinding', 'crb', '--clusterrole=cr', '--group=g'], 'clusterrolebinding.rbac.authorization.k8s.io/crb'],
    [['namespace', 'made'], 'namespace/made'],
  ])('%j makes %s', (args, made) => {
    expect(ok(['create', ...args])).toBe(`${made} created\n`)
  })

  it('takes quantities of generators, which kubectl sends in protobuf', () => {
    ok('create quota q --hard=pods=5,requests.cpu=1500m,requests.memory=1Gi')
    expect(JSON.parse(ok('get quota q -o jsonpath={.spec.hard}'))).toEqual({ pods: '5', 'requests.cpu': '1500m', 'requests.memory': '1Gi' })
  })

  it('a Job from a CronJob, and nothing twice', () => {
    ok(['create', 'cronjob', 'cj', '--image=busybox', '--schedule=0 0 1 1 *', '--', 'true'])
    expect(ok('create job once --from=cronjob/cj')).toBe('job.batch/once created\n')
    expect(ok('wait --for=condition=Complete job/once --timeout=30s')).toBe('job.batch/once condition met\n')
    expect(refused('create job once --from=cronjob/cj')).toBe('error: failed to create job: jobs.batch "once" already exists\n')
  })

  it('refuses what is not valid, with all that is wrong', () => {
    const out = refused(['run', 'UP', '--image=nginx'])
    expect(out.split('\n')[0]).toBe('The Pod "UP" is invalid: ')
    expect(out).toContain('\n* metadata.name: Invalid value: "UP": a lowercase RFC 1123 subdomain must consist of lower case')
    expect(out).toContain('\n* spec.containers[0].name: Invalid value: "UP": a lowercase RFC 1123 label must consist of lower case')
  })
})

describe('apply', () => {
  it('creates, leaves alone, configures; dry runs change nothing; diff shows what would change', () => {
    const first = file('m.yaml', MANIFEST)
    const second = file('m2.yaml', MANIFEST.replace('a: "1"', 'a: "9"'))
    expect(ok(['apply', '-f', first])).toBe('configmap/plain created\ndeployment.apps/web created\n')
    expect(ok(['apply', '-f', first])).toBe('configmap/plain unchanged\ndeployment.apps/web unchanged\n')
    const diff = cluster.kubectl(['diff', '-f', second])
    expect(diff.code).toBe(1)
    expect(diff.stdout.split('\n').filter((l) => /^[-+] /.test(l))).toEqual(['-  a: "1"', '+  a: "9"'])
    expect(ok(['apply', '-f', second, '--dry-run=server'])).toBe(
      'configmap/plain configured (server dry run)\ndeployment.apps/web unchanged (server dry run)\n',
    )
    expect(ok('get configmap plain -o jsonpath={.data.a}')).toBe('1')
    expect(ok(['apply', '-f', second])).toBe('configmap/plain configured\ndeployment.apps/web unchanged\n')
    expect(cluster.kubectl(['diff', '-f', second])).toEqual({ code: 0, stdout: '', stderr: '' })
    expect(ok('apply view-last-applied configmap/plain -o json')).toContain('"a": "9"')
  })

  it('on the server tells who else has the field, and takes it by force', () => {
    const mine = MANIFEST.split('---')[0]!
    expect(ok('apply --server-side -f -', mine)).toBe('configmap/plain serverside-applied\n')
    expect(refused('apply --server-side --field-manager=other -f -', mine.replace('a: "1"', 'a: "3"'))).toMatch(
      /^error: Apply failed with 1 conflict: conflict with "kubectl": \.data\.a\nPlease review the fields above--they currently have other managers\./,
    )
    expect(ok('apply --server-side --field-manager=other --force-conflicts -f -', mine.replace('a: "1"', 'a: "3"'))).toBe(
      'configmap/plain serverside-applied\n',
    )
    expect(ok('get configmap plain -o jsonpath={.data}')).toBe('{"a":"3","b":"2"}')
    expect(
      ok([
        'get',
        'configmap',
        'plain',
        '-o',
        'jsonpath={range .metadata.managedFields[*]}{.manager}={.fieldsV1.f:data}{"\\n"}{end}',
        '--show-managed-fields',
      ]),
    ).toBe('kubectl={"f:b":{}}\nother={"f:a":{},"f:b":{}}\n')
  })

  it('takes a folder, and a kustomization with generators', () => {
    file('dir/a.yaml', MANIFEST.split('---')[0]!)
    file('dir/b.yaml', 'apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: b}\n')
    expect(ok(['apply', '-f', path.join(cluster.directory, 'dir')])).toBe('configmap/plain created\nserviceaccount/b created\n')
    file(
      'kus/kustomization.yaml',
      'namePrefix: k-\nconfigMapGenerator: [{name: cfg, literals: [x=1]}]\nsecretGenerator: [{name: sec, literals: [p=q]}]\n',
    )
    const kustomization = path.join(cluster.directory, 'kus')
    expect(ok(['apply', '-k', kustomization])).toBe('configmap/k-cfg-hmg6f82fh6 created\nsecret/k-sec-hb2dth72f6 created\n')
    expect(ok(['delete', '-k', kustomization])).toBe(
      `configmap "k-cfg-hmg6f82fh6" deleted from n${namespace} namespace\nsecret "k-sec-hb2dth72f6" deleted from n${namespace} namespace\n`,
    )
  })
})

describe('replace and edit', () => {
  it('replace writes over what is there, --force makes it anew, and neither makes what is not there', () => {
    const one = MANIFEST.split('---')[0]!
    const manifest = file('one.yaml', one)
    expect(refused(['replace', '-f', manifest])).toBe(
      `Error from server (NotFound): error when replacing "${manifest}": configmaps "plain" not found\n`,
    )
    ok(['create', '-f', manifest])
    const uid = ok('get configmap plain -o jsonpath={.metadata.uid}')
    expect(ok('replace -f -', one.replace('a: "1"', 'a: "5"'))).toBe('configmap/plain replaced\n')
    expect(ok('get configmap plain -o jsonpath={.metadata.uid}/{.data.a}')).toBe(`${uid}/5`)
    expect(ok(['replace', '--force', '-f', manifest])).toBe(
      `configmap "plain" deleted from n${namespace} namespace\nconfigmap/plain replaced\n`,
    )
    expect(ok('get configmap plain -o jsonpath={.metadata.uid}')).not.toBe(uid)
  })

  it('edit writes what the editor left, and nothing when it left all as it was', () => {
    ok('create configmap c --from-literal=a=1')
    const edit = (script: string): ReturnType<TestCluster['kubectl']> => {
      const editor = file('editor.sh', `#!/bin/sh\n${script}\n`)
      return cluster.kubectl(['edit', 'configmap', 'c'], '', { KUBE_EDITOR: editor })
    }
    expect(edit('sed -i \'s/^  a: .*/  a: "77"/\' "$1"')).toEqual({ code: 0, stdout: 'configmap/c edited\n', stderr: '' })
    expect(ok('get configmap c -o jsonpath={.data.a}')).toBe('77')
    expect(edit('true').stderr).toBe('Edit cancelled, no changes made.\n')
    expect(edit('sed -i \'s/^  a: .*/  a: [1]/\' "$1"').stderr).toMatch(
      /^error: configmaps "c" is invalid\nA copy of your changes has been stored to "\S+"\nerror: Edit cancelled, no valid changes were saved\.\n$/,
    )
  })
})

describe('patch', () => {
  beforeEach(() => void ok('apply -f -', MANIFEST))

  it('takes strategic, merge and JSON patches', () => {
    expect(ok(['patch', 'configmap', 'plain', '-p', '{"data":{"z":"1"}}'])).toBe('configmap/plain patched\n')
    expect(ok(['patch', 'configmap', 'plain', '-p', '{"data":{"z":"1"}}'])).toBe('configmap/plain patched (no change)\n')
    expect(ok(['patch', 'configmap', 'plain', '--type=merge', '-p', '{"data":{"z":null}}'])).toBe('configmap/plain patched\n')
    expect(ok(['patch', 'configmap', 'plain', '--type=json', '-p', '[{"op":"add","path":"/data/y","value":"1"}]'])).toBe(
      'configmap/plain patched\n',
    )
    expect(ok('get configmap plain -o jsonpath={.data}')).toBe('{"a":"1","b":"2","y":"1"}')
    expect(
      ok(['patch', 'deployment', 'web', '-p', '{"spec":{"template":{"spec":{"containers":[{"name":"nginx","image":"nginx:1.26"}]}}}}']),
    ).toBe('deployment.apps/web patched\n')
    expect(ok('get deployment web -o jsonpath={.spec.template.spec.containers[*].image}')).toBe('nginx:1.26')
    expect(ok(['patch', 'deployment', 'web', '--subresource=scale', '--type=merge', '-p', '{"spec":{"replicas":0}}'])).toBe(
      'scale.autoscaling/web patched\n',
    )
  })

  it('says what cannot be', () => {
    expect(refused(['patch', 'configmap', 'plain', '--type=json', '-p', '[{"op":"remove","path":"/data/none"}]'])).toBe(
      'The request is invalid: the server rejected our request due to an error in our request\n',
    )
    expect(refused(['patch', 'deployment', 'web', '-p', '{"spec":{"selector":{"matchLabels":{"app":"z"}}}}'])).toBe(
      'The Deployment "web" is invalid: \n* spec.template.metadata.labels: Invalid value: {"app":"web"}: `selector` does not match template `labels`\n* spec.selector: Invalid value: {"matchLabels":{"app":"z"}}: field is immutable\n',
    )
    expect(refused(['patch', 'deployment', 'nosuch', '-p', '{}'])).toBe(
      'Error from server (NotFound): deployments.apps "nosuch" not found\n',
    )
  })
})

describe('label, annotate and set', () => {
  beforeEach(() => void ok('apply -f -', MANIFEST))

  it('label and annotate', () => {
    expect(ok('label configmap plain x=1')).toBe('configmap/plain labeled\n')
    expect(refused('label configmap plain x=2')).toBe("error: 'x' already has a value (1), and --overwrite is false\n")
    expect(ok('label configmap plain x=2 --overwrite')).toBe('configmap/plain labeled\n')
    expect(ok('label configmap plain x-')).toBe('configmap/plain unlabeled\n')
    expect(ok('label configmap plain nope-')).toBe('label "nope" not found.\nconfigmap/plain not labeled\n')
    expect(ok(['annotate', 'configmap', 'plain', 'note=a b'])).toBe('configmap/plain annotated\n')
    expect(refused('label configmap plain q=1 --resource-version=1')).toBe(
      'Error from server (Conflict): Operation cannot be fulfilled on configmaps "plain": the object has been modified; please apply your changes to the latest version and try again\n',
    )
    expect(refused(['label', 'configmap', 'plain', 'bad key=1'])).toMatch(
      /^The ConfigMap "plain" is invalid: metadata\.labels: Invalid value: "bad key": name part must consist of alphanumeric characters/,
    )
  })

  it('set image, env, resources, serviceaccount and selector', () => {
    expect(ok('set image deployment/web nginx=nginx:1.26')).toBe('deployment.apps/web image updated\n')
    expect(refused('set image deployment/web other=nginx')).toBe('error: unable to find container named "other"\n')
    expect(ok('set env deployment/web A=1 B=2')).toBe('deployment.apps/web env updated\n')
    expect(ok('set env deployment/web A-')).toBe('deployment.apps/web env updated\n')
    expect(ok('set env deployment/web --list')).toBe('# Deployment web, container nginx\nB=2\n')
    expect(ok('set resources deployment web -c=nginx --limits=cpu=200m')).toBe('deployment.apps/web resource requirements updated\n')
    expect(refused('set resources deployment web --limits=cpu=50m')).toContain(
      'spec.template.spec.containers[0].resources.requests: Invalid value: "100m": must be less than or equal to cpu limit of 50m',
    )
    ok('create serviceaccount robot')
    expect(ok('set serviceaccount deployment web robot')).toBe('deployment.apps/web serviceaccount updated\n')
    ok('create service clusterip web --tcp=80')
    expect(ok('set selector service web a=b')).toBe('service/web selector updated\n')
    expect(ok('get service web -o jsonpath={.spec.selector}')).toBe('{"a":"b"}')
  })
})

describe('delete', () => {
  it('by selector, all of a kind, and nothing', () => {
    ok('apply -f -', MANIFEST)
    ok('create configmap other --from-literal=a=1')
    expect(ok('delete deployment,configmap -l app=web')).toBe(
      `deployment.apps "web" deleted from n${namespace} namespace\nconfigmap "plain" deleted from n${namespace} namespace\n`,
    )
    expect(ok('delete configmap other --dry-run=server')).toBe(`configmap "other" deleted from n${namespace} namespace (server dry run)\n`)
    expect(ok('delete configmaps --all')).toMatch(
      /^configmap "kube-root-ca\.crt" deleted from n\d+ namespace\nconfigmap "other" deleted from n\d+ namespace\n$/,
    )
    expect(refused('delete configmap other')).toBe('Error from server (NotFound): configmaps "other" not found\n')
    expect(ok('delete configmap other --ignore-not-found')).toBe('')
  })

  it('--cascade=orphan leaves the rest, --cascade=foreground takes it first', () => {
    ok('apply -f -', MANIFEST)
    ok('rollout status deployment/web --timeout=30s')
    ok('delete deployment web --cascade=orphan')
    expect(steady(ok('get replicasets,pods -l app=web -o name'))).toMatch(/^replicaset\.apps\/web-\w+\npod\/web-\w+-xxxxx\n$/)
    expect(ok('delete replicaset -l app=web --cascade=foreground --timeout=30s')).toMatch(
      /^replicaset\.apps "web-\w+" deleted from n\d+ namespace\n$/,
    )
    expect(ok('get replicasets,pods -o name')).toBe('')
  })

  it('--force does not wait for the kubelet', () => {
    ok('run stubborn --image=nginx')
    ok('wait --for=condition=Ready pod/stubborn --timeout=30s')
    const out = cluster.kubectl('delete pod stubborn --force --grace-period=0')
    expect(out.stdout).toBe(`pod "stubborn" force deleted from n${namespace} namespace\n`)
    expect(out.stderr).toMatch(
      /^Warning: Immediate deletion does not wait for confirmation that the running resource has been terminated\./,
    )
  })
})
