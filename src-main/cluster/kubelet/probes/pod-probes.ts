/** The probes of all containers of one pod: each run has its own, from its start to its end. */
import { referenceTo } from '../../controllers/events.js'
import type { NodeKubelet } from '../node-kubelet.js'
import type { ContainerState, Instance, PodState } from '../pod-state.js'
import { containerFieldPath, declaredContainer } from '../pod-state.js'
import type { ProbeOutcome } from './outcome.js'
import { ContainerProbes, type ProbeKind } from './prober.js'

/** How often a probe of a container has had a result. */
export interface ProbeCount {
  readonly container: string
  readonly kind: ProbeKind
  readonly result: ProbeOutcome['result']
  readonly count: number
}

export class PodProbes {
  /** Of runs that have ended. */
  private past: readonly ProbeCount[] = []
  private running: Map<string, { run: Instance; probes: ContainerProbes }> | undefined

  /** @param onChange told when a probe has changed its mind */
  constructor(
    private readonly kubelet: NodeKubelet,
    private readonly state: PodState,
    private readonly onChange: () => void,
  ) {}

  /** Ends the probes of runs that have ended and, with `begin`, starts those of new ones. */
  update(begin: boolean): void {
    for (const c of this.state.containers.values()) this.updateOf(c, begin)
  }

  /** From now on no probe ends a container. */
  stopKilling(): void {
    for (const { probes } of this.running?.values() ?? []) probes.stopKilling()
  }

  stop(): void {
    for (const { probes } of this.running?.values() ?? []) probes.stop()
    this.running = undefined
  }

  /** How often each probe has had each result since the pod began, over all runs of its containers. */
  counts(): ProbeCount[] {
    const now = [...(this.running ?? [])].flatMap(([container, { probes }]) => countsOf(container, probes))
    return summed([...this.past, ...now])
  }

  private updateOf(c: ContainerState, begin: boolean): void {
    const { kubelet, state } = this
    const known = this.running?.get(c.name)
    const run = c.current
    if (known && (known.run !== run || run.state !== 'running')) {
      known.probes.stop()
      this.running!.delete(c.name)
      this.past = summed([...this.past, ...countsOf(c.name, known.probes)])
    }
    if (!run || run.state !== 'running' || this.running?.has(c.name) || !begin) return
    const declared = declaredContainer(state.pod, c.name)
    const from = kubelet.network()
    if (!declared || !from || c.kind === 'ephemeral' || !ContainerProbes.wanted(declared.spec)) return
    const probes = new ContainerProbes({
      clock: kubelet.clock,
      runtime: kubelet.runtime,
      events: kubelet.events,
      from,
      podIP: state.ip,
      container: declared.spec,
      about: referenceTo('v1', 'Pod', state.pod, containerFieldPath(c.kind, c.name)),
      instance: run,
      onChange: this.onChange,
    })
    ;(this.running ??= new Map()).set(c.name, { run, probes })
  }
}

function countsOf(container: string, probes: ContainerProbes): ProbeCount[] {
  return probes
    .results()
    .flatMap(([kind, results]) =>
      (Object.entries(results) as [ProbeOutcome['result'], number][]).flatMap(([result, count]) =>
        count > 0 ? [{ container, kind, result, count }] : [],
      ),
    )
}

function summed(counts: readonly ProbeCount[]): ProbeCount[] {
  const sums = new Map<string, ProbeCount>()
  for (const added of counts) {
    const key = `${added.container}/${added.kind}/${added.result}`
    sums.set(key, { ...added, count: added.count + (sums.get(key)?.count ?? 0) })
  }
  return [...sums.values()]
}
