/**
 * Volumes that are the files of an image (https://kubernetes.io/docs/concepts/storage/volumes/#image): pulled as
 * containers' images are, by the pod, and missed only by the containers that mount them.
 */
import type { Container } from '../../api/object.js'
import { referenceTo } from '../../controllers/events.js'
import type { RegistryLogin } from '../../runtime/cri.js'
import type { StartFailure } from '../images.js'
import type { NodeKubelet } from '../node-kubelet.js'
import type { PodState } from '../pod-state.js'

/**
 * Makes sure that the node has the images of a pod's volumes, and makes the volumes of them.
 *
 * @returns why the others cannot be had, by the name of the volume
 */
export async function pullImageVolumes(
  { images, runtime, events, facts }: NodeKubelet,
  state: PodState,
  options: { signal: AbortSignal; logins: readonly RegistryLogin[] },
): Promise<ReadonlyMap<string, StartFailure>> {
  const failures = new Map<string, StartFailure>()
  const about = referenceTo('v1', 'Pod', state.pod)
  for (const { name, image } of state.pod.spec!.volumes ?? []) {
    if (!image) continue
    const { reference = '', pullPolicy } = image
    const found = await images.ensure(
      state.pod,
      { image: reference, ...(pullPolicy ? { imagePullPolicy: pullPolicy } : {}) },
      about,
      options,
    )
    options.signal.throwIfAborted()
    if ('reason' in found) {
      failures.set(name, found)
      continue
    }
    if (found.placeholder && !state.volumes.has(name)) {
      const why = `Image ${JSON.stringify(reference)} is not in the catalogue of the embedded cluster: its volume is empty`
      events.event(about, 'Warning', 'PlaceholderImage', why)
    }
    const volume = runtime.imageVolume?.(facts.name, reference)
    if (volume) state.volumes.set(name, volume)
  }
  return failures
}

/** Brings the image volumes of a pod back that ran before: its images are still on the node. */
export function restoreImageVolumes({ images, runtime, facts }: NodeKubelet, state: PodState): void {
  for (const { name, image } of state.pod.spec!.volumes ?? []) {
    const reference = image?.reference
    if (!reference || images.needsPull({ image: reference, imagePullPolicy: 'IfNotPresent' })) continue
    const volume = runtime.imageVolume?.(facts.name, reference)
    if (volume) state.volumes.set(name, volume)
  }
}

/** Why a container cannot have an image volume that it mounts: one reason for each. */
export function missingImageVolumes(container: Container, failures: ReadonlyMap<string, StartFailure>): StartFailure[] {
  return (container.volumeMounts ?? []).flatMap(({ name }) => failures.get(name) ?? [])
}
