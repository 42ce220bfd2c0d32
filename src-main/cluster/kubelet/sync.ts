/**
 * Brings the containers of one pod to what its spec wants: volumes, sandbox, init containers in order, sidecars, main
 * and ephemeral containers, restarts with back-off. Called again and again by the pod's worker; each call does what can
 * be done now. Kubernetes documentation, "Pod Lifecycle", "Init Containers", "Sidecar Containers".
 */
import { resources } from '../api/client.js'
import type { KubeObject, Pod } from '../api/object.js'
import { referenceTo } from '../controllers/events.js'
import { pullLogins } from './pull-secrets.js'
import { containerActions } from './container-actions.js'
import { startContainer } from './container-start.js'
import { killContainer } from './container-kill.js'
import { goDuration } from '../go-duration.js'
import type { StartFailure } from './images.js'
import type { NodeKubelet } from './node-kubelet.js'
import { hostsFile, kernelHostname, resolvConf } from './pod-dns.js'
import type { DeclaredContainer, Instance, PodState } from './pod-state.js'
import { containerFieldPath, containerState, podLabel } from './pod-state.js'
import { endForRestart, wantsRestartOfAll } from './restart-all.js'
import { applyResizes, sandboxLimits } from './resize.js'
import { pullImageVolumes } from './volumes/image-volumes.js'
import { MountError, NotAttached } from './volumes/volumes.js'

/** A sync that failed is repeated after this long, ms, and up to half as long again. */
const RETRY_MS = 10_000
/** A mount that failed is tried again after this long, ms, doubling up to the maximum. */
const MOUNT_RETRY_MS = 500
const MOUNT_RETRY_MAX_MS = 122_000
/** The kubelet notices a new sandbox within this time, ms. */
const SANDBOX_SEEN_MS = 1_000

export interface SyncHooks {
  /** A run was created: it belongs to this pod from now on. */
  onRun(run: Instance): void
  /** What is known of the pod changed in a way worth showing before the sync is over. */
  onProgress(): void
  /** Aborted when the pod is to end. */
  signal: AbortSignal
}

export interface SyncResult {
  /** Something was done: look again at once. */
  again: boolean
  /** When (ms since the epoch) to look again though nothing happens; undefined when there is no need. */
  retryAt?: number
}

/**
 * Makes the volumes that are missing; images come when a container is to start. For what is not attached yet the pod waits
 * without a word: the node wakes its pods when something is attached.
 *
 * @returns undefined when all are there; otherwise when to try again by itself
 */
async function mountVolumes(kubelet: NodeKubelet, state: PodState): Promise<{ retryAt?: number } | undefined> {
  const { pod } = state
  const missing = (pod.spec!.volumes ?? []).filter((v) => !v.image && !state.volumes.has(v.name))
  let waits = false
  let failed = false
  await Promise.all(
    missing.map(async (volume) => {
      try {
        state.volumes.set(volume.name, await kubelet.volumes.setUp(volume, pod, state.ip))
      } catch (error) {
        if (error instanceof NotAttached) {
          waits = true
          return
        }
        failed = true
        const message = error instanceof MountError ? error.message : String(error)
        kubelet.events.event(referenceTo('v1', 'Pod', pod), 'Warning', 'FailedMount', message)
      }
    }),
  )
  if (!failed) return waits ? {} : undefined
  state.mountRetryMs = Math.min(state.mountRetryMs ? state.mountRetryMs * 2 : MOUNT_RETRY_MS, MOUNT_RETRY_MAX_MS)
  return { retryAt: kubelet.clock.now() + state.mountRetryMs }
}

/** What is to run a pod, as its RuntimeClass says: '' for the default. Rejects when there is no such class. */
async function runtimeHandler({ client }: NodeKubelet, pod: Pod): Promise<string> {
  const name = pod.spec!.runtimeClassName
  if (!name) return ''
  const found = await client.resource<KubeObject & { handler?: string }>(resources.runtimeclasses).get('', name)
  return found.handler ?? ''
}

/** Makes the sandbox: the pod's network, host name and DNS files. `ip` asks for an address the pod had before. */
export async function makeSandbox(kubelet: NodeKubelet, state: PodState, ip?: string): Promise<void> {
  const { pod } = state
  const { facts, dns, runtime } = kubelet
  const node = { name: facts.name, address: facts.address }
  const hostNetwork = pod.spec!.hostNetwork ?? false
  const sysctls = pod.spec!.securityContext?.sysctls
  const handler = await runtimeHandler(kubelet, pod)
  const resolver = resolvConf(pod, dns)
  for (const text of resolver.warnings) kubelet.events.event(referenceTo('v1', 'Pod', pod), 'Warning', 'DNSConfigForming', text)
  const config = {
    namespace: pod.metadata.namespace!,
    name: pod.metadata.name!,
    uid: pod.metadata.uid!,
    node: facts.name,
    hostname: hostNetwork ? facts.name : kernelHostname(pod, dns),
    hosts: hostsFile(pod, ip ?? '', node, dns),
    resolvConf: resolver.text,
    hostNetwork,
    ...(pod.metadata.labels ? { labels: pod.metadata.labels } : {}),
    ...(ip ? { ip } : {}),
    ...(pod.spec!.shareProcessNamespace ? { shareProcessNamespace: true } : {}),
    ...(pod.spec!.hostPID ? { hostPID: true } : {}),
    ...(pod.spec!.hostUsers === false ? { ownUsers: true } : {}),
    ...(handler ? { runtimeHandler: handler } : {}),
    ...sandboxLimits(state),
    ...(sysctls?.length ? { sysctls: Object.fromEntries(sysctls.map((s) => [s.name, s.value])) } : {}),
  }
  const sandbox = await runtime.runPodSandbox(config)
  state.sandbox = sandbox
  if (state.grantedWhole) state.appliedWhole = state.grantedWhole
  state.ip = hostNetwork ? facts.address : sandbox.ip
  // The address is only known now, and containers that start from now on are to find it.
  config.hosts = hostsFile(pod, state.ip, node, dns)
  if (!hostNetwork) sandbox.network.hosts = config.hosts
}

/** The back-off of a container that ended: undefined when it may start now. */
function crashBackOff(kubelet: NodeKubelet, state: PodState, d: DeclaredContainer, endedAt: number | undefined): StartFailure | undefined {
  if (endedAt === undefined) return undefined
  const { crashes, events } = kubelet
  const key = crashKey(state, d.spec)
  const heldUntil = crashes.heldUntil(key, endedAt)
  if (heldUntil === undefined) {
    crashes.next(key, endedAt)
    return undefined
  }
  const label = podLabel(state.pod)
  const about = referenceTo('v1', 'Pod', state.pod, containerFieldPath(d.kind, d.spec.name))
  events.event(about, 'Warning', 'BackOff', `Back-off restarting failed container ${d.spec.name} in pod ${label}`)
  const delay = goDuration(crashes.delay(key))
  const message = `back-off ${delay} restarting failed container=${d.spec.name} pod=${label}`
  return { reason: 'CrashLoopBackOff', message, retryAt: heldUntil }
}

/** The key of a container in `NodeKubelet.crashes`: with another image it is another container, and starts at once. */
export function crashKey(state: PodState, container: { name: string; image?: string }): string {
  return `${state.pod.metadata.uid}/${container.name}/${container.image ?? ''}`
}

/** One step towards what the pod's spec wants. Rejects with the signal's reason when it is aborted on the way. */
export async function syncPod(kubelet: NodeKubelet, state: PodState, hooks: SyncHooks): Promise<SyncResult> {
  const { clock, events, random } = kubelet
  const { signal } = hooks
  const { pod } = state
  if (!kubelet.network()) {
    events.event(
      referenceTo('v1', 'Pod', pod),
      'Warning',
      'NetworkNotReady',
      'network is not ready: container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady message:Network plugin returns error: cni plugin not initialized',
    )
    // The engine wakes all pods of a node when its network is there.
    return { again: false }
  }

  const unmounted = await mountVolumes(kubelet, state)
  if (unmounted) return { again: false, ...unmounted }
  signal.throwIfAborted()

  // Somebody has stopped it past the kubelet.
  if (state.sandbox && !kubelet.runtime.sandboxReady(state.sandbox.id)) {
    if (state.endedSandbox) await kubelet.runtime.removePodSandbox(state.endedSandbox)
    state.endedSandbox = state.sandbox.id
    delete state.sandbox
  }
  const fresh = !state.sandbox
  if (fresh) {
    const replaced = [...state.containers.values()].some((c) => c.current)
    if (replaced)
      events.event(referenceTo('v1', 'Pod', pod), 'Normal', 'SandboxChanged', 'Pod sandbox changed, it will be killed and re-created.')
    try {
      await makeSandbox(kubelet, state)
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error)
      events.event(referenceTo('v1', 'Pod', pod), 'Warning', 'FailedCreatePodSandBox', `Failed to create pod sandbox: ${message}`)
      return { again: false, retryAt: clock.now() + jittered(RETRY_MS, random.next()) }
    }
    signal.throwIfAborted()
    // Pulling takes its time: meanwhile the pod already has its address.
    if (containerActions(state).start.some((d) => kubelet.images.needsPull(d.spec))) hooks.onProgress()
  }

  if (wantsRestartOfAll(state)) {
    state.restartingAll = true
    hooks.onProgress()
    await endForRestart(kubelet, state)
    delete state.restartingAll
    signal.throwIfAborted()
    hooks.onProgress()
  }

  const actions = containerActions(state)
  const ending = new Set(actions.kill.map((k) => k.run))
  if (applyResizes(kubelet, state, ending)) hooks.onProgress()
  const killed = new Set<string>()
  await Promise.all(
    actions.kill.map(async ({ declared, run, message, failedProbe }) => {
      killed.add(declared.spec.name)
      await killContainer(kubelet, state, declared, run, { message, failedProbe, signal })
    }),
  )
  signal.throwIfAborted()

  const logins = actions.start.length ? await pullLogins(kubelet, pod) : []
  signal.throwIfAborted()
  const missingVolumes = actions.start.length ? await pullImageVolumes(kubelet, state, { signal, logins }) : new Map<string, never>()

  let again = killed.size > 0
  let shown = false
  let retryAt: number | undefined
  for (const d of actions.start) {
    const c = containerState(state, d.spec.name, d.kind)
    // As the kubelet sees it, a run that was killed just now has not ended yet: its end does not count for back-off.
    const ended = killed.has(d.spec.name) ? c.previous : c.current
    const held = d.kind === 'ephemeral' ? undefined : crashBackOff(kubelet, state, d, ended?.finishedAt)
    const failure = held ?? (await startContainer(kubelet, state, d, { onRun: hooks.onRun, signal, logins, missingVolumes }))
    const before = c.waiting
    if (failure) {
      c.waiting = { reason: failure.reason, ...(failure.message ? { message: failure.message } : {}) }
      const usual = clock.now() + jittered(RETRY_MS, random.next())
      const at = failure.retryAt === undefined ? usual : Math.min(usual, failure.retryAt)
      retryAt = Math.min(retryAt ?? at, at)
    } else {
      delete c.waiting
      again = true
    }
    if (before?.reason !== c.waiting?.reason || before?.message !== c.waiting?.message) shown = true
    signal.throwIfAborted()
  }
  if (shown && !again) hooks.onProgress()
  // The sandbox's own start makes the kubelet look again soon.
  if (fresh && retryAt !== undefined) retryAt = Math.min(retryAt, clock.now() + SANDBOX_SEEN_MS)
  return { again, ...(retryAt === undefined ? {} : { retryAt }) }
}

/** A time that is up to half as long again, so that many do not come at once. */
function jittered(ms: number, chance: number): number {
  return Math.floor(ms * (1 + 0.5 * chance))
}
