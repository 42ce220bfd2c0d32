/** Deletes Jobs `ttlSecondsAfterFinished` after they ended, with their pods. */
import { resources } from '../api/client.js'
import { isReason } from '../api/errors.js'
import { keyOf, splitKey } from '../api/object.js'
import type { Controller, ControllerContext } from './controller.js'
import { KeyedController } from './controller.js'
import type { Job } from './job-policy.js'
import { finishedAs } from './job-conditions.js'
import { timeOf } from './pods.js'

export function startTTLAfterFinishedController(ctx: ControllerContext): Controller {
  const client = ctx.client.resource<Job>(resources.jobs)
  const jobs = ctx.informers.for<Job>(resources.jobs)
  const controller = new KeyedController(ctx, { name: 'ttl-after-finished-controller', workers: 2, sync })
  const onJob = (job: Job): void => {
    if (job.spec?.ttlSecondsAfterFinished !== undefined && finishedAs(job)) controller.queue.add(keyOf(job))
  }
  controller.listen(jobs, { add: onJob, update: (_old, job) => onJob(job) })
  return controller.startAfter(jobs)

  async function sync(key: string): Promise<void> {
    const { namespace, name } = splitKey(key)
    const job = jobs.get(namespace, name)
    const end = job && finishedAs(job)
    if (!end || job.spec?.ttlSecondsAfterFinished === undefined || job.metadata.deletionTimestamp !== undefined) return
    const finished = timeOf(end.lastTransitionTime)
    // Who has written the condition did not say when: then nobody can tell how long ago that is.
    if (Number.isNaN(finished)) throw new Error(`unable to find the time when the Job ${key} finished`)
    const left = finished + job.spec.ttlSecondsAfterFinished * 1000 - ctx.clock.now()
    if (left > 0) return controller.queue.addAfter(key, left)
    await client
      .delete(namespace, name, { propagationPolicy: 'Foreground', preconditions: { uid: job.metadata.uid! } })
      .catch((error: unknown) => {
        if (!isReason(error, 'NotFound')) throw error
      })
  }
}
