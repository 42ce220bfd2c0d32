import path from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { TestCluster } from '../support/cluster.js'

/** The study notes' chapter on Deployments: replicas, an update, its history and the way back. The clock runs 20 times as fast. */

const file = (name: string): string => path.resolve(import.meta.dirname, '../../data/seeds', name)
let cluster: TestCluster
const ok = (args: string[] | string, input?: string): string => cluster.ok(args, input)

beforeAll(async () => {
  cluster = await TestCluster.start({ args: ['--nodes', '2', '--speed', '20'] })
})
afterAll(() => cluster.stop())

const imageOf = (): string => ok('get deployment nginx-deployment -o jsonpath={.spec.template.spec.containers[0].image}')

it('a Deployment keeps its pods through a ReplicaSet that nobody else manages', () => {
  expect(ok(`create -f ${file('nginx-deployment.yaml')}`)).toBe('deployment.apps/nginx-deployment created\n')
  expect(ok('rollout status deployment/nginx-deployment --timeout=60s')).toMatch(/deployment "nginx-deployment" successfully rolled out\n$/)
  expect(ok('get deployment nginx-deployment --no-headers')).toMatch(/^nginx-deployment +2\/2 +2 +2 +\S+\n$/)
  const hash = ok('get rs -l app=nginx -o jsonpath={.items[0].metadata.labels.pod-template-hash}')
  expect(ok('get rs -l app=nginx -o name')).toBe(`replicaset.apps/nginx-deployment-${hash}\n`)
  expect(ok('get pods -l app=nginx -o jsonpath={.items[*].metadata.ownerReferences[0].name}').split(' ')).toEqual([
    `nginx-deployment-${hash}`,
    `nginx-deployment-${hash}`,
  ])
  expect(ok('describe deployment nginx-deployment')).toMatch(
    new RegExp(`Normal {2}ScalingReplicaSet .* deployment-controller {2}Scaled up replica set nginx-deployment-${hash} from 0 to 2\n`),
  )
})

it('each update is a revision of its history, shown with its template', () => {
  expect(ok('set image deployment/nginx-deployment nginx=nginx:1.9.1')).toBe('deployment.apps/nginx-deployment image updated\n')
  ok(['annotate', 'deployment/nginx-deployment', 'kubernetes.io/change-cause=image updated to 1.9.1'])
  ok('rollout status deployment/nginx-deployment --timeout=60s')
  expect(ok('rollout history deployment/nginx-deployment')).toBe(
    'deployment.apps/nginx-deployment \nREVISION  CHANGE-CAUSE\n1         <none>\n2         image updated to 1.9.1\n\n',
  )
  const hash = ok(
    'get rs -l app=nginx -o jsonpath={.items[?(@.metadata.annotations.deployment\\.kubernetes\\.io/revision=="2")].metadata.labels.pod-template-hash}',
  )
  expect(ok('rollout history deployment/nginx-deployment --revision=2')).toBe(
    `deployment.apps/nginx-deployment with revision #2
Pod Template:
  Labels:	app=nginx
	pod-template-hash=${hash}
  Annotations:	kubernetes.io/change-cause: image updated to 1.9.1
  Containers:
   nginx:
    Image:	nginx:1.9.1
    Port:	80/TCP
    Host Port:	0/TCP
    Environment:	<none>
    Mounts:	<none>
  Volumes:	<none>
  Node-Selectors:	<none>
  Tolerations:	<none>

`,
  )
})

it('an update that goes wrong is undone, to the one before or to a revision by its number', () => {
  ok('set image deployment/nginx-deployment nginx=nginx:0.0.1')
  ok([
    'wait',
    'deployment/nginx-deployment',
    '--for=jsonpath={.status.conditions[?(@.type=="Progressing")].reason}=ReplicaSetUpdated',
    '--timeout=30s',
  ])
  // The default of a quarter lets one pod too many start, and takes none away before it runs.
  expect(ok('get deployment nginx-deployment -o jsonpath={.status.availableReplicas}')).toBe('2')
  expect(ok('rollout undo deployment/nginx-deployment')).toBe('deployment.apps/nginx-deployment rolled back\n')
  ok('rollout status deployment/nginx-deployment --timeout=60s')
  expect(imageOf()).toBe('nginx:1.9.1')
  expect(ok('rollout undo deployment/nginx-deployment --to-revision=1')).toBe('deployment.apps/nginx-deployment rolled back\n')
  ok('rollout status deployment/nginx-deployment --timeout=60s')
  expect(imageOf()).toBe('nginx:1.7.9')
  expect(ok('rollout history deployment/nginx-deployment').match(/^\d+/gm)).toEqual(['3', '4', '5'])
})

it('it is paused, changed twice, and resumed as one update', () => {
  ok('rollout pause deployment/nginx-deployment')
  ok('set image deployment/nginx-deployment nginx=nginx:1.25')
  ok('set resources deployment/nginx-deployment -c=nginx --limits=cpu=200m,memory=512Mi')
  expect(ok('rollout history deployment/nginx-deployment').match(/^\d+/gm)).toEqual(['3', '4', '5'])
  expect(ok('rollout resume deployment/nginx-deployment')).toBe('deployment.apps/nginx-deployment resumed\n')
  ok('rollout status deployment/nginx-deployment --timeout=60s')
  expect(ok('rollout history deployment/nginx-deployment').match(/^\d+/gm)).toEqual(['3', '4', '5', '6'])
  expect(ok('delete deployment nginx-deployment')).toBe('deployment.apps "nginx-deployment" deleted from default namespace\n')
  ok('wait --for=delete pod -l app=nginx --timeout=60s')
})
