/**
 * Runs the probes of one container's run. Kubernetes documentation, "Configure Liveness, Readiness and Startup Probes":
 * nothing but the startup probe runs until it has passed; thresholds count consecutive results.
 */
import type { EventRecorder, ObjectReference } from '../../controllers/events.js'
import { IDLE, type Clock, type Timer } from '../../clock.js'
import type { Container } from '../../api/object.js'
import type { Listener, NetworkNamespace } from '../../network/network.js'
import type { ContainerRuntime } from '../../runtime/cri.js'
import type { Instance } from '../pod-state.js'
import { probeExec } from './exec.js'
import { probeGrpc } from './grpc.js'
import { probeHttp } from './http.js'
import type { ProbeOutcome } from './outcome.js'
import { resolvePort } from './outcome.js'
import { probeTcp } from './tcp.js'

type Probe = NonNullable<Container['livenessProbe']>
export type ProbeKind = 'liveness' | 'readiness' | 'startup'

/** The kubelet learns of a start up to this much later, so that no probe hits a process that has only just begun. */
const FIRST_LOOK_MS = 1_000
/** A probe that could not be carried out is tried this often before its result is dropped. */
const ATTEMPTS = 3

export interface ProbeContext {
  clock: Clock
  runtime: ContainerRuntime
  events: EventRecorder
  /** The node's namespace, from which probes are sent. */
  from: NetworkNamespace
  podIP: string
  container: Container
  about: ObjectReference
  instance: Instance
  /** A result changed what the pod's status says, or asks for a restart. */
  onChange(): void
}

function title(kind: ProbeKind): string {
  return kind[0]!.toUpperCase() + kind.slice(1)
}

/** One probe of one run. */
class ProbeLoop {
  private timer: Timer | undefined
  private stopped = false
  private running = false
  private streak = 0
  private last: 'success' | 'failure' | undefined
  /** Who answered the last probe, if it is one that would answer the next alike. */
  private answeredBy: Listener | undefined
  private readonly counts = { success: 0, failure: 0, unknown: 0 }
  /** When a probe ran last, ms. */
  private ranAt = 0

  constructor(
    readonly kind: ProbeKind,
    private readonly probe: Probe,
    private readonly context: ProbeContext,
    private readonly onVerdict: (kind: ProbeKind, success: boolean) => void,
  ) {}

  /** Begins: after the initial delay, counted from the container's start. */
  start(soon = false): void {
    const { clock, instance } = this.context
    // The process of a run that was brought back has only just begun.
    const began = instance.restored ? clock.now() : instance.startedAt
    const due = began + Math.max((this.probe.initialDelaySeconds ?? 0) * 1000, soon ? 0 : FIRST_LOOK_MS)
    this.timer = clock.every((this.probe.periodSeconds ?? 10) * 1000, () => this.tick(), Math.max(0, due - clock.now()))
  }

  stop(): void {
    this.counts.success += this.leftOut
    this.stopped = true
    this.timer?.cancel()
  }

  /** How often it has run, by result. */
  get results(): Readonly<Record<ProbeOutcome['result'], number>> {
    return { ...this.counts, success: this.counts.success + this.leftOut }
  }

  /** How many probes have not run since the last one, as they would have gone the same way: they count as well. */
  private get leftOut(): number {
    if (!this.answeredBy || this.stopped) return 0
    return Math.floor((this.context.clock.now() - this.ranAt) / ((this.probe.periodSeconds ?? 10) * 1000))
  }

  private tick(): unknown {
    if (this.running) return 'idle'
    // What has succeeded often enough, and cannot but succeed again, is not asked for.
    if (this.answeredBy && this.answeredBy === this.listener()) return IDLE
    return this.probeOnce()
  }

  private async probeOnce(): Promise<void> {
    this.running = true
    // The one that runs now is not one of those left out, but its time has come all the same.
    this.counts.success += Math.max(0, this.leftOut - 1)
    this.ranAt = this.context.clock.now()
    try {
      let outcome = await this.attempt()
      for (let i = 1; outcome.result === 'unknown' && i < ATTEMPTS && !this.stopped; i++) outcome = await this.attempt()
      if (!this.stopped) this.record(outcome)
    } finally {
      this.running = false
    }
  }

  private record(outcome: ProbeOutcome): void {
    const { events, about } = this.context
    this.counts[outcome.result]++
    if (outcome.result === 'unknown') {
      events.event(about, 'Warning', 'Unhealthy', `${title(this.kind)} probe errored and resulted in unknown state: ${outcome.output}`)
      return
    }
    if (outcome.warning) events.event(about, 'Warning', 'ProbeWarning', `${title(this.kind)} probe warning: ${outcome.output}`)
    if (outcome.result === 'failure') events.event(about, 'Warning', 'Unhealthy', `${title(this.kind)} probe failed: ${outcome.output}`)
    this.streak = outcome.result === this.last ? this.streak + 1 : 1
    this.last = outcome.result
    const success = outcome.result === 'success'
    const threshold = success ? (this.probe.successThreshold ?? 1) : (this.probe.failureThreshold ?? 3)
    this.answeredBy = success && this.streak >= threshold ? this.listener() : undefined
    if (this.streak >= threshold) this.onVerdict(this.kind, success)
  }

  /** The steady listener that the probe goes to. */
  private listener(): Listener | undefined {
    const { from, podIP, container } = this.context
    const target = this.probe.httpGet ?? this.probe.tcpSocket
    return target && from.steadyListener?.(target.host || podIP, resolvePort(target.port as number | string, container.ports))
  }

  private async attempt(): Promise<ProbeOutcome> {
    const { clock, runtime, from, podIP, container, instance } = this.context
    const timeoutMs = (this.probe.timeoutSeconds ?? 1) * 1000
    try {
      if (this.probe.exec) return await probeExec(runtime, instance.id, this.probe.exec.command ?? [], clock, timeoutMs)
      if (this.probe.httpGet) {
        const { host, port, path, scheme, httpHeaders } = this.probe.httpGet
        const target = path ? (path.startsWith('/') ? path : `/${path}`) : '/'
        return await probeHttp(from, clock, {
          host: host || podIP,
          port: resolvePort(port as number | string, container.ports),
          scheme: scheme === 'HTTPS' ? 'https' : 'http',
          path: target,
          headers: httpHeaders ?? [],
          timeoutMs,
          userAgent: 'kube-probe/1.36',
        })
      }
      if (this.probe.tcpSocket) {
        const { host, port } = this.probe.tcpSocket
        return await probeTcp(from, clock, {
          host: host || podIP,
          port: resolvePort(port as number | string, container.ports),
          timeoutMs,
        })
      }
      if (this.probe.grpc) {
        const { port, service } = this.probe.grpc
        return await probeGrpc(from, clock, { host: podIP, port, service: service ?? '', timeoutMs })
      }
      return { result: 'unknown', output: `missing probe handler for ${container.name}` }
    } catch (error) {
      return { result: 'unknown', output: (error as Error).message }
    }
  }
}

/** All probes of one run of a container. */
export class ContainerProbes {
  private readonly loops = new Map<ProbeKind, ProbeLoop>()
  private stopped = false

  constructor(private readonly context: ProbeContext) {
    const { container, instance } = context
    if (container.startupProbe && !instance.started) this.run('startup', container.startupProbe)
    else this.runRegular(false)
  }

  /** Whether a container has anything to probe. */
  static wanted(container: Container): boolean {
    return Boolean(container.livenessProbe || container.readinessProbe || container.startupProbe)
  }

  /** Ends liveness and startup probing, as for a pod that terminates; readiness goes on. */
  stopKilling(): void {
    this.loops.get('liveness')?.stop()
    this.loops.get('startup')?.stop()
  }

  stop(): void {
    this.stopped = true
    for (const loop of this.loops.values()) loop.stop()
  }

  /** How often each probe has run, by result. */
  results(): readonly [kind: ProbeKind, results: ProbeLoop['results']][] {
    return [...this.loops].map(([kind, loop]) => [kind, loop.results])
  }

  private runRegular(soon: boolean): void {
    const { livenessProbe, readinessProbe } = this.context.container
    if (readinessProbe) this.run('readiness', readinessProbe, soon)
    if (livenessProbe) this.run('liveness', livenessProbe, soon)
  }

  private run(kind: ProbeKind, probe: Probe, soon = false): void {
    const loop = new ProbeLoop(kind, probe, this.context, (k, success) => this.verdict(k, success))
    this.loops.set(kind, loop)
    loop.start(soon)
  }

  private verdict(kind: ProbeKind, success: boolean): void {
    if (this.stopped) return
    const { instance, onChange } = this.context
    if (kind === 'readiness') {
      if (instance.ready === success) return
      instance.ready = success
      return onChange()
    }
    if (kind === 'startup' && success) {
      this.loops.get('startup')!.stop()
      instance.started = true
      this.runRegular(true)
      return onChange()
    }
    if (success || instance.failedProbe) return
    instance.failedProbe = kind
    this.stopKilling()
    onChange()
  }
}
