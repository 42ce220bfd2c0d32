/** Logs, exec, attach and port-forward of the pods of one node, with the kubelet's wording when they cannot be had. */
import type { Duplex, Readable } from 'node:stream'
import { badRequest, StatusError } from '../api/errors.js'
import type { ContainerStatus, PodStatus } from '../api/object.js'
import type { ContainerRuntime } from '../runtime/cri.js'
import type { ContainerRef, ExecOptions, KubeletEndpoint, LogOptions, Session } from './endpoint.js'
import type { PodWorker } from './pod-worker.js'
import { RUNTIME_SCHEME } from './status.js'

function statusOf(status: PodStatus | undefined, container: string): ContainerStatus | undefined {
  const all = [
    ...(status?.containerStatuses ?? []),
    ...(status?.initContainerStatuses ?? []),
    ...(status?.ephemeralContainerStatuses ?? []),
  ]
  return all.find((s) => s.name === container)
}

/** The id of the run whose log is asked for. Throws an Error that says why there is none. */
export function logRun(status: PodStatus | undefined, ref: ContainerRef, previous: boolean): string {
  const which = `container "${ref.container}" in pod "${ref.pod}"`
  const s = statusOf(status, ref.container)
  if (!s) throw badRequest(`${which} is not available`)
  const last = s.lastState?.terminated?.containerID
  let id: string | undefined
  if (previous) {
    id = last
    if (!id) throw badRequest(`previous terminated ${which} not found`)
  } else if (s.state?.running) id = s.containerID
  else if (s.state?.terminated) {
    id = s.state.terminated.containerID || last
    if (!id) throw badRequest(`${which} is terminated`)
  } else if (s.lastState?.terminated) {
    id = last
    if (!id) throw badRequest(`${which} is terminated`)
  } else {
    const reason = s.state?.waiting?.reason
    const why =
      reason === 'ErrImagePull' ? "image can't be pulled" : reason === 'ImagePullBackOff' ? 'trying and failing to pull image' : reason
    throw badRequest(why ? `${which} is waiting to start: ${why}` : `${which} is waiting to start - no logs yet`)
  }
  return (id ?? '').replace(RUNTIME_SCHEME, '')
}

export class NodeEndpoint implements KubeletEndpoint {
  /**
   * @param worker finds the worker of a pod on this node
   * @param reachable throws when the node is off
   */
  constructor(
    private readonly runtime: ContainerRuntime,
    private readonly worker: (namespace: string, pod: string) => PodWorker | undefined,
    private readonly reachable: () => void,
  ) {}

  logs(ref: ContainerRef, options: LogOptions): Promise<Readable> {
    return this.attempt(() => {
      const worker = this.worker(ref.namespace, ref.pod)
      if (!worker) throw badRequest(`pod "${ref.pod}" cannot be found - no logs available`)
      return this.runtime.logs(logRun(worker.status.latest, ref, options.previous ?? false), options)
    })
  }

  exec(ref: ContainerRef, options: ExecOptions): Promise<Session> {
    return this.attempt(() => this.runtime.exec(this.running(ref, `container not found ("${ref.container}")`), options))
  }

  attach(ref: ContainerRef, options: Omit<ExecOptions, 'command'>): Promise<Session> {
    const missing = `container ${ref.container} not found in pod ${ref.pod}_${ref.namespace}`
    return this.attempt(() => this.runtime.attach(this.running(ref, missing), options))
  }

  portForward(namespace: string, pod: string, port: number): Promise<Duplex> {
    return this.attempt(async () => {
      const worker = this.worker(namespace, pod)
      const sandbox = worker?.state.sandbox
      if (!sandbox) throw new StatusError(500, 'InternalError', `pod not found ("${pod}_${namespace}")`)
      try {
        return await sandbox.network.connect('127.0.0.1', port)
      } catch {
        throw new StatusError(
          500,
          'InternalError',
          `error forwarding port ${port} to pod ${sandbox.id}, uid : failed to execute portforward in network namespace "/var/run/netns/cni-${sandbox.id.slice(0, 8)}": failed to connect to localhost:${port} inside namespace "${sandbox.id}", IPv4: dial tcp4 127.0.0.1:${port}: connect: connection refused IPv6 dial tcp6 [::1]:${port}: connect: connection refused `,
        )
      }
    })
  }

  private running(ref: ContainerRef, missing: string): string {
    const run = this.worker(ref.namespace, ref.pod)?.state.containers.get(ref.container)?.current
    if (run?.state !== 'running') throw new StatusError(500, 'InternalError', missing)
    return run.id
  }

  private async attempt<T>(call: () => T | Promise<T>): Promise<T> {
    this.reachable()
    return call()
  }
}
