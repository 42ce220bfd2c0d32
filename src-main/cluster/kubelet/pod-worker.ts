/**
 * The worker of one pod on one node. All work on a pod is done here, one step at a time, and only when something
 * happened: the pod changed, a container started or ended, a probe changed its mind, a back-off is over.
 */
import type { ResourceClient } from '../api/client.js'
import { isReason } from '../api/errors.js'
import type { Pod } from '../api/object.js'
import type { Timer } from '../clock.js'
import { referenceTo } from '../controllers/events.js'
import type { ContainerInfo } from '../runtime/cri.js'
import { enforceDeadline } from './active-deadline.js'
import type { PodShare } from './admission.js'
import { podShare } from './admission.js'
import { mainContainersDone } from './container-actions.js'
import type { NodeKubelet } from './node-kubelet.js'
import { foreignConditions, labelling, specChanged } from './pod-changes.js'
import { PodProbes } from './probes/pod-probes.js'
import type { PodState } from './pod-state.js'
import { observe } from './pod-state.js'
import { hasPast, loseContainers, recallContainers, restorePod } from './restore.js'
import type { PendingResize } from './resize.js'
import { asGranted, considerResize, finishResize, grantAtStart } from './resize.js'
import { isFinal, podStatus } from './status.js'
import { sameContent, StatusWriter } from './status-writer.js'
import { podIdentity } from './static-pods.js'
import { syncPod } from './sync.js'
import { hurryContainers, removePod, terminateContainers } from './termination.js'
import { hasGeneratedFiles, showsPodFields, volumeReferences } from './volumes/files.js'

const DELETE_RETRY_MS = 1_000
const FAILED_STEP_RETRY_MS = 10_000
/** What a process that is brought back has before it is told to end again, so that it hears its signals as it did, ms. */
const RESTORED_MOMENT_MS = 1_000

/** What the worker tells the engine. */
export interface WorkerHooks {
  /** A container of this pod has this id from now on. */
  onRun(id: string, worker: PodWorker): void
  /** Why the node cannot grant the resources that the pod wants now; undefined when it can. */
  refuseResize(worker: PodWorker): PendingResize | undefined
  /** The worker is done for good and can be forgotten. */
  onDone(worker: PodWorker): void
}

/** `new` starts a pod from nothing; `restored` brings back what ran; `rebooted` begins anew what ran on this node. */
export type Beginning = 'new' | 'restored' | 'rebooted'

type Mode = 'restoring' | 'syncing' | 'terminating' | 'ended' | 'off'

export class PodWorker {
  /** What tells the pod from all others of its node; its uid, except for a static pod. */
  readonly uid: string
  readonly state: PodState
  readonly status: StatusWriter
  /** What the pod takes of its node, for admission. */
  share: PodShare
  private mode: Mode
  private wanted = false
  private running = false
  private abort: AbortController | undefined
  private retryTimer: Timer | undefined
  private deadlineTimer: Timer | undefined
  readonly probes: PodProbes
  /** The object is gone from the API: nothing is left to write. */
  private gone = false
  private graceSeconds: number | undefined
  /** Volumes whose files are to be written anew. */
  private staleVolumes: Set<string> | undefined
  private tellEnded: (() => void) | undefined

  constructor(
    private readonly kubelet: NodeKubelet,
    private readonly pods: ResourceClient<Pod>,
    pod: Pod,
    beginning: Beginning,
    private readonly hooks: WorkerHooks,
  ) {
    const { clock } = kubelet
    this.uid = podIdentity(pod)
    this.state = {
      pod,
      containers: new Map(),
      startTime: pod.status?.startTime ? Date.parse(pod.status.startTime) : clock.now(),
      ip: pod.status?.podIP ?? '',
      volumes: new Map(),
      terminal: false,
      granted: new Map(),
      resize: {},
    }
    grantAtStart(this.state)
    this.share = podShare(hasPast(pod) ? asGranted(this.state) : pod)
    this.status = new StatusWriter(pods, clock, pod, kubelet.log)
    this.probes = new PodProbes(kubelet, this.state, () => (this.mode === 'terminating' ? this.show() : this.poke()))
    this.mode = 'syncing'
    if (hasPast(pod)) {
      recallContainers(this.state)
      if (beginning === 'rebooted') {
        loseContainers(this.state, clock.now())
        this.state.ip = ''
      } else this.mode = 'restoring'
    }
    if (isFinal(pod)) {
      this.state.terminal = true
      this.mode = 'ended'
    }
    // What was ending runs again first, and then has its whole grace period anew ("Termination of Pods").
    if (pod.metadata.deletionTimestamp && this.mode !== 'restoring') {
      // Nothing of it runs: it was to end when the kubelet was not looking.
      this.state.terminal = true
      this.beginTermination()
    }
  }

  /** Whether the worker's containers count against what the node has. */
  get active(): boolean {
    // Once its containers have ended, what remains is to tell the API.
    if (this.state.terminal) return false
    return this.mode === 'restoring' || this.mode === 'syncing' || this.mode === 'terminating'
  }

  /** Asks for a look at the pod. */
  poke(): void {
    this.wanted = true
    if (!this.running && this.mode !== 'off') void this.run()
  }

  /** The pod changed in the API. */
  update(pod: Pod): void {
    const old = this.state.pod
    if (pod.metadata.resourceVersion === old.metadata.resourceVersion) return
    this.state.pod = pod
    this.status.observe(pod)
    const relabelled = !sameContent(labelling(pod), labelling(old))
    if (relabelled) for (const v of pod.spec!.volumes ?? []) if (showsPodFields(v)) this.markStale(v.name)
    if (pod.metadata.deletionTimestamp && this.mode !== 'terminating') {
      if (this.mode !== 'restoring') this.beginTermination()
    } else if (this.mode === 'terminating') {
      const { deletionGracePeriodSeconds: grace } = pod.metadata
      if (grace !== undefined && grace < (old.metadata.deletionGracePeriodSeconds ?? Infinity))
        hurryContainers(this.kubelet, this.state, grace)
    }
    // Most changes are the kubelet's own status coming back.
    if (this.wanted || relabelled || specChanged(old, pod) || !sameContent(foreignConditions(old), foreignConditions(pod))) this.poke()
  }

  /** The pod is gone from the API, or was deleted by force. */
  remove(last: Pod): void {
    this.gone = true
    this.status.stop()
    const force = last.metadata.deletionGracePeriodSeconds === 0
    this.state.pod = last
    if (force) this.graceSeconds = 1
    if (this.mode === 'terminating' && force) hurryContainers(this.kubelet, this.state, 1)
    if (this.mode !== 'terminating' && this.mode !== 'restoring') this.beginTermination()
    this.poke()
  }

  /** A container of this pod started or ended. */
  onContainer(info: ContainerInfo): void {
    for (const c of this.state.containers.values()) {
      const run = c.current
      if (run?.id !== info.id) continue
      const see = (): void => {
        const before = run.state
        observe(run, info)
        if (before !== run.state) this.poke()
      }
      if (info.state === 'exited' && !run.stopping) this.kubelet.relist.next(see)
      else see()
    }
  }

  /** The ConfigMaps and Secrets that files of this pod come from, as `configmaps/NAMESPACE/NAME`. */
  references(): string[] {
    const { namespace } = this.state.pod.metadata
    return (this.state.pod.spec!.volumes ?? []).flatMap(volumeReferences).map((r) => r.replace('/', `/${namespace}/`))
  }

  /** Writes the files anew that come from `reference` (`configmaps/NAME`). */
  refreshFrom(reference: string): void {
    for (const v of this.state.pod.spec!.volumes ?? []) if (volumeReferences(v).includes(reference)) this.markStale(v.name)
    if (this.staleVolumes) this.poke()
  }

  private markStale(volume: string): void {
    ;(this.staleVolumes ??= new Set()).add(volume)
  }

  /** Ends all work without a word to the API: the simulator stops, or the node loses its power. */
  async powerOff(): Promise<void> {
    this.mode = 'off'
    this.abort?.abort(new Error('the node is off'))
    this.status.stop()
    this.cancelTimers()
    this.probes.stop()
    const { sandbox } = this.state
    if (sandbox) await this.kubelet.runtime.stopPodSandbox(sandbox.id).catch(() => undefined)
    await removePod(this.kubelet, this.state)
  }

  /** Stops acting, and leaves the containers to the runtime that is going down with it. */
  stop(): void {
    this.mode = 'off'
    this.abort?.abort(new Error('the kubelet stops'))
    this.status.stop()
    this.cancelTimers()
    this.probes.stop()
  }

  private async run(): Promise<void> {
    this.running = true
    try {
      while (this.wanted && this.isOn()) {
        this.wanted = false
        try {
          await this.step()
        } catch (error) {
          if (this.isTerminating()) this.wanted = true
          else if (this.isOn()) this.onFailedStep(error)
        }
      }
    } finally {
      this.running = false
    }
  }

  /** The mode changes while a step waits, behind the compiler's back. */
  private isOn(): boolean {
    return this.mode !== 'off'
  }

  private isSyncing(): boolean {
    return this.mode === 'syncing'
  }

  private isTerminating(): boolean {
    return this.mode === 'terminating'
  }

  private async step(): Promise<void> {
    if (this.mode === 'restoring') await this.restore()
    if (this.mode === 'syncing') await this.sync()
    else if (this.mode === 'terminating') await this.terminate()
  }

  private async restore(): Promise<void> {
    const { kubelet, state } = this
    if (!kubelet.network()) return
    try {
      await restorePod(kubelet, state, (run) => this.hooks.onRun(run.id, this))
    } catch (error) {
      if (!this.isToEnd()) throw error
      // What cannot be brought back has ended.
      state.terminal = true
    }
    if (this.isToEnd()) await kubelet.clock.sleep(RESTORED_MOMENT_MS)
    if (!this.isOn()) return
    if (this.isToEnd()) this.beginTermination()
    else this.mode = 'syncing'
  }

  private isToEnd(): boolean {
    return this.gone || this.state.pod.metadata.deletionTimestamp !== undefined
  }

  private async sync(): Promise<void> {
    const { kubelet, state } = this
    this.retryTimer?.cancel()
    this.retryTimer = undefined
    this.checkDeadline()
    this.probes.update(this.mode === 'syncing')
    this.show()
    if (this.finalPhase() || mainContainersDone(state)) return this.beginTermination()
    await this.refreshVolumes()
    const before = { ...state.resize }
    if (considerResize(kubelet, state, () => this.hooks.refuseResize(this))) this.share = podShare(state.pod)
    if (!sameContent(before, state.resize)) this.show()
    if (!this.isSyncing()) return
    this.abort = new AbortController()
    const result = await syncPod(kubelet, state, {
      onRun: (run) => this.hooks.onRun(run.id, this),
      onProgress: () => this.show(),
      signal: this.abort.signal,
    }).finally(() => (this.abort = undefined))
    if (!this.isSyncing()) return
    if (finishResize(kubelet, state)) this.show()
    if (result.again) this.wanted = true
    else if (result.retryAt !== undefined) {
      this.retryTimer = kubelet.clock.after(Math.max(0, result.retryAt - kubelet.clock.now()), () => this.poke())
    }
    await this.watchTokens()
  }

  /** A pod that has been active for too long is ended. */
  private checkDeadline(): void {
    this.deadlineTimer?.cancel()
    const left = enforceDeadline(this.kubelet, this.state)
    if (left !== undefined) this.deadlineTimer = this.kubelet.clock.after(left, () => this.poke())
  }

  /** Ends the pod as failed before anything of it was begun, because the node does not take it. */
  refuse(reason: string, message: string): void {
    this.state.verdict = { phase: 'Failed', reason, message, refused: true }
  }

  /**
   * Ends the pod as failed, because the node cannot keep it.
   *
   * @param options.graceSeconds what it has to end; by default what its spec says
   * @param options.disrupted what the condition says of it: that it was through no fault of its own
   */
  evict(reason: string, message: string, { graceSeconds, disrupted }: { graceSeconds?: number; disrupted?: string | undefined }): void {
    this.graceSeconds = graceSeconds
    this.state.verdict = { phase: 'Failed', reason, message, ...(disrupted === undefined ? {} : { disrupted }) }
    if (this.isTerminating() && graceSeconds !== undefined) hurryContainers(this.kubelet, this.state, graceSeconds)
    this.poke()
  }

  /** Resolves when all containers have ended and the API has been told; never for a worker that is stopped before. */
  whenEnded(): Promise<void> {
    return new Promise((resolve) => (this.tellEnded = resolve))
  }

  private show(): void {
    if (this.gone) return
    const { clock, facts } = this.kubelet
    this.status.set(podStatus(this.state, this.status.latest, facts, clock.now()))
  }

  private finalPhase(): boolean {
    const phase = this.status.latest?.phase
    return phase === 'Succeeded' || phase === 'Failed'
  }

  private beginTermination(): void {
    this.mode = 'terminating'
    this.cancelTimers()
    this.abort?.abort(new Error('the pod is to end'))
    this.wanted = true
  }

  private async terminate(): Promise<void> {
    const { kubelet, state } = this
    this.probes.stopKilling()
    if (!state.terminal) {
      this.probes.update(this.mode === 'syncing')
      await terminateContainers(kubelet, state, this.graceSeconds)
      if (!this.isOn()) return
      state.terminal = true
    }
    this.probes.stop()
    this.show()
    await this.status.flushed()
    this.tellEnded?.()
    if (!this.isOn()) return
    if (this.isToEnd()) await this.finish()
    else this.mode = 'ended'
  }

  /** Removes the pod's object, then what is left of it on the node. */
  private async finish(): Promise<void> {
    const { namespace, name, uid } = this.state.pod.metadata
    while (!this.gone) {
      try {
        await this.pods.delete(namespace!, name!, { gracePeriodSeconds: 0, preconditions: { uid: uid! } })
        break
      } catch (error) {
        if (isReason(error, 'NotFound', 'Conflict')) break
        await this.kubelet.clock.sleep(DELETE_RETRY_MS)
        if (!this.isOn()) return
      }
    }
    await removePod(this.kubelet, this.state)
    this.mode = 'off'
    this.hooks.onDone(this)
  }

  private async refreshVolumes(): Promise<void> {
    const { kubelet, state } = this
    const stale = this.staleVolumes
    if (!stale) return
    this.staleVolumes = undefined
    for (const volume of state.pod.spec!.volumes ?? []) {
      const target = state.volumes.get(volume.name)
      if (!stale.has(volume.name) || !target || !hasGeneratedFiles(volume)) continue
      try {
        await kubelet.volumes.refresh(volume, target, state.pod, state.ip)
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error)
        kubelet.events.event(referenceTo('v1', 'Pod', state.pod), 'Warning', 'FailedMount', message)
      }
    }
  }

  /** Renews the files of token volumes when their tokens get old. */
  private async watchTokens(): Promise<void> {
    const { tokens } = this.kubelet.volumes
    if (tokens.renewals.has(this) || !this.state.pod.spec!.volumes?.some((v) => v.projected?.sources?.some((s) => s.serviceAccountToken)))
      return
    const at = await tokens.nextRenewal(this.uid)
    if (at !== undefined && this.isSyncing()) tokens.renewals.at(this, at)
  }

  renewTokens(): void {
    for (const v of this.state.pod.spec!.volumes ?? []) if (v.projected?.sources?.some((s) => s.serviceAccountToken)) this.markStale(v.name)
    this.poke()
  }

  private onFailedStep(error: unknown): void {
    const { clock, events } = this.kubelet
    const message = error instanceof Error ? error.message : String(error)
    events.event(referenceTo('v1', 'Pod', this.state.pod), 'Warning', 'FailedSync', `Error syncing pod, skipping: ${message}`)
    this.retryTimer?.cancel()
    this.retryTimer = clock.after(FAILED_STEP_RETRY_MS, () => this.poke())
  }

  private cancelTimers(): void {
    this.retryTimer?.cancel()
    this.deadlineTimer?.cancel()
    this.kubelet.volumes.tokens.renewals.cancel(this)
  }
}
