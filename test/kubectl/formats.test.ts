import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { TestCluster } from './support/cluster.js'
import { steady } from './support/text.js'

/** What goes in from files and comes out in other formats: generators, kustomize, apply with pruning, output formats, kubeconfigs. */

const DEPLOYMENT = `apiVersion: apps/v1
kind: Deployment
metadata: {name: web, labels: {app: web}}
spec: {replicas: 1, selector: {matchLabels: {app: web}}, template: {metadata: {labels: {app: web}}, spec: {containers: [{name: nginx, image: "nginx:1.25"}]}}}
`
const member = (name: string): string => `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}, labels: {set: a}}\n`

let cluster: TestCluster
const ok = (args: string[] | string, input?: string): string => cluster.ok(args, input)
const file = (name: string, text: string): string => {
  const to = path.join(cluster.directory, name)
  fs.mkdirSync(path.dirname(to), { recursive: true })
  fs.writeFileSync(to, text)
  return to
}

beforeAll(async () => {
  cluster = await TestCluster.start({ args: ['--seed', '1'] })
  ok('create namespace team')
  ok('config set-context --current --namespace=team')
  ok('create configmap settings --from-literal=color=blue --from-literal=size=2')
  ok('label configmap settings app=web')
  ok('create -f -', DEPLOYMENT)
})
afterAll(async () => {
  await cluster?.stop()
})

describe('get', () => {
  it('-o kyaml, jsonpath-as-json, and templates from files', () => {
    expect(steady(ok('get configmap settings -o kyaml')).replace(/resourceVersion: "\d+"/, 'resourceVersion: "N"')).toBe(`---
{
  apiVersion: "v1",
  data: {
    color: "blue",
    size: "2",
  },
  kind: "ConfigMap",
  metadata: {
    creationTimestamp: "TIME",
    labels: {
      app: "web",
    },
    name: "settings",
    namespace: "team",
    resourceVersion: "N",
    uid: "UID",
  },
}
`)
    expect(JSON.parse(ok('get configmap settings -o jsonpath-as-json={.data}'))).toEqual([{ color: 'blue', size: '2' }])
    expect(ok(`get configmap settings -o jsonpath-file=${file('path', '{.data.color}\n')}`)).toBe('blue\n')
    expect(ok(`get configmap settings -o go-template-file=${file('template', '{{.data.size}}')}`)).toBe('2')
    expect(ok(`get configmap settings -o custom-columns-file=${file('columns', 'NAME COLOR\n.metadata.name .data.color\n')}`)).toBe(
      'NAME       COLOR\nsettings   blue\n',
    )
  })

  it('of all namespaces, sorted, in the order of a field', () => {
    ok('create configmap a-second --from-literal=size=1')
    const columns = '-o custom-columns=NAMESPACE:.metadata.namespace --no-headers'
    expect(ok(`get configmaps -A --field-selector=metadata.name=kube-root-ca.crt --sort-by=.metadata.namespace ${columns}`)).toBe(
      'default\nkube-node-lease\nkube-public\nkube-system\nteam\n',
    )
    expect(ok('get configmaps -l !nothing --field-selector=metadata.name!=kube-root-ca.crt --sort-by=.data.size -o name')).toBe(
      'configmap/a-second\nconfigmap/settings\n',
    )
    expect(ok('label configmap settings --list')).toBe('app=web\n')
  })

  it('--raw hands through what the server says', () => {
    expect(ok('get --raw /healthz')).toBe('ok')
    expect(ok('get --raw /readyz?verbose').trim().split('\n').at(-1)).toBe('readyz check passed')
  })
})

describe('create', () => {
  it('--dry-run=client prints what it would send, and the server is not asked', () => {
    expect(ok('create configmap settings --from-literal=color=red --dry-run=client -o yaml')).toBe(
      'apiVersion: v1\ndata:\n  color: red\nkind: ConfigMap\nmetadata:\n  name: settings\n',
    )
    expect(cluster.kubectl('create configmap settings --from-literal=color=red --dry-run=server').stderr).toBe(
      'error: failed to create configmap: configmaps "settings" already exists\n',
    )
  })

  it('takes files, folders of them and environments', () => {
    const env = file('env', 'A=1\nB=2\n')
    ok(`create configmap files --from-file=${env} --from-file=key=${env}`)
    ok(`create configmap vars --from-env-file=${env}`)
    expect(JSON.parse(ok('get configmap files -o jsonpath={.data}'))).toEqual({ env: 'A=1\nB=2\n', key: 'A=1\nB=2\n' })
    expect(JSON.parse(ok('get configmap vars -o jsonpath={.data}'))).toEqual({ A: '1', B: '2' })
    const [key, certificate] = [path.join(cluster.directory, 'key.pem'), path.join(cluster.directory, 'certificate.pem')]
    const made = [
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:prime256v1',
      '-nodes',
      '-keyout',
      key,
      '-out',
      certificate,
      '-subj',
      '/CN=a',
    ]
    expect(spawnSync('openssl', ['req', '-x509', ...made]).status).toBe(0)
    expect(ok(`create secret tls pair --cert=${certificate} --key=${key}`)).toBe('secret/pair created\n')
    expect(ok('get secret pair -o jsonpath={.type}')).toBe('kubernetes.io/tls')
    const wrong = JSON.stringify({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'half' }, type: 'kubernetes.io/tls' })
    expect(cluster.kubectl('create -f -', wrong).stderr).toBe(
      'The Secret "half" is invalid: \n* data[tls.crt]: Required value\n* data[tls.key]: Required value\n',
    )
  })
})

it('kustomize builds, and the server takes what it built', () => {
  file('kus/base/web.yaml', DEPLOYMENT)
  file('kus/base/kustomization.yaml', 'resources: [web.yaml]\n')
  file(
    'kus/kustomization.yaml',
    'resources: [base]\nnamePrefix: my-\nlabels: [{pairs: {team: a}}]\nimages: [{name: nginx, newTag: "1.27"}]\nreplicas: [{name: web, count: 0}]\n',
  )
  const built = ok(['kustomize', path.join(cluster.directory, 'kus')])
  expect(built).toBe(`apiVersion: apps/v1
kind: Deployment
metadata:
  labels:
    app: web
    team: a
  name: my-web
spec:
  replicas: 0
  selector:
    matchLabels:
      app: web
  template:
    metadata:
      labels:
        app: web
    spec:
      containers:
      - image: nginx:1.27
        name: nginx
`)
  expect(ok('apply -f -', built)).toBe('deployment.apps/my-web created\n')
  expect(ok(['diff', '-k', path.join(cluster.directory, 'kus')])).toBe('')
})

describe('apply', () => {
  it('--prune deletes what is no longer there, of a label', () => {
    expect(ok('apply --prune -l set=a -f -', `${member('one')}---\n${member('two')}`)).toBe(
      'configmap/one created\nconfigmap/two created\n',
    )
    expect(ok('apply --prune -l set=a -f -', member('one'))).toBe('configmap/one unchanged\nconfigmap/two pruned\n')
  })

  it('--applyset keeps what it applied in a Secret', () => {
    const apply = (text: string): string => {
      const out = cluster.kubectl('apply --prune --applyset=mine --namespace=team -f -', text, { KUBECTL_APPLYSET: 'true' })
      expect(out.stderr).toBe('')
      return out.stdout
    }
    expect(apply(`${member('three')}---\n${member('four')}`)).toBe('configmap/three created\nconfigmap/four created\n')
    expect(apply(member('three'))).toBe('configmap/three unchanged\nconfigmap/four pruned\n')
    expect(JSON.parse(ok('get secret mine -o jsonpath={.metadata.annotations}'))).toEqual({
      'applyset.kubernetes.io/additional-namespaces': '',
      'applyset.kubernetes.io/contains-group-kinds': 'ConfigMap',
      'applyset.kubernetes.io/tooling': 'kubectl/v1.35.2',
    })
  })

  it('last-applied is set and edited', () => {
    const manifest = file(
      'settings.yaml',
      'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings, namespace: team}\ndata: {color: green}\n',
    )
    expect(ok(['apply', 'set-last-applied', '-f', manifest, '--create-annotation'])).toBe('configmap/settings configured\n')
    expect(ok('apply view-last-applied configmap/settings')).toBe(
      'apiVersion: v1\ndata:\n  color: green\nkind: ConfigMap\nmetadata:\n  name: settings\n  namespace: team\n',
    )
  })
})

describe('--subresource and --field-manager', () => {
  it('status is applied, patched and read by itself', () => {
    const status = `apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nstatus: {conditions: [{type: Tested, status: "True"}]}\n`
    expect(ok('apply --server-side --subresource=status --field-manager=tester -f -', status)).toBe(
      'deployment.apps/web serverside-applied\n',
    )
    expect(ok(['patch', 'deployment', 'web', '--subresource=status', '--type=merge', '-p', '{"status":{"collisionCount":3}}'])).toBe(
      'deployment.apps/web patched\n',
    )
    expect(ok('get deployment web --subresource=status -o jsonpath={.status.collisionCount}')).toBe('3')
    const managers = '{range .metadata.managedFields[?(@.subresource=="status")]}{.manager} {.operation}{"\\n"}{end}'
    expect(
      ok(['get', 'deployment', 'web', '--show-managed-fields', '-o', `jsonpath=${managers}`])
        .trim()
        .split('\n')
        .sort(),
    ).toEqual(['kube-controller-manager Update', 'kubectl-patch Update', 'tester Apply'])
    expect(cluster.kubectl('get configmap settings --subresource=status').stderr).toBe(
      'Error from server (NotFound): the server could not find the requested resource\n',
    )
  })

  it('a server-side diff tells who has what it would change', () => {
    const diff = cluster.kubectl('diff --server-side -f -', DEPLOYMENT.replace('nginx:1.25', 'nginx:1.26'))
    expect([diff.code, diff.stderr.split('\n').slice(-2)[0]]).toEqual([
      2,
      'Error from server (Conflict): Apply failed with 1 conflict: conflict with "kubectl-create" using apps/v1: .spec.template.spec.containers[name="nginx"].image',
    ])
  })
})

it('config sets, renames, uses, unsets and deletes', () => {
  expect(ok('config set-cluster quay --server=https://127.0.0.1:1')).toBe('Cluster "quay" set.\n')
  expect(ok('config set-credentials guest --token=t')).toBe('User "guest" set.\n')
  expect(ok('config set-context old --cluster=quay --user=guest')).toBe('Context "old" created.\n')
  expect(ok('config rename-context old new')).toBe('Context "old" renamed to "new".\n')
  expect(ok('config use-context new')).toBe('Switched to context "new".\n')
  expect(ok('config current-context')).toBe('new\n')
  expect(ok('config use-context drydock')).toBe('Switched to context "drydock".\n')
  // kubectl takes both from a Go map.
  const named = (what: string): string[] => ok(`config ${what}`).trim().split('\n').sort()
  expect(named('get-clusters')).toEqual(['NAME', 'drydock', 'quay'])
  expect(named('get-users')).toEqual(['NAME', 'drydock', 'guest'])
  expect(ok('config set contexts.new.namespace n')).toBe('Property "contexts.new.namespace" set.\n')
  expect(ok('config unset contexts.new.namespace')).toBe('Property "contexts.new.namespace" unset.\n')
  expect(ok('config delete-context new')).toBe(`deleted context new from ${cluster.kubeconfig}\n`)
  expect(ok('config delete-user guest')).toBe(`deleted user guest from ${cluster.kubeconfig}\n`)
  expect(ok('config delete-cluster quay')).toBe(`deleted cluster quay from ${cluster.kubeconfig}\n`)
  expect(ok('config view --minify -o jsonpath={.contexts[*].name}')).toBe('drydock')
})
