/** The artifact of the documentation's example of an image volume: two files, and nothing to run. */
import type { ImageFamily } from '../image.js'

/** https://kubernetes.io/docs/tasks/configure-pod-container/image-volumes/ */
export const artifact: ImageFamily = {
  repositories: ['quay.io/crio/artifact'],
  tags: ['v2', 'v1'],
  tag: (tag) => (/^v[12]$/.test(tag) ? { size: 300, files: () => ({ '/dir/file': '1\n', '/file': '2\n' }) } : undefined),
}
