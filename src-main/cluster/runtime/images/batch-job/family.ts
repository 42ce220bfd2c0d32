/** luksa/batch-job: a job of two minutes. */
import type { ImageFamily } from '../image.js'
import { busyboxTree } from '../userland.js'

const SCRIPT = 'echo "$(date) Batch job starting"; sleep 120; echo "$(date) Finished succesfully"'

export const batchJob: ImageFamily = {
  repositories: ['docker.io/luksa/batch-job'],
  tags: ['latest'],
  tag: (tag) =>
    tag === 'latest'
      ? { entrypoint: ['/bin/sh', '-c', SCRIPT], size: 700_000, baseMemory: 700_000, files: () => busyboxTree() }
      : undefined,
}
