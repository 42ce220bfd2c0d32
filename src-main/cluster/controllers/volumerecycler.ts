/**
 * Empties volumes whose claim is gone, so that they can be claimed again: reclaim policy `Recycle`, which has been
 * deprecated for long (https://kubernetes.io/docs/concepts/storage/persistent-volumes/#recycle). A pod mounts the volume
 * and deletes what is in it; what is told of the pod is told of the volume too.
 */
import type { Watch } from '../api/client.js'
import { resources } from '../api/client.js'
import { isReason } from '../api/errors.js'
import { parseQuantity } from '../api/kinds/rules/quantity.js'
import type { Event, Pod } from '../api/object.js'
import type { ControllerContext } from './controller.js'
import { referenceTo } from './events.js'
import type { Volume } from './persistentvolume-model.js'

const NAMESPACE = 'default'
const PREFIX = 'recycler-for-'
/** What kube-controller-manager runs where it is given no template of its own. */
const IMAGE = 'registry.k8s.io/build-image/debian-base:bookworm-v1.0.6'
const SCRUB = 'test -e /scrub && find /scrub -mindepth 1 -delete && test -z "$(ls -A /scrub)" || exit 1'
/** How long the pod may take: --pv-recycler-minimum-timeout-hostpath and -nfs, --pv-recycler-timeout-increment-*, s. */
const MINIMUM_SECONDS = { hostPath: 60, nfs: 300 } as const
const SECONDS_PER_GI = 30
const GI = 1024n ** 3n

/** Whether a volume is empty now, or why it could not be emptied. */
export type Recycling = { state: 'running' | 'done' } | { state: 'failed'; why: string }

export class VolumeRecycler {
  /** The events of the pods that run now, by the volume's uid. */
  private readonly watches = new Map<string, Watch>()

  constructor(private readonly ctx: ControllerContext) {}

  /** Goes one step on with a volume: starts its pod, or looks how far it is. */
  async step(volume: Volume): Promise<Recycling> {
    const pods = this.ctx.client.resource<Pod>(resources.pods)
    const pod = recyclerPod(volume)
    if (!pod) return { state: 'failed', why: 'No recycler plugin found for the volume!' }
    const name = pod.metadata.name!
    const live = await pods.get(NAMESPACE, name).catch(nothingIfGone)
    if (!live) {
      // It ran, and somebody has deleted it.
      if (this.watches.has(volume.metadata.uid!)) return this.end(volume, 'recycler pod was deleted')
      await this.follow(volume, name)
      await pods.create(NAMESPACE, pod)
      return { state: 'running' }
    }
    if (!this.watches.has(volume.metadata.uid!)) await this.follow(volume, name)
    const { phase, message } = live.status ?? {}
    if (phase !== 'Succeeded' && phase !== 'Failed') return { state: 'running' }
    await pods.delete(NAMESPACE, name, { preconditions: { uid: live.metadata.uid! } }).catch(nothingIfGone)
    return this.end(volume, phase === 'Failed' ? message || 'pod failed, pod.Status.Message unknown' : undefined)
  }

  stop(): void {
    for (const watch of this.watches.values()) watch.stop()
    this.watches.clear()
  }

  private end(volume: Volume, why: string | undefined): Recycling {
    this.watches.get(volume.metadata.uid!)?.stop()
    this.watches.delete(volume.metadata.uid!)
    return why === undefined ? { state: 'done' } : { state: 'failed', why: `Recycle failed: ${why}` }
  }

  /** Tells of the volume what is told of its pod from now on. */
  private async follow(volume: Volume, name: string): Promise<void> {
    const events = this.ctx.client.resource<Event>(resources.events)
    const selection = { namespace: NAMESPACE, fieldSelector: `involvedObject.kind=Pod,involvedObject.name=${name}` }
    const { metadata } = await events.list({ ...selection, limit: 1 })
    const about = referenceTo('v1', 'PersistentVolume', volume)
    const watch = events.watch(
      { ...selection, resourceVersion: metadata.resourceVersion! },
      ({ type, object }) => {
        if (type !== 'ADDED') return
        this.ctx.events.event(about, object.type === 'Warning' ? 'Warning' : 'Normal', 'RecyclerPod', `Recycler pod: ${object.message}`)
      },
      () => {},
    )
    this.watches.set(volume.metadata.uid!, watch)
  }
}

/** The name of the volume that a pod empties; undefined for any other pod. */
export function recycledBy({ metadata: { namespace, name } }: Pod): string | undefined {
  return namespace === NAMESPACE && name!.startsWith(PREFIX) ? name!.slice(PREFIX.length) : undefined
}

/** The pod that empties a volume; undefined for a kind of volume that nobody can empty. */
function recyclerPod({ metadata, spec }: Volume): Pod | undefined {
  const kind = spec?.hostPath ? 'hostPath' : spec?.nfs ? 'nfs' : undefined
  if (!kind) return undefined
  const source =
    kind === 'hostPath' ? { hostPath: { path: spec!.hostPath!.path } } : { nfs: { server: spec!.nfs!.server, path: spec!.nfs!.path } }
  const gibibytes = Number(parseQuantity(spec!.capacity?.storage ?? '0').nano / 1_000_000_000n / GI)
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: `${PREFIX}${metadata.name}`, namespace: NAMESPACE },
    spec: {
      activeDeadlineSeconds: Math.max(MINIMUM_SECONDS[kind], SECONDS_PER_GI * gibibytes),
      restartPolicy: 'Never',
      volumes: [{ name: 'vol', ...source }],
      containers: [
        {
          name: 'pv-recycler',
          image: IMAGE,
          command: ['/bin/sh'],
          args: ['-c', SCRUB],
          volumeMounts: [{ name: 'vol', mountPath: '/scrub' }],
        },
      ],
    },
  }
}

function nothingIfGone(error: unknown): undefined {
  if (!isReason(error, 'NotFound')) throw error
}
