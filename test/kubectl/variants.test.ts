import fs from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { TestCluster } from './support/cluster.js'
import { steady, table } from './support/text.js'

/** The less common ways of kubectl's commands: subresources, whole collections, dry runs, types of events, waiting. */

let cluster: TestCluster
let namespace = 0
const ok = (args: string[] | string, input?: string): string => cluster.ok(args, input)
const refused = (args: string[] | string, input?: string): string => {
  const out = cluster.kubectl(args, input)
  expect(out.code, out.stdout).not.toBe(0)
  return out.stderr
}
const file = (name: string, text: string): string => {
  const to = path.join(cluster.directory, name)
  fs.writeFileSync(to, text, { mode: 0o755 })
  return to
}

const map = (name: string): string => `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}}\n`

beforeAll(async () => {
  cluster = await TestCluster.start({ args: ['--seed', '1'] })
})
afterAll(async () => {
  await cluster?.stop()
})
/** Each test has a namespace of its own, the one of the current context. */
beforeEach(() => {
  ok(`create namespace v${++namespace}`)
  ok(`config set-context --current --namespace=v${namespace}`)
})

describe('--subresource', () => {
  const edit = (args: string, script: string): ReturnType<TestCluster['kubectl']> =>
    cluster.kubectl(`edit ${args}`, '', { KUBE_EDITOR: file('editor.sh', `#!/bin/sh\n${script}\n`) })
  const pods = '-o jsonpath={.spec.replicas}:{.status.collisionCount}'

  it('edit and replace write the status and leave the rest', () => {
    ok('create deployment web --image=nginx --replicas=0')
    expect(
      edit('deployment web --subresource=status', `sed -i 's/^status:/status:\\n  collisionCount: 5/; s/replicas: 0/replicas: 9/' "$1"`),
    ).toEqual({
      code: 0,
      stdout: 'deployment.apps/web edited\n',
      stderr: '',
    })
    expect(ok(`get deployment web ${pods}`)).toBe('0:5')
    const changed = ok('get deployment web -o json').replace('"collisionCount": 5', '"collisionCount": 6')
    expect(ok('replace --subresource=status -f -', changed.replace('"replicas": 0', '"replicas": 7'))).toBe(
      'deployment.apps/web replaced\n',
    )
    expect(ok(`get deployment web ${pods}`)).toBe('0:6')
    expect(refused('replace --subresource=status -f -', map('none'))).toBe(
      'Error from server (NotFound): error when replacing "STDIN": the server could not find the requested resource\n',
    )
  })

  it('patch and get read and write the scale', () => {
    ok('create deployment web --image=nginx --replicas=1')
    expect(
      ok([
        'patch',
        'deployment',
        'web',
        '--subresource=scale',
        '--type=json',
        '-p',
        '[{"op":"replace","path":"/spec/replicas","value":2}]',
      ]),
    ).toBe('scale.autoscaling/web patched\n')
    expect(ok('get deployment web --subresource=scale -o jsonpath={.kind}:{.spec.replicas}')).toBe('Scale:2')
  })
})

describe('label and annotate', () => {
  beforeEach(() => {
    ok('delete configmap kube-root-ca.crt --ignore-not-found --wait=false')
    ok('apply -f -', `${map('a')}---\n${map('b')}`)
    ok('wait --for=create configmap/kube-root-ca.crt --timeout=20s')
  })
  const all = (what: string): string => ['a', 'b', 'kube-root-ca.crt'].map((name) => `configmap/${name} ${what}\n`).join('')

  it('take all of a kind, those of a selector, and what is in a file', () => {
    expect(ok('label configmaps --all team=x')).toBe(all('labeled'))
    expect(ok('label configmaps -l team=x team-')).toBe(all('unlabeled'))
    expect(ok('label configmaps --field-selector=metadata.name=b only=b --dry-run=server')).toBe('configmap/b labeled (server dry run)\n')
    expect(ok(['label', '-f', '-', '--local', 'foo=bar', '-o', 'jsonpath={.metadata.labels}'], map('a'))).toBe('{"foo":"bar"}')
    expect(ok('annotate configmaps --all x=y')).toBe(all('annotated'))
    expect(ok('annotate -f - --local note=z -o yaml', map('a'))).toBe(
      'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  annotations:\n    note: z\n  name: a\n',
    )
    expect(ok('get configmap a -o jsonpath={.metadata.labels}')).toBe('')
  })

  it('annotations are set, listed, overwritten and taken away', () => {
    expect(ok('annotate configmap a note=1 other=2')).toBe('configmap/a annotated\n')
    expect(refused('annotate configmap a note=3')).toBe(
      "error: --overwrite is false but found the following declared annotation(s): 'note' already has a value (1)\n",
    )
    expect(ok('annotate configmap a note=3 --overwrite')).toBe('configmap/a annotated\n')
    expect(ok('annotate configmap a kubectl.kubernetes.io/last-applied-configuration- --overwrite')).toBe('configmap/a annotated\n')
    // kubectl takes them from a Go map.
    expect(ok('annotate configmap a --list').trim().split('\n').sort()).toEqual(['note=3', 'other=2'])
    expect(ok('annotate configmap a note- --dry-run=client')).toBe('configmap/a annotated (dry run)\n')
    expect(ok('annotate configmap a note-')).toBe('configmap/a annotated\n')
    expect(refused('annotate configmap a q=1 --resource-version=1')).toBe(
      'Error from server (Conflict): Operation cannot be fulfilled on configmaps "a": the object has been modified; please apply your changes to the latest version and try again\n',
    )
    expect(refused(['annotate', 'configmap', 'a', 'bad key=1'])).toBe(
      "The ConfigMap \"a\" is invalid: metadata.annotations: Invalid value: \"bad key\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')\n",
    )
  })
})

describe('set', () => {
  it('subject, env from an object, image of all, and dry runs', () => {
    ok('create rolebinding rb --clusterrole=view --user=u')
    expect(ok(`set subject rolebinding rb --user=v --group=g --serviceaccount=v${namespace}:default`)).toBe(
      'rolebinding.rbac.authorization.k8s.io/rb subjects updated\n',
    )
    expect(ok('get rolebinding rb -o jsonpath={.subjects[*].name}')).toBe('u v g default')
    ok('create deployment web --image=nginx --replicas=0')
    ok('create configmap a --from-literal=x=1')
    expect(cluster.kubectl('set env deployment/web --from=configmap/a --prefix=P_')).toEqual({
      code: 0,
      stdout: 'deployment.apps/web env updated\n',
      stderr: 'Warning: key x transferred to X\n',
    })
    expect(ok('set env deployment/web --list')).toBe('# Deployment web, container nginx\n# P_X from configmap a, key x\n')
    expect(ok('set env deployment/web --list --resolve')).toBe('# Deployment web, container nginx\nP_X=1\n')
    expect(ok(['set', 'image', 'deployment/web', '*=nginx:1.26', '--dry-run=server'])).toBe(
      'deployment.apps/web image updated (server dry run)\n',
    )
    expect(ok('set image deployments --all nginx=nginx:1.25')).toBe('deployment.apps/web image updated\n')
    expect(ok('set resources deployment web --requests=cpu=10m,memory=16Mi --dry-run=client')).toBe(
      'deployment.apps/web resource requirements updated (dry run)\n',
    )
    expect(refused('set selector service nosuch a=b')).toBe('Error from server (NotFound): services "nosuch" not found\n')
  })
})

describe('delete', () => {
  it('several by name, from a file, raw, and with options', () => {
    ok('apply -f -', `${map('a')}---\n${map('b')}---\n${map('c')}`)
    expect(ok('delete configmap a b --wait=false')).toBe(
      `configmap "a" deleted from v${namespace} namespace\nconfigmap "b" deleted from v${namespace} namespace\n`,
    )
    expect(refused('delete cm/nosuch secret/nosuch')).toBe(
      'Error from server (NotFound): configmaps "nosuch" not found\nError from server (NotFound): secrets "nosuch" not found\n',
    )
    expect(cluster.kubectl('delete configmaps --field-selector metadata.name=zz')).toEqual({
      code: 0,
      stdout: 'No resources found\n',
      stderr: '',
    })
    expect(refused('delete configmap')).toBe('error: resource(s) were provided, but no name was specified\n')
    expect(ok('delete -f - --cascade=background', map('c'))).toBe(`configmap "c" deleted from v${namespace} namespace\n`)
    ok('create -f -', map('d'))
    expect(JSON.parse(ok(`delete --raw /api/v1/namespaces/v${namespace}/configmaps/d`))).toMatchObject({
      kind: 'Status',
      status: 'Success',
    })
  })

  it('--now and --grace-period shorten the end of a pod', () => {
    ok('run p --image=nginx')
    ok('wait --for=condition=Ready pod/p --timeout=30s')
    expect(ok('delete pod p --now --wait=false')).toBe(`pod "p" deleted from v${namespace} namespace\n`)
    ok('wait --for=delete pod/p --timeout=30s')
    expect(refused('delete pod p --grace-period=0')).toContain('Error from server (NotFound): pods "p" not found\n')
  })
})

describe('wait', () => {
  it('says what it waited for in vain', () => {
    expect(refused('wait --for=create configmap/late --timeout=1s')).toBe('error: timed out waiting for the condition\n')
    expect(refused(['wait', '--for=jsonpath={.data.x}=2', 'configmap/kube-root-ca.crt', '--timeout=3s'])).toBe(
      'error: timed out waiting for the condition on configmaps/kube-root-ca.crt\n',
    )
    expect(refused('wait --for=delete configmap/kube-root-ca.crt --timeout=3s')).toBe(
      'error: timed out waiting for the condition on configmaps/kube-root-ca.crt\n',
    )
    expect(refused('wait --for=condition=Ready pod -l app=none')).toBe('error: no matching resources found\n')
    expect(ok(['wait', '--for=jsonpath={.metadata.name}', 'configmap/kube-root-ca.crt'])).toBe('configmap/kube-root-ca.crt condition met\n')
  })

  it('sees what is made and deleted while it waits', async () => {
    const made = cluster.kubectlAsync('wait --for=create configmap/late --timeout=30s')
    ok('create -f -', map('late'))
    expect(await made).toEqual({ code: 0, stdout: 'configmap/late condition met\n', stderr: '' })
    const gone = cluster.kubectlAsync('wait --for=delete configmap/late --timeout=30s')
    ok('delete configmap late')
    // Deleted before it looked, there is nothing to say.
    expect(await gone).toMatchObject({ code: 0, stderr: '' })
  })
})

describe('events', () => {
  it('of a type, of an object, as they come', async () => {
    ok('create deployment web --image=nginx')
    ok('set serviceaccount deployment web nosuch')
    const watch = cluster.start('events --types=Warning -w')
    await watch.until(/Warning +FailedCreate +ReplicaSet\/web-/)
    await watch.stop()
    const [heading, first] = table(ok('events --types=Warning'))
    expect(heading).toEqual(['LAST SEEN', 'TYPE', 'REASON', 'OBJECT', 'MESSAGE'])
    const set = first![3]!.slice('ReplicaSet/'.length)
    // Admission refuses before a name is drawn.
    expect(first!.slice(1)).toEqual([
      'Warning',
      'FailedCreate',
      `ReplicaSet/${set}`,
      `Error creating: pods "${set}-" is forbidden: error looking up service account v${namespace}/nosuch: serviceaccount "nosuch" not found`,
    ])
    expect(cluster.kubectl('events --for pod/nosuch')).toEqual({
      code: 0,
      stdout: '',
      stderr: `No events found in v${namespace} namespace.\n`,
    })
    expect(refused('events --types=Bogus')).toBe('error: valid --types are Normal or Warning\n')
  })
})

describe('config', () => {
  it('lists contexts, and says which are not there', () => {
    expect(steady(ok('config get-contexts'))).toBe(
      `CURRENT  NAME  CLUSTER  AUTHINFO  NAMESPACE\n*  drydock  drydock  drydock  v${namespace}\n`,
    )
    expect(refused('config get-contexts nosuch')).toBe('error: context nosuch not found\n')
    expect(refused('config use-context nosuch')).toBe('error: no context exists with the name: "nosuch"\n')
    expect(refused('config rename-context a b')).toBe(`error: cannot rename the context "a", it's not in ${cluster.kubeconfig}\n`)
    expect(refused('config delete-context a')).toBe(`error: cannot delete context a, not in ${cluster.kubeconfig}\n`)
    expect(ok('config view --flatten --minify -o jsonpath={.users[0].name}')).toBe('drydock')
  })
})

describe('what every cluster registers', () => {
  it('API services, flow schemas, priority levels', () => {
    expect(steady(ok('get apiservices v1. v1.apps v1beta1.metrics.k8s.io v2.autoscaling'))).toBe(
      'NAME  SERVICE  AVAILABLE  AGE\nv1.  Local  True  AGE\nv1.apps  Local  True  AGE\nv1beta1.metrics.k8s.io  Local  True  AGE\nv2.autoscaling  Local  True  AGE\n',
    )
    expect(steady(ok('get flowschemas exempt global-default'))).toBe(
      'NAME  PRIORITYLEVEL  MATCHINGPRECEDENCE  DISTINGUISHERMETHOD  AGE  MISSINGPL\nexempt  exempt  1  <none>  AGE  False\nglobal-default  global-default  9900  ByUser  AGE  False\n',
    )
    expect(steady(ok('get prioritylevelconfigurations exempt system'))).toBe(
      'NAME  TYPE  NOMINALCONCURRENCYSHARES  QUEUES  HANDSIZE  QUEUELENGTHLIMIT  AGE\nexempt  Exempt  <none>  <none>  <none>  <none>  AGE\nsystem  Limited  30  64  6  50  AGE\n',
    )
  })
})
