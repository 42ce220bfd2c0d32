/**
 * Restarting all containers of a pod in place, because one has ended in a way for which its rules ask for that
 * (https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#restart-all-containers): everything ends without
 * its preStop hooks and in no more time than any container gets, then begins anew with the init containers, in the same sandbox, under the same address, with the
 * same volumes.
 */
import { killContainer } from './container-kill.js'
import type { NodeKubelet } from './node-kubelet.js'
import type { PodState } from './pod-state.js'
import { currentRun, declaredContainer, declaredContainers, matchingRule } from './pod-state.js'

/** What is told of a container that was ended for this. */
export const RESTARTING_ALL = {
  reason: 'RestartingAllContainers',
  message: 'The container is removed because RestartAllContainers in place',
}

/** Whether a container has ended in a way for which all are to be restarted. */
export function wantsRestartOfAll(state: PodState): boolean {
  return declaredContainers(state.pod).some(({ spec, kind }) => {
    const run = kind === 'ephemeral' ? undefined : currentRun(state, spec.name)
    return run?.state === 'exited' && matchingRule(spec, run.exitCode ?? 0)?.action === 'RestartAllContainers'
  })
}

/** Ends all containers and forgets that they ran in this sandbox, so that the next sync begins with the first init container. */
export async function endForRestart(kubelet: NodeKubelet, state: PodState): Promise<void> {
  const running = [...state.containers.values()].flatMap(({ name, current }) => {
    const declared = declaredContainer(state.pod, name)
    return declared && current?.state === 'running' ? [{ declared, run: current }] : []
  })
  await Promise.all(
    running.map(({ declared, run }) => killContainer(kubelet, state, declared, run, { withoutHook: true, graceSeconds: 0 })),
  )
  for (const { kind, current } of state.containers.values())
    if (current && kind !== 'ephemeral') Object.assign(current, { sandboxId: '', reset: true, exitCode: 137, ...RESTARTING_ALL })
}
