import { afterAll, beforeAll, expect, it } from 'vitest'
import { TestCluster } from '../support/cluster.js'

/** The study notes' chapters on autoscaling and resources: a Deployment as JSON, `kubectl autoscale`, and wget as a load. The clock runs 30 times as fast. */

let cluster: TestCluster
const ok = (args: string[] | string, input?: string): string => cluster.ok(args, input)
const replicas = (): number => Number(ok('get deployment msa-demo -o jsonpath={.spec.replicas}'))
const eventually = (what: () => boolean): Promise<void> => expect.poll(what, { timeout: 60_000, interval: 300 }).toBe(true)

/** As in the notes, with what they took from a live object: a resourceVersion and a revision. */
const msaDemo = (apiVersion: string): object => ({
  apiVersion,
  kind: 'Deployment',
  metadata: {
    name: 'msa-demo',
    namespace: 'default',
    resourceVersion: '247395',
    labels: { app: 'msa-demo' },
    annotations: { 'deployment.kubernetes.io/revision': '1' },
  },
  spec: {
    replicas: 1,
    selector: { matchLabels: { app: 'msa-demo' } },
    template: {
      metadata: { creationTimestamp: null, labels: { app: 'msa-demo' } },
      spec: {
        containers: [
          {
            name: 'msa-demo-container',
            image: 'harleyren/scm-msa-demo:1.0.41',
            ports: [{ containerPort: 8082, protocol: 'TCP' }],
            resources: { limits: { memory: '128Mi', cpu: '1' } },
            terminationMessagePath: '/dev/termination-log',
            terminationMessagePolicy: 'File',
            imagePullPolicy: 'IfNotPresent',
            securityContext: { privileged: false },
          },
        ],
        restartPolicy: 'Always',
        terminationGracePeriodSeconds: 30,
        dnsPolicy: 'ClusterFirst',
        securityContext: {},
        schedulerName: 'default-scheduler',
      },
    },
    strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1, maxSurge: 1 } },
  },
})

beforeAll(async () => {
  cluster = await TestCluster.start({ args: ['--seed', '1', '--speed', '30'] })
})
afterAll(() => cluster.stop())

it('the Deployment of the notes needs its version of today', () => {
  expect(cluster.kubectl('create -f -', JSON.stringify(msaDemo('extensions/v1beta1')))).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('no matches for kind "Deployment" in version "extensions/v1beta1"\nensure CRDs are installed first\n'),
  })
  // kubectl leaves the resourceVersion out of what it creates.
  expect(ok('create -f -', JSON.stringify(msaDemo('apps/v1')))).toBe('deployment.apps/msa-demo created\n')
  ok('rollout status deployment/msa-demo --timeout=60s')
  // Requests are those of the limits when there are none of their own.
  expect(JSON.parse(ok('get pods -l app=msa-demo -o jsonpath={.items[0].spec.containers[0].resources}'))).toEqual({
    limits: { cpu: '1', memory: '128Mi' },
    requests: { cpu: '1', memory: '128Mi' },
  })
})

it('is autoscaled under the load of a wget loop, and down again after it', async () => {
  expect(ok('help autoscale')).toContain('Creates an autoscaler that automatically chooses and sets the number of pods')
  const flag = cluster.kubectl('autoscale deployment msa-demo --min=1 --max=4 --cpu-percent=80')
  expect(flag.stdout).toBe('horizontalpodautoscaler.autoscaling/msa-demo autoscaled\n')
  ok('set resources deployment msa-demo --requests=cpu=1m')
  ok('rollout status deployment/msa-demo --timeout=60s')
  expect(ok('expose deployment/msa-demo --port=80 --target-port=8082 --type=NodePort')).toBe('service/msa-demo exposed\n')
  const port = ok('get svc msa-demo -o jsonpath={.spec.ports[0].nodePort}')
  const loop = `while true; do wget -q -O- http://192.168.49.2:${port}/; done`
  ok(['run', 'load', '--image=busybox:1.28', '--restart=Never', '--', '/bin/sh', '-c', loop])
  await eventually(() => replicas() === 4)
  expect(ok('get hpa')).toMatch(
    /^NAME +REFERENCE +TARGETS +MINPODS +MAXPODS +REPLICAS +AGE\nmsa-demo +Deployment\/msa-demo +cpu: \d+%\/80% +1 +4 +\d +\S+\n$/,
  )
  expect(ok('describe hpa msa-demo')).toMatch(
    /SuccessfulRescale .* New size: 4; reason: cpu resource utilization \(percentage of request\) above target/,
  )
  ok('delete pod load --now')
  ok(['patch', 'clock', 'cluster', '--type=merge', '-p', '{"spec":{"jumpSeconds":420}}'])
  await eventually(() => replicas() === 1)
  expect(ok('delete horizontalpodautoscalers msa-demo')).toBe(
    'horizontalpodautoscaler.autoscaling "msa-demo" deleted from default namespace\n',
  )
})
