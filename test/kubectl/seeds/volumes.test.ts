import path from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { TestCluster } from '../support/cluster.js'

/** The study notes' chapters on volumes: claims that choose their volume, directories that containers share, directories of the node. The clock runs 20 times as fast. */

const file = (name: string): string => path.resolve(import.meta.dirname, '../../data/seeds', name)
let cluster: TestCluster
const ok = (args: string[] | string, input?: string): string => cluster.ok(args, input)

beforeAll(async () => {
  cluster = await TestCluster.start({ args: ['--nodes', '1', '--speed', '20'] })
})
afterAll(() => cluster.stop())

it('a claim takes the volume that its selector names', () => {
  ok(`create -f ${file('nfs-gitlab.yaml')}`)
  ok('wait pvc/nfs-gitlab-pvc --for=jsonpath={.status.phase}=Bound --timeout=30s')
  expect(ok('get pvc nfs-gitlab-pvc --no-headers')).toMatch(/^nfs-gitlab-pvc +Bound +nfs-gitlab-pv +400Gi +RWX +<unset> +\S+\n$/)
  expect(ok('get pv nfs-gitlab-pv --no-headers')).toMatch(
    /^nfs-gitlab-pv +400Gi +RWX +Retain +Bound +default\/nfs-gitlab-pvc +<unset> +\S+\n$/,
  )
})

it('a volume that was let go is kept with what is in it, for nobody else', () => {
  ok('delete pvc nfs-gitlab-pvc')
  ok('wait pv/nfs-gitlab-pv --for=jsonpath={.status.phase}=Released --timeout=30s')
  expect(cluster.kubectl(`create -f ${file('nfs-gitlab.yaml')}`).stderr).toContain('persistentvolumes "nfs-gitlab-pv" already exists')
  expect(ok('get pvc nfs-gitlab-pvc -o jsonpath={.status.phase}')).toBe('Pending')
  ok('delete pvc/nfs-gitlab-pvc pv/nfs-gitlab-pv')
})

it('two containers share a directory', () => {
  ok(`create -f ${file('mc1.yaml')}`)
  ok('wait --for=condition=Ready pod/mc1 --timeout=30s')
  expect(ok(['exec', 'mc1', '-c', '1st', '--', 'sh', '-c', 'sleep 2; curl -s localhost | head -1'])).toMatch(
    /^\w{3} \w{3} +\d+ [\d:]{8} UTC \d{4}\n$/,
  )
})

it('a directory of the node outlives the pods that mount it', () => {
  const pod = (name: string, script: string): string =>
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name },
      spec: {
        restartPolicy: 'Never',
        containers: [
          { name: 'main', image: 'busybox', command: ['sh', '-c', script], volumeMounts: [{ name: 'data', mountPath: '/data' }] },
        ],
        volumes: [{ name: 'data', hostPath: { path: '/var/lib/docker/containers', type: '' } }],
      },
    })
  const done = (name: string): string => ok(['wait', `pod/${name}`, '--for=jsonpath={.status.phase}=Succeeded', '--timeout=30s'])
  ok('create -f -', pod('writer', 'echo kept > /data/file'))
  done('writer')
  ok('delete pod writer')
  ok('create -f -', pod('reader', 'cat /data/file'))
  done('reader')
  expect(ok('logs reader')).toBe('kept\n')
})
