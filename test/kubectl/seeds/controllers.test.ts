import path from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { TestCluster } from '../support/cluster.js'

/** The study notes' chapter on controllers: ReplicationController, ReplicaSet, DaemonSet, Job, CronJob. The clock runs 30 times as fast. */

const file = (name: string): string => path.resolve(import.meta.dirname, '../../data/seeds', name)
let cluster: TestCluster
const ok = (args: string[] | string, input?: string): string => cluster.ok(args, input)
const until = (what: string, path: string, value: string): string => ok(['wait', what, `--for=jsonpath=${path}=${value}`, '--timeout=30s'])
const names = (selector: string): string[] => ok(`get pods -l ${selector} -o name`).trim().split('\n').filter(Boolean)

beforeAll(async () => {
  cluster = await TestCluster.start({ args: ['--speed', '30'] })
  ok(`create -f ${file('batch-job.yaml')} -f ${file('multi-completion-parallel-batch-job.yaml')}`)
})
afterAll(() => cluster.stop())

it('a replication controller replaces what leaves its selector and deletes what strays into it', () => {
  expect(cluster.kubectl(`create -f ${file('kubia-rc-mismatch.yaml')}`)).toMatchObject({
    code: 1,
    stderr:
      'The ReplicationController "kubia-rc" is invalid: spec.template.metadata.labels: Invalid value: {"app":"kubia"}: `selector` does not match template `labels`\n',
  })
  expect(ok(`create -f ${file('kubia-rc.yaml')}`)).toBe('replicationcontroller/kubia created\n')
  until('rc/kubia', '{.status.readyReplicas}', '3')
  const [moved] = names('app=kubia') as [string]
  ok(`label ${moved} env=dev`)
  expect(names('app=kubia')).toHaveLength(3)
  ok(`label ${moved} app=kubia-dev --overwrite`)
  until('rc/kubia', '{.status.readyReplicas}', '3')
  expect(ok(`get ${moved} -o jsonpath={.metadata.ownerReferences}`)).toBe('')
  ok(`create -f ${file('kubia-stray.yaml')}`)
  ok('wait --for=delete pod/kubia-gpu --timeout=30s')
  expect(ok('describe rc kubia')).toMatch(/Normal {2}SuccessfulDelete .* replication-controller {2}Deleted pod: kubia-gpu\n/)
})

it('it scales, leaves its pods behind and takes them up again', () => {
  expect(ok('scale rc kubia --replicas=5')).toBe('replicationcontroller/kubia scaled\n')
  until('rc/kubia', '{.status.readyReplicas}', '5')
  ok('scale rc kubia --replicas=3')
  until('rc/kubia', '{.status.replicas}', '3')
  const out = cluster.kubectl('delete rc kubia --cascade=false')
  expect(out).toEqual({
    code: 0,
    stdout: 'replicationcontroller "kubia" deleted from default namespace\n',
    stderr: 'warning: --cascade=false is deprecated (boolean value) and can be replaced with --cascade=orphan.\n',
  })
  ok(`create -f ${file('kubia-rc.yaml')}`)
  until('rc/kubia', '{.status.readyReplicas}', '3')
  expect(ok('describe rc kubia')).toMatch(/\nEvents: +<none>\n$/)
  ok('delete rc kubia --cascade=orphan')
})

it('a replica set of today takes up the pods of a replication controller; the version of the notes is gone', () => {
  expect(cluster.kubectl(`create -f ${file('kubia-replicaset-v1beta2.yaml')}`)).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('no matches for kind "ReplicaSet" in version "apps/v1beta2"\nensure CRDs are installed first\n'),
  })
  expect(ok('api-versions').split('\n')).toContain('apps/v1')
  expect(cluster.kubectl('rolling-update kubia').stderr).toBe('error: unknown command "rolling-update" for "kubectl"\n')
  ok(`create -f ${file('kubia-replicaset.yaml')}`)
  until('rs/kubia', '{.status.readyReplicas}', '3')
  expect(ok('describe rs kubia')).toMatch(/\nEvents: +<none>\n$/)
  ok('delete rs kubia')
})

it('the richer selector of a replica set is a list of expressions, whose operators begin with a capital', () => {
  const selecting = (selector: object): string =>
    JSON.stringify({
      apiVersion: 'apps/v1',
      kind: 'ReplicaSet',
      metadata: { name: 'kubia' },
      spec: {
        replicas: 1,
        selector,
        template: { metadata: { labels: { app: 'kubia' } }, spec: { containers: [{ name: 'kubia', image: 'luksa/kubia' }] } },
      },
    })
  const expressions = (operator: string): object[] => [{ key: 'app', operator, values: ['kubia'] }]
  // As the notes have it.
  expect(cluster.kubectl('create -f -', selecting({ matchLabels: expressions('in') })).stderr).toContain(
    'json: cannot unmarshal array into Go struct field LabelSelector.spec.selector.matchLabels of type map[string]string',
  )
  expect(cluster.kubectl('create -f -', selecting({ matchExpressions: expressions('in') })).stderr).toContain(
    '* spec.selector.matchExpressions[0].operator: Invalid value: "in": not a valid selector operator\n',
  )
  ok('create -f -', selecting({ matchExpressions: expressions('In') }))
  until('rs/kubia', '{.status.replicas}', '1')
  ok('delete rs kubia')
})

it('a daemon set follows the labels of nodes', () => {
  ok(`create -f ${file('ssd-monitor.yaml')}`)
  expect(names('app=ssd-monitor')).toEqual([])
  ok('label nodes drydock-m02 disk=ssd')
  until('ds/ssd-monitor', '{.status.numberReady}', '1')
  expect(ok('get pods -l app=ssd-monitor -o jsonpath={.items[*].spec.nodeName}')).toBe('drydock-m02')
  expect(ok('logs -l app=ssd-monitor --tail=1')).toBe('SSD OK\n')
  ok('label nodes drydock-m02 disk=hdd --overwrite')
  ok('wait --for=delete pod -l app=ssd-monitor --timeout=30s')
})

it('jobs run once, and five times two at a time', () => {
  ok('wait --for=condition=complete job/batch-job --timeout=30s')
  expect(ok('logs job/batch-job')).toMatch(
    /^\w{3} \w{3} +\d+ [\d:]{8} UTC \d{4} Batch job starting\n\w{3} \w{3} +\d+ [\d:]{8} UTC \d{4} Finished succesfully\n$/,
  )
  ok('wait --for=condition=complete job/multi-completion-batch-job --timeout=30s')
  expect(ok('get job multi-completion-batch-job -o jsonpath={.status.succeeded}')).toBe('5')
  expect(names('batch.kubernetes.io/job-name=multi-completion-batch-job')).toHaveLength(5)
})

it('the cron job of the notes needs its version of today, and starts a job on the quarter of an hour', () => {
  expect(cluster.kubectl(`create -f ${file('cronjob-v1beta1.yaml')}`).stderr).toContain(
    'no matches for kind "CronJob" in version "batch/v1beta1"',
  )
  ok(`create -f ${file('cronjob.yaml')}`)
  ok(['patch', 'clock', 'cluster', '--type=merge', '-p', '{"spec":{"speed":120}}'])
  ok(['wait', 'cronjob/batch-job-every-fifteen-minutes', '--for=jsonpath={.status.lastScheduleTime}', '--timeout=30s'])
  expect(ok('get cronjob batch-job-every-fifteen-minutes -o jsonpath={.status.lastScheduleTime}')).toMatch(/:(00|15|30|45):00Z$/)
})
