/**
 * Static pods: what the manifests on a node's own disk say runs there, with or without the API
 * (https://kubernetes.io/docs/tasks/configure-pod-container/static-pod/). The API shows each as a mirror pod, which the
 * kubelet makes again when somebody deletes it; only removing the file ends the pod.
 */
import { jsonText } from '../../exact-json.js'
import crypto from 'node:crypto'
import { parse } from 'yaml'
import type { ResourceClient } from '../api/client.js'
import type { Node, Pod } from '../api/object.js'
import { keyOf } from '../api/object.js'
import type { Clock } from '../clock.js'
import type { ContainerRuntime } from '../runtime/cri.js'

/** Where the kubelet looks for manifests (`staticPodPath`). */
export const MANIFESTS = '/etc/kubernetes/manifests'
/** The annotation of a mirror pod: the hash of the static pod that it shows. */
const MIRROR = 'kubernetes.io/config.mirror'
const HASH = 'kubernetes.io/config.hash'
const SEEN = 'kubernetes.io/config.seen'
const SOURCE = 'kubernetes.io/config.source'
/**
 * How long the kubelet takes to look after a mirror pod that is marked for deletion, ms. What deletes it and waits for the
 * end (`kubectl delete pod`) asks once more and then begins to watch: it would wait for ever for the end of the next
 * mirror, were this one replaced in between.
 */
const LOOKS_AFTER = 250

/** Whether a pod of the API shows a static pod. */
export function isMirror(pod: Pod): boolean {
  return pod.metadata.annotations?.[MIRROR] !== undefined
}

/** What tells a pod from all others on its node for as long as it runs: a static pod outlives its mirrors. */
export function podIdentity(pod: Pod): string {
  return pod.metadata.annotations?.[MIRROR] ?? pod.metadata.uid!
}

export interface StaticPodsOptions {
  node: string
  clock: Clock
  pods: ResourceClient<Pod>
  runtime: ContainerRuntime
  /** The Node object, which owns the mirror pods. */
  object(): Node | undefined
}

export class StaticPods {
  /** The pods of the manifests with their text, by `namespace/name`. */
  private wanted = new Map<string, { pod: Pod; text: string }>()
  /** What was read last. */
  private read = ''
  private started = false
  /** Mirrors that could not be made yet. */
  private retries = new Set<string>()
  /** The uids of deleted mirrors that are about to be removed. */
  private readonly ending = new Set<string>()

  constructor(private readonly options: StaticPodsOptions) {}

  /**
   * Takes a mirror pod of an earlier run of the simulator as a manifest: the disks of then are gone, and what stood on
   * them should not be. Does nothing once the manifests were read.
   */
  recall({ metadata, spec }: Pod): void {
    if (this.started) return
    const { runtime, node } = this.options
    const { [MIRROR]: hash, [HASH]: _h, [SEEN]: seen, [SOURCE]: _s, ...annotations } = metadata.annotations ?? {}
    const { nodeName: _n, ...rest } = spec!
    const name = metadata.name!.slice(0, -`-${node}`.length)
    const { namespace, labels } = metadata
    const manifest = { apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace, labels, annotations }, spec: rest }
    const text = `${jsonText(manifest, 2)}\n`
    const pod = this.staticPod(text)
    if (!pod) return
    // The hash of then: its containers are brought back, not made anew.
    Object.assign(pod.metadata.annotations!, { [HASH]: hash, [SEEN]: seen })
    this.wanted.set(keyOf(pod), { pod, text })
    runtime.writeHostFile?.(node, `${MANIFESTS}/${name}.yaml`, text)
    this.read = this.contents().join('\0')
  }

  /** Reads the manifests; makes mirrors of new pods and ends those whose manifest is gone. Returns whether anything changed. */
  check(): boolean {
    if (!this.options.object()) return false
    this.started = true
    const retries = this.retries
    this.retries = new Set()
    for (const key of retries) void this.makeMirror(key)
    const contents = this.contents()
    const read = contents.join('\0')
    if (read === this.read) return retries.size > 0
    this.read = read
    const before = this.wanted
    const kept = new Map([...before.values()].map((w) => [w.text, w]))
    this.wanted = new Map()
    for (const text of contents) {
      const pod = kept.get(text)?.pod ?? this.staticPod(text)
      if (pod) this.wanted.set(keyOf(pod), { pod, text })
    }
    for (const [key, { pod }] of before) {
      if (this.wanted.get(key)?.pod === pod) continue
      // Its containers get their grace period; a changed pod begins when the old one is gone.
      void this.options.pods.delete(pod.metadata.namespace!, pod.metadata.name!).catch(() => undefined)
    }
    for (const key of this.wanted.keys()) if (!before.has(key)) void this.makeMirror(key)
    return true
  }

  /** Whether a mirror pod shows a pod that is to run. One that somebody deletes is put right a moment later. */
  shows(mirror: Pod): boolean {
    if (!this.isWanted(mirror)) return false
    const { deletionTimestamp, uid } = mirror.metadata
    if (deletionTimestamp === undefined || this.ending.has(uid!)) return true
    this.ending.add(uid!)
    this.options.clock.after(LOOKS_AFTER, () => {
      this.ending.delete(uid!)
      this.renew(mirror)
    })
    return true
  }

  /** Removes a mirror, so that it is made anew: somebody has deleted it, or it shows a pod that ended with the machine. */
  renew({ metadata: { namespace, name, uid } }: Pod): void {
    // Somebody else may be faster.
    this.options.pods.delete(namespace!, name!, { gracePeriodSeconds: 0, preconditions: { uid: uid! } }).catch(() => undefined)
  }

  /** A mirror pod is gone: it is made again as long as its manifest is there. Returns whether the static pod goes on. */
  onGone(mirror: Pod): boolean {
    void this.makeMirror(keyOf(mirror))
    return this.isWanted(mirror)
  }

  private isWanted(mirror: Pod): boolean {
    return this.wanted.get(keyOf(mirror))?.pod.metadata.annotations![HASH] === mirror.metadata.annotations![MIRROR]
  }

  private contents(): string[] {
    const { runtime, node } = this.options
    return [...(runtime.hostFiles?.(node, MANIFESTS) ?? [])].filter(([name]) => !name.startsWith('.')).map(([, text]) => text)
  }

  private async makeMirror(key: string): Promise<void> {
    const pod = this.wanted.get(key)?.pod
    const owner = this.options.object()
    if (!pod || !owner) return
    const { annotations } = pod.metadata
    const { name, uid } = owner.metadata
    const metadata = {
      ...pod.metadata,
      annotations: { ...annotations, [MIRROR]: annotations![HASH]! },
      ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name: name!, uid: uid!, controller: true }],
    }
    try {
      await this.options.pods.create(metadata.namespace!, { ...pod, metadata })
    } catch {
      // The API refuses it, or the old one is not gone yet: when it is, or at the next look, it is tried again.
      this.retries.add(key)
    }
  }

  /** The pod of a manifest as the kubelet names it; undefined for what is no pod. */
  private staticPod(text: string): Pod | undefined {
    const { node, clock } = this.options
    let manifest: Partial<Pod> | null
    try {
      manifest = parse(text) as Partial<Pod> | null
    } catch {
      return undefined
    }
    if (manifest?.kind !== 'Pod' || !manifest.metadata?.name || !manifest.spec) return undefined
    const { name, namespace = 'default', labels, annotations } = manifest.metadata
    const hash = crypto
      .createHash('md5')
      .update(`${node}\0${jsonText(manifest)}`)
      .digest('hex')
    const tolerations = [...(manifest.spec.tolerations ?? [])]
    const always = { effect: 'NoExecute', operator: 'Exists' }
    if (!tolerations.some((t) => t.operator === 'Exists' && t.effect === 'NoExecute' && !t.key)) tolerations.push(always)
    return {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        name: `${name}-${node}`,
        namespace,
        ...(labels ? { labels } : {}),
        annotations: {
          ...annotations,
          [HASH]: hash,
          [SEEN]: new Date(clock.now()).toISOString().replace('Z', '000000Z'),
          [SOURCE]: 'file',
        },
      },
      spec: { ...manifest.spec, nodeName: node, tolerations },
    } as Pod
  }
}
