import path from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { TestCluster } from '../support/cluster.js'

/** The study notes' chapter on Jobs that run several times, fail and are cleared away. */

const file = (name: string): string => path.resolve(import.meta.dirname, '../../data/seeds', name)
let cluster: TestCluster
const ok = (args: string[] | string, input?: string): string => cluster.ok(args, input)

beforeAll(async () => {
  cluster = await TestCluster.start({ args: ['--nodes', '1'] })
})
afterAll(() => cluster.stop())

it('a Job of five completions runs its pods one after the other', () => {
  ok(`create -f ${file('multi-completion-batch-job.yaml')}`)
  ok(['patch', 'clock', 'cluster', '--type=merge', '-p', '{"spec":{"jumpSeconds":900}}'])
  ok('wait --for=condition=complete job/multi-completion-batch-job --timeout=60s')
  const rows = ok([
    'get',
    'pods',
    '-l',
    'app=batch-job',
    '-o',
    'jsonpath={range .items[*]}{.status.containerStatuses[0].state.terminated.startedAt} {.status.containerStatuses[0].state.terminated.finishedAt}{"\\n"}{end}',
  ])
  const runs = rows
    .trim()
    .split('\n')
    .map((row) => row.split(' ') as [string, string])
    .sort()
  expect(runs).toHaveLength(5)
  for (const [i, [, ended]] of runs.slice(0, -1).entries()) expect(runs[i + 1]![0] >= ended).toBe(true)
  expect(ok('get job multi-completion-batch-job')).toMatch(/^multi-completion-batch-job +Complete +5\/5 +\S+ +\S+$/m)
})

it('a Job that keeps failing is given up after its backoffLimit', () => {
  const job = {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: 'failing' },
    spec: {
      backoffLimit: 2,
      template: { spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: 'busybox', command: ['false'] }] } },
    },
  }
  ok('create -f -', JSON.stringify(job))
  ok(['patch', 'clock', 'cluster', '--type=merge', '-p', '{"spec":{"jumpSeconds":120}}'])
  ok('wait --for=condition=failed job/failing --timeout=60s')
  expect(ok('get job failing -o jsonpath={.status.failed}')).toBe('3')
  expect(ok('describe job failing')).toMatch(/Warning {2}BackoffLimitExceeded .* Job has reached the specified backoff limit\n/)
})

it('all Jobs of a name are deleted in a loop, and their pods with them', async () => {
  const jobs = ok('get job --no-headers')
    .trim()
    .split('\n')
    .map((row) => row.split(/\s+/)[0]!)
  expect(jobs).toEqual(['failing', 'multi-completion-batch-job'])
  for (const job of jobs) expect(ok(`delete job ${job}`)).toBe(`job.batch "${job}" deleted from default namespace\n`)
  await expect.poll(() => cluster.kubectl('get pods').stderr, { timeout: 20_000 }).toBe('No resources found in default namespace.\n')
})
