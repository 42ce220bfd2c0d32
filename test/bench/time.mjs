// What a jump of the clock costs on a whole cluster: a week of an hourly CronJob, an hour of a crashing container.
import { round, startCluster } from './support.mjs'

const CLOCK = '/apis/drydock.dev/v1/clocks/cluster'
const HOUR = 3600

const cronJob = {
  apiVersion: 'batch/v1',
  kind: 'CronJob',
  metadata: { name: 'hourly' },
  spec: {
    schedule: '0 * * * *',
    jobTemplate: {
      spec: {
        template: {
          spec: {
            restartPolicy: 'OnFailure',
            containers: [{ name: 'hello', image: 'busybox', command: ['sh', '-c', 'date; echo Hello'] }],
          },
        },
      },
    },
  },
}
const crashing = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'crashing' },
  spec: { containers: [{ name: 'main', image: 'busybox', command: ['false'] }] },
}

const later = (ms) => new Promise((resolve) => setTimeout(resolve, ms))

/** Jumps `seconds` ahead in a new cluster in which `body` was created; gives wall and CPU time, ms. */
async function jump(path, body, seconds) {
  const cluster = await startCluster()
  const read = async (p) => JSON.parse(await cluster.request('GET', p))
  try {
    for (;;) {
      const { items } = await read('/apis/apps/v1/deployments')
      if (items.length > 0 && items.every((d) => d.status?.readyReplicas === d.spec.replicas)) break
      await later(50)
    }
    await cluster.request('POST', path, body)
    const cpu = cluster.usage().cpuMs
    const began = performance.now()
    const patch = { spec: { jumpSeconds: seconds } }
    const answer = await cluster.request('PATCH', CLOCK, patch, { 'content-type': 'application/merge-patch+json' })
    const end = Date.parse(JSON.parse(answer).spec.jumpTo)
    for (;;) {
      if (Date.parse((await read(CLOCK)).status.time) >= end) break
      await later(20)
    }
    return { wall: round(performance.now() - began), cpu: cluster.usage().cpuMs - cpu }
  } finally {
    await cluster.stop()
  }
}

export async function run() {
  const week = await jump('/apis/batch/v1/namespaces/default/cronjobs', cronJob, 7 * 24 * HOUR)
  const hour = await jump('/api/v1/namespaces/default/pods', crashing, HOUR)
  return [
    { what: 'time: a week of an hourly CronJob', value: week.wall, unit: 'ms', budget: 2000 },
    { what: 'time: the same, CPU', value: week.cpu, unit: 'ms', budget: 4000 },
    { what: 'time: an hour of CrashLoopBackOff', value: hour.wall, unit: 'ms', budget: 2000 },
  ]
}
